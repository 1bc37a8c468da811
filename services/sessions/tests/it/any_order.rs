//! Whatever a browser, the other services and crashes do, in whatever order, and whether or not anybody comes back: no
//! sealed transcript changes, and no session goes backwards.

use crate::support::{Answer, Learner, TestApp, ending, turn};
use events::{AudioStored, RatingFailed, catalogue};
use ids::{EventId, Ids, SessionId};
use proptest::{
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    test_runner::{Config, RngSeed, TestRunner},
};
use proptest_state_machine::ReferenceStateMachine;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Orders that are tried at the same time, each by a learner of its own.
const AT_ONCE: u32 = 4;
/// Longer than anything a crash left behind may hold a session.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a learner may rely on: their sessions, the newest last.
#[derive(Clone, Debug, Default)]
struct Expected {
    sessions: Vec<Stage>,
    /// Which session each one goes on with.
    continues: Vec<Option<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Words of this revision are saved.
    Open {
        revision: u32,
        words: Option<u8>,
        recording: u32,
    },
    /// It ended with these words, and with this revision.
    Sealed {
        words: Option<u8>,
        revision: u32,
        recording: u32,
        by: By,
    },
    Deleted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Browser,
    Absence,
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
    Save {
        revision: u32,
        words: u8,
    },
    Finalize {
        words: u8,
    },
    Beat,
    /// Nobody comes back for ten minutes.
    Absence,
    Continue,
    Delete,
    RecordingStored {
        revision: u32,
    },
    RatingFailed {
        revision: u32,
    },
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
            1 => Just(Act::Beat),
            2 => Just(Act::Absence),
            2 => Just(Act::Continue),
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
            return self.begin(None);
        }
        let Some(at) = self.at(step) else { return 404 };
        if matches!(step.act, Act::Continue) {
            return if self.sessions[at] == Stage::Deleted { 404 } else { self.begin(Some(at)) };
        }
        let (next, status) = match (step.act, self.sessions[at]) {
            (Act::Save { .. } | Act::Finalize { .. } | Act::Beat | Act::Delete, Stage::Deleted) => {
                (Stage::Deleted, 404)
            }
            (Act::Delete, _) => (Stage::Deleted, 204),
            (Act::Save { revision, words }, Stage::Open { revision: saved, recording, .. })
                if revision > saved =>
            {
                (Stage::Open { revision, words: Some(words), recording }, 200)
            }
            (Act::Save { revision, words }, stage @ Stage::Open { revision: saved, words: kept, .. }) => {
                (stage, if (revision, Some(words)) == (saved, kept) { 200 } else { 409 })
            }
            (Act::Finalize { words }, Stage::Open { revision, recording, .. }) => (
                Stage::Sealed { words: Some(words), revision: revision + 1, recording, by: By::Browser },
                200,
            ),
            (Act::Finalize { words }, stage @ Stage::Sealed { words: sealed, by, .. }) => {
                (stage, if by == By::Browser && Some(words) == sealed { 200 } else { 409 })
            }
            (Act::Absence, Stage::Open { revision, words, recording }) => {
                (Stage::Sealed { words, revision: revision + 1, recording, by: By::Absence }, 0)
            }
            (Act::Beat, stage @ Stage::Open { .. }) => (stage, 204),
            (Act::Save { .. } | Act::Beat, stage @ Stage::Sealed { .. }) => (stage, 409),
            (Act::RecordingStored { revision: newer }, Stage::Open { revision, words, recording }) => {
                (Stage::Open { revision, words, recording: recording.max(newer) }, 0)
            }
            (Act::RecordingStored { revision: newer }, Stage::Sealed { words, revision, recording, by }) => {
                (Stage::Sealed { words, revision, recording: recording.max(newer), by }, 0)
            }
            (_, stage) => (stage, 0),
        };
        self.sessions[at] = next;
        status
    }

    fn begin(&mut self, continues: Option<usize>) -> u16 {
        if self.sessions.iter().any(|stage| matches!(stage, Stage::Open { .. })) {
            return 409;
        }
        self.sessions.push(Stage::Open { revision: 0, words: None, recording: 0 });
        self.continues.push(continues);
        201
    }

    /// What a session goes on with, and what goes on with it: those that are still there.
    fn links(&self, at: usize) -> (Option<usize>, Option<usize>) {
        let there = |at: &usize| self.sessions[*at] != Stage::Deleted;
        let later = (0..self.sessions.len()).rev().filter(there);
        let by = later.into_iter().find(|later| self.continues[*later] == Some(at));
        (self.continues[at].filter(there), by)
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
    let cases = Config::default().cases / 4 / AT_ONCE;
    let orders = Expected::sequential_strategy(1..30);
    std::thread::scope(|scope| {
        for nth in 0..AT_ONCE {
            let (orders, runtime, app) = (&orders, &runtime, &app);
            scope.spawn(move || {
                let usual = Config::default();
                // With a seed that is given (`PROPTEST_RNG_SEED`), all of them would try the same orders.
                let rng_seed = match usual.rng_seed {
                    RngSeed::Fixed(seed) => RngSeed::Fixed(seed.wrapping_add(u64::from(nth))),
                    RngSeed::Random => RngSeed::Random,
                };
                let mut runner =
                    TestRunner::new(Config { cases, failure_persistence: None, rng_seed, ..usual });
                let outcome = runner.run(orders, |(expected, steps, seen)| {
                    runtime.block_on(follow(app, expected, steps, seen));
                    Ok(())
                });
                outcome.unwrap_or_else(|failure| panic!("{failure}"));
            });
        }
    });
}

