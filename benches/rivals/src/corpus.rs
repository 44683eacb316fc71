//! The messages and the phrases that are looked for in them.
//!
//! `load` is generated chat of which a share of 1 % or of half holds a phrase; `benign` is real conversations with
//! the phrases of `load`, none of which anybody says; `talk` is the same conversations with phrases drawn from every
//! second one of them; `obfuscated` is phrases as people write them who do not want them found, with rules for all of
//! these phrases and, up to the number of rules, for phrases of `load`, of which it has none.

use crate::contender::{Hit, number};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use wardline::event::{Batch, Decoder, FieldId, FieldSet, FieldTable, Mapping};
use wardline::generate::{Generator, LoadRules, LoadTraffic, Settings};
use wardline::rule::model::{Demand, PatternKind};
use wardline::rule::{self, Lists, Rule, SourceMap};

const SEED: u64 = 11;

/// Messages, and the phrases of the rules.
#[derive(Debug)]
pub(crate) struct Corpus {
    /// What it is called in the table.
    pub(crate) name: &'static str,
    /// The messages as canonical events.
    pub(crate) payloads: Vec<Vec<u8>>,
    /// Their texts, as they were written.
    pub(crate) texts: Vec<String>,
    /// A phrase a rule.
    pub(crate) phrases: Vec<String>,
    /// Which phrase is in which message, where that is known.
    pub(crate) truth: Option<BTreeSet<Hit>>,
}

impl Corpus {
    /// Generated chat, a share of which hits one of `count` rules.
    pub(crate) fn load(count: u32, most: usize, share: f64) -> Corpus {
        let load = Some(LoadTraffic { rules: load_rules(count), share });
        let settings = Settings { seed: SEED, flagged: 0.0, bad: 0.0, load, ..Settings::default() };
        let mut generator = Generator::new(&settings).expect("the settings are within bounds");
        let payloads = std::iter::repeat_with(|| {
            let mut payload = Vec::new();
            generator.next_into(&mut payload);
            payload
        });
        let name = if share < 0.1 { "load, 1 % hit" } else { "load, 50 % hit" };
        Corpus::new(name, payloads, most, load_phrases(count))
    }

    /// The first `most` payloads that are messages with one text.
    fn new(
        name: &'static str,
        payloads: impl Iterator<Item = Vec<u8>>,
        most: usize,
        phrases: Vec<String>,
    ) -> Corpus {
        let decoder = Decoder::new(&FieldSet::default(), &Mapping::canonical(), None);
        let mut batch = Batch::default();
        let messages = payloads.filter_map(|payload| {
            let text = text(&decoder, &payload, &mut batch)?;
            Some((payload, text))
        });
        let (payloads, texts) = messages.take(most).unzip();
        Corpus { name, payloads, texts, phrases, truth: None }
    }
}

/// The text of an event that has one.
fn text(decoder: &Decoder, payload: &[u8], batch: &mut Batch) -> Option<String> {
    batch.clear();
    decoder.decode(0, payload, batch).ok()?;
    let mut texts = batch.values(0, FieldId::TEXT).filter_map(|(_, value)| value.text());
    texts.next().filter(|_| texts.next().is_none()).map(str::to_owned)
}

fn load_rules(count: u32) -> LoadRules {
    LoadRules::new(count, SEED).expect("the counts are within bounds")
}

fn load_phrases(count: u32) -> Vec<String> {
    (0..count).map(|index| load_rules(count).phrase(index)).collect()
}

/// Real conversations, with phrases that nobody says and with phrases that are said; none if they were not prepared.
pub(crate) fn conversations(folder: &Path, count: u32, most: usize) -> Option<Vec<Corpus>> {
    let events = fs::read_to_string(folder.join("events.jsonl")).ok()?;
    let said = file_phrases(&folder.join(format!("rules-{count}.yml")))?;
    let corpus = |name, phrases| Corpus::new(name, spread(&events, most), most, phrases);
    Some(vec![corpus("benign: conversations", load_phrases(count)), corpus("talk: their own phrases", said)])
}

/// Obfuscated messages, with rules for what they hold; none if they were not made.
pub(crate) fn obfuscated(folder: &Path, count: u32, most: usize) -> Option<Vec<Corpus>> {
    let events = fs::read_to_string(folder.join("events.jsonl")).ok()?;
    let truth = fs::read_to_string(folder.join("truth.jsonl")).ok()?;
    let written = file_phrases(&folder.join("rules.yml"))?;
    let phrases = written.into_iter().chain(load_phrases(count)).take(count as usize).collect();
    let mut corpus = Corpus::new("obfuscated", spread(&events, most), most, phrases);
    corpus.truth = Some(truth_of(&corpus, &truth));
    Some(vec![corpus])
}

/// Which phrase is in which message: of those that are in one message, and have a rule.
fn truth_of(corpus: &Corpus, truth: &str) -> BTreeSet<Hit> {
    let id = |payload: &Vec<u8>| parsed(payload)["id"].as_str().expect("an id").to_owned();
    let messages: HashMap<String, u32> = corpus.payloads.iter().map(id).zip(0..).collect();
    let hit = |line: &str| {
        let item = parsed(line.as_bytes());
        let [part] = item["parts"].as_array()?.as_slice() else { return None };
        let phrase = usize::try_from(item["phrase"].as_u64()?).ok()?;
        let message = messages.get(part["id"].as_str()?)?;
        (phrase < corpus.phrases.len()).then(|| (*message, number(phrase)))
    };
    truth.lines().filter_map(hit).collect()
}

fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).expect("the file holds JSON")
}

/// About `most` lines, evenly from the whole file.
fn spread(events: &str, most: usize) -> impl Iterator<Item = Vec<u8>> {
    let step = events.lines().count() / most.max(1);
    events.lines().step_by(step.max(1)).map(|line| line.as_bytes().to_vec())
}

/// The phrases of a file of rules that have one each.
fn file_phrases(path: &Path) -> Option<Vec<String>> {
    let mut map = SourceMap::default();
    map.add("rules.yml", &fs::read_to_string(path).ok()?);
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics.first().map(|found| found.code));
    Some(loaded.rules.iter().flat_map(phrases_of).collect())
}

fn phrases_of(rule: &Rule) -> Vec<String> {
    let tests = rule.detection.selections.iter().flat_map(|selection| selection.clause.tests());
    let patterns = tests.flat_map(|test| match &test.demand {
        Demand::AnyOf(patterns) => patterns.to_vec(),
        _ => Vec::new(),
    });
    let words = patterns.filter_map(|pattern| match pattern.kind {
        PatternKind::Words(text) => Some(text),
        _ => None,
    });
    words.collect()
}
