//! The conversation's items, in order.

use std::time::Duration;

use crate::{
    dialogue::{Said, Who},
    wire::{ErrorDetail, Item, Role},
};

/// Items a call may hold; a practice has a few hundred.
const MOST: usize = 2000;
/// How long a word takes that was never heard, in milliseconds.
const WORD: u64 = 400;

/// One item and what the dialogue knows of it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) item: Item,
    /// What the dialogue takes it for.
    pub(super) said: Option<Said>,
    /// Sound of the coach, in milliseconds.
    pub(super) sound_ms: Option<u64>,
}

/// Why an item cannot be put in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no such item to put it after.
    NoSuchItem,
    /// There is an item of that name.
    Taken,
    /// There are enough.
    Full,
}

#[derive(Debug, Default)]
pub(super) struct Items {
    entries: Vec<Entry>,
}

impl Items {
    pub(super) fn last_id(&self) -> Option<String> {
        self.entries.last().map(|entry| entry.item.id.clone())
    }

    /// The item before this one.
    pub(super) fn before(&self, id: &str) -> Option<String> {
        let at = self.entries.iter().position(|entry| entry.item.id == id)?;
        Some(self.entries.get(at.checked_sub(1)?)?.item.id.clone())
    }

    pub(super) fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.item.id == id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.item.id == id)
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.item.id != id);
        self.entries.len() < before
    }

    /// Puts a client's item after another (`root` means first, `None` last), and tells after which it stands.
    pub(super) fn insert(&mut self, item: Item, after: Option<&str>) -> Result<Option<String>, Refused> {
        if self.entries.len() >= MOST {
            return Err(Refused::Full);
        }
        if self.get(&item.id).is_some() {
            return Err(Refused::Taken);
        }
        let at = match after {
            None => self.entries.len(),
            Some("root") => 0,
            Some(id) => {
                let found = self.entries.iter().position(|entry| entry.item.id == id);
                found.map(|at| at + 1).ok_or(Refused::NoSuchItem)?
            }
        };
        let id = item.id.clone();
        self.entries.insert(at, Entry { said: said(&item), item, sound_ms: None });
        Ok(self.before(&id))
    }

    /// The conversation as the dialogue sees it.
    pub(super) fn said(&self) -> Vec<Said> {
        self.entries.iter().filter_map(|entry| entry.said.clone()).collect()
    }
}

/// What an item that was only ever text would have been aloud.
fn said(item: &Item) -> Option<Said> {
    let who = match item.role? {
        Role::User => Who::Learner,
        Role::Assistant => Who::Coach,
        Role::System => return None,
    };
    let text = item.words().unwrap_or_default();
    let voiced = Duration::from_millis(text.split_whitespace().count() as u64 * WORD);
    Some(Said { who, text, voiced })
}

pub(super) fn no_such_item(item_id: &str) -> ErrorDetail {
    let shown: String = item_id.chars().take(64).collect();
    ErrorDetail::invalid("item_not_found", format!("There is no item with id {shown}.")).about("item_id")
}
