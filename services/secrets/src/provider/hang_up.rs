//! `POST /v1/realtime/calls/{id}/hangup`: a call ends, whatever the browser thinks of it.

use super::{Provider, ProviderCall, ProviderError};
use std::time::Instant;
use tracing::instrument;

/// The call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HungUp {
    /// By us, now.
    Now,
    /// It was over before.
    Before,
}

impl Provider {
    /// Hangs a call up. Asked also while the provider is left alone: a call that goes on costs more than a question.
    #[instrument(name = "provider.hang_up", skip_all, fields(otel.kind = "client", provider = self.kind().as_str()))]
    pub async fn hang_up(&self, call: &ProviderCall) -> Result<HungUp, ProviderError> {
        let begun = Instant::now();
        let answer = match self.answer(self.question(&format!("calls/{}/hangup", call.as_str()))).await {
            Ok(_) => Ok(HungUp::Now),
            Err(ProviderError::Refused { status: 404, .. }) => Ok(HungUp::Before),
            Err(error) => Err(error),
        };
        self.measure("hang_up", begun, &answer);
        answer
    }
}
