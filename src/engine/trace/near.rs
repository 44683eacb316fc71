//! How near phrases came that were not found: how many of their words stand in the text as they should, in a row or near each
//! other.

use crate::event::FieldType;
use crate::rule::model::{Demand, Pattern, PatternKind, Test, Views};
use crate::text::{View, fold, token};
use std::cmp::Reverse;
use std::collections::HashMap;

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
    /// How many of them stand as they should in the value that comes nearest, folded: in a row, or near each other.
    pub together: usize,
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
    near.sort_by_key(|near| (Reverse(near.together * 1_000 / near.words), Reverse(near.present)));
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
        Words::from(token::normals(&fold::fold(text)).take(MOST_WORDS).collect())
    }

    fn from(words: Vec<String>) -> Words {
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

    /// How many of the wanted words stand in a row here, at most.
    fn longest_run(&self, wanted: &Words) -> usize {
        let mut longest = 0;
        // By word of this text: how many wanted words in a row end there, the last of them being the one in turn.
        let mut runs = vec![0; self.words.len() + 1];
        for word in &wanted.words {
            for place in (0..self.words.len()).rev() {
                runs[place + 1] = if self.words[place] == *word { runs[place] + 1 } else { 0 };
                longest = longest.max(runs[place + 1]);
            }
        }
        longest
    }

    /// How many of the wanted words so many words of this text hold that follow each other, at most.
    fn fullest_stretch(&self, wanted: &Words, words: usize) -> usize {
        let stretches = self.words.windows(words.min(self.words.len()).max(1));
        stretches.map(|stretch| Words::from(stretch.to_vec()).present(wanted)).max().unwrap_or_default()
    }
}

fn of<'r>(pattern: &'r Pattern, values: &[Words]) -> Option<Near<'r>> {
    let (text, stretch) = match &pattern.kind {
        PatternKind::Words(text) | PatternKind::Fuzzy { text, .. } => (text, None),
        PatternKind::Near { text, reach } => (text, Some(usize::from(*reach) + 1)),
        PatternKind::Glob { .. } | PatternKind::Regex(_) | PatternKind::Network(_) => return None,
    };
    let wanted = Words::of(text);
    let each = values.iter().map(|found| (found, found.present(&wanted)));
    let some = each.filter(|(_, present)| *present > 0);
    let nearest = some.map(|(found, present)| match stretch {
        Some(words) => (found.fullest_stretch(&wanted, words), present),
        None => (found.longest_run(&wanted), present),
    });
    let (together, present) = nearest.max()?;
    Some(Near { pattern, words: wanted.words.len(), together, present })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_words_that_are_there() {
        let cases = [
            ("keep this a secret", "please keep this between us", 2, 2, 2),
            ("keep this a secret", "a secret, keep it", 2, 3, 3),
            ("keep this a secret", "a secret, please do keep this", 2, 2, 4),
            ("keep this a secret", "secret keep", 1, 2, 2),
            ("keep this a secret", "nothing", 0, 0, 0),
            ("a a b", "a a a b", 3, 3, 3),
            ("no no no", "no", 1, 1, 1),
            ("x", "", 0, 0, 0),
        ];
        for (wanted, text, run, stretch, present) in cases {
            let (words, found) = (Words::of(wanted), Words::of(text));
            let near = (found.longest_run(&words), found.fullest_stretch(&words, 4), found.present(&words));
            assert_eq!(near, (run, stretch, present), "{wanted:?} in {text:?}");
        }
    }
}
