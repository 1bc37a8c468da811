//! Work that is put off, and asked for meanwhile.

use jobs::{Jobs, Lease, Setback, Work};
use lifecycle::Lifecycle;
use sqlx::PgPool;
use std::{future, sync::Arc, time::Duration};
use test_kit::{Database, eventually};

const HOUR: Duration = Duration::from_hours(1);

/// Never gets anywhere; somebody asks for it again while it is done for the first time.
struct Fruitless {
    jobs: Jobs,
    pool: PgPool,
}

impl Fruitless {
    async fn asked(&self) {
        let mut connection = self.pool.acquire().await.expect("the database answers");
        self.jobs.ask(&mut connection, Self::KIND, "it", Duration::ZERO).await.expect("it is asked for");
    }
}

impl Work for Fruitless {
    const KIND: &'static str = "fruitless";

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        if lease.attempt == 1 {
            self.asked().await;
        }
        Err(Setback::Again { after: HOUR, reason: "not_yet" })
    }
}

#[tokio::test]
async fn what_was_asked_for_meanwhile_is_done_again_at_once_and_then_waits_its_time() {
    let database = Database::with(&[&jobs::MIGRATOR]).await;
    let (jobs, life) = (Jobs::default(), Lifecycle::new());
    let work = Arc::new(Fruitless { jobs: jobs.clone(), pool: database.pool().clone() });
    jobs::run(&jobs, database.pool(), &life, 1, &work);
    work.asked().await;
    eventually("it is put off for the second time", async || {
        sqlx::query_scalar::<_, bool>(
            "select attempts = 2 and run_at > now() + interval '59 minutes' and leased_until is null from job",
        )
        .fetch_one(database.pool())
        .await
        .expect("the job is there")
        .then_some(())
    })
    .await;
    life.stop();
}

/// Has nothing to do yet.
struct Early;

impl Work for Early {
    const KIND: &'static str = "early";

    async fn work(&self, _: &Lease) -> Result<(), Setback> {
        Err(Setback::NotYet { after: HOUR, reason: "too_early" })
    }
}

#[tokio::test]
async fn work_that_comes_too_early_was_not_tried() {
    let database = Database::with(&[&jobs::MIGRATOR]).await;
    let (jobs, life) = (Jobs::default(), Lifecycle::new());
    jobs::run(&jobs, database.pool(), &life, 1, &Arc::new(Early));
    let mut connection = database.pool().acquire().await.expect("the database answers");
    jobs.ask(&mut connection, Early::KIND, "it", Duration::ZERO).await.expect("it is asked for");
    let attempts = eventually("it is put off", async || {
        sqlx::query_scalar::<_, i32>("select attempts from job where last_error = 'too_early'")
            .fetch_optional(database.pool())
            .await
            .expect("the job is there")
    })
    .await;
    assert_eq!(attempts, 0);
    life.stop();
}

/// Meets what nobody thought of, and then waits for what never comes.
struct Unforeseen;

impl Work for Unforeseen {
    const KIND: &'static str = "unforeseen";
    const LIMIT: Duration = Duration::from_millis(500);

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        if lease.subject == "something else" {
            future::pending::<()>().await;
        }
        assert_ne!(lease.subject, "it", "work that was not written for this");
        Err(Setback::NotYet { after: HOUR, reason: "reached" })
    }
}

#[tokio::test]
async fn a_worker_that_panics_or_hangs_takes_up_what_comes_next() {
    let database = Database::with(&[&jobs::MIGRATOR]).await;
    let (jobs, life) = (Jobs::default(), Lifecycle::new());
    jobs::run(&jobs, database.pool(), &life, 1, &Arc::new(Unforeseen));
    let mut connection = database.pool().acquire().await.expect("the database answers");
    for subject in ["it", "something else", "the next"] {
        jobs.ask(&mut connection, Unforeseen::KIND, subject, Duration::ZERO).await.expect("it is asked for");
    }
    for (subject, reason) in [("it", "panicked"), ("something else", "hung"), ("the next", "reached")] {
        eventually("each is put off for its own reason", async || {
            sqlx::query_scalar::<_, bool>(
                "select true from job where subject = $1 and last_error = $2 and run_at > now() and leased_until is null",
            )
            .bind(subject)
            .bind(reason)
            .fetch_optional(database.pool())
            .await
            .expect("the rows can be read")
        })
        .await;
    }
    life.stop();
}
