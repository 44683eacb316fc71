//! Recall, precision and time of groups of cases.

use super::super::share::quantile;
use super::super::tally::{First, Tally, cases};
use super::super::{Question, Share};
use crate::rule::model::Level;
use crate::truth::{CaseIndex, KnownCase};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// What cases have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Nothing: all of them.
    All,
    /// What happens in them.
    Kind,
    /// The language.
    Language,
    /// The way in which they are written.
    Style,
}

/// A group of cases.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Group {
    /// What they have in common.
    pub by: By,
    /// And which that is; empty of all cases.
    pub name: String,
    /// Cases that should be flagged, and of them those that were.
    pub recall: Share,
    /// Of those that were flagged, those whose first flag came before the moment of harm.
    pub early: Share,
    /// From the first risky event to the first flag.
    pub delay: Delay,
    /// Cases that should not be flagged, and of them those that were.
    pub wrong: Share,
    /// Flags of the level that catches or a graver one, and of them those in cases that should be flagged.
    pub precision: Share,
    /// Events in these cases, as far as labels tell.
    pub events: u64,
    /// Flags for reviewers, of any level.
    pub flags: u64,
    /// Those flags in a million of these events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_million: Option<f64>,
}

/// From the first risky event to the first flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Delay {
    /// Half of the caught cases were flagged within so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_ms: Option<i64>,
    /// Nine of ten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90_ms: Option<i64>,
    /// Half of them within so many events of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_events: Option<i64>,
}

/// All groups: of all cases, then by kind, language and style.
pub(super) fn groups(tally: &Tally<'_>, question: &Question) -> Vec<Group> {
    let mut groups = vec![group(tally, question, (By::All, ""), &|_| true)];
    for (by, of) in [
        (By::Kind, (|case| &*case.label.kind) as fn(&KnownCase) -> &str),
        (By::Language, |case| &*case.label.language),
        (By::Style, |case| &*case.label.style),
    ] {
        let names: BTreeSet<&str> =
            tally.truth.cases().iter().map(of).filter(|name| !name.is_empty()).collect();
        groups.extend(names.iter().map(|name| group(tally, question, (by, name), &|case| of(case) == *name)));
        if by == By::Style && names.contains(PLAIN) && names.len() > 1 {
            let other = |case: &KnownCase| !matches!(&*case.label.style, "" | PLAIN);
            groups.push(group(tally, question, (by, DISGUISED), &other));
        }
    }
    groups
}

/// The style of what is written as it is spoken.
const PLAIN: &str = "plain";
/// All other styles together.
const DISGUISED: &str = "disguised";

pub(super) fn group(
    tally: &Tally<'_>,
    question: &Question,
    (by, name): (By, &str),
    is_in: &dyn Fn(&KnownCase) -> bool,
) -> Group {
    let mut group = Group {
        by,
        name: name.to_owned(),
        recall: Share::default(),
        early: Share::default(),
        delay: Delay::default(),
        wrong: Share::default(),
        precision: Share::default(),
        events: 0,
        flags: 0,
        per_million: None,
    };
    let mut delays = Delays::default();
    for (index, case) in cases(tally.truth).filter(|(_, case)| is_in(case)) {
        let first = tally.first(index, question);
        group.count(tally, question, (index, case));
        if case.label.risk {
            group.recall.add(first.is_some());
        } else {
            group.wrong.add(first.is_some());
        }
        if let Some(first) = first.filter(|_| case.label.risk) {
            case.harm_ms.into_iter().for_each(|harm| group.early.add(first.time_ms < harm));
            delays.add(case, first);
        }
    }
    group.delay = delays.finish();
    group.per_million = super::per_million(group.flags, group.events);
    group
}

impl Group {
    fn count(&mut self, tally: &Tally<'_>, question: &Question, (index, case): (CaseIndex, &KnownCase)) {
        self.events += case.label.events;
        for found in tally.in_case(index) {
            self.flags += u64::from(tally.is_flag(found, Level::Informational));
            if tally.is_flag(found, question.level) {
                self.precision.add(case.label.risk);
            }
        }
    }
}

#[derive(Default)]
struct Delays {
    times: Vec<i64>,
    events: Vec<i64>,
}

impl Delays {
    fn add(&mut self, case: &KnownCase, first: First) {
        self.times.extend(first.delay_ms(case));
        let places = first.place.zip(case.first_risk_place);
        self.events.extend(places.map(|(flag, risk)| i64::from(flag) - i64::from(risk)));
    }

    fn finish(mut self) -> Delay {
        Delay {
            median_ms: quantile(&mut self.times, 0.5),
            p90_ms: quantile(&mut self.times, 0.9),
            median_events: quantile(&mut self.events, 0.5),
        }
    }
}
