//! The service over a real Postgres, between a tiny `sessions` and a tiny provider that speak the real contracts.

mod bad_requests;
mod calls;
mod events;
mod leaks;
mod leash;
mod limits;
mod mint;
mod minutes;
mod openapi;
mod provider;
mod support;
