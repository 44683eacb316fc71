//! Collects a finding's evidence as the head of [`super`] defines it.

use super::judge::Judge;
use super::profile::Probe;
use super::scratch::Way;
use super::verify::{self, Occurrence};
use super::{Evidence, MAX_EVIDENCE};
use crate::event::{FieldId, Scalar, ValueId};
use crate::ruleset::{Demand, EntryId, Node, PatternId, PatternTest, TestId};
use crate::text::{View, fold};
use std::ops::Range;

impl<'a, P: Probe> Judge<'a, P> {
    /// Appends the evidence of a condition that holds.
    pub(super) fn evidence(&mut self, condition: &'a Node, out: &mut Vec<Evidence>) {
        let start = out.len();
        self.memory.next_finding();
        self.of_node(condition, true, out);
        out[start..].sort_unstable();
        let kept = start + keep_first(&mut out[start..]);
        out.truncate(kept);
    }

    fn of_node(&mut self, node: &'a Node, positive: bool, out: &mut Vec<Evidence>) {
        match node {
            Node::Test(test) => match &self.rules.tests[test.0 as usize].demand {
                // A selection that is asked for more than once: as if it stood here.
                Demand::Clause(node) => self.of_node(node, positive, out),
                _ if positive && self.memory.show(*test) => self.of_test(*test, out),
                _ => {}
            },
            Node::Not(inner) => self.of_node(inner, !positive, out),
            Node::All(parts) | Node::Any(parts) => {
                parts.iter().for_each(|part| self.of_node(part, positive, out));
            }
        }
    }

    fn of_test(&mut self, id: TestId, out: &mut Vec<Evidence>) {
        let rules = self.rules;
        let test = &rules.tests[id.0 as usize];
        if !self.test(id) {
            return;
        }
        match &test.demand {
            Demand::Exists(_) | Demand::Null | Demand::Clause(_) => {}
            Demand::Compare(comparison, bound) => {
                self.of_values(test.field, out, |scalar| verify::compares(scalar, *comparison, *bound));
            }
            Demand::Time(time) => self.of_values(test.field, out, |scalar| verify::at(scalar, *time)),
            Demand::Field { other, test: of } => {
                let others = self.others(*other, of);
                let stands = |scalar: Scalar<'_>| scalar.text().is_some_and(|value| others.stand_in(value));
                self.of_values(test.field, out, stands);
            }
            Demand::Patterns(patterns) => self.of_patterns(patterns, out),
        }
    }

    /// The whole of each value that is right.
    fn of_values(&self, field: FieldId, out: &mut Vec<Evidence>, right: impl Fn(Scalar<'_>) -> bool) {
        let values = self.batch.values(self.row, field).filter(|(_, scalar)| right(*scalar));
        out.extend(values.filter_map(|(value, scalar)| {
            let span = 0..scalar.text()?.len();
            piece(field, value, View::Raw, &span, None).filter(|_| !span.is_empty())
        }));
    }

    /// Every pattern of the test, on every value for which it was proposed or, if nothing proposes it, on all.
    fn of_patterns(&mut self, test: &'a PatternTest, out: &mut Vec<Evidence>) {
        for index in self.memory.proposed_of(&test.patterns) {
            let (id, value, way) = self.memory.candidates[index];
            out.extend(self.of_pattern(id, value, way));
        }
        let batch = self.batch;
        for id in &test.loose {
            for (value, _) in batch.values(self.row, self.rules.pattern(*id).field) {
                out.extend(self.of_pattern(*id, value, Way::Any));
            }
        }
    }

    fn of_pattern(&mut self, id: PatternId, value: ValueId, way: Way) -> Option<Evidence> {
        let Occurrence { view, edits, range } = self.find(id, value, way)?;
        if range.is_empty() {
            return None;
        }
        let original = match view {
            View::Folded => fold::original_span(self.batch.value(value).text()?, range),
            _ => range,
        };
        let pattern = self.rules.pattern(id);
        Some(Evidence { edits, ..piece(pattern.field, value, view, &original, pattern.entry)? })
    }
}

fn piece(
    field: FieldId,
    value: ValueId,
    view: View,
    span: &Range<usize>,
    entry: Option<EntryId>,
) -> Option<Evidence> {
    let (start, end) = (u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?);
    Some(Evidence { field, value, start, end, view, edits: 0, entry })
}

/// Moves the pieces to keep to the front: the first of each span, at most [`MAX_EVIDENCE`]; returns their number.
fn keep_first(pieces: &mut [Evidence]) -> usize {
    let span = |one: &Evidence| (one.field, one.value, one.start, one.end);
    let mut kept = 0;
    for index in 0..pieces.len() {
        if kept == MAX_EVIDENCE {
            break;
        }
        if kept == 0 || span(&pieces[kept - 1]) != span(&pieces[index]) {
            pieces[kept] = pieces[index];
            kept += 1;
        }
    }
    kept
}
