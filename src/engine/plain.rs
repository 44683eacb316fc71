//! The plain evaluator: rule by rule, value by value, straight from the rule model.
//!
//! It is the meaning of a rule written down as simply as we can, slow and without any of the engine's
//! machinery: no compiled form, no prefilter, no shared test, no memory. The tests compare every finding and
//! every span of the engine with it, and `explain` may use it, so it has to be readable rather than fast.
//! What it shares with the engine is only the definition of a token, the fold of one character, the letters and words
//! of a skeleton, and the folded form of a regular expression.

mod fuzzy;
mod reading;
mod search;
mod spelling;

use crate::event::{Batch, FieldId, FieldSet, FieldType, Scalar, ValueId, parse_time};
use crate::rule::model::{
    Clause, Comparison, Condition, Demand, Detection, FieldTest, ListEntry, Number, Pattern, PatternKind,
    Rule, Status, Test, TimeTest, Views,
};
use crate::text::View;
use reading::Reading;
use search::Expressions;
use std::collections::BTreeMap;
use std::ops::Range;

/// A finding with everything spelt out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The event's row in the batch.
    pub row: usize,
    /// The rule's index among those given.
    pub rule: usize,
    /// Why, as [`crate::engine`] defines it.
    pub evidence: Vec<Evidence>,
}

/// A piece of evidence with its list entry spelt out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The field.
    pub field: FieldId,
    /// The value.
    pub value: ValueId,
    /// First byte in the value as it was written.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// The view that holds the pattern.
    pub view: View,
    /// Slips of the fingers between the pattern and what is there.
    pub edits: u8,
    /// The list entry that the pattern came from.
    pub entry: Option<ListEntry>,
}

/// Evaluates every rule over every event. `fields` are those that the batch was decoded by.
pub fn evaluate(rules: &[Rule], fields: &FieldSet, batch: &Batch) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut expressions = Expressions::default();
    for row in 0..batch.len() {
        let event = Event::new(fields, batch, row);
        for (rule, of) in rules.iter().enumerate().filter(|(_, rule)| event.concerns(rule)) {
            let mut judge = Judge { event: &event, expressions: &mut expressions };
            if of.detection.holds(&mut |test| judge.test(test)) {
                let mut evidence = Vec::new();
                judge.evidence(&of.detection.condition, &of.detection, true, &mut evidence);
                findings.push(Finding { row, rule, evidence: in_order(evidence) });
            }
        }
    }
    findings
}

fn in_order(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.sort();
    evidence.dedup_by_key(|one| (one.field, one.value, one.start, one.end));
    evidence.truncate(super::MAX_EVIDENCE);
    evidence
}

/// An event's values by field, each with its readings.
struct Event<'a> {
    fields: &'a FieldSet,
    values: BTreeMap<FieldId, Vec<Value<'a>>>,
}

struct Value<'a> {
    id: ValueId,
    scalar: Scalar<'a>,
    raw: Reading,
    folded: Reading,
    /// Of a joined text: where the last message begins.
    cut: Option<usize>,
}

impl<'a> Event<'a> {
    fn new(fields: &'a FieldSet, batch: &'a Batch, row: usize) -> Event<'a> {
        let mut values: BTreeMap<FieldId, Vec<Value>> = BTreeMap::new();
        for (field, id, scalar) in batch.row_values(row) {
            let text = scalar.text().unwrap_or_default();
            let (raw, folded) = (Reading::raw(text), Reading::folded(text));
            let cut = batch.cut(id).map(|byte| byte as usize);
            let value = Value { id, scalar, raw, folded, cut };
            values.entry(field).or_default().push(value);
        }
        Event { fields, values }
    }

    fn concerns(&self, rule: &Rule) -> bool {
        let kinds = self.values(FieldId::TYPE).iter().filter_map(|value| value.scalar.text());
        rule.status != Status::Retired && rule.looks_at(kinds)
    }

    fn values(&self, field: FieldId) -> &[Value<'a>] {
        self.values.get(&field).map_or(&[], Vec::as_slice)
    }

    fn of(&self, test: &Test) -> (FieldId, &[Value<'a>]) {
        match self.fields.find(test.path()) {
            Some(field) => (field, self.values(field)),
            None => (FieldId::TEXT, &[]),
        }
    }
}

struct Judge<'a> {
    event: &'a Event<'a>,
    expressions: &'a mut Expressions,
}

