//! Where a page begins, in a form that says nothing to whoever passes it on.

use crate::list::{Filter, Place};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ids::TopicId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Raised when the form or the order of the list changes: cursors that are out there are refused then.
const VERSION: u8 = 1;
const SEAL_BYTES: usize = 8;

/// A cursor was not made by this version, for this list, or not by us at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list")]
pub(super) struct NotOurs;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    level: String,
    title: String,
    id: TopicId,
}

/// The cursor of a place in the list with that filter.
pub(super) fn write(place: &Place, filter: &Filter) -> String {
    let written = Written { level: place.level.to_string(), title: place.title.clone(), id: place.id };
    let body = serde_json::to_vec(&written).expect("two texts and an id always encode");
    let mut bytes = seal(&body, filter).to_vec();
    bytes.extend(body);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place a cursor stands for in the list with that filter.
pub(super) fn read(cursor: &str, filter: &Filter) -> Result<Place, NotOurs> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| NotOurs)?;
    let (sealed, body) = bytes.split_at_checked(SEAL_BYTES).ok_or(NotOurs)?;
    if sealed != seal(body, filter) {
        return Err(NotOurs);
    }
    let Written { level, title, id } = serde_json::from_slice(body).map_err(|_| NotOurs)?;
    Ok(Place { level: level.parse().map_err(|_| NotOurs)?, title, id })
}

/// Binds a cursor to its version and its list, and shows where it was changed on the way. It keeps no secret: everybody
/// may see every topic.
fn seal(body: &[u8], filter: &Filter) -> [u8; SEAL_BYTES] {
    let level = filter.level.map_or("", lesson::Level::as_str);
    let kind = filter.kind.map_or("", lesson::Kind::as_str);
    let mut hash = Sha256::new();
    hash.update([VERSION]);
    for part in [level, kind].into_iter().chain(filter.search.words().iter().map(String::as_str)) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.update(body);
    let digest = hash.finalize();
    let mut seal = [0; SEAL_BYTES];
    seal.copy_from_slice(&digest[..SEAL_BYTES]);
    seal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Search;
    use ids::Ids;
    use lesson::{Kind, Level};

    fn place() -> Place {
        Place { level: Level::B1, title: "A trip to remember".to_owned(), id: Ids.mint() }
    }

    fn work() -> Filter {
        Filter { kind: Some(Kind::Work), search: Search::parse("a trip").unwrap(), ..Filter::default() }
    }

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        let place = place();
        assert_eq!(read(&write(&place, &work()), &work()), Ok(place));
    }

    #[test]
    fn a_cursor_belongs_to_its_own_list_only() {
        let cursor = write(&place(), &work());
        for other in [
            Filter::default(),
            Filter { kind: Some(Kind::Interview), ..work() },
            Filter { level: Some(Level::B1), ..work() },
            Filter { search: Search::parse("at rip").unwrap(), ..work() },
        ] {
            assert_eq!(read(&cursor, &other), Err(NotOurs), "{other:?}");
        }
    }

    #[test]
    fn a_cursor_changed_in_any_place_is_not_ours() {
        let cursor = write(&place(), &work());
        for at in 0..cursor.len() {
            let mut changed: Vec<u8> = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(read(&changed, &work()), Err(NotOurs), "at {at}");
        }
        for text in ["", "A", "!", "AAAAAAAAAAA", &cursor[1..]] {
            assert_eq!(read(text, &work()), Err(NotOurs), "{text}");
        }
    }
}
