//! Bytes of a take gather until they fill a part.

use crate::media::arrival::PART;
use bytes::Bytes;
use memmap2::MmapMut;
use std::sync::Arc;

/// Bytes that came and are in no part and no row.
#[derive(Default)]
pub struct Gathering {
    /// As many as the next part has room for.
    pending: Option<Room>,
    /// What came with them and is too much for it.
    rest: Bytes,
    /// The room of parts that went. Once nobody reads there any more it is used again: new memory costs as much as
    /// filling it.
    lent: Vec<Arc<Room>>,
}

impl Gathering {
    pub fn len(&self) -> usize {
        self.pending().len() + self.rest.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the next part has no room for more.
    pub fn is_full(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Adds what came, where nothing is too much yet. The next part begins with so many bytes that are in rows.
    pub fn push(&mut self, bytes: Bytes, in_rows: usize) {
        self.rest = bytes;
        self.gather(in_rows);
    }

    fn gather(&mut self, in_rows: usize) {
        let room = PART.saturating_sub(in_rows + self.pending().len());
        let fitting = self.rest.split_to(self.rest.len().min(room));
        if !fitting.is_empty() {
            let mut pending = self.pending.take().unwrap_or_else(|| self.room());
            pending.add(&fitting);
            self.pending = Some(pending);
        }
    }

    fn pending(&self) -> &[u8] {
        self.pending.as_ref().map_or(&[], AsRef::as_ref)
    }

    /// Everything, in one place.
    pub fn all(&self) -> Vec<u8> {
        [self.pending(), &self.rest[..]].concat()
    }

    /// It is durable.
    pub fn clear(&mut self) {
        if let Some(pending) = &mut self.pending {
            pending.filled = 0;
        }
        self.rest.clear();
    }

    /// The next part, which begins with these bytes that were in rows. No rows are before the one behind it.
    pub fn part(&mut self, rows: &[u8]) -> Bytes {
        let mut part = self.pending.take().unwrap_or_else(|| self.room());
        part.add_before(rows);
        let part = Arc::new(part);
        self.lent.push(part.clone());
        self.gather(0);
        Bytes::from_owner(Lent(part))
    }

    fn room(&mut self) -> Room {
        let free = self.lent.iter_mut().position(|room| Arc::get_mut(room).is_some());
        match free.and_then(|at| Arc::into_inner(self.lent.swap_remove(at))) {
            Some(room) => Room { filled: 0, ..room },
            None => Room::new(),
        }
    }
}

/// Room for a part. The system has it back when it is dropped; the allocator keeps what is this large, for each thread that
/// ever asked for it.
struct Room {
    memory: MmapMut,
    filled: usize,
}

impl Room {
    fn new() -> Self {
        let memory = MmapMut::map_anon(PART).expect("as everywhere, who gets no memory cannot go on");
        Self { memory, filled: 0 }
    }

    fn add(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        self.memory[self.filled..end].copy_from_slice(bytes);
        self.filled = end;
    }

    fn add_before(&mut self, bytes: &[u8]) {
        self.memory.copy_within(..self.filled, bytes.len());
        self.memory[..bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
    }
}

impl AsRef<[u8]> for Room {
    fn as_ref(&self) -> &[u8] {
        &self.memory[..self.filled]
    }
}

/// Whoever has the bytes of a part has its room.
struct Lent(Arc<Room>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: usize) -> Bytes {
        (0..length).map(|at| (at * 31 / 7) as u8).collect::<Vec<_>>().into()
    }

    #[test]
    fn parts_are_full_and_hold_what_came_in_its_order() {
        let (whole, in_rows) = (bytes(2 * PART + 5), 1000);
        let (mut gathering, mut parts, mut at) = (Gathering::default(), Vec::new(), in_rows);
        // No part ends where a piece does.
        while at < whole.len() {
            let (to, rows) = (whole.len().min(at + 300_001), if parts.is_empty() { in_rows } else { 0 });
            gathering.push(whole.slice(at..to), rows);
            if gathering.is_full() {
                parts.push(gathering.part(&whole[..rows]));
            }
            at = to;
        }
        assert_eq!(parts.iter().map(Bytes::len).collect::<Vec<_>>(), [PART, PART]);
        assert_eq!(gathering.len(), 5);
        assert!([&parts.concat(), &gathering.all()[..]].concat() == whole, "they are the whole");
    }

    #[test]
    fn what_is_more_than_a_part_becomes_several() {
        let whole = bytes(2 * PART + 5);
        let mut gathering = Gathering::default();
        gathering.push(whole.clone(), 0);
        let parts = [gathering.part(&[]), gathering.part(&[])];
        assert!([&parts.concat(), &gathering.all()[..]].concat() == whole, "they are the whole");
    }

    #[test]
    fn what_is_durable_is_gone_and_leaves_its_room() {
        let mut gathering = Gathering::default();
        gathering.push(bytes(7), 0);
        gathering.clear();
        assert!(gathering.is_empty());
        gathering.push(bytes(3), 7);
        assert_eq!(gathering.all(), bytes(3));
    }

    #[test]
    fn the_room_of_a_part_is_used_again_once_nobody_reads_it() {
        let mut gathering = Gathering::default();
        gathering.push(bytes(PART + 1), 0);
        let part = gathering.part(&[]);
        let (place, read) = (part.as_ptr(), part.clone());
        drop(part);
        assert_ne!(gathering.room().memory.as_ptr(), place);
        drop(read);
        assert_eq!(gathering.room().memory.as_ptr(), place);
    }
}
