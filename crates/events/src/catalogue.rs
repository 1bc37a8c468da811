//! Streams and consumers as data.

/// A stream that keeps events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its name at the broker.
    pub name: &'static str,
    /// The subjects it keeps.
    pub subjects: &'static [&'static str],
}

/// A durable consumer: one service's replicas share its deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// Its name at the broker: `<service>-<what it does>`.
    pub name: &'static str,
    /// The stream it reads.
    pub stream: &'static str,
    /// The one subject it hears.
    pub subject: &'static str,
}

/// Everything about sessions, their recordings and ratings.
pub const PRACTICE: Stream = Stream { name: "practice", subjects: &["session.*", "rating.*", "audio.*"] };
/// Everything about logins.
pub const LOGINS: Stream = Stream { name: "logins", subjects: &["login.*"] };
/// Everything about topics.
pub const TOPICS: Stream = Stream { name: "topics", subjects: &["topic.*"] };

/// Every stream.
pub const STREAMS: [Stream; 3] = [PRACTICE, LOGINS, TOPICS];

/// Days a stream, and every outbox, keeps what was said.
pub const KEPT_DAYS: u32 = 7;
/// Days a service remembers what it heard, and what was deleted: well beyond any event that is still kept somewhere.
pub const REMEMBERED_DAYS: u32 = 4 * KEPT_DAYS;
/// Days after which an event is never said again. What is said again may be heard as late as anything a stream keeps, and
/// whoever had handled it before must still know it then.
pub const REPEATED_DAYS: u32 = REMEMBERED_DAYS - KEPT_DAYS;

macro_rules! stream {
    () => {
        PRACTICE
    };
    ($stream:ident) => {
        $stream
    };
}

macro_rules! consumers {
    ($($(#[$doc:meta])* $constant:ident = $name:literal hears $subject:literal $(of $stream:ident)?;)*) => {
        $(
            $(#[$doc])*
            pub const $constant: Consumer =
                Consumer { name: $name, stream: stream!($($stream)?).name, subject: $subject };
        )*
        /// Every durable consumer.
        pub const CONSUMERS: &[Consumer] = &[$($constant),*];
    };
}

consumers! {
    /// The recording appears in the session.
    SESSIONS_AUDIO_STORED = "sessions-audio-stored" hears "audio.stored";
    /// The rating appears in the session.
    SESSIONS_SESSION_RATED = "sessions-session-rated" hears "session.rated";
    /// The session says that rating failed.
    SESSIONS_RATING_FAILED = "sessions-rating-failed" hears "rating.failed";
    /// When every part is erased, the session is forgotten.
    SESSIONS_SESSION_ERASED = "sessions-session-erased" hears "session.erased";
    /// A quota opens.
    SECRETS_SESSION_STARTED = "secrets-session-started" hears "session.started";
    /// A quota closes, unused secrets die and the call is hung up.
    SECRETS_SESSION_FINALIZED = "secrets-session-finalized" hears "session.finalized";
    /// What secrets knows of the session is erased.
    SECRETS_SESSION_DELETED = "secrets-session-deleted" hears "session.deleted";
    /// A call of somebody who signed out is hung up.
    SECRETS_LOGIN_REVOKED = "secrets-login-revoked" hears "login.revoked" of LOGINS;
    /// A recording is expected.
    UPLOAD_SESSION_STARTED = "upload-session-started" hears "session.started";
    /// Takes become a recording.
    UPLOAD_SESSION_FINALIZED = "upload-session-finalized" hears "session.finalized";
    /// The recording is erased.
    UPLOAD_SESSION_DELETED = "upload-session-deleted" hears "session.deleted";
    /// A session waits for its rating.
    RATING_SESSION_FINALIZED = "rating-session-finalized" hears "session.finalized";
    /// The recording to rate is there.
    RATING_AUDIO_STORED = "rating-audio-stored" hears "audio.stored";
    /// A learner asks again.
    RATING_RATING_REQUESTED = "rating-rating-requested" hears "rating.requested";
    /// The rating is erased.
    RATING_SESSION_DELETED = "rating-session-deleted" hears "session.deleted";
}

/// The stream that keeps a subject.
#[must_use]
pub fn stream_of(subject: &str) -> Option<Stream> {
    let family = subject.split('.').next()?;
    STREAMS
        .into_iter()
        .find(|stream| stream.subjects.iter().any(|kept| kept.strip_suffix(".*") == Some(family)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_consumer_hears_a_subject_its_stream_keeps() {
        for consumer in CONSUMERS {
            assert_eq!(
                stream_of(consumer.subject).map(|stream| stream.name),
                Some(consumer.stream),
                "{}",
                consumer.name
            );
        }
    }

    #[test]
    fn consumer_names_are_unique() {
        let names: std::collections::BTreeSet<_> = CONSUMERS.iter().map(|consumer| consumer.name).collect();
        assert_eq!(names.len(), CONSUMERS.len());
    }
}
