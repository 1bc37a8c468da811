//! A take arrives in pieces, at any replica, over connections that break.

use crate::support::{Answer, TestApp, media, takes::Take};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use rand::RngExt as _;
use reqwest::{Body, Method};
use std::{convert::Infallible, io, time::Duration};
use test_kit::eventually;

const MIB: usize = 1024 * 1024;
const PART: usize = 8 * MIB;
/// A lease, in seconds.
const LEASE_S: f64 = 1.5;

pub fn noise(bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    rand::rng().fill(&mut noise[..]);
    noise
}

/// What lies in storage of the only take there is, once all of it was read back.
pub async fn stored(app: &TestApp, take: &Take) -> Vec<u8> {
    let id: sqlx::types::Uuid = take.id().parse().expect("an id");
    eventually("the take is complete", async || (state(app, take).await == "complete").then_some(())).await;
    let key = "select string_agg(object_key, ' ' order by piece) from take_piece where take_id = $1";
    let keys: String = one(app, key, id).await;
    let objects = app.s3.objects();
    let read = |key: &str| {
        let name = key.rsplit('/').next().expect("a name");
        let file = objects.iter().find(|object| object.ends_with(name)).expect("the object is there");
        std::fs::read(file).expect("it can be read")
    };
    keys.split(' ').flat_map(read).collect()
}

/// How far a take has come.
pub async fn state(app: &TestApp, take: &Take) -> String {
    one(app, "select state from take where take_id = $1", take.id().parse().expect("an id")).await
}

async fn one<T>(app: &TestApp, query: &'static str, id: sqlx::types::Uuid) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    sqlx::query_scalar(query).bind(id).fetch_one(app.pool()).await.expect("a row")
}

/// How long others are kept out, in seconds of the database's clock.
async fn held_until(app: &TestApp, take: &Take) -> f64 {
    let id = take.id().parse().expect("an id");
    one(app, "select extract(epoch from leased_until)::float8 from take where take_id = $1", id).await
}

/// How long others are kept out from now on, in seconds, unless the writer gives another sign of life.
async fn held_for(app: &TestApp, take: &Take) -> f64 {
    let id = take.id().parse().expect("an id");
    one(
        app,
        "select extract(epoch from leased_until - clock_timestamp())::float8 from take where take_id = $1",
        id,
    )
    .await
}

/// How many bytes count, without asking the service, which waits for a writer.
async fn arrived(app: &TestApp, take: &Take) -> i64 {
    one(app, "select arrived from take where take_id = $1", take.id().parse().expect("an id")).await
}

#[expect(clippy::disallowed_methods, reason = "the test moves time, or writes what nobody could wait for")]
async fn writes(app: &TestApp, statement: &'static str) {
    sqlx::query(statement).execute(app.pool()).await.expect("the statement runs");
}

#[tokio::test]
async fn any_replica_takes_any_chunk() {
    let app = TestApp::start().await;
    let other = app.another_replica().await;
    let maya = app.learner_in_a_session();
    let sound = noise(2 * PART + 3 * MIB + 7);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    let (mut at, mut turn) = (0, 0);
    while at < sound.len() {
        let until = (at + rand::rng().random_range(1..3 * MIB)).min(sound.len());
        let recorder = if turn % 2 == 0 { maya.recorder() } else { maya.recorder_at(&other) };
        let answer = recorder.sends(&take, at, sound[at..until].to_vec()).await.is(204);
        assert_eq!(answer.header("upload-offset"), until.to_string());
        (at, turn) = (until, turn + 1);
    }
    assert_eq!(stored(&app, &take).await, sound);
}

