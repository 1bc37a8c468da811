//! How often a sign-in may fail before somebody has to wait.

use crate::account::Email;
use clock::Timestamp;
use sha2::{Digest as _, Sha256};
use std::{net::IpAddr, time::Duration};

/// Failures are counted over this long, from the first one on.
pub const WINDOW: Duration = Duration::from_mins(15);

/// Whose failures are counted. Stored as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    hash: [u8; 32],
    allowed: i32,
}

impl Subject {
    /// Attempts on one account.
    pub fn email(email: &Email) -> Self {
        Self { hash: digest("email", email.as_str()), allowed: 10 }
    }

    /// Attempts from one place. A school or an office shares an address, so it is allowed more. Whoever has one
    /// IPv6 address has the 2^64 beside it, so these count as one.
    pub fn address(address: IpAddr) -> Self {
        let place = match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
        };
        Self { hash: digest("address", &place), allowed: 50 }
    }

    /// The form it is stored in.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// What is said when these failures, counted since then and with the present attempt, are too many.
    pub fn judge(&self, failures: i32, since: Timestamp, now: Timestamp) -> Result<(), TooManyFailures> {
        if failures <= self.allowed {
            return Ok(());
        }
        let wait = (since + WINDOW - now).try_into().unwrap_or_default();
        Err(TooManyFailures { allowed: self.allowed, wait })
    }
}

/// Too many sign-ins failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {allowed} sign-ins failed")]
pub struct TooManyFailures {
    /// How many may fail within [`WINDOW`].
    pub allowed: i32,
    /// How long until the next attempt is looked at.
    pub wait: Duration,
}

fn digest(kind: &str, value: &str) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(value).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(address: &str) -> Subject {
        Subject::address(address.parse().unwrap())
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_as_one() {
        assert!(subject("2001:db8:1:2::1") == subject("2001:db8:1:2:ffff::9"));
        assert!(subject("2001:db8:1:2::1") != subject("2001:db8:1:3::1"));
        assert!(subject("192.0.2.1") != subject("192.0.2.2"));
        assert!(subject("::ffff:192.0.2.1") == subject("192.0.2.1"));
    }

    #[test]
    fn the_wait_ends_with_the_window() {
        let email = Subject::email(&Email::parse("maya@example.org").unwrap());
        let since = Timestamp::UNIX_EPOCH;
        let now = since + Duration::from_mins(10);
        assert_eq!(email.judge(10, since, now), Ok(()));
        assert_eq!(
            email.judge(11, since, now),
            Err(TooManyFailures { allowed: 10, wait: Duration::from_mins(5) })
        );
    }
}
