//! The accounts service over a real Postgres, through its HTTP face.

mod change_me;
mod get_jwks;
mod get_me;
mod refresh;
mod register;
mod sign_in;
mod sign_out;
mod support;
