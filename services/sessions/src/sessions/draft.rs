//! The browser saves the words so far.

use super::{Sessions, commit};
use crate::{
    calls::{self, BadCalls, SentCall},
    session::{Draft, DraftRefused},
    store::{self, absence},
    turns::{self, BadTurns, SentTurn},
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use tracing::instrument;

/// The words so far were not saved.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// They cannot be kept as they were sent.
    #[error("the turns cannot be kept as they were sent")]
    Turns(#[source] BadTurns),
    /// Their calls cannot.
    #[error("the calls cannot be kept as they were sent")]
    Calls(#[source] BadCalls),
    /// There is no such session, or it is somebody else's.
    #[error("there is no session {session}")]
    NotFound {
        /// The session.
        session: SessionId,
    },
    /// The transcript is sealed.
    #[error("the transcript of session {session} is sealed")]
    Sealed {
        /// The session.
        session: SessionId,
    },
    /// Words of this revision or a higher one are saved.
    #[error("revision {saved} of session {session} is saved already")]
    Stale {
        /// The session.
        session: SessionId,
        /// The revision that is saved.
        saved: u32,
    },
    /// They could not be read or written.
    #[error("the words so far could not be stored")]
    Store(#[source] StoreError),
}

impl From<StoreError> for DraftError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The words so far, as a browser sent them.
#[derive(Clone, Debug)]
pub struct SentDraft {
    /// Higher than that of what was saved before.
    pub revision: u32,
    /// All turns so far.
    pub turns: Vec<SentTurn>,
    /// The calls so far; `None` leaves those that are known.
    pub calls: Option<Vec<SentCall>>,
}

impl Sessions {
    /// Saves the words so far under a higher revision than before, and answers with the revision.
    #[instrument(name = "op.sessions.save_draft", skip_all, fields(session.id = %session))]
    pub async fn save_draft(
        &self,
        learner: LearnerId,
        session: SessionId,
        sent: SentDraft,
    ) -> Result<u32, DraftError> {
        let SentDraft { revision, turns, calls } = sent;
        let turns = turns::exact(turns).map_err(DraftError::Turns)?;
        let calls = calls.as_deref().map(calls::exact).transpose().map_err(DraftError::Calls)?;
        let wanted = Draft { revision, turns, calls };

        let not_found = || DraftError::NotFound { session };
        let mut tx = self.begin().await?;
        if !store::lock(&mut tx, session, Some(learner)).await? {
            return Err(not_found());
        }
        let practice = store::find(&mut tx, session, Some(learner)).await?.ok_or_else(not_found)?;
        let accepted = practice.session.take_draft(wanted).map_err(|refused| match refused {
            DraftRefused::Sealed => DraftError::Sealed { session },
            DraftRefused::Stale { saved } => DraftError::Stale { session, saved },
        })?;
        if let Some(draft) = accepted {
            store::save_draft(&mut tx, session, &draft).await?;
        }
        absence::seen(&mut tx, session, learner).await?;
        commit(tx).await?;
        Ok(revision)
    }
}