#[tokio::test]
async fn a_request_that_is_cut_keeps_what_arrived() {
    let app = TestApp::start().await;
    let other = app.another_replica().await;
    let maya = app.learner_in_a_session();
    let sound = noise(PART + 5 * MIB);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    let begun: Vec<Result<Bytes, io::Error>> = sound[..PART + MIB]
        .chunks(MIB)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .chain([Err(io::ErrorKind::ConnectionReset.into())])
        .collect();
    let cut = maya.recorder().sending(&take, 0, Body::wrap_stream(stream::iter(begun))).send().await;
    assert!(cut.is_err(), "the connection broke");
    let kept = eventually("what arrived is durable", async || {
        let kept = maya.recorder_at(&other).offset(&take).await;
        (kept > PART).then_some(kept)
    })
    .await;
    let resumed = maya.recorder_at(&other);
    // The broken connection's last bytes may be counted just now.
    eventually("the rest is taken", async || {
        let at = resumed.offset(&take).await.max(kept);
        (resumed.sends(&take, at, sound[at..].to_vec()).await.status == 204).then_some(())
    })
    .await;
    assert_eq!(stored(&app, &take).await, sound);
}

/// Whoever asks while bytes are on their way into storage would send them again.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the request is cut off, whatever it does")]
async fn how_far_a_take_has_come_is_said_when_what_arrived_is_counted() {
    let app = TestApp::start().await;
    let other = app.another_replica().await;
    let maya = app.learner_in_a_session();
    let sound = noise(PART + 500);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    app.s3.holds_parts();
    let begun = Bytes::copy_from_slice(&sound[..PART + 100]);
    let spoken = stream::once(async move { Ok::<_, Infallible>(begun) }).chain(stream::pending());
    let cut = tokio::spawn(maya.recorder().sending(&take, 0, Body::wrap_stream(spoken)).send());
    eventually("a part is on its way", async || (app.s3.parts_now() == 1).then_some(())).await;
    cut.abort();
    let back = maya.recorder_at(&other);
    let passes = async {
        let first = held_until(&app, &take).await;
        eventually("its writer is alive", async || (held_until(&app, &take).await > first).then_some(()))
            .await;
        app.s3.lets_parts_pass();
    };
    let (at, ()) = tokio::join!(back.offset(&take), passes);
    assert_eq!(at, PART + 100);
    maya.recorder().sends(&take, at, sound[at..].to_vec()).await.is(204);
    assert_eq!(stored(&app, &take).await, sound);
}

#[tokio::test]
async fn bytes_are_durable_while_their_request_still_runs() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let take = maya.recorder().begins(0, None).await;
    let spoken = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"said")) });
    let request = maya.recorder().sending(&take, 0, Body::wrap_stream(spoken.chain(stream::pending())));
    let durable = eventually("the words are durable", async || {
        (maya.recorder().offset(&take).await == 4).then_some(())
    });
    tokio::select! {
        _ = request.send() => panic!("the request cannot end"),
        () = durable => {}
    }
}

/// F38: two requests write to one take.
#[tokio::test]
async fn b54_of_two_requests_at_once_one_is_taken() {
    let app = TestApp::start().await;
    let other = app.another_replica().await;
    let maya = app.learner_in_a_session();
    for _ in 0..5 {
        let sound = noise(MIB);
        let take = maya.recorder().begins(0, Some(sound.len())).await;
        let (here, there) = (maya.recorder(), maya.recorder_at(&other));
        let (one, two) =
            tokio::join!(here.sends(&take, 0, sound.clone()), there.sends(&take, 0, sound.clone()));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 204);
        assert!([409, 423].contains(&statuses[1]), "{statuses:?}");
        assert_eq!(stored(&app, &take).await, sound);
    }
}

