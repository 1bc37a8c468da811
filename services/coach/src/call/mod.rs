//! Calls: the one socket they share, and one task each.

mod hub;
mod rtc;
mod run;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use lifecycle::Lifecycle;
use str0m::config::DtlsCert;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

pub use hub::Hub;

use crate::{recognizer::Recognizer, talk::Talk, voice::Voice, wire::Session};

/// Everything a call uses that is not its own.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) hub: Arc<Hub>,
    pub(crate) voice: Arc<dyn Voice>,
    pub(crate) recognizer: Arc<dyn Recognizer>,
    pub(crate) lifecycle: Lifecycle,
    /// Cuts every call without a word after so long; a fault for tests.
    pub(crate) drop_after: Option<Duration>,
}

/// The calls that are going on.
pub struct Calls {
    surroundings: Surroundings,
    certificate: DtlsCert,
    most: usize,
    running: Arc<Mutex<HashMap<String, CancellationToken>>>,
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls").field("most", &self.most).finish_non_exhaustive()
    }
}

/// A call that was begun.
#[derive(Debug)]
pub struct Begun {
    /// `rtc_…`.
    pub id: String,
    /// The answer to the offer.
    pub answer: String,
}

/// Why a call was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// The offer is cut off or no SDP.
    #[error("the offer cannot be read")]
    Unreadable,
    /// The offer is SDP, but not of a call one could take.
    #[error("the offer cannot be answered")]
    Unusable,
    /// There are as many calls as there may be.
    #[error("there are too many calls")]
    Full,
}

impl Calls {
    pub(crate) fn new(surroundings: Surroundings, certificate: DtlsCert, most: usize) -> Self {
        Self { surroundings, certificate, most, running: Arc::default() }
    }

    /// Whether an offer could be answered now.
    pub fn check(&self, offer: &str) -> Result<(), BeginError> {
        rtc::read_offer(offer)?;
        if self.lock().len() >= self.most { Err(BeginError::Full) } else { Ok(()) }
    }

    /// Answers an offer and starts the call.
    pub fn begin(&self, offer: &str, session: Session) -> Result<Begun, BeginError> {
        let offer = rtc::read_offer(offer)?;
        let hangup = CancellationToken::new();
        let id = format!("rtc_{:032x}", rand::random::<u128>());
        {
            let mut running = self.lock();
            if running.len() >= self.most {
                return Err(BeginError::Full);
            }
            running.insert(id.clone(), hangup.clone());
        }
        let place = Place { id: id.clone(), running: Arc::clone(&self.running) };
        let (rtc, answer, ufrag) = rtc::answer(offer, &self.certificate, self.surroundings.hub.advertised())?;
        let datagrams = self.surroundings.hub.join(ufrag);
        let surroundings = self.surroundings.clone();
        let span = tracing::info_span!("op.coach.call", call.id = %id);
        self.surroundings.lifecycle.spawn(
            async move {
                let begun = Instant::now();
                metrics::gauge!("coach_calls").increment(1.0);
                let end = Box::pin(run::run(rtc, Talk::new(session), datagrams, &surroundings, hangup)).await;
                drop(place);
                metrics::gauge!("coach_calls").decrement(1.0);
                metrics::histogram!("coach_call_seconds").record(begun.elapsed());
                metrics::counter!("coach_call_ends_total", "end" => end.as_str()).increment(1);
                tracing::info!(
                    call.end = end.as_str(),
                    call.seconds = begun.elapsed().as_secs(),
                    "A call has ended"
                );
            }
            .instrument(span),
        );
        Ok(Begun { id, answer })
    }

    /// Ends a call. `false` when there is none of this name.
    pub fn hang_up(&self, id: &str) -> bool {
        let hangup = self.lock().get(id).cloned();
        hangup.inspect(CancellationToken::cancel).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's place among the running ones; given back when dropped, however the call ends.
struct Place {
    id: String,
    running: Arc<Mutex<HashMap<String, CancellationToken>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// One datagram for a call.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) source: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}
