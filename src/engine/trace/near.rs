//! How near phrases came that were not found: how many of their words stand in a row in the text.

use crate::event::{FieldType, ValueId};
use crate::rule::model::{Demand, Pattern, PatternKind, Test};
use crate::text::{fold, token};
use std::cmp::Reverse;
use std::ops::Range;

/// Most phrases that are named: an author looks at the first.
const MOST: usize = 3;

/// Words of a value that phrases are held against: a list of thousands against a text of a megabyte would keep an
/// author waiting.
const MOST_WORDS: usize = 2_000;

/// A phrase that was not found, of which at least one word was.
#[derive(Debug, Clone, PartialEq)]
pub struct Near<'r> {
    /// The phrase.
    pub pattern: &'r Pattern,
    /// The value that comes nearest.
    pub value: ValueId,
    /// How many words it has.
    pub words: usize,
    /// Which of them stand in a row in the value, folded.
    pub run: Range<usize>,
    /// How many of them stand in the value, wherever.
    pub present: usize,
}

/// The phrases of a test that came nearest to its values, nearest first.
pub(super) fn nearest<'r, 'b, I>(test: &'r Test, texts: impl Fn() -> I) -> Vec<Near<'r>>
where
    I: Iterator<Item = (ValueId, &'b str)>,
{
    let (Demand::AnyOf(patterns) | Demand::AllOf(patterns)) = &test.demand else { return Vec::new() };
    if test.kind != FieldType::Text {
        return Vec::new();
    }
    let values: Vec<(ValueId, Vec<String>)> = texts().map(|(id, text)| (id, words(text))).collect();
    let mut near: Vec<Near<'r>> = patterns.iter().filter_map(|pattern| of(pattern, &values)).collect();
    near.sort_by_key(|near| (Reverse(near.run.len() * 1_000 / near.words), Reverse(near.present)));
    near.truncate(MOST);
    near
}

fn words(text: &str) -> Vec<String> {
    token::normals(&fold::fold(text)).take(MOST_WORDS).collect()
}

fn of<'r>(pattern: &'r Pattern, values: &[(ValueId, Vec<String>)]) -> Option<Near<'r>> {
    let PatternKind::Words(text) = &pattern.kind else { return None };
    let wanted = words(text);
    let each = values.iter().map(|(value, found)| Near {
        pattern,
        value: *value,
        words: wanted.len(),
        run: longest_run(&wanted, found),
        present: wanted.iter().filter(|word| found.contains(word)).count(),
    });
    each.filter(|near| near.present > 0).max_by_key(|near| (near.run.len(), near.present))
}

/// The longest run of the wanted words that stands in a row; of several the first.
fn longest_run(wanted: &[String], found: &[String]) -> Range<usize> {
    let mut longest = 0..0;
    for first in 0..wanted.len() {
        for start in 0..found.len() {
            let pairs = wanted[first..].iter().zip(&found[start..]);
            let length = pairs.take_while(|(wanted, found)| wanted == found).count();
            if length > longest.len() {
                longest = first..first + length;
            }
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs() {
        let cases = [
            ("keep this a secret", "please keep this between us", 0..2),
            ("keep this a secret", "a secret, keep it", 2..4),
            ("keep this a secret", "secret keep", 0..1),
            ("keep this a secret", "nothing", 0..0),
            ("a a b", "a a a b", 0..3),
            ("x", "", 0..0),
        ];
        for (wanted, text, run) in cases {
            assert_eq!(longest_run(&words(wanted), &words(text)), run, "{wanted:?} in {text:?}");
        }
    }
}
