//! Evaluates a rule set over a batch of events: findings with their evidence.
//!
//! ```text
//!  Batch ─► lanes: fill one buffer of texts ─► prefilter: which literals, where ─► candidates of a row
//!                                                                                    │
//!            Finding + Evidence ◄─ evidence ◄─ judge: conditions of candidate rules ◄┘
//!                                               verify: a pattern on a value, view by view
//! ```
//!
//! **A finding** is a rule that looks at a type of the event and whose condition holds.
//!
//! **Evidence** shows a reviewer what was written. It is, exactly:
//! * for every test that holds and stands under an even number of `not` in the rule's condition, whether or
//!   not the condition needed it: for each of its patterns and each value of its field, the pattern's
//!   *occurrence* in the first view that holds it (in the order of [`View`]), as bytes of the value as it was
//!   written, on character boundaries. A numeric comparison shows the whole of each value that satisfies
//!   it; `exists` and null show nothing;
//! * an occurrence is the leftmost. Of a glob it is from there the shortest, and `*` at either end is no
//!   part of it; of tokens it reaches from the first token to the last; of a regular expression it is what
//!   leftmost-first search finds. An occurrence of no bytes shows nothing and is left out;
//! * a folded occurrence covers every character of the original that it comes from;
//! * in the skeleton and squashed views it is the leftmost and shortest of the first reading that has one
//!   ([`crate::ruleset`]'s `coarse`), forwards before backwards, and covers its letters with their marks. What is in no view is
//!   looked for with one slip (`text/spelling/misspelt.rs`), and then counts as found in the skeleton view;
//! * ordered by field, value, start, end; of several with the same span the plainest view is kept, then the
//!   one that comes from no list, then the first list entry in order of list and entry; at most
//!   [`MAX_EVIDENCE`].
//!
//! [`plain`] is the same, straight from the model and without any of this machinery: the tests hold this
//! module to it.
//!
//! [`lint`] doubts texts that find too much of ordinary chat. [`profile`] tells what rules and patterns cost. [`trace`] explains one rule on one event.
//!
//! After warm-up an evaluation allocates nothing: all state is in the [`Scratch`], one per thread, passed
//! in rather than pooled because a pool is contended by many threads.

mod evidence;
mod judge;
mod lanes;
pub mod lint;
pub mod plain;
pub mod profile;
mod scratch;
pub mod trace;
mod verify;

pub use scratch::Scratch;

use crate::event::{Batch, FieldId, ValueId};
use crate::ruleset::{EntryId, RuleIndex, RuleSet};
use crate::text::View;
use judge::Judge;
use profile::{Probe, Unwatched};

/// Most pieces of evidence in a finding: a reviewer reads a few, and a flag has to fit a record.
pub const MAX_EVIDENCE: usize = 32;

/// Where a pattern was found in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The field, of the rule set's fields.
    pub field: FieldId,
    /// The value, of the batch.
    pub value: ValueId,
    /// First byte of the occurrence in the value as it was written.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// The view that holds the pattern.
    pub view: View,
    /// Slips of the fingers between the pattern and what is there: 0 or 1.
    pub edits: u8,
    /// The list entry that the pattern came from, if it came from a list.
    pub entry: Option<EntryId>,
}

/// A rule that fired on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding<'s> {
    /// The event's row in the batch.
    pub row: usize,
    /// The rule.
    pub rule: RuleIndex,
    /// Why, in the order and number that the module's head defines.
    pub evidence: &'s [Evidence],
}

/// All findings of a batch, ordered by row, then rule; borrowed from the scratch.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'s> {
    findings: &'s [scratch::Found],
    evidence: &'s [Evidence],
}

impl<'s> Findings<'s> {
    /// Number of findings.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// True if no rule fired.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The findings in order.
    pub fn iter(&self) -> impl Iterator<Item = Finding<'s>> + use<'s> {
        let evidence = self.evidence;
        self.findings.iter().map(move |found| Finding {
            row: found.row,
            rule: found.rule,
            evidence: &evidence[found.evidence.clone()],
        })
    }
}

/// Evaluates all rules over all events of a batch, whose values were decoded by the rule set's fields.
pub fn evaluate<'s>(rules: &RuleSet, batch: &Batch, scratch: &'s mut Scratch) -> Findings<'s> {
    evaluate_watched(rules, batch, scratch, &mut Unwatched)
}

/// The same, and tells `probe` what it does.
pub(crate) fn evaluate_watched<'s>(
    rules: &RuleSet,
    batch: &Batch,
    scratch: &'s mut Scratch,
    probe: &mut impl Probe,
) -> Findings<'s> {
    probe.begins(rules, batch);
    lanes::sweep(rules, batch, scratch, |row, scratch| {
        probe.proposed(&scratch.memory.candidates);
        judge_row(rules, batch, row, scratch, probe);
    });
    probe.ends();
    Findings { findings: &scratch.findings, evidence: &scratch.evidence }
}

/// Decides the rules that a row's candidates and its type select.
fn judge_row(rules: &RuleSet, batch: &Batch, row: usize, scratch: &mut Scratch, probe: &mut impl Probe) {
    let Scratch { memory, selected, findings, evidence, .. } = scratch;
    memory.next_row();
    let kinds = || event_types(rules, batch, row);
    if !judge::select(rules, memory, selected, kinds) {
        return;
    }
    memory.kinds.clear();
    memory.kinds.extend(kinds());
    let mut judge = Judge { rules, batch, row, memory, probe };
    judge.probe.rules_begin();
    for rule in selected.iter() {
        let index = rule.0 as usize;
        let Some(condition) = &rules.conditions[index] else { continue };
        let fires = rules.types.allows(index, &judge.memory.kinds) && judge.holds(condition);
        if fires {
            let start = evidence.len();
            judge.evidence(condition, evidence);
            findings.push(scratch::Found { row, rule: *rule, evidence: start..evidence.len() });
        }
        judge.probe.rule_ends(*rule, fires);
    }
}

/// The event's types, of those that rules name: mostly one.
fn event_types(rules: &RuleSet, batch: &Batch, row: usize) -> impl Iterator<Item = u32> {
    let values = batch.values(row, FieldId::TYPE);
    values.filter_map(|(_, scalar)| rules.types.find(scalar.text()?))
}

#[cfg(test)]
mod tests;
