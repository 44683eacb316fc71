//! The messages and the phrases that are looked for in them.
//!
//! `load` is generated chat of which a share of 1 % or of half holds a phrase; `benign` is real conversations with
//! the phrases of `load`, none of which anybody says; `talk` is the same conversations with phrases drawn from every
//! second one of them; `obfuscated` is whatever a file of events holds.

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
        Corpus { name, payloads, texts, phrases }
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
    let said = file_phrases(folder, count)?;
    let corpus = |name, phrases| Corpus::new(name, spread(&events, most), most, phrases);
    Some(vec![corpus("benign: conversations", load_phrases(count)), corpus("talk: their own phrases", said)])
}

/// Obfuscated messages with the rules beside them, or else those of the conversations; none if there are none.
pub(crate) fn obfuscated(path: &Path, chitchat: &Path, count: u32, most: usize) -> Option<Vec<Corpus>> {
    let events = fs::read_to_string(path).ok()?;
    let own = path.parent().and_then(|folder| file_phrases(folder, count));
    let phrases = own.or_else(|| file_phrases(chitchat, count))?;
    Some(vec![Corpus::new("obfuscated", spread(&events, most), most, phrases)])
}

/// About `most` lines, evenly from the whole file.
fn spread(events: &str, most: usize) -> impl Iterator<Item = Vec<u8>> {
    let step = events.lines().count() / most.max(1);
    events.lines().step_by(step.max(1)).map(|line| line.as_bytes().to_vec())
}

/// The phrases of `rules-N.yml`.
fn file_phrases(folder: &Path, count: u32) -> Option<Vec<String>> {
    let mut map = SourceMap::default();
    map.add("rules.yml", &fs::read_to_string(folder.join(format!("rules-{count}.yml"))).ok()?);
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    let phrases: Vec<String> = loaded.rules.iter().flat_map(phrases_of).collect();
    assert_eq!(phrases.len(), count as usize, "{:?}", loaded.diagnostics.first().map(|found| found.code));
    Some(phrases)
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
