//! Slips of the fingers in a row of letters: how many letters a text has left out, put in or taken for others, and how many
//! neighbours it has changed round, between a place where both agree and an end.
//!
//! A few letters in a row are right, where a word begins or ends in both ([`Seed`]): by these a phrase is looked up, and on both
//! sides of them it is compared. So a comparison costs the letters of the phrase times the few by which a text may be longer or
//! shorter, and ends where there are too many slips.

use super::position;
use std::ops::Range;

/// Most slips that anyone can ask for.
pub(crate) const MOST: u8 = 3;

/// How many lengths a stretch of text may have: as many letters as are wanted, or so many more or fewer.
const BAND: usize = 2 * MOST as usize + 1;

/// Where in [`Slips`] the stretch stands that is as long as what is wanted.
const MIDDLE: usize = MOST as usize;

/// How many letters of a phrase a slip needs: of fewer, too much would be left to chance.
const LETTERS_A_SLIP: usize = 4;

/// Stands for a letter that no phrase with slips has.
pub(crate) const STRANGE: u8 = 0xFF;

/// Letters in a row that are right where a phrase with slips is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Seed {
    /// The first of the phrase's letters.
    pub(crate) start: u32,
    /// The one after the last.
    pub(crate) end: u32,
    /// Where a word begins or ends both in the phrase and in the text.
    pub(crate) side: Side,
}

/// An end of a [`Seed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// A word begins at its first letter.
    Start,
    /// A word ends after its last.
    End,
}

impl Seed {
    /// How many letters of so many have to be right in a row: about as many as one slip leaves before or after it, and no
    /// more than one finds beside several slips.
    fn length(letters: usize) -> usize {
        (letters.saturating_sub(1) / 2).clamp(2, 5)
    }

    /// The seeds of a phrase with so many letters whose words are `words`.
    pub(crate) fn of(letters: usize, words: impl Iterator<Item = Range<u32>>) -> Vec<Seed> {
        let (length, all) = (position(Seed::length(letters)), position(letters));
        let mut seeds = Vec::new();
        for word in words {
            let from_start = Seed { start: word.start, end: word.start + length, side: Side::Start };
            let up_to_end = word.end.checked_sub(length);
            let up_to_end = up_to_end.map(|start| Seed { start, end: word.end, side: Side::End });
            seeds.extend(Some(from_start).filter(|seed| seed.end <= all).into_iter().chain(up_to_end));
        }
        // Words can share a letter, squeezed as they are.
        seeds.dedup();
        seeds
    }

    /// How many letters it has.
    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// The slips before and after it in a text in which it stands at a letter. `text` has the letters of the text, none
    /// before its beginning and beyond its end.
    pub(crate) fn around(
        self,
        phrase: &[u8],
        most: u8,
        at: usize,
        text: impl Fn(usize) -> Option<u8>,
    ) -> Option<Around> {
        let (before, after) = (phrase.get(..self.start as usize)?, phrase.get(self.end as usize..)?);
        let behind = at + self.len();
        let backwards = |place: usize| text(at.checked_sub(place + 1)?);
        let after = Slips::count(after.len(), most, |place| after[place], |place| text(behind + place));
        let before = Slips::count(before.len(), most, |place| before[before.len() - 1 - place], backwards);
        Some(Around {
            before,
            after,
            at,
            behind,
            lengths: [self.start as usize, phrase.len() - self.end as usize],
        })
    }
}

/// The slips around a seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around {
    before: Slips,
    after: Slips,
    at: usize,
    behind: usize,
    lengths: [usize; 2],
}

impl Around {
    /// The stretches of text that are the phrase but for so many slips, each with its number of slips.
    pub(crate) fn stretches(self, most: u8) -> impl Iterator<Item = (Range<usize>, u8)> {
        let before = self.before.lengths(self.lengths[0], most);
        before.flat_map(move |(before, slips)| {
            let after = self.after.lengths(self.lengths[1], most - slips);
            after.map(move |(after, more)| (self.at - before..self.behind + after, slips + more))
        })
    }
}

/// How many slips are allowed in a phrase of which one to [`MOST`] were asked for by name, by its letters as they are
/// written and squeezed.
pub(crate) fn allowed(asked: u8, letters: usize, squeezed: usize) -> u8 {
    let by_length = match (asked, letters) {
        (2, 15..) => 3,
        (2, 8..) => 2,
        (1, 5..) => 1,
        _ => 0,
    };
    by_length.min(u8::try_from(squeezed / LETTERS_A_SLIP).unwrap_or(MOST))
}

/// How many slips a text has with each length that it may have, the shortest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slips([u8; BAND]);

impl Slips {
    const TOO_MANY: u8 = MOST + 1;
    const NONE: Slips = Slips([Slips::TOO_MANY; BAND]);