/// F39: the sender vanishes without a word and comes back from elsewhere.
#[tokio::test]
async fn a_sender_that_vanished_keeps_its_successor_out_for_two_seconds_at_most() {
    let app = TestApp::start().await;
    let other = app.another_replica().await;
    let maya = app.learner_in_a_session();
    let sound = noise(1000);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    let begun = Bytes::copy_from_slice(&sound[..400]);
    let spoken = stream::once(async move { Ok::<_, Infallible>(begun) });
    let vanished =
        maya.recorder().sending(&take, 0, Body::wrap_stream(spoken.chain(stream::pending()))).send();
    let successor = async {
        let back = maya.recorder_at(&other);
        eventually("its words are durable", async || (arrived(&app, &take).await == 400).then_some(())).await;
        let kept_out = held_for(&app, &take).await;
        back.sends(&take, 400, sound[400..].to_vec()).await.refused_with(423, "upload-locked");
        // A sender asks where it stands, and goes on from there.
        assert_eq!(back.offset(&take).await, 400);
        back.sends(&take, 400, sound[400..].to_vec()).await.is(204);
        kept_out
    };
    let kept_out = tokio::select! {
        _ = vanished => panic!("the request cannot end"),
        kept_out = successor => kept_out,
    };
    assert!(kept_out <= LEASE_S, "{kept_out} s");
    assert_eq!(stored(&app, &take).await, sound);
}

/// Its sender may have heard that all of it is there, and will not come again.
#[tokio::test]
async fn whoever_counts_the_last_byte_asks_for_the_take_to_be_put_together_in_the_same_breath() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let take = maya.recorder().begins(0, None).await;
    let spoken = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"said")) });
    let open = Body::wrap_stream(spoken.chain(stream::pending()));
    let open = maya.recorder().sending(&take, 0, open).header("upload-length", 4).send();
    let asked = eventually("the last byte is counted", async || {
        let here = arrived(&app, &take).await == 4;
        here.then_some(sqlx::query_scalar::<_, i64>("select count(*) from job where kind = 'seal_take'"))
    });
    let asked = tokio::select! {
        _ = open => panic!("the request cannot end"),
        asked = asked => asked.fetch_one(app.pool()).await.expect("a count"),
    };
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_session_keeps_so_much_and_no_more_in_all_its_takes() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    maya.recorder().begins(0, None).await;
    writes(&app, "update take set arrived = 2147483648 - 10, in_parts = 2147483648 - 10").await;
    let take = maya.recorder().begins(5, None).await;
    maya.recorder().sends(&take, 0, noise(10)).await.is(204);
    maya.recorder().sends(&take, 10, noise(1)).await.refused_with(413, "upload-too-large");
}

#[tokio::test]
async fn a_replica_that_is_stopped_says_how_far_it_came_and_another_goes_on() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let take = maya.recorder().begins(0, None).await;
    let spoken = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"said")) });
    let request =
        maya.recorder().sending(&take, 0, Body::wrap_stream(spoken.chain(stream::pending()))).send();
    let stopped = async {
        eventually("the words are durable", async || {
            (maya.recorder().offset(&take).await == 4).then_some(())
        })
        .await;
        app.lifecycle.stop();
    };
    let (answer, ()) = tokio::join!(request, stopped);
    let answer = answer.expect("an answer");
    assert_eq!((answer.status().as_u16(), &answer.headers()["upload-offset"]), (204, &"4".parse().unwrap()));
    let other = app.another_replica().await;
    assert_eq!(maya.recorder_at(&other).offset(&take).await, 4);
}

#[tokio::test]
async fn a_replica_that_is_stopped_before_a_checksum_could_be_checked_counts_nothing_and_says_so() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let take = maya.recorder().begins(0, None).await;
    let (said, heard) = tokio::sync::oneshot::channel();
    let spoken = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"said")) });
    let open = spoken.chain(stream::once(async {
        said.send(()).expect("somebody waits");
        std::future::pending().await
    }));
    let request = maya
        .recorder()
        .sending(&take, 0, Body::wrap_stream(open))
        .header("upload-checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
        .send();
    let stopped = async {
        heard.await.expect("the words are sent");
        let id = take.id().parse().expect("an id");
        let held = async || {
            one::<bool>(&app, "select leased_until is not null from take where take_id = $1", id).await
        };
        eventually("somebody writes", async || held().await.then_some(())).await;
        app.lifecycle.stop();
    };
    let (answer, ()) = tokio::join!(request, stopped);
    Answer::of(answer.expect("an answer")).await.refused_with(503, "service-unavailable");
    let other = app.another_replica().await;
    assert_eq!(maya.recorder_at(&other).offset(&take).await, 0);
}

