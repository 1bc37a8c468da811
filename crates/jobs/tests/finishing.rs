//! Work that is done.

use jobs::{Jobs, Lease, Setback, Work};
use lifecycle::Lifecycle;
use sqlx::PgPool;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use test_kit::{Database, eventually};

/// Is asked for again while it is done for the first time.
struct Wanted {
    jobs: Jobs,
    pool: PgPool,
    times: AtomicUsize,
}

impl Wanted {
    async fn asked(&self) {
        let mut connection = self.pool.acquire().await.expect("the database answers");
        self.jobs.ask(&mut connection, Self::KIND, "it", Duration::ZERO).await.expect("it is asked for");
    }
}

impl Work for Wanted {
    const KIND: &'static str = "wanted";

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        if self.times.fetch_add(1, SeqCst) == 0 {
            self.asked().await;
        }
        let mut connection = self.pool.acquire().await.expect("the database answers");
        Ok(jobs::complete(&mut connection, lease).await?)
    }
}

#[tokio::test]
async fn what_was_asked_for_meanwhile_is_done_again_and_what_is_done_leaves_nothing() {
    let database = Database::with(&[&jobs::MIGRATOR]).await;
    let (jobs, life) = (Jobs::default(), Lifecycle::new());
    let work =
        Arc::new(Wanted { jobs: jobs.clone(), pool: database.pool().clone(), times: AtomicUsize::new(0) });
    work.asked().await;
    jobs::run(&jobs, database.pool(), &life, 2, &work);
    eventually("nothing is left to do", async || {
        let left = sqlx::query_scalar::<_, i64>("select count(*) from job").fetch_one(database.pool());
        (left.await.expect("a count") == 0).then_some(())
    })
    .await;
    assert_eq!(work.times.load(SeqCst), 2);
    life.stop();
}
