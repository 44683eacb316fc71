//! Keyed pseudonyms in place of people's ids.
//!
//! Named id fields are replaced while an event is decoded, so that rules, keys, flags and stored windows
//! never see the real ids. HMAC-SHA256 truncated to 128 bits: equal ids stay equal across fields (a
//! payer and a sender still form one pair) and across processes that share the key, nobody without the key
//! can test a guess, and collisions are out of reach. The field's name is not mixed in for that reason.
//! The key's id travels with each flag, so that whoever holds the keys can tell which one to use.
//!
//! Digests of whole records are keyed as well ([`Pseudonyms::record_digest`]): a plain one would let anyone who knows
//! the rest of a short record try ids until it fits.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// Which fields are replaced, and the key. Its `Debug` does not show the key.
#[derive(Clone)]
pub struct Pseudonyms {
    key_id: String,
    keyed: Hmac<Sha256>,
    records: Hmac<Sha256>,
    fields: Vec<String>,
}

impl Pseudonyms {
    /// Replaces the values of `fields` (canonical paths) by HMACs under `key`; `key_id` is its public name.
    ///
    /// Fails if the key is shorter than 16 bytes, which could be guessed.
    pub fn new(
        key_id: impl Into<String>,
        key: &[u8],
        fields: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Pseudonyms, ShortKey> {
        if key.len() < ShortKey::LEAST {
            return Err(ShortKey { length: key.len() });
        }
        let keyed = |key: &[u8]| Hmac::new_from_slice(key).map_err(|_| ShortKey { length: key.len() });
        // A key of its own (as HKDF extracts one), so that no id can be made whose pseudonym begins a record's digest.
        let mut extract: Hmac<Sha256> = keyed(b"wardline.record")?;
        extract.update(key);
        let records = keyed(&extract.finalize().into_bytes())?;
        let fields = fields.into_iter().map(Into::into).collect();
        Ok(Pseudonyms { key_id: key_id.into(), keyed: keyed(key)?, records, fields })
    }

    /// The key's public name.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What stands for a record's SHA-256: its HMAC-SHA256 under a key that is made of the pseudonyms' key.
    pub fn record_digest(&self, record: &[u8]) -> [u8; 32] {
        let mut keyed = self.records.clone();
        keyed.update(record);
        keyed.finalize().into_bytes().into()
    }

    /// The canonical paths whose values are replaced, those below them included.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The pseudonym of `id`: 32 hexadecimal digits, as ASCII.
    pub fn of(&self, id: &str) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut keyed = self.keyed.clone();
        keyed.update(id.as_bytes());
        let digest = keyed.finalize().into_bytes();
        let mut hexadecimal = [0; 32];
        for (pair, byte) in hexadecimal.chunks_exact_mut(2).zip(digest) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        hexadecimal
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Pseudonyms");
        shown.field("key_id", &self.key_id).field("fields", &self.fields).finish_non_exhaustive()
    }
}

/// A key too short to protect anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pseudonym key has {length} bytes; use at least {}, from a random source", ShortKey::LEAST)]
pub struct ShortKey {
    /// Its length in bytes.
    pub length: usize,
}

impl ShortKey {
    const LEAST: usize = 16;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonym(key: &[u8], id: &str) -> String {
        let pseudonyms = Pseudonyms::new("k1", key, ["sender.id"]).unwrap();
        String::from_utf8(pseudonyms.of(id).to_vec()).unwrap()
    }

    #[test]
    fn is_the_start_of_the_hmac() {
        // The expected digits were computed with another implementation (Python's hmac module).
        assert_eq!(pseudonym(b"0123456789abcdef", "u1"), "5162bddb18bda0082a7b39c472f7d118");
    }

    #[test]
    fn depends_on_key_and_id_only() {
        let key = b"0123456789abcdef";
        assert_eq!(pseudonym(key, "u1"), pseudonym(key, "u1"));
        assert_ne!(pseudonym(key, "u1"), pseudonym(key, "u2"));
        assert_ne!(pseudonym(key, "u1"), pseudonym(b"0123456789abcdeF", "u1"));
    }

    #[test]
    fn a_short_key_is_refused_and_no_key_is_shown() {
        assert_eq!(Pseudonyms::new("k", b"short", ["id"]).unwrap_err(), ShortKey { length: 5 });
        let pseudonyms = Pseudonyms::new("k1", b"0123456789abcdef", ["sender.id"]).unwrap();
        assert_eq!(format!("{pseudonyms:?}"), r#"Pseudonyms { key_id: "k1", fields: ["sender.id"], .. }"#);
    }
}