#[tokio::test]
async fn a_long_take_is_never_in_memory_but_for_three_parts() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let take = maya.recorder().begins(0, Some(120 * MIB)).await;
    let given = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = given.clone();
    let pieces = stream::iter(std::iter::repeat_n(Bytes::from(vec![7; MIB]), 120)).map(move |piece| {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok::<_, Infallible>(piece)
    });
    app.s3.holds_parts();
    let sent = maya.recorder().sending(&take, 0, Body::wrap_stream(pieces)).send();
    let watched = async {
        eventually("two parts are on their way", async || (app.s3.parts_now() == 2).then_some(())).await;
        // Its first lease has run out, and it has another: a writer that waits for storage is alive.
        let first = held_until(&app, &take).await;
        eventually("the lease is renewed", async || {
            (held_until(&app, &take).await > first + LEASE_S).then_some(())
        })
        .await;
        let given = given.load(std::sync::atomic::Ordering::SeqCst);
        // Whatever more is read than three parts lies in sockets, not in a fourth; systems let them grow to some 40 MiB.
        assert!(given < 72, "{given} MiB were taken while 16 MiB were on their way");
        let other = maya.recorder().sends(&take, 0, vec![7; 10]).await;
        other.refused_with(423, "upload-locked");
        app.s3.lets_parts_pass();
    };
    let (answer, ()) = tokio::join!(sent, watched);
    assert_eq!(answer.expect("an answer").status().as_u16(), 204);
    assert_eq!((app.s3.parts_most(), app.s3.parts_seen()), (2, 15));
}

/// F31: storage is away for longer than a request waits, and comes back.
#[tokio::test]
async fn while_storage_is_away_nothing_is_counted_that_is_not_durable() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(PART + 1000);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    app.s3.refuses(i64::MAX);
    maya.recorder().sends(&take, 0, sound[..1000].to_vec()).await.is(204);
    maya.recorder().sends(&take, 1000, sound[1000..].to_vec()).await.refused_with(503, "service-unavailable");
    let at = maya.recorder().offset(&take).await;
    assert!((1000..PART).contains(&at), "{at}");
    app.s3.refuses(0);
    maya.recorder().sends(&take, at, sound[at..].to_vec()).await.is(204);
    assert_eq!(stored(&app, &take).await, sound);
}

#[tokio::test]
async fn bytes_with_a_checksum_count_all_or_not_at_all() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use sha2::Digest as _;
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(2 * PART + MIB);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    let sends = |at: usize, bytes: Vec<u8>, of: Vec<u8>| {
        let sum = format!("sha256 {}", BASE64_STANDARD.encode(sha2::Sha256::digest(of)));
        maya.recorder().sending(&take, at, bytes).header("upload-checksum", sum).send()
    };
    let first = sound[..100].to_vec();
    assert_eq!(sends(0, first.clone(), first).await.expect("an answer").status().as_u16(), 204);
    let mut rest = sound[100..].to_vec();
    rest[PART] ^= 1;
    let refused = sends(100, rest, sound[100..].to_vec()).await.expect("an answer");
    assert_eq!(refused.status().as_u16(), 460);
    assert_eq!(maya.recorder().offset(&take).await, 100);
    let rest = sound[100..].to_vec();
    assert_eq!(sends(100, rest.clone(), rest).await.expect("an answer").status().as_u16(), 204);
    assert_eq!(stored(&app, &take).await, sound);
}

