//! The upload service against a real Postgres, a real S3 wire and the real ffmpeg.

mod deleting;
mod joining_takes;
mod openapi;
mod playing;
mod processing;
mod receiving;
mod recordings;
mod refusing;
mod refusing_takes;
mod sending_takes;
mod storage_failing;
mod support;
