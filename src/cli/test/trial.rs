//! A test made ready to run: its events with all that they leave out.
//!
//! What is filled in is equal in every test, so that a test states only what matters to it.

use crate::correlate::{CorrelationIndex, Correlations};
use crate::flag::rfc3339;
use crate::rule::Correlation;
use crate::rule::correlation::TimedExample;
use crate::rule::model::{Example, Expectation, Rule};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Time of an example that states none, and the beginning of one with several times: 2026-01-01T12:00:00Z.
pub(super) const NOW_MS: i64 = 1_767_268_800_000;

/// What the clock shows: 2100-01-01T00:00:00Z, so that an example may happen whenever it says.
pub(super) const CLOCK_MS: i64 = 4_102_444_800_000;

/// The type of an event that states none, if its rule looks at it.
const USUAL: &str = "chat.message";

/// What has tests.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'p> {
    Rule(&'p Rule),
    Correlation(CorrelationIndex, &'p Correlation),
}

impl<'p> Subject<'p> {
    pub(super) fn id(self) -> &'p str {
        match self {
            Subject::Rule(rule) => &rule.id,
            Subject::Correlation(_, own) => &own.id,
        }
    }

    pub(super) fn name(self) -> &'p str {
        match self {
            Subject::Rule(rule) => &rule.name,
            Subject::Correlation(_, own) => &own.name,
        }
    }

    pub(super) fn file(self) -> &'p str {
        match self {
            Subject::Rule(rule) => &rule.origin.file,
            Subject::Correlation(_, own) => &own.origin.file,
        }
    }

    /// Names and lines of its tests.
    pub(super) fn tests(self) -> Vec<Test<'p>> {
        match self {
            Subject::Rule(rule) => rule.tests.iter().map(Test::Example).collect(),
            Subject::Correlation(_, own) => own.tests.iter().map(Test::Timed).collect(),
        }
    }

    /// As reports call it.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Subject::Rule(_) => "rule",
            Subject::Correlation(..) => "correlation",
        }
    }
}

/// A test as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Test<'p> {
    Example(&'p Example),
    Timed(&'p TimedExample),
}

impl<'p> Test<'p> {
    pub(super) fn name(self) -> &'p str {
        match self {
            Test::Example(test) => &test.name,
            Test::Timed(test) => &test.name,
        }
    }

    pub(super) fn expect(self) -> Expectation {
        match self {
            Test::Example(test) => test.expect,
            Test::Timed(test) => test.expect,
        }
    }

    pub(super) fn note(self) -> Option<&'p str> {
        match self {
            Test::Example(test) => test.note.as_deref(),
            Test::Timed(test) => test.note.as_deref(),
        }
    }

    pub(super) fn line(self) -> u32 {
        match self {
            Test::Example(test) => test.line,
            Test::Timed(test) => test.line,
        }
    }
}

/// A test that is to be tried.
pub(super) struct Trial<'p> {
    pub(super) subject: Subject<'p>,
    pub(super) test: Test<'p>,
    /// The whole events: the last is judged.
    pub(super) events: Vec<Prepared>,
}

/// An event of a test.
pub(super) struct Prepared {
    /// All of it, as JSON.
    pub(super) json: String,
    /// The part of the correlation that is to have found it, whatever it holds.
    pub(super) part: Option<usize>,
}

impl Trial<'_> {
    /// What the test is called.
    pub(super) fn name(&self) -> String {
        format!("{} / {}", self.subject.name(), self.test.name())
    }

    /// Where it stands.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.subject.file(), self.test.line())
    }
}

/// Makes tests ready to run, knowing what their rules look at.
pub(super) struct Stage<'p> {
    rules: HashMap<&'p str, &'p Rule>,
    set: &'p Correlations,
}

