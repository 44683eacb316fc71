//! Whether what stands beside an anchor may be the rest of a literal, but for one slip.
//!
//! Many phrases begin or end alike, hundreds of ten thousand. So what stands under a key is asked first which letters it has
//! beside its anchor, several at once, as sets ([`Letters`]): a slip leaves at most one that is not in the text. Then it is
//! asked by those letters in their order ([`Beside`]). Nearly always they are others, and neither the literal nor the
//! words of the text are looked at.

use super::segment::Segment;
use crate::ruleset::key::{HEAD, eight, eight_before, lowest};
use crate::ruleset::stream::Word;
use crate::text::position;
use crate::text::slips::{STRANGE, Seed, Side};
use wide::u32x8;

/// Sets of letters that are asked at once.
pub(super) const TOGETHER: usize = 8;

/// So many letters of a text are asked for: those of a literal, with as many more as a slip may put in, and the one that the
/// anchor ends with.
const WINDOW: usize = HEAD + MOST + 1;

/// Which letters stand somewhere, by the lowest five bits of each. Some share them, by which more pass, never fewer. A
/// letter of several bytes, which a literal with slips has not, may stand for any of it: where there is one, all stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Letters(u32);

impl Letters {
    /// Of a text, those beside an anchor that ends there, with the last of the anchor: brought together with one like it, a
    /// letter is left out.
    #[inline]
    pub(super) fn after(bytes: &[u8], end: usize) -> Letters {
        let rest = bytes.get(end.saturating_sub(1)..).unwrap_or_default();
        rest.first_chunk().map_or_else(|| Letters::of(rest), Letters::of_window)
    }

    /// The same of an anchor that begins there; any, if it began before the buffer does.
    #[inline]
    pub(super) fn before(bytes: &[u8], start: usize) -> Letters {
        let rest = &bytes[..bytes.len().min(start.saturating_add(1))];
        rest.last_chunk().map_or_else(|| Letters::of(rest), Letters::of_window)
    }

    /// The same at once, since a text is asked for these wherever a literal may begin.
    #[inline]
    fn of_window(window: &[u8; WINDOW]) -> Letters {
        let set = window.iter().fold(0, |set, byte| set | 1 << (byte & 31));
        Letters(if window.is_ascii() { set } else { u32::MAX })
    }

    fn of(bytes: &[u8]) -> Letters {
        let bit = |byte: &u8| if byte.is_ascii() { 1 << (byte & 31) } else { u32::MAX };
        Letters(bytes.iter().fold(0, |set, byte| set | bit(byte)))
    }

    /// Which of several lack no more than one letter in these: bit n says it of the n-th.
    #[inline]
    pub(super) fn hold_nearly(self, several: &[Letters; TOGETHER]) -> u32 {
        let lacking = u32x8::new(several.map(|one| one.0)) & !u32x8::splat(self.0);
        let but_one = lacking & (lacking - u32x8::splat(1));
        but_one.simd_eq(u32x8::ZERO).to_bitmask()
    }
}

/// What a literal has beside its anchor.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside {
    /// Eight letters at most, the nearest lowest; beyond them zero, which is no letter.
    letters: u64,
    /// A slip among them is no matter.
    slip: bool,
}

impl Beside {
    /// From a place on.
    pub(super) fn after(literal: &[u8], start: usize) -> Beside {
        Beside { letters: eight(literal, start), slip: true }
    }

    /// From a place on, every letter as it is.
    pub(super) fn exactly(literal: &[u8], start: usize) -> Beside {
        Beside { letters: eight(literal, start), slip: false }
    }

    /// Before a place, backwards.
    pub(super) fn before(literal: &[u8], end: usize) -> Beside {
        Beside { letters: eight_before(literal, end), slip: true }
    }

    /// Which letters they are.
    pub(super) fn letters(self) -> Letters {
        Letters::of(&self.letters.to_le_bytes()[..self.count()])
    }

    #[inline]
    fn count(self) -> usize {
        HEAD - self.letters.leading_zeros() as usize / 8
    }

