//! What nobody needs any more is not kept.

use super::{Secrets, hang_up::KIND};
use crate::store;
use events::catalogue::REMEMBERED_DAYS;
use postgres::StoreError;
use std::time::Duration;
use tracing::instrument;

/// A closed quota counts for a day; it is kept a little longer for whoever looks into a complaint.
const QUOTAS_KEPT: Duration = Duration::from_hours(7 * 24);
/// Longer than any token of an ended login is accepted.
const ENDED_LOGINS_KEPT: Duration = Duration::from_hours(1);
/// Longer than any event about a deleted session can still arrive.
const DELETIONS_KEPT: Duration = Duration::from_hours(REMEMBERED_DAYS as u64 * 24);

impl Secrets {
    /// Forgets old quotas, with their secrets and calls, and old marks of deletions and ended logins. Idempotent; run
    /// on a timer.
    #[instrument(name = "op.secrets.forget", skip_all)]
    pub async fn forget(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut tx = postgres::begin(&self.pool).await?;
        let rows =
            store::forget(&mut tx, now - QUOTAS_KEPT, now - DELETIONS_KEPT, now - ENDED_LOGINS_KEPT).await?;
        let calls = store::calls::forget(&mut tx, now - QUOTAS_KEPT).await?;
        for call in &calls {
            jobs::forget(&mut tx, KIND, &call.to_string()).await?;
        }
        tx.commit().await?;
        Ok(rows + calls.len() as u64)
    }
}
