//! The tests that a correlation ships: events in time.
//!
//! ```yaml
//! - name: in order
//!   expect: match
//!   events: [{offset: 0s, text: "how old are you?"}, {offset: 5m, rule: ask_secret}]
//! ```

use super::read::Name;
use super::resolve::Parts;
use super::{TimedEvent, TimedExample};
use crate::rule::codes::Code;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::model::Expectation;
use crate::rule::reader::Reader;
use crate::rule::syntax::{Entry, Kind, Node};
use crate::rule::{example, strange, timespan};
use serde_json::Value;

const KEYS: &[&str] = &["name", "expect", "note", "events"];

/// A test whose rules are still names.
pub(super) struct Timed {
    name: String,
    expect: Expectation,
    note: Option<String>,
    events: Vec<(u64, Option<Name>, Value)>,
    line: u32,
}

/// Reads the list of tests; those that cannot be run are reported and left out.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<Timed> {
    let Some(items) = reader.items(node, "`tests`") else { return Vec::new() };
    example::names_once(reader, items);
    (1u32..).zip(items).filter_map(|(number, item)| timed(reader, number, item)).collect()
}

fn timed(reader: &mut Reader<'_>, number: u32, node: &Node) -> Option<Timed> {
    let entries = reader.map(node, "a test")?;
    let mut name = format!("test {number}");
    let (mut expect, mut why, mut events) = (None, None, None);
    for entry in entries {
        match &*entry.key.text {
            "name" => reader.text(&entry.value, "`name`")?.clone_into(&mut name),
            "expect" => expect = Some(example::expectation(reader, &entry.value)),
            "note" => why = reader.text(&entry.value, "`note`").map(str::to_owned),
            "events" => events = Some(self::events(reader, &entry.value)),
            "event" => {
                let message = "a correlation's test has `events`, each with its `offset`";
                reader.error(Code::BadTest, entry.key.span, message);
                events = Some(None);
            }
            _ => reader.unknown_key(entry, "a test", KEYS),
        }
    }
    for (key, missing) in [("expect", expect.is_none()), ("events", events.is_none())] {
        if missing {
            let found = Diagnostic::new(Code::BadTest, node.span, format!("the test has no `{key}`"));
            reader.push(found.help(
                "a correlation's test is `{name: …, expect: match, events: [{offset: 0s, text: …}, {offset: 5m, text: …}]}`",
            ));
        }
    }
    let line = reader.map.position(node.span).line;
    let (expect, events) = (expect??, events??);
    if expect.is_known() && !entries.iter().any(|entry| &*entry.key.text == "note") {
        example::unexplained(reader, node, expect);
    }
    Some(Timed { name, expect, note: why, events, line })
}

fn events(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<(u64, Option<Name>, Value)>> {
    let items = reader.items(node, "`events`")?;
    if items.is_empty() {
        reader.error(Code::BadTest, node.span, "the test has no event");
    }
    let mut sound = !items.is_empty();
    let mut events: Vec<(u64, Option<Name>, Value)> = Vec::new();
    for item in items {
        let Some(event) = event(reader, item) else {
            sound = false;
            continue;
        };
        if events.last().is_some_and(|(before, ..)| *before > event.0) {
            let found =
                Diagnostic::new(Code::BadTest, item.span, "this event is earlier than the one before it");
            reader.push(found.help("events stand in the order in which they come: offsets do not fall"));
            sound = false;
        }
        events.push(event);
    }
    sound.then_some(events)
}

fn event(reader: &mut Reader<'_>, node: &Node) -> Option<(u64, Option<Name>, Value)> {
    let entries = reader.map(node, "an event")?;
    let find = |key| entries.iter().find(|entry: &&Entry| &*entry.key.text == key).map(|entry| &entry.value);
    let Some(offset) = find("offset") else {
        let found = Diagnostic::new(Code::BadTest, node.span, "the event has no `offset`");
        reader.push(
            found.help("it says when the event comes after the test's beginning, such as `offset: 0s`"),
        );
        return None;
    };
    let offset = timespan::unbounded(reader, offset, "`offset`");
    let rule = match find("rule") {
        Some(node) => {
            let text = reader.text(node, "`rule`")?.to_owned();
            Some(Name { text, span: node.span })
        }
        None => None,
    };
    let own = entries.iter().filter(|entry| !matches!(&*entry.key.text, "offset" | "rule"));
    let event = Node { span: node.span, kind: Kind::Map(own.cloned().collect()) };
    strange::fields(reader, &event);
    Some((offset?, rule, example::json(&event)))
}

/// The tests with their rules looked up. One that names a stranger is reported and left out.
pub(super) fn resolved(reader: &mut Reader<'_>, tests: Vec<Timed>, parts: &Parts<'_>) -> Vec<TimedExample> {
    let of = |reader: &mut Reader<'_>, (offset_ms, rule, event): (u64, Option<Name>, Value)| {
        let part = match rule {
            Some(name) => Some(part(reader, &name, parts)?),
            None => None,
        };
        Some(TimedEvent { offset_ms, part, event })
    };
    let test = |test: Timed| {
        let Timed { name, expect, note, events, line } = test;
        let events: Vec<_> = events.into_iter().map(|event| of(reader, event)).collect();
        let events = events.into_iter().collect::<Option<_>>()?;
        Some(TimedExample { name, expect, note, events, line })
    };
    tests.into_iter().filter_map(test).collect()
}

fn part(reader: &mut Reader<'_>, name: &Name, parts: &Parts<'_>) -> Option<usize> {
    let part = parts.find(&name.text);
    if part.is_none() {
        reader.push(parts.stranger(Code::BadTest, name));
    }
    part
}
