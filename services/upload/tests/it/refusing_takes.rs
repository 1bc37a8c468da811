//! Requests about takes that mean nothing, or that somebody else's take is none of.

use crate::support::{Answer, Recorder, TestApp, media, takes::metadata};
use reqwest::Method;

const NOISE: &str = "application/offset+octet-stream";

async fn created(recorder: &Recorder<'_>, headers: &[(&str, &str)]) -> Answer {
    let request = recorder.request(Method::POST, "/api/uploads");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Answer::of(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn what_is_offered_is_said_to_anybody() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let answer = maya.recorder().request(Method::OPTIONS, "/api/uploads").send().await.expect("an answer");
    let answer = Answer::of(answer).await.is(204);
    assert_eq!((answer.header("tus-version"), answer.header("tus-max-size")), ("1.0.0", "2147483648"));
    assert_eq!(
        answer.header("tus-extension"),
        "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
    );
    assert_eq!(
        (answer.header("tus-checksum-algorithm"), answer.header("tus-resumable")),
        ("sha1,sha256", "")
    );
}

#[tokio::test]
async fn b45_another_version_of_tus_is_refused() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let take = recorder.begins(0, Some(10)).await;
    for version in [None, Some("0.2.2"), Some("2.0.0")] {
        for method in [Method::HEAD, Method::PATCH, Method::DELETE] {
            let mut request = recorder.request(method, &take.path).build().expect("a request");
            request.headers_mut().remove("tus-resumable");
            if let Some(version) = version {
                request.headers_mut().insert("tus-resumable", version.parse().expect("a header"));
            }
            let answer = Answer::of(reqwest::Client::new().execute(request).await.expect("an answer")).await;
            assert_eq!((answer.status.as_u16(), answer.header("tus-version")), (412, "1.0.0"));
        }
    }
    assert_eq!(recorder.offset(&take).await, 0);
}

#[tokio::test]
async fn b46_a_length_that_is_no_number_of_bytes_is_refused() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let said = recorder.metadata(0);
    created(&recorder, &[("upload-metadata", &said)]).await.refused_with(400, "malformed-request");
    for length in ["-1", "1e3", "18446744073709551616", "", "ten", "+5"] {
        let headers = [("upload-metadata", said.as_str()), ("upload-length", length)];
        created(&recorder, &headers).await.refused_with(400, "malformed-request");
    }
    let headers = [("upload-metadata", said.as_str()), ("upload-defer-length", "2")];
    created(&recorder, &headers).await.refused_with(400, "malformed-request");
}

#[tokio::test]
async fn b47_more_than_two_gibibytes_are_refused() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let said = recorder.metadata(0);
    let headers = [("upload-metadata", said.as_str()), ("upload-length", "2147483649")];
    let refused = created(&recorder, &headers).await.refused_with(413, "upload-too-large");
    assert_eq!(refused.header("tus-max-size"), "2147483648");
    let most = [("upload-metadata", said.as_str()), ("upload-length", "2147483648")];
    created(&recorder, &most).await.is(201);
    let take = recorder.begins(0, None).await;
    let declared = recorder.sending(&take, 0, "x").header("upload-length", "2147483649");
    Answer::of(declared.send().await.expect("an answer")).await.refused_with(413, "upload-too-large");
}

#[tokio::test]
async fn b48_two_lengths_are_refused() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let said = recorder.metadata(0);
    let both = [("upload-metadata", said.as_str()), ("upload-length", "5"), ("upload-defer-length", "1")];
    created(&recorder, &both).await.refused_with(400, "inconsistent-upload-length");
    let take = recorder.begins(0, None).await;
    recorder.sends(&take, 0, "bytes").await.is(204);
    let declares = |at: usize, length: usize, body: &'static str| {
        recorder.sending(&take, at, body).header("upload-length", length).send()
    };
    let shorter = declares(5, 4, "").await.expect("an answer");
    Answer::of(shorter).await.refused_with(400, "inconsistent-upload-length");
    assert_eq!(declares(5, 10, "more").await.expect("an answer").status().as_u16(), 204);
    let other = declares(9, 11, "!").await.expect("an answer");
    Answer::of(other).await.refused_with(400, "inconsistent-upload-length");
    assert_eq!(recorder.offset(&take).await, 9);
}

#[tokio::test]
async fn b49_bytes_of_another_type_are_refused() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let take = recorder.begins(0, Some(5)).await;
    for media_type in ["application/octet-stream", "audio/webm", ""] {
        let request = recorder.request(Method::PATCH, &take.path).header("upload-offset", 0);
        let request = request.header("content-type", media_type).body("bytes");
        let answer = Answer::of(request.send().await.expect("an answer")).await;
        answer.refused_with(415, "unsupported-media-type");
    }
    let said = recorder.metadata(0);
    let request = recorder.request(Method::POST, "/api/uploads").header("upload-metadata", said);
    let request = request.header("upload-length", 5).header("content-type", "audio/webm").body("bytes");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    answer.refused_with(415, "unsupported-media-type");
}

