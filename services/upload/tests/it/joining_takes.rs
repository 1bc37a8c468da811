//! Takes become the recording of their session.

use crate::support::{Answer, Practice, TestApp, media};
use events::AudioStored;
use ids::Ids;
use test_kit::eventually;

/// How loud the left channel is between two moments, in milliseconds.
fn loudest(samples: &[(i16, i16)], from_ms: usize, to_ms: usize) -> u16 {
    let (from, to) = (from_ms * 8, (to_ms * 8).min(samples.len()));
    samples[from..to].iter().map(|(left, _)| left.unsigned_abs()).max().unwrap_or(0)
}

async fn announced(app: &TestApp, maya: &Practice<'_>, revision: u32) -> AudioStored {
    eventually("the recording is announced", async || {
        let told = app.announced_recordings().await;
        told.into_iter().find(|told| told.session_id == maya.session.to_string() && told.revision == revision)
    })
    .await
}

/// As if nothing had come for so long.
#[expect(clippy::disallowed_methods, reason = "the test moves time")]
async fn time_passes(app: &TestApp, minutes: f64) {
    for statement in [
        "update ending set ended_at = ended_at - make_interval(secs => $1 * 60)",
        "update take set expires_at = expires_at - make_interval(secs => $1 * 60)",
        "update job set run_at = now() where state = 'waiting' and $1 > 0",
    ] {
        sqlx::query(statement).bind(minutes).execute(app.pool()).await.expect("the statement runs");
    }
}