#[tokio::test]
async fn a_take_may_begin_with_its_first_bytes() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let sound = noise(3000);
    let begun = recorder
        .request(Method::POST, "/api/uploads")
        .header("upload-metadata", recorder.metadata(0))
        .header("upload-length", sound.len())
        .header("content-type", "application/offset+octet-stream")
        .body(sound[..1000].to_vec())
        .send()
        .await
        .expect("an answer");
    assert_eq!((begun.status().as_u16(), &begun.headers()["upload-offset"]), (201, &"1000".parse().unwrap()));
    let take = Take { path: begun.headers()["location"].to_str().expect("a path").to_owned() };
    // Over a sender that can only POST.
    let rest = recorder
        .request(Method::POST, &take.path)
        .header("x-http-method-override", "PATCH")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", 1000)
        .body(sound[1000..].to_vec());
    assert_eq!(rest.send().await.expect("an answer").status().as_u16(), 204);
    assert_eq!(stored(&app, &take).await, sound);
}

#[tokio::test]
async fn what_was_said_of_a_take_is_handed_back() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let take = recorder.begins(1500, None).await;
    let standing = recorder.asks(&take).await.is(200);
    assert_eq!(standing.header("upload-metadata"), recorder.metadata(1500));
    assert_eq!((standing.header("upload-defer-length"), standing.header("upload-length")), ("1", ""));
    assert_eq!((standing.header("cache-control"), standing.header("upload-offset")), ("no-store", "0"));
    assert!(standing.header("upload-expires").ends_with(" GMT"));
}

#[tokio::test]
async fn a_take_that_is_taken_back_leaves_nothing() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let take = maya.recorder().begins(0, None).await;
    maya.recorder().sends(&take, 0, noise(PART + 10)).await.is(204);
    assert_ne!(app.s3.leftovers().len(), 0);
    maya.recorder().terminates(&take).await.is(204);
    maya.recorder().terminates(&take).await.refused_with(410, "upload-gone");
    maya.recorder().sends(&take, PART + 10, noise(10)).await.refused_with(410, "upload-gone");
    app.media.sweep(Duration::from_mins(1)).await.expect("what is left is removed");
    assert_eq!(app.s3.leftovers(), [""; 0].map(std::path::PathBuf::from));
}

#[tokio::test]
async fn a_take_nobody_goes_on_with_expires() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let take = maya.recorder().begins(0, None).await;
    maya.recorder().sends(&take, 0, noise(PART + 10)).await.is(204);
    writes(&app, "update take set expires_at = now() - interval '1 second'").await;
    assert_eq!(maya.recorder().asks(&take).await.status.as_u16(), 410);
    maya.recorder().sends(&take, PART + 10, noise(10)).await.refused_with(410, "upload-gone");
    app.media.sweep(Duration::from_mins(1)).await.expect("what is left is removed");
    assert_eq!(app.s3.leftovers(), [""; 0].map(std::path::PathBuf::from));
}

/// F54: a session is deleted while a take is on its way.
#[tokio::test]
async fn a_deleted_session_takes_its_takes_along() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let (open, done) =
        (maya.recorder().begins(0, None).await, maya.recorder().records(9000, &media::webm()).await);
    stored(&app, &done).await;
    let begun = Bytes::from(noise(PART + 10));
    let spoken = stream::once(async move { Ok::<_, Infallible>(begun) });
    let speaking = (0..600).map(|_| Ok(Bytes::from_static(b"and more")));
    let slowly = stream::iter(speaking).then(async |word| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        word
    });
    let sent = maya.recorder().sending(&open, 0, Body::wrap_stream(spoken.chain(slowly))).send();
    let deleted = async {
        eventually("a part is in storage", async || (app.s3.parts_seen() == 2).then_some(())).await;
        app.sessions.forgets(maya.session);
        app.hears_deleted(ids::Ids.mint(), maya.session).await;
    };
    let (answer, ()) = tokio::join!(sent, deleted);
    let status = answer.expect("an answer").status().as_u16();
    assert!([404, 410].contains(&status), "{status}");
    eventually("the erasure is announced", async || app.announced_erasures().await.pop()).await;
    assert_eq!(app.s3.leftovers(), [""; 0].map(std::path::PathBuf::from));
    for take in [&open, &done] {
        assert_eq!(maya.recorder().asks(take).await.status.as_u16(), 404);
        maya.recorder().sends(take, 0, noise(10)).await.refused_with(404, "not-found");
    }
}

