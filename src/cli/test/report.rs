//! What became of tests, for people and as JSON. For CI servers see [`super::junit`].

use super::verdict::Verdict;
use crate::cli::rules::count;
use crate::rule::model::Expectation;
use crate::text::visible;
use serde_json::{Value, json};

/// What became of all tests.
pub(super) struct Report<'p> {
    /// In the order of the rules.
    pub(super) verdicts: Vec<Verdict<'p>>,
    /// How many rules were asked for.
    pub(super) rules: usize,
    /// And how many correlations.
    pub(super) correlations: usize,
    /// How many of both have no tests.
    pub(super) untested: usize,
}

impl Report<'_> {
    /// How many tests failed.
    pub(super) fn failed(&self) -> usize {
        self.verdicts.iter().filter(|verdict| !verdict.passed()).count()
    }

    fn known(&self, expectation: Expectation) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.is(expectation)).count()
    }

    /// For people: what failed and why, and the numbers.
    pub(super) fn text(&self) -> String {
        let failures: String = self.verdicts.iter().filter_map(failure).collect();
        let failed = self.failed();
        let passed = count(self.verdicts.len() - failed, "test");
        let (misses, positives) =
            (self.known(Expectation::KnownMiss), self.known(Expectation::KnownFalsePositive));
        let misses = match misses {
            0 => None,
            1 => Some("1 known miss".to_owned()),
            misses => Some(format!("{misses} known misses")),
        };
        let positives = (positives > 0).then(|| count(positives, "known false positive"));
        let known: Vec<_> = misses.into_iter().chain(positives).collect();
        let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
        let untested =
            if self.untested > 0 { format!(", {} without tests", self.untested) } else { String::new() };
        let rules = match self.correlations {
            0 => count(self.rules, "rule"),
            correlations => {
                format!("{} and {}", count(self.rules, "rule"), count(correlations, "correlation"))
            }
        };
        format!("{failures}{passed} passed{known}, {failed} failed; {rules}{untested}\n")
    }

    /// For tools.
    pub(super) fn json(&self) -> Value {
        let failed = self.failed();
        json!({
            "passed": self.verdicts.len() - failed,
            "failed": failed,
            "known_misses": self.known(Expectation::KnownMiss),
            "known_false_positives": self.known(Expectation::KnownFalsePositive),
            "rules": self.rules,
            "correlations": self.correlations,
            "untested": self.untested,
            "tests": self.verdicts.iter().map(one).collect::<Vec<_>>(),
        })
    }
}

fn one(verdict: &Verdict<'_>) -> Value {
    let (subject, test) = (verdict.trial.subject, verdict.trial.test);
    let events = || verdict.trial.events.iter().map(|event| &event.json).collect::<Vec<_>>();
    json!({
        "kind": subject.noun(),
        "rule": subject.name(),
        "rule_id": subject.id(),
        "name": test.name(),
        "file": subject.file(),
        "line": test.line(),
        "expect": test.expect().name(),
        "note": test.note(),
        "passed": verdict.passed(),
        "fired": verdict.fired,
        "others": verdict.others,
        "problem": verdict.problem,
        "explanation": verdict.explanation,
        "events": if verdict.passed() { None } else { Some(events()) },
    })
}

/// All that there is to say about a test that failed.
fn failure(verdict: &Verdict<'_>) -> Option<String> {
    let lines: Vec<_> = details(verdict)?.iter().map(|line| format!("  {}\n", visible(line))).collect();
    Some(format!("FAIL {}\n{}\n", visible(&verdict.trial.name()), lines.concat()))
}

/// The same line by line: where, what, why, and the events.
pub(super) fn details(verdict: &Verdict<'_>) -> Option<Vec<String>> {
    let problem = verdict.problem.as_deref()?;
    let trial = &verdict.trial;
    let mut lines = vec![format!("at {}", trial.place()), problem.to_owned()];
    lines.extend(trial.test.note().iter().map(|note| format!("note: {note}")));
    lines.extend(verdict.explanation.iter().cloned());
    if !verdict.others.is_empty() {
        let what = if verdict.fired { "also fired" } else { "fired instead" };
        lines.push(format!("{what}: {}", verdict.others.join(", ")));
    }
    lines.extend(trial.events.iter().map(|event| format!("event: {}", event.json)));
    Some(lines)
}
