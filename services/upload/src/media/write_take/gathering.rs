//! Bytes of a take gather until they fill a part.

use crate::media::arrival::PART;
use bytes::{Bytes, BytesMut};

/// Bytes that came and are in no part and no row.
#[derive(Default)]
pub struct Gathering {
    /// As many as the next part has room for.
    pending: BytesMut,
    /// What came with them and is too much for it.
    rest: Bytes,
    /// The room of parts that arrived: new memory costs as much as filling it.
    room: Vec<BytesMut>,
}

impl Gathering {
    pub fn len(&self) -> usize {
        self.pending.len() + self.rest.len()
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
        let room = PART.saturating_sub(in_rows + self.pending.len());
        let fitting = self.rest.split_to(self.rest.len().min(room));
        self.pending.extend_from_slice(&fitting);
    }

    /// Everything, in one place.
    pub fn all(&self) -> Vec<u8> {
        [&self.pending[..], &self.rest[..]].concat()
    }

    /// It is durable.
    pub fn clear(&mut self) {
        self.pending.clear();
        self.rest.clear();
    }

    /// The next part. No rows are before the one behind it.
    pub fn part(&mut self) -> Bytes {
        let room = self.room();
        let part = std::mem::replace(&mut self.pending, room).freeze();
        self.gather(0);
        part
    }

    /// The next part, behind bytes that were in rows.
    pub fn part_behind(&mut self, mut rows: BytesMut) -> Bytes {
        rows.extend_from_slice(&self.pending);
        self.pending.clear();
        self.gather(0);
        rows.freeze()
    }

    /// Room for a part.
    pub fn room(&mut self) -> BytesMut {
        self.room.pop().unwrap_or_else(|| BytesMut::with_capacity(PART))
    }

    /// Keeps the room of a part that arrived, if nobody else has its bytes.
    pub fn use_again(&mut self, part: Bytes) {
        if let Ok(mut room) = part.try_into_mut() {
            room.clear();
            self.room.push(room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(from: usize, to: usize) -> Bytes {
        (from..to).map(|at| (at * 31 / 7) as u8).collect::<Vec<_>>().into()
    }

    #[test]
    fn parts_are_full_and_hold_what_came_in_its_order() {
        let (whole, in_rows) = (bytes(0, 2 * PART + 5), 1000);
        let mut gathering = Gathering::default();
        // No part ends where a piece does.
        let (mut parts, mut at) = (Vec::new(), in_rows);
        while at < whole.len() {
            let to = whole.len().min(at + 300_001);
            gathering.push(whole.slice(at..to), if parts.is_empty() { in_rows } else { 0 });
            if gathering.is_full() {
                let first = parts.is_empty();
                parts.push(if first {
                    let rows = BytesMut::from(&whole[..in_rows]);
                    gathering.part_behind(rows)
                } else {
                    gathering.part()
                });
            }
            at = to;
        }
        assert!(
            parts.iter().all(|part| part.len() == PART),
            "{:?}",
            parts.iter().map(Bytes::len).collect::<Vec<_>>()
        );
        assert_eq!(gathering.len(), 5);
        assert!([&parts.concat(), &gathering.all()[..]].concat() == whole, "they are the whole");
    }

    #[test]
    fn the_room_of_a_part_is_used_again_once_nobody_reads_it() {
        let mut gathering = Gathering::default();
        gathering.push(bytes(0, PART + 1), 0);
        let part = gathering.part();
        let (begins_at, read) = (part.as_ptr(), part.clone());
        gathering.use_again(part);
        assert_ne!(gathering.room().as_ptr(), begins_at);
        gathering.use_again(read);
        let room = gathering.room();
        assert_eq!((room.as_ptr(), room.len()), (begins_at, 0));
    }
}
