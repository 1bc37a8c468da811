//! Watching one session change.

use super::{LookError, Sessions};
use crate::{
    changes::{Heard, Subscription},
    store::{self, Standing},
};
use futures::{Stream, stream};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::Instant;

/// How often a watcher hears that it is still connected. The session is read then as well, so that a change whose wake-up
/// was lost shows, too.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// What a watcher sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// How the session stands now.
    Standing(Standing),
    /// Nothing new.
    Nothing,
    /// It was deleted; nothing follows.
    Deleted,
}

/// Somebody who watches a session.
#[derive(Debug)]
pub struct Watch {
    pool: PgPool,
    learner: LearnerId,
    session: SessionId,
    changes: Subscription,
    last: Standing,
    heartbeat: Instant,
    over: bool,
}

impl Sessions {
    /// Watches the learner's session.
    pub async fn watch(&self, learner: LearnerId, session: SessionId) -> Result<Watch, LookError> {
        // Subscribed before it is read, so that no change falls between the two.
        let changes = self.changes.subscribe();
        let last = read(&self.pool, learner, session).await?.ok_or(LookError::NotFound { session })?;
        let heartbeat = Instant::now() + HEARTBEAT;
        Ok(Watch { pool: self.pool.clone(), learner, session, changes, last, heartbeat, over: false })
    }
}

impl Watch {
    /// How the session stands, and then everything that is seen, until it is deleted or the process stops.
    pub fn seen(self) -> impl Stream<Item = Seen> + Send + 'static {
        let first = Seen::Standing(self.last);
        let rest = stream::unfold(self, |mut watch| async move {
            let seen = watch.next().await?;
            Some((seen, watch))
        });
        futures::StreamExt::chain(stream::iter([first]), rest)
    }

    async fn next(&mut self) -> Option<Seen> {
        if self.over {
            return None;
        }
        let woken = loop {
            tokio::select! {
                heard = self.changes.heard() => match heard {
                    Heard::Change(session) if session == self.session => break true,
                    Heard::Change(_) => {}
                    Heard::AnyChange => break false,
                    Heard::End => return None,
                },
                () = tokio::time::sleep_until(self.heartbeat) => break false,
            }
        };
        self.heartbeat = Instant::now() + HEARTBEAT;
        match read(&self.pool, self.learner, self.session).await {
            Ok(Some(standing)) if woken || standing != self.last => {
                self.last = standing;
                Some(Seen::Standing(standing))
            }
            Ok(None) => {
                self.over = true;
                Some(Seen::Deleted)
            }
            // Without an answer of the database nothing is known to have changed; the next heartbeat looks again.
            Ok(Some(_)) | Err(_) => Some(Seen::Nothing),
        }
    }
}

async fn read(pool: &PgPool, learner: LearnerId, session: SessionId) -> Result<Option<Standing>, StoreError> {
    let mut connection = pool.acquire().await?;
    store::standing(&mut connection, session, learner).await
}
