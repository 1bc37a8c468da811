//! Why a keyed request is not carried out.

use postgres::StoreError;

/// A keyed request was refused before it was looked at.
#[derive(Debug, thiserror::Error)]
pub enum KeyedError {
    /// The key belongs to another request.
    #[error("the key belongs to another request")]
    Reused,
    /// The same request, or another on the same session, still runs.
    #[error("another request is still running")]
    InProgress,
    /// It could not be read or written.
    #[error("the request could not be stored")]
    Store(#[source] StoreError),
}

impl From<StoreError> for KeyedError {
    fn from(error: StoreError) -> Self {
        if error.lock_timed_out() { Self::InProgress } else { Self::Store(error) }
    }
}
