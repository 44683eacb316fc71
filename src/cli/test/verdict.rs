//! What became of tests: all of them run as one batch against the whole rule set, through the stage that `run` uses.
//!
//! A test is judged by its own rule alone. Which other rules fired is told beside it: where an event was caught by a
//! neighbour, the rule may be right to stay silent.

use super::trial::{CLOCK_MS, Trial};
use crate::cli::explain::show;
use crate::cli::reader::Reader;
use crate::engine::trace::Tracer;
use crate::event::Record;
use crate::rule::model::Expectation;
use crate::ruleset::Limits;
use crate::worker::stage::{MatchStage, Program, Reading, Settings};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most failures that are explained: each takes a compilation, and nobody reads more at once.
const MOST_EXPLAINED: usize = 100;

/// What became of a test.
pub(super) struct Verdict<'p> {
    pub(super) trial: Trial<'p>,
    /// The rule fired on the event.
    pub(super) fired: bool,
    /// The names of other rules that did.
    pub(super) others: Vec<String>,
    /// What is wrong, if the test failed.
    pub(super) problem: Option<String>,
    /// Why the rule fired or did not, line by line, if the test failed.
    pub(super) explanation: Vec<String>,
}

impl Verdict<'_> {
    pub(super) fn passed(&self) -> bool {
        self.problem.is_none()
    }

    /// It passed, and what it shows is not what ought to be.
    pub(super) fn is(&self, known: Expectation) -> bool {
        self.passed() && known.is_known() && self.trial.example.expect == known
    }
}

/// Runs tests.
pub(super) fn judge<'p>(
    program: &Arc<Program>,
    reading: &Reading,
    trials: Vec<Trial<'p>>,
) -> Vec<Verdict<'p>> {
    let mut verdicts = run(program, trials);
    let failed = verdicts.iter_mut().filter(|verdict| !verdict.passed());
    for verdict in failed.take(MOST_EXPLAINED) {
        verdict.explanation = explained(&verdict.trial, reading);
    }
    verdicts
}

fn run<'p>(program: &Arc<Program>, trials: Vec<Trial<'p>>) -> Vec<Verdict<'p>> {
    let topic: Arc<str> = Arc::from("test");
    // A partition each: what came before in one is nothing to another.
    let records = trials.iter().zip(0..).flat_map(|(trial, partition)| {
        let topic = &topic;
        trial.events.iter().zip(1..).map(move |(event, offset)| Record {
            topic,
            partition,
            offset,
            timestamp: None,
            key: None,
            payload: Some(event.as_bytes()),
        })
    });
    let records: Vec<_> = records.collect();
    let settings = Settings { unpublished: true, ..Settings::default() };
    let mut stage = MatchStage::new(Arc::clone(program), settings);
    let outcome = stage.run(&records, CLOCK_MS);
    let mut fired: BTreeMap<u32, Vec<(&str, &str)>> = BTreeMap::new();
    for out in &outcome.flags {
        fired.entry(out.record).or_default().push((&out.rule.id, &out.rule.name));
    }
    let dead: BTreeMap<_, _> =
        outcome.dead.iter().map(|letter| (letter.record, letter.message.as_str())).collect();
    let mut judged = Vec::with_capacity(trials.len());
    let mut next = 0;
    for trial in trials {
        next += u32::try_from(trial.events.len()).unwrap_or(u32::MAX);
        let last = next - 1;
        let rules = fired.remove(&last).unwrap_or_default();
        judged.push(verdict(trial, &rules, dead.get(&last).copied()));
    }
    judged
}

/// The verdict on a test, given which rules fired on its event, by id and name, or why it is no event.
fn verdict<'p>(trial: Trial<'p>, rules: &[(&str, &str)], not_an_event: Option<&str>) -> Verdict<'p> {
    let (own, others): (Vec<_>, Vec<_>) = rules.iter().partition(|(id, _)| *id == trial.rule.id);
    let fired = !own.is_empty();
    let problem = match not_an_event {
        Some(message) => Some(format!("the event cannot be read: {message}")),
        None => problem(trial.example.expect, fired).map(str::to_owned),
    };
    let others = others.iter().map(|(_, name)| (*name).to_owned()).collect();
    Verdict { trial, fired, others, problem, explanation: Vec::new() }
}

/// What is wrong if the rule fired or not.
fn problem(expect: Expectation, fired: bool) -> Option<&'static str> {
    let wrong = match expect {
        Expectation::Match => "expected a match, the rule did not fire",
        Expectation::NoMatch => "expected no match, the rule fired",
        Expectation::KnownMiss => "now matches: make it `match`",
        Expectation::KnownFalsePositive => "no longer matches: make it `no-match`",
    };
    (fired != expect.fires()).then_some(wrong)
}

/// Why the rule fires on the test's event or does not; nothing of what is no event.
fn explained(trial: &Trial<'_>, reading: &Reading) -> Vec<String> {
    let Ok(tracer) = Tracer::new(trial.rule, &Limits::default()) else { return Vec::new() };
    let mut reader = Reader::new(&tracer, reading, CLOCK_MS);
    let mut lines = Vec::new();
    for (event, offset) in trial.events.iter().zip(1..) {
        let Ok(batch) = reader.next(event.as_bytes(), offset) else { return Vec::new() };
        lines = show::brief(trial.rule, &tracer.trace(&batch, 0), &batch);
    }
    lines
}
