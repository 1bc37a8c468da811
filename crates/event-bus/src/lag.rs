//! How far behind the consumers are.

use crate::{Bus, differences::CompareError};
use clock::Timestamp;
use events::catalogue::{CONSUMERS, STREAMS};
use futures::TryStreamExt as _;

/// A consumer of the catalogue, and what it has before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Its name.
    pub consumer: &'static str,
    /// What the broker says of it; `None` when it has none of that name.
    pub state: Option<LagState>,
}

/// What the broker says of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LagState {
    /// Events it was not given yet.
    pub pending: u64,
    /// Events it was given and has not acknowledged.
    pub unacknowledged: usize,
    /// Those of them that it was given more than once.
    pub redelivered: usize,
    /// When it was last given one; `None` when it never was.
    pub delivered_at: Option<Timestamp>,
}

impl Bus {
    /// How far behind every consumer of the catalogue is, in its order.
    pub async fn lags(&self) -> Result<Vec<Lag>, CompareError> {
        let kept: Vec<String> =
            self.jetstream.stream_names().try_collect().await.map_err(CompareError::Streams)?;
        let mut found = Vec::new();
        for stream in STREAMS.iter().filter(|stream| kept.iter().any(|name| name == stream.name)) {
            found.extend(self.consumers_of(stream.name).await?);
        }
        let state = |name| {
            found.iter().find(|info| info.name == name).map(|info| LagState {
                pending: info.num_pending,
                unacknowledged: info.num_ack_pending,
                redelivered: info.num_redelivered,
                delivered_at: info.delivered.last_active,
            })
        };
        Ok(CONSUMERS
            .iter()
            .map(|consumer| Lag { consumer: consumer.name, state: state(consumer.name) })
            .collect())
    }
}
