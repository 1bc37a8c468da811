//! Why a learner gets no call.

use crate::{allowance::Standing, provider::ProviderError, session_registry::LookupError};
use ids::{LearnerId, LoginId, SessionId};
use lesson::LessonError;
use postgres::StoreError;

/// There is no secret, or no call.
#[derive(Debug, thiserror::Error)]
pub enum Denial {
    /// No such session, or somebody else's.
    #[error("learner {learner} has no session {session}")]
    NoSession {
        /// Who asked.
        learner: LearnerId,
        /// For what.
        session: SessionId,
    },
    /// The session is over.
    #[error("session {session} is finalized")]
    Finalized {
        /// The session.
        session: SessionId,
    },
    /// The learner has signed out meanwhile.
    #[error("login {login} has ended")]
    SignedOut {
        /// The login.
        login: LoginId,
    },
    /// A limit is reached.
    #[error("learner {learner} has reached the limit of {}", standing.limited.as_str())]
    LimitReached {
        /// Who asked.
        learner: LearnerId,
        /// Which limit, and when there is more.
        standing: Standing,
    },
    /// `sessions` could not be asked.
    #[error("the session could not be looked up")]
    Lookup(#[source] LookupError),
    /// The session was started with a lesson that is none.
    #[error("the lesson of session {session} cannot be read")]
    Lesson {
        /// The session.
        session: SessionId,
        /// What is wrong with it.
        #[source]
        source: LessonError,
    },
    /// The provider did not do its part.
    #[error("the provider did nothing for session {session}")]
    Provider {
        /// The session.
        session: SessionId,
        /// Why.
        #[source]
        source: ProviderError,
    },
    /// Our own database failed before it was known which session it is about.
    #[error("the secret that learner {learner} shows could not be looked up")]
    Unrecognised {
        /// Who asked.
        learner: LearnerId,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// Our own database failed.
    #[error("what is known of session {session} could not be read or written")]
    Store {
        /// The session.
        session: SessionId,
        /// Why.
        #[source]
        source: StoreError,
    },
}
