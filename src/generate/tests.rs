//! What the generator promises: same bytes, exact labels, readable JSON, moving time.

use super::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

type Event = (Made, Vec<u8>);

fn events(settings: &Settings, count: u64) -> Vec<Event> {
    let mut generator = Generator::new(settings).expect("valid settings");
    let one = |_| {
        let mut bytes = Vec::new();
        let made = generator.next_into(&mut bytes);
        (made, bytes)
    };
    (0..count).map(one).collect()
}

fn json(bytes: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(bytes).ok()
}

#[test]
fn the_bundled_trace_is_pinned() {
    let mut digest = Sha256::new();
    for (_, bytes) in events(&Settings::bundled(), Settings::BUNDLED_EVENTS) {
        digest.update(&bytes);
        digest.update(b"\n");
    }
    let hex = digest.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert_eq!(hex, include_str!("bundled.sha256").trim(), "pinned in src/generate/bundled.sha256");
}

#[test]
fn another_seed_gives_other_events() {
    let other = Settings { seed: 2, ..Settings::default() };
    assert_ne!(events(&Settings::default(), 50), events(&other, 50));
}

#[test]
fn every_event_is_what_its_label_says() {
    let load = LoadTraffic { rules: LoadRules::new(1000, 1).expect("in range"), share: 0.05 };
    let settings = Settings { bad: 0.05, flagged: 0.05, load: Some(load), ..Settings::default() };
    for (made, bytes) in events(&settings, 20_000) {
        assert!(!bytes.contains(&b'\n') && !bytes.is_empty());
        let event = json(&bytes).filter(|event| event.get("type").is_some());
        assert_eq!(event.is_none(), made.label == Label::Broken, "{}", String::from_utf8_lossy(&bytes));
        let Some(event) = event else { continue };
        assert_eq!(event["room"]["id"], made.room.to_string());
        if let Label::Load(rule) = made.label {
            let text = event["text"].as_str().expect("a message");
            assert!(text.contains(&load.rules.phrase(rule)), "{text}");
        }
    }
}

#[test]
fn shares_are_as_stated() {
    let load = LoadTraffic { rules: LoadRules::new(10, 1).expect("in range"), share: 0.10 };
    let settings = Settings { bad: 0.01, flagged: 0.04, load: Some(load), ..Settings::default() };
    let mut counts = BTreeMap::<&str, i64>::new();
    for (made, _) in events(&settings, 50_000) {
        let kind = match made.label {
            Label::Benign => "benign",
            Label::Risk(_) => "risk",
            Label::Load(_) => "load",
            Label::Broken => "broken",
        };
        *counts.entry(kind).or_default() += 1;
    }
    for (kind, expected) in [("benign", 42_500), ("risk", 2_000), ("load", 5_000), ("broken", 500_i64)] {
        // Five standard deviations of a count of this size.
        let tolerance = 5 * expected.isqrt();
        assert!((counts[kind] - expected).abs() <= tolerance, "{kind}: {} for {expected}", counts[kind]);
    }
}

#[test]
fn the_trace_has_every_kind_of_record_and_interleaves_its_rooms() {
    let events = events(&Settings::bundled(), Settings::BUNDLED_EVENTS);
    let read: Vec<_> = events.iter().filter_map(|(_, bytes)| json(bytes)).collect();
    let kinds: BTreeSet<_> = read.iter().filter_map(|event| event["type"].as_str()).collect();
    for kind in [
        "chat.message",
        "chat.edited",
        "transcript.segment",
        "session.started",
        "session.ended",
        "gift",
        "payment",
    ] {
        assert!(kinds.contains(kind), "no {kind} in {kinds:?}");
    }
    let rooms: BTreeSet<_> = events.iter().take(100).map(|(made, _)| made.room).collect();
    assert!(rooms.len() > 50);
    let foreign = read.iter().filter_map(|event| event["text"].as_str()).filter(|text| !text.is_ascii());
    assert!(foreign.count() > 500);
    let behaviours: BTreeSet<_> = events
        .iter()
        .filter_map(|(made, _)| if let Label::Risk(behaviour) = made.label { Some(behaviour) } else { None })
        .collect();
    assert_eq!(behaviours, Behaviour::ALL.into());
}

#[test]
fn event_time_moves_at_the_rate() {
    let settings = Settings { rate: 4.0, bad: 0.0, start_ms: 1_767_225_600_000, ..Settings::default() };
    let times: Vec<_> = events(&settings, 5)
        .iter()
        .map(|(_, bytes)| json(bytes).expect("readable")["time"].clone())
        .collect();
    let second = |fraction: &str| format!("2026-01-01T00:00:{fraction}Z");
    assert_eq!(times, ["00.000", "00.250", "00.500", "00.750", "01.000"].map(second));
}

#[test]
fn the_greatest_rates_are_not_rounded() {
    let settings = Settings { rate: 7e8, bad: 0.0, ..Settings::default() };
    let mut generator = Generator::new(&settings).expect("in range");
    generator.made = 700_000_000;
    let mut event = Vec::new();
    generator.next_into(&mut event);
    assert!(json(&event).expect("readable")["time"].as_str().expect("a text").ends_with("00:00:00.999Z"));
}

#[test]
fn templates_name_known_slots_and_need_no_escaping() {
    let unknown = words::slot("no such slot");
    let templates = scene::templates().chain(behaviour::templates()).chain(load::templates());
    for template in templates {
        assert!(!template.contains(['"', '\\']) && !template.chars().any(char::is_control), "{template}");
        for slot in template.split('{').skip(1).filter_map(|rest| rest.split_once('}')) {
            assert_ne!(words::slot(slot.0), unknown, "{template}");
            assert!(words::slot(slot.0).iter().all(|word| !word.contains(['"', '\\'])));
        }
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    use SettingsError::{Rate, Share};
    let default = Settings::default;
    let cases = [
        (Settings { flagged: 1.5, ..default() }, Share),
        (Settings { flagged: -0.1, ..default() }, Share),
        (Settings { flagged: f64::NAN, ..default() }, Share),
        (Settings { flagged: 0.6, bad: 0.6, ..default() }, Share),
        (Settings { rate: 0.0, ..default() }, Rate),
        (Settings { rate: -5.0, ..default() }, Rate),
        (Settings { rate: f64::NAN, ..default() }, Rate),
        (Settings { rate: 1e12, ..default() }, Rate),
    ];
    for (settings, expected) in cases {
        assert_eq!(Generator::new(&settings).err(), Some(expected), "{settings:?}");
    }
}
