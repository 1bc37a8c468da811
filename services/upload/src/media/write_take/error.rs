//! Why a take did not grow.

use crate::bucket::BucketError;
use ids::{LearnerId, TakeId};
use postgres::StoreError;
use std::error::Error;

/// A take did not grow, or not by all that was sent. What is not counted can be sent again.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The learner has no such take.
    #[error("learner {learner} has no take {take}")]
    NoTake {
        /// Who asked.
        learner: LearnerId,
        /// For what.
        take: TakeId,
    },
    /// It was terminated, or expired.
    #[error("take {take} is gone")]
    Gone {
        /// Which take.
        take: TakeId,
    },
    /// It has all its bytes.
    #[error("take {take} is complete")]
    Complete {
        /// Which take.
        take: TakeId,
    },
    /// It ends at another place.
    #[error("take {take} ends at {expected} and not at {provided}")]
    Elsewhere {
        /// Which take.
        take: TakeId,
        /// Where it ends.
        expected: u64,
        /// Where the bytes were said to begin.
        provided: u64,
    },
    /// Somebody else writes to it.
    #[error("take {take} is being written to")]
    Locked {
        /// Which take.
        take: TakeId,
    },
    /// It was said to have another length, or has more bytes already.
    #[error("take {take} cannot have {length} bytes")]
    Inconsistent {
        /// Which take.
        take: TakeId,
        /// The length it was given.
        length: u64,
    },
    /// There are more bytes than it was said to have.
    #[error("take {take} would be longer than it was said to be")]
    TooLong {
        /// Which take.
        take: TakeId,
    },
    /// There are more bytes than we keep.
    #[error("take {take} would be larger than we keep")]
    TooLarge {
        /// Which take.
        take: TakeId,
    },
    /// The bytes do not come to what they should; none is counted.
    #[error("the bytes of take {take} do not come to their checksum")]
    Damaged {
        /// Which take.
        take: TakeId,
    },
    /// The sender is gone; what came is kept, unless a checksum was to be compared.
    #[error("the bytes of take {take} broke off")]
    BrokenOff {
        /// Which take.
        take: TakeId,
        /// Why.
        #[source]
        cause: Option<Box<dyn Error + Send + Sync>>,
    },
    /// This process stops; another goes on.
    #[error("take {take} goes on at another replica")]
    Stopping {
        /// Which take.
        take: TakeId,
    },
    /// Enough takes are coming in already.
    #[error("this replica receives as many takes as it can")]
    Busy,
    /// Storage did not take it.
    #[error("the bytes could not be stored")]
    Bucket(#[source] BucketError),
    /// The database did not take note of it.
    #[error("the bytes could not be noted")]
    Store(#[source] StoreError),
    /// The task that received it came to a sudden end.
    #[error("writing ended without a result")]
    CutOff(#[source] Box<dyn Error + Send + Sync>),
}

impl From<BucketError> for WriteError {
    fn from(error: BucketError) -> Self {
        Self::Bucket(error)
    }
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
