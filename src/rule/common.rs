//! Texts that are too common to fire on: in so many ordinary messages that a queue would drown in flags.
//!
//! Few and certain, like the other doubts: only what can be known from counts of single words, only of messages' own
//! text, and only where the text alone makes the rule fire. A common word beside another selection is how good rules
//! are written.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::model::{Clause, Condition, Demand, GlobPart, Pattern, PatternKind, Place, Rule, Selection, Test};
use crate::event::FieldType;
use crate::text::frequency::{self, MESSAGES, Share};
use crate::text::{fold, token};
use std::cmp::Reverse;

/// From so many of [`MESSAGES`] on a text is too common: one message of 200.
const LEAST: u32 = MESSAGES / 200;

/// What there is to say of a rule: of each test its commonest text.
pub(super) fn texts(rule: &Rule) -> Vec<Diagnostic> {
    let looks = rule.event_types.is_empty() || rule.event_types.iter().any(|kind| kind == "chat.message");
    let selections = rule.detection.selections.iter().filter(|_| looks);
    let tests = selections.flat_map(|selection| tests(&selection.clause).map(move |test| (selection, test)));
    tests.filter_map(|(selection, test)| of_test(rule, selection, test)).collect()
}

fn tests(clause: &Clause) -> Box<dyn Iterator<Item = &Test> + '_> {
    match clause {
        Clause::Test(test) => Box::new(std::iter::once(test)),
        Clause::All(parts) | Clause::Any(parts) => Box::new(parts.iter().flat_map(tests)),
    }
}

fn of_test(rule: &Rule, selection: &Selection, test: &Test) -> Option<Diagnostic> {
    let patterns = match &test.demand {
        Demand::AnyOf(patterns) => patterns,
        Demand::AllOf(patterns) if patterns.len() == 1 => patterns,
        _ => return None,
    };
    if test.field != "text" || test.kind != FieldType::Text || !fires_alone(rule, test) {
        return None;
    }
    let shares = patterns.iter().filter_map(|pattern| Some((pattern, share(pattern)?)));
    let mut common: Vec<_> = shares.filter(|(_, share)| share.messages >= LEAST).collect();
    common.sort_by_key(|(_, share)| Reverse(share.messages));
    let ((pattern, share), more) = common.split_first()?;
    let others = match more.len() {
        0 => String::new(),
        1 => ", and so does another one here".to_owned(),
        more => format!(", and so do {more} others here"),
    };
    let message =
        format!("{} makes the rule fire by itself{others}; it is in {}", name(pattern), rate(share));
    let found = Diagnostic::new(Code::CommonText, selection.span, message);
    Some(found.help(advice(pattern, share)))
}

fn rate(share: &Share) -> String {
    match MESSAGES / share.messages {
        0 | 1 => "nearly every ordinary message".to_owned(),
        rate => format!("about 1 of {rate} ordinary messages"),
    }
}

/// Whether the rule fires on a message of which nothing holds but that test.
fn fires_alone(rule: &Rule, test: &Test) -> bool {
    fn clause(of: &Clause, test: &Test) -> bool {
        match of {
            Clause::Test(own) => std::ptr::eq(own, test),
            Clause::All(parts) => parts.iter().all(|part| clause(part, test)),
            Clause::Any(parts) => parts.iter().any(|part| clause(part, test)),
        }
    }
    fn condition(of: &Condition, selections: &[Selection], test: &Test) -> bool {
        match of {
            Condition::Selection(index) => clause(&selections[*index].clause, test),
            Condition::Not(inner) => !condition(inner, selections, test),
            Condition::All(parts) => parts.iter().all(|part| condition(part, selections, test)),
            Condition::Any(parts) => parts.iter().any(|part| condition(part, selections, test)),
        }
    }
    condition(&rule.detection.condition, &rule.detection.selections, test)
}

/// How common a pattern is, if that can be said of it.
fn share(pattern: &Pattern) -> Option<Share> {
    match &pattern.kind {
        PatternKind::Words(text) => {
            let folded = fold::fold(text);
            let mut words = token::normals(&folded);
            let only = words.next().filter(|_| words.next().is_none())?;
            frequency::of_word(&only)
        }
        PatternKind::Glob { place: Place::Anywhere, parts } => match parts.as_slice() {
            [GlobPart::Literal(text)] => frequency::of_part(&fold::fold(text)),
            _ => None,
        },
        PatternKind::Glob { .. } | PatternKind::Regex(_) => None,
    }
}

/// A pattern by its text, or by the list entry that it came from.
fn name(pattern: &Pattern) -> String {
    match (&pattern.entry, &pattern.kind) {
        (Some(entry), _) => format!("`{}#{}`", entry.list, entry.entry),
        (None, PatternKind::Words(text) | PatternKind::Regex(text)) => format!("`{text}`"),
        (None, PatternKind::Glob { parts, .. }) => {
            let literals = parts.iter().filter_map(|part| match part {
                GlobPart::Literal(text) => Some(text.as_str()),
                _ => None,
            });
            format!("`{}`", literals.collect::<String>())
        }
    }
}

fn advice(pattern: &Pattern, share: &Share) -> String {
    let join = "join it with another selection, or look for a phrase of several words";
    match pattern.kind {
        PatternKind::Glob { .. } if pattern.entry.is_none() => {
            let words: Vec<_> = share.words.iter().map(|word| format!("`{word}`")).collect();
            format!("it stands in {}; use `word` or `phrase`", words.join(", "))
        }
        _ => join.to_owned(),
    }
}
