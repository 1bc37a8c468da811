//! Storage fails, and nothing that was acknowledged is lost.

use crate::{
    sending_takes::{noise, stored},
    support::{Odd, PATIENCE, TestApp, media},
};
use ids::Ids;
use std::{path::PathBuf, time::Duration};
use test_kit::eventually;
use tokio::time::Instant;

const PART: usize = 8 * 1024 * 1024;

#[tokio::test]
async fn storage_that_comes_back_in_time_is_not_noticed() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = media::padded(&media::webm(), 20 * 1024 * 1024);
    app.s3.holds_parts();
    let sent = maya.uploads("audio/webm", recording.clone());
    let cut = async {
        eventually("a part is on its way", async || (app.s3.parts_now() > 0).then_some(())).await;
        app.s3.refuses(4);
        app.s3.lets_parts_pass();
    };
    let (answer, ()) = tokio::join!(sent, cut);
    answer.is(201);
    maya.recording_is_announced().await;
    let kept = maya.uploads("audio/webm", recording).await.is(200);
    assert_eq!(kept.json()["state"], "ready");
}

#[tokio::test]
async fn storage_that_stays_away_means_nothing_is_acknowledged_and_nothing_left() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    app.s3.refuses(i64::MAX);
    let recording = media::padded(&media::webm(), 10 * 1024 * 1024);
    maya.uploads("audio/webm", recording.clone()).await.refused_with(503, "service-unavailable");
    app.s3.refuses(0);
    app.media.sweep(Duration::ZERO).await.expect("what is left is cleared away");
    assert_eq!((app.s3.leftovers(), app.media_rows().await), (Vec::new(), 0));
    maya.uploads("audio/webm", recording).await.is(201);
}

#[tokio::test]
async fn a_completion_whose_answer_is_lost_is_seen_from_what_lies_there() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    app.s3.loses_the_next_completion();
    maya.uploads("audio/webm", media::padded(&media::webm(), 20 * 1024 * 1024)).await.is(201);
    maya.recording_is_announced().await;
    assert_eq!(app.announced_recordings().await.len(), 1);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test writes what a killed process leaves")]
async fn a_whole_recording_whose_receiver_died_is_kept() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = media::webm();
    maya.uploads("audio/webm", recording.clone()).await.is(201);
    maya.recording_is_announced().await;
    // As if the process had been killed between the last byte and the commit.
    sqlx::query("update medium set state = 'receiving', revision = 0, stored_at = null")
        .execute(app.pool())
        .await
        .expect("the row is set back");
    sqlx::query("delete from outbox").execute(app.pool()).await.expect("nothing was said");

    app.media.sweep(Duration::ZERO).await.expect("storage answers");
    let told = maya.recording_is_announced().await;
    assert_eq!(told.revision, 1);
    maya.uploads("audio/webm", recording).await.is(200);
    assert_eq!(app.announced_recordings().await.len(), 1);
}

#[tokio::test]
async fn a_damaged_object_is_not_played_as_if_it_were_whole() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.recording_is_announced().await;
    for object in app.s3.objects() {
        let bytes = std::fs::read(&object).expect("the object");
        std::fs::write(&object, &bytes[..bytes.len() / 2]).expect("it is cut");
    }
    maya.gets("audio", &[]).await.refused_with(500, "internal");
}

#[tokio::test]
async fn a_recording_that_storage_changed_is_announced_as_corrupted() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    for object in app.s3.objects() {
        let mut bytes = std::fs::read(&object).expect("the object");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&object, bytes).expect("it is changed");
    }
    app.start_workers();
    let told = maya.recording_is_announced().await;
    assert_eq!(told.warnings, ["post_processing_failed", "corrupted"]);
}

/// F31, scaled: connections are refused for longer than one request waits.
#[tokio::test]
async fn a_take_goes_on_by_itself_when_storage_listens_again() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(2 * PART + 700);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    maya.recorder().sends(&take, 0, sound[..PART + 300].to_vec()).await.is(204);
    app.s3.goes_away();
    let refused = maya.recorder().sends(&take, PART + 300, sound[PART + 300..].to_vec()).await;
    refused.refused_with(503, "service-unavailable");
    let at = maya.recorder().offset(&take).await;
    assert!(at >= PART + 300, "{at} bytes of those that were acknowledged");
    app.s3.comes_back();
    maya.recorder().sends(&take, at, sound[at..].to_vec()).await.is(204);
    assert_eq!(stored(&app, &take).await, sound);
}

