//! What is not a recording, or not this learner's to send, is refused and leaves nothing.

use crate::support::{TestApp, media};
use ids::Ids;
use reqwest::Method;

#[tokio::test]
async fn what_is_no_recording_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let header = media::webm()[..64].to_vec();
    let bodies: [(&str, Vec<u8>); 12] = [
        ("ELF", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".repeat(10)),
        ("HTML", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("ZIP", b"PK\x03\x04 and the rest of an archive".to_vec()),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()),
        ("PDF", b"%PDF-1.7\n1 0 obj\n".to_vec()),
        ("a playlist of files", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n".to_vec()),
        ("a playlist of addresses", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/\n".to_vec()),
        ("a concatenation", b"ffconcat version 1.0\nfile '/etc/passwd'\n".to_vec()),
        ("an AVI with subtitles from elsewhere", b"RIFF\x00\x10\x00\x00AVI LIST gab2 #EXTM3U".to_vec()),
        ("noise behind a header", [header, vec![0x55; 4096]].concat()),
        ("noise behind a brand", [&b"\x00\x00\x00\x1cftypiso5\x00\x00\x02\x00"[..], &[0x55; 4096]].concat()),
        ("a film without sound", media::silent_film()),
    ];
    for (what, body) in bodies {
        for media_type in ["audio/webm", "audio/mp4"] {
            let answer = maya.uploads(media_type, body.clone()).await;
            assert_eq!(answer.status.as_u16(), 422, "{what} as {media_type}");
            answer.refused_with(422, "unsupported-media");
        }
    }
    assert_eq!((app.s3.leftovers(), app.media_rows().await), (Vec::new(), 0));
}

#[tokio::test]
async fn an_empty_recording_is_refused() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", "").await.refused_with(422, "empty-media");
    assert_eq!(app.media_rows().await, 0);
}

#[tokio::test]
async fn what_claims_more_than_we_handle_is_refused() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    for claim in [media::webm_of_tracks(5), media::webm_claiming(1e12), media::webm_of_a_huge_picture()] {
        maya.uploads("audio/webm", claim).await.refused_with(422, "media-limits-exceeded");
    }
    assert_eq!((app.s3.leftovers(), app.media_rows().await), (Vec::new(), 0));
}

#[tokio::test]
async fn a_recording_that_is_html_as_well_is_only_a_recording() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let mut polyglot = media::padded(&media::webm(), 1024);
    let script = b"<html><script>alert(1)</script></html>";
    let end = polyglot.len();
    polyglot[end - script.len()..].copy_from_slice(script);
    maya.uploads("audio/webm", polyglot).await.is(201);
    maya.recording_is_announced().await;
    let played = maya.gets("audio", &[]).await.is(200);
    assert_eq!(played.header("content-type"), "audio/webm");
    assert_eq!(played.header("x-content-type-options"), "nosniff");
    assert_eq!(played.header("content-disposition"), "attachment; filename=\"practice.webm\"");
    assert!(!played.body.windows(8).any(|window| window == b"<script>"), "remuxing keeps only the sound");
}

#[tokio::test]
async fn compressed_and_otherwise_typed_bodies_are_refused() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let request = |media_type: &str, coding: &str| {
        maya.request(Method::POST, "upload")
            .header("content-type", media_type)
            .header("content-encoding", coding)
            .body(media::webm())
            .send()
    };
    for (media_type, coding, status) in [
        ("audio/webm", "gzip", 415),
        ("audio/webm", "br", 415),
        ("text/plain", "identity", 415),
        ("multipart/form-data; boundary=x", "identity", 415),
        ("audio/webm; codecs=opus", "identity", 201),
    ] {
        let answer = request(media_type, coding).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{media_type} {coding}");
    }
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_read() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let answer = maya
        .request(Method::POST, "upload")
        .header("content-type", "audio/webm")
        .header("content-length", (2_u64 * 1024 * 1024 * 1024 + 1).to_string())
        .body(reqwest::Body::wrap_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>()))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 413);
}

#[tokio::test]
async fn only_the_learner_of_a_session_sends_and_hears_its_recording() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.recording_is_announced().await;

    let stranger = app.stranger_in(maya.session);
    let nobody = app.stranger_in(Ids.mint());
    for other in [stranger, nobody] {
        other.uploads("audio/webm", media::webm()).await.refused_with(404, "not-found");
        other.gets("audio", &[]).await.refused_with(404, "not-found");
        other.gets("audio/peaks", &[]).await.refused_with(404, "not-found");
    }
    let unsigned = maya.request(Method::GET, "audio").header("cookie", "").build().expect("a request");
    let mut unsigned = unsigned;
    unsigned.headers_mut().remove("cookie");
    let answer = reqwest::Client::new().execute(unsigned).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 401);
}

#[tokio::test]
async fn ids_and_methods_that_mean_nothing_are_refused() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let answer = maya.request(Method::DELETE, "audio").send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 405);
    assert!(answer.headers()["allow"].to_str().expect("methods").contains("GET"));
    maya.gets("audio?format=ogg", &[]).await.refused_with(422, "validation-failed");
    maya.gets("../not-an-id/audio", &[]).await.refused_with(404, "not-found");
    maya.gets("audio", &[]).await.refused_with(404, "not-found");
}

#[tokio::test]
async fn a_session_that_is_not_to_be_recorded_is_not() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    app.sessions.knows(maya.session, maya.learner, "never");
    maya.uploads("audio/webm", media::webm()).await.refused_with(409, "invalid-state");
    assert_eq!((app.s3.leftovers(), app.media_rows().await), (Vec::new(), 0));
}