impl<'p> Stage<'p> {
    pub(super) fn new(rules: &'p [Rule], set: &'p Correlations) -> Stage<'p> {
        Stage { rules: rules.iter().map(|rule| (rule.id.as_str(), rule)).collect(), set }
    }

    /// The trial of a test; the number tells its events from those of others.
    pub(super) fn trial(&self, subject: Subject<'p>, test: Test<'p>, number: usize) -> Trial<'p> {
        let events = match (subject, test) {
            (Subject::Correlation(_, own), Test::Timed(test)) => self.timed(own, test, number),
            (Subject::Rule(rule), Test::Example(test)) => simple(rule, test, number),
            // Tests come from their subjects.
            _ => Vec::new(),
        };
        Trial { subject, test, events }
    }

    fn timed(&self, own: &Correlation, test: &TimedExample, number: usize) -> Vec<Prepared> {
        let event = |(timed, before): (&crate::rule::correlation::TimedEvent, usize)| {
            let offset = i64::try_from(timed.offset_ms).unwrap_or(i64::MAX);
            let types = match timed.part.and_then(|part| own.parts.get(part)) {
                Some(part) => self.types(&part.id),
                None => self.types(&own.id),
            };
            let kind = if types.is_empty() || types.contains(&USUAL) { USUAL } else { types[0] };
            let mut event = Filling::new(&timed.event);
            event.fill_usual((number, before), NOW_MS.saturating_add(offset), kind);
            let parts = timed.part.map_or(0..own.parts.len(), |part| part..part + 1);
            for part in parts {
                own.keys
                    .iter()
                    .for_each(|key| self.fill_key(&mut event, &own.parts[part].id, key.field(part)));
            }
            Prepared { json: event.finish(), part: timed.part }
        };
        test.events.iter().zip(0..).map(event).collect()
    }

    /// The types of events that a rule looks at, or the rules of a correlation; none for all.
    fn types(&self, id: &str) -> Vec<&str> {
        if let Some(rule) = self.rules.get(id) {
            return rule.event_types.iter().map(String::as_str).collect();
        }
        let Some(compiled) = self.set.find(id) else { return Vec::new() };
        let parts: Vec<Vec<&str>> =
            compiled.correlation.parts.iter().map(|part| self.types(&part.id)).collect();
        if parts.iter().any(Vec::is_empty) { Vec::new() } else { parts.concat() }
    }

    /// Fills in a field that a part of a correlation is grouped by. Of what another correlation found it may be an alias: then that is
    /// the field of its first part.
    fn fill_key(&self, event: &mut Filling, part: &str, path: &str) {
        let segments: Vec<&str> = path.split('.').collect();
        // Those are made from others.
        if crate::event::DERIVED.iter().any(|(derived, _)| *derived == path) {
            return;
        }
        let stands_for = self.set.find(part).and_then(|child| {
            let key = child.correlation.keys.iter().find(|key| key.name == path && !key.fields.is_empty())?;
            Some((child.correlation.parts.first()?.id.as_str(), key.field(0)))
        });
        let value = match stands_for {
            Some((first, field)) => {
                self.fill_key(event, first, field);
                event.value(&field.split('.').collect::<Vec<_>>())
            }
            None => None,
        };
        event.fill(&segments, || value.unwrap_or_else(|| json!(format!("test-{}", path.replace('.', "-")))));
    }
}

fn simple(rule: &Rule, test: &Example, number: usize) -> Vec<Prepared> {
    let types = &rule.event_types;
    let kind =
        if types.iter().any(|own| own == USUAL) { USUAL } else { types.first().map_or(USUAL, |own| own) };
    let event = |(written, before): (&Value, usize)| {
        let mut event = Filling::new(written);
        event.fill_usual((number, before), NOW_MS, kind);
        Prepared { json: event.finish(), part: None }
    };
    test.before.iter().chain([&test.event]).zip(0..).map(event).collect()
}

/// An event that is being filled in.
struct Filling(Map<String, Value>);

impl Filling {
    fn new(written: &Value) -> Filling {
        let mut event = Map::new();
        for (path, value) in written.as_object().into_iter().flatten() {
            let segments: Vec<_> = path.split('.').collect();
            insert(&mut event, &segments, value.clone());
        }
        Filling(event)
    }

    /// Fills in what every event has. The number is that of the example, and of the event in it.
    fn fill_usual(&mut self, (example, before): (usize, usize), time: i64, kind: &str) {
        let id =
            if before == 0 { format!("test-{example}") } else { format!("test-{example}-{}", before + 1) };
        self.fill(&["id"], || json!(id));
        self.fill(&["time"], || json!(rfc3339(time)));
        self.fill(&["type"], || json!(kind));
        self.fill(&["platform"], || json!("test"));
        for who in ["sender", "recipient", "room"] {
            self.fill(&[who, "id"], || json!(format!("test-{who}")));
        }
    }

    fn fill(&mut self, path: &[&str], value: impl FnOnce() -> Value) {
        if !holds(&self.0, path) {
            insert(&mut self.0, path, value());
        }
    }

    fn value(&self, path: &[&str]) -> Option<Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |value, segment| value.get(*segment)).cloned()
    }

    fn finish(self) -> String {
        Value::Object(self.0).to_string()
    }
}

fn holds(object: &Map<String, Value>, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    match object.get(*first) {
        Some(Value::Object(inner)) => holds(inner, rest),
        other => other.is_some(),
    }
}

/// Puts a value at a path; what stands in its way stays.
fn insert(object: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            object.entry(*last).or_insert(value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
