//! A phrase with a slip of the fingers: one word of several differs by one letter.
//!
//! One letter left out, put in, taken for another, or two changed round, in one word without digits; all other words are
//! spelt as they should be. A word that is known ([`words`]) is not a slip but another word: `keep this seat` is not `keep this
//! seal`. And of the letters of the whole, squeezed and joined, the first or the last few are as they should be: these
//! are what the phrase is looked up by ([`seed`]).

use super::{Run, Spelling, Spelt, beginning, indices, packed};
use crate::text::position;
use crate::text::skeleton::Letter;
use crate::text::words;
use std::ops::Range;

/// Fewest letters of a word that may be misspelt, in a phrase of two words and of more.
const LEAST: [usize; 2] = [4, 3];

/// Fewest squeezed letters of a phrase that may be misspelt.
const SHORTEST: usize = 8;

/// How many of a phrase's squeezed letters have to be right at its beginning or at its end, of so many: about as many as one slip
/// leaves at one of them; two letters changed round in the very middle are missed, and of short phrases, whose halves stand
/// in too many texts, slips near the middle.
pub(crate) fn seed(letters: usize) -> usize {
    match letters {
        16.. => 8,
        12.. => 6,
        _ => 5,
    }
}

impl Spelling {
    /// Whether slips are looked for: in phrases of several words in Latin letters, long enough to be told from others.
    pub(crate) fn may_be_misspelt(&self) -> bool {
        let latin = self.spelt.runs.iter().all(|run| run.class.is_ascii());
        latin && self.words() >= 2 && self.spelt.runs.len() >= SHORTEST
    }

    /// Where a text first has the phrase with one slip, as letters of the text.
    pub(crate) fn find_misspelt(&self, text: &mut Spelt) -> Option<Range<usize>> {
        let starts = text.near_starts(self);
        let found = starts.iter().find_map(|first| self.misspelt_at(text, *first as usize));
        text.places = starts;
        found.map(indices)
    }

    fn misspelt_at(&self, text: &Spelt, first: usize) -> Option<Range<u32>> {
        let own = self.spelt.skeleton.words();
        let theirs = text.skeleton.words().get(first..first + own.len())?;
        let mut wrong = own.iter().zip(theirs).filter(|(own, their)| !self.same_word(own, text, their));
        let (wanted, found) = wrong.next()?;
        if wrong.next().is_some() || wanted.len() < LEAST[usize::from(own.len() > 2)] {
            return None;
        }
        let letters = theirs.first()?.start..theirs.last()?.end;
        let (wanted, found) = (self.spelt.skeleton.letters_of(wanted), text.skeleton.letters_of(found));
        // Another number is not a slip.
        let is_slip = !wanted.iter().any(Letter::is_digit)
            && one_slip(wanted, found)
            && self.is_seeded(text, letters.clone())
            && !is_known(found);
        is_slip.then_some(letters)
    }

    /// Whether a word is spelt as it should be.
    pub(super) fn same_word(&self, own: &Range<u32>, text: &Spelt, their: &Range<u32>) -> bool {
        let (own, their) = (self.spelt.runs(own.clone()), text.runs(their.clone()));
        let same = |(own, their): (Run, Run)| {
            let lengths = (own.end - own.start, their.end - their.start);
            own.class == their.class
                && (lengths.0 == lengths.1 || lengths.1 >= 3)
                && self.differing(own, text, their) == Some(0)
        };
        own.len() == their.len() && own.zip(their).all(same)
    }

    /// Whether the first or the last letters are right.
    fn is_seeded(&self, text: &Spelt, letters: Range<u32>) -> bool {
        let own = &self.spelt.runs;
        let seed = seed(own.len());
        let theirs = text.runs(letters);
        let Some(last) = theirs.len().checked_sub(seed) else { return false };
        let (mut head, mut tail) = (true, true);
        for (place, run) in theirs.enumerate() {
            head &= place >= seed || own[place].class == run.class;
            tail &= place < last || own[own.len() - seed + place - last].class == run.class;
        }
        head || tail
    }
}

