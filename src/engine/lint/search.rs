//! What patterns find of a sample: each by itself, by the engine's own lanes and views.
//!
//! The machinery that runs live proposes and verifies, so that what is said of a rule cannot differ from what it
//! does. Only conditions are not decided: a pattern is asked about, not a rule.

use super::super::judge::Judge;
use super::super::lanes;
use super::super::profile::Unwatched;
use super::super::scratch::{Scratch, Way};
use super::super::verify::Occurrence;
use super::slow::Proposed;
use super::tally::Finds;
use crate::event::{Batch, Decoder, FieldId, Mapping};
use crate::rule::model::{Pattern, PatternKind, Place};
use crate::ruleset::{Demand, PatternId, PatternTest, RuleSet};
use crate::text::ordinary::{Said, Sample};
use crate::text::{fold, token};
use std::collections::BTreeMap;

/// Texts that are read at once.
const BATCH: usize = 1_000;

/// Most patterns that are tried on every text because nothing proposes them; of further ones nothing is said. They are
/// those that `allow_unanchored` admits, and each costs as much as hundreds of others.
const MOST_LOOSE: usize = 200;

/// By pattern that finds something: what.
pub(super) type Found<'s> = BTreeMap<PatternId, Finds<'s>>;

/// Looks for every pattern of `rules`, whose only field is the text; tells, too, for what the lanes proposed them.
pub(super) fn search<'s>(rules: &RuleSet, sample: &Sample<'s>) -> (Found<'s>, Proposed) {
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let loose = tests(rules).flat_map(|test| test.loose.iter().copied());
    let written = tests(rules).flat_map(|test| test.written.iter());
    let (loose, written) = (loose.take(MOST_LOOSE).collect(), written.collect());
    let (found, proposed) = (Found::new(), Proposed::new());
    let mut search = Search { rules, sample, loose, written, found, proposed };
    let (mut scratch, mut batch) = (Scratch::new(), Batch::default());
    for texts in sample.texts.chunks(BATCH) {
        batch.clear();
        for (record, said) in (0..).zip(texts) {
            // A sample's texts need no escapes. What could not be read would be no row.
            let event = format!("{{\"text\":\"{}\"}}", said.text);
            decoder.decode(record, event.as_bytes(), &mut batch).unwrap_or_default();
        }
        search.batch(&batch, texts, &mut scratch);
    }
    (search.found, search.proposed)
}

/// The tests that look for patterns: together they hold each once, in order.
fn tests(rules: &RuleSet) -> impl Iterator<Item = &PatternTest> {
    rules.tests.iter().filter_map(|test| match &test.demand {
        Demand::Patterns(patterns) => Some(patterns),
        _ => None,
    })
}

struct Search<'r, 's> {
    rules: &'r RuleSet,
    sample: &'r Sample<'s>,
    /// Patterns that nothing proposes.
    loose: Vec<PatternId>,
    /// By pattern.
    written: Vec<&'r Pattern>,
    found: Found<'s>,
    proposed: Proposed,
}

impl<'s> Search<'_, 's> {
    fn batch(&mut self, batch: &Batch, texts: &[Said<'s>], scratch: &mut Scratch) {
        lanes::sweep(self.rules, batch, scratch, |row, scratch| {
            if let Some(said) = texts.get(batch.rows()[row].record as usize) {
                self.row(batch, row, *said, scratch);
            }
        });
    }

    fn row(&mut self, batch: &Batch, row: usize, said: Said<'s>, scratch: &mut Scratch) {
        let Some((value, _)) = batch.values(row, FieldId::TEXT).next() else { return };
        let memory = &mut scratch.memory;
        let mut judge = Judge { rules: self.rules, batch, row, memory, probe: &mut Unwatched };
        for index in 0..judge.memory.candidates.len() {
            let (pattern, value, way) = judge.memory.candidates[index];
            self.proposed.entry(pattern).or_default().add(said, self.sample);
            self.note(pattern, said, judge.find(pattern, value, way));
        }
        for index in 0..self.loose.len() {
            self.note(self.loose[index], said, judge.find(self.loose[index], value, Way::Any));
        }
    }

    fn note(&mut self, pattern: PatternId, said: Said<'s>, occurrence: Option<Occurrence>) {
        let Some(occurrence) = occurrence else { return };
        let written = self.written[pattern.0 as usize];
        let messages = messages(written, said);
        if messages > 0 {
            let finds = self.found.entry(pattern).or_default();
            finds.add(said.text, messages, &occurrence, || is_own(written, said.text));
        }
    }
}

/// How many messages say it where the pattern looks. Whole messages were not counted.
pub(super) fn messages(pattern: &Pattern, said: Said<'_>) -> u32 {
    match pattern.kind {
        PatternKind::Glob { place: Place::Whole, .. } => 0,
        PatternKind::Glob { place: Place::Start, .. } => said.first,
        PatternKind::Glob { place: Place::End, .. } => said.last,
        _ => said.messages,
    }
}

/// Whether a text of the sample is the very words of the pattern: a coarse view that is named finds these too.
pub(super) fn is_own(pattern: &Pattern, text: &str) -> bool {
    let of = |words: &str| token::normals(&fold::fold(words)).collect::<Vec<_>>();
    match &pattern.kind {
        PatternKind::Words(words) | PatternKind::Fuzzy { text: words, .. } => {
            of(words).iter().eq(text.split(' '))
        }
        // Found near each other, with whatever others between them.
        PatternKind::Near { text: words, .. } => {
            of(words).iter().all(|word| text.split(' ').any(|other| other == word))
        }
        PatternKind::Glob { .. } | PatternKind::Regex(_) | PatternKind::Network(_) => false,
    }
}
