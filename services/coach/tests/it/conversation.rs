//! Whole conversations, with sound both ways.

use std::time::Duration;

use coach::sound::loudness;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, kind},
    setup::{KEY, coach, eventually},
    speech::{joined, say, silence},
};

/// Where each of these types comes first after the one before it.
fn in_order(types: &[String], expected: &[&str]) -> Result<(), String> {
    let mut at = 0;
    for name in expected {
        let found = types[at..].iter().position(|kind| kind == name);
        at += found.ok_or_else(|| format!("{name} is missing after {:?}", &types[..at]))? + 1;
    }
    Ok(())
}

/// The turn of the coach, from beginning to end.
const RESPONSE: [&str; 15] = [
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "output_audio_buffer.started",
    "response.output_audio_transcript.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
    "output_audio_buffer.stopped",
];

#[tokio::test]
async fn the_coach_speaks_first_in_the_contracts_order() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    caller.send(&json!({"type": "session.update", "event_id": "c1",
        "session": {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}}}));
    let updated = caller.wait("session.updated").await;
    assert_eq!(updated["session"]["audio"]["input"]["turn_detection"]["eagerness"], "low");
    assert_eq!(updated["session"]["audio"]["input"]["transcription"]["model"], "gpt-4o-mini-transcribe");

    let said = caller.listen().await;
    assert!(said.starts_with("Hi, I'm Mira"), "{said}");
    in_order(&caller.types(), &RESPONSE).expect("the order of a response");

    let deltas: String = caller
        .events()
        .iter()
        .filter(|event| kind(event) == "response.output_audio_transcript.delta")
        .filter_map(|event| event["delta"].as_str())
        .collect();
    assert_eq!(deltas, said);
    let loud = caller.heard().chunks(320).filter(|piece| loudness(piece) > 300.0).count();
    assert!(loud > 100, "{loud} loud packets");
    assert!(caller.events().iter().all(|event| event["event_id"].is_string()));
}

#[tokio::test]
async fn a_spoken_turn_is_committed_transcribed_and_answered() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    caller.listen().await;
    let before = caller.events().len();
    caller.say(joined(&[&silence(300), &say("i had lunch with my brother in the city").await]));
    let reply = caller.hear_out(before).await;
    let types = caller.types().split_off(before);
    in_order(
        &types,
        &[
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
        ],
    )
    .expect("the order of a spoken turn");
    in_order(&types, &RESPONSE).expect("the order of the reply");

    let completed = caller.wait_after(before, "conversation.item.input_audio_transcription.completed").await;
    let transcript = completed["transcript"].as_str().unwrap_or_default().to_lowercase();
    let truth = ["lunch", "with", "my", "brother", "in", "the", "city"];
    let heard = truth.iter().filter(|word| transcript.split(' ').any(|heard| heard == **word)).count();
    assert!(heard >= 5, "{transcript}");
    assert!(reply.contains("lunch"), "the coach follows up on what it heard: {reply}");

    let item_id = completed["item_id"].clone();
    for name in [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
    ] {
        assert_eq!(caller.wait_after(before, name).await["item_id"], item_id);
    }
    let asked = caller.events().len();
    caller.send(&json!({"type": "conversation.item.retrieve", "item_id": item_id}));
    let retrieved = caller.wait_after(asked, "conversation.item.retrieved").await;
    assert_eq!(retrieved["item"]["content"][0]["transcript"], completed["transcript"]);
}

#[tokio::test]
async fn the_coach_replies_soon_after_the_learner_has_finished() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    caller.listen().await;
    let before = caller.events().len();
    caller.say(joined(&[&silence(300), &say("i worked in the morning and then i had lunch at home").await]));
    let said = caller.said().await;
    caller.wait_after(before, "output_audio_buffer.started").await;
    let began = caller.time_of(before, "output_audio_buffer.started").expect("it came");
    // Small talk is B1: 1.6 s of silence. What comes on top is the machine's own time; it is generous here because
    // tests share the machine with a compiler.
    let waited = began.duration_since(said);
    assert!(waited > Duration::from_millis(1200), "{waited:?}");
    assert!(waited < Duration::from_millis(1600 + 2000), "{waited:?}");
}

