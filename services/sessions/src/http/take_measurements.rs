//! `POST /api/telemetry`: how long a learner waited, as their page measured it.

use axum::http::StatusCode;
use caller::Learner;
use clock::Clock;
use problem::{Json, Problem, ProblemDocument};
use serde::Deserialize;
use std::time::{Duration, SystemTime};
use telemetry::Traceparent;
use utoipa::ToSchema;

/// Measurements of one request.
const MOST: usize = 32;
/// Nobody waits longer than this, in milliseconds.
const LONGEST: f64 = 600_000.0;
/// A page that shifts by more than this ten times over is shifted by this.
const FARTHEST: f64 = 10.0;

/// What a page may measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// From the click on Start to the coach's first sound.
    FirstSound,
    /// From the end of the learner's turn, as the page was told of it, to the reply's first sound.
    Reply,
    /// From a lost line to the next one.
    Reconnect,
    /// From Play to sound.
    PlaybackStart,
    /// From the navigation to the largest part of the page.
    LargestContentfulPaint,
    /// From what the learner did to what the page showed of it.
    InteractionToNextPaint,
    /// How far the page shifted by itself: a score and no time.
    CumulativeLayoutShift,
}

impl Measure {
    /// Its name in metrics; `None` of what is no time.
    const fn waited_for(self) -> Option<&'static str> {
        match self {
            Self::FirstSound => Some("first_sound"),
            Self::Reply => Some("reply"),
            Self::Reconnect => Some("reconnect"),
            Self::PlaybackStart => Some("playback_start"),
            Self::LargestContentfulPaint => Some("largest_contentful_paint"),
            Self::InteractionToNextPaint => Some("interaction_to_next_paint"),
            Self::CumulativeLayoutShift => None,
        }
    }

    const fn limit(self) -> f64 {
        if self.waited_for().is_some() { LONGEST } else { FARTHEST }
    }
}

/// Where in the trace of a practice a learner waited.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What the session says of itself.
    traceparent: String,
    /// How many milliseconds ago the wait was over.
    #[schema(maximum = 600_000)]
    ended_ms_ago: u32,
}

/// One measurement.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// What was measured.
    measure: Measure,
    /// Milliseconds; of a layout shift, its score.
    #[schema(minimum = 0, maximum = 600_000)]
    value: f64,
    /// Where the wait is to be seen, if it belongs to a practice.
    #[schema(nullable = false)]
    place: Option<Place>,
}

impl Measurement {
    /// In which trace it is to be seen, and since when the wait is over.
    fn place(&self) -> Result<Option<(Traceparent, Duration)>, Problem> {
        let Some(Place { traceparent, ended_ms_ago }) = &self.place else { return Ok(None) };
        match traceparent.parse() {
            Ok(parent) if f64::from(*ended_ms_ago) <= LONGEST => {
                Ok(Some((parent, Duration::from_millis(u64::from(*ended_ms_ago)))))
            }
            _ => Err(Problem::validation_failed().detail("A place is in no trace, or too long ago")),
        }
    }
}

/// What a page has measured since it last said so.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeMeasurements {
    /// At most 32.
    #[schema(min_items = 1, max_items = 32)]
    measurements: Vec<Measurement>,
}

/// Takes what a page measured.
///
/// What is kept of it are counts, which name neither learner nor session, and the wait in the trace of its practice.
#[utoipa::path(
    post,
    path = "/api/telemetry",
    operation_id = "take_measurements",
    tag = "telemetry",
    request_body = TakeMeasurements,
    responses(
        (status = 204, description = "They are counted"),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json", description = "`malformed-request`"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "`validation-failed`: none of them is counted"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json", description = "`too-many-requests`, from the edge"),
    ),
)]
pub async fn take_measurements(
    _: Learner,
    Json(taken): Json<TakeMeasurements>,
) -> Result<StatusCode, Problem> {
    let TakeMeasurements { measurements } = taken;
    if !(1..=MOST).contains(&measurements.len()) {
        return Err(Problem::validation_failed().detail("Send 1 to 32 measurements"));
    }
    if measurements.iter().any(|taken| !(0.0..=taken.measure.limit()).contains(&taken.value)) {
        return Err(Problem::validation_failed().detail("A value is out of its range"));
    }
    let places = measurements.iter().map(Measurement::place).collect::<Result<Vec<_>, _>>()?;
    let now = SystemTime::from(Clock::System.now());
    for (Measurement { measure, value, .. }, place) in measurements.into_iter().zip(places) {
        let Some(name) = measure.waited_for() else {
            metrics::histogram!("browser_layout_shift_ratio").record(value);
            continue;
        };
        let took = value / 1000.0;
        metrics::histogram!("browser_wait_seconds", "measure" => name).record(took);
        if let Some((parent, ago)) = place {
            let took = Duration::from_secs_f64(took);
            telemetry::span_elsewhere(format!("browser.{name}"), parent, now - ago, took);
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