/// Takes every step of an order and looks, each time, at what it may have changed; in the end at everything.
async fn follow(app: &TestApp, mut expected: Expected, steps: Vec<Step>, seen: Option<Arc<AtomicUsize>>) {
    let learner = app.learner();
    let mut known: Vec<Known> = vec![];
    for (number, step) in steps.into_iter().enumerate() {
        if let Some(seen) = &seen {
            seen.fetch_add(1, Ordering::SeqCst);
        }
        let at = expected.at(step);
        let status = expected.take(step);
        take(&learner, &mut known, at, step, number, status).await;
        let newest = known.len().checked_sub(1);
        let touched = [at, at.and_then(|at| expected.continues[at]), newest];
        look_at(&learner, &expected, touched.into_iter().flatten().collect(), &mut known).await;
    }
    look_at(&learner, &expected, (0..known.len()).collect(), &mut known).await;
}

async fn look_at(learner: &Learner<'_>, expected: &Expected, which: BTreeSet<usize>, known: &mut [Known]) {
    for at in which {
        let (continues, by) = expected.links(at);
        let links = [continues, by].map(|other| other.map(|other| known[other].id.to_string()));
        look(learner, expected.sessions[at], &links, &mut known[at]).await;
    }
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
        (Act::Beat, Some(session)) => crashing(step, || learner.beats(replica, session.id)).await,
        (Act::Continue, Some(session)) => crashing(step, || learner.continues_under(&key, session.id)).await,
        (Act::Absence, Some(session)) => {
            let looks = async || {
                app.nobody_comes_back(session.id, Duration::ZERO).await;
                app.looks_for_abandoned(replica).await
            };
            crashing(step, &looks).await;
            // What a crash still holds is passed over and found in a later round, and a heartbeat whose sender is dead
            // may arrive after it was seen to that nobody is there.
            let sealed = async {
                while app.is_open(session.id).await {
                    looks().await;
                }
            };
            let sealed = tokio::time::timeout(PATIENCE, sealed).await;
            assert!(sealed.is_ok(), "the session stays open: {}", app.what_holds(session.id).await);
            return;
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
async fn look(learner: &Learner<'_>, stage: Stage, links: &[Option<String>; 2], known: &mut Known) {
    let answer = learner.looks_at(known.id).await;
    let (recording, revision, words) = match stage {
        Stage::Deleted => {
            answer.is_refused(404, "not-found");
            return;
        }
        Stage::Open { revision, recording, words } | Stage::Sealed { revision, recording, words, .. } => {
            (recording, revision, words)
        }
    };
    let session = answer.is(200);
    assert_eq!(session["transcript"]["revision"], revision);
    assert_eq!(session["transcript"]["final"], matches!(stage, Stage::Sealed { .. }));
    assert_eq!(session["transcript"]["turns"], words.map_or(json!([]), said));
    assert_eq!(json!([session["continues"], session["continued_by"]]), json!(links));
    assert_eq!(session["recording"]["revision"], recording);
    let rating = session["rating"]["revision"].as_u64().expect("a revision");
    assert!(rating >= known.rating, "the rating went back from {} to {rating}", known.rating);
    known.rating = rating;
    if let Stage::Sealed { by, .. } = stage {
        assert_eq!(session["end_reason"] == "interrupted", by == By::Absence);
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
