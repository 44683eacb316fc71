//! The order of keys: an event mostly has the keys of the one before it, in the same order and written alike.
//!
//! So before a key is parsed, the bytes from where the value before it ended are compared with those that stood there last,
//! sixteen at once. That takes a few instructions, and what follows need not wait until it is known where the key ends.
//! A guess is right only if all bytes up to the value are the same, so nothing that is read depends on what was guessed.
//!
//! Rejected: masks of all quotes and brackets of a record, made before it is read. Together with the guesses they are no
//! faster, since most of what is left to be passed is short strings, and containers whose blocks are looked at once.

use super::Key;
use std::ops::Range;

/// What stood between values, in its order.
#[derive(Debug, Clone, Default)]
pub(in crate::event) struct Order {
    known: Vec<Between>,
    /// The one that is expected.
    next: usize,
    /// Wrong guesses since all was forgotten.
    misses: usize,
}

/// Bytes that are compared at once. What stands between two values is remembered if it is no longer than twice that.
const BYTES: usize = 16;

/// So many are remembered at most.
const MOST: usize = 64;

/// After so many wrong guesses all is forgotten, since events may be others by now.
const PATIENCE: usize = 1024;

/// What stands between two values of an object, or between its beginning and its first value: a key and all around it.
#[derive(Debug, Clone, Copy)]
struct Between {
    /// Its first bytes as a number, and which of the number are its own.
    bytes: u128,
    own: u128,
    /// Its last bytes, if that are not all.
    last: u128,
    /// Whether it is the beginning.
    first: bool,
    /// Bytes of the whole.
    length: usize,
    /// Its key, as if the whole began the text.
    key: Key,
}

impl Order {
    /// Another event begins.
    pub(in crate::event) fn begin(&mut self) {
        self.next = 0;
        if self.misses > PATIENCE {
            self.misses = 0;
            self.known.clear();
        }
    }

    /// The key that stands there, and the bytes up to its value, if it is the expected one or, where a member is left
    /// out, the one after that.
    #[inline]
    pub(super) fn guess(&mut self, text: &[u8], at: usize, first: bool) -> Option<(Key, usize)> {
        let bytes = number(text, at)?;
        for next in [self.next, self.next + 1] {
            let between = self.known.get(next)?;
            let Between { length, key, .. } = *between;
            if (bytes ^ between.bytes) & between.own == 0
                && between.first == first
                && (length <= BYTES || number(text, at + length - BYTES) == Some(between.last))
            {
                self.next = next + 1;
                return Some((Key { start: at + key.start, end: at + key.end, ..key }, length));
            }
        }
        None
    }

    /// Remembers a key, and what stands around it, where no guess was right. Of several members that may be left out all
    /// come to be known.
    #[cold]
    pub(super) fn learn(&mut self, text: &[u8], at: Range<usize>, first: bool, key: Key) {
        self.misses += 1;
        let (start, length) = (at.start, at.len());
        let Some(bytes) = number(text, start) else { return };
        if length <= 2 * BYTES && !key.escaped && self.known.len() < MOST {
            let own = u128::MAX >> (8 * BYTES.saturating_sub(length));
            let last = number(text, at.end.saturating_sub(BYTES)).unwrap_or_default();
            let key = Key { start: key.start - start, end: key.end - start, ..key };
            self.known.insert(self.next, Between { bytes: bytes & own, own, last, first, length, key });
            self.next += 1;
        }
    }
}

/// Bytes of a text from a place on as a number; none if there are too few.
#[inline]
fn number(text: &[u8], at: usize) -> Option<u128> {
    Some(u128::from_le_bytes(*text.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads what stands before values of an object; says of each whether it was guessed.
    fn read(order: &mut Order, betweens: &[&str]) -> Vec<bool> {
        order.begin();
        let text = betweens.concat() + "and so on, for more than sixteen bytes";
        let mut at = 0;
        let mut read_one = |between: &&str| {
            let (start, end) = (at + between.find('"').unwrap() + 1, at + between.rfind('"').unwrap());
            let key = Key::read(text.as_bytes(), start, end);
            let guessed = order.guess(text.as_bytes(), at, at == 0);
            match guessed {
                Some((guess, length)) => {
                    assert_eq!((guess.start, guess.end, guess.head), (start, end, key.head));
                    assert_eq!(length, between.len());
                }
                None => order.learn(text.as_bytes(), at..at + between.len(), at == 0, key),
            }
            at += between.len();
            guessed.is_some()
        };
        betweens.iter().map(&mut read_one).collect()
    }

    #[test]
    fn what_came_once_is_expected() {
        let order = &mut Order::default();
        let whole = ["\"id\":", ",\"room\" : ", ", \"session\":", ",\"text\":"];
        let [id, room, _, text] = whole;
        assert_eq!(read(order, &[id, room, text]), [false; 3]);
        assert_eq!(read(order, &[id, room, text]), [true; 3]);
        assert_eq!(read(order, &whole), [true, true, false, true], "one more");
        assert_eq!(read(order, &whole), [true; 4]);
        assert_eq!(read(order, &[id, room, text]), [true; 3], "one left out");
        assert_eq!(read(order, &[id, text]), [true, false], "two left out");
    }

    #[test]
    fn what_is_written_otherwise_is_no_guess() {
        let order = &mut Order::default();
        read(order, &["\"id\":", ",\"room\":"]);
        assert_eq!(read(order, &["\"id\":", "\"room\":"]), [true, false], "no comma");
        assert_eq!(read(order, &[",\"id\":"]), [false], "a comma");
        assert_eq!(read(order, &["\"i\\u0064\":"]), [false]);
        assert_eq!(read(order, &["\"i\\u0064\":"]), [false], "escapes are not remembered");
        for (length, remembered) in [(27, true), (28, false)] {
            let [one, other] = ["a", "b"].map(|last| format!("\"{}{last}\" :", "a".repeat(length)));
            assert_eq!((read(order, &[&one]), read(order, &[&other])), (vec![false], vec![false]));
            assert_eq!(read(order, &[&one]), [remembered]);
        }
    }

    #[test]
    fn events_may_change() {
        let order = &mut Order::default();
        let keys: Vec<String> = (0..2 * MOST).map(|key| format!(",\"{key}\":")).collect();
        for key in &keys {
            read(order, &[key]);
            assert!(order.known.len() <= MOST);
        }
        assert_eq!(read(order, &["\"new\":"]), [false]);
        assert!((0..2 * PATIENCE).any(|_| read(order, &["\"new\":"]) == [true]));
    }
}
