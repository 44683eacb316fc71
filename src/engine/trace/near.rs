//! How near phrases came that were not found: how many of their words stand in a row in the text.

use crate::event::FieldType;
use crate::rule::model::{Demand, Pattern, PatternKind, Test, Views};
use crate::text::{View, fold, token};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// Most phrases that are named: an author looks at the first.
const MOST: usize = 3;

/// Words of a value and of a phrase that are compared: thousands of phrases and a text of a megabyte would keep an author
/// waiting.
const MOST_WORDS: usize = 2_000;

/// A phrase that was not found, of which at least one word was.
#[derive(Debug, Clone, PartialEq)]
pub struct Near<'r> {
    /// The phrase.
    pub pattern: &'r Pattern,
    /// How many words it has.
    pub words: usize,
    /// Which of them stand in a row in the value that comes nearest, folded.
    pub run: Range<usize>,
    /// How many of them stand in that value, wherever.
    pub present: usize,
}

/// The phrases of a test that came nearest to its values, nearest first.
pub(super) fn nearest<'r, 'b>(test: &'r Test, texts: impl Iterator<Item = &'b str>) -> Vec<Near<'r>> {
    let (Demand::AnyOf(patterns) | Demand::AllOf(patterns)) = &test.demand else { return Vec::new() };
    // Elsewhere a word that is there folded may not be there at all.
    let folded = matches!(test.views, Views::Automatic | Views::Only(View::Folded));
    if test.kind != FieldType::Text || !folded {
        return Vec::new();
    }
    let values: Vec<Words> = texts.map(Words::of).collect();
    let said = patterns.iter().filter(|pattern| !pattern.cased && pattern.entry.is_none());
    let mut near: Vec<Near<'r>> = said.filter_map(|pattern| of(pattern, &values)).collect();
    near.sort_by_key(|near| (Reverse(near.run.len() * 1_000 / near.words), Reverse(near.present)));
    near.truncate(MOST);
    near
}

/// The first words of a text, folded.
struct Words {
    words: Vec<String>,
    /// How often each occurs.
    counts: HashMap<String, usize>,
}

impl Words {
    fn of(text: &str) -> Words {
        let words: Vec<String> = token::normals(&fold::fold(text)).take(MOST_WORDS).collect();
        let mut counts = HashMap::new();
        for word in &words {
            *counts.entry(word.clone()).or_insert(0) += 1;
        }
        Words { words, counts }
    }

    /// How many of the wanted words are here, each as often as it is wanted.
    fn present(&self, wanted: &Words) -> usize {
        let here =
            |(word, count): (&String, &usize)| self.counts.get(word).map_or(0, |found| *found.min(count));
        wanted.counts.iter().map(here).sum()
    }

    /// The longest run of the wanted words that stands in a row here; of several the first.
    fn longest_run(&self, wanted: &Words) -> Range<usize> {
        let mut longest = 0..0;
        // By word of this text: how many wanted words in a row end there, the last of them being the one in turn.
        let mut runs = vec![0; self.words.len() + 1];
        for (at, word) in wanted.words.iter().enumerate() {
            for place in (0..self.words.len()).rev() {
                runs[place + 1] = if self.words[place] == *word { runs[place] + 1 } else { 0 };
                if runs[place + 1] > longest.len() {
                    longest = at + 1 - runs[place + 1]..at + 1;
                }
            }
        }
        longest
    }
}

fn of<'r>(pattern: &'r Pattern, values: &[Words]) -> Option<Near<'r>> {
    let PatternKind::Words(text) = &pattern.kind else { return None };
    let wanted = Words::of(text);
    let each = values.iter().map(|found| (found, found.present(&wanted)));
    let some = each.filter(|(_, present)| *present > 0);
    let runs = some.map(|(found, present)| (found.longest_run(&wanted), present));
    let (run, present) = runs.max_by_key(|(run, present)| (run.len(), *present))?;
    Some(Near { pattern, words: wanted.words.len(), run, present })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_words_that_are_there() {
        let cases = [
            ("keep this a secret", "please keep this between us", 0..2, 2),
            ("keep this a secret", "a secret, keep it", 2..4, 3),
            ("keep this a secret", "secret keep", 0..1, 2),
            ("keep this a secret", "nothing", 0..0, 0),
            ("a a b", "a a a b", 0..3, 3),
            ("no no no", "no", 0..1, 1),
            ("x", "", 0..0, 0),
        ];
        for (wanted, text, run, present) in cases {
            let (words, found) = (Words::of(wanted), Words::of(text));
            assert_eq!(
                (found.longest_run(&words), found.present(&words)),
                (run, present),
                "{wanted:?} in {text:?}"
            );
        }
    }
}
