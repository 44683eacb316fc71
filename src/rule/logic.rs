//! Conditions that hold never or always: found by trying which of a rule's tests can hold together.
//!
//! Every distinct test is a proposition. What can be said of two tests of one field whatever the event is (`exists: true`
//! and `exists: false`; `gt: 5` is `gt: 3`, too; a list that another one contains) goes beside them as a fact
//! ([`facts`]). Then a search in the manner of Davis and Putnam looks for an assignment that makes the condition
//! hold, and for one that makes it fail. If there is none, that is certain, since every fact is true of every event; if
//! the search grows too long, nothing is said.
//!
//! A field may be a list, of which `1` and `2` are both true. So that one value is not two is a fact only for fields of
//! the canonical event that are no lists, and what follows from it says so.

mod facts;

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::model::GlobPart;
use super::model::{Clause, Condition, Demand, Pattern, PatternKind, Place, Rule, Status, Test, Views};
use super::reader::Reader;
use super::source::Span;
use super::syntax::{Kind, Node};
use crate::event::FieldType;
use facts::Fact;

/// Most tests of a rule that is looked at.
const MOST_TESTS: usize = 200;

/// Most evaluations of a condition in one search.
const MOST_STEPS: usize = 2_000;

/// Tells of a rule's condition, or of a selection, that can never hold or always does. `document` is where the rule was
/// read.
pub(super) fn lint(reader: &mut Reader<'_>, rule: &Rule, document: &Node) {
    if rule.status == Status::Retired {
        return;
    }
    let Some(problem) = Problem::of(rule) else { return };
    let selections = rule.detection.selections.iter().zip(0..);
    let never = selections.filter_map(|(selection, index)| {
        let why = problem.never(&Formula::Selection(index), false)?;
        let message = format!("the selection `{}` can hold of no event", selection.name);
        Some(Diagnostic::new(Code::Never, selection.span, message).help(why))
    });
    let never: Vec<_> = never.collect();
    if !never.is_empty() {
        reader.out.extend(never);
        return;
    }
    let place = condition(document).unwrap_or(rule.origin.span);
    if let Some(why) = problem.never(&problem.condition, true) {
        reader.push(Diagnostic::new(Code::Never, place, "the condition can hold of no event").help(why));
    } else if problem.is_always() {
        let message = "the condition holds of every event that the rule looks at";
        let found = Diagnostic::new(Code::Always, place, message);
        reader.push(found.help("it would flag everything: put `and` for `or`, or leave a `not` out"));
    }
}

/// The place of a rule's condition.
fn condition(document: &Node) -> Option<Span> {
    let value = |node: &'_ Node, name: &str| -> Option<Node> {
        let Kind::Map(entries) = &node.kind else { return None };
        entries.iter().find(|entry| &*entry.key.text == name).map(|entry| entry.value.clone())
    };
    Some(value(&value(document, "detection")?, "condition")?.span)
}

/// A condition over tests by their numbers.
enum Formula {
    Test(usize),
    /// A selection, by its number.
    Selection(usize),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// A rule as a question of logic.
struct Problem {
    selections: Vec<Formula>,
    condition: Formula,
    /// The types of events that the rule looks at, as a test.
    kinds: Option<usize>,
    /// Facts about the tests that are true of any event.
    certain: Vec<Fact>,
    /// Facts that are true where a field is no list.
    likely: Vec<Fact>,
    /// The field of each test.
    fields: Vec<String>,
}

impl Problem {
    /// None of a rule with too many tests.
    fn of(rule: &Rule) -> Option<Problem> {
        let kinds = kinds(rule);
        let mut tests: Vec<&Test> = Vec::new();
        let mut formula = |clause| number(clause, &mut tests);
        let selections: Option<Vec<_>> =
            rule.detection.selections.iter().map(|selection| formula(&selection.clause)).collect();
        let kinds = kinds.as_ref().map(|kinds| {
            tests.push(kinds);
            tests.len() - 1
        });
        let (certain, likely) = facts::about(&tests);
        let fields = tests.iter().map(|test| test.field.clone()).collect();
        let condition = over(&rule.detection.condition);
        Some(Problem { selections: selections?, condition, kinds, certain, likely, fields })
    }

    /// Why a part can never hold, if that is so; if asked, of an event that the rule looks at.
    fn never(&self, part: &Formula, looked_at: bool) -> Option<String> {
        let kinds = self.kinds.filter(|_| looked_at);
        if !self.can_be(part, true, &self.certain, None) {
            return Some("it demands something and, by `and` or `not`, its opposite".to_owned());
        }
        let all: Vec<_> = self.certain.iter().chain(&self.likely).copied().collect();
        if self.can_be(part, true, &all, kinds) {
            return None;
        }
        // The one fact that makes the difference, if it is one.
        let alone = |fact: &&Fact| {
            let facts: Vec<_> = self.certain.iter().chain([*fact]).copied().collect();
            !self.can_be(part, true, &facts, kinds)
        };
        let decisive = self.likely.iter().find(alone)?;
        let (test, other) = decisive.tests();
        let field = &self.fields[test];
        if kinds.is_some_and(|kinds| kinds == test || kinds == other) {
            return Some(format!("the log source leaves out the events whose `{field}` it demands"));
        }
        Some(format!("of `{field}` it demands two things that no value is at once; `or` lets either be"))
    }

