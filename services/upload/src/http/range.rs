//! Which bytes of a recording are asked for.

use axum::http::{HeaderMap, header};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    All,
    /// These bytes, both ends included.
    Bytes(u64, u64),
    /// Bytes that are not there, or more than one range. A player asks for one.
    Unsatisfiable,
}

/// Reads `Range` and `If-Range` for something of that size and with that entity tag.
pub fn wanted(headers: &HeaderMap, size: u64, etag: &str) -> Wanted {
    let Some(range) = headers.get(header::RANGE) else { return Wanted::All };
    // Bytes of another version are of no use to whoever has the beginning of that one.
    if headers.get(header::IF_RANGE).is_some_and(|version| version.as_bytes() != etag.as_bytes()) {
        return Wanted::All;
    }
    if headers.get_all(header::RANGE).iter().count() > 1 {
        return Wanted::Unsatisfiable;
    }
    let Ok(range) = range.to_str() else { return Wanted::Unsatisfiable };
    match range.split_once('=') {
        Some((unit, set)) if unit.trim().eq_ignore_ascii_case("bytes") => {
            one(set.trim(), size).unwrap_or(Wanted::Unsatisfiable)
        }
        // A unit we do not know is as good as none.
        Some(_) => Wanted::All,
        None => Wanted::Unsatisfiable,
    }
}

fn one(set: &str, size: u64) -> Option<Wanted> {
    let number = |text: &str| {
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let (first, last) = set.split_once('-')?;
    let end = size.checked_sub(1)?;
    let (first, last) = match (first, last) {
        ("", suffix) => {
            let suffix = number(suffix).filter(|&suffix| suffix > 0)?;
            (size.saturating_sub(suffix), end)
        }
        (first, "") => (number(first)?, end),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            (first, last.min(end))
        }
    };
    (first <= end).then_some(Wanted::Bytes(first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        wanted(&headers, 1000, "\"a\"")
    }

    #[test]
    fn one_range_is_served() {
        assert_eq!(asked("bytes=0-0"), Wanted::Bytes(0, 0));
        assert_eq!(asked("bytes=0-"), Wanted::Bytes(0, 999));
        assert_eq!(asked("bytes=10-19"), Wanted::Bytes(10, 19));
        assert_eq!(asked("Bytes = 990-2000"), Wanted::Bytes(990, 999));
        assert_eq!(asked("bytes=-1"), Wanted::Bytes(999, 999));
        assert_eq!(asked("bytes=-5000"), Wanted::Bytes(0, 999));
        assert_eq!(asked("bytes=0-99999999999999999999999"), Wanted::Bytes(0, 999));
    }

    #[test]
    fn what_is_not_there_and_more_than_one_range_are_not() {
        let many = format!("bytes={}", ["0-0"; 1000].join(","));
        for range in [
            "bytes=5-1",
            "bytes=1000-",
            "bytes=-0",
            "bytes=-",
            "bytes=",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "bytes",
            &many,
        ] {
            assert_eq!(asked(range), Wanted::Unsatisfiable, "{range}");
        }
    }

    #[test]
    fn other_units_and_other_versions_mean_all_of_it() {
        assert_eq!(asked("seconds=1-2"), Wanted::All);
        let mut headers = HeaderMap::new();
        assert_eq!(wanted(&headers, 1000, "\"a\""), Wanted::All);
        headers.insert(header::RANGE, "bytes=0-1".parse().unwrap());
        headers.insert(header::IF_RANGE, "\"a\"".parse().unwrap());
        assert_eq!(wanted(&headers, 1000, "\"a\""), Wanted::Bytes(0, 1));
        assert_eq!(wanted(&headers, 1000, "\"b\""), Wanted::All);
    }
}
