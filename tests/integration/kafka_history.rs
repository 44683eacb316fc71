//! `scan` and `backtest` of a topic: what is on it already, since a time, or a sample of it.

use super::bench::Bench;
use super::broker::Client;
use super::broker::{Broker, Input};
use std::collections::BTreeSet;
use wardline::flag::Flag;

const RULES: &str = "
title: Asks an age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03
name: asks
level: low
detection: {phrases: {text|phrase: how old are you}, condition: phrases}
---
title: Names an app
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04
name: app
level: low
detection: {apps: {text|word: appone}, condition: apps}
---
title: Both
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a05
name: both
level: high
correlation: {type: temporal_ordered, rules: [asks, app], group-by: [sender.id], timespan: 1h}
";

/// Rooms, each a key and so in one partition of three.
const ROOMS: u64 = 40;
/// Milliseconds since the epoch: 2026-01-01T00:00:00Z.
const BEGIN: u64 = 1_767_225_600_000;

/// Of each room the age, then the app two minutes later; and a record that is none.
fn inputs() -> Vec<Input> {
    let event = |room: u64, number: u64, text: &str| {
        let time = BEGIN + (number * ROOMS + room) * 60_000;
        let payload = format!(
            r#"{{"id":"r{room}-{number}","time":{time},"type":"chat.message","room":{{"id":"r{room}"}},"sender":{{"id":"u{room}"}},"text":"{text}"}}"#
        );
        Input {
            key: Some(format!("r{room}").into_bytes()),
            payload: Some(payload.into_bytes()),
            timestamp: Some(time.cast_signed()),
            ..Input::default()
        }
    };
    let first = (0..ROOMS).map(|room| event(room, 0, "so, how old are you?"));
    let second = (0..ROOMS).map(|room| event(room, 1, "add me on AppOne"));
    let broken = Input { payload: Some(b"no event".to_vec()), ..Input::default() };
    first.chain(second).chain([broken]).collect()
}

struct Ran {
    code: u8,
    flags: Vec<Flag>,
    told: String,
}

impl Ran {
    /// The rule and event of each flag.
    fn found(&self) -> BTreeSet<(String, String)> {
        let each = self.flags.iter().map(|flag| (flag.rule.name.to_string(), flag.source.event_id.clone()));
        each.collect()
    }
}

fn scan(bench: &Bench, arguments: &[&str]) -> Ran {
    let (code, out, told) = bench.ran(&[&["scan", "--rules", "topic"], arguments].concat());
    let flags = out.lines().map(|line| serde_json::from_str(line).expect("a flag")).collect();
    Ran { code, flags, told }
}

fn filled(client: &Client, topic: &str) -> Bench {
    client.create_topic(topic, 3, &[]);
    client.produce(topic, &inputs());
    let bench = Bench::new();
    bench.file("topic/rules.yml", RULES.as_bytes());
    bench
}

#[test]
fn a_topic_is_scanned_as_a_file_of_its_records_is() {
    let broker = Broker::shared();
    let (client, topic) = (broker.client(), "history.whole");
    let bench = filled(&client, topic);
    let lines: Vec<u8> = inputs()
        .into_iter()
        .flat_map(|input| [input.payload.expect("bytes"), b"\n".to_vec()].concat())
        .collect();
    bench.file("events.jsonl", &lines);
    let address = broker.address();
    let of_file = scan(&bench, &["events.jsonl"]);
    let of_topic = scan(&bench, &["--topic", topic, "--brokers", &address]);
    assert_eq!(of_topic.found(), of_file.found());
    assert_eq!(of_topic.found().len() as u64, 3 * ROOMS, "{}", of_topic.told);
    assert_eq!(of_topic.code, 0, "a record that is no event does not fail a scan: {}", of_topic.told);
    assert!(of_topic.told.contains("history.whole["), "the record's place is told: {}", of_topic.told);
}

#[test]
fn a_part_of_a_topic_is_read() {
    let broker = Broker::shared();
    let (client, topic) = (broker.client(), "history.part");
    let bench = filled(&client, topic);
    let address = broker.address();
    let of = |more: &[&str]| scan(&bench, &[&["--topic", topic, "--brokers", &address][..], more].concat());
    let since = of(&["--since", "2026-01-01T00:40:00Z"]);
    let expected: BTreeSet<_> = (0..ROOMS).map(|room| ("app".to_owned(), format!("r{room}-1"))).collect();
    assert_eq!(since.found(), expected, "{}", since.told);
    let sample = of(&["--sample", "40%"]);
    let rooms = sample.found().len() as u64;
    assert_eq!(rooms % 3, 0, "a room is taken as a whole or not at all");
    assert!((3..3 * ROOMS).contains(&rooms), "{rooms}");
    assert_eq!(of(&["--sample", "40%"]).found(), sample.found());
}

#[test]
fn a_topic_is_backtested() {
    let broker = Broker::shared();
    let (client, topic) = (broker.client(), "history.labelled");
    let bench = filled(&client, topic);
    let labels = (0..ROOMS)
        .map(|room| format!("{{\"case\":\"c{room}\",\"risk\":{},\"rooms\":[\"r{room}\"]}}\n", room % 2 == 0));
    bench.file("truth.jsonl", labels.collect::<String>().as_bytes());
    let (code, out, told) = bench.ran(&[
        "backtest",
        "--rules",
        "topic",
        "--truth",
        "truth.jsonl",
        "--topic",
        topic,
        "--brokers",
        &broker.address(),
        "--require",
        "recall(case) >= 1",
        "--require",
        "precision(high) >= 0.5",
    ]);
    assert_eq!(code, 0, "{out}{told}");
    assert!(out.contains("100.0 % (20 of 20"), "{out}");
}

#[test]
fn what_cannot_be_read_is_told() {
    let broker = Broker::shared();
    let bench = Bench::new();
    bench.file("topic/rules.yml", RULES.as_bytes());
    let address = broker.address();
    for (arguments, code, words) in [
        (vec!["--topic", "history.nowhere", "--brokers", &address], 4, "there is no topic history.nowhere"),
        (vec!["--topic", "t", "--brokers", &address, "file.jsonl"], 3, "cannot be used with"),
        (vec!["--topic", "t", "--since", "soon"], 3, "how long ago"),
        (vec!["--sample", "1%"], 3, "--topic"),
    ] {
        let ran = scan(&bench, &arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.told);
        assert!(ran.told.contains(words), "{arguments:?}: {}", ran.told);
    }
}
