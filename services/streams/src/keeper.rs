//! Applying the catalogue, and saying so only when there is something to say.

use event_bus::{Applied, Bus};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

/// How long one attempt waits for the broker to be there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// What one attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Everything is as the catalogue says; these were missing.
    Made(Vec<&'static str>),
    /// Nothing was missing.
    Unchanged,
    /// It could not be applied. Said again only after it worked in between or failed in another way.
    Failed,
}

/// Keeps the broker's streams and consumers as the catalogue says.
#[derive(Debug)]
pub struct Keeper {
    bus: Bus,
    last: Mutex<Last>,
    kept: AtomicBool,
}

/// What was applied last, and the failure since then, if any.
#[derive(Debug, Default)]
struct Last {
    applied: Applied,
    failure: Option<String>,
}

impl Keeper {
    /// A keeper that has not looked yet.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        Self { bus, last: Mutex::default(), kept: AtomicBool::new(false) }
    }

    /// Whether everything was as the catalogue says when it was last looked at.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed)
    }

    /// Applies the catalogue once.
    pub async fn keep(&self) -> Kept {
        let outcome = if self.bus.connected(PATIENCE).await.is_some() {
            self.bus.apply_catalogue().await.map_err(|error| problem::chain(&error))
        } else {
            Err("the broker is not connected".to_owned())
        };
        self.kept.store(outcome.is_ok(), Ordering::Relaxed);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(applied) => {
                let made: Vec<_> = applied.made_since(&last.applied).collect();
                if !made.is_empty() {
                    tracing::info!(streams.made = made.join(" "), "The streams are as the catalogue says");
                } else if last.failure.is_some() {
                    tracing::info!("The streams can be kept again; nothing was missing");
                }
                *last = Last { applied, failure: None };
                if made.is_empty() { Kept::Unchanged } else { Kept::Made(made) }
            }
            Err(failure) => {
                if last.failure.as_ref() != Some(&failure) {
                    tracing::warn!(error = failure, "The streams cannot be kept; trying on");
                    last.failure = Some(failure);
                }
                Kept::Failed
            }
        }
    }
}
