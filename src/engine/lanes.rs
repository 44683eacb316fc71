//! Fills the lanes from a batch, sweeps them, and hands each row what was proposed for it.

use super::scratch::{LaneBuffer, Scratch, Source};
use crate::event::{Batch, FieldId, Scalar, ValueId};
use crate::ruleset::{FieldPlan, Lane, PatternId, RuleSet, is_plain, push_plain_token_lane};
use crate::text::token::push_folded;

/// Writes every value that a lane wants into the lane's buffer.
pub(super) fn fill(rules: &RuleSet, batch: &Batch, scratch: &mut Scratch) {
    if rules.substring.is_none() && rules.token.is_none() {
        return;
    }
    for (row, number) in (0..batch.len()).zip(0u32..) {
        for (field, value, scalar) in batch.row_values(row) {
            let plan = rules.plans[usize::from(field.0)];
            if plan.substring || plan.token {
                fill_value(plan, Source { row: number, value, field }, scalar, scratch);
            }
        }
    }
}

fn fill_value(plan: FieldPlan, source: Source, scalar: Scalar<'_>, scratch: &mut Scratch) {
    let Some(text) = scalar.text() else { return };
    let Scratch { substring, token, memory, tokens, .. } = scratch;
    if plan.substring {
        let folded = memory.readings.folded(source.value, text);
        push(substring, source, |out| out.extend_from_slice(folded.as_bytes()));
    }
    if plan.token && is_plain(text) {
        push(token, source, |out| push_plain_token_lane(text, out));
    } else if plan.token {
        let mut reading = |text: &str| {
            tokens.clear();
            let moved = push_folded(text, tokens);
            push(token, source, |out| out.extend_from_slice(tokens.as_bytes()));
            moved
        };
        // Both readings, if they may differ in their tokens.
        if reading(text) {
            reading(memory.readings.folded(source.value, text));
        }
    }
}

fn push(lane: &mut LaneBuffer, source: Source, fill: impl FnOnce(&mut Vec<u8>)) {
    lane.segments.push(fill);
    lane.sources.push(source);
}

/// Sweeps both lanes.
pub(super) fn scan(rules: &RuleSet, scratch: &mut Scratch) {
    for (lane, buffer) in lanes(rules, scratch) {
        if let Some(lane) = lane {
            lane.prefilter.scan(&buffer.segments, &mut buffer.found);
        }
    }
}

fn lanes<'r, 's>(
    rules: &'r RuleSet,
    scratch: &'s mut Scratch,
) -> [(Option<&'r Lane>, &'s mut LaneBuffer); 2] {
    let Scratch { substring, token, .. } = scratch;
    [(rules.substring.as_ref(), substring), (rules.token.as_ref(), token)]
}

/// How far each lane's proposals have been handed out.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    next: [usize; 2],
}

/// Collects the patterns proposed for the values of a row, sorted, without repeats.
pub(super) fn candidates(
    rules: &RuleSet,
    batch: &Batch,
    row: usize,
    cursor: &mut Cursor,
    scratch: &mut Scratch,
) {
    let mut found = std::mem::take(&mut scratch.memory.candidates);
    found.clear();
    for ((lane, buffer), next) in lanes(rules, scratch).into_iter().zip(&mut cursor.next) {
        let Some(lane) = lane else { continue };
        *next += of_lane(rules, lane, buffer, *next, row, &mut found);
    }
    if !rules.exact.is_empty() {
        of_exact(rules, batch, row, &mut scratch.lowered, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    scratch.memory.candidates = found;
}

/// Hands out the lane's proposals for the row, from the first; returns their number.
fn of_lane(
    rules: &RuleSet,
    lane: &Lane,
    buffer: &LaneBuffer,
    first: usize,
    row: usize,
    found: &mut Vec<(PatternId, ValueId)>,
) -> usize {
    let mut taken = 0;
    for candidate in &buffer.found.candidates()[first..] {
        let source = buffer.sources[candidate.segment as usize];
        if source.row as usize != row {
            break;
        }
        taken += 1;
        let proposed = lane.proposes.of(candidate.literal.0).iter();
        let same_field = |pattern: &&PatternId| rules.pattern(**pattern).field == source.field;
        found.extend(proposed.filter(same_field).map(|pattern| (*pattern, source.value)));
    }
    taken
}

fn of_exact(
    rules: &RuleSet,
    batch: &Batch,
    row: usize,
    lowered: &mut String,
    found: &mut Vec<(PatternId, ValueId)>,
) {
    let wanted = |field: &FieldId| rules.plans[usize::from(field.0)].exact;
    for (field, value, scalar) in batch.row_values(row).filter(|(field, _, _)| wanted(field)) {
        let Some(text) = scalar.text() else { continue };
        let patterns = rules.exact.find(field, text, lowered);
        found.extend(patterns.iter().map(|pattern| (*pattern, value)));
    }
}