#[tokio::test]
async fn talking_over_the_coach_stops_it_and_says_how_much_was_heard() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    caller.send(&json!({"type": "response.create"}));
    let created = caller.wait("response.created").await;
    caller.wait("response.done").await;
    let item = caller.wait("response.output_item.done").await["item"]["id"].clone();
    caller.say(joined(&[&silence(800), &say("excuse me i want to say something first").await]));
    let cleared = caller.wait("output_audio_buffer.cleared").await;
    assert_eq!(cleared["response_id"], created["response"]["id"]);
    let truncated = caller.wait("conversation.item.truncated").await;
    assert_eq!(truncated["item_id"], item);
    let heard_ms = truncated["audio_end_ms"].as_u64().unwrap_or_default();
    assert!((700..6000).contains(&heard_ms), "{heard_ms} ms");
    caller.wait_after(caller.events().len(), "response.created").await;
    in_order(
        &caller.types(),
        &[
            "response.done",
            "input_audio_buffer.speech_started",
            "output_audio_buffer.cleared",
            "conversation.item.truncated",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "response.created",
        ],
    )
    .expect("the order of an interruption");
    let asked = caller.events().len();
    caller.send(&json!({"type": "conversation.item.retrieve", "item_id": item}));
    let retrieved = caller.wait_after(asked, "conversation.item.retrieved").await;
    let rest = retrieved["item"]["content"][0]["transcript"].as_str().unwrap_or_default();
    assert!(!rest.contains("How has your day been"), "what was not heard is forgotten: {rest}");
}

#[tokio::test]
async fn a_learner_who_only_says_yes_does_not_interrupt() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    caller.send(&json!({"type": "response.create"}));
    caller.wait("output_audio_buffer.started").await;
    caller.say(joined(&[&silence(500), &say("yes").await]));
    caller.wait("output_audio_buffer.stopped").await;
    assert!(!caller.types().contains(&"output_audio_buffer.cleared".to_owned()));
}

#[tokio::test]
async fn a_client_may_stop_the_coach() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    caller.send(&json!({"type": "response.create", "event_id": "c1"}));
    caller.send(&json!({"type": "response.create", "event_id": "c2"}));
    let error = caller.wait("error").await;
    assert_eq!(error["error"]["code"], "conversation_already_has_active_response");
    assert_eq!(error["error"]["event_id"], "c2");
    caller.wait("output_audio_buffer.started").await;
    caller.send(&json!({"type": "response.cancel"}));
    caller.send(&json!({"type": "output_audio_buffer.clear"}));
    caller.wait("output_audio_buffer.cleared").await;
    let codes = async || {
        let late =
            caller.events().into_iter().any(|event| event["error"]["code"] == "response_cancel_not_active");
        late.then_some(())
    };
    eventually("the answer to a late cancel", Duration::from_secs(5), codes).await;
    let done = caller.types().iter().filter(|kind| *kind == "response.done").count();
    assert_eq!(done, 1, "every response ends once");
}

#[tokio::test]
async fn a_new_call_that_is_told_the_turns_so_far_goes_on_with_them() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    let opening = caller.listen().await;
    let hang_up = format!("/v1/realtime/calls/{}/hangup", caller.id);
    coach.post(&hang_up, KEY, "text/plain", "").await;

    let again = Caller::call(&coach, "").await;
    let said = |role: &str, kind: &str, text: &str| -> Value {
        json!({"type": "conversation.item.create",
               "item": {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}})
    };
    again.send(&said("assistant", "output_text", &opening));
    again.send(&said("user", "input_text", "I had a long meeting at work"));
    let reply = again.listen().await;
    assert!(!reply.contains("Mira"), "it does not begin again: {reply}");
    assert!(reply.contains("work") || reply.contains("meeting"), "it replies to the last turn: {reply}");
}

#[tokio::test]
async fn without_words_the_conversation_goes_on() {
    let coach = coach(&[("COACH_FAULTS", "fail_transcription")]).await;
    let caller = Caller::call(&coach, "").await;
    caller.listen().await;
    let before = caller.events().len();
    caller.say(joined(&[&silence(300), &say("i had lunch with my brother in the city").await]));
    let reply = caller.hear_out(before).await;
    assert!(reply.ends_with('?'), "{reply}");
    let failed = caller.wait("conversation.item.input_audio_transcription.failed").await;
    assert_eq!(failed["error"]["code"], "asr_unavailable");
}

#[tokio::test]
async fn what_a_client_gets_wrong_is_answered_and_the_call_goes_on() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    for (event, code) in [
        (json!({"type": "coffee.make"}), "invalid_event"),
        (json!({"type": "input_audio_buffer.append", "audio": ""}), "invalid_event_for_transport"),
        (json!({"type": "input_audio_buffer.commit"}), "input_audio_buffer_commit_empty"),
        (json!({"type": "conversation.item.retrieve", "item_id": "nothing"}), "item_not_found"),
        (json!({"type": "conversation.item.delete", "item_id": "nothing"}), "item_not_found"),
        (
            json!({"type": "session.update", "session": {"type": "realtime", "temperature": 1}}),
            "unknown_parameter",
        ),
        (json!({"type": "session.update", "session": {"type": "realtime", "model": "x"}}), "invalid_value"),
    ] {
        let before = caller.events().len();
        caller.send(&event);
        let error = caller.wait_after(before, "error").await;
        assert_eq!(error["error"]["code"], code, "{event}");
    }
    assert!(caller.listen().await.starts_with("Hi"));
}
