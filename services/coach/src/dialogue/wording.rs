//! The coach's own sentences, in a data file, and how one is drawn.

use std::{collections::HashMap, sync::LazyLock};

use lesson::Lesson;

static WORDING: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("wording.json")).expect("the file beside this one is checked by a test")
});

static SMALL_TALK: LazyLock<Lesson> = LazyLock::new(|| {
    Lesson::parse(include_str!("small_talk.json")).expect("the file beside this one is checked by a test")
});

/// The lesson of a call that brings none.
pub fn small_talk() -> &'static Lesson {
    &SMALL_TALK
}

/// All variants of a move.
pub(super) fn variants(name: &str) -> &'static [String] {
    WORDING.get(name).map(Vec::as_slice).unwrap_or_default()
}

/// Draws a variant that was not said yet and does not begin like the last turn. `fill` replaces placeholders.
pub(super) fn draw(name: &str, said: &[&str], seed: u64, fill: impl Fn(&str) -> String) -> Option<String> {
    let last = said.last().map(|text| beginning(text)).unwrap_or_default();
    let fresh: Vec<String> = variants(name)
        .iter()
        .map(|variant| fill(variant))
        .filter(|text| !said.iter().any(|turn| turn.contains(text.as_str())) && beginning(text) != last)
        .collect();
    let index = (seed as usize).checked_rem(fresh.len())?;
    fresh.into_iter().nth(index)
}

/// Like `draw`, for a move that must be made even when every variant was used.
pub(super) fn draw_any(name: &str, said: &[&str], seed: u64, fill: impl Fn(&str) -> String) -> String {
    draw(name, said, seed, &fill).unwrap_or_else(|| {
        let all = variants(name);
        fill(all.get((seed as usize).checked_rem(all.len()).unwrap_or(0)).map_or("", String::as_str))
    })
}

/// A seed that is the same for the same lesson at the same turn, on every machine.
pub(super) fn seed(lesson: &str, turns: usize) -> u64 {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = lesson.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    turns.to_le_bytes().into_iter().fold(hash, fnv) >> 8
}

fn beginning(text: &str) -> String {
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ").to_lowercase()
}
