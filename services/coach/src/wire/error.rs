//! Errors, over HTTP and on the data channel.

use serde::{Deserialize, Serialize};

/// The body of every HTTP error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong, over HTTP or in an `error` event. Here `null` is part of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// For people.
    pub message: String,
    /// The family, nearly always `invalid_request_error`.
    pub r#type: String,
    /// Which value was wrong.
    pub param: Option<String>,
    /// For programs.
    pub code: Option<String>,
    /// The client event that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
}

impl ErrorDetail {
    /// A mistake of the caller.
    pub fn invalid(code: &str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            r#type: "invalid_request_error".to_owned(),
            param: None,
            code: Some(code.to_owned()),
            event_id: None,
        }
    }

    /// Names the value that was wrong.
    #[must_use]
    pub fn about(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }
}
