//! The learner's pace: who decides when a turn is over, whether the coach can be interrupted, how fast it speaks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    caller::{Caller, kind},
    setup::{TestCoach, coach},
    speech::{joined, say, silence},
};

const WORDS: &str = "i worked in the morning and then i had lunch at home";

/// How long this coach waits after the last word before it takes the turn for finished.
async fn end_of_turn(coach: &TestCoach, turn_detection: Value) -> Duration {
    let caller = Caller::paced(coach, &turn_detection, &Value::Null).await;
    caller.say(joined(&[&silence(300), &say(WORDS).await]));
    let said = caller.said().await;
    caller.wait("input_audio_buffer.speech_stopped").await;
    let stopped = caller.time_of(0, "input_audio_buffer.speech_stopped").expect("it came");
    stopped.duration_since(said)
}

/// How long the coach's first turn sounds, in seconds.
async fn opening(caller: &Caller) -> f32 {
    let before = caller.events().len();
    caller.listen().await;
    let time = |name| caller.time_of(before, name).expect("it came");
    time("output_audio_buffer.stopped").duration_since(time("output_audio_buffer.started")).as_secs_f32()
}

fn between_turns(patch: &Value) -> Value {
    json!({"type": "session.update", "session": {"type": "realtime", "audio": patch}})
}

#[tokio::test]
async fn an_eager_coach_takes_a_shorter_silence_for_the_end() {
    // Without words: a sentence that is heard to break off would be given more time.
    let coach = coach(&[("COACH_FAULTS", "fail_transcription")]).await;
    let semantic = |eagerness: &str| json!({"type": "semantic_vad", "eagerness": eagerness});
    let (low, medium, auto, high, literal) = tokio::join!(
        end_of_turn(&coach, semantic("low")),
        end_of_turn(&coach, semantic("medium")),
        end_of_turn(&coach, semantic("auto")),
        end_of_turn(&coach, semantic("high")),
        end_of_turn(&coach, json!({"type": "server_vad", "silence_duration_ms": 400})),
    );
    // Small talk is B1: 1600, 1120 and 800 ms. The voice fades out alike in all of them, so only differences are exact.
    let later = |a: Duration, b: Duration| a.as_millis() as i64 - b.as_millis() as i64;
    for (what, difference, expected) in [
        ("low after medium", later(low, medium), 480),
        ("auto with medium", later(auto, medium), 0),
        ("medium after high", later(medium, high), 320),
        ("high after 400 ms", later(high, literal), 400),
    ] {
        assert!((difference - expected).abs() <= 200, "{what}: {difference} ms");
    }
}

#[tokio::test]
async fn a_turn_by_hand_begins_and_ends_when_the_client_says_so() {
    let coach = coach(&[]).await;
    let caller = Caller::paced(&coach, &Value::Null, &Value::Null).await;
    caller.listen().await;
    let pressed = caller.events().len();
    caller.send(&json!({"type": "input_audio_buffer.clear"}));
    caller.send(&json!({"type": "input_audio_buffer.commit", "event_id": "too-early"}));
    let error = caller.wait_after(pressed, "error").await;
    assert_eq!(error["error"]["code"], "input_audio_buffer_commit_empty");
    assert_eq!(error["error"]["event_id"], "too-early");

    // No silence ends the turn, however long.
    let (one, two) = (say("i had lunch with my brother").await, say("and we walked along the river").await);
    caller.say(joined(&[&silence(300), &one, &silence(4000), &two, &silence(200)]));
    caller.said().await;
    assert!(!caller.types().contains(&"input_audio_buffer.committed".to_owned()));
    assert!(!caller.types().contains(&"input_audio_buffer.speech_started".to_owned()));

    let released = caller.events().len();
    caller.send(&json!({"type": "input_audio_buffer.commit"}));
    caller.send(&json!({"type": "response.create"}));
    caller.wait_after(released, "output_audio_buffer.started").await;
    let completed =
        caller.wait_after(released, "conversation.item.input_audio_transcription.completed").await;
    let transcript = completed["transcript"].as_str().unwrap_or_default().to_lowercase();
    assert!(transcript.contains("lunch") && transcript.contains("river"), "{transcript}");
    let reply = caller.wait_after(released, "response.output_audio_transcript.done").await;
    let reply = reply["transcript"].as_str().unwrap_or_default().to_owned();
    assert!(reply.contains("lunch") || reply.contains("brother"), "the reply is to these words: {reply}");
    let replies =
        caller.events().iter().skip(released).filter(|event| kind(event) == "response.created").count();
    assert_eq!(replies, 1);

    // The key goes down again while the coach speaks.
    caller.send(&json!({"type": "response.cancel"}));
    caller.send(&json!({"type": "output_audio_buffer.clear"}));
    caller.send(&json!({"type": "input_audio_buffer.clear"}));
    caller.wait_after(released, "output_audio_buffer.cleared").await;
    caller.wait_after(released, "conversation.item.truncated").await;
    caller.wait_after(released, "input_audio_buffer.cleared").await;
}

#[tokio::test]
async fn a_coach_that_is_not_to_be_interrupted_finishes_its_sentence_and_then_replies() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    caller.send(&between_turns(&json!({"input": {"turn_detection": {"interrupt_response": false}}})));
    let updated = caller.wait("session.updated").await;
    let detection = &updated["session"]["audio"]["input"]["turn_detection"];
    assert_eq!(detection["interrupt_response"], false);
    assert_eq!(detection["eagerness"], "low", "the rest stays as it was");

    caller.send(&json!({"type": "response.create"}));
    caller.wait("output_audio_buffer.started").await;
    caller.say(joined(&[&silence(500), &say("excuse me i want to say something about my work").await]));
    caller.wait("input_audio_buffer.speech_started").await;
    caller.wait("output_audio_buffer.stopped").await;
    for cut in ["output_audio_buffer.cleared", "conversation.item.truncated"] {
        assert!(!caller.types().contains(&cut.to_owned()), "{cut}");
    }
    let finished = caller.events().iter().position(|event| kind(event) == "output_audio_buffer.stopped");
    caller.wait_after(finished.expect("it came"), "output_audio_buffer.started").await;
}

#[tokio::test]
async fn the_pace_is_as_asked_at_the_beginning_and_between_turns() {
    let coach = coach(&[]).await;
    let low = json!({"type": "semantic_vad", "eagerness": "low"});
    let slow = Caller::paced(&coach, &low, &json!(0.7)).await;
    let fast = Caller::paced(&coach, &low, &json!(0.7)).await;
    fast.send(&between_turns(&json!({"output": {"speed": 1.3}})));
    let updated = fast.wait("session.updated").await;
    assert!((updated["session"]["audio"]["output"]["speed"].as_f64().unwrap_or_default() - 1.3).abs() < 1e-6);
    let (slow, fast_seconds) = tokio::join!(opening(&slow), opening(&fast));
    let ratio = slow / fast_seconds;
    assert!((1.3 / 0.7 * 0.9..1.3 / 0.7 * 1.1).contains(&ratio), "{slow} s and {fast_seconds} s");

    let before = fast.events().len();
    fast.send(&json!({"type": "response.create"}));
    fast.wait_after(before, "output_audio_buffer.started").await;
    fast.send(&between_turns(&json!({"output": {"speed": 0.8}})));
    let error = fast.wait_after(before, "error").await;
    assert_eq!(error["error"]["param"], "session.audio.output.speed");
}
