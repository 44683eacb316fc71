//! What an ASCII byte is to a skeleton, whatever stands around it.

use crate::text::leet::{self, Symbol};

/// What a byte of an ASCII text is to a skeleton without sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Byte {
    /// A letter of this class.
    Letter(u8),
    /// Left out within a word.
    Dropped,
    /// Ends a word.
    Separator,
    /// May be a letter.
    Symbol(Symbol),
}

/// Whether a byte of a text without sequences is what it is wherever it stands.
#[inline]
pub(super) fn is_plain(written: u8) -> bool {
    written.is_ascii() && !matches!(byte(written), Byte::Symbol(_))
}

/// What an ASCII byte is to a skeleton without sequences.
#[inline]
pub(crate) const fn byte(byte: u8) -> Byte {
    BYTES[(byte & 0x7F) as usize]
}

const BYTES: [Byte; 128] = bytes();

const fn bytes() -> [Byte; 128] {
    let mut bytes = [Byte::Dropped; 128];
    let mut at = 0u8;
    while at < 128 {
        bytes[at as usize] = match (at, leet::symbol(at)) {
            (b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z', _) => {
                Byte::Letter(leet::class(at.to_ascii_lowercase()))
            }
            (_, Some(symbol)) => Byte::Symbol(symbol),
            (b'\'' | b'`', _) => Byte::Dropped,
            (b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C, _) => Byte::Separator,
            _ => Byte::Dropped,
        };
        at += 1;
    }
    bytes
}
