//! What an ASCII byte is to a skeleton, whatever stands around it.

use crate::text::leet::{self, Symbol};
use wide::u8x16;

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

/// How many bytes from the first are what they are wherever they stand: ASCII, and no symbol. Sixteen at a time.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks::<16>();
    for (start, chunk) in (0..).step_by(16).zip(chunks) {
        let others = others(u8x16::new(*chunk));
        if others != 0 {
            return start + others.trailing_zeros() as usize;
        }
    }
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    let others = others(u8x16::new(last));
    bytes.len() - rest.len() + rest.len().min(others.trailing_zeros() as usize)
}

/// Whether there are symbols that only [`super::Reading::Sequences`] takes for letters. Sixteen bytes at a time.
pub(crate) fn tells_sequence(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    let found = chunks.iter().chain([&last]).fold(u8x16::splat(0), |found, chunk| {
        let chunk = u8x16::new(*chunk);
        leet::TELLING.into_iter().fold(found, |found, symbol| found | chunk.simd_eq(u8x16::splat(symbol)))
    });
    found.to_bitmask() != 0
}

/// Bit n says whether byte n is no plain one.
#[inline]
fn others(chunk: u8x16) -> u32 {
    let symbol = |symbol| chunk.simd_eq(u8x16::splat(symbol));
    let symbols = SYMBOLS.map(symbol).into_iter().fold(u8x16::splat(0), |all, one| all | one);
    // The highest bit of what is no ASCII.
    (symbols | chunk).to_bitmask()
}

/// The symbols of [`leet::symbol`].
const SYMBOLS: [u8; 5] = *b"@$!|+";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_told_at_every_place() {
        for byte in 0..0x80 {
            for place in [0, 15, 16, 39] {
                let mut text = [b'x'; 40];
                text[place] = byte;
                assert_eq!(tells_sequence(&text), leet::TELLING.contains(&byte), "{byte} at {place}");
            }
        }
    }

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=u8::MAX {
            let plain = byte.is_ascii() && leet::symbol(byte).is_none();
            for place in 0..40 {
                let mut text = [b'x'; 40];
                text[place] = byte;
                assert_eq!(plain_length(&text), if plain { 40 } else { place }, "{byte} at {place}");
            }
        }
    }
}
