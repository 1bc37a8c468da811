//! The meaning of events: their subjects, the streams that keep them, and who consumes what.
//!
//! No connection is made here. [`catalogue`] is data; the `streams` process applies it to the broker, and
//! no other process creates a stream or a consumer.

pub mod catalogue;

pub use wire::events::v1::{
    AudioStored, LoginRevoked, RatingFailed, RatingRequested, SessionDeleted, SessionErased,
    SessionFinalized, SessionRated, SessionStarted, TopicChanged,
};

/// Something one service tells the others: ids and facts, never content.
pub trait Event: prost::Message + Default + Send + Sync + 'static {
    /// Where it is published.
    const SUBJECT: &'static str;
}

macro_rules! subjects {
    ($($event:ident => $subject:literal,)*) => {
        $(
            impl Event for $event {
                const SUBJECT: &'static str = $subject;
            }
        )*

        /// Every subject there is.
        pub const SUBJECTS: &[&str] = &[$($subject),*];

        /// What an event says, for a person to read: ids and facts are all there is in one. `None` when there is no such
        /// subject, or when these are not the bytes of such an event.
        #[must_use]
        pub fn described(subject: &str, payload: &[u8]) -> Option<String> {
            match subject {
                $($subject => <$event as prost::Message>::decode(payload).ok().map(|event| format!("{event:?}")),)*
                _ => None,
            }
        }
    };
}

subjects! {
    SessionStarted => "session.started",
    SessionFinalized => "session.finalized",
    SessionDeleted => "session.deleted",
    SessionErased => "session.erased",
    SessionRated => "session.rated",
    RatingFailed => "rating.failed",
    RatingRequested => "rating.requested",
    AudioStored => "audio.stored",
    TopicChanged => "topic.changed",
    LoginRevoked => "login.revoked",
}

/// An id in an event that is not an id: the event can never be handled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field} is not an identifier")]
pub struct NotAnId {
    /// The field of the event.
    pub field: &'static str,
}

/// Reads an id out of an event.
pub fn id<Id: std::str::FromStr>(field: &'static str, text: &str) -> Result<Id, NotAnId> {
    text.parse().map_err(|_| NotAnId { field })
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    #[test]
    fn an_event_is_described_by_what_it_says() {
        let event = SessionErased { session_id: "s".into(), part: "upload".into() };
        assert_eq!(
            described("session.erased", &event.encode_to_vec()).unwrap(),
            r#"SessionErased { session_id: "s", part: "upload" }"#
        );
        assert_eq!(described("session.erased", b"\xff"), None);
        assert_eq!(described("session.unheard", b""), None);
    }

    /// A message with every field set, and the bytes it had when it was first deployed.
    macro_rules! frozen {
        ($($test:ident: $event:expr => $hex:literal;)*) => {$(
            #[test]
            fn $test() {
                let event = $event;
                let deployed: Vec<u8> = (0..$hex.len() / 2)
                    .map(|at| u8::from_str_radix(&$hex[2 * at..2 * at + 2], 16).unwrap())
                    .collect();
                let now = event.encode_to_vec();
                let hex: String = now.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(hex, $hex, "the encoding of a deployed message changed");
                let mut decoded = event.clone();
                decoded.clear();
                decoded.merge(&deployed[..]).unwrap();
                assert_eq!(decoded, event, "a deployed message is no longer understood");
            }
        )*};
    }

    frozen! {
        session_started_v1_is_frozen: SessionStarted {
            session_id: "s".into(), learner_id: "l".into(), topic_id: "t".into(), mode: "conversation".into(),
            recording_policy: "keep".into(), started_at_ms: 5,
        } => "0a017312016c1a0174220c636f6e766572736174696f6e2a046b6565703005";
        session_finalized_v1_is_frozen: SessionFinalized {
            session_id: "s".into(), learner_id: "l".into(), finalized_at_ms: 5, duration_ms: 6, transcript_revision: 7,
            recording_policy: "keep".into(), end_reason: "learner".into(),
        } => "0a017312016c18052006280732046b6565703a076c6561726e6572";
        audio_stored_v1_is_frozen: AudioStored {
            session_id: "s".into(), learner_id: "l".into(), medium_id: "m".into(), revision: 1, duration_ms: 2, bytes: 3,
            media_type: "audio/webm".into(), channel_layout: "mixed".into(), warnings: vec!["truncated".into()],
        } => "0a017312016c1a016d2001280230033a0a617564696f2f7765626d42056d697865644a097472756e6361746564";
        session_deleted_v1_is_frozen: SessionDeleted {
            session_id: "s".into(), learner_id: "l".into(), deleted_at_ms: 5,
        } => "0a017312016c1805";
        session_erased_v1_is_frozen: SessionErased { session_id: "s".into(), part: "upload".into() } => "0a0173120675706c6f6164";
        session_rated_v1_is_frozen: SessionRated {
            session_id: "s".into(), learner_id: "l".into(), rating_revision: 2,
        } => "0a017312016c1802";
        rating_failed_v1_is_frozen: RatingFailed {
            session_id: "s".into(), learner_id: "l".into(), rating_revision: 2, reason: "r".into(),
        } => "0a017312016c1802220172";
        rating_requested_v1_is_frozen: RatingRequested { session_id: "s".into(), learner_id: "l".into() } => "0a017312016c";
        topic_changed_v1_is_frozen: TopicChanged { topic_id: "t".into(), version: 2 } => "0a01741002";
        login_revoked_v1_is_frozen: LoginRevoked {
            login_id: "g".into(), learner_id: "l".into(), revoked_at_ms: 5,
        } => "0a016712016c1805";
    }
}
