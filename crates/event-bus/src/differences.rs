//! In what the broker differs from the catalogue.

use crate::{
    Bus,
    streams::{consumer_config, stream_config},
};
use async_nats::jetstream::{
    consumer::{self, IntoConsumerConfig as _},
    context::RequestError,
    stream,
};
use events::catalogue::{CONSUMERS, STREAMS};
use futures::TryStreamExt as _;
use std::fmt;

/// One thing that is not as the catalogue says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The broker has none of this name.
    Missing {
        /// A stream or a consumer.
        what: What,
        /// Its name.
        name: String,
    },
    /// The catalogue has none of this name.
    Unknown {
        /// A stream or a consumer.
        what: What,
        /// Its name.
        name: String,
    },
    /// Both have it, with other terms.
    Changed {
        /// A stream or a consumer.
        what: What,
        /// Its name.
        name: String,
        /// The term that differs.
        term: &'static str,
        /// As the catalogue says.
        wanted: String,
        /// As the broker says.
        found: String,
    },
}

/// What a broker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It keeps events.
    Stream,
    /// It hands them out.
    Consumer,
}

/// The broker could not be compared with the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// It did not list its streams.
    #[error("the broker does not list its streams")]
    Streams(#[source] RequestError),
    /// It did not list the consumers of one.
    #[error("the broker does not list the consumers of stream {stream}")]
    Consumers {
        /// The stream.
        stream: String,
        /// Why.
        #[source]
        source: RequestError,
    },
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stream => "stream",
            Self::Consumer => "consumer",
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { what, name } => write!(f, "{what} {name} is missing"),
            Self::Unknown { what, name } => write!(f, "{what} {name} is not in the catalogue"),
            Self::Changed { what, name, term, wanted, found } => {
                write!(f, "{what} {name} has {term} {found} instead of {wanted}")
            }
        }
    }
}

impl Bus {
    /// Compares every stream and durable consumer with the catalogue. What the catalogue leaves to the broker is not
    /// compared, and consumers that are not durable come and go with the replicas that hear everything.
    pub async fn differences(&self) -> Result<Vec<Difference>, CompareError> {
        let found: Vec<stream::Info> =
            self.jetstream.streams().try_collect().await.map_err(CompareError::Streams)?;
        let names = found.iter().map(|info| info.config.name.as_str());
        let mut differences = unmatched(What::Stream, STREAMS.map(|stream| stream.name), names);
        for wanted in STREAMS {
            let Some(info) = found.iter().find(|info| info.config.name == wanted.name) else { continue };
            let terms = stream_terms(&stream_config(wanted, self.replicas));
            differences.extend(changed(What::Stream, wanted.name, terms, stream_terms(&info.config)));
            differences.extend(self.differences_of_consumers(wanted.name).await?);
        }
        Ok(differences)
    }

    async fn differences_of_consumers(&self, stream: &str) -> Result<Vec<Difference>, CompareError> {
        let found: Vec<_> = self.consumers_of(stream).await?;
        let wanted = || CONSUMERS.iter().filter(|consumer| consumer.stream == stream);
        let names =
            found.iter().filter(|info| info.config.durable_name.is_some()).map(|info| info.name.as_str());
        let mut differences = unmatched(What::Consumer, wanted().map(|consumer| consumer.name), names);
        for consumer in wanted() {
            let Some(info) = found.iter().find(|info| info.name == consumer.name) else { continue };
            let terms = consumer_terms(&consumer_config(*consumer).into_consumer_config());
            differences.extend(changed(What::Consumer, consumer.name, terms, consumer_terms(&info.config)));
        }
        Ok(differences)
    }

    /// Everything the broker says about the consumers of a stream.
    pub(crate) async fn consumers_of(&self, stream: &str) -> Result<Vec<consumer::Info>, CompareError> {
        let refused = |source| CompareError::Consumers { stream: stream.to_owned(), source };
        let handle = self.jetstream.get_stream_no_info(stream).await;
        let Ok(handle) = handle else { return Ok(Vec::new()) };
        handle.consumers().try_collect().await.map_err(refused)
    }
}

/// Names that only one side has.
fn unmatched<'a>(
    what: What,
    wanted: impl IntoIterator<Item = &'static str>,
    found: impl Iterator<Item = &'a str>,
) -> Vec<Difference> {
    let (wanted, found): (Vec<_>, Vec<_>) = (wanted.into_iter().collect(), found.collect());
    let missing = wanted.iter().filter(|name| !found.contains(name));
    let unknown = found.iter().filter(|name| !wanted.contains(name));
    missing
        .map(|name| Difference::Missing { what, name: (*name).to_owned() })
        .chain(unknown.map(|name| Difference::Unknown { what, name: (*name).to_owned() }))
        .collect()
}

type Term = (&'static str, String);

fn changed<const N: usize>(
    what: What,
    name: &str,
    wanted: [Term; N],
    found: [Term; N],
) -> impl Iterator<Item = Difference> {
    wanted.into_iter().zip(found).filter(|(wanted, found)| wanted != found).map(
        move |((term, wanted), (_, found))| Difference::Changed {
            what,
            name: name.to_owned(),
            term,
            wanted,
            found,
        },
    )
}

/// What the catalogue says of a stream.
fn stream_terms(config: &stream::Config) -> [Term; 6] {
    let mut subjects = config.subjects.clone();
    subjects.sort();
    [
        ("subjects", subjects.join(" ")),
        ("retention", format!("{:?}", config.retention)),
        ("storage", format!("{:?}", config.storage)),
        ("age", format!("{:?}", config.max_age)),
        ("duplicate window", format!("{:?}", config.duplicate_window)),
        ("replicas", config.num_replicas.to_string()),
    ]
}

/// What the catalogue says of a consumer.
fn consumer_terms(config: &consumer::Config) -> [Term; 5] {
    [
        ("subject", config.filter_subject.clone()),
        ("start", format!("{:?}", config.deliver_policy)),
        ("acknowledgement", format!("{:?}", config.ack_policy)),
        ("acknowledgement wait", format!("{:?}", config.ack_wait)),
        ("most unacknowledged", config.max_ack_pending.to_string()),
    ]
}
