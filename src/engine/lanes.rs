//! Fills the lanes from a batch, sweeps them, and hands each row what was proposed for it.

use super::scratch::{Candidate, LaneBuffer, Scratch, Source, Way};
use crate::event::{Batch, FieldId};
use crate::ruleset::{Candidate as Proposed, FieldPlan, PatternId, Proposes, RuleSet};

/// Proposes patterns for all values of a batch, and tells `judge` row by row that those of the row are there.
#[inline]
pub(super) fn sweep(
    rules: &RuleSet,
    batch: &Batch,
    scratch: &mut Scratch,
    mut judge: impl FnMut(usize, &mut Scratch),
) {
    scratch.begin(rules, batch);
    fill(rules, batch, scratch);
    scan(rules, scratch);
    let mut cursor = Cursor::default();
    for row in 0..batch.len() {
        candidates(rules, batch, row, &mut cursor, scratch);
        judge(row, scratch);
    }
}

/// Writes every value that a lane wants into the lane's buffer.
fn fill(rules: &RuleSet, batch: &Batch, scratch: &mut Scratch) {
    if rules.substring.is_none() && rules.stream.is_none() {
        return;
    }
    for (row, number) in (0..batch.len()).zip(0u32..) {
        for (field, value, scalar) in batch.row_values(row) {
            let source = Source { row: number, value, field };
            if let Some(text) = scalar.text() {
                fill_value(rules.plan(field), source, text, scratch);
            }
        }
    }
}

fn fill_value(plan: FieldPlan, source: Source, text: &str, scratch: &mut Scratch) {
    if plan.substring {
        let folded = scratch.memory.readings.folded(source.value, text);
        scratch.substring.segments.push(|out| out.extend_from_slice(folded.as_bytes()));
        scratch.substring.sources.push(source);
    }
    if let Some(depth) = plan.words {
        let segments = scratch.stream.segments.push(text, depth);
        scratch.stream.sources.extend(std::iter::repeat_n(source, segments));
    }
}

/// Sweeps all lanes.
fn scan(rules: &RuleSet, scratch: &mut Scratch) {
    let Scratch { substring, stream, .. } = scratch;
    if let Some(lane) = &rules.substring {
        lane.prefilter.scan(&substring.segments, &mut substring.found);
    }
    if let Some(lane) = &rules.stream {
        lane.keys.scan(&stream.segments, &mut stream.found);
    }
}

/// How far each lane's proposals have been handed out.
#[derive(Debug, Default)]
struct Cursor {
    substring: usize,
    stream: usize,
}

/// Collects the patterns proposed for the values of a row, sorted, without repeats.
fn candidates(rules: &RuleSet, batch: &Batch, row: usize, cursor: &mut Cursor, scratch: &mut Scratch) {
    let Scratch { substring, stream, memory, lowered, .. } = scratch;
    let found = &mut memory.candidates;
    found.clear();
    if let Some(lane) = &rules.substring {
        cursor.substring += of_lane(rules, &lane.proposes, &[], substring, cursor.substring, row, found);
    }
    if let Some(lane) = &rules.stream {
        cursor.stream += of_lane(rules, &lane.proposes, &lane.slips, stream, cursor.stream, row, found);
    }
    if !rules.exact.is_empty() {
        of_exact(rules, batch, row, lowered, found);
    }
    if !rules.networks.is_empty() {
        of_networks(rules, batch, row, found);
    }
    found.sort_unstable();
    // What may be found in any way comes first.
    found.dedup_by_key(|(pattern, value, _)| (*pattern, *value));
}

/// Hands out a lane's proposals for the row, from the first; returns their number. `slips` says of a literal whether it
/// proposes only slips.
fn of_lane<T>(
    rules: &RuleSet,
    proposes: &Proposes,
    slips: &[bool],
    buffer: &mut LaneBuffer<T>,
    first: usize,
    row: usize,
    found: &mut Vec<Candidate>,
) -> usize {
    let LaneBuffer { sources, found: all, there, .. } = buffer;
    let is_of_row = |candidate: &&Proposed| sources[candidate.segment as usize].row as usize == row;
    let rest = &all.candidates()[first..];
    let of_row = &rest[..rest.iter().take_while(is_of_row).count()];
    there.next();
    for word in of_row.iter().flat_map(|candidate| proposes.stands_for.of(candidate.literal.0)) {
        there.mark(*word);
    }
    for candidate in of_row {
        let source = sources[candidate.segment as usize];
        let slip = slips.get(candidate.literal.0 as usize) == Some(&true);
        let way = if slip { Way::Slip } else { Way::Any };
        let may_be = |pattern: &&PatternId| {
            rules.pattern(**pattern).field == source.field
                && proposes.needs.get(pattern.0).iter().all(|word| there.has(*word))
        };
        let patterns = proposes.patterns.of(candidate.literal.0).iter().filter(may_be);
        found.extend(patterns.map(|pattern| (*pattern, source.value, way)));
    }
    of_row.len()
}

fn of_exact(rules: &RuleSet, batch: &Batch, row: usize, lowered: &mut String, found: &mut Vec<Candidate>) {
    let wanted = |field: &FieldId| rules.plan(*field).exact;
    for (field, value, scalar) in batch.row_values(row).filter(|(field, _, _)| wanted(field)) {
        let Some(text) = scalar.text() else { continue };
        let patterns = rules.exact.find(field, text, lowered);
        found.extend(patterns.iter().map(|pattern| (*pattern, value, Way::Any)));
    }
}

fn of_networks(rules: &RuleSet, batch: &Batch, row: usize, found: &mut Vec<Candidate>) {
    let wanted = |field: &FieldId| rules.plan(*field).networks;
    for (field, value, scalar) in batch.row_values(row).filter(|(field, _, _)| wanted(field)) {
        let patterns = scalar.text().into_iter().flat_map(|text| rules.networks.find(field, text));
        found.extend(patterns.map(|pattern| (pattern, value, Way::Any)));
    }
}
