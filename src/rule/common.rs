//! Texts that are too common to fire on: in so many ordinary messages that a queue would drown in flags.
//!
//! Few and certain, like the other doubts: only what can be known from counts of single words, only of messages' own
//! text, and only where the text alone makes the rule fire. A common word beside another selection is how good rules
//! are written.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::model::{Demand, GlobPart, Pattern, PatternKind, Place, Rule, Selection, Test};
use crate::event::FieldType;
use crate::text::frequency::{self, MESSAGES, Share};
use crate::text::{fold, token};
use std::cmp::Reverse;

/// From so many of [`MESSAGES`] on a text is too common: one message of 200.
const LEAST: u32 = MESSAGES / 200;

/// What there is to say of a rule: of each test its commonest text.
pub(super) fn texts(rule: &Rule) -> Vec<Diagnostic> {
    let looks = rule.looks_at(["chat.message"]);
    let selections = rule.detection.selections.iter().filter(|_| looks);
    let found = selections.flat_map(|selection| {
        let tests = selection.clause.tests().into_iter();
        tests.filter_map(move |test| of_test(rule, selection, test))
    });
    found.collect()
}

fn of_test(rule: &Rule, selection: &Selection, test: &Test) -> Option<Diagnostic> {
    let patterns = match &test.demand {
        Demand::AnyOf(patterns) => patterns,
        Demand::AllOf(patterns) if patterns.len() == 1 => patterns,
        _ => return None,
    };
    let alone = || rule.detection.holds(&mut |other| std::ptr::eq(other, test));
    if test.field != "text" || test.kind != FieldType::Text || !alone() {
        return None;
    }
    let shares = patterns.iter().filter_map(|pattern| Some((pattern, share(pattern)?)));
    let mut common: Vec<_> = shares.filter(|(_, (_, share))| share.messages >= LEAST).collect();
    common.sort_by_key(|(_, (_, share))| Reverse(share.messages));
    let ((pattern, (literal, share)), more) = common.split_first()?;
    let name = pattern.entry.as_ref().map_or_else(|| (*literal).to_owned(), ToString::to_string);
    let others = match more.len() {
        0 => String::new(),
        1 => ", and so does another one here".to_owned(),
        more => format!(", and so do {more} others here"),
    };
    let message = format!("`{name}` makes the rule fire by itself{others}; it is in {}", rate(share));
    let found = Diagnostic::new(Code::CommonText, selection.span, message);
    Some(found.help(advice(pattern, share)))
}

fn rate(share: &Share) -> String {
    match MESSAGES / share.messages {
        0 | 1 => "nearly every ordinary message".to_owned(),
        rate => format!("about 1 of {rate} ordinary messages"),
    }
}

/// What a pattern looks for, and how common that is; none if that cannot be said.
fn share(pattern: &Pattern) -> Option<(&str, Share)> {
    match &pattern.kind {
        PatternKind::Words(text) => {
            let folded = fold::fold(text);
            let mut words = token::normals(&folded);
            let only = words.next().filter(|_| words.next().is_none())?;
            Some((text, frequency::of_word(&only)?))
        }
        PatternKind::Glob { place: Place::Anywhere, parts } => match parts.as_slice() {
            [GlobPart::Literal(text)] => Some((text, frequency::of_part(&fold::fold(text))?)),
            _ => None,
        },
        PatternKind::Glob { .. } | PatternKind::Regex(_) => None,
    }
}

fn advice(pattern: &Pattern, share: &Share) -> String {
    match pattern.kind {
        PatternKind::Glob { .. } if pattern.entry.is_none() => {
            let words: Vec<_> = share.words.iter().map(|word| format!("`{word}`")).collect();
            format!("it stands in {}; use `word` or `phrase`", words.join(", "))
        }
        _ => "join it with another selection, or look for a phrase of several words".to_owned(),
    }
}