#[tokio::test]
async fn b50_bytes_that_begin_elsewhere_are_refused() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let take = recorder.begins(0, Some(20)).await;
    recorder.sends(&take, 0, "bytes").await.is(204);
    for at in [0, 4, 6] {
        let refused = recorder.sends(&take, at, "bytes").await.refused_with(409, "mismatching-upload-offset");
        let said = refused.json();
        assert_eq!((&said["expected-offset"], &said["provided-offset"]), (&5.into(), &at.into()));
    }
    let request = recorder.request(Method::PATCH, &take.path).header("content-type", NOISE).body("bytes");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    answer.refused_with(400, "malformed-request");
}

#[tokio::test]
async fn b51_more_bytes_than_were_announced_are_refused() {
    use futures::stream;
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let take = recorder.begins(0, Some(5)).await;
    recorder.sends(&take, 0, "too many").await.refused_with(400, "upload-exceeds-length");
    let pieces = ["by", "te", "s!", "!!"].map(Ok::<_, std::convert::Infallible>);
    let chunked = reqwest::Body::wrap_stream(stream::iter(pieces));
    recorder.sends(&take, 0, chunked).await.refused_with(400, "upload-exceeds-length");
    assert_eq!(recorder.offset(&take).await, 0);
    recorder.sends(&take, 0, "bytes").await.is(204);
}

#[tokio::test]
async fn b52_bytes_that_do_not_come_to_their_checksum_are_refused() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let take = recorder.begins(0, Some(22)).await;
    let sends = async |body: &'static str, sum: &str| {
        let at = recorder.offset(&take).await;
        let request = recorder.sending(&take, at, body).header("upload-checksum", sum);
        Answer::of(request.send().await.expect("an answer")).await
    };
    let sum = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
    sends("hello worle", sum).await.refused_with(460, "checksum-mismatch");
    sends("hello world", "crc32 AAAAAA==").await.refused_with(400, "malformed-request");
    sends("hello world", "sha1 AAAA").await.refused_with(400, "malformed-request");
    assert_eq!(recorder.offset(&take).await, 0);
    sends("hello world", sum).await.is(204);
    sends("hello world", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=").await.is(204);
}

#[tokio::test]
async fn b53_what_is_finished_gone_or_somebody_elses_is_not_written_to() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let done = recorder.records(0, b"bytes").await;
    for at in [0, 5] {
        recorder.sends(&done, at, "").await.refused_with(409, "upload-complete");
    }
    assert_eq!(recorder.asks(&done).await.is(200).header("upload-offset"), "5");
    let gone = recorder.begins(0, Some(5)).await;
    recorder.terminates(&gone).await.is(204);
    recorder.sends(&gone, 0, "bytes").await.refused_with(410, "upload-gone");
    assert_eq!(recorder.asks(&gone).await.status.as_u16(), 410);

    let stranger = app.stranger_in(maya.session);
    for take in [&done, &gone] {
        stranger.recorder().sends(take, 0, "bytes").await.refused_with(404, "not-found");
        assert_eq!(stranger.recorder().asks(take).await.status.as_u16(), 404);
        stranger.recorder().terminates(take).await.refused_with(404, "not-found");
    }
    let said = stranger.recorder().metadata(0);
    let headers = [("upload-metadata", said.as_str()), ("upload-length", "5")];
    created(&stranger.recorder(), &headers).await.refused_with(404, "not-found");
}

#[tokio::test]
async fn b55_what_is_said_of_a_take_is_read_strictly_and_names_nothing() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let said = recorder.metadata(0);
    let with = |key: &str, value: &str| format!("{said},{}", metadata(&[(key, value.to_owned())]));
    let refused = [
        "session %%%".to_owned(),
        with("name", "a\r\nset-cookie: b"),
        with("name", &"x".repeat(10_000)),
        with("session", &maya.session.to_string()),
        metadata(&[("session", "../../etc/passwd".to_owned()), ("start_ms", "0".to_owned())]),
        String::new(),
    ];
    for line in refused {
        let headers = [("upload-metadata", line.as_str()), ("upload-length", "5")];
        created(&recorder, &headers).await.refused_with(400, "malformed-request");
    }
    let label = with("filename", "../../etc/passwd");
    let headers = [("upload-metadata", label.as_str()), ("upload-length", "5")];
    created(&recorder, &headers).await.is(201);
}

#[tokio::test]
async fn a_session_that_is_not_to_be_recorded_or_was_recorded_whole_has_no_takes() {
    let app = TestApp::without_workers().await;
    let (maya, ben) = (app.learner_in_a_session(), app.learner_in_a_session());
    app.sessions.knows(maya.session, maya.learner, "never");
    ben.uploads("audio/webm", media::webm()).await.is(201);
    for (practice, slug) in [(&maya, "invalid-state"), (&ben, "recording-exists")] {
        let said = practice.recorder().metadata(0);
        let headers = [("upload-metadata", said.as_str()), ("upload-length", "5")];
        created(&practice.recorder(), &headers).await.refused_with(409, slug);
    }
}

#[tokio::test]
async fn a_session_has_no_more_takes_than_anybody_makes() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    for _ in 0..64 {
        recorder.begins(0, None).await;
    }
    let said = recorder.metadata(0);
    let headers = [("upload-metadata", said.as_str()), ("upload-defer-length", "1")];
    created(&recorder, &headers).await.refused_with(409, "invalid-state");
}