    /// The slips between `wanted` letters and the first of a text, no more than `most`. `own` and `text` say
    /// each letter by its distance from where both begin, `text` none beyond its end.
    fn count(
        wanted: usize,
        most: u8,
        own: impl Fn(usize) -> u8,
        text: impl Fn(usize) -> Option<u8>,
    ) -> Slips {
        let mut before = Slips::NONE;
        for (more, slips) in (0..=MOST).enumerate() {
            let is_there = more.checked_sub(1).is_none_or(|last| text(last).is_some());
            before.0[MIDDLE + more] = if is_there { slips } else { Slips::TOO_MANY };
        }
        let mut two_before = Slips::NONE;
        for row in 1..=wanted {
            let wanted = (own(row - 1), row.checked_sub(2).map(&own));
            let now = Slips::next(row, wanted, before, two_before, &text);
            (two_before, before) = (before, now);
            if before.least() > most && two_before.least() > most {
                return Slips::NONE;
            }
        }
        before
    }

    /// With one wanted letter more, that one and the one before it being given.
    fn next(
        row: usize,
        (letter, letter_before): (u8, Option<u8>),
        before: Slips,
        two_before: Slips,
        text: &impl Fn(usize) -> Option<u8>,
    ) -> Slips {
        let mut now = Slips::NONE;
        for place in 0..BAND {
            let Some(length) = (row + place).checked_sub(MIDDLE) else { continue };
            let mut least = before.at(place + 1) + 1;
            if let Some(last) = length.checked_sub(1) {
                let Some(found) = text(last) else { break };
                let put_in = place.checked_sub(1).map_or(Slips::TOO_MANY, |shorter| now.at(shorter)) + 1;
                least = least.min(put_in).min(before.at(place) + u8::from(found != letter));
                let found_before = last.checked_sub(1).and_then(text);
                if found_before == Some(letter) && letter_before == Some(found) {
                    least = least.min(two_before.at(place) + 1);
                }
            }
            now.0[place] = least.min(Slips::TOO_MANY);
        }
        now
    }

    fn at(self, place: usize) -> u8 {
        self.0.get(place).copied().unwrap_or(Slips::TOO_MANY)
    }

    fn least(self) -> u8 {
        self.0.into_iter().min().unwrap_or_default()
    }

    /// The lengths that take no more than `most` slips, each with how many; `wanted` letters are those that were counted.
    fn lengths(self, wanted: usize, most: u8) -> impl Iterator<Item = (usize, u8)> {
        let lengths =
            (0..BAND).map(move |place| Some(((wanted + place).checked_sub(MIDDLE)?, self.at(place))));
        lengths.flatten().filter(move |(_, slips)| *slips <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The fewest slips, by trying everything.
    fn slips(wanted: &[u8], found: &[u8]) -> usize {
        let (Some((last, wanted_before)), Some((other, found_before))) =
            (wanted.split_last(), found.split_last())
        else {
            return wanted.len() + found.len();
        };
        let by_one = (slips(wanted_before, found) + 1).min(slips(wanted, found_before) + 1);
        let same = slips(wanted_before, found_before) + usize::from(last != other);
        let round = match (wanted, found) {
            ([wanted @ .., one, two], [found @ .., three, four]) if one == four && two == three => {
                slips(wanted, found) + 1
            }
            _ => usize::MAX,
        };
        by_one.min(same).min(round)
    }

    proptest! {
        #[test]
        fn slips_are_counted_by_length(wanted in "[abc]{0,5}", text in "[abc]{0,7}", most in 1u8..=MOST) {
            let (wanted, text) = (wanted.as_bytes(), text.as_bytes());
            let counted = Slips::count(wanted.len(), most, |at| wanted[at], |at| text.get(at).copied());
            let found: Vec<_> = counted.lengths(wanted.len(), most).collect();
            let lengths = (0..=text.len()).map(|length| (length, slips(wanted, &text[..length])));
            let few = lengths.filter(|(_, slips)| *slips <= usize::from(most));
            let expected: Vec<_> = few.map(|(length, slips)| (length, u8::try_from(slips).unwrap())).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn seeds_and_slips_by_length() {
        let lengths: Vec<_> = (4..13).map(Seed::length).collect();
        assert_eq!(lengths, [2, 2, 2, 3, 3, 4, 4, 5, 5]);
        let cases = [
            ((1, 4, 4), 0),
            ((1, 5, 5), 1),
            ((1, 5, 3), 0),
            ((1, 30, 30), 1),
            ((2, 7, 7), 0),
            ((2, 8, 8), 2),
            ((2, 14, 13), 2),
            ((2, 15, 14), 3),
            ((2, 15, 11), 2),
        ];
        for ((asked, letters, squeezed), expected) in cases {
            assert_eq!(
                allowed(asked, letters, squeezed),
                expected,
                "{asked} in {letters}, {squeezed} squeezed"
            );
        }
        let seeds = Seed::of(6, [0..3, 2..6].into_iter());
        let shown: Vec<_> = seeds.iter().map(|seed| (seed.start, seed.end, seed.side)).collect();
        assert_eq!(shown, [(0, 2, Side::Start), (1, 3, Side::End), (2, 4, Side::Start), (4, 6, Side::End)]);
    }
}
