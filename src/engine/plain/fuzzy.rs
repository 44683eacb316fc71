//! Where a phrase is spelt with slips that were asked for by name: by trying every stretch of words, and every few letters that
//! may be right in it.

use super::spelling::{pairs, same_word, squeezed};
use crate::rule::model::Views;
use crate::text::skeleton::{Reading, Script, Skeleton};
use crate::text::{View, words};
use std::ops::Range;

type Letters = [(char, char)];

/// Where a value holds the phrase with the fewest slips, if these are few enough, as much as the skeleton view is read.
pub(super) fn find(phrase: &str, asked: u8, views: Views, value: &str) -> Option<(View, u8, Range<usize>)> {
    if !matches!(views, Views::Automatic | Views::Only(View::Skeleton)) {
        return None;
    }
    let wanted = Spelt::of(phrase, Reading::Plain, Script::Other);
    let texts = [Reading::Symbols, Reading::Plain, Reading::Shapes];
    let mut texts = texts.map(|reading| Spelt::of(value, reading, Script::Own)).into_iter();
    texts.find_map(|text| {
        let (slips, letters) = text.least_slips(&wanted, wanted.most(asked))?;
        Some((View::Skeleton, u8::try_from(slips).ok()?, text.skeleton.source(letters)))
    })
}

struct Spelt {
    skeleton: Skeleton,
    letters: Vec<(char, char)>,
    words: Vec<Range<usize>>,
}

impl Spelt {
    fn of(text: &str, reading: Reading, script: Script) -> Spelt {
        let skeleton = Skeleton::of(text, reading, script);
        let words = skeleton.words().iter().map(|word| word.start as usize..word.end as usize).collect();
        Spelt { letters: pairs(skeleton.letters()), words, skeleton }
    }

    /// How many slips its letters allow.
    fn most(&self, asked: u8) -> usize {
        let squeezed = squeezed(&self.letters);
        let most = match (asked, self.letters.len()) {
            (1, 5..) => 1,
            (2, 8..15) => 2,
            (2, 15..) => 3,
            _ => 0,
        };
        if squeezed.iter().all(char::is_ascii) { most.min(squeezed.len() / 4) } else { 0 }
    }

    fn word(&self, word: usize) -> &Letters {
        &self.letters[self.words[word].clone()]
    }

    /// The fewest slips, and where: the leftmost, then shortest stretch that has no more.
    fn least_slips(&self, wanted: &Spelt, most: usize) -> Option<(usize, Range<usize>)> {
        let mut found = Vec::new();
        for first in 0..self.words.len() {
            for last in first..self.words.len() {
                let words = (last + 1 - first).abs_diff(wanted.words.len());
                let slips = self.slips(wanted, first, last).map(|slips| slips + words);
                let slips = slips.filter(|slips| most > 0 && *slips <= most);
                found.extend(slips.map(|slips| (slips.max(1), first, last)));
            }
        }
        let (slips, first, last) = found
            .into_iter()
            .filter(|(slips, first, last)| self.is_slip(wanted, *slips, *first, *last))
            .min()?;
        Some((slips, self.words[first].start..self.words[last].end))
    }

    /// How many slips make those words of the phrase, a few letters being right; none if the same letters are to be had with
    /// a word before the first, or without the last.
    fn slips(&self, wanted: &Spelt, first: usize, last: usize) -> Option<usize> {
        let (from, to) = (self.words[first].start, self.words[last].end);
        let text = squeezed(&self.letters[from..to]);
        let shorter = last.checked_sub(1).is_some_and(|before| {
            before >= first && squeezed(&self.letters[from..self.words[before].end]) == text
        });
        let longer = first
            .checked_sub(1)
            .is_some_and(|before| squeezed(&self.letters[self.words[before].start..to]) == text);
        let phrase = squeezed(&wanted.letters);
        if shorter || longer || text.len().abs_diff(phrase.len()) > 3 {
            return None;
        }
        let length = (phrase.len().saturating_sub(1) / 2).clamp(2, 5);
        let places = |spelt: &Spelt, from: usize, words: Range<usize>| {
            let runs = |end: usize| squeezed(&spelt.letters[from..end]).len();
            let each = spelt.words[words].iter();
            let starts = each.clone().map(|word| Some(runs(word.start + 1) - 1));
            let ends = each.map(|word| runs(word.end).checked_sub(length));
            [starts.flatten().collect::<Vec<_>>(), ends.flatten().collect()]
        };
        let own = places(wanted, 0, 0..wanted.words.len());
        let theirs = places(self, from, first..last + 1);
        let mut fewest = None;
        for (own, their) in own.iter().zip(&theirs).flat_map(|(own, theirs)| {
            own.iter().flat_map(move |own| theirs.iter().map(move |their| (*own, *their)))
        }) {
            let (Some(seed), Some(same)) = (phrase.get(own..own + length), text.get(their..their + length))
            else {
                continue;
            };
            if seed == same {
                let before = distance(&phrase[..own], &text[..their]);
                let slips = before + distance(&phrase[own + length..], &text[their + length..]);
                fewest = Some(fewest.map_or(slips, |fewest: usize| fewest.min(slips)));
            }
        }
        fewest
    }

    /// Whether words that the phrase does not have are there, all unknown and long enough, and all its words with digits.
    fn is_slip(&self, wanted: &Spelt, slips: usize, first: usize, last: usize) -> bool {
        let own: Vec<&Letters> = (0..wanted.words.len()).map(|word| wanted.word(word)).collect();
        let theirs: Vec<&Letters> = (first..=last).map(|word| self.word(word)).collect();
        let wrong: Vec<_> =
            theirs.iter().filter(|their| !own.iter().any(|own| same_word(own, their))).collect();
        let written = |word: &Letters| word.iter().map(|letter| letter.1).collect::<String>();
        let has_digit = |word: &&&Letters| word.iter().any(|letter| letter.1.is_ascii_digit());
        wrong.iter().map(|word| word.len()).sum::<usize>() >= 2 * slips
            && !wrong.iter().any(|word| word.len() >= 2 && words::is_known(&written(word)))
            && own.iter().filter(has_digit).all(|own| theirs.iter().any(|their| same_word(own, their)))
    }
}

/// The slips that make one row of letters of another.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            table[i][j] = match (i, j) {
                (0, _) | (_, 0) => i + j,
                _ => {
                    let changed = table[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                    let least = changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    let round = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                    if round { least.min(table[i - 2][j - 2] + 1) } else { least }
                }
            };
        }
    }
    table[one.len()][other.len()]
}
