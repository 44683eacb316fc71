//! A phrase with slips that were asked for by name, wherever they are.
//!
//! Squeezed letters are compared, across words: a stretch of whole words of the text is the phrase but for so many letters left
//! out, put in, taken for others or changed round with a neighbour; so is each word that it has more or fewer. Letters doubled or
//! not are one slip where nothing else is.
//! A few letters in a row are as they should be, from where a word begins in both or up to where one ends in both ([`Seed`]).
//!
//! What is spelt otherwise must not be another word: a word of the stretch that the phrase does not have is a
//! slip only if it is not known ([`words`](crate::text::words)) or a single letter, and such words have two letters for each slip. Words of the
//! phrase with digits are as they should be: another number is not a slip.

use super::misspelt::is_known;
use super::{Run, Spelling, Spelt, beginning, indices, packed};
use crate::text::skeleton::{Letter, Script};
use crate::text::slips::{STRANGE, Seed, Side, allowed};
use std::ops::Range;

/// How many letters the words with slips have for each slip, at least: of three letters, two wrong are another word.
const WRONG_A_SLIP: usize = 2;

/// Fewest letters of a known word: single letters are left over wherever a space slips.
const WORD: usize = 2;

/// A phrase that is looked for with slips.
#[derive(Debug)]
pub(crate) struct Fuzzy {
    /// Its letters, squeezed.
    letters: Box<[u8]>,
    seeds: Box<[Seed]>,
    most: u8,
}

/// Where it was found: the fewest slips, then the leftmost, then the shortest is the least.
type Place = (u8, usize, usize);

impl Spelling {
    /// The phrase with as many slips as its length allows of those asked for; none if it allows none, or if not all of its
    /// letters are Latin.
    pub(crate) fn fuzzy(&self, asked: u8) -> Option<Fuzzy> {
        let runs = &self.spelt.runs;
        let letters: Box<[u8]> = runs.iter().map(|run| letter(*run)).collect();
        let most = allowed(asked, self.len(), letters.len());
        let words = self.spelt.skeleton.words().iter().map(|word| self.spelt.run_bounds(word));
        let seeds = Seed::of(letters.len(), words).into();
        (most > 0 && !letters.contains(&STRANGE)).then_some(Fuzzy { letters, seeds, most })
    }

    /// How many slips `text` allows as a phrase, of those asked for.
    pub(crate) fn slips(text: &str, asked: u8) -> u8 {
        let spelling = Spelling::new(text, Script::Other);
        spelling.and_then(|spelling| spelling.fuzzy(asked)).map_or(0, |fuzzy| fuzzy.most)
    }

    /// The fewest slips with which a text has the phrase, and the letters of the text there.
    pub(crate) fn find_fuzzy(&self, fuzzy: &Fuzzy, text: &mut Spelt) -> Option<(u8, Range<usize>)> {
        let mut best: Option<Place> = None;
        for seed in &fuzzy.seeds {
            let places = text.places_of(*seed, &fuzzy.letters);
            let mut last = None;
            for word in &places {
                let bounds = text.run_bounds(&text.skeleton.words()[*word as usize]);
                let at = match seed.side {
                    Side::Start => Some(bounds.start as usize),
                    Side::End => (bounds.end as usize).checked_sub(seed.len()),
                };
                // Squeezed, any number of words can begin or end at one letter.
                if let Some(at) = at.filter(|at| last.replace(*at) != Some(*at)) {
                    best = self.best_around(fuzzy, *seed, at, text, best);
                }
            }
            text.places = places;
        }
        let (slips, first, last) = best?;
        let words = text.skeleton.words();
        Some((slips, indices(words[first].start..words[last].end)))
    }

    /// The better of a place known so far and those around a seed in the text.
    fn best_around(
        &self,
        fuzzy: &Fuzzy,
        seed: Seed,
        at: usize,
        text: &Spelt,
        best: Option<Place>,
    ) -> Option<Place> {
        let wanted = &fuzzy.letters[seed.start as usize..seed.end as usize];
        let runs = text.runs.get(at..).unwrap_or_default();
        if !wanted.iter().zip(runs).all(|(wanted, run)| *wanted == letter(*run)) || runs.len() < wanted.len()
        {
            return best;
        }
        let most = best.map_or(fuzzy.most, |(slips, ..)| slips);
        let around = seed.around(&fuzzy.letters, most, at, |at| text.runs.get(at).copied().map(letter));
        let places =
            around.into_iter().flat_map(|around| around.stretches(most)).filter_map(|(stretch, slips)| {
                let (first, last) = text.words_of(stretch)?;
                let slips = usize::from(slips) + (last + 1 - first).abs_diff(self.words());
                let slips = u8::try_from(slips).ok().filter(|slips| *slips <= most)?;
                Some((slips.max(1), first, last))
            });
        places.fold(best, |best, place| {
            let better = best.is_none_or(|best| place < best) && self.is_slip(text, place);
            if better { Some(place) } else { best }
        })
    }

