//! The coach as its callers meet it: real sockets, real speech, the real recogniser.

mod caller;
mod conversation;
mod ears;
mod exchange;
mod lessons;
mod pace;
mod recogniser;
mod setup;
mod speech;
