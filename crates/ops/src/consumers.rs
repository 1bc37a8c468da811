//! `ops consumers`: how far behind each consumer is.

use crate::{broker, report::Report, table::table};
use clock::Clock;
use event_bus::{Lag, LagState};

/// Every consumer of the catalogue; fails when the broker has not all of them.
pub async fn consumers() -> anyhow::Result<Report> {
    let lags = broker::connected().await?.lags().await?;
    let header = ["consumer", "pending", "unacknowledged", "redelivered", "last delivered"];
    let rows: Vec<_> = lags.iter().map(row).collect();
    Ok(Report::new(table(header, &rows)).when(lags.iter().all(|lag| lag.state.is_some())))
}

fn row(lag: &Lag) -> [String; 5] {
    let cells = match &lag.state {
        Some(state) => [
            state.pending.to_string(),
            state.unacknowledged.to_string(),
            state.redelivered.to_string(),
            last_delivered(state),
        ],
        None => ["missing", "-", "-", "-"].map(str::to_owned),
    };
    let [pending, unacknowledged, redelivered, delivered] = cells;
    [lag.consumer.to_owned(), pending, unacknowledged, redelivered, delivered]
}

fn last_delivered(state: &LagState) -> String {
    state.delivered_at.map_or_else(
        || "never".to_owned(),
        |at| format!("{} s ago", (Clock::System.now() - at).whole_seconds().max(0)),
    )
}
