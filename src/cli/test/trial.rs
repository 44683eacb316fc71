//! A rule's test made ready to run: its events with all that they leave out.
//!
//! What is filled in is equal in every test, so that a test states only what matters to it.

use crate::flag::rfc3339;
use crate::rule::model::{Example, Rule};
use serde_json::{Map, Value, json};

/// Time of an example that states none: 2026-01-01T12:00:00Z.
pub(super) const NOW_MS: i64 = 1_767_268_800_000;

/// What the clock shows: 2100-01-01T00:00:00Z, so that an example may happen whenever it says.
pub(super) const CLOCK_MS: i64 = 4_102_444_800_000;

/// A test that is to be tried.
pub(super) struct Trial<'p> {
    pub(super) rule: &'p Rule,
    pub(super) example: &'p Example,
    /// The whole events, as JSON: the last is judged.
    pub(super) events: Vec<String>,
}

impl<'p> Trial<'p> {
    /// The trial of an example of a rule; the number tells its events from those of others.
    pub(super) fn new(rule: &'p Rule, example: &'p Example, number: usize) -> Trial<'p> {
        let events = example.before.iter().chain([&example.event]).zip(0..);
        let events = events.map(|(event, before)| complete(rule, event, (number, before)).to_string());
        Trial { rule, example, events: events.collect() }
    }

    /// What the test is called.
    pub(super) fn name(&self) -> String {
        format!("{} / {}", self.rule.name, self.example.name)
    }

    /// Where it stands.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.rule.origin.file, self.example.line)
    }
}

/// An event of an example with all that it leaves out. The number is that of the example, and of the event in it.
fn complete(rule: &Rule, written: &Value, number: (usize, usize)) -> Value {
    let mut event = Map::new();
    for (path, value) in written.as_object().into_iter().flatten() {
        let segments: Vec<_> = path.split('.').collect();
        insert(&mut event, &segments, value.clone());
    }
    let mut fill = |path: &[&str], value: Value| {
        if !holds(&event, path) {
            insert(&mut event, path, value);
        }
    };
    let (example, before) = number;
    let id = if before == 0 { format!("test-{example}") } else { format!("test-{example}-{}", before + 1) };
    fill(&["id"], json!(id));
    fill(&["time"], json!(rfc3339(NOW_MS)));
    fill(&["type"], json!(event_type(rule)));
    fill(&["platform"], json!("test"));
    for who in ["sender", "recipient", "room"] {
        fill(&[who, "id"], json!(format!("test-{who}")));
    }
    Value::Object(event)
}

/// The type of an example that states none: one that its rule looks at.
fn event_type(rule: &Rule) -> &str {
    let usual = "chat.message";
    let types = &rule.event_types;
    if types.iter().any(|own| own == usual) { usual } else { types.first().map_or(usual, String::as_str) }
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
