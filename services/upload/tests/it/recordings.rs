//! Other services read recordings, and only for their owners.

use crate::support::{TestApp, media};
use ids::Ids;
use tonic::Code;

#[tokio::test]
async fn another_service_reads_what_was_announced() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    let told = maya.recording_is_announced().await;

    let mut recordings = app.recordings().await;
    let facts = recordings.get_recording(maya.asked()).await.expect("it is there").into_inner();
    assert_eq!((facts.medium_id, facts.revision), (told.medium_id, told.revision));
    assert_eq!((facts.duration_ms, facts.bytes), (told.duration_ms, told.bytes));
    assert_eq!((facts.media_type, facts.channel_layout), (told.media_type, told.channel_layout));

    let mut chunks = recordings.read_recording(maya.asked()).await.expect("it is read").into_inner();
    let mut read = Vec::new();
    while let Some(chunk) = chunks.message().await.expect("a chunk") {
        assert!(chunk.data.len() <= 64 * 1024);
        read.extend(chunk.data);
    }
    assert_eq!(read.len() as u64, facts.bytes);
    assert_eq!(read, maya.gets("audio", &[]).await.is(200).body);
}

#[tokio::test]
async fn a_recording_is_not_found_for_others_nor_before_it_is_announced_nor_once_deleted() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let mut recordings = app.recordings().await;
    let asked = maya.asked();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    assert_eq!(recordings.get_recording(asked.clone()).await.unwrap_err().code(), Code::NotFound);

    app.start_workers();
    maya.recording_is_announced().await;
    recordings.get_recording(asked.clone()).await.expect("it is there");
    let other = app.stranger_in(maya.session).asked();
    assert_eq!(recordings.get_recording(other.clone()).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(recordings.read_recording(other).await.unwrap_err().code(), Code::NotFound);

    app.hears_deleted(Ids.mint(), maya.session).await;
    assert_eq!(recordings.get_recording(asked.clone()).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(recordings.read_recording(asked).await.unwrap_err().code(), Code::NotFound);
}
