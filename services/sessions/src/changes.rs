//! What changed, on any replica: Postgres tells, one connection per replica listens, and everybody here who watches hears.

use crate::store::CHANGES;
use ids::SessionId;
use lifecycle::Lifecycle;
use sqlx::{PgPool, postgres::PgListener};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

/// Changes a slow watcher may fall behind before it is only told that there were some.
const BACKLOG: usize = 256;
/// How long to wait before listening again after the connection could not be made.
const PAUSE: Duration = Duration::from_millis(500);

/// Hands changes to those who watch.
#[derive(Clone, Debug)]
pub struct Changes {
    /// `None` when changes may have been missed.
    sender: broadcast::Sender<Option<SessionId>>,
    lifecycle: Lifecycle,
}

/// One who watches.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Option<SessionId>>,
    lifecycle: Lifecycle,
}

/// What one who watches hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// This session changed.
    Change(SessionId),
    /// Any session may have changed.
    AnyChange,
    /// The process stops.
    End,
}

impl Changes {
    /// Listens on the given database until the process stops.
    #[must_use]
    pub fn of(pool: &PgPool, lifecycle: &Lifecycle) -> Self {
        let changes = Self { sender: broadcast::channel(BACKLOG).0, lifecycle: lifecycle.clone() };
        let (sender, pool, life) = (changes.sender.clone(), pool.clone(), lifecycle.clone());
        lifecycle.spawn(async move {
            while !life.is_stopping() {
                tokio::select! {
                    Err(error) = listen(&pool, &sender) => {
                        tracing::debug!(%error, "Changes cannot be listened for now");
                    }
                    () = life.stopping() => return,
                }
                life.pause(PAUSE).await;
            }
        });
        changes
    }

    /// Hears everything that changes from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription { receiver: self.sender.subscribe(), lifecycle: self.lifecycle.clone() }
    }
}

impl Subscription {
    /// Waits for the next change.
    pub async fn heard(&mut self) -> Heard {
        tokio::select! {
            change = self.receiver.recv() => match change {
                Ok(Some(session)) => Heard::Change(session),
                Ok(None) | Err(RecvError::Lagged(_)) => Heard::AnyChange,
                Err(RecvError::Closed) => Heard::End,
            },
            () = self.lifecycle.stopping() => Heard::End,
        }
    }
}

async fn listen(pool: &PgPool, sender: &broadcast::Sender<Option<SessionId>>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANGES).await?;
    loop {
        // Between two connections nobody told us anything. Nobody watching is no error.
        let _ = sender.send(None);
        while let Some(change) = listener.try_recv().await? {
            if let Ok(session) = change.payload().parse() {
                let _ = sender.send(Some(session));
            }
        }
    }
}
