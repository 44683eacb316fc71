//! What became of what rules find: flags, and the cases of a labelled trace.
//!
//! A flag is the same if the same rule found the same event; of a correlation, if the same event completed it.

use crate::backtest::{Findings, Found, Outlet, Share};
use crate::flag::rfc3339;
use crate::rule::model::Level;
use crate::truth::{CaseIndex, Truth};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What became of flags for reviewers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlagDiff {
    /// Events that were read.
    pub events: u64,
    /// Flags of both sets.
    pub unchanged: u64,
    /// Flags of the new set alone.
    pub added: Flags,
    /// Flags of the old set alone.
    pub removed: Flags,
    /// By rule, those with most differences first; rules without one are left out.
    pub rules: Vec<RuleFlags>,
    /// What became of cases, if there are labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<Cases>,
}

/// Flags of one set alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Flags {
    /// How many.
    pub count: u64,
    /// Those in cases that should be flagged, of those that labels tell of.
    pub right: Share,
    /// The first of them.
    pub first: Vec<Shown>,
}

/// A flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The rule's name.
    pub rule: String,
    /// The rule's level.
    pub level: &'static str,
    /// The event's id, or where it stands.
    pub event: String,
    /// The event's time, RFC 3339 in UTC.
    pub time: String,
    /// Its case, if labels tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Whether that case should be flagged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
    /// What was read there.
    pub excerpts: Vec<String>,
}

/// Flags of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleFlags {
    /// Its name in the new set, or in the old one if it is not there any more.
    pub rule: String,
    /// Flags of the old set.
    pub old: u64,
    /// Flags of the new set.
    pub new: u64,
    /// Those of the new set alone.
    pub added: u64,
    /// Those of the old set alone.
    pub removed: u64,
}

/// What became of cases: those that a flag of a stated level or a graver one catches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cases {
    /// The level.
    pub level: &'static str,
    /// Caught by the old set, of those that should be flagged.
    pub old_recall: Share,
    /// Caught by the new set.
    pub new_recall: Share,
    /// Wrongly flagged by the old set.
    pub old_wrong: Share,
    /// Wrongly flagged by the new set.
    pub new_wrong: Share,
    /// Caught by the new set alone.
    pub newly_caught: Names,
    /// Caught by the old set alone.
    pub newly_missed: Names,
    /// Wrongly flagged by the new set alone.
    pub newly_wrong: Names,
    /// Wrongly flagged by the old set alone.
    pub no_longer_wrong: Names,
}

/// Some cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Names {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<String>,
}

impl Names {
    fn add(&mut self, name: &str, most: usize) {
        self.count += 1;
        if self.first.len() < most {
            self.first.push(name.to_owned());
        }
    }
}

/// What is wanted to be known.
#[derive(Debug, Clone, Copy)]
pub struct Question<'t> {
    /// The truth, if there are labels.
    pub truth: Option<&'t Truth>,
    /// A flag of this level or a graver one catches a case.
    pub level: Level,
    /// So many flags and cases of a kind are listed.
    pub listed: usize,
}

impl FlagDiff {
    /// Compares what two sets found in the same events.
    pub fn of(old: &Findings, new: &Findings, question: &Question<'_>) -> FlagDiff {
        let (was, is) = (flags(old), flags(new));
        let added: Vec<_> = is.iter().filter(|(flag, _)| !was.contains_key(*flag)).collect();
        let removed: Vec<_> = was.iter().filter(|(flag, _)| !is.contains_key(*flag)).collect();
        FlagDiff {
            events: new.events,
            unchanged: (is.len() - added.len()) as u64,
            added: listed(new, added.iter().map(|(_, found)| **found), question),
            removed: listed(old, removed.iter().map(|(_, found)| **found), question),
            rules: by_rule((old, &was), (new, &is)),
            cases: question.truth.map(|truth| cases(old, new, (truth, question))),
        }
    }

    /// Whether anything is different.
    pub fn is_any(&self) -> bool {
        self.added.count + self.removed.count > 0
    }
}

/// The flags for reviewers, by the rule's id and the event.
type ByIdentity<'f> = BTreeMap<(&'f str, &'f str), &'f Found>;

fn flags(findings: &Findings) -> ByIdentity<'_> {
    let flags = findings.found.iter().filter(|found| found.outlet == Outlet::Review);
    flags
        .map(|found| {
            let rule = &findings.rules[found.rule as usize];
            ((rule.id.as_str(), &*findings.seen[found.seen as usize].event), found)
        })
        .collect()
}