/// F32: storage takes the bytes and says nothing for longer than a request waits.
#[tokio::test]
async fn storage_that_stalls_is_given_up_on_in_time_and_a_take_goes_on_when_it_is_well() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(4 * PART + 700);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    maya.recorder().sends(&take, 0, sound[..PART + 300].to_vec()).await.is(204);
    app.s3.stalls();
    let since = Instant::now();
    let refused = maya.recorder().sends(&take, PART + 300, sound[PART + 300..].to_vec()).await;
    refused.refused_with(503, "service-unavailable");
    let waited = since.elapsed();
    assert!((PATIENCE..3 * PATIENCE).contains(&waited), "{waited:?}");
    let at = maya.recorder().offset(&take).await;
    assert!((PART + 300..2 * PART).contains(&at), "{at}: what was acknowledged, and no part that stalled");
    app.s3.goes_on();
    maya.recorder().sends(&take, at, sound[at..].to_vec()).await.is(204);
    assert_eq!(stored(&app, &take).await, sound);
}

/// F32: a part stalls and storage is well again before anybody gives up.
#[tokio::test]
async fn a_part_that_stalls_is_sent_again_and_stored_once() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(3 * PART + 5);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    maya.recorder().sends(&take, 0, sound[..PART].to_vec()).await.is(204);
    app.s3.stalls();
    let recorder = maya.recorder();
    let well = async {
        eventually("two parts stall", async || (app.s3.parts_now() == 2).then_some(())).await;
        app.s3.goes_on();
    };
    let (answer, ()) = tokio::join!(recorder.sends(&take, PART, sound[PART..].to_vec()), well);
    answer.is(204);
    assert_eq!(stored(&app, &take).await, sound);
    assert_eq!(app.s3.parts_seen(), 4 + 2, "four parts, two of them twice");
}

/// F37, on the way there: storage compares a part with the hash it is kept under, and does not take another.
#[tokio::test]
async fn a_part_that_changed_on_its_way_into_storage_is_sent_again() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(2 * PART);
    app.s3.changes_the_next_part();
    let take = maya.recorder().records(0, &sound).await;
    assert_eq!(stored(&app, &take).await, sound);
    assert_eq!(app.s3.parts_seen(), 3, "two parts, one of them twice");
}

/// F33: of requests that change something nearly a third fail; each costs one more and no take.
#[tokio::test]
async fn a_third_of_failing_requests_costs_no_more_than_they_are() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    app.s3.fails(30);
    let mut parts = 0;
    for bytes in [10, PART - 1, PART, PART + 1, 2 * PART + 5, 3 * PART, 100, PART + PART / 2] {
        let sound = noise(bytes);
        let take = maya.recorder().records(0, &sound).await;
        assert_eq!(stored(&app, &take).await, sound, "{bytes}");
        parts += bytes.div_ceil(PART);
    }
    assert!(app.s3.failed_parts() > 0, "chance struck");
    assert_eq!(app.s3.parts_seen(), parts, "what arrived is not sent again");
}

/// F34: a completion goes wrong in every other way, carried out or not.
#[tokio::test]
async fn an_odd_answer_to_a_completion_loses_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    for odd in [Odd::ErrorWithin200, Odd::BrokenOff, Odd::WentWell] {
        for done in [true, false] {
            let sound = noise(PART + 9);
            app.s3.completes_oddly(odd, done);
            let take = maya.recorder().records(0, &sound).await;
            assert_eq!(stored(&app, &take).await, sound, "{odd:?} {done}");
        }
    }
}

/// What came in one request is not read again: that all of it is there, storage says when it is asked once more.
#[tokio::test]
async fn storage_that_says_it_is_done_is_not_believed() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = media::padded(&media::webm(), PART);
    app.s3.completes_oddly(Odd::WentWell, false);
    maya.uploads("audio/webm", sound.clone()).await.is(500);
    maya.uploads("audio/webm", sound).await.is(201);
    maya.recording_is_announced().await;
    maya.gets("audio", &[]).await.is(200);
}

