//! The topics service as a value with verbs.

mod find;
mod list;
mod seed;

pub use find::FindError;
pub use list::{ListError, Page};
pub use seed::{SeedError, Seeded};

use clock::Clock;
use outbox::Outbox;
use sqlx::PgPool;

/// Offers what can be practised.
#[derive(Clone, Debug)]
pub struct Topics {
    pub(crate) database: PgPool,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Clock,
}

impl Topics {
    /// The service over its own database.
    pub fn new(database: PgPool, outbox: Outbox, clock: Clock) -> Self {
        Self { database, outbox, clock }
    }
}