fn listed<'f>(findings: &Findings, flags: impl Iterator<Item = &'f Found>, question: &Question<'_>) -> Flags {
    let mut flags: Vec<_> = flags.collect();
    flags.sort_by_key(|found| (findings.seen[found.seen as usize].time_ms, found.seen, found.rule));
    let mut listed = Flags { count: flags.len() as u64, ..Flags::default() };
    for found in flags {
        let case = findings.seen[found.seen as usize].case;
        let case = question.truth.zip(case).map(|(truth, case)| &truth.case(case).label);
        if let Some(case) = case {
            listed.right.add(case.risk);
        }
        if listed.first.len() < question.listed {
            let case = case.map(|case| (case.case.to_string(), case.risk));
            listed.first.push(shown(findings, found, case));
        }
    }
    listed
}

fn shown(findings: &Findings, found: &Found, case: Option<(String, bool)>) -> Shown {
    let (rule, seen) = (&findings.rules[found.rule as usize], &findings.seen[found.seen as usize]);
    let (case, right) = case.unzip();
    Shown {
        rule: rule.name.to_string(),
        level: rule.level.name(),
        event: seen.event.to_string(),
        time: rfc3339(seen.time_ms),
        case,
        right,
        excerpts: found.excerpts.to_vec(),
    }
}

fn by_rule(
    (old, was): (&Findings, &ByIdentity<'_>),
    (new, is): (&Findings, &ByIdentity<'_>),
) -> Vec<RuleFlags> {
    let mut rules: BTreeMap<&str, RuleFlags> = BTreeMap::new();
    for rule in old.rules.iter().chain(&new.rules) {
        let name = rule.name.to_string();
        let row = RuleFlags { rule: name.clone(), old: 0, new: 0, added: 0, removed: 0 };
        rules.entry(&rule.id).or_insert(row).rule = name;
    }
    for flag in was.keys() {
        rules.entry(flag.0).and_modify(|row| row.old += 1);
    }
    for flag in is.keys() {
        let is_new = !was.contains_key(flag);
        rules.entry(flag.0).and_modify(|row| {
            row.new += 1;
            row.added += u64::from(is_new);
        });
    }
    for row in rules.values_mut() {
        row.removed = row.old - (row.new - row.added);
    }
    let mut rows: Vec<_> = rules.into_values().filter(|row| row.added + row.removed > 0).collect();
    rows.sort_by(|one, other| {
        (other.added + other.removed).cmp(&(one.added + one.removed)).then_with(|| one.rule.cmp(&other.rule))
    });
    rows
}

fn cases(old: &Findings, new: &Findings, (truth, question): (&Truth, &Question<'_>)) -> Cases {
    let (was, is) = (flagged(old, question.level), flagged(new, question.level));
    let mut cases = Cases {
        level: question.level.name(),
        old_recall: Share::default(),
        new_recall: Share::default(),
        old_wrong: Share::default(),
        new_wrong: Share::default(),
        newly_caught: Names::default(),
        newly_missed: Names::default(),
        newly_wrong: Names::default(),
        no_longer_wrong: Names::default(),
    };
    for (index, case) in (0..).map(CaseIndex).zip(truth.cases()) {
        let (before, after) = (was.contains(&index), is.contains(&index));
        cases.count(&case.label.case, case.label.risk, (before, after), question.listed);
    }
    cases
}

impl Cases {
    fn count(&mut self, name: &str, risk: bool, (before, after): (bool, bool), most: usize) {
        let (old, new, newly, no_more) = if risk {
            (&mut self.old_recall, &mut self.new_recall, &mut self.newly_caught, &mut self.newly_missed)
        } else {
            (&mut self.old_wrong, &mut self.new_wrong, &mut self.newly_wrong, &mut self.no_longer_wrong)
        };
        old.add(before);
        new.add(after);
        match (before, after) {
            (false, true) => newly.add(name, most),
            (true, false) => no_more.add(name, most),
            _ => {}
        }
    }
}

fn flagged(findings: &Findings, level: Level) -> BTreeSet<CaseIndex> {
    let flags = findings
        .found
        .iter()
        .filter(|found| found.outlet == Outlet::Review && findings.rules[found.rule as usize].level >= level);
    flags.filter_map(|found| findings.seen[found.seen as usize].case).collect()
}