/// The job that joins takes has found that it is too early.
async fn is_waited(app: &TestApp) {
    eventually("the rest is waited for", async || {
        let waits: i64 = count(app, "select count(*) from job where last_error = 'takes_still_come'").await;
        (waits == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn takes_become_one_recording_with_silence_between_them() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    // In the order in which connections let them through.
    recorder.records(5000, &media::webm()).await;
    recorder.records(0, &media::webm()).await;
    assert_eq!(app.announced_recordings().await.len(), 0, "the learner still speaks");
    app.hears_finalized(Ids.mint(), maya.session).await;

    let told = announced(&app, &maya, 1).await;
    assert_eq!(told.warnings, [""; 0]);
    assert_eq!(
        (told.media_type.as_str(), told.channel_layout.as_str()),
        ("audio/webm", "learner_left_coach_right")
    );
    assert!((6900..=7100).contains(&told.duration_ms), "{}", told.duration_ms);
    let samples = media::decoded(&maya.gets("audio", &[]).await.is(200).body);
    assert!(loudest(&samples, 100, 900) > 10_000, "the first take is at its place");
    assert!(loudest(&samples, 2200, 4900) < 100, "nothing was recorded");
    assert!(loudest(&samples, 5100, 5900) > 10_000, "the second take is at its place");
    assert_eq!(maya.gets("audio/peaks", &[]).await.is(200).status.as_u16(), 200);
    assert_eq!(app.announced_recordings().await.len(), 1);
}

#[tokio::test]
async fn one_take_is_the_recording_as_it_came() {
    let app = TestApp::start().await;
    for sound in [media::webm(), media::mp4()] {
        let maya = app.learner_in_a_session();
        app.hears_finalized(Ids.mint(), maya.session).await;
        maya.recorder().records(0, &sound).await;
        let told = announced(&app, &maya, 1).await;
        assert_eq!(told.warnings, [""; 0]);
        assert!(
            app.s3.objects().iter().filter(|object| std::fs::read(object).expect("it") == sound).count() >= 2
        );
        // Sent whole as well, by a client that knows no better: it is what there is.
        assert_eq!(maya.uploads(&told.media_type, sound).await.is(200).json()["state"], "ready");
    }
}

#[tokio::test]
async fn a_take_that_breaks_off_is_given_up_and_heard_as_far_as_it_came() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let sound = media::webm();
    recorder.records(0, &sound).await;
    let broken = recorder.begins(3000, None).await;
    let half = sound.len() * 2 / 3;
    recorder.sends(&broken, 0, sound[..half].to_vec()).await.is(204);
    app.hears_finalized(Ids.mint(), maya.session).await;
    is_waited(&app).await;
    assert_eq!(app.announced_recordings().await.len(), 0);

    time_passes(&app, 60.0).await;
    let told = announced(&app, &maya, 1).await;
    assert_eq!(told.warnings, ["incomplete"]);
    assert!((3900..4900).contains(&told.duration_ms), "{}", told.duration_ms);
    let first = app.s3.objects();

    // The page is opened again, and the recorder still has the rest.
    let rest = recorder.sending(&broken, half, sound[half..].to_vec()).header("upload-length", sound.len());
    assert_eq!(rest.send().await.expect("an answer").status().as_u16(), 204);
    let told = announced(&app, &maya, 2).await;
    assert_eq!(told.warnings, [""; 0]);
    assert!((4900..=5100).contains(&told.duration_ms), "{}", told.duration_ms);
    let samples = media::decoded(&maya.gets("audio", &[]).await.is(200).body);
    assert!(loudest(&samples, 3100, 3900) > 10_000);
    app.media.sweep(std::time::Duration::from_mins(1)).await.expect("what was replaced is removed");
    let left: Vec<_> = app.s3.objects().into_iter().filter(|object| first.contains(object)).collect();
    assert_eq!(left.len(), 2, "of what lay there before, only what came of the takes is left");
    assert_eq!(app.announced_recordings().await.len(), 2);
}

/// As if the session had ended so many days ago.
#[expect(clippy::disallowed_methods, reason = "the test moves time")]
async fn it_ended_days_ago(app: &TestApp, days: i32) {
    sqlx::query("update ending set ended_at = now() - make_interval(days => $1)")
        .bind(days)
        .execute(app.pool())
        .await
        .expect("the statement runs");
}

#[tokio::test]
async fn a_take_that_comes_twenty_nine_days_late_is_joined_and_after_thirty_none_is_taken() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let sound = media::webm();
    recorder.records(0, &sound).await;
    app.hears_finalized(Ids.mint(), maya.session).await;
    announced(&app, &maya, 1).await;

    it_ended_days_ago(&app, 29).await;
    let begun = recorder.begins(6000, None).await;
    recorder.sends(&begun, 0, sound[..500].to_vec()).await.is(204);
    recorder.records(3000, &sound).await;
    let rest = recorder.sending(&begun, 500, sound[500..].to_vec()).header("upload-length", sound.len());
    assert_eq!(rest.send().await.expect("an answer").status().as_u16(), 204);
    let told = eventually("both are joined", async || {
        let told = app.announced_recordings().await;
        told.into_iter().find(|told| told.duration_ms >= 7900)
    })
    .await;
    assert!(told.revision >= 2, "{}", told.revision);
    assert_eq!(told.warnings, [""; 0]);
    let samples = media::decoded(&maya.gets("audio", &[]).await.is(200).body);
    for at in [0, 3000, 6000] {
        assert!(loudest(&samples, at + 100, at + 900) > 10_000, "at {at}");
    }

    let unfinished = recorder.begins(9000, None).await;
    recorder.sends(&unfinished, 0, sound[..500].to_vec()).await.is(204);
    it_ended_days_ago(&app, 31).await;
    let said = recorder.metadata(12_000);
    let late = recorder.request(reqwest::Method::POST, "/api/uploads").header("upload-metadata", said);
    let late = late.header("upload-length", sound.len()).send().await.expect("an answer");
    Answer::of(late).await.refused_with(410, "upload-gone");
    recorder.sends(&unfinished, 500, sound[500..].to_vec()).await.refused_with(410, "upload-gone");
    assert_eq!(recorder.asks(&unfinished).await.status.as_u16(), 410);
    app.media.sweep(std::time::Duration::from_mins(1)).await.expect("nobody goes on with it");
    assert_eq!(count(&app, "select count(*) from take where state = 'gone'").await, 1);
    maya.gets("audio", &[]).await.is(200);
}

#[tokio::test]
async fn a_take_of_which_nothing_came_is_not_waited_for_and_not_missed() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    recorder.records(0, &media::webm()).await;
    // The answer to this was lost: its recorder begins another, and never comes back to it.
    recorder.begins(0, None).await;
    app.hears_finalized(Ids.mint(), maya.session).await;
    is_waited(&app).await;
    time_passes(&app, 1.0).await;
    assert_eq!(announced(&app, &maya, 1).await.warnings, [""; 0]);
}

#[tokio::test]
async fn what_is_no_recording_is_left_out() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.recorder().records(0, &media::webm()).await;
    maya.recorder().records(2500, b"<!doctype html><script>alert(1)</script>").await;
    maya.recorder().records(2500, &[media::header_of(&media::webm()), &[0xa5; 500]].concat()).await;
    app.hears_finalized(Ids.mint(), maya.session).await;
    let told = announced(&app, &maya, 1).await;
    assert_eq!(told.warnings, ["incomplete"]);
    maya.gets("audio", &[]).await.is(200);
}