    /// Whether the words there differ from the phrase by slips, and not by being others.
    fn is_slip(&self, text: &Spelt, (slips, first, last): Place) -> bool {
        let (own, theirs) = (self.spelt.skeleton.words(), &text.skeleton.words()[first..=last]);
        let is_own = |their: &&Range<u32>| own.iter().any(|own| self.same_word(own, text, their));
        let mut wrong = theirs.iter().filter(|their| !is_own(their));
        let letters: usize = wrong.clone().map(ExactSizeIterator::len).sum();
        let numbers =
            own.iter().filter(|own| self.spelt.skeleton.letters_of(own).iter().any(Letter::is_digit));
        letters >= WRONG_A_SLIP * usize::from(slips)
            && wrong.all(|their| their.len() < WORD || !is_known(text.skeleton.letters_of(their)))
            && numbers.into_iter().all(|own| theirs.iter().any(|their| self.same_word(own, text, their)))
    }
}

impl Fuzzy {
    /// By which letters in a row it is looked up.
    pub(crate) fn seeds(&self) -> &[Seed] {
        &self.seeds
    }

    /// Most slips.
    pub(crate) fn most(&self) -> u8 {
        self.most
    }
}

/// A run's letter.
fn letter(run: Run) -> u8 {
    u8::try_from(run.class).ok().filter(u8::is_ascii).unwrap_or(STRANGE)
}

impl Spelt {
    /// The words with which some runs begin and end: of several that begin there the first, of those that end there the first.
    fn words_of(&self, runs: Range<usize>) -> Option<(usize, usize)> {
        let (begin, end) = (self.runs.get(runs.start)?, self.runs.get(runs.end.checked_sub(1)?)?);
        let words = self.skeleton.words();
        let first = words.partition_point(|word| word.start < begin.start);
        let last = words.partition_point(|word| word.end <= end.start);
        let begins = words.get(first)?.start < begin.end;
        let ends = words.get(last)?.end <= end.end;
        (begins && ends && first <= last).then_some((first, last))
    }

    /// The words at whose beginning or end a seed may stand, rising, in a buffer to be handed back.
    fn places_of(&mut self, seed: Seed, phrase: &[u8]) -> Vec<u32> {
        let letters = phrase[seed.start as usize..seed.end as usize].iter().copied().map(char::from);
        let outermost = match seed.side {
            Side::Start => letters.clone().next(),
            Side::End => letters.clone().next_back(),
        };
        let stands = |text: &Spelt, word: &Range<u32>| match seed.side {
            Side::Start => text.class(word.start) == outermost,
            Side::End => text.class(word.end - 1) == outermost,
        };
        self.places(stands, |text, places| {
            let found = match seed.side {
                Side::Start => beginning(&text.index, packed(letters), seed.len()),
                Side::End => {
                    text.make_ends();
                    beginning(&text.ends, packed(letters.rev()), seed.len())
                }
            };
            places.extend(found.iter().map(|(_, place)| *place));
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::skeleton::Reading;

    #[test]
    fn slips_anywhere() {
        let secret = "keep this a secret";
        let cases = [
            (1, "secret", "a sectet", Some((1, "sectet"))),
            (1, "secret", "a secretary", None),
            (1, "secret", "a secrets", None),
            (1, "secret", "seccret", Some((1, "seccret"))),
            (1, "meeting", "meetting", Some((1, "meetting"))),
            (1, "meeting", "meting", None),
            (1, "tell me", "tellme", Some((1, "tellme"))),
            (1, secret, "keept his a secret", None),
            (1, secret, "keepthi sa secret", Some((1, "keepthi sa secret"))),
            (1, secret, "keep thsi a sceret", None),
            (2, secret, "keep thsi a sceret", Some((2, "keep thsi a sceret"))),
            (2, secret, "krrp thos a secrey ok", Some((3, "krrp thos a secrey"))),
            (2, secret, "krrp thos a sceret", None),
            (2, secret, "krrp thox a secrey", None),
            (2, secret, "keep this at secret", None),
            (2, secret, "keep this secret", None),
            (2, secret, "kepe this secret", None),
            (2, "send photos", "sned phoots, sned photos", Some((1, "sned photos"))),
            (2, "send 20 photos", "send 30 phoots", None),
            (2, "send 20 photos", "sned 20 phoots", Some((2, "sned 20 phoots"))),
        ];
        for (asked, phrase, text, expected) in cases {
            let spelling = Spelling::new(phrase, Script::Other).unwrap();
            let fuzzy = spelling.fuzzy(asked).unwrap();
            let mut spelt = Spelt::of(text, Reading::Symbols, Script::Own);
            for search in 0..20 {
                let found = spelling.find_fuzzy(&fuzzy, &mut spelt);
                let found = found
                    .and_then(|(slips, letters)| Some((slips, text.get(spelt.skeleton().source(letters))?)));
                assert_eq!(found, expected, "{phrase:?} in {text:?}, search {search}");
            }
        }
    }

    #[test]
    fn what_is_too_short_or_not_latin_has_none() {
        let cases = [
            ("teen", 1, 0),
            ("photo", 1, 1),
            ("photo", 2, 0),
            ("aaaaaa", 1, 0),
            ("пришли фото", 2, 0),
            ("a", 1, 0),
        ];
        for (text, asked, expected) in cases {
            assert_eq!(Spelling::slips(text, asked), expected, "{text}");
        }
    }
}
