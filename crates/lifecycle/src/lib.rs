//! The life of a process: it is told to stop, it drains, and what is still running after the grace period is cut off.

use std::{future::Future, time::Duration};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long work in flight may take after the process was told to stop.
pub const GRACE: Duration = Duration::from_secs(10);

/// Knows whether the process is stopping, and every task it must wait for.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Lifecycle {
    /// A lifecycle that ends when somebody calls [`Lifecycle::stop`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A lifecycle that ends on SIGTERM or SIGINT.
    pub fn from_signals() -> std::io::Result<Self> {
        let lifecycle = Self::new();
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stopping = lifecycle.stopping.clone();
        lifecycle.spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = stopping.cancelled() => {}
            }
            stopping.cancel();
        });
        Ok(lifecycle)
    }

    /// Runs a task that shutdown waits for.
    #[expect(clippy::disallowed_methods, reason = "this is the place the ban points to")]
    pub fn spawn<F>(&self, task: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(self.tasks.track_future(task))
    }

    /// Asks everything to finish.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Whether the process was asked to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Resolves when the process is asked to stop.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Waits that long, or less when the process is asked to stop. Says whether to go on.
    pub async fn pause(&self, duration: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(duration) => true,
            () = self.stopping.cancelled() => false,
        }
    }

    /// Waits until the process is asked to stop and every tracked task is done, or the grace period is over.
    pub async fn drained(&self) {
        self.stopping.cancelled().await;
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                tasks.left = self.tasks.len(),
                "The grace period is over; cutting off what still runs"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn draining_waits_for_tracked_work() {
        let lifecycle = Lifecycle::new();
        let (done, finished) = tokio::sync::oneshot::channel();
        let inner = lifecycle.clone();
        lifecycle.spawn(async move {
            inner.stopping().await;
            done.send(()).expect("the test still listens");
        });
        lifecycle.stop();
        lifecycle.drained().await;
        finished.await.expect("the task finished before the drain did");
    }
}
