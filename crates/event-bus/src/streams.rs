//! Making the broker look like the catalogue.

use crate::Bus;
use async_nats::jetstream::{consumer, stream};
use events::catalogue::{CONSUMERS, Consumer, KEPT_DAYS, STREAMS, Stream};
use std::{collections::BTreeMap, time::Duration};

/// What the catalogue came to: every stream and consumer with the time of its creation, in nanoseconds since the
/// Unix epoch. Two that are equal mean that nothing was missing in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied(BTreeMap<&'static str, i64>);

impl Applied {
    /// What is here and was not there in `before`, or was made anew since.
    pub fn made_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'static str> + 'a {
        self.0.iter().filter(|(name, created)| before.0.get(**name) != Some(created)).map(|(name, _)| *name)
    }
}

/// What tells a stream from a new one of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamState {
    /// When it was created, in nanoseconds since the Unix epoch.
    pub created: i64,
    /// The sequence number of its newest message.
    pub last_sequence: i64,
}

/// The broker could not be made to look like the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A stream was refused.
    #[error("stream {stream} could not be applied")]
    Stream {
        /// Its name.
        stream: &'static str,
        /// Why.
        #[source]
        source: async_nats::jetstream::context::CreateStreamError,
    },
    /// A consumer was refused.
    #[error("consumer {consumer} could not be applied")]
    Consumer {
        /// Its name.
        consumer: &'static str,
        /// Why.
        #[source]
        source: stream::ConsumerError,
    },
}

impl Bus {
    /// Creates or updates every stream and consumer of the catalogue. Idempotent.
    pub async fn apply_catalogue(&self) -> Result<Applied, ApplyError> {
        let mut applied = Applied::default();
        for wanted in STREAMS {
            let info = self
                .jetstream
                .create_or_update_stream(stream_config(wanted, self.replicas))
                .await
                .map_err(|source| ApplyError::Stream { stream: wanted.name, source })?;
            applied.0.insert(wanted.name, nanoseconds(info.created));
            let stream = self.jetstream.get_stream_no_info(wanted.name).await;
            let Ok(stream) = stream else { continue };
            for heard in CONSUMERS.iter().filter(|heard| heard.stream == wanted.name) {
                let consumer = stream
                    .create_consumer(consumer_config(*heard))
                    .await
                    .map_err(|source| ApplyError::Consumer { consumer: heard.name, source })?;
                let info = consumer.cached_info();
                applied.0.insert(heard.name, nanoseconds(info.created));
                metrics::gauge!("consumer_waiting_events", "consumer" => heard.name)
                    .set((info.num_pending + info.num_ack_pending as u64) as f64);
                metrics::gauge!("consumer_acknowledged_sequence", "consumer" => heard.name)
                    .set(info.ack_floor.stream_sequence as f64);
            }
        }
        Ok(applied)
    }

    /// What the broker knows of a stream; `None` when it has none of that name or does not answer.
    pub async fn stream_state(&self, name: &str) -> Option<StreamState> {
        if !self.is_connected() {
            return None;
        }
        let stream = self.jetstream.get_stream(name).await.ok()?;
        let info = stream.cached_info();
        Some(StreamState {
            created: nanoseconds(info.created),
            last_sequence: i64::try_from(info.state.last_sequence).unwrap_or_default(),
        })
    }
}

/// A stream as the broker is told to keep it.
pub(crate) fn stream_config(wanted: Stream, replicas: usize) -> stream::Config {
    stream::Config {
        name: wanted.name.to_owned(),
        subjects: wanted.subjects.iter().map(|&subject| subject.to_owned()).collect(),
        retention: stream::RetentionPolicy::Limits,
        storage: stream::StorageType::File,
        max_age: Duration::from_secs(u64::from(KEPT_DAYS) * 24 * 3600),
        duplicate_window: Duration::from_mins(2),
        num_replicas: replicas,
        ..stream::Config::default()
    }
}

/// A consumer as the broker is told to keep it.
pub(crate) fn consumer_config(heard: Consumer) -> consumer::pull::Config {
    consumer::pull::Config {
        durable_name: Some(heard.name.to_owned()),
        filter_subject: heard.subject.to_owned(),
        deliver_policy: consumer::DeliverPolicy::All,
        ack_policy: consumer::AckPolicy::Explicit,
        // One delivery is one short transaction; slow work runs from job rows.
        ack_wait: Duration::from_secs(10),
        max_ack_pending: 256,
        ..consumer::pull::Config::default()
    }
}

fn nanoseconds(at: clock::Timestamp) -> i64 {
    i64::try_from(at.unix_timestamp_nanos()).unwrap_or_default()
}
