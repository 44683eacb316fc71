//! Bounds on what a sender can make a flag say: ids, names and other statements of any length.
//!
//! An id stands in a flag several times, once in each piece of evidence, so a long one would take the room of
//! the text that the flag is there to show. Every id is therefore short from the start, not only in a flag
//! that turns out too large. Case and flag ids are made of the whole ids.

use super::Cut;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Most bytes of an id, a name or another statement.
pub(super) const LIMIT: usize = 256;

/// Bytes of the mark that ends a shortened id: `~` and 16 hexadecimal digits.
const MARK: usize = 17;

/// An id of at most 256 bytes: of a longer one its start and 64 bits of its SHA-256.
pub fn short_id(id: &str) -> Cow<'_, str> {
    if id.len() <= LIMIT { Cow::Borrowed(id) } else { Cow::Owned(Short::to(LIMIT).id(id)) }
}

/// Shortens, and remembers what it shortened.
#[derive(Debug)]
pub(super) struct Short {
    limit: usize,
    /// What had to be shortened.
    pub(super) cut: BTreeSet<Cut>,
}

impl Short {
    /// Shortens to at most `limit` bytes, which must have room for the mark.
    pub(super) fn to(limit: usize) -> Short {
        Short { limit, cut: BTreeSet::new() }
    }

    /// An id of at most the limit. Of a longer one its start, and 64 bits of its SHA-256, so that ids that differ
    /// anywhere still differ.
    pub(super) fn id(&mut self, id: &str) -> String {
        if id.len() <= self.limit {
            return id.to_owned();
        }
        self.cut.insert(Cut::Ids);
        let mut first = [0; 8];
        first.copy_from_slice(&Sha256::digest(id)[..8]);
        format!("{}~{:016x}", start(id, self.limit - MARK), u64::from_be_bytes(first))
    }

    /// A name, a topic or the like of at most the limit: its start.
    pub(super) fn statement(&mut self, text: &str) -> String {
        if text.len() > self.limit {
            self.cut.insert(Cut::Names);
        }
        start(text, self.limit).to_owned()
    }
}

/// The longest start of `text` of at most `limit` bytes that ends on a character boundary.
fn start(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_stays_and_what_is_long_is_marked() {
        let whole = "é".repeat(128);
        let mut short = Short::to(LIMIT);
        assert_eq!((short.id(&whole), short.statement(&whole)), (whole.clone(), whole.clone()));
        assert!(short.cut.is_empty());
        let longer = format!("{whole}x");
        assert_eq!(short.statement(&longer), whole);
        let id = short.id(&longer);
        assert!(id.len() <= LIMIT && id.starts_with(&"é".repeat(119)), "{id}");
        assert_eq!(short.cut, [Cut::Ids, Cut::Names].into());
    }

    #[test]
    fn ids_that_differ_still_differ() {
        let long = |last: &str| Short::to(64).id(&format!("{}{last}", "x".repeat(5_000)));
        assert_eq!(long("a"), long("a"));
        assert_ne!(long("a"), long("b"));
        assert_eq!(long("a").len(), 64);
    }
}
