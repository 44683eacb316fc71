//! A hundred correlations, and events that they take in: what the benchmarks of correlations share, in process and on a broker.
//!
//! A hundred rules look for a word each, and publish nothing themselves. A hundred correlations of all types take in two or three of
//! them, and group by sender or by sender and recipient: an event is one hit or two, and a hit feeds one to three of them.

use std::sync::Arc;
use wardline::correlate::Hit;
use wardline::event::{FieldTable, Record};
use wardline::rule::{self, Lists, SourceMap};
use wardline::ruleset::{Limits, RuleSet};
use wardline::worker::stage::{MatchStage, OutHit, Program, Reading, Settings};

/// Rules, and correlations.
pub(crate) const RULES: u64 = 100;
/// The first event's time: milliseconds since the epoch.
pub(crate) const BEGIN: i64 = 1_767_225_600_000;

/// The rules and correlations as a YAML stream; a correlation takes in the rules that are so far from its own number.
pub(crate) fn rules(parts: &[u64]) -> String {
    let rules = (0..RULES).map(|number| {
        format!(
            "title: Word {number}\nid: {:08x}-3c55-4a8e-9f6e-0b7f7a1d1a02\nname: word_{number:02}\ndetection:\n  \
             word: {{text|word: signal{number:02}}}\n  condition: word\nlevel: low\nreview: {{score: 20, publish: false}}\n",
            number + 1
        )
    });
    rules.chain((0..RULES).map(|number| correlation(number, parts))).collect::<Vec<String>>().join("---\n")
}

fn correlation(number: u64, parts: &[u64]) -> String {
    let (kind, condition) = match number % 6 {
        0 => ("event_count", ", condition: {gte: 4}"),
        1 => ("value_count", ", condition: {gte: 3, field: room.id}"),
        2 => ("value_sum", ", condition: {gte: 900, field: payment.amount_minor}"),
        // Each of the rules, once.
        3 if parts.len() == 3 => ("value_sum", ", condition: {gte: 60, field: rule.score}"),
        3 => ("value_sum", ", condition: {gte: 40, field: rule.score}"),
        4 => ("temporal", ""),
        _ => ("temporal_ordered", ""),
    };
    let part = |step: &u64| format!("word_{:02}", (number + step) % RULES);
    let parts: Vec<String> = parts.iter().map(part).collect();
    let parts = parts.join(", ");
    let keys = ["sender.id", "sender.id, recipient.id"][usize::from(number / 6 % 2 == 1)];
    let timespan = [10, 20, 30][usize::try_from(number % 3).unwrap_or(0)];
    format!(
        "title: Words {number}\nid: {:08x}-3c55-4a8e-9f6e-0b7f7a1d1b02\nname: words_{number:02}\ncorrelation:\n  \
         {{type: {kind}, rules: [{parts}], group-by: [{keys}], timespan: {timespan}m{condition}}}\nlevel: high\n\
         review: {{suppress: 24h}}\n",
        number + 1
    )
}

/// A program of these rules.
pub(crate) fn program(rules: &str) -> Arc<Program> {
    let mut map = SourceMap::default();
    map.add("rules.yml", rules);
    let (table, lists) = (FieldTable::canonical(), Lists::default());
    let loaded = rule::load(&map, &table, &lists);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics.first());
    let rules = RuleSet::compile(loaded.rules, &Limits::default()).expect("within bounds");
    let program = Program::correlating(rules, loaded.correlations, &lists, &Reading::default());
    Arc::new(program.expect("few fields"))
}

/// Events of a number of senders, each of whom writes to one recipient: `SplitMix64` from the event's number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traffic {
    /// How many senders there are; each has two group keys.
    pub(crate) senders: u64,
    /// How many different words a sender says.
    pub(crate) words: u64,
    /// From an event to the next, in microseconds.
    pub(crate) pace: u64,
}

impl Traffic {
    /// The event of that number, and its sender's.
    pub(crate) fn event(self, number: u64) -> (String, u64) {
        let random = mix(number);
        let sender = (random >> 32) % self.senders;
        (self.event_of(number, sender), sender)
    }

    /// The same of a sender.
    pub(crate) fn event_of(self, number: u64, sender: u64) -> String {
        let random = mix(number ^ 0x5eed);
        let (word, room, amount) =
            ((sender + random % self.words) % RULES, (random >> 16) % 4, (random >> 24) % 400);
        let time = BEGIN.cast_unsigned() + number * self.pace / 1_000;
        format!(
            r#"{{"id":"01J{number:09}","time":{time},"type":"chat.message","platform":"demo","room":{{"id":"r{sender:07}-{room}","kind":"direct"}},"sender":{{"id":"u{sender:07}","age_band":"adult","country":"AU"}},"recipient":{{"id":"v{sender:07}","age_band":"16-17","country":"NZ"}},"payment":{{"amount_minor":{amount}}},"lang":"en","text":"the lamp by the window said signal{word:02} to all of them again"}}"#
        )
    }
}

fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The hits of events, as the match stage makes them.
pub(crate) struct Matching {
    stage: MatchStage,
    topic: Arc<str>,
    offset: i64,
}

impl Matching {
    pub(crate) fn new(program: Arc<Program>) -> Matching {
        Matching {
            stage: MatchStage::new(program, Settings::default()),
            topic: "chat.events".into(),
            offset: 0,
        }
    }

    /// Those of some events, in their order.
    pub(crate) fn hits(&mut self, events: &[String]) -> Vec<OutHit> {
        let topic = &self.topic;
        let record = |(offset, event)| {
            let payload: &String = event;
            Record {
                topic,
                partition: 0,
                offset,
                timestamp: None,
                key: None,
                payload: Some(payload.as_bytes()),
            }
        };
        let records: Vec<Record<'_>> = (self.offset..).zip(events).map(record).collect();
        self.offset += records.len().cast_signed() as i64;
        self.stage.run(&records, i64::MAX).hits.clone()
    }

    /// Those of a range of a traffic's events.
    pub(crate) fn of(&mut self, traffic: Traffic, numbers: std::ops::Range<u64>) -> Vec<Hit> {
        let events: Vec<String> = numbers.map(|number| traffic.event(number).0).collect();
        let hits = events.chunks(1_000).flat_map(|events| self.hits(events));
        hits.map(|out| out.hit).collect()
    }
}
