//! A database for one test.

use ids::{EventId, Ids};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::str::FromStr as _;

/// A fresh database with the wanted tables, dropped when the test is over.
#[derive(Debug)]
pub struct Database {
    server: PgConnectOptions,
    name: String,
    pool: PgPool,
}

impl Database {
    /// Makes a database and its tables.
    pub async fn with(migrators: &[&Migrator]) -> Self {
        let server = PgConnectOptions::from_str(&crate::setting("TEST_POSTGRES_URL"))
            .expect("TEST_POSTGRES_URL is a Postgres URL");
        let id: EventId = Ids.mint();
        let name = format!("test_{}", id.as_uuid().simple());
        let mut connection = PgConnection::connect_with(&server).await.expect("the test's Postgres answers");
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}")))
            .execute(&mut connection)
            .await
            .expect("a database can be created");
        let options = server.clone().database(&name);
        let pool = PgPoolOptions::new()
            .max_connections(20)
            .connect_with(options)
            .await
            .expect("the new database answers");
        for migrator in migrators {
            migrator.run(&pool).await.expect("the migrations run");
        }
        Self { server, name, pool }
    }

    /// Connections to it.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A thread of its own, because the test's runtime may be shutting down.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect_with(&server).await.ok()?;
                let statement = format!("drop database if exists {name} with (force)");
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.ok()
            })
        });
        let _ = dropping.join();
    }
}
