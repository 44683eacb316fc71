//! Matching of whatever text people write, from the record to the flag.
//!
//! The input, cut at its zero bytes, becomes the texts of as many events, each once as it is (invalid UTF-8
//! included) and once quoted as JSON; and one record is the input itself. Checked beside "it does not panic": the fast engine
//! finds exactly what the plain evaluator finds, in each message and in those before it, and every flag's spans and excerpts lie
//! where they say.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};
use wardline::engine::{self, Scratch, plain};
use wardline::event::{Batch, Decoder, FieldTable, Mapping, Moment, Record};
use wardline::flag::{Evidence, Flag};
use wardline::rule::list::List;
use wardline::rule::{self, Lists, SourceMap};
use wardline::ruleset::{Limits, RuleSet};
use wardline::worker::join::Joiner;
use wardline::worker::stage::{MatchStage, Program, Reading, Settings};

/// One rule for each way to look for something.
const RULES: &str = include_str!("scan.yml");

struct Subject {
    program: Arc<Program>,
    decoder: Decoder,
    topic: Arc<str>,
}

static SUBJECT: LazyLock<Subject> = LazyLock::new(|| {
    let mut lists = Lists::default();
    lists.insert(List::parse("apps", "AppOne\nApp Two\n").unwrap());
    let mut map = SourceMap::default();
    map.add("scan.yml", RULES);
    let loaded = rule::load(&map, &FieldTable::canonical(), &lists);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let rules = RuleSet::compile(loaded.rules, &Limits::default()).expect("the target's rules compile");
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let reading = Reading { context: 8, ..Reading::default() };
    let program = Arc::new(Program::new(rules, &lists, &reading));
    Subject { program, decoder, topic: Arc::from("fuzz") }
});

fuzz_target!(|data: &[u8]| {
    let mut payloads = vec![data.to_vec()];
    for text in data.split(|byte| *byte == 0).take(8) {
        payloads.push([b"{\"text\":\"", text, b"\"}"].concat());
        let quoted = String::from_utf8_lossy(text);
        let event =
            serde_json::json!({ "text": quoted, "sender": {"id": "s", "name": quoted}, "room": {"id": "r"} });
        payloads.push(event.to_string().into_bytes());
    }
    compare(&payloads);
    publish(&payloads);
});

/// The fast engine against the plain one.
fn compare(payloads: &[Vec<u8>]) {
    let rules = SUBJECT.program.rules();
    let mut batch = Batch::default();
    let mut joiner = Joiner::new(rules.fields(), 0, 1 << 20);
    let moment = Moment { record: None, now: 1_700_000_000_000 };
    for (number, payload) in (0..).zip(payloads) {
        // What is no event is the business of another target.
        if SUBJECT.decoder.decode_at(number, payload, moment, &mut batch).is_ok() {
            joiner.take(&record(number.into(), payload), moment, &mut batch);
        }
    }
    let mut scratch = Scratch::default();
    let found = engine::evaluate(rules, &batch, &mut scratch);
    let spelt: Vec<_> = found.iter().map(|one| spelt_out(rules, &one)).collect();
    assert_eq!(spelt, plain::evaluate(rules.rules(), rules.fields(), &batch));
}

/// A finding of the fast engine in the plain one's terms.
fn spelt_out(rules: &RuleSet, found: &engine::Finding<'_>) -> plain::Finding {
    let evidence = found.evidence.iter().map(|one| plain::Evidence {
        field: one.field,
        value: one.value,
        start: one.start as usize,
        end: one.end as usize,
        view: one.view,
        edits: one.edits,
        entry: one.entry.map(|entry| rules.entry(entry).clone()),
    });
    plain::Finding { row: found.row, rule: found.rule.0 as usize, evidence: evidence.collect() }
}

/// The whole stage; what it publishes reads back and is consistent in itself.
fn publish(payloads: &[Vec<u8>]) {
    let records: Vec<Record<'_>> =
        (0..).zip(payloads).map(|(offset, payload)| record(offset, payload)).collect();
    let mut stage = MatchStage::new(Arc::clone(&SUBJECT.program), Settings::default());
    let outcome = stage.run(&records, 1_700_000_000_500);
    for out in &outcome.flags {
        let flag: Flag = serde_json::from_slice(&out.body).expect("a flag reads back");
        flag.evidence.iter().for_each(check);
    }
}

/// The excerpt holds the span, on character boundaries.
fn check(evidence: &Evidence) {
    let (span, excerpt) = (evidence.span, evidence.excerpt.as_deref().unwrap_or_default());
    let place = |at: u32| (at - evidence.excerpt_offset) as usize;
    assert!(span.start < span.end, "{span:?}");
    let held = place(span.start)..place(span.end).min(excerpt.len());
    assert!(excerpt.get(held).is_some(), "{evidence:?}");
}

fn record(offset: i64, payload: &[u8]) -> Record<'_> {
    let (topic, timestamp) = (&SUBJECT.topic, Some(1_700_000_000_000));
    Record { topic, partition: 0, offset, timestamp, key: None, payload: Some(payload) }
}
