//! The side that asks.

use crate::TRACEPARENT;
use std::time::Duration;
use tonic::{
    Code, Request, Status,
    transport::{Channel, Endpoint},
};

/// A connection that is made when it is first needed, and made again when it breaks.
#[must_use]
pub fn channel(endpoint: Endpoint) -> Channel {
    endpoint
        .connect_timeout(Duration::from_secs(1))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(5))
        .connect_lazy()
}

/// Asks, and asks once more when nobody answered: a replica that stops takes its connections along, and whoever stands
/// in for it is reached over a new one.
///
/// # Errors
/// `DEADLINE_EXCEEDED` when there is no answer within the limit, which covers connecting and both tries; otherwise what
/// the last try ended with.
pub async fn ask<M: Clone, T, F: Future<Output = Result<T, Status>>>(
    within: Duration,
    message: M,
    call: impl Fn(Request<M>) -> F,
) -> Result<T, Status> {
    let asked = async {
        match call(carrying_trace(message.clone())).await {
            Err(status) if is_nobodys(&status) => call(carrying_trace(message)).await,
            answer => answer,
        }
    };
    let answer = tokio::time::timeout(within, asked).await;
    answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")))
}

/// What tonic makes of a connection that cannot be had or breaks; services of ours say `UNAVAILABLE` when they may soon
/// have an answer.
fn is_nobodys(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Cancelled | Code::Unknown)
}

fn carrying_trace<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    let here = telemetry::current_traceparent().and_then(|place| place.to_string().parse().ok());
    if let Some(here) = here {
        request.metadata_mut().insert(TRACEPARENT, here);
    }
    request
}
