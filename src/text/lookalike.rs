//! What folded characters look like: the ASCII letters and digits that a reader takes them for.
//!
//! Table T2 says it of each character that table T1 leaves as it is, so that the two compose: fold, then ask of each
//! character that comes out. ASCII is never read for anything: digits and signs for letters are a matter of where they
//! stand. Most readings hold in any text, at the price that hardly a word of another language becomes an English one;
//! of some that is not true (я for r), and these hold among Latin letters only. Signs (€ for e) and regional
//! indicators are read for letters inside words alone, which is for whoever asks to tell.
//!
//! Folding lower-cases before table T2 sees a letter, and knows some letters for letters of their own (ɔ for o). The
//! shape that is lost so (H of the Greek capital eta, read by its small letter as n) is asked for of the character as
//! it was written, besides what it is read for, not in its stead: either of the two may be meant.

#[expect(clippy::unreadable_literal, reason = "a generated table, not for reading")]
mod table;

use table::{DATA, PAGES, READINGS, SHAPES};

/// What a character is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lookalike {
    letters: [u8; 3],
    length: u8,
    latin_only: bool,
}

impl Lookalike {
    /// One to three ASCII lower-case letters or digits.
    pub(super) fn letters(&self) -> &[u8] {
        self.letters.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Whether the character is read so among Latin letters only.
    pub(super) fn latin_only(self) -> bool {
        self.latin_only
    }
}

/// What a character that folding leaves as it is looks like.
#[inline]
pub(super) fn lookalike(folded: char) -> Option<Lookalike> {
    let code = folded as usize;
    let page = usize::from(PAGES[code >> 7]);
    match usize::from(DATA[page << 7 | code & 127]) {
        0 => None,
        reading => Some(unpack(READINGS[reading])),
    }
}

/// The letters stand in the three lower bytes, what is not used of them is 0.
#[inline]
fn unpack(reading: u32) -> Lookalike {
    let [first, second, third, latin_only] = reading.to_le_bytes();
    let length = 1 + u8::from(second != 0) + u8::from(third != 0);
    Lookalike { letters: [first, second, third], length, latin_only: latin_only != 0 }
}

/// The letter whose shape a character has, where folding loses it: h for the Greek capital eta. An ASCII lower-case
/// letter or digit, other than the character is read for by way of its folding.
pub(super) fn shape(character: char) -> Option<u8> {
    let found = SHAPES.binary_search_by_key(&u32::from(character), |entry| entry >> 8).ok()?;
    let [letter, ..] = SHAPES.get(found)?.to_le_bytes();
    Some(letter)
}

#[cfg(test)]
mod tests;
