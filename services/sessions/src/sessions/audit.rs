//! What somebody who was not there can find out afterwards: which practices began, ended and were deleted, and what was
//! not done of that.

use ids::SessionId;

/// What is written down of a session, whatever else the log leaves out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Started,
    Ended,
    Deleted,
}

impl Event {
    /// Its name, which never changes.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "session.started",
            Self::Ended => "session.ended",
            Self::Deleted => "session.deleted",
        }
    }
}

/// It happened, and is committed.
pub(super) fn done(event: Event, session: SessionId) {
    note(event, session, "done");
}

/// It was asked for and did not happen: it was not allowed, or we could not.
pub(super) fn not_done(event: Event, session: SessionId, refused: bool) {
    note(event, session, if refused { "refused" } else { "failed" });
}

fn note(event: Event, session: SessionId, outcome: &'static str) {
    let event = event.as_str();
    tracing::info!(
        target: telemetry::AUDIT,
        { audit.event = event, audit.outcome = outcome, session.id = %session },
        "{event} {outcome}: {session}"
    );
}
