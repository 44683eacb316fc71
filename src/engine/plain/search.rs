//! Where a pattern first occurs in a view: by trying every place.

use super::reading::Reading;
use crate::rule;
use crate::rule::model::{GlobPart, Pattern, PatternKind, Place};
use crate::text::{View, fold};
use regex::Regex;
use regex_syntax::ParserBuilder;
use std::collections::BTreeMap;
use std::ops::Range;

/// Regular expressions met so far, by source and whether they are read in the folded view.
#[derive(Default)]
pub(super) struct Expressions(BTreeMap<(String, bool), Option<Regex>>);

impl Expressions {
    fn get(&mut self, source: &str, view: View) -> Option<&Regex> {
        let build = || {
            let written = if view == View::Raw { source.to_owned() } else { folded(source)? };
            Regex::new(&written).ok()
        };
        self.0.entry((source.to_owned(), view == View::Folded)).or_insert_with(build).as_ref()
    }
}

/// The folded form of an expression, written out again.
fn folded(source: &str) -> Option<String> {
    let hir = ParserBuilder::new().case_insensitive(true).build().parse(source).ok()?;
    Some(rule::regex::folded(&hir)?.to_string())
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
            let found = expressions.get(source, view)?.find(&reading.text)?;
            Some(reading.characters_of(&found.range()))
        }
        PatternKind::Words(text) | PatternKind::Fuzzy { text, .. } => {
            find_words(text, pattern.cased, view, reading)
        }
        PatternKind::Network(network) => {
            rule::network::holds(network, &reading.text).then(|| 0..reading.text.chars().count())
        }
        PatternKind::Near { text, reach } => find_near(text, (*reach).into(), pattern.cased, view, reading),
        PatternKind::Glob { place, parts } => find_glob(*place, parts, pattern.cased, view, reading),
    }
}

fn same(one: char, other: char, cased: bool) -> bool {
    one == other || !cased && one.to_lowercase().next() == other.to_lowercase().next()
}

fn equal(found: &str, wanted: &str, cased: bool) -> bool {
    found.chars().count() == wanted.chars().count()
        && found.chars().zip(wanted.chars()).all(|(one, other)| same(one, other, cased))
}

fn find_words(text: &str, cased: bool, view: View, reading: &Reading) -> Option<Range<usize>> {
    let wanted = if view == View::Raw { Reading::raw(text) } else { Reading::folded(text) }.tokens;
    let mut windows = reading.tokens.windows(wanted.len().max(1));
    let window = windows.find(|window| {
        let mut pairs = window.iter().zip(&wanted);
        !wanted.is_empty() && pairs.all(|((_, found), (_, wanted))| equal(found, wanted, cased))
    })?;
    Some(window.first()?.0.start..window.last()?.0.end)
}

fn find_near(text: &str, reach: usize, cased: bool, view: View, reading: &Reading) -> Option<Range<usize>> {
    let wanted = if view == View::Raw { Reading::raw(text) } else { Reading::folded(text) }.tokens;
    let words: Vec<&String> = wanted.iter().map(|(_, word)| word).collect();
    let (first, last) = shortest_stretch(reading.tokens.len(), reach, &words, &|token, word| {
        equal(&reading.tokens[token].1, word, cased)
    })?;
    Some(reading.tokens[first].0.start..reading.tokens[last].0.end)
}

/// The first and the last word of the leftmost, then shortest stretch that begins with a wanted word and holds all of them:
/// for each as many words of the text as there are wanted.
pub(super) fn shortest_stretch<W>(
    words: usize,
    reach: usize,
    wanted: &[W],
    same: &dyn Fn(usize, &W) -> bool,
) -> Option<(usize, usize)> {
    let starts = (0..words).filter(|first| wanted.iter().any(|word| same(*first, word)));
    let mut stretches =
        starts.flat_map(|first| (first..words.min(first + reach + 1)).map(move |last| (first, last)));
    stretches.find(|(first, last)| {
        let mut left: Vec<&W> = wanted.iter().collect();
        for word in *first..=*last {
            if let Some(place) = left.iter().position(|wanted| same(word, wanted)) {
                left.remove(place);
            }
        }
        left.is_empty() && !wanted.is_empty()
    })
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
                let text = if view == View::Raw { text.clone() } else { fold::fold(text) };
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
