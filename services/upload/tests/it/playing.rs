//! A recording is played, from any point.

use crate::support::{TestApp, media};
use reqwest::Method;

#[tokio::test]
async fn any_range_of_a_recording_can_be_had() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.recording_is_announced().await;
    let whole = maya.gets("audio", &[]).await.is(200);
    let size = whole.body.len();
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("cache-control"), "private, no-cache");
    assert_eq!(whole.header("content-length"), size.to_string());

    let last = size - 1;
    for (range, first, end) in [
        ("bytes=0-".to_owned(), 0, last),
        ("bytes=0-0".to_owned(), 0, 0),
        ("bytes=100-299".to_owned(), 100, 299),
        ("bytes=-100".to_owned(), size - 100, last),
        (format!("bytes={last}-{}", size + 5000), last, last),
    ] {
        let part = maya.gets("audio", &[("range", &range)]).await.is(206);
        assert_eq!(part.body, whole.body[first..=end], "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {first}-{end}/{size}"));
        assert_eq!(part.header("content-length"), (end - first + 1).to_string());
    }

    let many = format!("bytes={}", ["0-0"; 1000].join(","));
    for range in [&many, "bytes=5-1", "bytes=0-1,4-5", &format!("bytes={size}-")] {
        let refused = maya.gets("audio", &[("range", range)]).await;
        let refused = refused.refused_with(416, "range-not-satisfiable");
        assert_eq!(refused.header("content-range"), format!("bytes */{size}"));
    }
}

#[tokio::test]
async fn a_player_that_has_it_is_told_so() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    let before = maya.gets("audio", &[]).await.is(200);
    maya.recording_is_announced().await;
    let whole = maya.gets("audio", &[]).await.is(200);
    let etag = whole.header("etag");
    assert_ne!(before.header("etag"), etag, "what is played changed");

    let same = maya.gets("audio", &[("if-none-match", etag)]).await.is(304);
    assert_eq!((same.body.len(), same.header("etag")), (0, etag));
    let other = [("range", "bytes=0-9"), ("if-range", before.header("etag"))];
    assert_eq!(maya.gets("audio", &other).await.is(200).body.len(), whole.body.len());
    let same = [("range", "bytes=0-9"), ("if-range", etag)];
    assert_eq!(maya.gets("audio", &same).await.is(206).body.len(), 10);

    let head = maya.request(Method::HEAD, "audio").send().await.expect("an answer");
    assert_eq!(head.status().as_u16(), 200);
    assert_eq!(head.headers()["content-length"], whole.body.len().to_string());
}

#[tokio::test]
async fn browsers_that_play_no_webm_get_the_same_sound_in_mp4() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.recording_is_announced().await;
    let played = maya.gets("audio?format=mp4", &[]).await.is(200);
    assert_eq!(played.header("content-type"), "audio/mp4");
    assert_eq!(played.header("content-disposition"), "attachment; filename=\"practice.m4a\"");
    let (moov, mdat) = (position(&played.body, "moov"), position(&played.body, "mdat"));
    assert!(moov < mdat, "a player finds the index before the sound");
    let stated = media::stated_duration_ms(&played.body).expect("a duration");
    assert!((1950.0..=2100.0).contains(&stated), "{stated}");

    let samples = media::decoded(&played.body);
    let loud = |sample: i16| sample.unsigned_abs() > 3000;
    let (first, second) = samples.split_at(8000);
    assert!(first[1000..7000].iter().any(|(left, _)| loud(*left)));
    assert!(!first[1000..7000].iter().any(|(_, right)| loud(*right)));
    assert!(second[1000..7000].iter().any(|(_, right)| loud(*right)));
    assert!(!second[1000..7000].iter().any(|(left, _)| loud(*left)));
}

fn position(file: &[u8], name: &str) -> usize {
    file.windows(4).position(|window| window == name.as_bytes()).expect("the box is there")
}

#[tokio::test]
async fn the_waveform_keeps_learner_and_coach_apart() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.gets("audio/peaks", &[]).await;
    maya.recording_is_announced().await;
    let peaks = maya.gets("audio/peaks", &[]).await.is(200).json();
    assert_eq!(peaks["resolution_ms"], 50);
    let values = |speaker: &str| -> Vec<u64> {
        peaks[speaker]
            .as_array()
            .expect("values")
            .iter()
            .map(|value| value.as_u64().expect("a number"))
            .collect()
    };
    let (learner, coach) = (values("learner"), values("coach"));
    assert_eq!(learner.len(), coach.len());
    assert!((39..=42).contains(&learner.len()), "{}", learner.len());
    assert!(learner[2..18].iter().all(|value| (180..=225).contains(value)), "{learner:?}");
    assert!(learner[22..38].iter().all(|value| *value < 10), "{learner:?}");
    assert!(coach[2..18].iter().all(|value| *value < 10), "{coach:?}");
    assert!(coach[22..38].iter().all(|value| (85..=120).contains(value)), "{coach:?}");
}

#[tokio::test]
async fn nobody_says_who_is_on_which_of_six_channels() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm_of_six_channels()).await.is(201);
    assert_eq!(maya.recording_is_announced().await.channel_layout, "unknown");
}

#[tokio::test]
async fn a_recording_with_one_channel_is_mixed() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::mono_webm()).await.is(201);
    assert_eq!(maya.recording_is_announced().await.channel_layout, "mixed");
    let peaks = maya.gets("audio/peaks", &[]).await.is(200).json();
    let (learner, coach) =
        (peaks["learner"].as_array().expect("values"), peaks["coach"].as_array().expect("values"));
    assert_eq!(learner.len(), coach.len());
    assert!(learner[5].as_u64() > Some(150));
    assert!(coach.iter().all(|value| value == 0));
}