impl Judge<'_> {
    fn test(&mut self, test: &Test) -> bool {
        let (_, values) = self.event.of(test);
        match &test.demand {
            Demand::Exists(present) => values.is_empty() != *present,
            Demand::Null => values.is_empty() || values.iter().any(|value| value.scalar == Scalar::Null),
            Demand::Compare(comparison, bound) => {
                values.iter().any(|value| compares(value.scalar, *comparison, *bound))
            }
            Demand::Time(time) => values.iter().any(|value| at(value.scalar, *time)),
            Demand::Field(other) => values.iter().any(|value| self.refers(value.scalar, other)),
            Demand::AnyOf(patterns) => patterns.iter().any(|pattern| self.matches(test, pattern)),
            Demand::AllOf(patterns) => patterns.iter().all(|pattern| self.matches(test, pattern)),
        }
    }

    /// True if a value of the other field stands in this one as is demanded.
    fn refers(&self, value: Scalar<'_>, test: &FieldTest) -> bool {
        let others = self.event.fields.find(&test.other).map(|field| self.event.values(field));
        let mut others = others.into_iter().flatten().filter_map(|other| other.scalar.text());
        value.text().is_some_and(|value| others.any(|other| test.holds(value, other)))
    }

    fn matches(&mut self, test: &Test, pattern: &Pattern) -> bool {
        let (_, values) = self.event.of(test);
        values.iter().any(|value| self.find(test, pattern, value).is_some())
    }

    /// The occurrence in the first view that holds it, as a span of the original.
    fn find(
        &mut self,
        test: &Test,
        pattern: &Pattern,
        value: &Value<'_>,
    ) -> Option<(View, u8, Range<usize>)> {
        value.scalar.text()?;
        for view in views(test, pattern) {
            let reading = if *view == View::Raw { &value.raw } else { &value.folded };
            if let Some(found) = search::find(pattern, *view, reading, self.expressions) {
                return Some((*view, 0, reading.original(found)));
            }
        }
        let written = value.scalar.text().filter(|_| test.kind == FieldType::Text && !pattern.cased)?;
        match &pattern.kind {
            PatternKind::Words(phrase) => spelling::find(phrase, test.views, written, value.cut),
            PatternKind::Fuzzy { text: phrase, slips } => {
                let found = spelling::find(phrase, test.views, written, value.cut);
                found.or_else(|| fuzzy::find(phrase, *slips, test.views, written))
            }
            PatternKind::Near { text: words, reach } => {
                spelling::find_near(words, (*reach).into(), test.views, written)
            }
            PatternKind::Glob { .. } | PatternKind::Regex(_) | PatternKind::Network(_) => None,
        }
    }

    fn evidence(
        &mut self,
        condition: &Condition,
        detection: &Detection,
        positive: bool,
        out: &mut Vec<Evidence>,
    ) {
        match condition {
            Condition::Not(inner) => self.evidence(inner, detection, !positive, out),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.evidence(part, detection, positive, out);
                }
            }
            Condition::Selection(index) => {
                self.clause_evidence(&detection.selections[*index].clause, positive, out);
            }
        }
    }

    fn clause_evidence(&mut self, clause: &Clause, positive: bool, out: &mut Vec<Evidence>) {
        match clause {
            Clause::Not(inner) => self.clause_evidence(inner, !positive, out),
            Clause::All(parts) | Clause::Any(parts) => {
                for part in parts {
                    self.clause_evidence(part, positive, out);
                }
            }
            Clause::Test(test) if positive && self.test(test) => self.test_evidence(test, out),
            Clause::Test(_) => {}
        }
    }

    fn test_evidence(&mut self, test: &Test, out: &mut Vec<Evidence>) {
        let (field, values) = self.event.of(test);
        for value in values {
            let mut show = |(view, edits, span): (View, u8, Range<usize>), entry: &Option<ListEntry>| {
                let piece = Evidence {
                    field,
                    value: value.id,
                    start: span.start,
                    end: span.end,
                    view,
                    edits,
                    entry: entry.clone(),
                };
                out.extend((!span.is_empty()).then_some(piece));
            };
            let right = match &test.demand {
                Demand::Exists(_) | Demand::Null => false,
                Demand::Compare(comparison, bound) => compares(value.scalar, *comparison, *bound),
                Demand::Time(time) => at(value.scalar, *time),
                Demand::Field(other) => self.refers(value.scalar, other),
                Demand::AnyOf(patterns) | Demand::AllOf(patterns) => {
                    for pattern in patterns.iter() {
                        if let Some(found) = self.find(test, pattern, value) {
                            show(found, &pattern.entry);
                        }
                    }
                    false
                }
            };
            if let (true, Some(text)) = (right, value.scalar.text()) {
                show((View::Raw, 0, 0..text.len()), &None);
            }
        }
    }
}

/// The plain views that a pattern is read in, plainest first.
fn views(test: &Test, pattern: &Pattern) -> &'static [View] {
    let address = matches!(pattern.kind, PatternKind::Network(_));
    if test.kind != FieldType::Text || pattern.cased || address {
        return &[View::Raw];
    }
    match test.views {
        Views::Automatic => &[View::Raw, View::Folded],
        Views::Only(View::Raw) => &[View::Raw],
        Views::Only(View::Folded) => &[View::Folded],
        Views::Only(_) => &[],
    }
}

fn compares(scalar: Scalar<'_>, comparison: Comparison, bound: Number) -> bool {
    let (Scalar::Number(text) | Scalar::Text(text)) = scalar else { return false };
    text.parse::<f64>().is_ok_and(f64::is_finite)
        && Number::parse(text).is_some_and(|number| comparison.holds(&number, &bound))
}

fn at(scalar: Scalar<'_>, time: TimeTest) -> bool {
    parse_time(scalar).is_some_and(|value| time.holds(value))
}