impl Spelt {
    /// The words at which a phrase with one slip may begin, rising, in a buffer to be handed back: its first letters are
    /// right there, or its last ones as many words on as it has.
    fn near_starts(&mut self, spelling: &Spelling) -> Vec<u32> {
        let (own, right) = (&spelling.spelt, seed(spelling.spelt.runs.len()));
        self.places(
            |_, _| true,
            |text, places| {
                text.make_ends();
                places.extend(text.beginning(own.head(0), right).iter().map(|(_, place)| *place));
                let before = position(spelling.words() - 1);
                let last = packed(own.runs.iter().rev().map(|run| run.class));
                let ending = beginning(&text.ends, last, right);
                places.extend(ending.iter().filter_map(|(_, place)| place.checked_sub(before)));
            },
        )
    }
}

/// Whether a word is known as it is written.
pub(super) fn is_known(word: &[Letter]) -> bool {
    let mut written = [0; 24];
    let Some(place) = written.get_mut(..word.len()) else { return false };
    for (byte, letter) in place.iter_mut().zip(word) {
        let Ok(letter) = u8::try_from(letter.written) else { return false };
        *byte = letter;
    }
    std::str::from_utf8(place).is_ok_and(words::is_known)
}

/// Whether two words differ by one letter left out, put in or taken for another, or by two changed round.
fn one_slip(wanted: &[Letter], found: &[Letter]) -> bool {
    let same = |one: &Letter, other: &Letter| one.class == other.class;
    let pairs = || wanted.iter().zip(found);
    let before = pairs().take_while(|(wanted, found)| same(wanted, found)).count();
    let (wanted, found) = (&wanted[before..], &found[before..]);
    let after =
        wanted.iter().rev().zip(found.iter().rev()).take_while(|(one, other)| same(one, other)).count();
    match (&wanted[..wanted.len() - after], &found[..found.len() - after]) {
        ([_] | [], [_]) | ([_], []) => true,
        ([one, two], [three, four]) => same(one, four) && same(two, three),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::index::Index;
    use crate::text::skeleton::{Reading, Script};

    fn found<'t>(phrase: &str, text: &'t str, index: Index) -> Option<&'t str> {
        let spelling = Spelling::new(phrase, Script::Other).unwrap();
        let mut spelt = Spelt::of(text, Reading::Symbols, Script::Own);
        spelt.index = index;
        let letters = spelling.find_misspelt(&mut spelt)?;
        text.get(spelt.skeleton().source(letters))
    }

    #[test]
    fn one_letter_of_one_word() {
        let cases = [
            ("keep this a secret", "so kepe this a secret", Some("kepe this a secret")),
            ("keep this a secret", "keep thsi a secret", Some("keep thsi a secret")),
            ("keep this a secret", "keep this a sectet", Some("keep this a sectet")),
            ("keep this a secret", "keep this a secrett", Some("keep this a secrett")),
            ("keep this a secret", "kep this a secret", Some("kep this a secret")),
            ("keep this a secret", "k33p th!s a s3kret", Some("k33p th!s a s3kret")),
            ("keep this a secret", "keep this a secret", None),
            ("keep this a secret", "kepe thsi a secret", None),
            ("keep this a secret", "keep this the secret", None),
            ("keep this a secret", "keep that a secret", None),
            ("keep this a secret", "keep this a secretary", None),
            ("open the door", "open the doer", None),
            ("know each other", "now each other", None),
            ("tell nobody", "tell noboddy", Some("tell noboddy")),
            ("room 101 please come", "room 110 please come", None),
            ("pay me 500 pesos", "pay me 900 pesos", None),
        ];
        for (phrase, text, expected) in cases {
            for (index, way) in Index::either_way().into_iter().zip(["plain", "indexed"]) {
                assert_eq!(found(phrase, text, index), expected, "{phrase:?} in {text:?}, {way}");
            }
        }
    }
}
