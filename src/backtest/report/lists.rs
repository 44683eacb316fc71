//! Cases that were missed or wrongly flagged, each with what can be said of why.

use super::super::tally::{Tally, cases};
use super::super::{Found, Question};
use crate::flag::rfc3339;
use crate::rule::model::Level;
use crate::truth::{CaseIndex, KnownCase};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The first of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Listed<T> {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<T>,
}

/// A case that should have been flagged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Missed {
    /// Its name.
    pub case: String,
    /// What happens in it.
    pub kind: String,
    /// Its language.
    pub language: String,
    /// The way in which it is written.
    pub style: String,
    /// Why nothing caught it, in a sentence.
    pub why: String,
    /// What labels say was there to be found, in order.
    pub signs: Vec<Sign>,
}

/// An event of which a label says that it shows an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sign {
    /// Its id.
    pub event: String,
    /// The indicator.
    pub indicator: String,
    /// The rules that fired on it.
    pub found: BTreeSet<String>,
}

/// A case that should not have been flagged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Wrong {
    /// Its name.
    pub case: String,
    /// What happens in it.
    pub kind: String,
    /// Its language.
    pub language: String,
    /// The flags, in order.
    pub flags: Vec<Shown>,
}

/// A flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Shown {
    /// The rule's name.
    pub rule: String,
    /// The rule's level.
    pub level: &'static str,
    /// The event; of a correlation the one that completed it.
    pub event: String,
    /// The event's time, RFC 3339 in UTC.
    pub time: String,
    /// What was read there.
    pub excerpts: Vec<String>,
}

/// The missed cases.
pub(super) fn missed(tally: &Tally<'_>, question: &Question) -> Listed<Missed> {
    let missed: Vec<_> = cases(tally.truth)
        .filter(|(index, case)| case.label.risk && tally.first(*index, question).is_none())
        .collect();
    let mut signs = signs(tally, &missed[..missed.len().min(question.listed)]);
    listed(missed.into_iter(), question.listed, |(index, case)| {
        explained(tally, (index, case), signs.remove(&index).unwrap_or_default())
    })
}

/// The wrongly flagged ones.
pub(super) fn wrong(tally: &Tally<'_>, question: &Question) -> Listed<Wrong> {
    let wrong = cases(tally.truth)
        .filter(|(index, case)| !case.label.risk && tally.first(*index, question).is_some());
    listed(wrong, question.listed, |(index, case)| {
        let flags = tally.in_case(index).iter().filter(|found| tally.is_flag(found, question.level));
        Wrong {
            case: case.label.case.to_string(),
            kind: case.label.kind.to_string(),
            language: case.label.language.to_string(),
            flags: flags.map(|found| shown(tally, found)).collect(),
        }
    })
}

fn listed<I, T>(items: impl Iterator<Item = I>, most: usize, mut show: impl FnMut(I) -> T) -> Listed<T> {
    let (mut count, mut first) = (0, Vec::new());
    for item in items {
        count += 1;
        if first.len() < most {
            first.push(show(item));
        }
    }
    Listed { count, first }
}

fn shown(tally: &Tally<'_>, found: &Found) -> Shown {
    let (rule, seen) = (tally.rule(found), &tally.findings.seen[found.seen as usize]);
    Shown {
        rule: rule.name.to_string(),
        level: rule.level.name(),
        event: seen.event.to_string(),
        time: rfc3339(seen.time_ms),
        excerpts: found.excerpts.to_vec(),
    }
}

fn explained(tally: &Tally<'_>, (index, case): (CaseIndex, &KnownCase), signs: Vec<Sign>) -> Missed {
    Missed {
        case: case.label.case.to_string(),
        kind: case.label.kind.to_string(),
        language: case.label.language.to_string(),
        style: case.label.style.to_string(),
        why: why(tally, index, &signs),
        signs,
    }
}

/// The labelled signs of some cases, in order.
fn signs(tally: &Tally<'_>, of: &[(CaseIndex, &KnownCase)]) -> BTreeMap<CaseIndex, Vec<Sign>> {
    let wanted: BTreeSet<CaseIndex> = of.iter().map(|(index, _)| *index).collect();
    let mut staged: Vec<_> = tally.truth.events().filter(|(_, known)| wanted.contains(&known.case)).collect();
    staged.sort_by_key(|(_, known)| (known.case, known.place));
    let mut signs: BTreeMap<CaseIndex, Vec<Sign>> = BTreeMap::new();
    for (event, known) in staged {
        let Some(indicator) = known.stage.as_deref() else { continue };
        let found = tally.in_event(event).map(|rule| rule.name.to_string()).collect();
        let sign = Sign { event: event.to_owned(), indicator: indicator.to_owned(), found };
        signs.entry(known.case).or_default().push(sign);
    }
    signs
}

/// Why nothing caught it.
fn why(tally: &Tally<'_>, index: CaseIndex, signs: &[Sign]) -> String {
    let found = signs.iter().filter(|sign| !sign.found.is_empty()).count();
    let unseen: BTreeSet<&str> =
        signs.iter().filter(|sign| sign.found.is_empty()).map(|sign| sign.indicator.as_str()).collect();
    let weak: BTreeSet<&str> = tally
        .in_case(index)
        .iter()
        .filter(|found| tally.is_flag(found, Level::Informational))
        .map(|found| &*tally.rule(found).name)
        .collect();
    let seen = match signs.len() {
        0 => "no event of it is labelled with an indicator".to_owned(),
        all if found == all => format!("all {all} labelled events were found, but nothing joined them"),
        all => format!("{found} of {all} labelled events were found"),
    };
    let unseen = joined("; not found: ", &unseen);
    let weak =
        if weak.is_empty() { "; no flag at all".to_owned() } else { joined("; only weak flags: ", &weak) };
    seen + &unseen + &weak
}

fn joined(head: &str, names: &BTreeSet<&str>) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names: Vec<_> = names.iter().copied().collect();
    [head, &names.join(", ")].concat()
}