    fn is_always(&self) -> bool {
        !self.can_be(&self.condition, false, &self.certain, None)
    }

    /// Whether a part can hold, or fail. True, too, if that would take too long to find out.
    fn can_be(&self, part: &Formula, wanted: bool, facts: &[Fact], kinds: Option<usize>) -> bool {
        let mut values = vec![None; self.fields.len()];
        if let Some(kinds) = kinds {
            values[kinds] = Some(true);
        }
        let mut search = Search { problem: self, part, wanted, facts, steps: 0 };
        facts::follow(facts, &mut values) && search.run(&values)
    }

    /// Whether a part holds, as far as the tests' values say.
    fn value(&self, part: &Formula, values: &[Option<bool>]) -> Option<bool> {
        // As soon as one part decides, the others do not matter.
        let decided = |parts: &[Formula], by: bool| {
            let mut all = Some(!by);
            for part in parts {
                match self.value(part, values) {
                    Some(value) if value == by => return Some(by),
                    None => all = None,
                    Some(_) => {}
                }
            }
            all
        };
        match part {
            Formula::Test(test) => values[*test],
            Formula::Selection(index) => self.value(&self.selections[*index], values),
            Formula::Not(inner) => self.value(inner, values).map(|value| !value),
            Formula::All(parts) => decided(parts, false),
            Formula::Any(parts) => decided(parts, true),
        }
    }

    /// A test that a part's value hangs on, and the value by which the part becomes as wanted.
    fn open(&self, part: &Formula, values: &[Option<bool>], wanted: bool) -> Option<(usize, bool)> {
        match part {
            Formula::Test(test) => values[*test].is_none().then_some((*test, wanted)),
            Formula::Selection(index) => self.open(&self.selections[*index], values, wanted),
            Formula::Not(inner) => self.open(inner, values, !wanted),
            Formula::All(parts) | Formula::Any(parts) => {
                let undecided = parts.iter().filter(|part| self.value(part, values).is_none());
                undecided.into_iter().find_map(|part| self.open(part, values, wanted))
            }
        }
    }
}

/// The numbers of tests that are alike are the same. None if they are too many.
fn number<'r>(clause: &'r Clause, tests: &mut Vec<&'r Test>) -> Option<Formula> {
    let mut each = |parts: &'r [Clause]| parts.iter().map(|part| number(part, tests)).collect::<Option<_>>();
    match clause {
        Clause::Not(inner) => Some(Formula::Not(Box::new(number(inner, tests)?))),
        Clause::All(parts) => Some(Formula::All(each(parts)?)),
        Clause::Any(parts) => Some(Formula::Any(each(parts)?)),
        Clause::Test(test) => {
            let known = tests.iter().position(|other| facts::are_alike(test, other));
            let number = known.unwrap_or(tests.len());
            if known.is_none() {
                tests.push(test);
            }
            (number < MOST_TESTS).then_some(Formula::Test(number))
        }
    }
}

fn over(condition: &Condition) -> Formula {
    let each = |parts: &[Condition]| parts.iter().map(over).collect();
    match condition {
        Condition::Selection(index) => Formula::Selection(*index),
        Condition::Not(inner) => Formula::Not(Box::new(over(inner))),
        Condition::All(parts) => Formula::All(each(parts)),
        Condition::Any(parts) => Formula::Any(each(parts)),
    }
}

/// The types of events that a rule looks at, as a test of the event.
fn kinds(rule: &Rule) -> Option<Test> {
    let pattern = |kind: &String| {
        let parts = vec![GlobPart::Literal(kind.clone())];
        Pattern { kind: PatternKind::Glob { place: Place::Whole, parts }, cased: false, entry: None }
    };
    let patterns: Vec<_> = rule.event_types.iter().map(pattern).collect();
    (!patterns.is_empty()).then(|| Test {
        field: "type".to_owned(),
        kind: FieldType::Keyword,
        views: Views::Automatic,
        demand: Demand::AnyOf(patterns.into()),
        span: rule.origin.span,
    })
}

/// A search for values of the tests that make a part hold, or fail.
struct Search<'p> {
    problem: &'p Problem,
    part: &'p Formula,
    wanted: bool,
    facts: &'p [Fact],
    steps: usize,
}

impl Search<'_> {
    fn run(&mut self, values: &[Option<bool>]) -> bool {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return true;
        }
        if let Some(value) = self.problem.value(self.part, values) {
            return value == self.wanted;
        }
        let Some((test, first)) = self.problem.open(self.part, values, self.wanted) else { return true };
        [first, !first].into_iter().any(|value| {
            let mut values = values.to_vec();
            values[test] = Some(value);
            facts::follow(self.facts, &mut values) && self.run(&values)
        })
    }
}

#[cfg(test)]
mod tests;