/// F36: there is no room for files. Takes need none; what is made of them waits for room.
#[tokio::test]
async fn a_disk_without_room_costs_time_only() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let scratch = app.scratch.path();
    std::fs::remove_dir_all(scratch).expect("the folder goes");
    std::fs::write(scratch, "").expect("a file is in its place");
    let sound = media::padded(&media::webm(), PART);
    let take = maya.recorder().records(0, &sound).await;
    assert_eq!(maya.recorder().offset(&take).await, sound.len());
    assert_eq!(stored(&app, &take).await, sound);
    app.hears_finalized(Ids.mint(), maya.session).await;
    eventually("joining is put off", async || put_off(&app, "scratch_not_written").await.then_some(())).await;
    assert!(app.announced_recordings().await.is_empty());

    std::fs::remove_file(scratch).expect("the file goes");
    std::fs::create_dir(scratch).expect("there is room again");
    let told = maya.recording_is_announced().await;
    assert_eq!((told.revision, told.warnings.len()), (1, 0));
}

/// F37: of anything that is played, a byte that changed in storage is never given out.
#[tokio::test]
async fn no_byte_that_storage_changed_is_played() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::long_webm()).await.is(201);
    maya.recording_is_announced().await;
    let whole = maya.gets("audio", &[]).await.is(200).body;
    assert!(whole.len() > 128 * 1024, "most of it lies behind the first block");
    let file = holding(&app, &whole);
    let (mut seen, tries) = (0, 100);
    for number in 0..tries {
        let mut damaged = whole.clone();
        damaged[number * (whole.len() - 1) / (tries - 1)] ^= 1 << (number % 8);
        std::fs::write(&file, &damaged).expect("it is changed");
        seen += usize::from(!gives_out(&maya.request(reqwest::Method::GET, "audio"), &damaged).await);
        let at = number * (whole.len() - 1) / (tries - 1);
        let range = format!("bytes={at}-{}", whole.len() - 1);
        let part = maya.request(reqwest::Method::GET, "audio").header("range", range);
        assert!(!gives_out(&part, &damaged[at..]).await, "a range that begins with it");
    }
    assert_eq!(seen, tries);
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&file, &whole[..length]).expect("it is cut");
        assert!(!gives_out(&maya.request(reqwest::Method::GET, "audio"), &whole[..length]).await, "{length}");
    }
    std::fs::write(&file, &whole).expect("it is mended");
    assert_eq!(maya.gets("audio", &[]).await.is(200).body, whole);
}

/// Whoever listens hears of it in time, before the first byte or behind it.
#[tokio::test]
async fn storage_that_falls_silent_is_not_waited_for_while_a_recording_is_played() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::long_webm()).await.is(201);
    maya.recording_is_announced().await;
    for (bytes, status) in [(0, 503), (128 * 1024, 200)] {
        app.s3.falls_silent_after(bytes);
        let began = Instant::now();
        let answer = maya.request(reqwest::Method::GET, "audio").send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{bytes} bytes");
        assert_eq!(answer.bytes().await.is_err(), status == 200, "what broke off is not whole");
        assert!(began.elapsed() >= PATIENCE, "it was given its time");
    }
    maya.gets("audio", &[]).await.is(200);
}

/// Whether a job waits for that reason.
async fn put_off(app: &TestApp, reason: &str) -> bool {
    let found = sqlx::query_scalar("select exists (select from job where last_error = $1)").bind(reason);
    found.fetch_one(app.pool()).await.expect("a row")
}

/// The file of the object that holds these bytes.
fn holding(app: &TestApp, bytes: &[u8]) -> PathBuf {
    let objects = app.s3.objects().into_iter();
    let mut found = objects.filter(|object| std::fs::read(object).expect("an object") == bytes);
    found.next().expect("it is one of the objects")
}

/// Whether somebody who asks gets these bytes, as if they were whole.
async fn gives_out(request: &reqwest::RequestBuilder, bytes: &[u8]) -> bool {
    let request = request.try_clone().expect("it has no body");
    let Ok(answer) = request.send().await else { return false };
    answer.status().is_success() && answer.bytes().await.is_ok_and(|body| body == bytes)
}
