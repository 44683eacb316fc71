//! Whether what stands beside an anchor may be the rest of a literal, but for one slip.
//!
//! Many phrases begin or end alike, so what stands under a key is asked first by the eight letters beside the anchor, which
//! lie with it: nearly always they are other letters, and neither the literal nor the words of the text are looked at.

use super::segment::Segment;
use crate::ruleset::key::{HEAD, eight, eight_before, lowest};
use crate::ruleset::stream::Word;
use crate::text::position;
use crate::text::slips::{Seed, Side};

/// The letters of a literal beside its anchor, eight at most, the nearest lowest; beyond them zero, which is no letter.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside(u64);

impl Beside {
    /// From a place on.
    pub(super) fn after(literal: &[u8], start: usize) -> Beside {
        Beside(eight(literal, start))
    }

    /// Before a place, backwards.
    pub(super) fn before(literal: &[u8], end: usize) -> Beside {
        Beside(eight_before(literal, end))
    }

    #[inline]
    fn count(self) -> usize {
        HEAD - self.0.leading_zeros() as usize / 8
    }

    /// Whether a text's letters may be these, but for one slip.
    #[inline]
    pub(super) fn may_be(self, text: u64) -> bool {
        let other = (self.0 ^ text) & lowest(self.count());
        let alike = other.trailing_zeros() as usize / 8;
        other == 0 || CHANGES.into_iter().any(|(own, their)| self.goes_on(alike + own, text, alike + their))
    }

    /// Whether these and a text's letters go on alike, from a place of each.
    #[inline]
    fn goes_on(self, own: usize, text: u64, their: usize) -> bool {
        let count = self.count().saturating_sub(own).min(HEAD.saturating_sub(their));
        count == 0 || (self.0 >> (8 * own) ^ text >> (8 * their)) & lowest(count) == 0
    }
}

/// How many squeezed letters in a row of the literal a slip replaces, and by how many: one taken for another, left out or put
/// in, two changed round; and where that parts two like letters or brings them together, two left out or put in.
const CHANGES: [(usize, usize); 6] = [(1, 1), (1, 0), (0, 1), (2, 2), (2, 0), (0, 2)];

/// How many more letters, or fewer, a text has with a slip.
const MOST: u32 = 2;

impl Segment<'_> {
    /// Whether the literal may stand from there to the end of a word, but for one slip.
    pub(super) fn may_slip_from(&self, start: u32, literal: &[u8]) -> bool {
        let least = start + position(literal.len()).saturating_sub(MOST);
        let first = self.words.partition_point(|word| word.end < least);
        // Any number of words may end there; what they are compared with is the same.
        let ends = self.words[first..].chunk_by(|one, other| one.end == other.end).map(|words| words[0].end);
        let mut near = ends.take_while(|end| *end <= start + position(literal.len()) + MOST);
        near.any(|end| may_be(literal, self.bytes.get(start as usize..end as usize).unwrap_or_default()))
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

    /// Whether the literal may stand from the beginning of a word up to there, but for one slip.
    pub(super) fn may_slip_up_to(&self, end: u32, literal: &[u8]) -> bool {
        let most = (end + MOST).saturating_sub(position(literal.len()));
        let last = self.words.partition_point(|word| word.start <= most);
        let starts = self.words[..last].chunk_by(|one, other| one.start == other.start).rev();
        let starts = starts.map(|words| words[0].start);
        let mut near = starts.take_while(|start| *start + position(literal.len()) + MOST >= end);
        near.any(|start| may_be(literal, self.bytes.get(start as usize..end as usize).unwrap_or_default()))
    }
}

/// Most bytes of a letter.
const LETTER: usize = 4;

/// Whether a text is the literal but for one slip.
fn may_be(literal: &[u8], text: &[u8]) -> bool {
    let before = literal.iter().zip(text).take_while(|(one, other)| one == other).count();
    let ends = literal.iter().rev().zip(text.iter().rev());
    let after = ends.take_while(|(one, other)| one == other).count();
    CHANGES.into_iter().any(|(own, their)| {
        own + text.len() == their + literal.len()
            && before + own + after >= literal.len()
            && (own < 2 || their < 2 || changed_round(&literal[before..], &text[before..]))
    })
}

/// Whether the first two letters have changed round.
fn changed_round(wanted: &[u8], found: &[u8]) -> bool {
    matches!((wanted, found), ([one, two, ..], [three, four, ..]) if one == four && two == three)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn letters_beside_an_anchor_pass_wherever_the_whole_does(
            seed in "[ab]{5}",
            (own, their) in ("[ab]{0,14}", "[ab]{0,16}"),
            further in "[ab]{0,9}",
        ) {
            let head = |rest: &str| [seed.as_str(), rest].concat().into_bytes();
            let beside = Beside::after(&head(&own), 5);
            let text = eight(&head(&format!("{their}{further}")), 5);
            prop_assert!(beside.may_be(text) || !may_be(&head(&own), &head(&their)));

            let tail = |rest: &str| [rest, seed.as_str()].concat().into_bytes();
            let beside = Beside::before(&tail(&own), own.len());
            let text = format!("{further}{their}");
            let text = eight_before(&tail(&text), text.len());
            prop_assert!(beside.may_be(text) || !may_be(&tail(&own), &tail(&their)));
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
