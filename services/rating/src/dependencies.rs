//! What rating asks of the other services. Each call has a time limit and each service a circuit breaker, so that one
//! that hangs holds no worker.

mod breaker;
mod recordings;
mod registry;

pub use breaker::REST;
pub use recordings::{Recordings, RecordingsError, Stored};
pub use registry::{Registry, RegistryError};

use breaker::Breaker;
use std::time::{Duration, Instant};
use tonic::{
    Code, Request, Status,
    transport::{Channel, Endpoint},
};
use tracing::Instrument as _;
use url::Url;

/// How long a short answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// A service that gave no usable answer: it may later.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// It failed so often lately that it is left alone for a while.
    #[error("left alone for a while after it failed repeatedly")]
    LeftAlone,
    /// It took too long.
    #[error("no answer in time")]
    TooSlow,
    /// It failed.
    #[error("it answered {code:?}")]
    Failed {
        /// With this code. The text of the status stays where it was said.
        code: Code,
    },
    /// Its answer makes no sense.
    #[error("its answer makes no sense: {0}")]
    Nonsense(&'static str),
}

fn channel(url: &Url) -> Result<Channel, tonic::transport::Error> {
    Ok(grpc::channel(Endpoint::new(url.to_string())?))
}

/// Calls a service: in a span of its own that the service continues, with a time limit, behind its breaker.
/// `Ok(Err(code))` is an answer that was meant.
async fn call<M: Clone, T, F: Future<Output = Result<T, Status>>>(
    breaker: &Breaker,
    method: &'static str,
    limit: Duration,
    message: M,
    ask: impl Fn(Request<M>) -> F,
) -> Result<Result<T, Code>, Unavailable> {
    breaker.admit()?;
    let begun = Instant::now();
    let span = tracing::info_span!("grpc", otel.name = format!("grpc.{method}"), otel.kind = "client");
    let outcome = match grpc::ask(limit, message, ask).instrument(span).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(status) => match status.code() {
            code @ (Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument) => Ok(Err(code)),
            Code::DeadlineExceeded => Err(Unavailable::TooSlow),
            code => Err(Unavailable::Failed { code }),
        },
    };
    let label = match &outcome {
        Ok(_) => "answered",
        Err(Unavailable::TooSlow) => "too_slow",
        Err(_) => "failed",
    };
    metrics::histogram!("dependency_request_seconds", "method" => method, "outcome" => label)
        .record(begun.elapsed());
    breaker.note(outcome.is_ok());
    outcome
}
