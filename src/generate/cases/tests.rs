//! Traces as a whole: their order, their labels, and that events do not give away what only labels may say.

use super::*;
use crate::truth::{self, Truth};
use serde_json::Value;
use std::collections::BTreeMap;

/// A trace and its truth.
struct Trace {
    events: Vec<Value>,
    made: Vec<Made>,
    bytes: Vec<u8>,
    truth: Truth,
    labels: Vec<u8>,
    most_open: usize,
}

fn trace(settings: &Settings) -> Trace {
    trace_with(settings, Given::default())
}

fn trace_with(settings: &Settings, given: Given) -> Trace {
    let mut cases = Cases::new(settings, given).expect("valid settings");
    let (mut bytes, mut labels) = (Vec::new(), Vec::new());
    let (mut events, mut made, mut most_open) = (Vec::new(), Vec::new(), 0);
    let mut event = Vec::new();
    while let Some(one) = cases.next_into(&mut event, &mut labels) {
        events.push(serde_json::from_slice(&event).expect("an event is JSON"));
        made.push(one);
        bytes.append(&mut event);
        bytes.push(b'\n');
        most_open = most_open.max(cases.open());
    }
    let mut reader = truth::Reader::default();
    labels.split(|byte| *byte == b'\n').for_each(|line| reader.line(line));
    let truth = reader.finish().expect("the labels are in order");
    Trace { events, made, bytes, truth, labels, most_open }
}

fn many() -> Settings {
    Settings { length: Length::Cases(1_500), risky: 0.4, ..Settings::default() }
}

impl Trace {
    fn case_of(&self, event: &Value) -> &truth::KnownCase {
        let id = |path| event.pointer(path).and_then(Value::as_str);
        let case = self.truth.case_of(id("/id"), id("/session/id"), id("/room/id"));
        self.truth.case(case.unwrap_or_else(|| panic!("nobody's event: {event}")))
    }
}

#[test]
fn the_same_settings_make_the_same_trace() {
    let settings = many();
    let (one, two) = (trace(&settings), trace(&settings));
    assert!(one.bytes == two.bytes && one.labels == two.labels);
    let other = trace(&Settings { seed: 2, ..settings });
    assert!(one.bytes != other.bytes);
}

#[test]
fn events_are_in_the_order_of_time_and_cases_overlap() {
    let trace = trace(&many());
    assert!(trace.made.is_sorted_by_key(|made| made.time_ms));
    for (event, made) in trace.events.iter().zip(&trace.made) {
        let time: jiff::Timestamp = event["time"].as_str().expect("a text").parse().expect("RFC 3339");
        assert_eq!(time.as_millisecond(), made.time_ms);
        if let Some(room) = event.pointer("/room/id") {
            assert_eq!(*room, made.key.to_string());
        }
    }
    assert!(trace.most_open > 100, "{}", trace.most_open);
}

#[test]
fn the_truth_of_every_case_is_complete() {
    let trace = trace(&many());
    let mut found: BTreeMap<&str, Vec<(i64, Option<&str>)>> = BTreeMap::new();
    for (event, made) in trace.events.iter().zip(&trace.made) {
        let case = trace.case_of(event);
        let stage = trace.truth.event(event["id"].as_str().expect("a text"));
        let stage = stage.and_then(|known| known.stage.as_deref());
        found.entry(&case.label.case).or_default().push((made.time_ms, stage));
    }
    assert_eq!(found.len(), trace.truth.cases().len());
    for case in trace.truth.cases() {
        let (label, events) = (&case.label, &found[&*case.label.case]);
        assert_eq!(events.len() as u64, label.events, "{label:?}");
        assert_eq!(events.first().map(|(time, _)| *time), case.start_ms, "{label:?}");
        let first = events.iter().find(|(_, stage)| stage.is_some()).map(|(time, _)| *time);
        assert_eq!(first, case.first_risk_ms, "{label:?}");
        assert_eq!(label.risk, first.is_some() && case.harm_ms.is_some(), "{label:?}");
        assert!(first <= case.harm_ms, "{label:?}");
    }
}
