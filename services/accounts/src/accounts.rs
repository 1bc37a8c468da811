//! The accounts service as a value with verbs.

mod change_practice;
mod find;
mod forget_expired;
mod refresh;
mod register;
mod sign_in;
mod sign_out;

pub use find::FindError;
pub use forget_expired::ForgetError;
pub use refresh::{RefreshError, Refreshed};
pub use register::{NewAccount, RegisterError};
pub use sign_in::{SignInError, SignedIn};
pub use sign_out::SignOutError;

use crate::{
    password_hashes::PasswordHashes,
    signing_keys::{JsonWebKeys, SigningKeys},
};
use clock::Clock;
use ids::Ids;
use outbox::Outbox;
use sqlx::PgPool;

/// Registers learners, signs them in and out, and signs the tokens the other services verify.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub(crate) database: PgPool,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) keys: SigningKeys,
    pub(crate) hashes: PasswordHashes,
}

impl Accounts {
    /// The service over its own database.
    pub fn new(
        database: PgPool,
        outbox: Outbox,
        clock: Clock,
        keys: SigningKeys,
        hashes: PasswordHashes,
    ) -> Self {
        Self { database, outbox, clock, ids: Ids, keys, hashes }
    }

    /// What others verify access tokens with.
    pub fn public_keys(&self) -> &JsonWebKeys {
        self.keys.published()
    }
}
