//! Sessions that nobody came back to are sealed from what was saved of them.

use super::{
    Sessions,
    audit::{self, Event},
    commit,
};
use crate::{
    announcements,
    session::Practice,
    store::{self, absence},
    words::EndReason,
};
use ids::SessionId;
use postgres::StoreError;
use sqlx::PgConnection;
use telemetry::Traceparent;
use tracing::{Instrument as _, Span, instrument};

/// Abandoned sessions could not be sealed.
#[derive(Debug, thiserror::Error)]
#[error("an abandoned session could not be sealed")]
pub struct InterruptError(#[source] pub StoreError);

impl From<StoreError> for InterruptError {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl Sessions {
    /// Seals every session that nobody came back to, each in a transaction of its own, and says how many. Any number of
    /// replicas may do this at once: a session is kept by one of them, and never while its learner is being heard.
    #[instrument(name = "op.sessions.interrupt_abandoned", skip_all)]
    pub async fn interrupt_abandoned(&self) -> Result<usize, InterruptError> {
        let (mut sealed, mut after) = (0, None);
        loop {
            let mut tx = self.begin().await?;
            let Some(session) = absence::lock_abandoned(&mut tx, self.abandoned_after, after).await? else {
                return Ok(sealed);
            };
            // One that cannot be sealed must not keep the others waiting; it is tried again with the next round.
            after = Some(session);
            match self.interrupt(&mut tx, session).await {
                Ok(None) => {}
                Ok(Some(span)) => {
                    commit(tx).await?;
                    sealed += 1;
                    metrics::counter!("sessions_ended_total", "reason" => EndReason::Interrupted.as_str())
                        .increment(1);
                    span.in_scope(|| audit::done(Event::Ended, session));
                }
                Err(error) => {
                    tracing::warn!(error = %problem::chain(&error), session.id = %session, "Session {session} cannot be sealed");
                }
            }
        }
    }

    /// Seals one session; answers the span in which that was done, if there was anything to seal.
    async fn interrupt(&self, tx: &mut PgConnection, session: SessionId) -> Result<Option<Span>, StoreError> {
        let Some(practice) = store::find(tx, session, None).await? else { return Ok(None) };
        // It happens to the practice, whichever replica notices it.
        let span = tracing::info_span!(parent: None, "practice.interrupted", session.id = %session);
        let place: Option<Traceparent> =
            practice.session.traceparent.as_deref().and_then(|place| place.parse().ok());
        if let Some(place) = place {
            telemetry::continue_from(&span, place);
        }
        let is_sealed = self.seal_as_it_is(tx, practice).instrument(span.clone()).await?;
        Ok(is_sealed.then_some(span))
    }

    async fn seal_as_it_is(&self, tx: &mut PgConnection, practice: Practice) -> Result<bool, StoreError> {
        let Practice { session, rating, .. } = practice;
        let Some(sealed) = session.interrupt(self.clock.now()) else { return Ok(false) };
        store::seal(tx, session.id, &sealed).await?;
        self.outbox.append(tx, &announcements::finalized(&session, &sealed)).await?;
        store::save_rating(tx, session.id, &rating.awaited()).await?;
        store::notify_changed(tx, session.id).await?;
        Ok(true)
    }
}
