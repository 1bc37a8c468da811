//! Whatever a browser, the other services and crashes do, in whatever order: no sealed transcript changes, and no
//! session goes backwards.

use crate::support::{Answer, Learner, TestApp, ending, turn};
use events::{AudioStored, RatingFailed, catalogue};
use ids::{EventId, Ids, SessionId};
use proptest::{
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    test_runner::{Config, TestRunner},
};
use proptest_state_machine::ReferenceStateMachine;
use serde_json::{Value, json};
use std::{sync::atomic::Ordering, time::Duration};

/// What a learner may rely on: their sessions, the newest last.
#[derive(Clone, Debug, Default)]
struct Expected {
    sessions: Vec<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Words of this revision are saved.
    Open {
        revision: u32,
        words: u8,
        recording: u32,
    },
    /// It ended with these words, and with this revision.
    Sealed {
        words: u8,
        revision: u32,
        recording: u32,
    },
    Deleted,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    act: Act,
    /// Which session, counted from the newest.
    back: usize,
    /// The process dies so many microseconds into the first try, and the sender tries again.
    crash: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Start,
    Save { revision: u32, words: u8 },
    Finalize { words: u8 },
    Delete,
    RecordingStored { revision: u32 },
    RatingFailed { revision: u32 },
}

impl ReferenceStateMachine for Expected {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let act = prop_oneof![
            3 => Just(Act::Start),
            4 => (1..5_u32, 0..3_u8).prop_map(|(revision, words)| Act::Save { revision, words }),
            4 => (0..3_u8).prop_map(|words| Act::Finalize { words }),
            1 => Just(Act::Delete),
            2 => (1..4_u32).prop_map(|revision| Act::RecordingStored { revision }),
            1 => (1..4_u32).prop_map(|revision| Act::RatingFailed { revision }),
        ];
        let crash = prop_oneof![3 => Just(None), 1 => (0..4000_u64).prop_map(Some)];
        (act, any::<u8>(), crash)
            .prop_map(|(act, back, crash)| Step { act, back: usize::from(back % 3), crash })
            .boxed()
    }

    fn apply(mut expected: Self, step: &Step) -> Self {
        expected.take(*step);
        expected
    }
}

impl Expected {
    fn at(&self, step: Step) -> Option<usize> {
        self.sessions.len().checked_sub(step.back + 1)
    }

    /// Takes a step; answers with the status that its sender is to see.
    fn take(&mut self, step: Step) -> u16 {
        if matches!(step.act, Act::Start) {
            let open = self.sessions.iter().any(|stage| matches!(stage, Stage::Open { .. }));
            if open {
                return 409;
            }
            self.sessions.push(Stage::Open { revision: 0, words: 0, recording: 0 });
            return 201;
        }
        let Some(at) = self.at(step) else { return 404 };
        let (next, status) = match (step.act, self.sessions[at]) {
            (Act::Save { .. } | Act::Finalize { .. } | Act::Delete, Stage::Deleted) => (Stage::Deleted, 404),
            (Act::Delete, _) => (Stage::Deleted, 204),
            (Act::Save { revision, words }, Stage::Open { revision: saved, recording, .. })
                if revision > saved =>
            {
                (Stage::Open { revision, words, recording }, 200)
            }
            (Act::Save { revision, words }, stage @ Stage::Open { revision: saved, words: kept, .. }) => {
                (stage, if (revision, words) == (saved, kept) { 200 } else { 409 })
            }
            (Act::Finalize { words }, Stage::Open { revision, recording, .. }) => {
                (Stage::Sealed { words, revision: revision + 1, recording }, 200)
            }
            (Act::Finalize { words }, stage @ Stage::Sealed { words: sealed, .. }) => {
                (stage, if words == sealed { 200 } else { 409 })
            }
            (Act::Save { .. }, stage @ Stage::Sealed { .. }) => (stage, 409),
            (Act::RecordingStored { revision: newer }, Stage::Open { revision, words, recording }) => {
                (Stage::Open { revision, words, recording: recording.max(newer) }, 0)
            }
            (Act::RecordingStored { revision: newer }, Stage::Sealed { words, revision, recording }) => {
                (Stage::Sealed { words, revision, recording: recording.max(newer) }, 0)
            }
            (Act::Start | Act::RecordingStored { .. } | Act::RatingFailed { .. }, stage) => (stage, 0),
        };
        self.sessions[at] = next;
        status
    }
}

/// A session as it was seen last, which binds how it may look from now on.
struct Known {
    id: SessionId,
    /// The events about it, by revision: what is said again is the same event.
    stored: [EventId; 4],
    failed: [EventId; 4],
    sealed: Option<Value>,
    rating: u64,
}

impl Known {
    fn of(id: SessionId) -> Self {
        let mint = || std::array::from_fn(|_| Ids.mint());
        Self { id, stored: mint(), failed: mint(), sealed: None, rating: 0 }
    }
}

