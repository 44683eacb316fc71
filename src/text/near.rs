//! Words near each other: a stretch of so many words of a text that holds some words in any order, each as often as they
//! are asked for.
//!
//! What makes two words the same is not known here: each view has its own answer. A word of the text is of the kind of the
//! wanted word that it is, or of none.

use std::ops::Range;

/// Most words of a stretch: what is counted of one has a fixed size.
pub(crate) const LONGEST: usize = 9;

/// Wanted words, and how long the stretch may be that holds them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bag {
    /// By kind: how many words of it are wanted.
    wanted: [u8; LONGEST],
    /// How many words are wanted.
    words: usize,
    /// How many words the stretch may have.
    stretch: usize,
}

impl Bag {
    /// `kinds` says of each wanted word its kind: the place of the first that is the same. Two words may be `reach` words
    /// apart. None if no stretch has room for them all, or if there are none.
    pub(crate) fn new(kinds: impl Iterator<Item = usize>, reach: u8) -> Option<Bag> {
        let stretch = usize::from(reach) + 1;
        let mut bag = Bag { wanted: [0; LONGEST], words: 0, stretch };
        for kind in kinds {
            bag.words += 1;
            *bag.wanted.get_mut(kind)? += 1;
        }
        (bag.words > 0 && bag.words <= stretch.min(LONGEST)).then_some(bag)
    }

    /// How many words the shortest stretch has that begins with a wanted word and holds all of them, by the kinds of the
    /// words from its first on.
    pub(crate) fn held_by(&self, kinds: impl Iterator<Item = Option<usize>>) -> Option<usize> {
        let (mut wanted, mut left) = (self.wanted, self.words);
        for (length, kind) in (1..=self.stretch).zip(kinds) {
            if length == 1 {
                kind?;
            }
            if let Some(missing) = kind.and_then(|kind| wanted.get_mut(kind)).filter(|missing| **missing > 0)
            {
                *missing -= 1;
                left -= 1;
            }
            if left == 0 {
                return Some(length);
            }
        }
        None
    }

    /// The places from which a stretch may reach one of those, which rise; rising, each once.
    pub(crate) fn starts(&self, places: impl Iterator<Item = usize>) -> impl Iterator<Item = usize> {
        let mut next = 0;
        places.flat_map(move |place| -> Range<usize> {
            let first = next.max((place + 1).saturating_sub(self.stretch));
            next = place + 1;
            first..next
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bag(words: &str, reach: u8) -> Option<Bag> {
        let same = |word: char| words.chars().position(|other| other == word);
        Bag::new(words.chars().filter_map(same), reach)
    }

    #[test]
    fn the_leftmost_then_shortest_stretch() {
        let cases = [
            ("ab", 3, "a..b", Some((0, 4))),
            ("ab", 3, "a...b", None),
            ("ab", 3, ".b.a.", Some((1, 3))),
            ("ab", 3, "a.ab", Some((0, 4))),
            ("ab", 3, "a.aab", Some((2, 3))),
            ("ab", 1, "aab", Some((1, 2))),
            ("aab", 3, "ab.b", None),
            ("aab", 3, "ab.a", Some((0, 4))),
            ("abcd", 3, ".dcba", Some((1, 4))),
            ("a", 3, "..a", Some((2, 1))),
            ("a", 3, "", None),
        ];
        for (words, reach, text, expected) in cases {
            let bag = bag(words, reach).unwrap();
            let kinds =
                |start| text.chars().skip(start).map(|word| words.chars().position(|own| own == word));
            let at = |start| Some((start, bag.held_by(kinds(start))?));
            let found = (0..text.len()).find_map(at);
            assert_eq!(found, expected, "{words} within {reach} in {text}");
            let places: Vec<usize> = text
                .match_indices(&words.chars().take(1).collect::<String>())
                .map(|(place, _)| place)
                .collect();
            let indexed = bag.starts(places.into_iter()).find_map(at);
            assert_eq!(indexed, expected, "{words} within {reach} in {text}, by its first word");
        }
    }

    #[test]
    fn no_more_words_than_a_stretch_has() {
        assert!(bag("abcde", 3).is_none() && bag("", 3).is_none());
        assert!(bag("abcdefghi", 8).is_some() && bag("abcdefghij", 9).is_none());
    }
}
