//! Where a pattern first occurs in a view: by trying every place.

use super::reading::Reading;
use crate::rule::model::{GlobPart, Pattern, PatternKind, Place};
use crate::text::{View, fold};
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::ops::Range;

/// Regular expressions met so far, by source and whether case is ignored.
#[derive(Default)]
pub(super) struct Expressions(BTreeMap<(String, bool), Option<Regex>>);

impl Expressions {
    fn get(&mut self, source: &str, any_case: bool) -> Option<&Regex> {
        let build = || RegexBuilder::new(source).case_insensitive(any_case).build().ok();
        self.0.entry((source.to_owned(), any_case)).or_insert_with(build).as_ref()
    }
}

/// The leftmost occurrence, as a range of the view's characters.
pub(super) fn find(
    pattern: &Pattern,
    view: View,
    reading: &Reading,
    expressions: &mut Expressions,
) -> Option<Range<usize>> {
    match &pattern.kind {
        PatternKind::Regex(source) => {
            let found = expressions.get(source, view == View::Folded)?.find(&reading.text)?;
            Some(reading.characters_of(&found.range()))
        }
        PatternKind::Tokens(tokens) => find_tokens(&tokens_in(tokens, view), pattern.cased, reading),
        PatternKind::Glob { place, parts } => find_glob(*place, parts, pattern.cased, view, reading),
    }
}

fn folded(text: &str) -> String {
    let mut folded = String::new();
    fold::fold_into(text, &mut folded);
    folded
}

fn same(one: char, other: char, cased: bool) -> bool {
    one == other || !cased && one.to_lowercase().next() == other.to_lowercase().next()
}

/// A token sequence as the view has it.
fn tokens_in(tokens: &[String], view: View) -> Vec<String> {
    if view == View::Raw {
        return tokens.to_vec();
    }
    let reading = Reading::raw(&folded(&tokens.join(" ")));
    reading.tokens.into_iter().map(|(_, normal)| normal).collect()
}

fn find_tokens(wanted: &[String], cased: bool, reading: &Reading) -> Option<Range<usize>> {
    let equal = |found: &str, wanted: &str| {
        found.chars().count() == wanted.chars().count()
            && found.chars().zip(wanted.chars()).all(|(one, other)| same(one, other, cased))
    };
    let mut windows = reading.tokens.windows(wanted.len().max(1));
    let window = windows.find(|window| {
        !wanted.is_empty() && window.iter().zip(wanted).all(|((_, found), wanted)| equal(found, wanted))
    })?;
    Some(window.first()?.0.start..window.last()?.0.end)
}

/// One step of a glob.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Character(char),
    AnyCharacter,
    AnyCharacters,
}

fn find_glob(
    place: Place,
    parts: &[GlobPart],
    cased: bool,
    view: View,
    reading: &Reading,
) -> Option<Range<usize>> {
    let mut steps = steps(parts, view)?;
    let mut from_start = matches!(place, Place::Whole | Place::Start);
    let mut to_end = matches!(place, Place::Whole | Place::End);
    while steps.first() == Some(&Step::AnyCharacters) {
        from_start = false;
        steps.remove(0);
    }
    while steps.last() == Some(&Step::AnyCharacters) {
        to_end = false;
        steps.pop();
    }
    let length = reading.characters.len();
    let starts = if from_start { 0..1 } else { 0..length + 1 };
    starts.into_iter().find_map(|start| {
        let end = shortest(&steps, &reading.characters[start..], to_end, cased)?;
        Some(start..start + end)
    })
}

/// The glob's steps as the view has them; none if a literal says nothing there.
fn steps(parts: &[GlobPart], view: View) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in parts {
        match part {
            GlobPart::AnyCharacter => steps.push(Step::AnyCharacter),
            GlobPart::AnyCharacters => steps.push(Step::AnyCharacters),
            GlobPart::Literal(text) => {
                let text = if view == View::Raw { text.clone() } else { folded(text) };
                if text.is_empty() {
                    return None;
                }
                steps.extend(text.chars().map(Step::Character));
            }
        }
    }
    Some(steps)
}

/// The least number of characters, from the first on, that the steps match.
fn shortest(steps: &[Step], text: &[char], to_end: bool, cased: bool) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else {
        return (!to_end || text.is_empty()).then_some(0);
    };
    let after_one = || shortest(rest, &text[1..], to_end, cased).map(|end| end + 1);
    match (step, text.first()) {
        (Step::AnyCharacters, _) => (0..=text.len())
            .filter_map(|skipped| Some(skipped + shortest(rest, &text[skipped..], to_end, cased)?))
            .min(),
        (Step::AnyCharacter, Some(_)) => after_one(),
        (Step::Character(wanted), Some(found)) if same(*found, *wanted, cased) => after_one(),
        _ => None,
    }
}
