//! Both replicas over a real broker, and any order of things.

use crate::{
    events::{rating_gives_up, the_recording_is_stored},
    support::{Learner, TestApp, ending, rating, turn},
};
use event_bus::Outgoing;
use events::{AudioStored, Event as _, SessionDeleted, SessionFinalized, SessionRated, SessionStarted};
use ids::{Ids, SessionId};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;
use std::sync::Mutex;
use test_kit::{Nats, announced, eventually};

async fn says<E: events::Event>(bus: &event_bus::Bus, event: &E) {
    let outgoing = Outgoing {
        event: Ids.mint(),
        subject: E::SUBJECT.to_owned(),
        payload: event.encode_to_vec().into(),
        traceparent: None,
        replayed: false,
    };
    bus.publish(&outgoing).await.expect("the broker takes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_broker_events_go_out_and_news_comes_in() {
    let (app, nats) = (TestApp::start().await, Nats::start().await);
    let bus = nats.bus().await;
    app.works_over(&bus);
    app.neighbours.rating_has(rating(1));
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    eventually("everything is published", async || {
        (app.count("select count(*) from outbox where published_at is not null").await == 2).then_some(())
    })
    .await;
    eventually("the test is connected", async || bus.is_connected().then_some(())).await;
    says(
        &bus,
        &AudioStored {
            session_id: session.to_string(),
            revision: 1,
            media_type: "audio/mp4".into(),
            channel_layout: "mixed".into(),
            ..AudioStored::default()
        },
    )
    .await;
    says(
        &bus,
        &SessionRated { session_id: session.to_string(), rating_revision: 1, ..SessionRated::default() },
    )
    .await;
    eventually("recording and rating show", async || {
        let shown = maya.looks_at(session).await.is(200);
        (shown["recording"]["state"] == "ready" && shown["rating"]["state"] == "ready").then_some(())
    })
    .await;
    assert_eq!(AudioStored::SUBJECT, "audio.stored");
}

/// Something that happens to a learner's session.
#[derive(Clone, Copy, Debug)]
enum Step {
    Start,
    Save(u32),
    Finalize(u8),
    Store(u32),
    GiveUp(u32),
    Delete,
}

/// What must be true afterwards, kept without a database.
#[derive(Debug, Default)]
struct Model {
    session: Option<Known>,
    started: usize,
    finalized: usize,
    deleted: usize,
}

#[derive(Debug)]
struct Known {
    id: SessionId,
    draft: u32,
    ending: Option<u8>,
    recording: u32,
    failed: u32,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Start),
        3 => (1_u32..6).prop_map(Step::Save),
        3 => (0_u8..2).prop_map(Step::Finalize),
        2 => (1_u32..4).prop_map(Step::Store),
        2 => (1_u32..4).prop_map(Step::GiveUp),
        1 => Just(Step::Delete),
    ];
    prop::collection::vec(step, 1..15)
}

async fn take(app: &TestApp, maya: &Learner<'_>, model: &mut Model, step: Step) {
    let Some(known) = &mut model.session else {
        if matches!(step, Step::Start) {
            let id = maya.starts().await;
            model.session = Some(Known { id, draft: 0, ending: None, recording: 0, failed: 0 });
            model.started += 1;
        }
        return;
    };
    match step {
        Step::Start if known.ending.is_none() => {
            maya.starts_under(1, "another").await.is_refused(409, "session-already-open");
        }
        Step::Start => {
            let id = maya.starts().await;
            *known = Known { id, draft: 0, ending: None, recording: 0, failed: 0 };
            model.started += 1;
        }
        Step::Save(revision) => {
            let words = json!([turn("one", "coach", 0, 10, &format!("words {revision}"))]);
            let answer = maya.saves(known.id, revision, words).await;
            if known.ending.is_some() {
                answer.is_refused(409, "transcript-finalized");
            } else if revision < known.draft {
                answer.is_refused(409, "stale-revision");
            } else {
                answer.is(200);
                known.draft = revision;
            }
        }
        Step::Finalize(which) => {
            let mut wanted = ending();
            wanted["duration_ms"] = json!(4000 + u32::from(which));
            let key = format!("{} {which}", known.id);
            let answer = maya.finalizes_under(0, known.id, &key, wanted).await;
            match known.ending {
                Some(before) if before != which => {
                    answer.is_refused(409, "already-finalized");
                }
                Some(_) => {
                    answer.is(200);
                }
                None => {
                    answer.is(200);
                    known.ending = Some(which);
                    model.finalized += 1;
                }
            }
        }
        Step::Store(revision) => {
            the_recording_is_stored(app, known.id, revision).await;
            known.recording = known.recording.max(revision);
        }
        Step::GiveUp(revision) => {
            rating_gives_up(app, known.id, revision).await;
            known.failed = known.failed.max(revision);
        }
        Step::Delete => {
            maya.deletes(known.id).await.is(204);
            maya.looks_at(known.id).await.is_refused(404, "not-found");
            model.deleted += 1;
            model.session = None;
        }
    }
}

async fn agrees(maya: &Learner<'_>, model: &Model) {
    let Some(known) = &model.session else { return };
    let shown = maya.looks_at(known.id).await.is(200);
    assert_eq!(shown["state"], if known.ending.is_some() { "finalized" } else { "open" });
    let revision = if known.ending.is_some() { known.draft + 1 } else { known.draft };
    assert_eq!(shown["transcript"]["revision"], revision);
    assert_eq!(shown["recording"]["revision"], known.recording);
    assert_eq!(shown["recording"]["state"], if known.recording > 0 { "ready" } else { "expected" });
    assert_eq!(shown["rating"]["revision"], known.failed);
    if let Some(which) = known.ending {
        assert_eq!(shown["duration_ms"], 4000 + u32::from(which));
        assert_eq!(shown["transcript"]["turns"], ending()["turns"]);
    }
}

#[test]
fn whatever_happens_in_whatever_order_the_session_is_as_the_model_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(TestApp::start());
    let totals = Mutex::new((0, 0, 0));
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let maya = app.learner();
                let mut model = Model::default();
                for step in steps {
                    take(&app, &maya, &mut model, step).await;
                    agrees(&maya, &model).await;
                }
                let mut totals = totals.lock().unwrap();
                totals.0 += model.started;
                totals.1 += model.finalized;
                totals.2 += model.deleted;
            });
            Ok(())
        })
        .unwrap();
    let totals = totals.into_inner().unwrap();
    runtime.block_on(async {
        assert_eq!(announced::<SessionStarted>(app.pool()).await.len(), totals.0);
        assert_eq!(announced::<SessionFinalized>(app.pool()).await.len(), totals.1);
        assert_eq!(announced::<SessionDeleted>(app.pool()).await.len(), totals.2);
    });
    let _inside = runtime.enter();
    drop(app);
}
