//! The tests that a rule ships: events, and whether the rule fires on them.

use super::codes::Code;
use super::correlation::Correlation;
use super::diagnostic::Diagnostic;
use super::model::{Example, Expectation, Rule, Status};
use super::reader::Reader;
use super::shape::{Key, Takes, names};
use super::source::Span;
use super::strange;
use super::syntax::{Entry, Kind, Node, Plain, Scalar};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// The keys of a test.
pub(super) const KEYS: &[Key] = &[
    ("name", Takes::Text, "What is tested, for people."),
    ("expect", Takes::Choice(EXPECTATIONS), "Whether the rule has to fire on the event, or must not."),
    ("note", Takes::Text, "What is the matter, of a `known-miss` or a `known-false-positive`."),
    ("event", Takes::Part("event"), "The event; what it leaves out is filled in."),
    (
        "events",
        Takes::Part("events"),
        "Several events, of which the last is judged: the others were written before.",
    ),
];
const EXPECTATIONS: &[&str] = &["match", "no-match", "known-miss", "known-false-positive"];

/// Reads the list of tests; those that cannot be run are reported and left out.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<Example> {
    let Some(items) = reader.items(node, "`tests`") else { return Vec::new() };
    names_once(reader, items);
    let numbered = (1u32..).zip(items);
    numbered.filter_map(|(number, item)| example(reader, number, item)).collect()
}

/// Tells of tests that have the name of one before them.
pub(super) fn names_once(reader: &mut Reader<'_>, tests: &[Node]) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for entry in tests.iter().filter_map(name_of) {
        let Some(name) = entry.scalar().map(|scalar| &*scalar.text) else { continue };
        if let Some(first) = seen.get(name) {
            let message = format!("another test of this rule is called `{name}`");
            let found =
                Diagnostic::new(Code::TestNameTwice, entry.span, message).related(*first, "first here");
            reader
                .push(found.help("reports tell tests apart by their names: say what is different about it"));
        } else {
            seen.insert(name, entry.span);
        }
    }
}

fn name_of(test: &Node) -> Option<&Node> {
    let Kind::Map(entries) = &test.kind else { return None };
    entries.iter().find(|entry| &*entry.key.text == "name").map(|entry| &entry.value)
}

/// Rules without tests. Of one that is only tried (`shadow`) or not in use nothing is said.
pub(crate) fn untested(rules: &[Rule]) -> impl Iterator<Item = Diagnostic> {
    let without = rules.iter().filter(|rule| rule.tests.is_empty() && is_in_earnest(rule.status));
    without.map(|rule| {
        let message = format!("the rule `{}` has no tests", rule.name);
        let found = Diagnostic::new(Code::NoTests, rule.origin.span, message);
        found
            .help("`tests: [{name: …, expect: match, event: {text: …}}]`, and one of what it should not find")
    })
}

/// The same of correlations.
pub(crate) fn untested_correlations(correlations: &[Correlation]) -> impl Iterator<Item = Diagnostic> {
    let without = correlations.iter().filter(|one| one.tests.is_empty() && is_in_earnest(one.status));
    without.map(|one| {
        let message = format!("the correlation `{}` has no tests", one.name);
        let found = Diagnostic::new(Code::NoTests, one.origin.span, message);
        found.help(
            "`tests: [{name: …, expect: match, events: [{offset: 0s, text: …}, {offset: 5m, text: …}]}]`, and one of what it should not find",
        )
    })
}

fn is_in_earnest(status: Status) -> bool {
    !matches!(status, Status::Shadow | Status::Retired)
}

fn example(reader: &mut Reader<'_>, number: u32, node: &Node) -> Option<Example> {
    let entries = reader.map(node, "a test")?;
    let mut name = format!("test {number}");
    let (mut expect, mut why, mut events) = (None, None, None);
    for entry in entries {
        match &*entry.key.text {
            "name" => reader.text(&entry.value, "`name`")?.clone_into(&mut name),
            "expect" => expect = Some(expectation(reader, &entry.value)),
            "note" => why = reader.text(&entry.value, "`note`").map(str::to_owned),
            "event" | "events" if events.is_some() => twice(reader, entry),
            "event" => events = Some(object(reader, &entry.value).map(|event| vec![event])),
            "events" => events = Some(objects(reader, &entry.value)),
            _ => reader.unknown_key(entry, "a test", &names(KEYS)),
        }
    }
    for (key, missing) in [("expect", expect.is_none()), ("event", events.is_none())] {
        if missing {
            let found = Diagnostic::new(Code::BadTest, node.span, format!("the test has no `{key}`"));
            reader.push(
                found.help("a test is `{name: …, expect: match, event: {text: …}}`, or `expect: no-match`"),
            );
        }
    }
    let line = reader.map.position(node.span).line;
    let (expect, mut before) = (expect??, events??);
    let event = before.pop()?;
    if expect.is_known() && !entries.iter().any(|entry| &*entry.key.text == "note") {
        unexplained(reader, node, expect);
    }
    Some(Example { name, expect, note: why, before, event, line })
}

fn twice(reader: &mut Reader<'_>, entry: &Entry) {
    let found = Diagnostic::new(Code::BadTest, entry.key.span, "the test has both `event` and `events`");
    reader.push(found.help("of several events the last is judged; write all of them into `events`"));
}

/// Events of which the last is judged.
fn objects(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Value>> {
    let items = reader.items(node, "`events`")?;
    if items.is_empty() {
        reader.error(Code::BadTest, node.span, "the test has no event");
        return None;
    }
    items.iter().map(|item| object(reader, item)).collect()
}

/// A known weak spot that does not say what is the matter: nobody will know when it may go.
pub(super) fn unexplained(reader: &mut Reader<'_>, node: &Node, expect: Expectation) {
    let message = format!("the test is a `{}` and does not say why", expect.name());
    let found = Diagnostic::new(Code::NoNote, node.span, message);
    reader.push(found.help("a `note` says what is the matter, such as `note: needs the view joined`"));
}

pub(super) fn expectation(reader: &mut Reader<'_>, node: &Node) -> Option<Expectation> {
    reader.choice(node, "`expect`", &Expectation::ALL.map(Expectation::name), Expectation::from_name)
}

fn object(reader: &mut Reader<'_>, node: &Node) -> Option<Value> {
    for entry in reader.map(node, "`event`")? {
        let Some((field, _)) = entry.key.text.split_once('|') else { continue };
        let message = format!("an event has values, and no modifiers as in `{}`", entry.key.text);
        let found = Diagnostic::new(Code::BadTest, entry.key.span, message);
        reader.push(found.fix(entry.key.span, field, "name the field alone"));
    }
    strange::fields(reader, node);
    Some(json(node))
}

/// A node as JSON; unquoted scalars by YAML 1.2's core schema.
pub(super) fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar(scalar) => scalar_json(scalar),
        Kind::Sequence(items) => Value::Array(items.iter().map(json).collect()),
        Kind::Map(entries) => {
            let entries = entries.iter().map(|entry| (entry.key.text.to_string(), json(&entry.value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn scalar_json(scalar: &Scalar) -> Value {
    match scalar.plain() {
        Plain::Null => Value::Null,
        Plain::Bool(value) => Value::Bool(value),
        Plain::Number => number(&scalar.text).map_or_else(|| scalar.text.to_string().into(), Value::Number),
        Plain::Text => scalar.text.to_string().into(),
    }
}

fn number(text: &str) -> Option<Number> {
    let whole = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = whole.parse::<i64>() {
        return Some(number.into());
    }
    whole.parse::<u64>().ok().map(Number::from).or_else(|| Number::from_f64(whole.parse().ok()?))
}
