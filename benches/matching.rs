//! Matching: what `evaluate` costs an event at 100, 1,000 and 10,000 rules, beside plain searches for the same
//! phrases in text that is already folded.
//!
//! One seeded trace of generated chat, 1 % of whose events hit a rule, decoded before the clock starts; batches of
//! a thousand. Every run checks its number of findings. `phrases` are phrase rules; `mixed` replaces three in ten
//! by a regular expression. The rivals do less: they fold nothing, know no token boundaries, and report no
//! rule or span, so they are a floor, not an equal. `compile` is from checked rules to a rule set.
//!
//! `cargo bench --bench matching`; see `benches/README.md` for how to read it.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has to end")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use wardline::engine::{Scratch, evaluate};
use wardline::event::{Batch, Decoder, FieldId, FieldTable, Mapping};
use wardline::generate::{Generator, Label, LoadRules, LoadTraffic, Settings};
use wardline::rule::{self, Lists, Rule, SourceMap};
use wardline::ruleset::{Limits, RuleSet};
use wardline::text::fold;

const EVENTS: usize = 20_000;
const BATCH: usize = 1_000;
const SEED: u64 = 11;
const COUNTS: [u32; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

/// The rules' phrases; a change of the generator changes every figure, so it changes this function's callers' counts too.
fn load_rules(count: u32) -> LoadRules {
    LoadRules::new(count, SEED).expect("the counts are within bounds")
}

/// Checked rules: phrases, or three in ten a regular expression that the phrase also satisfies.
fn rules(count: u32, mixed: bool) -> Vec<Rule> {
    let load = load_rules(count);
    let mut map = SourceMap::default();
    for index in 0..count {
        let yaml = load.yaml(index);
        let phrase = load.phrase(index);
        let yaml = if mixed && index % 10 < 3 {
            yaml.replace(&format!("text|phrase: {phrase}"), &format!("text|re: '{}'", regex(&phrase)))
        } else {
            yaml
        };
        map.add(&format!("{index}.yml"), &yaml);
    }
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert_eq!(loaded.rules.len(), count as usize, "{:?}", loaded.diagnostics.first());
    let regexes =
        loaded.rules.iter().filter(|rule| format!("{:?}", rule.detection).contains("Regex")).count();
    assert_eq!(regexes, if mixed { count as usize * 3 / 10 } else { 0 });
    loaded.rules
}

/// `copper kettle near the lamp` as `\bcopper\s+kettle.{1,3}near the (lamp|lamps)\b`.
fn regex(phrase: &str) -> String {
    let mut words = phrase.split(' ');
    let start: Vec<&str> = words.by_ref().take(2).collect();
    let rest: Vec<&str> = words.collect();
    let (last, middle) = rest.split_last().expect("a phrase has at least three words");
    let tail = [middle.join(" "), format!("({last}|{last}s)")].join(" ");
    format!(r"\b{}.{{1,3}}{}\b", start.join(r"\s+"), tail.trim_start())
}

/// The trace as payloads, and how many of its events hit a rule.
fn trace(count: u32) -> (Vec<Vec<u8>>, usize) {
    let load = Some(LoadTraffic { rules: load_rules(count), share: 0.01 });
    let settings = Settings { seed: SEED, flagged: 0.0, bad: 0.0, load, ..Settings::default() };
    let mut generator = Generator::new(&settings).expect("the settings are within bounds");
    let mut hits = 0;
    let payloads = (0..EVENTS).map(|_| {
        let mut payload = Vec::new();
        hits += usize::from(matches!(generator.next_into(&mut payload).label, Label::Load(_)));
        payload
    });
    (payloads.collect(), hits)
}

fn batches(rules: &RuleSet, payloads: &[Vec<u8>]) -> Vec<Batch> {
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let decode = |payloads: &[Vec<u8>]| {
        let mut batch = Batch::default();
        for (record, payload) in (0..).zip(payloads) {
            decoder.decode(record, payload, &mut batch).expect("a generated event decodes");
        }
        batch
    };
    payloads.chunks(BATCH).map(decode).collect()
}

fn evaluate_all(bencher: Bencher<'_, '_>, count: u32, mixed: bool) {
    let rules = RuleSet::compile(rules(count, mixed), &Limits::default()).expect("the rules compile");
    let (payloads, hits) = trace(count);
    let batches = batches(&rules, &payloads);
    let mut scratch = Scratch::new();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let found: usize = batches.iter().map(|batch| evaluate(&rules, batch, &mut scratch).len()).sum();
        assert_eq!(found, hits);
    });
}

#[divan::bench(args = COUNTS)]
fn phrases(bencher: Bencher<'_, '_>, count: u32) {
    evaluate_all(bencher, count, false);
}

#[divan::bench(args = COUNTS)]
fn mixed(bencher: Bencher<'_, '_>, count: u32) {
    evaluate_all(bencher, count, true);
}

#[divan::bench(args = COUNTS, sample_count = 5)]
fn compile(bencher: Bencher<'_, '_>, count: u32) {
    let rules = rules(count, true);
    bencher.with_inputs(|| rules.clone()).bench_local_values(|rules| {
        RuleSet::compile(black_box(rules), &Limits::default()).expect("the rules compile")
    });
}

/// The folded texts of the trace's messages.
fn texts(count: u32) -> (Vec<String>, usize) {
    let rules = RuleSet::compile(rules(count, false), &Limits::default()).expect("the rules compile");
    let (payloads, hits) = trace(count);
    let mut texts = Vec::new();
    for batch in &batches(&rules, &payloads) {
        for row in 0..batch.len() {
            let values = batch.values(row, FieldId::TEXT).filter_map(|(_, value)| value.text());
            texts.extend(values.map(fold::fold));
        }
    }
    (texts, hits)
}

/// Only folding, one message after another.
#[divan::bench]
fn fold_only(bencher: Bencher<'_, '_>) {
    let rules = RuleSet::compile(rules(100, false), &Limits::default()).expect("the rules compile");
    let (payloads, _) = trace(100);
    let batches = batches(&rules, &payloads);
    let mut folded = String::new();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        for batch in &batches {
            folded.clear();
            for row in 0..batch.len() {
                for text in batch.values(row, FieldId::TEXT).filter_map(|(_, value)| value.text()) {
                    fold::fold_into(text, &mut folded);
                }
            }
        }
        folded.len()
    });
}

/// An Aho-Corasick automaton over the phrases, called once a message.
#[divan::bench(args = COUNTS)]
fn rival_aho_corasick(bencher: Bencher<'_, '_>, count: u32) {
    let (texts, hits) = texts(count);
    let phrases = (0..count).map(|index| load_rules(count).phrase(index));
    let automaton = aho_corasick::AhoCorasick::new(phrases).expect("the automaton fits");
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let found: usize = texts.iter().map(|text| automaton.find_overlapping_iter(text).count()).sum();
        assert_eq!(found, hits);
    });
}

/// `RegexSet` over the phrases, called once a message. Beyond a thousand it takes minutes to warm up.
#[divan::bench(args = [100, 1_000], sample_count = 5)]
fn rival_regex_set(bencher: Bencher<'_, '_>, count: u32) {
    let (texts, hits) = texts(count);
    let phrases = (0..count).map(|index| format!(r"(?-u:\b){}(?-u:\b)", load_rules(count).phrase(index)));
    let set = regex::RegexSetBuilder::new(phrases).size_limit(1 << 28).dfa_size_limit(1 << 28).build();
    let set = set.expect("the set fits");
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        let found: usize = texts.iter().map(|text| set.matches(text).iter().count()).sum();
        assert_eq!(found, hits);
    });
}
