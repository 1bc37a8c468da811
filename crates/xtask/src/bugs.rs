//! Whether the tests find mistakes that are made on purpose, one at a time, in one build that has all of them.

use crate::{ground::Ground, house::House, programs, steps::Steps};
use anyhow::{Result, ensure};
use seeded_bug::Bug;

/// nextest's code for "a test failed", and for nothing else.
const TESTS_FAILED: i32 = 100;

/// A package, and that of its tests which must fail.
type Finder = (&'static str, &'static str);

fn finder(bug: Bug) -> Finder {
    match bug {
        Bug::AcknowledgedFirst | Bug::NotedApart => {
            ("test-kit", "what_cannot_have_its_effect_now_has_it_later")
        }
        Bug::SaidFirst => ("test-kit", "what_is_taken_back_before_it_commits_is_never_said"),
        Bug::NewerOnly => ("test-kit", "an_event_that_commits_after_a_later_one_is_said_all_the_same"),
        Bug::HeardAgain => {
            ("test-kit", "a_broker_that_lost_its_store_is_told_again_and_nothing_takes_effect_twice")
        }
        Bug::NoFence => ("rating", "a_worker_that_lost_its_lease_commits_nothing"),
        Bug::OffsetBelieved => ("upload", "b50_bytes_that_begin_elsewhere_are_refused"),
        Bug::NotLookedAt => ("upload", "storage_that_says_it_is_done_is_not_believed"),
        Bug::ReadThenSealed => ("sessions", "of_two_endings_that_came_before_either_was_done_one_wins"),
        Bug::AnybodysSession => ("sessions", "another_learners_session_answers_exactly_like_none"),
        Bug::NoEnd => {
            ("rating", "a_failing_dependency_is_tried_again_then_given_up_and_a_request_begins_again")
        }
        Bug::NoGrave => ("rating", "a_session_deleted_before_anything_was_heard_of_it_stays_deleted"),
    }
}

/// Makes each mistake, and fails unless a test does.
pub fn are_found(house: &House, steps: &Steps) -> Result<()> {
    let ground = steps.run("databases for tests", |step| Ok((Ground::start(house, step)?, String::new())))?;
    let settings = ground.settings()?;
    let test = |(package, name): Finder| {
        let mut nextest = programs::cargo_plugin(house, "nextest");
        nextest.args(["run", "--package", "seeded-bug", "--features", "seeded-bug/seeded"]);
        nextest.args(["--package", package, "-E", &format!("test(/(^|::){name}$/)")]).envs(settings.clone());
        nextest
    };
    let mut missed = vec![];
    for bug in Bug::ALL {
        let finder = finder(bug);
        steps.run(&format!("without {}", bug.name()), |step| {
            Ok((step.run(&mut test(finder))?, String::new()))
        })?;
        let found = steps.run(bug.name(), |step| {
            let status = step.status(test(finder).env("SEEDED_BUG", bug.name()))?;
            let found = status.code() == Some(TESTS_FAILED);
            Ok((found, if found { "found" } else { "NOT FOUND" }.to_owned()))
        })?;
        if !found {
            missed.push(bug.name());
        }
    }
    ensure!(missed.is_empty(), "no test finds {}", missed.join(", "));
    Ok(())
}
