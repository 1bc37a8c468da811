//! `ops trace`: the trace of a practice, as a tree.

mod tree;

use crate::{report::Report, session};
use anyhow::Context as _;
use environment::{ConfigError, Environment};
use ids::SessionId;
use std::time::Duration;
use tree::{Answer, tree};
use url::Url;

/// How long the trace backend is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where traces are looked at.
pub fn backend(env: &Environment) -> Result<Url, ConfigError> {
    env.url(
        "TRACES_URL",
        "URL of the trace backend, with Jaeger's pages and query API",
        "http://127.0.0.1:16686",
    )
}

/// The trace's id and its page, then its spans if the backend answers. Without them the command fails.
pub async fn trace(session: SessionId) -> anyhow::Result<Report> {
    let backend = backend(&Environment::of_this_process("ops"))?;
    let trace = session::trace_of(session).await?;
    let page = page(&backend, &["trace", &trace])?;
    let report = Report::new(format!("{trace}\n{page}"));
    match spans(&backend, &trace).await {
        Ok(tree) => Ok(report.line(&tree)),
        Err(error) => Ok(report.line(&format!("{error:#}")).when(false)),
    }
}

async fn spans(backend: &Url, trace: &str) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let asked = client.get(page(backend, &["api", "traces", trace])?).send();
    let answer = asked.await.context("the trace backend gives no answer")?;
    anyhow::ensure!(answer.status() != reqwest::StatusCode::NOT_FOUND, "the trace backend does not have it");
    let answer: Answer =
        answer.error_for_status()?.json().await.context("the trace backend answers otherwise")?;
    let trace = answer.data.into_iter().next().context("the trace backend does not have it")?;
    Ok(tree(trace))
}

/// A page below the backend's own, wherever that lies.
fn page(backend: &Url, path: &[&str]) -> anyhow::Result<Url> {
    let mut page = backend.clone();
    match page.path_segments_mut() {
        Ok(mut segments) => segments.pop_if_empty().extend(path),
        Err(()) => anyhow::bail!("setting TRACES_URL has no pages below it"),
    };
    Ok(page)
}
