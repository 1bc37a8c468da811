#![doc = include_str!("../README.md")]

mod announcements;
mod app;
mod blocks;
mod bucket;
mod checksum;
mod config;
mod consumers;
mod ffmpeg;
mod grpc;
mod http;
mod media;
mod medium;
mod registry;
mod scratch;
mod store;
mod take;

pub use app::Upload;
pub use bucket::Bucket;
pub use config::{Config, Programs};
pub use consumers::{SessionDeletedEar, SessionFinalizedEar, SessionStartedEar};
pub use ffmpeg::Ffmpeg;
pub use grpc::RecordingsFace;
pub use http::{Face, openapi, routes};
pub use media::{Erase, Join, Media, Parts, Process, Seal};
pub use registry::Registry;

/// The tables of media.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/upload");