// What tusd's S3 store lost, by the number of its issue (F40).

/// What was acknowledged once is never less later.
#[tokio::test]
async fn tusd_376_an_offset_never_shrinks() {
    let app = TestApp::start().await;
    let other = app.another_replica().await;
    let maya = app.learner_in_a_session();
    let sound = noise(2 * PART + 100);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    let mut acknowledged = 0;
    for end in [5 * MIB, 5 * MIB + 1, PART - 1, PART, PART + 1, 2 * PART, sound.len()] {
        // A part that fails on its way, after earlier bytes of the same request came.
        app.s3.refuses(2);
        maya.recorder().sends(&take, acknowledged, sound[acknowledged..end].to_vec()).await.is(204);
        let seen = maya.recorder_at(&other).offset(&take).await;
        assert!(seen >= end && seen >= acknowledged, "{seen} after {acknowledged}");
        acknowledged = seen;
    }
    app.s3.refuses(0);
    assert_eq!(stored(&app, &take).await, sound);
}

/// An upload of nothing is complete, and one of something is not while nothing came.
#[tokio::test]
async fn tusd_497_only_an_upload_of_nothing_is_complete_with_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let nothing = maya.recorder().begins(0, Some(0)).await;
    let something = maya.recorder().begins(0, Some(5)).await;
    eventually("nothing is complete", async || (state(&app, &nothing).await == "complete").then_some(()))
        .await;
    assert_eq!(maya.recorder().offset(&nothing).await, 0);
    maya.recorder().sends(&something, 0, "").await.is(204);
    assert_eq!(state(&app, &something).await, "open");
    assert!(app.s3.objects().is_empty());
    maya.recorder().sends(&something, 0, "bytes").await.is(204);
    assert_eq!(stored(&app, &something).await, b"bytes");
}

/// The last bytes of an upload whose length was said at the end.
#[tokio::test]
async fn tusd_1385_the_tail_of_a_deferred_length_is_kept() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    for tail in [1, 1000, 4 * MIB] {
        let sound = noise(PART + tail);
        let take = recorder.begins(0, None).await;
        recorder.sends(&take, 0, sound.clone()).await.is(204);
        let last = recorder.sending(&take, sound.len(), "").header("upload-length", sound.len());
        assert_eq!(last.send().await.expect("an answer").status().as_u16(), 204);
        assert_eq!(stored(&app, &take).await, sound, "{tail}");
    }
}

/// Storage has ten thousand part numbers, and chunks may be more and smaller.
#[tokio::test]
async fn tusd_1247_ten_thousand_tiny_chunks_are_one_take() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recorder = maya.recorder();
    let take = recorder.begins(0, Some(10_020)).await;
    recorder.sends(&take, 0, "x").await.is(204);
    // What nine thousand nine hundred and ninety-nine more of them leave.
    writes(
        &app,
        "insert into take_tail (take_id, at_byte, bytes) select take_id, at, 'x' from take, generate_series(1, 9999) at",
    )
    .await;
    writes(&app, "update take set arrived = 10000").await;
    for at in 10_000..10_020 {
        recorder.sends(&take, at, "x").await.is(204);
    }
    assert_eq!(stored(&app, &take).await, vec![b'x'; 10_020]);
    assert_eq!(app.s3.parts_seen(), 1);
}

/// Storage may want part numbers without a gap: a part that came to nothing ends its object, and another follows.
#[tokio::test]
async fn a_take_whose_part_came_to_nothing_goes_on_in_another_object() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(3 * PART + 10);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    maya.recorder().sends(&take, 0, sound[..PART + 5].to_vec()).await.is(204);
    writes(&app, "update take_piece set numbers = numbers + 1").await;
    maya.recorder().sends(&take, PART + 5, sound[PART + 5..].to_vec()).await.is(204);
    assert_eq!(stored(&app, &take).await, sound);
    assert_eq!(app.s3.objects().len(), 2);
}

