//! Why a rule fires on an event or does not: each part of its condition with its value and the reason.
//!
//! Every test of the rule becomes a rule of its own, and the engine evaluates them all: what is explained is what runs,
//! not what a second evaluator thinks, and it stays so whatever the engine learns to read. The condition over
//! the tests is then plain logic. Rejected: the plain evaluator, which tells more but takes minutes over a hostile
//! text; traces inside the engine, which every event would pay for.
//!
//! What nearly matched is measured apart ([`Near`]), for phrases alone: of an expression that finds nothing, nothing
//! more can be said that helps.

mod near;

pub use near::Near;

use super::Scratch;
use crate::event::{Batch, FieldId, FieldSet, Scalar, ValueId};
use crate::rule::model::{Clause, Condition, Demand, Detection, ListEntry, Rule, Selection, Status, Test};
use crate::rule::source::Span;
use crate::ruleset::{CompileError, Limits, RuleSet};
use crate::text::View;
use std::ops::Range;

/// A rule made ready to be explained.
#[derive(Debug)]
pub struct Tracer {
    /// The rule, each pattern of an `|all` as a test of its own, so that it shows which of them are missing.
    rule: Rule,
    /// The rule's tests in order, each as a rule of its own; then the rule itself.
    parts: RuleSet,
}

/// What became of a rule on an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace<'r> {
    /// The rule fires.
    pub fires: bool,
    /// The rule is evaluated on an event of this type at all.
    pub looks: bool,
    /// The condition.
    pub condition: Part<'r>,
}

/// A part of a condition, and whether it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'r> {
    /// It holds.
    pub holds: bool,
    /// What it is.
    pub kind: Kind<'r>,
}

/// The kinds of parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind<'r> {
    /// Holds if all do.
    All(Vec<Part<'r>>),
    /// Holds if one does.
    Any(Vec<Part<'r>>),
    /// Holds if its part does not.
    Not(Box<Part<'r>>),
    /// A selection, by its name.
    Selection(&'r str, Box<Part<'r>>),
    /// A test, and what it found.
    Test(&'r Test, Reason<'r>),
}

/// Why a test holds or does not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reason<'r> {
    /// The values of its field.
    pub values: Vec<ValueId>,
    /// What was found, as evidence shows it: first by value, then by place; at most [`super::MAX_EVIDENCE`].
    pub found: Vec<Found>,
    /// Of a test that found nothing: the phrases that came nearest. None from lists: their entries are not to be
    /// guessed word by word.
    pub near: Vec<Near<'r>>,
}

/// A pattern's occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The value.
    pub value: ValueId,
    /// The bytes of the value as it was written.
    pub span: Range<usize>,
    /// The view that holds the pattern.
    pub view: View,
    /// Slips of the fingers between the pattern and what is there.
    pub edits: u8,
    /// The list entry that the pattern came from.
    pub entry: Option<ListEntry>,
}

impl Tracer {
    /// Makes ready to explain `rule`. Fails where the rule does not compile, as one that is retired may.
    pub fn new(rule: &Rule, limits: &Limits) -> Result<Tracer, Vec<CompileError>> {
        let mut rule = rule.clone();
        for selection in &mut rule.detection.selections {
            spread(&mut selection.clause);
        }
        let tests = rule.detection.selections.iter().flat_map(|selection| selection.clause.tests());
        let mut parts: Vec<Rule> = tests.zip(0..).map(|(test, number)| alone(&rule, test, number)).collect();
        parts.push(Rule { status: Status::Test, allow_unanchored: true, ..rule.clone() });
        Ok(Tracer { parts: RuleSet::compile(parts, limits)?, rule })
    }

    /// The fields that have to be read of events.
    pub fn fields(&self) -> &FieldSet {
        self.parts.fields()
    }

    /// What becomes of the rule on the event in that row of a batch of [`Tracer::fields`].
    pub fn trace(&self, batch: &Batch, row: usize) -> Trace<'_> {
        let mut scratch = Scratch::new();
        let findings = super::evaluate(&self.parts, batch, &mut scratch);
        let mut found: Vec<Option<Vec<Found>>> = vec![None; self.parts.rules().len()];
        for finding in findings.iter().filter(|finding| finding.row == row) {
            let evidence = finding.evidence.iter().map(|piece| self.found(piece));
            found[finding.rule.0 as usize] = Some(evidence.collect());
        }
        let fires = found.pop().flatten().is_some() && self.rule.status != Status::Retired;
        let kinds = batch.values(row, FieldId::TYPE).filter_map(|(_, kind)| kind.text());
        let looks = self.rule.looks_at(kinds);
        let detection = &self.rule.detection;
        let mut writer = Writer { fields: self.fields(), batch, row, found: found.into_iter() };
        let clauses = detection.selections.iter().map(|selection| writer.selection(selection));
        let selections: Vec<_> = clauses.collect();
        Trace { fires, looks, condition: condition(&detection.condition, &selections) }
    }

    fn found(&self, piece: &super::Evidence) -> Found {
        Found {
            value: piece.value,
            span: piece.start as usize..piece.end as usize,
            view: piece.view,
            edits: piece.edits,
            entry: piece.entry.map(|entry| self.parts.entry(entry).clone()),
        }
    }
}

