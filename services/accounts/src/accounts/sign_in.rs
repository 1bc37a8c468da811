//! A learner signs in.

use super::Accounts;
use crate::{
    account::{Account, Email},
    login::{Login, LoginSecret},
    password_hashes::HashError,
    signing_keys::{AccessToken, SignError},
    store,
    throttle::{Subject, TooManyFailures},
};
use postgres::StoreError;
use secrecy::SecretString;
use std::net::IpAddr;
use tracing::instrument;

/// A learner who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// What the browser keeps to stay signed in.
    pub secret: LoginSecret,
    /// What it shows to every service.
    pub access: AccessToken,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Address and password do not belong together, or nobody has that address. Which of the two is not said.
    #[error("the address and the password do not belong together")]
    InvalidCredentials,
    /// Too many attempts failed before.
    #[error("too many sign-ins failed")]
    TooManyFailures(#[source] TooManyFailures),
    /// The password could not be checked.
    #[error("the password could not be checked")]
    Hash(#[source] HashError),
    /// No token could be made.
    #[error("the new login got no token")]
    Sign(#[source] SignError),
    /// The database failed.
    #[error("the sign-in could not be stored")]
    Store(#[source] StoreError),
}

impl Accounts {
    /// Begins a login. A text that is no address is checked like an address nobody has.
    #[instrument(name = "op.accounts.sign_in", skip_all)]
    pub async fn sign_in(
        &self,
        email: Option<Email>,
        password: &SecretString,
        from: Option<IpAddr>,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let (person, place) = (email.as_ref().map(Subject::email), from.map(Subject::address));
        let found = {
            let mut connection = self.database.acquire().await.map_err(store_error)?;
            let subjects: Vec<Subject> = person.iter().chain(&place).cloned().collect();
            let counted =
                store::count_failure(&mut connection, &subjects, now).await.map_err(SignInError::Store)?;
            for (subject, failures) in subjects.iter().zip(counted) {
                subject.judge(failures.count, failures.since, now).map_err(SignInError::TooManyFailures)?;
            }
            match &email {
                Some(email) => {
                    store::find_account_by_email(&mut connection, email).await.map_err(SignInError::Store)?
                }
                None => None,
            }
        };
        // The connection is back in the pool: hashing takes longer than all SQL of this service together.
        let stored = found.as_ref().map(|(_, hash)| hash.as_str());
        let matches = self.hashes.verify(stored, password).await.map_err(SignInError::Hash)?;
        let (Some((account, _)), Some(person), true) = (found, person, matches) else {
            return Err(SignInError::InvalidCredentials);
        };

        let login = Login::begin(self.ids.mint(), account.id, now);
        let secret = LoginSecret::generate();
        let access = self.keys.sign(&account, &login, now).map_err(SignInError::Sign)?;
        let mut tx = postgres::begin(&self.database).await.map_err(store_error)?;
        store::insert_login(&mut tx, &login, &secret).await.map_err(SignInError::Store)?;
        store::forgive(&mut tx, &person, place.as_ref()).await.map_err(SignInError::Store)?;
        tx.commit().await.map_err(store_error)?;
        tracing::info!(learner.id = %account.id, login.id = %login.id, "Learner {} signed in", account.id);
        Ok(SignedIn { account, secret, access })
    }
}

fn store_error(error: sqlx::Error) -> SignInError {
    SignInError::Store(error.into())
}
