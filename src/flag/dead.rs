//! Dead letters: records that could not be decoded, kept with the reason.
//!
//! Key and bytes are the record's own, untouched, so that a repaired decoder can read them again. A record
//! that would not fit its topic with headers on top is referred to by its position instead, and so is a key that alone
//! is too large: a header says so, and how many bytes there are.

use super::{Headers, rfc3339};
use crate::event::Record;
use crate::position::Position;

/// A record that could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Index of the record among those given to the stage.
    pub record: u32,
    /// Where the record stands.
    pub position: Position,
    /// The decode error's code.
    pub code: &'static str,
    /// What was wrong, with a byte offset; never any content of the record.
    pub message: String,
    /// The record's key.
    pub key: Option<Vec<u8>>,
    /// The record's bytes; none if they are too large and are referred to by the position.
    pub body: Option<Vec<u8>>,
    /// Headers of the message.
    pub headers: Headers,
}

/// Why a record is a dead letter.
#[derive(Debug, Clone)]
pub struct Reason {
    /// The decode error's code.
    pub code: &'static str,
    /// What was wrong, with a byte offset; never any content of the record.
    pub message: String,
}

impl DeadLetter {
    /// The letter for `record`, the one at that index, found at time `now_ms`. Key and bytes beyond `limit` bytes are referred to.
    pub fn new(index: u32, record: &Record<'_>, reason: Reason, now_ms: i64, limit: usize) -> DeadLetter {
        let Reason { code, message } = reason;
        let topic = record.topic.clone();
        let position = Position { topic, partition: record.partition, offset: record.offset };
        let payload = record.payload.unwrap_or_default();
        let key = record.key.filter(|key| key.len() <= limit);
        let fits = key.map_or(0, <[u8]>::len) + payload.len() <= limit;
        let mut headers = vec![
            ("wardline.topic", position.topic.to_string().into()),
            ("wardline.partition", position.partition.to_string().into()),
            ("wardline.offset", position.offset.to_string().into()),
            ("wardline.error", code.into()),
            ("wardline.message", message.clone().into()),
            ("wardline.time", rfc3339(now_ms).into()),
        ];
        if !fits {
            headers.push(("wardline.by_reference", payload.len().to_string().into()));
        }
        if let (None, Some(whole)) = (key, record.key) {
            headers.push(("wardline.key_by_reference", whole.len().to_string().into()));
        }
        let key = key.map(<[u8]>::to_vec);
        let body = fits.then(|| payload.to_vec());
        DeadLetter { record: index, position, code, message, key, body, headers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn letter(key: Option<&[u8]>, payload: &[u8], limit: usize) -> DeadLetter {
        let topic = Arc::from("chat.events");
        let record =
            Record { topic: &topic, partition: 3, offset: 41, timestamp: None, key, payload: Some(payload) };
        let reason = Reason { code: "not_json", message: "byte 4: expected a value".to_owned() };
        DeadLetter::new(7, &record, reason, 1_000, limit)
    }

    #[test]
    fn bytes_and_key_are_untouched() {
        let letter = letter(Some(b"\xff\x00k"), b"\xfe{", 100);
        assert_eq!(letter.key.as_deref(), Some(&b"\xff\x00k"[..]));
        assert_eq!(letter.body.as_deref(), Some(&b"\xfe{"[..]));
        let headers: Vec<_> = letter.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let expected = [
            "wardline.topic=chat.events",
            "wardline.partition=3",
            "wardline.offset=41",
            "wardline.error=not_json",
            "wardline.message=byte 4: expected a value",
            "wardline.time=1970-01-01T00:00:01.000Z",
        ];
        assert_eq!(headers, expected);
    }

    #[test]
    fn what_is_too_large_is_referred_to() {
        // key, payload, limit, key kept, body kept
        let cases =
            [("k", "1234", 5, true, true), ("k", "12345", 5, true, false), ("123456", "1", 5, false, true)];
        for (key, payload, limit, has_key, has_body) in cases {
            let letter = letter(Some(key.as_bytes()), payload.as_bytes(), limit);
            assert_eq!((letter.key.is_some(), letter.body.is_some()), (has_key, has_body), "{payload}");
            let referred =
                letter.headers.contains(&("wardline.by_reference", payload.len().to_string().into()));
            assert_eq!(referred, !has_body);
            let referred =
                letter.headers.contains(&("wardline.key_by_reference", key.len().to_string().into()));
            assert_eq!(referred, !has_key);
        }
    }
}
