//! The topics service over a real Postgres, through its faces.

mod get_topic;
mod list_topics;
mod seed;
mod support;
mod topic_catalog;
