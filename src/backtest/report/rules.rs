//! What each rule did, and each indicator.

use super::super::tally::{Tally, cases};
use super::super::{Outlet, Question, Rule, Share};
use super::per_million;
use crate::truth::CaseIndex;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A rule or correlation.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RuleRow {
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// How grave it is.
    pub level: &'static str,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is a correlation.
    pub correlation: bool,
    /// Where its flags go; none if it found nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outlet: Option<&'static str>,
    /// What it found, and of that what lies in cases that should be flagged; what no label tells of is left out.
    pub right: Share,
    /// What it found in all.
    pub found: u64,
    /// The same in a million events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_million: Option<f64>,
    /// In how many cases that should be flagged it found something.
    pub risky_cases: u64,
    /// In how many that should not.
    pub benign_cases: u64,
    /// How many cases are caught by flags of this rule alone.
    pub alone: u64,
    /// How often it found something in a harmless event that is labelled as resembling an indicator.
    pub resembling: u64,
}

/// An indicator.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IndicatorRow {
    /// As labels name it: `g3`.
    pub indicator: String,
    /// Events that are labelled so, and of them those in which a rule that is tagged so found something.
    pub recall: Share,
    /// The same, whatever the rule's tag.
    pub recall_by_any: Share,
    /// Harmless events that are labelled as resembling it, and of them those in which a rule that is tagged so found something.
    pub resembling: Share,
}

#[derive(Default)]
struct Count {
    right: Share,
    found: u64,
    outlet: Option<Outlet>,
    risky: BTreeSet<CaseIndex>,
    benign: BTreeSet<CaseIndex>,
    alone: u64,
    resembling: u64,
}

/// A row a rule, those that found most first.
pub(super) fn rows(tally: &Tally<'_>, question: &Question) -> Vec<RuleRow> {
    let rules = &tally.findings.rules;
    let mut counts: Vec<Count> = rules.iter().map(|_| Count::default()).collect();
    for found in &tally.findings.found {
        let count = &mut counts[found.rule as usize];
        count.found += 1;
        count.outlet = Some(found.outlet);
        count.resembling += u64::from(tally.label_of(found).is_some_and(|known| known.resembles.is_some()));
        if let (Some(case), Some(index)) =
            (tally.case_of(found), tally.findings.seen[found.seen as usize].case)
        {
            count.right.add(case.label.risk);
            if case.label.risk { &mut count.risky } else { &mut count.benign }.insert(index);
        }
    }
    for rule in catching_alone(tally, question) {
        counts[rule as usize].alone += 1;
    }
    let mut rows: Vec<_> = rules.iter().zip(counts).map(|(rule, count)| row(tally, rule, &count)).collect();
    rows.sort_by(|one, other| other.found.cmp(&one.found).then_with(|| one.name.cmp(&other.name)));
    rows
}

/// Of each caught case that one rule alone caught, that rule.
fn catching_alone(tally: &Tally<'_>, question: &Question) -> impl Iterator<Item = u32> {
    cases(tally.truth).filter(|(_, case)| case.label.risk).filter_map(|(index, _)| {
        let flags = tally.in_case(index).iter().filter(|found| tally.is_flag(found, question.level));
        let rules: BTreeSet<u32> = flags.map(|found| found.rule).collect();
        (rules.len() == 1).then(|| rules.first().copied()).flatten()
    })
}

fn row(tally: &Tally<'_>, rule: &Rule, count: &Count) -> RuleRow {
    RuleRow {
        name: rule.name.to_string(),
        title: rule.title.clone(),
        level: rule.level.name(),
        tags: rule.tags.clone(),
        correlation: rule.correlation,
        outlet: count.outlet.map(Outlet::name),
        right: count.right,
        found: count.found,
        per_million: per_million(count.found, tally.findings.events),
        risky_cases: count.risky.len() as u64,
        benign_cases: count.benign.len() as u64,
        alone: count.alone,
        resembling: count.resembling,
    }
}

/// A row an indicator that labels or tags name, in the order of their names, numbers by their size.
pub(super) fn indicators(tally: &Tally<'_>) -> Vec<IndicatorRow> {
    let mut rows: BTreeMap<(String, u32), IndicatorRow> = BTreeMap::new();
    let mut row = |name: &str, change: &dyn Fn(&mut IndicatorRow)| {
        change(rows.entry(order(name)).or_insert_with(|| IndicatorRow {
            indicator: name.to_owned(),
            recall: Share::default(),
            recall_by_any: Share::default(),
            resembling: Share::default(),
        }));
    };
    for name in tally.findings.rules.iter().flat_map(Rule::indicators) {
        row(name, &|_| ());
    }
    for (event, known) in tally.truth.events() {
        let tagged = |name| tally.in_event(event).any(|rule| rule.indicators().any(|own| own == name));
        if let Some(stage) = known.stage.as_deref() {
            let any = tally.in_event(event).next().is_some();
            row(stage, &|row| {
                row.recall.add(tagged(stage));
                row.recall_by_any.add(any);
            });
        }
        if let Some(name) = known.resembles.as_deref() {
            row(name, &|row| row.resembling.add(tagged(name)));
        }
    }
    rows.into_values().collect()
}

/// `g10` comes behind `g9`.
fn order(name: &str) -> (String, u32) {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (letters, number) = name.split_at(name.len() - digits);
    (letters.to_owned(), number.parse().unwrap_or(0))
}
