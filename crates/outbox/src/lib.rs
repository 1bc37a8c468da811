//! Events written with the data they describe.
//!
//! An event is appended in the transaction that caused it, so neither exists without the other. The relay of any
//! replica publishes it afterwards, and again when the broker lost what it was told. Rows stay for
//! [`events::catalogue::KEPT_DAYS`].

mod compare;
mod mentioning;
mod relay;
mod republish;

pub use mentioning::{Said, mentioning};
pub use relay::relay;
pub use republish::republish;

use events::Event;
use ids::{EventId, Ids};
use postgres::StoreError;
use seeded_bug::Bug;
use sqlx::{PgConnection, migrate::Migrator};
use std::sync::Arc;
use tokio::sync::Notify;

/// The tables of an outbox, for the database of the service that has it.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/outbox");

/// Where a service appends what it has to say.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    hint: Arc<Notify>,
}

impl Outbox {
    /// Appends an event to the caller's transaction. It is said when that commits, and never if it does not.
    pub async fn append<E: Event>(
        &self,
        connection: &mut PgConnection,
        event: &E,
    ) -> Result<EventId, StoreError> {
        let id: EventId = Ids.mint();
        sqlx::query!(
            "insert into outbox (event_id, subject, payload, traceparent) values ($1, $2, $3, $4)",
            id.as_uuid(),
            E::SUBJECT,
            event.encode_to_vec(),
            telemetry::current_traceparent().map(|parent| parent.to_string()),
        )
        .execute(&mut *connection)
        .await?;
        if seeded_bug::is_made(Bug::SaidFirst) {
            sqlx::raw_sql("commit").execute(connection).await?;
        }
        // Only a hint: the relay looks a few times shortly after it, because the transaction is still open here.
        self.hint.notify_one();
        Ok(id)
    }
}
