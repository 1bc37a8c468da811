//! One call's conversation, without a network: what is said to it and what it says.

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};

use super::{Action, Talk};
use crate::{
    recognizer::{Outcome, Report},
    voice::VoiceError,
    wire::Session,
};

struct Call {
    talk: Talk,
    now: Instant,
    events: Vec<Value>,
    wishes: Vec<Action>,
}

impl Call {
    fn new(session: &Value) -> Self {
        let mut wanted = json!({"type": "realtime"});
        if let (Some(all), Some(more)) = (wanted.as_object_mut(), session.as_object()) {
            all.extend(more.clone());
        }
        let session = Session::open("sess_1", &wanted).expect("a session");
        let mut call =
            Self { talk: Talk::new(session), now: Instant::now(), events: Vec::new(), wishes: Vec::new() };
        call.talk.channel_open(call.now);
        call.collect();
        call
    }

    fn collect(&mut self) {
        for action in self.talk.take_actions() {
            match action {
                Action::Send(event) => {
                    self.events.push(serde_json::to_value(&event).expect("events are JSON"));
                }
                other => self.wishes.push(other),
            }
        }
    }

    fn send(&mut self, event: &Value) {
        self.talk.client_says(&event.to_string(), self.now);
        self.collect();
    }

    fn tick(&mut self) {
        self.now += super::TICK;
        self.talk.tick(self.now);
        self.collect();
    }

    /// Gives the last response so much sound.
    fn spoken(&mut self, seconds: usize) {
        let wish = self.wishes.iter().rev().find_map(|wish| match wish {
            Action::Speak { response_id, .. } => Some(response_id.clone()),
            _ => None,
        });
        let response_id = wish.expect("there is something to say");
        self.talk.spoken(&response_id, Ok(Arc::from(vec![1000; 16_000 * seconds])));
        self.collect();
    }

    fn types(&self) -> Vec<&str> {
        self.events.iter().filter_map(|event| event["type"].as_str()).collect()
    }

    fn last(&self, name: &str) -> &Value {
        self.events.iter().rev().find(|event| event["type"] == name).unwrap_or_else(|| panic!("no {name}"))
    }
}

#[test]
fn a_response_cut_while_it_is_made_ends_once_and_as_cancelled() {
    let mut call = Call::new(&json!({}));
    call.send(&json!({"type": "response.create"}));
    call.send(&json!({"type": "output_audio_buffer.clear"}));
    let from = call.types().iter().position(|kind| *kind == "output_audio_buffer.cleared").expect("cleared");
    let after = call.types().split_off(from);
    assert_eq!(
        after,
        [
            "output_audio_buffer.cleared",
            "response.output_item.done",
            "conversation.item.done",
            "response.done",
            "conversation.item.truncated"
        ]
    );
    let done = &call.last("response.done")["response"];
    assert_eq!(done["status"], "cancelled");
    assert_eq!(done["status_details"], json!({"type": "cancelled", "reason": "client_cancelled"}));
    assert_eq!(done["output"][0]["status"], "incomplete");
    // Its sound comes too late and is not played.
    call.spoken(1);
    call.tick();
    assert!(!call.types().contains(&"output_audio_buffer.started"));
    // What was not heard is asked again.
    call.send(&json!({"type": "response.create"}));
    call.spoken(1);
    call.tick();
    let said = call.last("response.output_audio_transcript.done")["transcript"].as_str().unwrap_or_default();
    assert!(said.contains("Mira"), "{said}");
}

#[test]
fn a_client_that_heard_half_forgets_the_other_half() {
    let mut call = Call::new(&json!({}));
    call.send(&json!({"type": "response.create"}));
    call.spoken(2);
    call.tick();
    let item_id = call.last("conversation.item.done")["item"]["id"].clone();
    let truncate = |ms: u64| json!({"type": "conversation.item.truncate", "event_id": "t", "item_id": item_id, "content_index": 0, "audio_end_ms": ms});
    call.send(&truncate(5000));
    assert_eq!(call.last("error")["error"]["param"], "audio_end_ms");
    assert_eq!(call.last("error")["error"]["event_id"], "t");
    call.send(&truncate(1000));
    assert_eq!(call.last("conversation.item.truncated")["audio_end_ms"], 1000);
    call.send(&json!({"type": "conversation.item.retrieve", "item_id": item_id}));
    let item = &call.last("conversation.item.retrieved")["item"];
    let kept = item["content"][0]["transcript"].as_str().unwrap_or_default();
    assert!(kept.starts_with("Hi") && !kept.contains('?'), "{kept}");
    assert_eq!(item["status"], "incomplete");
}

