//! What an evaluation writes to: buffers that are kept from batch to batch.

use super::Evidence;
use crate::event::{Batch, FieldId, ValueId};
use crate::ruleset::{self, PatternId, RegexCache, RuleIndex, RuleSet, Segments, Stream, TestId, TokenList};
use crate::text::skeleton::{Reading, Script};
use crate::text::spelling::Spelt;
use crate::text::{View, fold, position};
use std::ops::Range;

/// The buffers of one thread's evaluations, for any rule set. Nothing in it outlives an evaluation but memory.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) substring: LaneBuffer<Segments>,
    pub(super) stream: LaneBuffer<Stream>,
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
pub(super) struct LaneBuffer<T> {
    pub(super) segments: T,
    pub(super) sources: Vec<Source>,
    pub(super) found: ruleset::Found,
    /// The words that patterns need, in the row whose proposals are handed out.
    pub(super) there: Marks,
}

/// What was met in a round, of things that have numbers; what was met in the round before is forgotten without being cleared.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Counts rounds over all batches; a mark made in an earlier one is stale because it is smaller.
    round: u64,
    marks: Vec<u64>,
}

impl Marks {
    /// Makes room for so many things.
    fn fit(&mut self, things: usize) {
        self.marks.resize(things, 0);
    }

    /// Begins another round.
    pub(super) fn next(&mut self) {
        self.round += 1;
    }

    /// Marks a thing; true the first time in this round.
    pub(super) fn mark(&mut self, thing: u32) -> bool {
        std::mem::replace(&mut self.marks[thing as usize], self.round) != self.round
    }

    /// Whether a thing was marked in this round.
    pub(super) fn has(&self, thing: u32) -> bool {
        self.marks[thing as usize] == self.round
    }
}

/// Where a segment comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) row: u32,
    pub(super) value: ValueId,
    pub(super) field: FieldId,
}

impl<T> LaneBuffer<T> {
    /// Makes ready for a batch, for patterns that need so many words.
    fn begin(&mut self, segments: fn(&mut T), words: Option<usize>) {
        segments(&mut self.segments);
        self.there.fit(words.unwrap_or_default());
        self.sources.clear();
        self.found.clear();
    }
}

/// A pattern proposed for a value, and how it may be found there.
pub(crate) type Candidate = (PatternId, ValueId, Way);

/// How a pattern may be found in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// In any view.
    Any,
    /// In none but with a slip: no literal of it stands there whole.
    Slip,
}

/// What is remembered while a row is judged.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Counts rows over all batches; a mark made in an earlier row is stale because it is smaller.
    epoch: u64,
    /// By test: twice the epoch in which it was decided, plus one if it holds.
    tests: Vec<u64>,
    /// The rules that were selected in this row.
    rules: Marks,
    /// The tests that were shown in this finding.
    shown: Marks,
    /// Patterns proposed for values of this row, sorted.
    pub(super) candidates: Vec<Candidate>,
    /// The types of this row's event that rules name.
    pub(super) kinds: Vec<u32>,
    pub(super) readings: Readings,
    pub(super) regexes: RegexCache,
}

impl Memory {
    /// Forgets what was decided of the row before.
    pub(super) fn next_row(&mut self) {
        self.epoch += 1;
        self.rules.next();
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
        self.rules.mark(rule.0)
    }

    /// Begins to collect what the next finding shows.
    pub(super) fn next_finding(&mut self) {
        self.shown.next();
    }

    /// Marks a test as shown; true the first time in this finding.
    pub(super) fn show(&mut self, test: TestId) -> bool {
        self.shown.mark(test.0)
    }

    /// The candidates whose pattern is in the range, as indices.
    pub(super) fn proposed_of(&self, patterns: &Range<u32>) -> Range<usize> {
        let before = |id: u32| self.candidates.partition_point(|(pattern, _, _)| pattern.0 < id);
        before(patterns.start)..before(patterns.end)
    }
}

/// Folded texts and tokens of values, made when first asked for.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// By value: its range in `folded`; `UNREAD` before.
    ranges: Vec<(u32, u32)>,
    folded: String,
    raw_tokens: Latest<TokenList>,
    folded_tokens: Latest<TokenList>,
    /// By reading.
    spelt: [Latest<Spelt>; Reading::ALL.len()],
}

/// What was made of the two values that were last asked for: rules ask in turn for a text and for a name.
#[derive(Debug, Default)]
struct Latest<T> {
    made: [(T, Option<ValueId>); 2],
    /// Which of them was asked for last.
    last: usize,
}

impl<T: Default> Latest<T> {
    /// What is made of a value: filled, unless it is there.
    fn of(&mut self, value: ValueId, fill: impl FnOnce(&mut T)) -> &mut T {
        if self.made[self.last].1 != Some(value) {
            self.last = 1 - self.last;
        }
        let (made, of) = &mut self.made[self.last];
        if of.replace(value) != Some(value) {
            fill(made);
        }
        made
    }

