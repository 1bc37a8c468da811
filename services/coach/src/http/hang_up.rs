//! `POST /v1/realtime/calls/{id}/hangup`: a server ends a call.

use std::sync::Arc;

use axum::extract::{RawPathParams, State};
use http::{HeaderMap, StatusCode};

use super::Refusal;
use crate::app::Coach;

pub(super) async fn hang_up(
    State(coach): State<Arc<Coach>>,
    headers: HeaderMap,
    path: RawPathParams,
) -> Result<StatusCode, Refusal> {
    coach.key.check(&headers)?;
    let id = path.iter().find(|(name, _)| *name == "id").map(|(_, id)| id);
    if id.is_some_and(|id| coach.calls.hang_up(id)) {
        Ok(StatusCode::OK)
    } else {
        Err(Refusal::no_such_call())
    }
}
