//! Traces as a whole: their order, their labels, and that events do not give away what only labels may say.

use super::kinds::Indicator;
use super::*;
use crate::truth::{self, Truth};
use serde_json::Value;
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

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

fn settings(cases: u64) -> Settings {
    Settings { length: Length::Cases(cases), risky: 0.4, ..Settings::default() }
}

/// A trace of many cases, made once for all tests that only look at it.
static MANY: LazyLock<Trace> = LazyLock::new(|| trace(&settings(900)));

impl Trace {
    fn case_of(&self, event: &Value) -> &truth::KnownCase {
        let id = |path| event.pointer(path).and_then(Value::as_str);
        let case = self.truth.case_of(id("/id"), id("/session/id"), id("/room/id"));
        self.truth.case(case.unwrap_or_else(|| panic!("nobody's event: {event}")))
    }
}

#[test]
fn the_same_settings_make_the_same_trace() {
    let settings = settings(100);
    let (one, two) = (trace(&settings), trace(&settings));
    assert!(one.bytes == two.bytes && one.labels == two.labels);
    let other = trace(&Settings { seed: 2, ..settings });
    assert!(one.bytes != other.bytes);
}

#[test]
fn events_are_in_the_order_of_time_and_cases_overlap() {
    let trace = &*MANY;
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
    let trace = &*MANY;
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

#[test]
fn shares_are_as_stated_and_everything_occurs() {
    let trace = &*MANY;
    let mut seen: BTreeMap<(bool, &str), u64> = BTreeMap::new();
    for case in trace.truth.cases() {
        let label = &case.label;
        for what in [&label.kind, &label.language, &label.style] {
            *seen.entry((label.risk, what)).or_default() += 1;
        }
        *seen.entry((label.risk, "all")).or_default() += 1;
    }
    let risky = seen[&(true, "all")];
    // Five standard deviations.
    assert!((287..433).contains(&risky), "{risky} of 900, and 40 % were asked for");
    let kinds = Kind::BENIGN.map(|kind| (false, kind.name()));
    let kinds = kinds.into_iter().chain(Kind::RISKY.map(|kind| (true, kind.name())));
    let both = |name: &'static str| [(false, name), (true, name)];
    let languages = Language::ALL.into_iter().flat_map(|language| both(language.tag()));
    let styles = Style::ALL.map(|style| (true, style.name()));
    for wanted in kinds.chain(languages).chain(styles).chain(both("plain")) {
        assert!(seen.get(&wanted).is_some_and(|count| *count > 0), "{wanted:?}: {:?}", seen.get(&wanted));
    }
}

#[test]
fn every_indicator_and_type_of_event_occurs() {
    let trace = &*MANY;
    let mut stages = BTreeSet::new();
    let mut resembled = BTreeSet::new();
    for event in &trace.events {
        let known = trace.truth.event(event["id"].as_str().expect("a text"));
        stages.extend(known.and_then(|known| known.stage.as_deref()));
        resembled.extend(known.and_then(|known| known.resembles.as_deref()));
    }
    for indicator in Indicator::SAID {
        assert!(stages.contains(indicator.name()) && resembled.contains(indicator.name()), "{indicator:?}");
    }
    assert!(["m1", "m3", "m4", "m5", "m7", "m8"].iter().all(|name| stages.contains(name)), "{stages:?}");
    assert!(["m1", "m4", "m5", "m8"].iter().all(|name| resembled.contains(name)), "{resembled:?}");
    let types: BTreeSet<_> = trace.events.iter().filter_map(|event| event["type"].as_str()).collect();
    let expected = [
        "call.started",
        "chat.deleted",
        "chat.message",
        "gift",
        "payment",
        "recording.state",
        "session.ended",
        "session.started",
        "transcript.segment",
        "viewer.joined",
        "viewer.left",
        "visibility.changed",
    ];
    assert_eq!(types, expected.into());
}

/// How often a field is there, and what it says, in messages between two of risky cases and of others: alike enough that neither
/// is a label.
#[test]
fn no_field_gives_the_label_away() {
    let trace = &*MANY;
    let mut counts: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    let mut all = [0.0; 2];
    let direct = |event: &&Value| event["type"] == "chat.message" && event["room"]["kind"] == "direct";
    for event in trace.events.iter().filter(direct) {
        let side = usize::from(trace.case_of(event).label.risk);
        all[side] += 1.0;
        for trait_of in traits(event) {
            counts.entry(trait_of).or_default()[side] += 1.0;
        }
    }
    for (trait_of, [harmless, risky]) in counts {
        let [harmless, risky] = [harmless / all[0], risky / all[1]];
        let allowed = if trait_of.contains('=') { 0.25 } else { 0.1 };
        assert!((harmless - risky).abs() < allowed, "{trait_of}: {harmless:.2} harmless, {risky:.2} risky");
        assert!(harmless > 0.001 || risky < 0.01, "only risky cases have {trait_of}");
    }
}

fn traits(event: &Value) -> BTreeSet<String> {
    let mut traits = BTreeSet::new();
    for role in ["sender", "recipient", "room", "session"] {
        for (field, value) in
            event[role].as_object().into_iter().flatten().filter(|(field, _)| *field != "id")
        {
            traits.insert(format!("{role}.{field}"));
            match value {
                Value::String(text) if !matches!(field.as_str(), "name" | "topic") => {
                    traits.insert(format!("{role}.{field}={text}"));
                }
                Value::Number(number) if field == "account_age_days" => {
                    traits.insert(format!("{role}.new={}", number.as_i64() < Some(30)));
                }
                _ => {}
            }
        }
    }
    traits.extend(event.get("lang").map(|_| "lang".to_owned()));
    for id in ["/sender/id", "/room/id"] {
        let digits = event
            .pointer(id)
            .and_then(Value::as_str)
            .map_or("", |id| id.trim_start_matches(char::is_alphabetic));
        let number: u64 = digits.parse().expect("a number");
        traits.insert(format!("{id} mod 4={}", number % 4));
        traits.insert(format!("{id} above half={}", number >> 39));
    }
    traits
}

#[test]
fn events_are_numbered_as_they_come_and_never_named_after_their_case() {
    for (number, event) in MANY.events.iter().enumerate() {
        assert_eq!(event["id"], format!("e{number}"));
        assert!(event.get("case").is_none() && event.get("label").is_none());
    }
}

#[test]
fn memory_is_that_of_the_open_cases() {
    let settings = Settings { length: Length::Events(60_000), days: Some(30.0), ..Settings::default() };
    let mut cases = Cases::new(&settings, Given::default()).expect("valid settings");
    let (mut event, mut labels, mut made, mut most) = (Vec::new(), Vec::new(), 0_u64, 0);
    while cases.next_into(&mut event, &mut labels).is_some() {
        made += 1;
        most = most.max(cases.open());
        event.clear();
        labels.clear();
    }
    assert!((60_000..61_000).contains(&made), "{made}");
    assert!(
        most < 200 && cases.schedule.places() <= most + 1,
        "{most} open, {} places",
        cases.schedule.places()
    );
    assert_eq!(cases.open(), 0);
}

#[test]
fn what_is_given_is_said_in_harmless_cases() {
    let mut given = Given::default();
    for number in 0..40 {
        given.line(&format!(
            r#"{{"room":{{"id":"{number}"}},"sender":{{"id":"a"}},"text":"given \"{number}\""}}"#
        ));
        given.line(&format!(r#"{{"room":{{"id":"{number}"}},"sender":{{"id":"b"}},"text":"answer"}}"#));
    }
    let trace = trace_with(&Settings { length: Length::Cases(400), ..Settings::default() }, given);
    let kinds = trace.truth.cases().iter().filter(|case| case.label.kind == "given");
    assert_eq!(kinds.clone().filter(|case| !case.label.risk && case.label.events == 2).count(), 40);
    assert_eq!(kinds.count(), 40);
    let said = |wanted| trace.events.iter().filter(|event| event["text"] == wanted).count();
    assert_eq!((said("given \"7\""), said("answer")), (1, 40));
}

#[test]
fn styles_are_as_asked_for() {
    for styles in [Styles::Plain, Styles::One(Style::Leet), Styles::Any] {
        let trace = trace(&Settings { styles, ..settings(150) });
        let risky =
            trace.truth.cases().iter().filter(|case| case.label.risk && case.label.kind != "metadata");
        let names: BTreeSet<_> = risky.map(|case| &*case.label.style).collect();
        match styles {
            Styles::Plain => assert_eq!(names, ["plain"].into()),
            Styles::One(style) => assert_eq!(names, [style.name()].into()),
            _ => assert!(names.len() == Style::ALL.len() && !names.contains("plain"), "{names:?}"),
        }
    }
}

/// Messages of harmless cases, and how many of them look like an indicator.
fn look_alikes(look_alikes: f64) -> (usize, usize) {
    let trace = trace(&Settings { risky: 0.0, look_alikes, ..settings(400) });
    let messages = trace.events.iter().filter(|event| event.get("text").is_some());
    let alike = messages.clone().filter(|event| {
        let known = trace.truth.event(event["id"].as_str().expect("a text"));
        known.is_some_and(|known| known.resembles.is_some())
    });
    (messages.count(), alike.count())
}

#[test]
fn as_much_looks_alike_as_is_asked_for() {
    assert_eq!(look_alikes(0.0).1, 0);
    let (messages, alike) = look_alikes(0.1);
    // Kinds of talk have half as many or twice, so how many there are in all depends on which kinds are drawn.
    assert!((messages * 7 / 100..messages * 14 / 100).contains(&alike), "{alike} of {messages}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let default = Settings::default;
    let cases = [
        (Settings { risky: 1.5, ..default() }, SettingsError::Share),
        (Settings { risky: f64::NAN, ..default() }, SettingsError::Share),
        (Settings { given: -0.1, ..default() }, SettingsError::Share),
        (Settings { look_alikes: 2.0, ..default() }, SettingsError::Share),
        (Settings { languages: Vec::new(), ..default() }, SettingsError::Languages),
        (Settings { days: Some(0.0), ..default() }, SettingsError::Days),
        (Settings { days: Some(f64::NAN), ..default() }, SettingsError::Days),
        (Settings { days: Some(1e9), ..default() }, SettingsError::Days),
        (Settings { length: Length::Cases(u64::MAX), ..default() }, SettingsError::Length),
    ];
    for (settings, expected) in cases {
        assert_eq!(Cases::new(&settings, Given::default()).err(), Some(expected), "{settings:?}");
    }
    let none = Settings { length: Length::Cases(0), ..default() };
    assert!(trace(&none).events.is_empty());
}

/// Whoever changes texts or draws changes every trace; this says so.
#[test]
fn a_small_trace_is_pinned() {
    let trace = trace(&Settings { length: Length::Cases(60), risky: 0.2, ..Settings::default() });
    let digest = |bytes: &[u8]| {
        let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
        digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    };
    let pinned = include_str!("pinned.sha256").trim();
    let found = format!("{}\n{}", digest(&trace.bytes), digest(&trace.labels));
    assert_eq!(found, pinned, "the trace has changed; if that is meant, write this into cases/pinned.sha256");
}
