//! What an evaluation writes to: buffers that are kept from batch to batch.

use super::Evidence;
use crate::event::{Batch, FieldId, ValueId};
use crate::ruleset::{Candidate, PatternId, RegexCache, RuleIndex, RuleSet, Segments, TestId, TokenList};
use crate::text::{View, fold};
use std::ops::Range;

/// The buffers of one thread's evaluations, for any rule set. Nothing in it outlives an evaluation but memory.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) substring: LaneBuffer,
    pub(super) token: LaneBuffer,
    pub(super) memory: Memory,
    pub(super) selected: Vec<RuleIndex>,
    pub(super) lowered: String,
    pub(super) findings: Vec<Found>,
    pub(super) evidence: Vec<Evidence>,
}

/// A finding whose evidence is a range of the scratch's.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) row: usize,
    pub(super) rule: RuleIndex,
    pub(super) evidence: Range<usize>,
}

/// One lane's segments, where each comes from, and what was proposed for them.
#[derive(Debug, Default)]
pub(super) struct LaneBuffer {
    pub(super) segments: Segments,
    pub(super) sources: Vec<Source>,
    pub(super) found: Vec<Candidate>,
}

/// Where a segment comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) row: u32,
    pub(super) value: ValueId,
    pub(super) field: FieldId,
}

impl LaneBuffer {
    fn clear(&mut self) {
        self.segments.clear();
        self.sources.clear();
        self.found.clear();
    }
}

/// What is remembered while a row is judged.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Counts rows over all batches; a mark made in an earlier row is stale because it is smaller.
    epoch: u64,
    /// By test: twice the epoch in which it was decided, plus one if it holds.
    tests: Vec<u64>,
    /// By rule: the epoch in which it was selected.
    rules: Vec<u64>,
    /// Patterns proposed for values of this row, sorted.
    pub(super) candidates: Vec<(PatternId, ValueId)>,
    pub(super) readings: Readings,
    pub(super) regexes: RegexCache,
}

impl Memory {
    /// Forgets what was decided of the row before.
    pub(super) fn next_row(&mut self) {
        self.epoch += 1;
    }

    /// What was decided of a test in this row.
    pub(super) fn decided(&self, test: TestId) -> Option<bool> {
        let mark = self.tests[test.0 as usize];
        (mark >> 1 == self.epoch).then_some(mark & 1 == 1)
    }

    /// Remembers what was decided of a test.
    pub(super) fn decide(&mut self, test: TestId, holds: bool) {
        self.tests[test.0 as usize] = self.epoch << 1 | u64::from(holds);
    }

    /// Marks a rule as selected; true the first time in this row.
    pub(super) fn select(&mut self, rule: RuleIndex) -> bool {
        let mark = &mut self.rules[rule.0 as usize];
        std::mem::replace(mark, self.epoch) != self.epoch
    }

    /// The candidates whose pattern is in the range, as indices.
    pub(super) fn proposed_of(&self, patterns: &Range<u32>) -> Range<usize> {
        let before = |id: u32| self.candidates.partition_point(|(pattern, _)| pattern.0 < id);
        before(patterns.start)..before(patterns.end)
    }
}

/// Folded texts and tokens of values, made when first asked for.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// By value: its range in `folded`; `UNREAD` before.
    ranges: Vec<(u32, u32)>,
    folded: String,
    tokens: TokenList,
    /// What `tokens` holds.
    tokenised: Option<(ValueId, View)>,
}

const UNREAD: (u32, u32) = (u32::MAX, u32::MAX);

impl Readings {
    fn clear(&mut self, values: usize) {
        self.ranges.clear();
        self.ranges.resize(values, UNREAD);
        self.folded.clear();
        self.tokenised = None;
    }

    /// The folded text of a value.
    pub(super) fn folded(&mut self, value: ValueId, text: &str) -> &str {
        let known = self.ranges[value.0 as usize];
        let (start, end) = if known == UNREAD { self.fold(value, text) } else { known };
        self.folded.get(start as usize..end as usize).unwrap_or_default()
    }

    fn fold(&mut self, value: ValueId, text: &str) -> (u32, u32) {
        let position = |length| u32::try_from(length).unwrap_or(u32::MAX);
        let start = position(self.folded.len());
        // Folding joins white space with the buffer's last character, so texts must not touch.
        self.folded.push('\n');
        fold::fold_into(text, &mut self.folded);
        let range = (start + 1, position(self.folded.len()));
        self.ranges[value.0 as usize] = range;
        range
    }

    /// The tokens of a value in a view.
    pub(super) fn tokens(&mut self, value: ValueId, view: View, text: &str) -> &TokenList {
        if self.tokenised != Some((value, view)) {
            if view == View::Folded {
                self.folded(value, text);
                let (start, end) = self.ranges[value.0 as usize];
                self.tokens.fill(self.folded.get(start as usize..end as usize).unwrap_or_default());
            } else {
                self.tokens.fill(text);
            }
            self.tokenised = Some((value, view));
        }
        &self.tokens
    }
}

impl Scratch {
    /// Empty buffers, which grow while they warm up.
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// Makes ready for a batch.
    pub(super) fn begin(&mut self, rules: &RuleSet, batch: &Batch) {
        self.substring.clear();
        self.token.clear();
        self.findings.clear();
        self.evidence.clear();
        self.memory.tests.resize(rules.tests.len(), 0);
        self.memory.rules.resize(rules.rules().len(), 0);
        let values = batch.rows().last().map_or(0, |row| row.values.end as usize);
        self.memory.readings.clear(values);
    }
}
