//! What an account looks like from outside, to its own learner.

use crate::{account::Account, practice::Patience};
use clock::Timestamp;
use ids::LearnerId;
use serde::Serialize;
use utoipa::ToSchema;

/// The learner who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// The learner's id.
    pub id: LearnerId,
    /// The address they sign in with.
    pub email: String,
    /// What they are called.
    pub display_name: String,
    /// What else they may do: everybody may practise.
    pub roles: Vec<String>,
    /// When they registered.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How they like to practise.
    pub practice: PracticeView,
}

/// How a learner likes to practise.
#[derive(Debug, Serialize, ToSchema)]
pub struct PracticeView {
    /// How long the coach waits.
    pub patience: Patience,
    /// Whether the learner says by hand when they speak.
    pub push_to_talk: bool,
    /// How fast the coach speaks, as a factor of the pace of the topic's level: 0.7 to 1.3.
    pub coach_speed: f64,
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email.as_str().to_owned(),
            display_name: account.display_name.as_str().to_owned(),
            roles: account.roles,
            created_at: account.created_at,
            practice: PracticeView {
                patience: account.practice.patience,
                push_to_talk: account.practice.push_to_talk,
                coach_speed: account.practice.coach_speed.factor(),
            },
        }
    }
}
