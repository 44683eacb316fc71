//! Words that a text spells near each other, in any order: each is spelt by a word of the text, as it would be alone.
//!
//! Words of one spelling cannot be told apart in a skeleton, and are counted together.

use super::{Spelling, Spelt, indices};
use crate::text::near::Bag;
use std::ops::Range;

impl Spelling {
    /// Its words in any order, `reach` words apart at most; none if they are more than that has room for.
    pub(crate) fn bag(&self, reach: u8) -> Option<Bag> {
        Bag::new(self.spelt.skeleton.words().iter().filter_map(|word| self.first_alike(word)), reach)
    }

    /// The first of its words with the classes of that one.
    fn first_alike(&self, word: &Range<u32>) -> Option<usize> {
        let classes = |word: &Range<u32>| self.spelt.runs(word.clone()).map(|run| run.class);
        self.spelt.skeleton.words().iter().position(|other| classes(other).eq(classes(word)))
    }

    /// Its words, as they are written but for their capitals.
    pub(crate) fn written(&self) -> impl Iterator<Item = String> + '_ {
        let skeleton = &self.spelt.skeleton;
        skeleton
            .words()
            .iter()
            .map(|word| skeleton.letters_of(word).iter().map(|letter| letter.written).collect())
    }

    /// The classes of one of its words, run by run.
    pub(crate) fn squeezed_word(&self, word: usize) -> impl Iterator<Item = char> + '_ {
        let word = self.spelt.skeleton.words().get(word).cloned().unwrap_or_default();
        self.spelt.runs(word).map(|run| run.class)
    }

    /// Where a text first has all its words near each other, as letters of the text.
    pub(crate) fn find_near(&self, bag: &Bag, text: &mut Spelt) -> Option<Range<usize>> {
        let places = text.places_of_rarest(self);
        let found = bag.starts(places.iter().map(|place| *place as usize)).find_map(|start| {
            let words = text.skeleton.words().get(start..)?;
            let length = bag.held_by(words.iter().map(|their| self.kind(text, their)))?;
            Some(words[0].start..words[length - 1].end)
        });
        text.places = places;
        found.map(indices)
    }

    /// Which of its words that word of the text spells: the first of those that are spelt alike.
    fn kind(&self, text: &Spelt, their: &Range<u32>) -> Option<usize> {
        let mut words = self.spelt.skeleton.words().iter();
        self.first_alike(words.find(|own| self.same_alone(own, text, their))?)
    }

    /// Whether a word of the text spells one of its words: a number a number, and digits nothing else.
    fn same_alone(&self, own: &Range<u32>, text: &Spelt, their: &Range<u32>) -> bool {
        let has_letters = |spelt: &Spelt, word: &Range<u32>| spelt.counts(word.clone()).no_digits > 0;
        self.runs_fit(own.clone(), text, their.clone())
            && (has_letters(text, their) || !has_letters(&self.spelt, own))
    }
}

impl Spelt {
    /// The words that may be the rarest of a phrase's, rising, in a buffer to be handed back; all before there is an index.
    fn places_of_rarest(&mut self, spelling: &Spelling) -> Vec<u32> {
        self.places(
            |_, _| true,
            |text, places| {
                let each = spelling.spelt.skeleton.words().iter().map(|word| {
                    let runs = spelling.spelt.runs(word.clone()).len();
                    text.beginning(spelling.spelt.head(word.start), runs)
                });
                let rarest = each.min_by_key(|found| found.len()).unwrap_or_default();
                places.extend(rarest.iter().map(|(_, place)| *place));
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::index::Index;
    use crate::text::skeleton::{Reading, Script};

    #[test]
    fn each_word_as_a_word() {
        let cases = [
            ("send photo", "ph0to and s3nd", Some("ph0to and s3nd")),
            ("send photo", "s e n d photo", None),
            ("send photo", "seeend it, photo send", Some("seeend it, photo")),
            ("met you", "you meet", None),
            ("ilang you", "you liang", None),
            ("so good", "50 good", None),
            ("50 good", "g00d 50", Some("g00d 50")),
            // Spelt alike, and so as often as both together.
            ("pic plc", "a p1c", None),
            ("pic plc", "pic a p1c", Some("pic a p1c")),
        ];
        for (words, text, expected) in cases {
            let spelling = Spelling::new(words, Script::Other).unwrap();
            let bag = spelling.bag(3).unwrap();
            for (index, way) in Index::either_way().into_iter().zip(["plain", "indexed"]) {
                let mut spelt = Spelt::of(text, Reading::Symbols, Script::Own);
                spelt.index = index;
                let found = spelling.find_near(&bag, &mut spelt);
                let found = found.and_then(|letters| text.get(spelt.skeleton().source(letters)));
                assert_eq!(found, expected, "{words:?} in {text:?}, {way}");
            }
        }
    }
}