#[test]
fn a_session_for_text_gets_text() {
    let mut call = Call::new(&json!({"output_modalities": ["text"]}));
    call.send(&json!({"type": "response.create"}));
    let done = &call.last("response.done")["response"];
    assert_eq!(done["output"][0]["content"][0]["type"], "output_text");
    let deltas: String = call
        .events
        .iter()
        .filter(|e| e["type"] == "response.output_text.delta")
        .filter_map(|e| e["delta"].as_str())
        .collect();
    assert_eq!(done["output"][0]["content"][0]["text"], deltas);
}

#[test]
fn a_response_outside_the_conversation_leaves_no_item() {
    let mut call = Call::new(&json!({"output_modalities": ["text"]}));
    call.send(&json!({"type": "response.create", "response": {"conversation": "none", "metadata": {"purpose": "hint"}}}));
    let done = &call.last("response.done")["response"];
    assert_eq!(done["metadata"]["purpose"], "hint");
    assert!(done.get("conversation_id").is_none());
    assert!(!call.types().contains(&"conversation.item.added"));
}

#[test]
fn a_voice_that_fails_fails_the_response_and_nothing_else() {
    let mut call = Call::new(&json!({}));
    call.send(&json!({"type": "response.create"}));
    let response_id = call.last("response.created")["response"]["id"].as_str().unwrap_or_default().to_owned();
    call.talk.spoken(&response_id, Err(VoiceError::TooSlow));
    call.collect();
    let done = &call.last("response.done")["response"];
    assert_eq!(done["status"], "failed");
    assert_eq!(done["status_details"]["error"]["code"], "voice_unavailable");
    call.send(&json!({"type": "response.create"}));
    assert_eq!(call.types().iter().filter(|kind| **kind == "response.created").count(), 2);
}

#[test]
fn turns_can_be_ended_by_hand() {
    let mut call =
        Call::new(&json!({"audio": {"input": {"turn_detection": null, "transcription": {"model": "any"}}}}));
    call.send(&json!({"type": "input_audio_buffer.commit"}));
    assert_eq!(call.last("error")["error"]["code"], "input_audio_buffer_commit_empty");
    call.talk.hear(&vec![0; 16_000], call.now);
    call.send(&json!({"type": "input_audio_buffer.commit"}));
    let types = call.types();
    let from = types.iter().position(|kind| *kind == "input_audio_buffer.committed").expect("committed");
    assert_eq!(types[from + 1], "conversation.item.added");
    // Nobody spoke, so there is nothing to wait for, and no reply unless it is asked for.
    assert_eq!(call.last("conversation.item.input_audio_transcription.completed")["transcript"], "");
    call.tick();
    assert!(!call.types().contains(&"response.created"));
}

#[test]
fn items_stand_where_the_client_puts_them() {
    let mut call = Call::new(&json!({}));
    let item = |id: &str, after: Option<&str>| {
        let mut event = json!({"type": "conversation.item.create", "item": {"id": id, "type": "message", "role": "user",
            "content": [{"type": "input_text", "text": id}]}});
        if let (Some(after), Some(fields)) = (after, event.as_object_mut()) {
            fields.insert("previous_item_id".to_owned(), json!(after));
        }
        event
    };
    call.send(&item("b", None));
    assert_eq!(call.last("conversation.item.added")["previous_item_id"], Value::Null);
    call.send(&item("c", None));
    assert_eq!(call.last("conversation.item.added")["previous_item_id"], "b");
    call.send(&item("a", Some("root")));
    assert_eq!(call.last("conversation.item.added")["previous_item_id"], Value::Null);
    call.send(&item("d", Some("nowhere")));
    assert_eq!(call.last("error")["error"]["param"], "previous_item_id");
    call.send(&item("b", None));
    assert_eq!(call.last("error")["error"]["param"], "item.id");
    call.send(&json!({"type": "conversation.item.delete", "item_id": "a"}));
    assert_eq!(call.last("conversation.item.deleted")["item_id"], "a");
}

#[test]
fn silence_is_remarked_upon_and_a_thinking_learner_is_left_in_peace() {
    let mut call = Call::new(&json!({"output_modalities": ["text"]}));
    call.send(&json!({"type": "response.create"}));
    let count = |call: &Call| call.types().iter().filter(|kind| **kind == "response.created").count();
    (0..390).for_each(|_| call.tick());
    assert_eq!(count(&call), 1, "not before eight seconds");
    (0..20).for_each(|_| call.tick());
    assert_eq!(count(&call), 2, "after eight seconds");
    (0..3000).for_each(|_| call.tick());
    assert_eq!(count(&call), 4, "three times, then quiet");
}

#[test]
fn a_late_word_about_an_old_turn_is_told_with_its_item() {
    let mut call =
        Call::new(&json!({"audio": {"input": {"turn_detection": null, "transcription": {"model": "any"}}}}));
    // Reports about utterances nobody opened change nothing.
    call.talk.recognised(Report { utterance: 9, outcome: Outcome::Failed }, call.now);
    call.collect();
    assert_eq!(call.types(), ["session.created"]);
}
