//! What a session knows of its rating. The rating itself lies with rating; this is the copy that shows while it is away.

use crate::words::RatingState;
use clock::Timestamp;

/// A stretch of the session that shows a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Milliseconds on the session clock.
    pub start_ms: u32,
    /// Milliseconds on the session clock.
    pub end_ms: u32,
}

/// One measured or judged fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whom it is about: `learner`, `coach` or `session`.
    pub subject: String,
    /// Its stable name.
    pub metric: String,
    /// The number, if it could be measured.
    pub value: Option<f64>,
    /// What the number counts.
    pub unit: String,
    /// What it means, in words a learner understands.
    pub definition: String,
    /// What it was taken from: `audio`, `words` or `model`.
    pub source: String,
    /// Where it shows.
    pub evidence: Vec<Evidence>,
    /// Why there is no number, when there is none.
    pub not_measured: Option<String>,
}

/// A copy of a finished rating.
#[derive(Clone, Debug, PartialEq)]
pub struct RatingCopy {
    /// Higher each time the session is rated.
    pub revision: u32,
    /// When it was.
    pub rated_at: Timestamp,
    /// What came of it.
    pub findings: Vec<Finding>,
}

/// How the rating stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// In one word.
    pub state: RatingState,
    /// What the newest news was about.
    pub news: News,
    /// Why it failed, as a slug.
    pub reason: Option<String>,
    /// The newest finished one. A later failure does not take it away.
    pub copy: Option<RatingCopy>,
}

/// News of a rating, ordered: of the same revision, that it is finished outranks that it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct News {
    /// The revision it is about.
    pub revision: u32,
    /// Whether that one is finished.
    pub settled: bool,
}

impl Rating {
    /// How it stands when a session begins.
    #[must_use]
    pub fn at_first() -> Self {
        Self { state: RatingState::None, news: News::default(), reason: None, copy: None }
    }

    /// How it stands when one is asked for.
    #[must_use]
    pub fn awaited(self) -> Self {
        Self { state: RatingState::Waiting, reason: None, ..self }
    }

    /// How it stands after a finished rating was fetched.
    #[must_use]
    pub fn rated(mut self, copy: RatingCopy) -> Self {
        let news = News { revision: copy.revision, settled: true };
        if self.heeds(news) {
            self = Self { state: RatingState::Ready, news, reason: None, ..self };
        }
        if self.copy.as_ref().is_none_or(|known| known.revision < copy.revision) {
            self.copy = Some(copy);
        }
        self
    }

    /// How it stands after rating gave up.
    #[must_use]
    pub fn failed(self, revision: u32, reason: String) -> Self {
        let news = News { revision, settled: false };
        if self.heeds(news) {
            Self { state: RatingState::Failed, news, reason: Some(reason), ..self }
        } else {
            self
        }
    }

    /// Only newer news counts, so that the order in which they arrive does not. While one is awaited, the same news
    /// again is an answer: a failure does not use a revision up.
    fn heeds(&self, news: News) -> bool {
        news > self.news || (news == self.news && self.state == RatingState::Waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(revision: u32) -> RatingCopy {
        RatingCopy { revision, rated_at: clock::from_millis(i64::from(revision)), findings: vec![] }
    }

    #[test]
    fn the_order_of_news_does_not_matter() {
        type Step = fn(Rating) -> Rating;
        let steps: [Step; 4] = [
            |rating| rating.failed(1, "provider_unavailable".into()),
            |rating| rating.rated(copy(1)),
            |rating| rating.failed(3, "recording_unreadable".into()),
            |rating| rating.rated(copy(2)),
        ];
        let end = |order: &[usize]| {
            order.iter().fold(Rating::at_first().awaited(), |rating, step| steps[*step](rating))
        };
        let expected = end(&[0, 1, 3, 2]);
        assert_eq!(expected.state, RatingState::Failed);
        for order in [[2, 3, 1, 0], [1, 0, 2, 3], [3, 2, 1, 0]] {
            assert_eq!(end(&order), expected, "{order:?}");
        }
    }

    #[test]
    fn a_failure_after_a_request_counts_although_it_is_of_the_same_revision() {
        let failed = Rating::at_first().awaited().failed(1, "provider_unavailable".into());
        let again = failed.awaited();
        assert_eq!(again.state, RatingState::Waiting);
        assert_eq!(again.failed(1, "provider_unavailable".into()).state, RatingState::Failed);
    }

    #[test]
    fn a_failed_second_rating_keeps_the_first() {
        let rating =
            Rating::at_first().awaited().rated(copy(1)).awaited().failed(2, "recording_unreadable".into());
        assert_eq!((rating.state, rating.copy), (RatingState::Failed, Some(copy(1))));
    }
}
