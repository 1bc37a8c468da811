//! `POST /v1/realtime/client_secrets`: a secret for a browser that calls the provider itself.

use super::{Provider, ProviderError, bounded, wire};
use crate::{client_secret::ClientSecret, pace::Pace};
use ids::LearnerId;
use lesson::Lesson;
use std::time::Instant;
use tracing::instrument;

impl Provider {
    /// Mints a secret for one call in which this lesson is practised.
    #[instrument(name = "provider.client_secrets", skip_all, fields(otel.kind = "client", provider = self.kind().as_str()))]
    pub async fn mint(
        &self,
        learner: LearnerId,
        lesson: &Lesson,
        pace: &Pace,
    ) -> Result<ClientSecret, ProviderError> {
        self.may_be_asked()?;
        let wanted = wire::Wanted::of(lesson, &self.config.models, pace);
        let question = self.question_for(learner, "client_secrets").json(&wanted);
        let begun = Instant::now();
        let answer = async { wire::understood(&bounded(self.answer(question).await?).await?) }.await;
        self.measure("mint", begun, &answer);
        self.pause.heed(&answer);
        answer
    }
}