/// Makes a test of each pattern of which every one has to be found.
fn spread(clause: &mut Clause) {
    match clause {
        Clause::Not(inner) => spread(inner),
        Clause::All(parts) | Clause::Any(parts) => parts.iter_mut().for_each(spread),
        Clause::Test(test) => {
            let Demand::AllOf(patterns) = &test.demand else { return };
            let demands = patterns.iter().map(|pattern| Demand::AnyOf([pattern.clone()].into()));
            let tests = demands.map(|demand| Clause::Test(Test { demand, ..test.clone() }));
            *clause = Clause::All(tests.collect());
        }
    }
}

/// A rule that is that test alone, of events of any type.
pub(super) fn alone(rule: &Rule, test: &Test, number: usize) -> Rule {
    let selection =
        Selection { name: "test".to_owned(), clause: Clause::Test(test.clone()), span: Span::default() };
    Rule {
        id: number.to_string(),
        name: number.to_string(),
        status: Status::Test,
        event_types: Vec::new(),
        detection: Detection { selections: vec![selection], condition: Condition::Selection(0) },
        tests: Vec::new(),
        allow_unanchored: true,
        ..rule.clone()
    }
}

/// Takes up what was found, test by test, in the order in which they were numbered.
struct Writer<'b, I> {
    fields: &'b FieldSet,
    batch: &'b Batch,
    row: usize,
    found: I,
}

impl<I: Iterator<Item = Option<Vec<Found>>>> Writer<'_, I> {
    fn selection<'r>(&mut self, selection: &'r Selection) -> Part<'r> {
        let part = self.clause(&selection.clause);
        Part { holds: part.holds, kind: Kind::Selection(&selection.name, Box::new(part)) }
    }

    fn clause<'r>(&mut self, clause: &'r Clause) -> Part<'r> {
        match clause {
            Clause::Test(test) => self.test(test),
            Clause::Not(inner) => not(self.clause(inner)),
            Clause::All(parts) => all(parts.iter().map(|part| self.clause(part)).collect()),
            Clause::Any(parts) => any(parts.iter().map(|part| self.clause(part)).collect()),
        }
    }

    fn test<'r>(&mut self, test: &'r Test) -> Part<'r> {
        let found = self.found.next().flatten();
        let field = self.fields.find(test.path());
        let values: Vec<(ValueId, Scalar<'_>)> =
            field.map(|field| self.batch.values(self.row, field).collect()).unwrap_or_default();
        let holds = found.is_some();
        let texts = values.iter().filter_map(|(_, value)| value.text());
        let near = if holds { Vec::new() } else { near::nearest(test, texts) };
        let values = values.iter().map(|(id, _)| *id).collect();
        let reason = Reason { values, found: found.unwrap_or_default(), near };
        Part { holds, kind: Kind::Test(test, reason) }
    }
}

fn condition<'r>(of: &Condition, selections: &[Part<'r>]) -> Part<'r> {
    let each = |parts: &[Condition]| parts.iter().map(|part| condition(part, selections)).collect();
    match of {
        Condition::Selection(index) => selections[*index].clone(),
        Condition::Not(inner) => not(condition(inner, selections)),
        Condition::All(parts) => all(each(parts)),
        Condition::Any(parts) => any(each(parts)),
    }
}

fn not(inner: Part<'_>) -> Part<'_> {
    Part { holds: !inner.holds, kind: Kind::Not(Box::new(inner)) }
}

fn all(parts: Vec<Part<'_>>) -> Part<'_> {
    Part { holds: parts.iter().all(|part| part.holds), kind: Kind::All(parts) }
}

fn any(parts: Vec<Part<'_>>) -> Part<'_> {
    Part { holds: parts.iter().any(|part| part.holds), kind: Kind::Any(parts) }
}

#[cfg(test)]
mod tests;
