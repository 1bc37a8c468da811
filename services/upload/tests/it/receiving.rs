//! A recording arrives.

use crate::support::{TestApp, media};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use ids::Ids;
use reqwest::{Body, Method};
use sha2::{Digest as _, Sha256};
use std::{convert::Infallible, time::Duration};
use test_kit::eventually;

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn what_chromium_records_is_stored_as_it_came_and_can_be_played_and_seeked() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = media::webm();

    let answer = maya.uploads("audio/webm;codecs=opus", recording.clone()).await.is(201).json();
    assert_eq!(answer["bytes"], recording.len());
    assert_eq!(answer["sha256"], hexadecimal(&recording));
    assert_eq!(answer["audio_url"], format!("/api/sessions/{}/audio", maya.session));
    assert_eq!(answer["peaks_url"], format!("/api/sessions/{}/audio/peaks", maya.session));
    assert_eq!(answer["state"], "processing");

    let told = maya.recording_is_announced().await;
    assert_eq!(told.learner_id, maya.learner.to_string());
    assert_eq!((told.revision, told.media_type.as_str()), (1, "audio/webm"));
    assert_eq!(told.channel_layout, "learner_left_coach_right");
    assert!((1950..=2050).contains(&told.duration_ms), "{}", told.duration_ms);
    assert_eq!(told.warnings, [""; 0]);

    let played = maya.gets("audio", &[]).await.is(200);
    assert_eq!(played.body.len() as u64, told.bytes);
    assert_eq!(media::stated_duration_ms(&recording), None, "the recorder knew no duration");
    let stated = media::stated_duration_ms(&played.body).expect("what is played knows its duration");
    assert!((1950.0..=2050.0).contains(&stated), "{stated}");
}

#[tokio::test]
async fn what_safari_records_is_stored_and_played() {
    let app = TestApp::start().await;
    for recording in [media::mp4(), media::mp4_with_its_header_last()] {
        let maya = app.learner_in_a_session();
        maya.uploads("audio/mp4", recording).await.is(201);
        let told = maya.recording_is_announced().await;
        assert_eq!((told.media_type.as_str(), told.warnings.len()), ("audio/mp4", 0));
        for path in ["audio", "audio?format=mp4"] {
            let played = maya.gets(path, &[]).await.is(200);
            assert_eq!(played.header("content-type"), "audio/mp4");
            assert!(media::stated_duration_ms(&played.body).is_some());
        }
    }
}

#[tokio::test]
async fn the_same_bytes_again_get_the_same_answer_and_others_are_refused() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = media::webm();
    let first = maya.uploads("audio/webm", recording.clone()).await.is(201).json();
    maya.recording_is_announced().await;

    let again = maya.uploads("audio/webm", recording.clone()).await.is(200).json();
    assert_eq!((&again["sha256"], &again["bytes"]), (&first["sha256"], &first["bytes"]));
    assert_eq!(again["state"], "ready");

    let objects = app.s3.objects().len();
    maya.uploads("audio/webm", media::padded(&recording, 8)).await.refused_with(409, "recording-exists");
    assert_eq!((app.s3.objects().len(), app.media_rows().await), (objects, 1));
    assert_eq!(app.announced_recordings().await.len(), 1);
}

#[tokio::test]
async fn of_recordings_sent_at_once_one_stays() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recording = media::webm();
    let sent = (0..8).map(|at| {
        let body = if at % 2 == 0 { recording.clone() } else { media::padded(&recording, 8 * at) };
        maya.uploads("audio/webm", body)
    });
    let answers = futures::future::join_all(sent).await;
    let counted = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
    assert_eq!(counted(201), 1);
    assert_eq!(counted(201) + counted(200) + counted(409), 8);
    eventually("one object is left", async || (app.s3.objects().len() == 1).then_some(())).await;
    eventually("one row is left", async || (app.media_rows().await == 1).then_some(())).await;
}

#[tokio::test]
async fn a_large_recording_is_never_in_memory_but_for_two_parts() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recording = media::padded(&media::webm(), 60 * 1024 * 1024);
    let pieces: Vec<Result<Bytes, Infallible>> =
        recording.chunks(1024 * 1024).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let given = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = given.clone();
    let body = Body::wrap_stream(stream::iter(pieces).inspect(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }));

    app.s3.holds_parts();
    let sent = maya.uploads("audio/webm", body);
    let watched = async {
        eventually("two parts are on their way", async || (app.s3.parts_now() == 2).then_some(())).await;
        // Whatever more is read than two parts lies in sockets, not in a third part.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let given = given.load(std::sync::atomic::Ordering::SeqCst);
        assert!(given < 40, "{given} MiB were taken while 16 MiB were on their way");
        assert_eq!(app.s3.parts_seen(), 2);
        app.s3.lets_parts_pass();
    };
    let (answer, ()) = tokio::join!(sent, watched);

    assert_eq!(answer.is(201).json()["sha256"], hexadecimal(&recording));
    assert_eq!((app.s3.parts_most(), app.s3.parts_seen()), (2, 8));
    let played = maya.gets("audio", &[]).await.is(200);
    assert_eq!(hexadecimal(&played.body), hexadecimal(&recording));
}

#[tokio::test]
async fn a_browser_that_vanishes_leaves_nothing() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recording = media::padded(&media::webm(), 20 * 1024 * 1024);
    let begun = Bytes::from(recording[..18 * 1024 * 1024].to_vec());
    let endless = stream::once(async { Ok::<_, Infallible>(begun) }).chain(stream::pending());
    let request = maya
        .request(Method::POST, "upload")
        .header("content-type", "audio/webm")
        .body(Body::wrap_stream(endless));
    let sent = async { drop(request.send().await) };
    let seen = eventually("two parts are in storage", async || (app.s3.parts_seen() == 2).then_some(()));
    tokio::select! {
        () = sent => panic!("the request cannot end"),
        () = seen => {}
    }
    eventually("storage and rows are empty", async || {
        (app.s3.leftovers().is_empty() && app.media_rows().await == 0).then_some(())
    })
    .await;
    maya.uploads("audio/webm", media::webm()).await.is(201);
}

#[tokio::test]
async fn while_sessions_is_silent_what_it_said_before_counts() {
    let app = TestApp::without_workers().await;
    let (maya, ben) = (app.learner_in_a_session(), app.learner_in_a_session());
    app.hears_started(Ids.mint(), maya.started("keep")).await;
    app.sessions.falls_silent();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    let refused = ben.uploads("audio/webm", media::webm()).await.refused_with(503, "service-unavailable");
    assert_ne!(refused.header("retry-after"), "");
    app.stranger_in(maya.session).uploads("audio/webm", media::webm()).await.refused_with(404, "not-found");
    maya.gets("audio", &[]).await.is(200);
}
