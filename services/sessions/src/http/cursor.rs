//! Where a page of a list ends.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ids::{LearnerId, SessionId};
use problem::Problem;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Of which list and which of its orders a cursor is. Another order has another name.
const LIST: &[u8] = b"sessions, newest first, 1";
/// Bytes of the seal.
const SEAL: usize = 8;

/// A cursor after the given session, of no use to anybody but this learner. It guards against mistakes: what a list
/// shows is decided by whose it is, whatever the cursor says.
pub fn after(learner: LearnerId, session: SessionId) -> String {
    let mut bytes = session.as_uuid().as_bytes().to_vec();
    bytes.extend(seal(learner, session));
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The session a cursor points at.
pub fn read(learner: LearnerId, cursor: &str) -> Result<SessionId, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Problem::invalid_cursor())?;
    let (id, sealed) = bytes.split_at_checked(16).ok_or_else(Problem::invalid_cursor)?;
    let session: SessionId = Uuid::from_slice(id).map_err(|_| Problem::invalid_cursor())?.into();
    if sealed == seal(learner, session) { Ok(session) } else { Err(Problem::invalid_cursor()) }
}

fn seal(learner: LearnerId, session: SessionId) -> [u8; SEAL] {
    let digest = Sha256::new()
        .chain_update(LIST)
        .chain_update(learner.as_uuid().as_bytes())
        .chain_update(session.as_uuid().as_bytes())
        .finalize();
    let mut seal = [0; SEAL];
    seal.copy_from_slice(&digest[..SEAL]);
    seal
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::Ids;

    #[test]
    fn a_cursor_leads_back_to_its_session_for_its_learner_only() {
        let (learner, other, session) = (Ids.mint(), Ids.mint(), Ids.mint());
        let cursor = after(learner, session);
        assert_eq!(read(learner, &cursor).unwrap(), session);
        assert_eq!(read(other, &cursor).unwrap_err().slug(), "invalid-cursor");
    }

    #[test]
    fn a_cursor_with_any_character_changed_is_refused() {
        let (learner, session) = (Ids.mint(), Ids.mint());
        let cursor = after(learner, session);
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(read(learner, &changed).unwrap_err().slug(), "invalid-cursor", "{changed}");
        }
        assert!(read(learner, "").is_err());
    }
}
