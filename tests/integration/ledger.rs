//! The books: what must have been published for a trace against what was, record by record.
//!
//! Exactly once is a statement about every input record, so nothing here is a count alone: each flag and
//! each dead letter is looked up by the position that it names, and what is missing, doubled or made up is
//! listed.

use super::broker::Stored;
use super::site::Outputs;
use super::trace::{Fate, Trace};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The rule of [`super::trace::RULES`] whose flags go to the shadow topic.
const SHADOW_RULE: &str = "crimson_box";

/// What a delivery promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Nothing is lost and nothing doubled.
    ExactlyOnce,
    /// Nothing is lost; what is doubled is the same, byte for byte.
    AtLeastOnce,
}

/// A flag's input record and its rule.
pub(crate) type Key = (i32, i64, String);

/// Flags by what they are about.
pub(crate) type Flags = BTreeMap<Key, Value>;

/// Holds `outputs` against `trace`: every flag and dead letter that must be there is there as often as
/// promised, each on its own topic, dead letters with their bytes and key untouched, and nothing else.
/// Gives all flags.
pub(crate) fn audit(trace: &Trace, outputs: &Outputs, promise: Promise) -> Flags {
    let mut problems = Vec::new();
    let mut flags = Flags::new();
    for (records, shadow) in [(&outputs.flags, false), (&outputs.shadow, true)] {
        for record in records {
            let (key, flag) = flag(record);
            if (key.2 == SHADOW_RULE) != shadow {
                problems.push(format!("on the wrong topic: {key:?}"));
            }
            if let Some(other) = flags.insert(key.clone(), flag)
                && (promise == Promise::ExactlyOnce || other != flags[&key])
            {
                problems.push(format!("flag doubled: {key:?}"));
            }
        }
    }
    let due: BTreeSet<Key> = due_flags(trace).collect();
    problems.extend(difference("flag", &due, &flags.keys().cloned().collect()));
    problems.extend(audit_dead(trace, &outputs.dead, promise));
    report(&problems);
    flags
}

/// Holds the flags of a run against those of a scan of the same events, which must differ in nothing but
/// where the events lay. `scanned` are the scan's lines; the files are named by their partitions.
pub(crate) fn compare_with_scan(run: &Flags, scanned: &str) {
    let mut problems = Vec::new();
    let mut scan = Flags::new();
    for line in scanned.lines() {
        let flag: Value = serde_json::from_str(line).expect("scan writes JSON Lines");
        let key = scan_key(&flag);
        if scan.insert(key.clone(), flag).is_some() {
            problems.push(format!("scan doubled {key:?}"));
        }
    }
    problems.extend(difference(
        "flag of the scan",
        &scan.keys().cloned().collect(),
        &run.keys().cloned().collect(),
    ));
    for (key, flag) in run {
        if let Some(other) = scan.get(key)
            && essence(flag) != essence(other)
        {
            problems.push(format!("differs: {key:?}\n  run  {}\n  scan {}", essence(flag), essence(other)));
        }
    }
    report(&problems);
}

/// A flag with its key, from its record.
pub(crate) fn flag(record: &Stored) -> (Key, Value) {
    let flag = record.json();
    (key(&flag), flag)
}

fn key(flag: &Value) -> Key {
    let source = &flag["source"];
    let partition = source["partition"].as_i64().and_then(|partition| i32::try_from(partition).ok());
    let offset = source["offset"].as_i64();
    let rule = flag["rule"]["name"].as_str();
    (partition.expect("a partition"), offset.expect("an offset"), rule.expect("a rule").to_owned())
}

/// A file is called after its partition, and its lines count from 1.
fn scan_key(flag: &Value) -> Key {
    let path = flag["source"]["topic"].as_str().expect("a path");
    let name = path.rsplit('/').next().unwrap_or_default();
    let partition = name.trim_start_matches('p').trim_end_matches(".jsonl").parse();
    let (_, line, rule) = key(flag);
    (partition.expect("a file named by its partition"), line - 1, rule)
}

/// What must be equal in a run and a scan. Where an event has no id, its identity is its position; where it
/// has no time of its own, its time is the reader's.
fn essence(flag: &Value) -> Value {
    let mut flag = flag.clone();
    let anonymous = flag["source"]["event_id"].as_str().is_none_or(|id| id.contains("]@"));
    let timeless = flag["time_source"] != "event";
    let strip = |value: &mut Value, names: &[&str]| {
        if let Some(object) = value.as_object_mut() {
            object.retain(|name, _| !names.contains(&name.as_str()));
        }
    };
    let place: &[&str] = if anonymous {
        &["topic", "partition", "offset", "event_id"]
    } else {
        &["topic", "partition", "offset"]
    };
    strip(&mut flag["source"], place);
    for evidence in flag["evidence"].as_array_mut().into_iter().flatten() {
        strip(&mut evidence["source"], place);
        if anonymous {
            strip(evidence, &["event_id"]);
        }
    }
    if anonymous {
        strip(&mut flag, &["flag_id", "case_id"]);
    }
    if timeless {
        strip(&mut flag, &["time", "time_source"]);
    }
    flag
}

fn due_flags(trace: &Trace) -> impl Iterator<Item = Key> {
    trace.fates.iter().flat_map(|((partition, offset), fate)| {
        let rules: &[&str] = if let Fate::Flags(rules) = fate { rules } else { &[] };
        rules.iter().map(|rule| (*partition, *offset, (*rule).to_owned()))
    })
}

fn audit_dead(trace: &Trace, dead: &[Stored], promise: Promise) -> Vec<String> {
    let mut problems = Vec::new();
    let mut sources = BTreeMap::new();
    let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
    for input in &trace.inputs {
        let end = ends.entry(input.partition).or_default();
        sources.insert((input.partition, *end), input);
        *end += 1;
    }
    let mut seen = BTreeSet::new();
    for letter in dead {
        let number = |name| letter.header(name).and_then(|value| value.parse::<i64>().ok());
        let partition = number("wardline.partition").and_then(|partition| i32::try_from(partition).ok());
        let place =
            (partition.expect("a partition header"), number("wardline.offset").expect("an offset header"));
        if !seen.insert(place) && promise == Promise::ExactlyOnce {
            problems.push(format!("dead letter doubled: {place:?}"));
        }
        let same = sources.get(&place).is_some_and(|input| {
            input.key == letter.key && bytes(input.payload.as_ref()) == bytes(letter.payload.as_ref())
        });
        if !same {
            problems.push(format!("dead letter is not its record: {place:?}"));
        }
        if letter.header("wardline.error").is_none_or(str::is_empty) {
            problems.push(format!("dead letter without a reason: {place:?}"));
        }
    }
    let due = trace.fates.iter().filter(|(_, fate)| **fate == Fate::Dead).map(|(place, _)| *place);
    problems.extend(difference("dead letter", &due.collect(), &seen));
    problems
}

/// An empty value and none are the same to a dead letter's reader.
fn bytes(payload: Option<&Vec<u8>>) -> &[u8] {
    payload.map(Vec::as_slice).unwrap_or_default()
}

fn difference<T: Ord + std::fmt::Debug>(what: &str, due: &BTreeSet<T>, found: &BTreeSet<T>) -> Vec<String> {
    let missing = due.difference(found).map(|key| format!("{what} missing: {key:?}"));
    let extra = found.difference(due).map(|key| format!("{what} not due: {key:?}"));
    missing.chain(extra).collect()
}

fn report(problems: &[String]) {
    let shown = &problems[..problems.len().min(20)];
    assert!(problems.is_empty(), "{} problems, the first:\n{}", problems.len(), shown.join("\n"));
}
