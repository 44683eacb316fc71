//! What the played trace says of the rules: [`crate::backtest`]'s figures, of the flags that were read back from the topics.

use super::CAUGHT;
use super::board::Board;
use super::cases::Kept;
use crate::backtest::{Findings, Found, Outlet, Question, Report, Rule, Seen};
use crate::truth::{CaseIndex, Truth};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Missed and wrongly flagged cases that are listed.
const LISTED: usize = 4;

/// The figures, and of what.
#[derive(Debug)]
pub(super) struct Reckoned {
    pub(super) report: Report,
    /// Cases of the trace that are not counted, because they were not told to their ends.
    pub(super) untold: usize,
}

/// The figures of what was played with these rules; none without a truth. Of a trace that was not played out, only cases that
/// were told to their ends count: what was not played can be neither found nor missed.
pub(super) fn reckon(rules: Vec<Rule>, board: &Board, played_out: bool) -> Option<Reckoned> {
    let truth = board.cases.truth()?;
    let question = Question { level: CAUGHT, shadow: false, listed: LISTED };
    let report = |truth: &Truth, place: &dyn Fn(CaseIndex) -> Option<CaseIndex>| {
        Report::of(&findings(rules, board, place), truth, &question)
    };
    if played_out {
        return Some(Reckoned { report: report(truth, &Some), untold: 0 });
    }
    let told: BTreeSet<CaseIndex> = board.cases.told();
    // As `only` numbers them.
    let places: HashMap<_, _> = told.iter().copied().zip((0..).map(CaseIndex)).collect();
    let report = report(&truth.only(&told), &|case| places.get(&case).copied());
    Some(Reckoned { report, untold: truth.cases().len() - told.len() })
}

fn findings(rules: Vec<Rule>, board: &Board, place: &dyn Fn(CaseIndex) -> Option<CaseIndex>) -> Findings {
    let by_name: HashMap<Arc<str>, u32> =
        (0..).zip(&rules).map(|(place, rule)| (Arc::clone(&rule.name), place)).collect();
    let (mut seen, mut found) = (Vec::new(), Vec::new());
    for kept in board.cases.kept() {
        let Kept { rule, event, case, time_ms, shadow } = kept;
        let Some(rule) = by_name.get(rule.as_str()).copied() else { continue };
        let outlet = if *shadow { Outlet::Shadow } else { Outlet::Review };
        // Four billion flags would not fit in memory.
        let at = u32::try_from(seen.len()).unwrap_or(u32::MAX);
        seen.push(Seen { event: event.clone(), case: case.and_then(place), time_ms: *time_ms });
        found.push(Found { rule, seen: at, outlet, excerpts: Box::default() });
    }
    let (events, unreadable) = (board.taken.saturating_sub(board.dead), board.dead);
    Findings { rules, seen, found, events, unreadable, span_ms: board.cases.span_ms() }
}
