//! Hits and windows of any bytes: whatever the topics hold, it is folded or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};
use wardline::correlate::{At, GroupKey, Hit, OrderKey, hit::Contribution};
use wardline::library::{self, Sources};
use wardline::rule::SourceMap;
use wardline::ruleset::Limits;
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{OutHit, Outcome, Program, Reading, Settings};

const RULES: &str = r"
{title: a, id: a, name: a, level: low, detection: {s: {text|contains: word}, condition: s}}
---
{title: b, id: b, name: b, level: low, detection: {s: {text|contains: other}, condition: s}}
---
{title: seq, id: seq, name: seq, correlation: {type: temporal_ordered, rules: [a, b], group-by: [sender.id], timespan: 1h}}
---
{title: many, id: many, name: many, correlation: {type: event_count, rules: [a], group-by: [sender.id], timespan: 1h, condition: {gte: 3}}}
---
{title: sum, id: sum, name: sum, correlation: {type: value_sum, rules: [a, b], group-by: [sender.id], timespan: 1h, condition: {gte: 9, field: rule.score}}}
---
{title: above, id: above, name: above, correlation: {type: temporal, rules: [seq, b], group-by: [sender.id], timespan: 1h}}
";

static PROGRAM: LazyLock<Arc<Program>> = LazyLock::new(|| {
    let mut map = SourceMap::default();
    map.add_bytes("rules.yml", RULES.as_bytes());
    let sources = Sources { map, ..Sources::default() };
    let compiled = library::compile(&sources, &Reading::default(), &Limits::default());
    Arc::new(compiled.expect("the rules are sound").program)
});

fn own(number: i64) -> Hit {
    let order = OrderKey { time: number * 1_000, topic: Arc::from("t"), partition: 0, offset: number };
    let event = u128::from(number.unsigned_abs()).to_be_bytes();
    let found = ["a", "b"].map(|rule| Contribution { rule: rule.to_owned(), score: 5, paths: Vec::new() });
    let key = GroupKey::new("demo", "", [("sender.id", "u1")]);
    Hit { key, at: At { order, event }, found: found.into(), values: Vec::new(), detail: Arc::default() }
}

fuzz_target!(|bytes: &[u8]| {
    let mut folder = Folder::new(Arc::clone(&PROGRAM), Settings::default());
    let key = own(0).key;
    let restored = folder.restore(0, key.bytes(), Some(bytes));
    let hits = Hit::decode(Some(key.bytes()), bytes).into_iter().chain((0..4).map(own));
    for hit in hits {
        let mut outcome = Outcome::default();
        let folded = folder.fold_all([OutHit { record: 0, hit }], 0, &mut outcome);
        assert!(folded.is_ok() || restored.is_ok(), "what was not taken in cannot be unreadable");
    }
    folder.rest();
});