    /// Whether a text's letters may be these.
    #[inline]
    pub(super) fn may_be(self, text: u64) -> bool {
        if self.slip && text & NOT_ASCII != 0 {
            return true;
        }
        let other = (self.letters ^ text) & lowest(self.count());
        let alike = other.trailing_zeros() as usize / 8;
        other == 0
            || self.slip
                && CHANGES.into_iter().any(|(own, their)| self.goes_on(alike + own, text, alike + their))
    }

    /// Whether these and a text's letters go on alike, from a place of each.
    #[inline]
    fn goes_on(self, own: usize, text: u64, their: usize) -> bool {
        let count = self.count().saturating_sub(own).min(HEAD.saturating_sub(their));
        count == 0 || (self.letters >> (8 * own) ^ text >> (8 * their)) & lowest(count) == 0
    }
}

/// How many squeezed letters in a row of the literal a slip replaces, and by how many: one taken for another, left out or put
/// in, two changed round; and where that parts two like letters or brings them together, two left out or put in.
const CHANGES: [(usize, usize); 6] = [(1, 1), (1, 0), (0, 1), (2, 2), (2, 0), (0, 2)];

/// How many more letters, or fewer, a text has with a slip.
const MOST: usize = 2;

impl Segment<'_> {
    /// Whether the literal may stand as so many words from the first that begins there on, but for one slip.
    pub(super) fn may_slip_from(&self, place: usize, words: u32, literal: &[u8]) -> bool {
        let start = self.words[place].start;
        let like = self.words[place..].iter().take_while(|word| word.start == start).count();
        let last = place + (words as usize).saturating_sub(1);
        let lasts = self.words.get(last..self.words.len().min(last + like)).unwrap_or_default();
        // Any number of words may end there; what they are compared with is the same.
        let mut ends = lasts.chunk_by(|one, other| one.end == other.end).map(|words| words[0].end);
        ends.any(|end| self.may_slip(start, end, literal))
    }

    /// Whether it may stand as so many words up to the first that ends there.
    pub(super) fn may_slip_up_to(&self, place: usize, words: u32, literal: &[u8]) -> bool {
        let end = self.words[place].end;
        let like = self.words[place..].iter().take_while(|word| word.end == end).count();
        let before = (words as usize).saturating_sub(1);
        let firsts = self.words.get(place.saturating_sub(before)..(place + like).saturating_sub(before));
        let firsts = firsts.unwrap_or_default();
        let mut starts = firsts.chunk_by(|one, other| one.start == other.start).map(|words| words[0].start);
        starts.any(|start| self.may_slip(start, end, literal))
    }

    /// Whether the literal may stand there as a whole, but for one slip.
    fn may_slip(&self, start: u32, end: u32, literal: &[u8]) -> bool {
        let text = self.bytes.get(start as usize..end as usize).unwrap_or_default();
        // Of what is far too long no copy is made.
        if text.is_ascii() || text.len() > LETTER * (literal.len() + MOST) {
            return may_be(literal, text);
        }
        // A letter is one byte, whatever it takes in the text.
        let letters = text.iter().filter(|byte| is_first(**byte));
        let letters: Vec<u8> = letters.map(|byte| if byte.is_ascii() { *byte } else { STRANGE }).collect();
        may_be(literal, &letters)
    }

    /// Whether the literal may stand around a seed, from the beginning of a word to the end of one, but for so many slips.
    pub(super) fn may_slip_around(&self, seed: Seed, most: u8, word: Word, literal: &[u8]) -> bool {
        let at = match seed.side {
            Side::Start => word.start as usize,
            Side::End => (word.end as usize).saturating_sub(seed.len()),
        };
        let wanted = literal.get(seed.start as usize..seed.end as usize).unwrap_or_default();
        if !self.bytes.get(at..).unwrap_or_default().starts_with(wanted) {
            return false;
        }
        // Other letters have several bytes, and how many letters there are has to be seen.
        let reach = literal.len() + LETTER * usize::from(most);
        let around = self.bytes.get(at.saturating_sub(reach)..self.bytes.len().min(at + reach));
        let letter = |at: usize| self.bytes.get(at).copied();
        !around.unwrap_or_default().is_ascii()
            || seed.around(literal, most, at, letter).is_some_and(|around| {
                around
                    .stretches(most)
                    .any(|(stretch, _)| self.is_words(position(stretch.start), position(stretch.end)))
            })
    }

    /// Whether a word begins and a word ends there.
    fn is_words(&self, start: u32, end: u32) -> bool {
        self.words.binary_search_by_key(&start, |word| word.start).is_ok()
            && self.words.binary_search_by_key(&end, |word| word.end).is_ok()
    }
}

