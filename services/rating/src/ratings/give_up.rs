//! Giving a rating up until somebody asks again. Nothing but the rating is missing then.

use super::Ratings;
use crate::{
    announcements,
    practice::{Answered, Practice},
    store,
};
use jobs::{FinishError, Lease, Setback};
use postgres::StoreError;

impl Ratings {
    /// Says that a session could not be rated, with the end of its job.
    #[tracing::instrument(
        name = "op.rating.give_up",
        skip_all,
        fields(session.id = %attempted.session, rating.reason = reason)
    )]
    pub(super) async fn give_up(
        &self,
        attempted: &Practice,
        lease: &Lease,
        reason: &'static str,
    ) -> Result<(), Setback> {
        let session = attempted.session;
        let failed = |why: StoreError| Setback::Finish(FinishError::Store(why));
        let mut tx = postgres::begin(&self.pool).await.map_err(|why| failed(why.into()))?;
        let mut practice = store::lock(&mut tx, session, attempted.learner).await.map_err(failed)?;
        if practice.deleted {
            return Ok(());
        }
        practice.rating_revision += 1;
        // What the attempt knew is answered by its failure; what came after it is a reason to try again.
        practice.answered =
            Some(Answered { recording_revision: attempted.recording_revision, requests: attempted.requests });
        store::write(&mut tx, &practice).await.map_err(failed)?;
        let announcement = announcements::failed(session, practice.learner, practice.rating_revision, reason);
        self.outbox.append(&mut tx, &announcement).await.map_err(failed)?;
        jobs::fail(&mut tx, lease, reason).await?;
        tx.commit().await.map_err(|why| failed(why.into()))?;
        metrics::counter!("ratings_total", "outcome" => "failed").increment(1);
        Ok(())
    }
}