/// The answer to the first bytes was lost, and with it the place of the take: its sender begins another.
#[tokio::test]
async fn what_was_sent_twice_is_heard_once() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let sound = media::webm();
    let half = sound.len() / 2;
    for first in [sound.len(), half, half] {
        let begun = recorder
            .request(reqwest::Method::POST, "/api/uploads")
            .header("upload-metadata", recorder.metadata(3000))
            .header("upload-length", sound.len())
            .header("content-type", "application/offset+octet-stream")
            .body(sound[..first].to_vec());
        assert_eq!(begun.send().await.expect("an answer").status().as_u16(), 201);
    }
    recorder.records(6000, &sound).await;
    app.hears_finalized(Ids.mint(), maya.session).await;
    is_waited(&app).await;
    time_passes(&app, 60.0).await;
    let told = announced(&app, &maya, 1).await;
    assert_eq!(told.warnings, [""; 0]);
    let samples = media::decoded(&maya.gets("audio", &[]).await.is(200).body);
    for at in [3000, 6000] {
        let loudest = loudest(&samples, at + 100, at + 900);
        assert!((10_000..30_000).contains(&loudest), "at {at}: {loudest}");
    }
}

#[tokio::test]
async fn a_take_that_breaks_the_programs_every_time_is_left_out() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.recorder().records(0, &media::webm_of_an_unknown_codec()).await;
    maya.recorder().records(3000, &media::webm()).await;
    app.hears_finalized(Ids.mint(), maya.session).await;
    let told = announced(&app, &maya, 1).await;
    assert_eq!(told.warnings, ["incomplete"]);
    assert!((4900..=5100).contains(&told.duration_ms), "{}", told.duration_ms);
    let samples = media::decoded(&maya.gets("audio", &[]).await.is(200).body);
    assert!(loudest(&samples, 3100, 3900) > 10_000, "the other is at its place");
}

/// F37: storage changes what it was given, after it was read back.
#[tokio::test]
async fn what_storage_damaged_is_left_out_and_everything_else_becomes_the_recording() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.recorder().records(0, &media::webm()).await;
    let damaged = maya.recorder().records(5000, &media::webm()).await;
    eventually("both are read back", async || {
        let complete: i64 = count(&app, "select count(*) from take where state = 'complete'").await;
        (complete == 2).then_some(())
    })
    .await;
    let name: String = sqlx::query_scalar("select object_key from take_piece where take_id = $1::uuid")
        .bind(damaged.id())
        .fetch_one(app.pool())
        .await
        .expect("a piece");
    let name = name.rsplit('/').next().expect("a name");
    let object = app.s3.objects().into_iter().find(|object| object.ends_with(name)).expect("an object");
    let mut bytes = std::fs::read(&object).expect("it can be read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&object, bytes).expect("it can be written");
    app.hears_finalized(Ids.mint(), maya.session).await;

    let told = announced(&app, &maya, 1).await;
    assert_eq!(told.warnings, ["incomplete", "corrupted"]);
    assert!((1900..=2100).contains(&told.duration_ms), "{}", told.duration_ms);
}

/// F37: storage changes what it was given, before it was put together.
#[tokio::test]
async fn a_part_that_storage_damaged_before_it_was_read_back_is_left_out() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    maya.recorder().records(5000, &media::padded(&media::webm(), 9 * 1024 * 1024)).await;
    let parts = app.s3.leftovers();
    let [part] = &parts[..] else { panic!("one part lies in storage: {parts:?}") };
    let mut bytes = std::fs::read(part).expect("it can be read");
    *bytes.last_mut().expect("a part has bytes") ^= 1;
    std::fs::write(part, bytes).expect("it can be written");
    maya.recorder().records(0, &media::webm()).await;
    app.start_workers();
    app.hears_finalized(Ids.mint(), maya.session).await;

    let told = announced(&app, &maya, 1).await;
    assert_eq!(told.warnings, ["incomplete", "corrupted"]);
    assert!((1900..=2100).contains(&told.duration_ms), "{}", told.duration_ms);
}

#[tokio::test]
async fn a_deleted_session_takes_its_takes_and_what_was_made_of_them_along() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.recorder().records(0, &media::webm()).await;
    maya.recorder().records(4000, &media::webm()).await;
    app.hears_finalized(Ids.mint(), maya.session).await;
    announced(&app, &maya, 1).await;
    app.sessions.forgets(maya.session);
    app.hears_deleted(Ids.mint(), maya.session).await;
    eventually("the erasure is announced", async || app.announced_erasures().await.pop()).await;
    assert_eq!((app.s3.leftovers().len(), app.media_rows().await), (0, 0));
    // Said again, also in the wrong order, it revives nothing.
    app.hears_finalized(Ids.mint(), maya.session).await;
    app.hears_deleted(Ids.mint(), maya.session).await;
    assert_eq!(count(&app, "select count(*) from ending").await, 0);
    assert_eq!(count(&app, "select count(*) from take").await, 0);
    assert_eq!(app.announced_erasures().await.len(), 1);
}

async fn count(app: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(app.pool()).await.expect("a count")
}
