//! The rating worker against a real Postgres, real speech and small stand-ins for the services it asks.

mod deletion;
mod failures;
mod fencing;
mod get_rating;
mod hearing;
mod late_recording;
mod order;
mod process;
mod scene;
mod speakers;
mod support;
