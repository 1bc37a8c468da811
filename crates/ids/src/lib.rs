//! Typed identifiers, so that a learner's id can never be passed for a session's.
//!
//! Every identifier is a `UUIDv7`: it sorts by the time it was minted. [`Ids`] is the only place that mints one.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(Uuid);

        impl $name {
            /// The identifier as Postgres and protobuf know it.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// When it was minted, in seconds since the Unix epoch; `None` for one that somebody else made.
            #[must_use]
            pub fn minted_at(self) -> Option<i64> {
                i64::try_from(self.0.get_timestamp()?.to_unix().0).ok()
            }
        }

        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self {
                Self(value)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// Who practises. The same person signs in with the account of this id.
    LearnerId,
    /// One sign-in on one browser.
    LoginId,
    /// Something that can be practised.
    TopicId,
    /// One practice: everything said, recorded and rated hangs off it.
    SessionId,
    /// A recording, whatever its subject.
    MediumId,
    /// One run of a recorder: a part of a recording.
    TakeId,
    /// Something one service told the others.
    EventId,
    /// A piece of slow work.
    JobId,
    /// One attempt to open a realtime call.
    MintId,
}

/// Mints identifiers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ids;

impl Ids {
    /// A new identifier of the wanted kind.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the ban points to")]
    pub fn mint<Id: From<Uuid>>(self) -> Id {
        Uuid::now_v7().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let (first, second): (SessionId, SessionId) = (Ids.mint(), Ids.mint());
        assert!(first < second);
    }

    #[test]
    fn an_id_knows_when_it_was_minted() {
        let id: EventId = "01997a3e-5d1c-7c9e-8d5b-0c8a7f1d2e4b".parse().unwrap();
        assert_eq!(id.minted_at(), Some(1_758_692_531));
        let random: EventId = "b3f1d2e4-0c8a-4f1d-8d5b-0c8a7f1d2e4b".parse().unwrap();
        assert_eq!(random.minted_at(), None);
    }

    #[test]
    fn an_id_survives_its_text() {
        let id: TopicId = Ids.mint();
        assert_eq!(id.to_string().parse::<TopicId>().unwrap(), id);
    }
}
