//! The recogniser process.

use std::time::Duration;

use coach::recognizer::{Outcome, Pool, Recognizer as _, Report};
use lifecycle::Lifecycle;
use tokio::sync::mpsc;

use crate::{
    setup::recognizer,
    speech::{joined, say, silence},
};

async fn outcome(reports: &mut mpsc::UnboundedReceiver<Report>) -> Outcome {
    loop {
        let report = tokio::time::timeout(Duration::from_mins(1), reports.recv()).await.expect("in time");
        match report.expect("the pool is there").outcome {
            Outcome::Partial(_) => {}
            outcome => return outcome,
        }
    }
}

async fn recognise(pool: &Pool, pcm: &[i16]) -> Outcome {
    let (send, mut reports) = mpsc::unbounded_channel();
    let mut utterance = pool.open(1, send);
    utterance.hear(pcm);
    utterance.end();
    outcome(&mut reports).await
}

#[tokio::test]
async fn what_is_said_is_mostly_understood_also_by_several_at_once() {
    let lifecycle = Lifecycle::new();
    let pool = Pool::start(&recognizer(), 1, &lifecycle);
    let sentences = [
        "on saturday i went to the market with my sister",
        "we had breakfast in a small restaurant near the river",
        "my brother plays football in the park every sunday",
        "i usually go to work by train because it is fast",
        "yesterday evening we watched a film at home",
        "the weather was cold but we walked to the beach",
    ];
    let (send, mut reports) = mpsc::unbounded_channel();
    for (number, sentence) in sentences.iter().enumerate() {
        let pcm = joined(&[&silence(300), &say(sentence).await, &silence(500)]);
        let mut utterance = pool.open(number as u64, send.clone());
        utterance.hear(&pcm);
        utterance.end();
    }
    let mut right = 0;
    for _ in sentences {
        let report = loop {
            let report = tokio::time::timeout(Duration::from_mins(1), reports.recv()).await.expect("in time");
            let report = report.expect("the pool is there");
            if !matches!(report.outcome, Outcome::Partial(_)) {
                break report;
            }
        };
        let Outcome::Final { text, words } = report.outcome else { panic!("not understood") };
        assert_eq!(text.split_whitespace().count(), words.len());
        let truth = sentences[report.utterance as usize];
        right += truth.split(' ').filter(|word| text.split(' ').any(|heard| heard == *word)).count();
    }
    let all: usize = sentences.iter().map(|sentence| sentence.split(' ').count()).sum();
    assert!(right * 10 >= all * 8, "{right} of {all} words");
    lifecycle.stop();
}

#[tokio::test]
async fn a_crash_loses_one_utterance_and_the_next_is_heard() {
    let lifecycle = Lifecycle::new();
    let marker = tempfile::tempdir().expect("a folder");
    let marker = marker.path().join("crashed");
    let script =
        "if [ ! -e \"$0\" ]; then touch \"$0\"; head -c 4000 > /dev/null; kill -SEGV $$; fi; exec \"$@\"";
    let mut command = vec!["sh".to_owned(), "-c".to_owned(), script.to_owned(), marker.display().to_string()];
    command.extend(recognizer());
    let pool = Pool::start(&command, 1, &lifecycle);
    let pcm = joined(&[&silence(300), &say("i went to the market").await, &silence(300)]);
    assert_eq!(recognise(&pool, &pcm).await, Outcome::Failed);
    let Outcome::Final { text, .. } = recognise(&pool, &pcm).await else { panic!("not heard") };
    assert!(text.contains("market"), "{text}");
    lifecycle.stop();
}

#[tokio::test]
async fn a_forgotten_utterance_frees_its_place() {
    let lifecycle = Lifecycle::new();
    let pool = Pool::start(&recognizer(), 1, &lifecycle);
    let (send, _reports) = mpsc::unbounded_channel();
    for number in 0..6 {
        let mut utterance = pool.open(number, send.clone());
        utterance.hear(&silence(200));
    }
    let pcm = joined(&[&silence(300), &say("i went to the market").await, &silence(300)]);
    assert!(matches!(recognise(&pool, &pcm).await, Outcome::Final { .. }));
    lifecycle.stop();
}
