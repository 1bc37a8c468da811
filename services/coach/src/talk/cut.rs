//! The coach's turns: cut short, by the learner who speaks or the client who asks for it.

use super::{
    Talk,
    items::{Entry, no_such_item},
    response::Making,
};
use crate::{
    sound::Playing,
    wire::{Content, ErrorDetail, ItemStatus, ResponseStatus, ServerEvent, StatusDetails},
};

impl Talk {
    /// Stops what is heard and what is made: the learner speaks, or the client asks for it.
    pub(super) fn cut(&mut self, reason: &'static str) {
        let heard = self.playout.clear();
        let making = self.making.take();
        let response_id = heard.first().map(|playing| playing.response_id.clone());
        let response_id = response_id.or_else(|| making.as_ref().map(|making| making.response_id.clone()));
        if response_id.is_some() {
            metrics::counter!("coach_responses_cut_total", "reason" => reason).increment(1);
        }
        self.send(ServerEvent::OutputCleared { response_id });
        let unheard = making.as_ref().filter(|making| !heard.iter().any(|p| p.item_id == making.item_id));
        let unheard = unheard.map(|making| making.item_id.clone());
        if let Some(making) = making {
            self.cancelled(&making, reason);
        }
        for playing in heard {
            self.heard_only(&playing);
        }
        if let Some(item_id) = unheard {
            self.truncated(&item_id, 0);
        }
    }

    /// The client stops a response that is being made.
    pub(super) fn cancel(&mut self, response_id: Option<&str>) -> Result<(), ErrorDetail> {
        let asked = |making: &Making| response_id.is_none_or(|id| id == making.response_id);
        self.wanted = None;
        let Some(making) = self.making.take_if(|making| asked(making)) else {
            return Err(ErrorDetail::invalid(
                "response_cancel_not_active",
                "There is no response to cancel.",
            ));
        };
        self.playout.remove(&making.response_id);
        self.cancelled(&making, "client_cancelled");
        Ok(())
    }

    fn cancelled(&mut self, making: &Making, reason: &str) {
        let details = StatusDetails::Cancelled { reason: reason.to_owned() };
        self.end(making, ItemStatus::Incomplete, ResponseStatus::Cancelled, Some(details));
        if let Some(entry) = self.items.get_mut(&making.item_id) {
            entry.said = None;
        }
    }

    fn heard_only(&mut self, playing: &Playing) {
        let part = playing.played as f32 / playing.length.max(1) as f32;
        if let Some(entry) = self.items.get_mut(&playing.item_id) {
            entry.cut_to(part);
        }
        self.truncated(&playing.item_id, playing.played_ms());
    }

    fn truncated(&mut self, item_id: &str, audio_end_ms: u64) {
        let Some(entry) = self.items.get_mut(item_id) else { return };
        entry.sound_ms = Some(audio_end_ms);
        entry.item.status = ItemStatus::Incomplete;
        self.send(ServerEvent::ItemTruncated { item_id: item_id.to_owned(), content_index: 0, audio_end_ms });
    }

    /// The client says how much of an item was heard.
    pub(super) fn truncate(
        &mut self,
        item_id: &str,
        content_index: u32,
        end_ms: u64,
    ) -> Result<(), ErrorDetail> {
        let entry = self.items.get_mut(item_id).ok_or_else(|| no_such_item(item_id))?;
        let Some(sound_ms) = entry.sound_ms else {
            return Err(ErrorDetail {
                code: None,
                ..ErrorDetail::invalid("", "Only model output audio messages can be truncated")
            });
        };
        if content_index != 0 || end_ms > sound_ms {
            let param = if content_index == 0 { "audio_end_ms" } else { "content_index" };
            let message = format!("Audio content of {sound_ms}ms is already shorter than {end_ms}ms");
            return Err(ErrorDetail::invalid("invalid_value", message).about(param));
        }
        entry.cut_to(end_ms as f32 / sound_ms.max(1) as f32);
        self.truncated(item_id, end_ms);
        Ok(())
    }
}

impl Entry {
    /// Forgets the words that were not heard. The dialogue keeps a turn of which most was heard: it was understood.
    fn cut_to(&mut self, part: f32) {
        let all = self.item.words().unwrap_or_default();
        let words: Vec<&str> = all.split_whitespace().collect();
        let kept = (words.len() as f32 * part) as usize;
        let heard = words[..kept.min(words.len())].join(" ");
        if part < 0.5
            && let Some(said) = &mut self.said
        {
            said.text.clone_from(&heard);
        }
        let transcript = (!heard.is_empty()).then_some(heard);
        self.item.content = Some(vec![Content::OutputAudio { transcript }]);
    }
}