/// Most bytes of a letter.
const LETTER: usize = 4;

/// The highest bit of each of eight bytes.
const NOT_ASCII: u64 = 0x8080_8080_8080_8080;

/// Whether a letter begins with the byte.
fn is_first(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Whether a text is the literal but for one slip.
fn may_be(literal: &[u8], text: &[u8]) -> bool {
    if literal.len().abs_diff(text.len()) > MOST {
        return false;
    }
    let before = literal.iter().zip(text).take_while(|(one, other)| one == other).count();
    let ends = literal.iter().rev().zip(text.iter().rev());
    let after = ends.take_while(|(one, other)| one == other).count();
    CHANGES.into_iter().any(|(own, their)| {
        own + text.len() == their + literal.len()
            && before + own + after >= literal.len()
            && match (own, their) {
                (2, 2) => changed_round(&literal[before..], &text[before..]),
                (2, 0) => is_between_like(literal, before),
                (0, 2) => is_between_like(text, before),
                _ => true,
            }
    })
}

/// Whether without the two letters there two like ones would meet, one of which is the second of the two. As far as the
/// letters go on by turns it does not matter where they are taken out.
fn is_between_like(letters: &[u8], place: usize) -> bool {
    place > 0 && letters.get(place - 1) == letters.get(place + 1)
}

/// Whether the first two letters have changed round.
fn changed_round(wanted: &[u8], found: &[u8]) -> bool {
    matches!((wanted, found), ([one, two, ..], [three, four, ..]) if one == four && two == three)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nearly(beside: Beside, text: Letters) -> bool {
        text.hold_nearly(&[beside.letters(); TOGETHER]) == 0xFF
    }

    proptest! {
        #[test]
        fn letters_beside_an_anchor_pass_wherever_the_whole_does(
            seed in "[abc]{5}",
            (own, their) in ("[abc]{0,14}", "[abc]{0,16}"),
            further in "[abc]{0,9}",
        ) {
            let head = |rest: &str| [seed.as_str(), rest].concat().into_bytes();
            let beside = Beside::after(&head(&own), 5);
            let whole = may_be(&head(&own), &head(&their));
            let text = head(&[their.as_str(), &further].concat());
            prop_assert!(beside.may_be(eight(&text, 5)) || !whole);
            prop_assert!(nearly(beside, Letters::after(&text, 5)) || !whole);

            let tail = |rest: &str| [rest, seed.as_str()].concat().into_bytes();
            let beside = Beside::before(&tail(&own), own.len());
            let whole = may_be(&tail(&own), &tail(&their));
            let text = tail(&[further.as_str(), &their].concat());
            let start = text.len() - seed.len();
            prop_assert!(beside.may_be(eight_before(&text, start)) || !whole);
            prop_assert!(nearly(beside, Letters::before(&text, start)) || !whole);
        }
    }

    #[test]
    fn other_letters_beside_an_anchor_do_not_pass() {
        let beside = Beside::after(b"abcdefghijklmnop", 5);
        let cases = [
            ("fghijklm", true),
            ("fgxijklm", true),
            ("fgijklmn", true),
            ("fgxhijkl", true),
            ("fhgijklm", true),
        ];
        let more = [("fgxxhijk", true), ("fxhxjklm", false), ("xghijklx", false), ("mlkjihgf", false)];
        for (text, expected) in cases.into_iter().chain(more) {
            assert_eq!(beside.may_be(eight(text.as_bytes(), 0)), expected, "{text}");
        }
    }
}
