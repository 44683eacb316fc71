//! What became of tests: all of them run as one batch against the whole rule set, through the stage that `run` uses.
//!
//! Correlations take in what comes of that ([`super::timed`]). A test is judged by its own rule alone. Which other rules fired is told beside it: where an event was caught by a
//! neighbour, the rule may be right to stay silent.

use super::timed;
use super::trial::{CLOCK_MS, Subject, Trial};
use crate::cli::explain::show;
use crate::cli::reader::Reader;
use crate::engine::trace::Tracer;
use crate::event::Record;
use crate::rule::model::{Expectation, Rule};
use crate::ruleset::Limits;
use crate::worker::stage::{MatchStage, Program, Reading, Settings};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most failures that are explained: each takes a compilation, and nobody reads more at once.
const MOST_EXPLAINED: usize = 100;

/// What became of a test.
pub(super) struct Verdict<'p> {
    pub(super) trial: Trial<'p>,
    /// The rule or correlation fired on the event.
    pub(super) fired: bool,
    /// The names of others that did.
    pub(super) others: Vec<String>,
    /// What is wrong, if the test failed.
    pub(super) problem: Option<String>,
    /// Why it fired or did not, line by line, if the test failed.
    pub(super) explanation: Vec<String>,
}

impl Verdict<'_> {
    pub(super) fn passed(&self) -> bool {
        self.problem.is_none()
    }

    /// It passed, and what it shows is not what ought to be.
    pub(super) fn is(&self, known: Expectation) -> bool {
        self.passed() && known.is_known() && self.trial.test.expect() == known
    }
}

/// Runs tests. Fails if the correlations name too many fields.
pub(super) fn judge<'p>(
    program: &'p Arc<Program>,
    reading: &Reading,
    trials: Vec<Trial<'p>>,
) -> Result<Vec<Verdict<'p>>, String> {
    let mut verdicts = run(program, reading, trials)?;
    let failed = verdicts.iter_mut().filter(|verdict| !verdict.passed());
    for verdict in failed.take(MOST_EXPLAINED) {
        verdict.explanation = match verdict.trial.subject {
            Subject::Rule(rule) => explained(rule, &verdict.trial, reading),
            Subject::Correlation(index, _) => timed::explained(program, reading, index, &verdict.trial),
        };
    }
    Ok(verdicts)
}

fn run<'p>(
    program: &'p Arc<Program>,
    reading: &Reading,
    trials: Vec<Trial<'p>>,
) -> Result<Vec<Verdict<'p>>, String> {
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
            payload: Some(event.json.as_bytes()),
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
    let completed = timed::completed(program, reading, &trials, &records, &outcome.hits)?;
    let mut dead: BTreeMap<_, _> =
        outcome.dead.iter().map(|letter| (letter.record, letter.message.clone())).collect();
    drop(records);
    let mut next = 0;
    let judged = trials.into_iter().zip(completed).map(|(trial, completed)| {
        let all = next..next + u32::try_from(trial.events.len()).unwrap_or(u32::MAX);
        next = all.end;
        let last = trial.events.last();
        // An event that is to be a finding of one rule is none of another's.
        let looked_at = last.is_none_or(|event| event.part.is_none());
        let rules = fired.remove(&(all.end.saturating_sub(1))).filter(|_| looked_at).unwrap_or_default();
        let found = rules.into_iter().map(|(id, name)| (id.to_owned(), name.to_owned()));
        let rules = found.chain(completed).collect();
        let dead = all.filter_map(|record| dead.remove(&record)).last();
        verdict(trial, rules, dead)
    });
    Ok(judged.collect())
}

/// The verdict on a test, given what fired on its last event, by id and name, or why it is no event.
fn verdict(trial: Trial<'_>, fired: Vec<(String, String)>, not_an_event: Option<String>) -> Verdict<'_> {
    let (own, others): (Vec<_>, Vec<_>) = fired.into_iter().partition(|(id, _)| id == trial.subject.id());
    let fired = !own.is_empty();
    let problem = match not_an_event {
        Some(message) => Some(format!("the event cannot be read: {message}")),
        None => problem(trial.test.expect(), trial.subject.noun(), fired),
    };
    let others = others.into_iter().map(|(_, name)| name).collect();
    Verdict { trial, fired, others, problem, explanation: Vec::new() }
}

/// What is wrong if the rule or correlation fired or not.
fn problem(expect: Expectation, noun: &str, fired: bool) -> Option<String> {
    let wrong = match expect {
        Expectation::Match => format!("expected a match, the {noun} did not fire"),
        Expectation::NoMatch => format!("expected no match, the {noun} fired"),
        Expectation::KnownMiss => "now matches: make it `match`".to_owned(),
        Expectation::KnownFalsePositive => "no longer matches: make it `no-match`".to_owned(),
    };
    (fired != expect.fires()).then_some(wrong)
}

/// Why the rule fires on the test's event or does not; nothing of what is no event.
fn explained(rule: &Rule, trial: &Trial<'_>, reading: &Reading) -> Vec<String> {
    let Ok(tracer) = Tracer::new(rule, &Limits::default()) else { return Vec::new() };
    let mut reader = Reader::new(&tracer, reading, CLOCK_MS);
    let mut lines = Vec::new();
    for (event, offset) in trial.events.iter().zip(1..) {
        let Ok(batch) = reader.next(event.json.as_bytes(), offset) else { return Vec::new() };
        lines = show::brief(rule, &tracer.trace(&batch, 0), &batch);
    }
    lines
}
