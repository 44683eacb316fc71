//! The figures of a backtest: one value, which every form of the report is written from, and whose JSON is the form for programs.

mod groups;
mod lists;
mod reach;
mod rules;
mod shadow;

pub use groups::{By, Delay, Group};
pub use lists::{Listed, Missed, Shown, Sign, Wrong};
pub use reach::{Threshold, Within};
pub use rules::{IndicatorRow, RuleRow};
pub use shadow::{Adds, Shadow};

use super::tally::{Tally, cases};
use super::{Findings, Question, Share};
use crate::event::DAY_MS;
use crate::rule::model::Level;
use crate::truth::Truth;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Version of the JSON form; grows when a reader of the old one would misread the new one.
pub const SCHEMA: u32 = 1;

/// All figures.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// Version of this form.
    pub schema: u32,
    /// A flag of this level or a graver one catches a case.
    pub level: &'static str,
    /// What was read.
    pub trace: Trace,
    /// Recall, precision and time: of all cases, then by kind, language and style.
    pub groups: Vec<Group>,
    /// How many cases are caught within what time; empty if labels tell of no first risky event.
    pub within: Vec<Within>,
    /// What there would be if flags of another level caught cases, the gravest first.
    pub thresholds: Vec<Threshold>,
    /// Flags by level, the gravest first.
    pub levels: Vec<LevelRow>,
    /// Rules, those with most flags first.
    pub rules: Vec<RuleRow>,
    /// Indicators, as labels and the rules' tags name them.
    pub indicators: Vec<IndicatorRow>,
    /// What rules in shadow would change, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
    /// Cases that should have been flagged.
    pub missed: Listed<Missed>,
    /// Cases that should not have been.
    pub wrong: Listed<Wrong>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Trace {
    /// Events.
    pub events: u64,
    /// Lines or records that are none.
    pub unreadable: u64,
    /// Days from the first event to the last.
    pub days: f64,
    /// Cases that should be flagged.
    pub risky: u64,
    /// Cases that should not.
    pub benign: u64,
    /// Flags for reviewers in events of which no label tells: they count neither as right nor as wrong.
    pub unlabelled_flags: u64,
}

/// Flags of a level.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LevelRow {
    /// Its name.
    pub level: &'static str,
    /// Flags for reviewers.
    pub flags: u64,
    /// Those in cases that should be flagged.
    pub precision: Share,
    /// Flags in a million events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_million: Option<f64>,
    /// Flags a day of event time: what a reviewer would have read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
}

impl Report {
    /// The figures of what was found, of which the truth is known.
    pub fn of(findings: &Findings, truth: &Truth, question: &Question) -> Report {
        let tally = Tally::of(findings, truth);
        let trace = trace(&tally);
        Report {
            schema: SCHEMA,
            level: question.level.name(),
            groups: groups::groups(&tally, question),
            within: reach::within(&tally, question),
            thresholds: reach::thresholds(&tally, question, trace.days),
            levels: levels(&tally, &trace),
            rules: rules::rows(&tally, question),
            indicators: rules::indicators(&tally),
            shadow: question.shadow.then(|| shadow::shadow(&tally, question)),
            missed: lists::missed(&tally, question),
            wrong: lists::wrong(&tally, question),
            trace,
        }
    }

    /// The group of all cases.
    pub fn all(&self) -> Option<&Group> {
        self.groups.iter().find(|group| group.by == By::All)
    }
}

/// The schema of the JSON form.
pub fn schema() -> Value {
    let about = "What rules do on a labelled trace, as `wardline backtest --format json` writes it.";
    crate::schema::of::<Report>("backtest", "Wardline backtest", about)
}

fn trace(tally: &Tally<'_>) -> Trace {
    let findings = tally.findings;
    let span = findings.span_ms.map_or(0, |(first, last)| last - first);
    let mut kinds = Share::default();
    for (_, case) in cases(tally.truth) {
        kinds.add(case.label.risk);
    }
    let unlabelled = findings.found.iter().filter(|found| {
        tally.is_flag(found, Level::Informational) && findings.seen[found.seen as usize].case.is_none()
    });
    Trace {
        events: findings.events,
        unreadable: findings.unreadable,
        days: ratio(span, DAY_MS).unwrap_or(0.0),
        risky: kinds.count,
        benign: kinds.of - kinds.count,
        unlabelled_flags: unlabelled.count() as u64,
    }
}

fn levels(tally: &Tally<'_>, trace: &Trace) -> Vec<LevelRow> {
    let row = |level: Level| {
        let (mut flags, mut precision) = (0, Share::default());
        for found in &tally.findings.found {
            if tally.is_flag(found, level) && tally.rule(found).level == level {
                flags += 1;
                tally.case_of(found).into_iter().for_each(|case| precision.add(case.label.risk));
            }
        }
        LevelRow {
            level: level.name(),
            flags,
            precision,
            per_million: per_million(flags, trace.events),
            per_day: per_day(flags, trace.days),
        }
    };
    Level::ALL.into_iter().rev().map(row).collect()
}

/// So many in a million.
pub(super) fn per_million(count: u64, events: u64) -> Option<f64> {
    ratio(count.cast_signed(), events.cast_signed()).map(|share| share * 1e6)
}

/// So many a day; of a trace of less than an hour that says nothing.
#[expect(clippy::cast_precision_loss, reason = "a rate of more than 2^53 flags is none the worse")]
pub(super) fn per_day(count: u64, days: f64) -> Option<f64> {
    (days >= 1.0 / 24.0).then(|| count as f64 / days)
}

#[expect(clippy::cast_precision_loss, reason = "ratios of more than 2^53 are none the worse")]
fn ratio(count: i64, of: i64) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}

#[cfg(test)]
mod tests;
