//! What else could have been: how many cases are caught within what time, and what would be caught, and wrongly flagged, if flags of
//! another level counted.

use super::super::tally::{Tally, cases};
use super::super::{Question, Share};
use super::groups::{By, Delay, group};
use super::{per_day, per_million};
use crate::rule::model::Level;
use schemars::JsonSchema;
use serde::Serialize;

/// From a minute, in which somebody could still be warned, to a week, after which it hardly matters when.
const WITHIN_MS: [i64; 8] =
    [60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000, 259_200_000, 604_800_000];

/// How many cases are caught within a time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Within {
    /// So many milliseconds after the first risky event; left out of those that are caught at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<i64>,
    /// Cases that should be flagged and of which labels tell the first risky event, and of them those that were flagged by then.
    pub caught: Share,
}

/// What there would be if flags of a level, or a graver one, caught cases.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Threshold {
    /// The level.
    pub level: &'static str,
    /// Cases that should be flagged, and of them those that would be.
    pub recall: Share,
    /// Of these, those whose first flag came before the moment of harm.
    pub early: Share,
    /// From the first risky event to the first flag.
    pub delay: Delay,
    /// Cases that should not be flagged, and of them those that would be.
    pub wrong: Share,
    /// Flags of the level or a graver one in labelled cases, and of them those in cases that should be flagged.
    pub precision: Share,
    /// All flags of the level or a graver one in a million events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_million: Option<f64>,
    /// And a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
}

/// The curve, from the shortest time on.
pub(super) fn within(tally: &Tally<'_>, question: &Question) -> Vec<Within> {
    let timed = cases(tally.truth).filter(|(_, case)| case.label.risk && case.first_risk_ms.is_some());
    let delays: Vec<Option<i64>> =
        timed.map(|(index, case)| tally.first(index, question)?.delay_ms(case)).collect();
    if delays.is_empty() {
        return Vec::new();
    }
    let point = |within_ms: Option<i64>| {
        let mut caught = Share::default();
        for delay in &delays {
            caught.add(delay.is_some_and(|delay| within_ms.is_none_or(|within| delay <= within)));
        }
        Within { within_ms, caught }
    };
    WITHIN_MS.into_iter().map(Some).chain([None]).map(point).collect()
}

/// A row a level, the gravest first.
pub(super) fn thresholds(tally: &Tally<'_>, question: &Question, days: f64) -> Vec<Threshold> {
    let row = |level: Level| {
        let all = group(tally, &Question { level, ..*question }, (By::All, ""), &|_| true);
        let flags = tally.findings.found.iter().filter(|found| tally.is_flag(found, level)).count();
        Threshold {
            level: level.name(),
            recall: all.recall,
            early: all.early,
            delay: all.delay,
            wrong: all.wrong,
            precision: all.precision,
            per_million: per_million(flags as u64, tally.findings.events),
            per_day: per_day(flags as u64, days),
        }
    };
    Level::ALL.into_iter().rev().map(row).collect()
}
