//! Somebody sends a million hits to one key: for each type of correlation, in order and with every second one late, the time must
//! grow with the hits and no faster, and what is kept must not grow.

use super::timed;
use super::traffic::{BEGIN, program};
use std::convert::Infallible;
use std::sync::Arc;
use wardline::correlate::hit::{Contribution, Values};
use wardline::correlate::{At, GroupKey, Hit, OrderKey};
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{OutHit, Outcome, Program, Settings};

const HITS: i64 = 1_000_000;
const COMMIT: i64 = 5_000;
/// A quarter of the hits may cost so many times what the first quarter costs.
const MOST: f64 = 2.0;
/// Bytes that a key may keep, in the log: 1,024 values and 64 recent ones of 32 bytes each at most, and 48 details.
const MOST_BYTES: usize = 150_000;

/// Correlations by type: what stands in their section, and how they are called here. None of them fires.
const TYPES: [(&str, &str); 7] = [
    ("event_count", "type: event_count, rules: [a], condition: {gte: 1000}"),
    ("value_count", "type: value_count, rules: [a], condition: {gte: 1000, field: recipient.id}"),
    ("value_sum", "type: value_sum, rules: [a], condition: {gte: 1000000000, field: payment.amount_minor}"),
    ("value_sum of scores", "type: value_sum, rules: [a, b, c], condition: {gte: 60, field: rule.score}"),
    ("temporal", "type: temporal, rules: [a, b, c]"),
    ("temporal_ordered", "type: temporal_ordered, rules: [a, b, c]"),
    ("temporal_ordered, firing", "type: temporal_ordered, rules: [a, b]"),
];

pub(crate) fn measure() {
    println!("{HITS} hits to one key, CPU microseconds a hit by quarter, bytes kept at most");
    for (name, section) in TYPES {
        for late in [false, true] {
            let (quarters, bytes) = run(section, late);
            let shown = quarters.map(|micros| format!("{micros:>8.2}")).concat();
            println!("{name:<28}{:<10}{shown}{bytes:>10}", if late { "late" } else { "in order" });
            assert!(bytes <= MOST_BYTES, "{name}: a key keeps {bytes} bytes");
            let slowest = quarters.iter().copied().fold(0.0, f64::max);
            assert!(slowest <= MOST * quarters[0].max(quarters[1]), "{name}: the time grows");
        }
    }
}

fn run(section: &str, late: bool) -> ([f64; 4], usize) {
    let program = rules(section);
    let mut folder = Folder::new(program, Settings::default());
    let mut most = 0;
    let quarter = |quarter: i64| {
        let numbers = quarter * HITS / 4..(quarter + 1) * HITS / 4;
        let hits: Vec<Hit> = numbers.map(|number| hit(number, late)).collect();
        let ((), seconds) = timed(|| fold(&mut folder, hits, &mut most));
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        let micros = seconds * 4e6 / HITS as f64;
        micros
    };
    ([0, 1, 2, 3].map(quarter), most)
}

fn fold(folder: &mut Folder, hits: Vec<Hit>, most: &mut usize) {
    let mut outcome = Outcome::default();
    for (number, hit) in (1..).zip(hits) {
        folder.fold(0, OutHit { record: 0, hit }, 0, &mut outcome).expect("windows of this version");
        outcome.flags.clear();
        if number % COMMIT == 0 {
            let write = |_, _: &[u8], bytes: Option<&[u8]>| {
                *most = (*most).max(bytes.map_or(0, <[u8]>::len));
                Ok::<(), Infallible>(())
            };
            folder.write(write).expect("nothing fails");
            folder.committed();
        }
    }
}

fn rules(section: &str) -> Arc<Program> {
    let rules = ["a", "b", "c"].map(|name| {
        format!(
            "title: {name}\nid: {name}\nname: {name}\ndetection: {{s: {{text|word: word{name}}}, condition: s}}\nlevel: low\n\
             review: {{score: 20}}\n---\n"
        )
    });
    program(&format!(
        "{}title: together\nid: together\nname: together\ncorrelation: {{{section}, group-by: [sender.id], timespan: 30m}}\n\
         level: high\nreview: {{suppress: 24h}}\n",
        rules.concat()
    ))
}

/// One of a stream in which `a` and `b` are said, ten times a second. Of the late ones every second is up to fifty seconds older than the one before.
fn hit(number: i64, late: bool) -> Hit {
    let behind = if late && number % 2 == 1 { number * 7_919 % 50_000 } else { 0 };
    let mut event = [0; 16];
    event[..8].copy_from_slice(&number.to_be_bytes());
    let order =
        OrderKey { time: BEGIN + number * 100 - behind, topic: "t".into(), partition: 0, offset: number };
    let found = ["a", "b"][usize::from(number % 3 == 1)];
    let value = |name: &str, value: i64| Values { name: name.to_owned(), digests: vec![value], sum: Some(1) };
    Hit {
        key: GroupKey::new("demo", "", [("sender.id", "u1")]),
        at: At { order, event },
        found: vec![Contribution { rule: found.to_owned(), score: 20, paths: Vec::new() }],
        values: vec![value("recipient.id", number % 900), value("payment.amount_minor", number)],
        detail: [7; 250].into(),
    }
}