/// A writer has part numbers in advance, and gives back those that it did not use.
#[tokio::test]
async fn a_take_whose_parts_all_arrived_goes_on_in_the_same_object() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(9 * PART + 10);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    maya.recorder().sends(&take, 0, sound[..PART + 5].to_vec()).await.is(204);
    maya.recorder().sends(&take, PART + 5, sound[PART + 5..].to_vec()).await.is(204);
    assert_eq!(stored(&app, &take).await, sound);
    assert_eq!(app.s3.objects().len(), 1);
    let numbers = "select array_agg(number order by number) from take_part where take_id = $1";
    let numbers: Vec<i32> = one(&app, numbers, take.id().parse().expect("an id")).await;
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
}

/// A tail that is older than the part it became belongs to nothing.
#[tokio::test]
async fn tusd_1109_a_tail_that_became_a_part_is_not_sent_again() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(2 * PART);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    let recorder = maya.recorder();
    recorder.sends(&take, 0, sound[..PART - 1].to_vec()).await.is(204);
    // The part is in storage, and its writer dies before it is counted.
    app.s3.holds_parts();
    let request = recorder.sending(&take, PART - 1, sound[PART - 1..PART + 100].to_vec()).send();
    let dies = async {
        eventually("a part is on its way", async || (app.s3.parts_now() == 1).then_some(())).await;
        writes(&app, "update take set fencing_token = fencing_token + 1, leased_until = null").await;
        app.s3.lets_parts_pass();
    };
    let (answer, ()) = tokio::join!(request, dies);
    assert_eq!(answer.expect("an answer").status().as_u16(), 423);
    let at = recorder.offset(&take).await;
    assert_eq!(at, PART - 1);
    recorder.sends(&take, at, sound[at..].to_vec()).await.is(204);
    assert_eq!(stored(&app, &take).await, sound);
}

/// F35: storage that knows of nothing any more has not thereby completed it.
#[tokio::test]
async fn tus_node_877_storage_that_finds_nothing_has_completed_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let sound = noise(PART + 100);
    app.s3.finds_nothing(true);
    let take = maya.recorder().begins(0, Some(sound.len())).await;
    maya.recorder().sends(&take, 0, sound[..100].to_vec()).await.is(204);
    app.s3.finds_nothing(false);
    maya.recorder().sends(&take, 100, sound[100..PART].to_vec()).await.is(204);
    app.s3.finds_nothing(true);
    maya.recorder().sends(&take, PART, sound[PART..].to_vec()).await.is(204);
    let id = take.id().parse().expect("an id");
    eventually("putting it together was tried", async || {
        let tried: i64 =
            one(&app, "select count(*) from job where last_error is not null and subject = $1::text", id)
                .await;
        (tried == 1).then_some(())
    })
    .await;
    assert_eq!(state(&app, &take).await, "open");
    assert_eq!(maya.recorder().offset(&take).await, sound.len());
    app.s3.finds_nothing(false);
    assert_eq!(stored(&app, &take).await, sound);
}

/// F34: the parts are put together, and the answer that says so is lost.
#[tokio::test]
async fn a_lost_answer_to_the_completion_loses_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    for sound in [noise(300), noise(2 * PART + 1)] {
        app.s3.loses_the_next_completion();
        let take = maya.recorder().records(0, &sound).await;
        assert_eq!(stored(&app, &take).await, sound);
    }
}

#[tokio::test]
async fn a_take_of_exactly_some_parts_is_stored() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    for parts in [1, 2] {
        let sound = noise(parts * PART);
        let take = maya.recorder().records(0, &sound).await;
        assert_eq!(stored(&app, &take).await, sound, "{parts}");
    }
    assert_eq!(app.s3.parts_seen(), 3);
}
