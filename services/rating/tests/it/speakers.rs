//! Slow, fast and halting speakers are told apart by every number that should.

use crate::scene::{RMS, SLT, Scene, Voice};
use rating::{audio::Conversation, finding::Measured, metrics, transcript::Transcript};

const PHRASES: [&str; 6] = [
    "On Saturday I went to the market with my sister",
    "we bought apples and potatoes and a melon",
    "then we carried everything home together",
    "my mother made a wonderful soup for us",
    "after dinner we played cards in the garden",
    "and it was a beautiful evening for everybody",
];
/// Counted by hand.
const SYLLABLES: f64 = 73.0;

fn speaker(voice: Voice, pauses: &[usize]) -> Scene {
    Scene::default()
        .silence(300)
        .coach(RMS, "What did you do at the weekend?")
        .silence(600)
        .learner_with_pauses(voice, &PHRASES, pauses)
        .silence(500)
}

fn number(heard: &Conversation, metric: &str) -> f64 {
    let findings = metrics::findings(Ok(heard), &Transcript::default());
    let found = findings.into_iter().find(|finding| finding.metric == metric).expect("the metric exists");
    match found.measured {
        Measured::Value { value, .. } => value,
        Measured::Not(reason) => panic!("{metric}: {reason}"),
    }
}

#[tokio::test]
async fn slow_fast_and_halting_speakers_rank_so_in_every_metric() {
    let brief = [300, 350, 300, 350, 300];
    let fast = speaker(SLT.at(0.8), &brief).heard().await;
    let slow = speaker(SLT.at(1.5), &brief).heard().await;
    let halting = {
        let words: Vec<&str> = PHRASES.iter().flat_map(|phrase| halves(phrase)).collect();
        Scene::default()
            .silence(300)
            .coach(RMS, "What did you do at the weekend?")
            .silence(600)
            .learner_with_pauses(SLT, &words, &[900, 700, 1100, 600, 1400, 800, 900, 700, 1000, 600, 1200])
            .silence(500)
            .heard()
            .await
    };

    let of = |metric| (number(&fast, metric), number(&slow, metric), number(&halting, metric));
    for metric in ["syllable_rate", "articulation_rate"] {
        let (fast, slow, halting) = of(metric);
        assert!(fast > 1.3 * slow, "{metric}: fast {fast:.2}, slow {slow:.2}");
        assert!(fast > halting, "{metric}: fast {fast:.2}, halting {halting:.2}");
    }
    for metric in ["pauses_per_minute", "silent_pauses", "pause_time", "mean_pause"] {
        let (fast, slow, halting) = of(metric);
        assert!(
            halting > 1.5 * fast.max(slow),
            "{metric}: fast {fast:.2}, slow {slow:.2}, halting {halting:.2}"
        );
    }
    for metric in ["mean_run", "longest_run"] {
        let (fast, slow, halting) = of(metric);
        assert!(slow > fast, "{metric}: slow {slow:.2}, fast {fast:.2}");
        assert!(halting < fast, "{metric}: halting {halting:.2}, fast {fast:.2}");
    }
    let (fast, slow, _) = of("pauses_per_minute");
    assert!(fast > slow, "the same pauses lie closer together in fast speech");
}

#[tokio::test]
async fn syllables_are_counted_about_as_a_person_counts_them() {
    for (voice, what) in [(SLT, "slt"), (SLT.at(1.4), "slow slt"), (RMS, "rms")] {
        let heard = speaker(voice, &[400, 500, 400, 500, 400]).heard().await;
        let counted = heard.syllables as f64;
        assert!((counted - SYLLABLES).abs() <= 0.25 * SYLLABLES, "{what}: {counted} of {SYLLABLES}");
    }
}

fn halves(phrase: &str) -> [&str; 2] {
    let middle = phrase[phrase.len() / 2..].find(' ').expect("a phrase has words") + phrase.len() / 2;
    [&phrase[..middle], &phrase[middle + 1..]]
}
