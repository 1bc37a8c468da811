//! JetStream as the wake-up between services. The record is Postgres: an event is published from an outbox and
//! takes effect through an inbox, so this crate may lose its connection, its server and the server's disk
//! without losing anything a learner did.
//!
//! Acknowledging is decided in one place: a handler returns a [`Verdict`].

mod broadcast;
mod consume;
mod differences;
mod lag;
mod streams;

pub use broadcast::hear_all;
pub use consume::{Delivery, Verdict, work};
pub use differences::{CompareError, Difference, What};
pub use lag::{Lag, LagState};
pub use streams::{Applied, ApplyError, StreamState};

use async_nats::{
    ConnectOptions, HeaderMap, ServerAddr, connection,
    jetstream::{self, message::PublishMessage},
};
use bytes::Bytes;
use environment::{ConfigError, Environment};
use ids::EventId;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use telemetry::Traceparent;

/// Header with the event's id; the inbox goes by it.
const EVENT_ID: &str = "Event-Id";
/// Header with the producer's place in the trace.
const TRACEPARENT: &str = "traceparent";
/// Header of a dead letter that an operator sent again.
const REPLAYED: &str = "Replayed";

/// Where the broker is.
#[derive(Clone, Debug)]
pub struct Config {
    url: SecretString,
    replicas: usize,
}

impl Config {
    /// Reads `NATS_URL` and `NATS_REPLICAS`.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            url: env.secret("NATS_URL", "URL of NATS with JetStream, with user and password")?,
            replicas: env.within(
                "NATS_REPLICAS",
                "On how many NATS servers a stream is kept",
                "1",
                1..=5,
                "a number from 1 to 5",
            )?,
        })
    }

    /// A configuration made by a test.
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        Self { url: url.into(), replicas: 1 }
    }
}

/// The broker could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// `NATS_URL` does not parse.
    #[error("setting NATS_URL is not a NATS URL")]
    Address(#[source] std::io::Error),
    /// The client refuses to start.
    #[error("no connection to the broker can be made")]
    Client(#[source] async_nats::ConnectError),
}

/// An event was not accepted by the broker; it stays in the outbox.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is no connection now.
    #[error("the broker is not connected")]
    Disconnected,
    /// The broker did not confirm.
    #[error("the broker did not confirm")]
    Unconfirmed(#[source] jetstream::context::PublishError),
}

/// An event on its way to the broker.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The event's id. The broker drops a second message with it within its duplicate window.
    pub event: EventId,
    /// Where it is published.
    pub subject: String,
    /// The encoded event.
    pub payload: Bytes,
    /// The producer's place in the trace.
    pub traceparent: Option<Traceparent>,
    /// Whether an operator sends it again; it then passes the duplicate window.
    pub replayed: bool,
}

/// A connection to the broker, which comes and goes by itself.
#[derive(Clone, Debug)]
pub struct Bus {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    replicas: usize,
}

impl Bus {
    /// A connection that is made as soon as the broker is there: no service waits for it to start.
    pub async fn connect(config: &Config, name: &str) -> Result<Self, ConnectError> {
        let address: ServerAddr = config.url.expose_secret().parse().map_err(ConnectError::Address)?;
        // The client does not take the credentials out of the URL by itself.
        let options = match (address.username(), address.password()) {
            (Some(user), Some(password)) => {
                ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
            }
            _ => ConnectOptions::new(),
        };
        let client = options
            .name(name)
            .retry_on_initial_connect()
            .connection_timeout(Duration::from_secs(2))
            .ping_interval(Duration::from_secs(5))
            .reconnect_delay_callback(|attempts| Duration::from_millis(100 << attempts.min(4)))
            .connect(address)
            .await
            .map_err(ConnectError::Client)?;
        let mut jetstream = jetstream::new(client.clone());
        jetstream.set_timeout(Duration::from_secs(3));
        Ok(Self { client, jetstream, replicas: config.replicas })
    }

    /// Whether the broker is connected now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == connection::State::Connected
    }

    /// Waits until the broker is connected; `None` when it is not within `patience`.
    pub async fn connected(&self, patience: Duration) -> Option<()> {
        tokio::time::timeout(patience, async {
            while !self.is_connected() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .ok()
    }

    /// Publishes one event and waits until the broker has it.
    pub async fn publish(&self, outgoing: &Outgoing) -> Result<(), PublishError> {
        if !self.is_connected() {
            return Err(PublishError::Disconnected);
        }
        let event = outgoing.event.to_string();
        let mut headers = HeaderMap::new();
        headers.insert(EVENT_ID, event.as_str());
        if let Some(traceparent) = outgoing.traceparent {
            headers.insert(TRACEPARENT, traceparent.to_string().as_str());
        }
        let mut message = PublishMessage::build().payload(outgoing.payload.clone());
        if outgoing.replayed {
            headers.insert(REPLAYED, "1");
            message = message.headers(headers);
        } else {
            message = message.headers(headers).message_id(&event);
        }
        self.jetstream
            .send_publish(outgoing.subject.clone(), message)
            .await
            .map_err(PublishError::Unconfirmed)?
            .await
            .map_err(PublishError::Unconfirmed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_kept_on_as_many_servers_as_a_broker_can() {
        let read = |replicas: &str| {
            let values = [("NATS_URL", "nats://localhost"), ("NATS_REPLICAS", replicas)];
            let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
            Config::read(&Environment::of_values("x", values))
        };
        assert_eq!(read("5").unwrap().replicas, 5);
        for beyond in ["0", "6"] {
            assert_eq!(
                read(beyond).unwrap_err().to_string(),
                "setting NATS_REPLICAS is not a number from 1 to 5"
            );
        }
    }
}
