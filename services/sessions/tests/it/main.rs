//! The sessions service through its own faces, over a real Postgres.

mod abandoned;
mod any_order;
mod bad_requests;
mod calls;
mod continuing;
mod delete_session;
mod events;
mod finalize_session;
mod heartbeat;
mod history;
mod rate_session;
mod registry;
mod save_transcript;
mod start_session;
mod support;
mod take_feedback;
mod take_measurements;
mod watch_session;
mod whole;