    /// Forgets the values; what has grown too `large` is given back.
    fn clear(&mut self, large: impl Fn(&T) -> bool) {
        for (made, of) in &mut self.made {
            *of = None;
            if large(made) {
                *made = T::default();
            }
        }
    }
}

/// Letters of a text whose skeleton is kept as a buffer for others; a message has few, and each takes some fifty bytes.
const USUAL_LETTERS: usize = 1 << 15;

const UNREAD: (u32, u32) = (u32::MAX, u32::MAX);

impl Readings {
    fn clear(&mut self, values: usize) {
        self.ranges.clear();
        self.ranges.resize(values, UNREAD);
        self.folded.clear();
        self.raw_tokens.clear(|_| false);
        self.folded_tokens.clear(|_| false);
        for reading in &mut self.spelt {
            reading.clear(|spelt| spelt.capacity() > USUAL_LETTERS);
        }
    }

    /// The folded text of a value.
    pub(super) fn folded(&mut self, value: ValueId, text: &str) -> &str {
        let known = self.ranges[value.0 as usize];
        let (start, end) = if known == UNREAD { self.fold(value, text) } else { known };
        self.folded.get(start as usize..end as usize).unwrap_or_default()
    }

    fn fold(&mut self, value: ValueId, text: &str) -> (u32, u32) {
        let start = position(self.folded.len());
        fold::fold_into(text, &mut self.folded);
        let range = (start, position(self.folded.len()));
        self.ranges[value.0 as usize] = range;
        range
    }

    /// How a value is spelt in a reading; of a joined text, where it is `cut`.
    pub(super) fn spelt(
        &mut self,
        value: ValueId,
        reading: Reading,
        text: &str,
        cut: Option<u32>,
    ) -> &mut Spelt {
        self.spelt[reading as usize].of(value, |spelt| {
            spelt.fill(text, reading, Script::Own);
            if let Some(byte) = cut {
                spelt.cut_at(byte);
            }
        })
    }

    /// The tokens of a value in a view.
    pub(super) fn tokens(&mut self, value: ValueId, view: View, text: &str) -> &mut TokenList {
        if view != View::Folded {
            return self.raw_tokens.of(value, |tokens| tokens.fill(text));
        }
        let known = self.ranges[value.0 as usize];
        let (start, end) = if known == UNREAD { self.fold(value, text) } else { known };
        let folded = self.folded.get(start as usize..end as usize).unwrap_or_default();
        self.folded_tokens.of(value, |tokens| tokens.fill(folded))
    }
}

impl Scratch {
    /// Empty buffers, which grow while they warm up.
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// Makes ready for a batch.
    pub(super) fn begin(&mut self, rules: &RuleSet, batch: &Batch) {
        self.substring.begin(Segments::clear, rules.substring.as_ref().map(|lane| lane.proposes.words));
        self.stream.begin(Stream::clear, rules.stream.as_ref().map(|lane| lane.proposes.words));
        self.findings.clear();
        self.evidence.clear();
        self.memory.tests.resize(rules.tests.len(), 0);
        self.memory.shown.fit(rules.tests.len());
        self.memory.rules.fit(rules.rules().len());
        let values = batch.rows().last().map_or(0, |row| row.values.end as usize);
        self.memory.readings.clear(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_into_tokens_once_for_each_view() {
        let mut readings = Readings::default();
        readings.clear(1);
        let mut ask = |view, text| {
            let tokens = readings.tokens(ValueId(0), view, text);
            tokens.normals_from(0).map(str::to_owned).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((ask(View::Raw, "Ab c"), ask(View::Folded, "Ab c")), ("Ab c".into(), "ab c".into()));
        // Whoever asks again is not read again.
        assert_eq!((ask(View::Raw, "other"), ask(View::Folded, "other")), ("Ab c".into(), "ab c".into()));
    }

    #[test]
    fn two_values_are_read_once_each_however_they_alternate() {
        let mut latest = Latest::<u32>::default();
        let mut made = Vec::new();
        for value in [1, 2, 1, 2, 2, 1, 3, 1, 2] {
            latest.of(ValueId(value), |_| made.push(value));
        }
        assert_eq!(made, [1, 2, 3, 2]);
        latest.clear(|_| false);
        latest.of(ValueId(2), |_| made.push(2));
        assert_eq!(made.len(), 5);
    }

    #[test]
    fn a_very_long_text_leaves_no_buffer_of_its_size() {
        let mut readings = Readings::default();
        let text = "ab ".repeat(USUAL_LETTERS);
        readings.clear(1);
        readings.spelt(ValueId(0), Reading::Symbols, &text, None);
        let kept =
            |readings: &Readings| readings.spelt[0].made.iter().map(|(spelt, _)| spelt.capacity()).max();
        assert!(kept(&readings) > Some(USUAL_LETTERS));
        readings.clear(1);
        assert!(kept(&readings) <= Some(USUAL_LETTERS));
    }
}
