//! What an author is told of a rule that nothing selects: the selection and the value that are to blame.

use super::anchor::Score;
use super::{CompileCode, CompileError};
use crate::rule::Rule;
use crate::rule::model::{Clause, Condition, Demand, GlobPart, Pattern, PatternKind, Test};

/// What the compiler knows of the parts of a rule.
pub(super) trait Known {
    /// How well a selection selects.
    fn selection(&self, index: usize) -> Option<Score>;
    /// How well a test selects.
    fn test(&self, test: &Test) -> Option<Score>;
    /// The first pattern of the test that nothing proposes, by its place among them.
    fn unproposed(&self, test: &Test) -> Option<usize>;
}

/// The error for the rule at `index`.
pub(super) fn unanchored(index: usize, rule: &Rule, known: &impl Known) -> CompileError {
    let blamed = of_condition(&rule.detection.condition, known);
    let (message, place) = match blamed.and_then(|index| rule.detection.selections.get(index)) {
        Some(selection) => {
            let what = of_clause(&selection.clause, known).map_or_else(nothing, |test| of_test(test, known));
            (format!("nothing to search for in `{}`: {what}", selection.name), Some(selection.span))
        }
        None => ("nothing to search for: the condition only says what must not be there".to_owned(), None),
    };
    let help = "every alternative of a rule needs a literal of at least 3 bytes or an exact keyword to be found by; \
                `allow_unanchored: true` has it tried on every event instead";
    CompileError {
        rule: Some(index),
        code: CompileCode::Unanchored,
        message,
        help: Some(help.to_owned()),
        place,
    }
}

/// The selection because of which the condition is not selected; none if it is a `not`.
fn of_condition(condition: &Condition, known: &impl Known) -> Option<usize> {
    match condition {
        Condition::Selection(index) => Some(*index),
        Condition::Not(_) => None,
        Condition::All(parts) => parts.iter().find_map(|part| of_condition(part, known)),
        Condition::Any(parts) => of_condition(parts.iter().find(|part| !selected(part, known))?, known),
    }
}

fn selected(condition: &Condition, known: &impl Known) -> bool {
    match condition {
        Condition::Selection(index) => known.selection(*index).is_some(),
        Condition::Not(_) => false,
        Condition::All(parts) => parts.iter().any(|part| selected(part, known)),
        Condition::Any(parts) => parts.iter().all(|part| selected(part, known)),
    }
}

/// The test because of which a selection is not selected: of several that all hold one with values.
fn of_clause<'a>(clause: &'a Clause, known: &impl Known) -> Option<&'a Test> {
    match clause {
        Clause::Test(test) => Some(test),
        Clause::Not(_) => None,
        Clause::Any(parts) => of_clause(parts.iter().find(|part| !has_anchor(part, known))?, known),
        Clause::All(parts) => {
            let tests = || parts.iter().filter_map(|part| of_clause(part, known));
            tests().find(|test| patterns(test).is_some()).or_else(|| tests().next())
        }
    }
}

fn has_anchor(clause: &Clause, known: &impl Known) -> bool {
    match clause {
        Clause::Test(test) => known.test(test).is_some(),
        Clause::Not(_) => false,
        Clause::All(parts) => parts.iter().any(|part| has_anchor(part, known)),
        Clause::Any(parts) => parts.iter().all(|part| has_anchor(part, known)),
    }
}

fn patterns(test: &Test) -> Option<&[Pattern]> {
    match &test.demand {
        Demand::AnyOf(patterns) | Demand::AllOf(patterns) => Some(patterns),
        Demand::Exists(_) | Demand::Null | Demand::Compare(..) | Demand::Time(_) | Demand::Field(_) => None,
    }
}

fn nothing() -> String {
    "it demands no text".to_owned()
}

fn of_test(test: &Test, known: &impl Known) -> String {
    let Some(patterns) = patterns(test) else { return nothing() };
    let Some(pattern) = known.unproposed(test).and_then(|place| patterns.get(place)) else {
        return nothing();
    };
    if let Some(entry) = &pattern.entry {
        return format!("entry {} of the list `{}` is too short", entry.entry, entry.list);
    }
    match (&pattern.kind, pattern.kind.words()) {
        (_, Some(words)) => format!("`{words}` is too short"),
        (PatternKind::Glob { parts, .. }, _) => format!("`{}` is too short", written(parts)),
        _ => "the expression does not spell out enough".to_owned(),
    }
}

/// A glob as it is written.
pub(crate) fn written(parts: &[GlobPart]) -> String {
    let each = parts.iter().map(|part| match part {
        GlobPart::Literal(text) => text.replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?"),
        GlobPart::AnyCharacter => "?".to_owned(),
        GlobPart::AnyCharacters => "*".to_owned(),
    });
    each.collect()
}
