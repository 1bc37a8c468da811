//! Conversation items.

use serde::{Deserialize, Serialize};

/// One entry of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `item_…`, or what the client chose.
    #[serde(default)]
    pub id: String,
    /// Always `realtime.item`.
    #[serde(default = "object")]
    pub object: String,
    /// `message`, or a function call the coach keeps but never makes.
    pub r#type: String,
    /// Who speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// How far it is.
    #[serde(default)]
    pub status: ItemStatus,
    /// What is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<Content>>,
    /// Of a function call and its output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Of a function call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a function call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// Of a function call's output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

fn object() -> String {
    "realtime.item".to_owned()
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The learner.
    User,
    /// The coach.
    Assistant,
    /// The application.
    System,
}

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// Nothing more will come.
    #[default]
    Completed,
    /// It was cut.
    Incomplete,
    /// It is being made.
    InProgress,
}

/// One piece of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Text from the application or the learner.
    InputText {
        /// The text.
        text: String,
    },
    /// Speech of the learner.
    InputAudio {
        /// What was said; `null` until it is known.
        #[serde(default)]
        transcript: Option<String>,
    },
    /// Text of the coach.
    OutputText {
        /// The text.
        text: String,
    },
    /// Speech of the coach.
    OutputAudio {
        /// What was said, as far as it was heard.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transcript: Option<String>,
    },
}

impl Content {
    /// The words, where there are any.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::InputText { text } | Self::OutputText { text } => Some(text),
            Self::InputAudio { transcript } | Self::OutputAudio { transcript } => transcript.as_deref(),
        }
    }
}

impl Item {
    /// A message.
    pub fn message(id: String, role: Role, status: ItemStatus, content: Vec<Content>) -> Self {
        Self {
            id,
            object: object(),
            r#type: "message".to_owned(),
            role: Some(role),
            status,
            content: Some(content),
            call_id: None,
            name: None,
            arguments: None,
            output: None,
        }
    }

    /// All words of the item.
    pub fn words(&self) -> Option<String> {
        let words: Vec<&str> = self.content.iter().flatten().filter_map(Content::words).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}
