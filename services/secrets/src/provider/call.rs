//! `POST /v1/realtime/calls`: a call with a browser's offer, made with our key.

use super::{Provider, ProviderError, bounded, wire};
use crate::{
    offer::{self, Offer},
    pace::Pace,
};
use ids::LearnerId;
use lesson::Lesson;
use reqwest::{
    Response,
    header::LOCATION,
    multipart::{Form, Part},
};
use std::{
    fmt,
    time::{Duration, Instant},
};
use tracing::instrument;

/// How the provider knows a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderCall(String);

/// The text names no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text names no call")]
pub struct NoCall;

impl ProviderCall {
    /// A name that can stand in a path as it is.
    pub fn read(text: &str) -> Result<Self, NoCall> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if (1..=128).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoCall)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A call that the provider has answered. What it answered is the browser's business and does not print.
pub struct Answered {
    /// How the provider knows the call.
    pub call: ProviderCall,
    /// Its answer to the offer.
    pub sdp: Vec<u8>,
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered").field("call", &self.call).finish_non_exhaustive()
    }
}

impl Provider {
    /// Calls with this offer, so that this lesson is practised. The answer is there `within` that time or not at all.
    #[instrument(name = "provider.calls", skip_all, fields(otel.kind = "client", provider = self.kind().as_str()))]
    pub async fn call(
        &self,
        learner: LearnerId,
        lesson: &Lesson,
        pace: &Pace,
        offer: &Offer,
        within: Duration,
    ) -> Result<Answered, ProviderError> {
        self.may_be_asked()?;
        let begun = Instant::now();
        let answer =
            self.place(learner, &wire::session(lesson, &self.config.models, pace), offer, within).await;
        self.measure("call", begun, &answer);
        self.pause.heed(&answer);
        answer
    }

    async fn place(
        &self,
        learner: LearnerId,
        session: &str,
        offer: &Offer,
        within: Duration,
    ) -> Result<Answered, ProviderError> {
        let offer = offer.bytes();
        let length = offer.len() as u64;
        let part = |part: Part, kind| part.mime_str(kind).expect("a media type of ours is one");
        let form = Form::new()
            .part("sdp", part(Part::stream_with_length(offer, length), "application/sdp"))
            .part("session", part(Part::text(session.to_owned()), "application/json"));
        let question = self.question_for(learner, "calls").multipart(form).timeout(within);
        let response = self.answer(question).await?;
        let call = named(&response)?;
        let sdp = bounded(response).await?;
        if offer::looks_right(&sdp) {
            Ok(Answered { call, sdp })
        } else {
            // Nobody can connect to such a call: it ends by itself.
            Err(ProviderError::Garbled { what: "it answers no offer" })
        }
    }
}

/// The last part of the address at which the provider keeps the call.
fn named(response: &Response) -> Result<ProviderCall, ProviderError> {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    location
        .and_then(|address| address.rsplit('/').next())
        .and_then(|name| ProviderCall::read(name).ok())
        .ok_or(ProviderError::Garbled { what: "it names no call" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_call_leads_nowhere_else() {
        assert!(ProviderCall::read("rtc_Qk3v9Zt1").is_ok());
        for text in ["", "..", "a/b", "a?b", "a%2fb", "a b", &"x".repeat(129)] {
            assert_eq!(ProviderCall::read(text), Err(NoCall), "{text}");
        }
    }
}