#[test]
fn whatever_comes_in_whatever_order_nothing_sealed_changes_and_nothing_goes_backwards() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let app = runtime.block_on(TestApp::start());
    // A quarter of what is usual (`PROPTEST_CASES` asks for more): each order is some sixty requests.
    let usual = Config::default();
    let mut runner = TestRunner::new(Config { cases: usual.cases / 4, failure_persistence: None, ..usual });
    let orders = Expected::sequential_strategy(1..30);
    let outcome = runner.run(&orders, |(mut expected, steps, seen)| {
        runtime.block_on(async {
            let learner = app.learner();
            let mut known: Vec<Known> = vec![];
            for (number, step) in steps.into_iter().enumerate() {
                if let Some(seen) = &seen {
                    seen.fetch_add(1, Ordering::SeqCst);
                }
                let at = expected.at(step);
                let status = expected.take(step);
                take(&learner, &mut known, at, step, number, status).await;
                for (stage, known) in expected.sessions.iter().zip(&mut known) {
                    look(&learner, *stage, known).await;
                }
            }
        });
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Takes a step in the service and looks at its answer.
async fn take(
    learner: &Learner<'_>,
    known: &mut Vec<Known>,
    at: Option<usize>,
    step: Step,
    number: usize,
    status: u16,
) {
    let (app, replica, key) = (learner.app, number % 2, format!("step {number}"));
    let target = at.map(|at| &known[at]);
    let answer = match (step.act, target) {
        (Act::Start, _) => crashing(step, || learner.starts_under(replica, &key)).await,
        (_, None) => return,
        (Act::Save { revision, words }, Some(session)) => {
            crashing(step, || learner.saves(session.id, revision, said(words))).await
        }
        (Act::Finalize { words }, Some(session)) => {
            let mut ending = ending();
            ending["turns"] = said(words);
            crashing(step, || learner.finalizes_under(replica, session.id, &key, ending.clone())).await
        }
        (Act::Delete, Some(session)) => {
            let answer = crashing(step, || learner.deletes(session.id)).await;
            // The try that crashed may have deleted it.
            if step.crash.is_some() && answer.status == 404 {
                return;
            }
            answer
        }
        (Act::RecordingStored { revision }, Some(session)) => {
            let (consumer, id) = (catalogue::SESSIONS_AUDIO_STORED, session.stored[revision as usize]);
            crashing(step, || app.hears(replica, consumer, id, stored(session.id, revision)))
                .await
                .expect("it is heard");
            return;
        }
        (Act::RatingFailed { revision }, Some(session)) => {
            let (consumer, id) = (catalogue::SESSIONS_RATING_FAILED, session.failed[revision as usize]);
            crashing(step, || app.hears(replica, consumer, id, failed(session.id, revision)))
                .await
                .expect("it is heard");
            return;
        }
    };
    let answer: Answer = answer;
    let body = answer.is(status);
    if status == 201 {
        known.push(Known::of(body["id"].as_str().expect("an id").parse().expect("an id")));
    }
}

/// Tries, dies, and tries again, as the step wants it.
async fn crashing<T, F: Future<Output = T>>(step: Step, attempt: impl Fn() -> F) -> T {
    if let Some(after) = step.crash {
        let _ = tokio::time::timeout(Duration::from_micros(after), attempt()).await;
    }
    attempt().await
}

/// Compares a session with what its learner may rely on.
async fn look(learner: &Learner<'_>, stage: Stage, known: &mut Known) {
    let answer = learner.looks_at(known.id).await;
    let (recording, revision) = match stage {
        Stage::Deleted => {
            answer.is_refused(404, "not-found");
            return;
        }
        Stage::Open { revision, recording, .. } | Stage::Sealed { revision, recording, .. } => {
            (recording, revision)
        }
    };
    let session = answer.is(200);
    assert_eq!(session["transcript"]["revision"], revision);
    assert_eq!(session["transcript"]["final"], matches!(stage, Stage::Sealed { .. }));
    assert_eq!(session["recording"]["revision"], recording);
    let rating = session["rating"]["revision"].as_u64().expect("a revision");
    assert!(rating >= known.rating, "the rating went back from {} to {rating}", known.rating);
    known.rating = rating;
    if matches!(stage, Stage::Sealed { .. }) {
        let now = json!([
            session["transcript"],
            session["ended_at"],
            session["duration_ms"],
            session["end_reason"]
        ]);
        assert_eq!(*known.sealed.get_or_insert_with(|| now.clone()), now, "what is sealed stays");
    }
}

fn said(words: u8) -> Value {
    json!([
        turn("one", "coach", 0, 1200, "What would you like?"),
        turn("two", "learner", 1500, 3000, &format!("{words} of them, please."))
    ])
}

fn stored(session: SessionId, revision: u32) -> AudioStored {
    AudioStored {
        session_id: session.to_string(),
        revision,
        duration_ms: 4000,
        media_type: "audio/webm".into(),
        channel_layout: "learner_left_coach_right".into(),
        ..AudioStored::default()
    }
}

fn failed(session: SessionId, rating_revision: u32) -> RatingFailed {
    RatingFailed {
        session_id: session.to_string(),
        rating_revision,
        reason: "provider_unavailable".into(),
        ..RatingFailed::default()
    }
}
