//! What was found, by case: what all figures are counted from.

use super::{Findings, Found, Outlet, Question, Rule};
use crate::rule::model::Level;
use crate::truth::{CaseIndex, Known, KnownCase, Truth};
use std::collections::{BTreeMap, HashMap};

/// What was found on a trace of which the truth is known.
pub(super) struct Tally<'a> {
    pub(super) findings: &'a Findings,
    pub(super) truth: &'a Truth,
    by_case: BTreeMap<CaseIndex, Vec<&'a Found>>,
    /// Of single events that rules fired on, which.
    by_event: HashMap<&'a str, Vec<u32>>,
}

/// The first flag that catches a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First {
    pub(super) time_ms: i64,
    /// The event's place in its case, if labels tell.
    pub(super) place: Option<u32>,
}

impl First {
    /// How long after the case's first risky event, if labels tell of it; a flag that came before it came at once.
    pub(super) fn delay_ms(&self, case: &KnownCase) -> Option<i64> {
        case.first_risk_ms.map(|risk| (self.time_ms - risk).max(0))
    }
}

impl<'a> Tally<'a> {
    pub(super) fn of(findings: &'a Findings, truth: &'a Truth) -> Tally<'a> {
        let mut by_case: BTreeMap<CaseIndex, Vec<&Found>> = BTreeMap::new();
        let mut by_event: HashMap<&str, Vec<u32>> = HashMap::new();
        for found in &findings.found {
            let seen = &findings.seen[found.seen as usize];
            if let Some(case) = seen.case {
                by_case.entry(case).or_default().push(found);
            }
            if !findings.rules[found.rule as usize].correlation {
                by_event.entry(&seen.event).or_default().push(found.rule);
            }
        }
        Tally { findings, truth, by_case, by_event }
    }

    pub(super) fn rule(&self, found: &Found) -> &'a Rule {
        &self.findings.rules[found.rule as usize]
    }

    pub(super) fn case_of(&self, found: &Found) -> Option<&'a KnownCase> {
        self.findings.seen[found.seen as usize].case.map(|case| self.truth.case(case))
    }

    pub(super) fn label_of(&self, found: &Found) -> Option<&'a Known> {
        self.truth.event(&self.findings.seen[found.seen as usize].event)
    }

    /// What was found in a case.
    pub(super) fn in_case(&self, case: CaseIndex) -> &[&'a Found] {
        self.by_case.get(&case).map_or(&[], Vec::as_slice)
    }

    /// The rules that fired on an event by itself.
    pub(super) fn in_event(&self, event: &str) -> impl Iterator<Item = &'a Rule> {
        let rules = self.by_event.get(event).into_iter().flatten();
        rules.map(|rule| &self.findings.rules[*rule as usize])
    }

    /// Whether a reviewer sees it, at that level or a graver one.
    pub(super) fn is_flag(&self, found: &Found, least: Level) -> bool {
        found.outlet == Outlet::Review && self.rule(found).level >= least
    }

    /// The same if rules in shadow were live, too.
    pub(super) fn would_be_flag(&self, found: &Found, least: Level) -> bool {
        found.outlet != Outlet::Unpublished && self.rule(found).level >= least
    }

    /// The first flag of a case that catches it.
    pub(super) fn first(&self, case: CaseIndex, question: &Question) -> Option<First> {
        let flags = self.in_case(case).iter().filter(|found| self.is_flag(found, question.level));
        let first = flags.min_by_key(|found| self.findings.seen[found.seen as usize].time_ms)?;
        let seen = &self.findings.seen[first.seen as usize];
        Some(First { time_ms: seen.time_ms, place: self.label_of(first).map(|known| known.place) })
    }
}

/// All cases with their places.
pub(super) fn cases(truth: &Truth) -> impl Iterator<Item = (CaseIndex, &KnownCase)> {
    (0..).map(CaseIndex).zip(truth.cases())
}
