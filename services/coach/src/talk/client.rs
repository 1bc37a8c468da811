//! What the client asks for on the data channel.

use std::time::Instant;

use super::{
    Talk,
    items::{Refused, no_such_item},
    lesson_of,
};
use crate::wire::{ClientEvent, ClientEventKind, Content, ErrorDetail, Item, ServerEvent, VoiceState};

/// The longest text of one item.
const LONGEST_TEXT: usize = 16 * 1024;

impl Talk {
    /// A message from the client.
    pub fn client_says(&mut self, text: &str, now: Instant) {
        let outcome = match ClientEvent::parse(text) {
            Ok(ClientEvent { event_id, kind }) => {
                self.obey(kind, now).map_err(|error| ErrorDetail { event_id, ..error })
            }
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            self.send_error(error);
        }
    }

    fn obey(&mut self, kind: ClientEventKind, now: Instant) -> Result<(), ErrorDetail> {
        match kind {
            ClientEventKind::SessionUpdate { session } => self.update(&session),
            ClientEventKind::ItemCreate { item, previous_item_id } => {
                self.create_item(item, previous_item_id.as_deref())
            }
            ClientEventKind::ItemRetrieve { item_id } => {
                let entry = self.items.get(&item_id).ok_or_else(|| no_such_item(&item_id))?;
                let item = entry.item.clone();
                self.send(ServerEvent::ItemRetrieved { item });
                Ok(())
            }
            ClientEventKind::ItemTruncate { item_id, content_index, audio_end_ms } => {
                self.truncate(&item_id, content_index, audio_end_ms)
            }
            ClientEventKind::ItemDelete { item_id } => {
                if !self.items.remove(&item_id) {
                    return Err(no_such_item(&item_id));
                }
                self.send(ServerEvent::ItemDeleted { item_id });
                Ok(())
            }
            ClientEventKind::AudioAppend => Err(ErrorDetail::invalid(
                "invalid_event_for_transport",
                "On this transport, sound travels on the media track.",
            )),
            ClientEventKind::AudioCommit => self.commit(),
            ClientEventKind::AudioClear => {
                self.clear_input();
                Ok(())
            }
            ClientEventKind::ResponseCreate { response } => {
                self.asked_to_respond(response.unwrap_or_default(), now)
            }
            ClientEventKind::ResponseCancel { response_id } => self.cancel(response_id.as_deref()),
            ClientEventKind::OutputClear => {
                self.cut("client_cancelled");
                Ok(())
            }
        }
    }

    fn update(&mut self, patch: &serde_json::Value) -> Result<(), ErrorDetail> {
        let next =
            self.session.updated(patch, self.voice_state()).map_err(|error| ErrorDetail::from(&error))?;
        if next.instructions != self.session.instructions {
            self.lesson = lesson_of(&next.instructions);
        }
        self.session = next.clone();
        self.send(ServerEvent::SessionUpdated { session: next });
        Ok(())
    }

    fn voice_state(&self) -> VoiceState {
        match (self.coach_speaks(), self.voice_was_heard) {
            (true, _) => VoiceState::Speaking,
            (false, true) => VoiceState::Silent,
            (false, false) => VoiceState::Unheard,
        }
    }

    fn create_item(&mut self, mut item: Item, after: Option<&str>) -> Result<(), ErrorDetail> {
        if item.id.is_empty() {
            item.id = self.name("item");
        }
        let known = ["message", "function_call", "function_call_output"].contains(&item.r#type.as_str());
        if !known || (item.r#type == "message" && item.role.is_none()) {
            return Err(
                ErrorDetail::invalid("invalid_value", "This item cannot be added.").about("item.type")
            );
        }
        let long = |content: &Content| content.words().is_some_and(|words| words.len() > LONGEST_TEXT);
        if item.id.len() > 64 || item.content.iter().flatten().any(long) {
            return Err(ErrorDetail::invalid("invalid_value", "The item is too large.").about("item"));
        }
        let previous_item_id = self.items.insert(item.clone(), after).map_err(|refused| match refused {
            Refused::NoSuchItem => ErrorDetail {
                param: Some("previous_item_id".to_owned()),
                ..no_such_item(after.unwrap_or_default())
            },
            Refused::Taken => {
                ErrorDetail::invalid("invalid_value", "There is an item with this id.").about("item.id")
            }
            Refused::Full => ErrorDetail::invalid("invalid_value", "The conversation holds too many items."),
        })?;
        self.send(ServerEvent::ItemAdded { item: item.clone(), previous_item_id: previous_item_id.clone() });
        self.send(ServerEvent::ItemDone { item, previous_item_id });
        Ok(())
    }
}
