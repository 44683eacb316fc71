//! What is true of two tests of one field whatever the event says.

use crate::event::{FieldTable, FieldType};
use crate::rule::model::{Comparison, Demand, GlobPart, Number, Pattern, PatternKind, Place, Test};
use std::cmp::Ordering;
use std::sync::Arc;

/// Most patterns of a test that are compared with those of another.
const MOST_PATTERNS: usize = 64;

/// Fields of the canonical event that are lists.
const LISTS: [&str; 2] = ["room.participants", "session.viewers"];

/// One of the two is so: each a test, by its number, and whether it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fact((usize, bool), (usize, bool));

impl Fact {
    /// The tests that it is about.
    pub(super) fn tests(self) -> (usize, usize) {
        (self.0.0, self.1.0)
    }
}

/// Takes what follows from the facts into the values of the tests. False if they contradict each other.
pub(super) fn follow(facts: &[Fact], values: &mut [Option<bool>]) -> bool {
    loop {
        let mut changed = false;
        for Fact(one, other) in facts {
            for ((first, holds), (second, then)) in [(*one, *other), (*other, *one)] {
                if values[first] != Some(!holds) {
                    continue;
                }
                match values[second] {
                    None => {
                        values[second] = Some(then);
                        changed = true;
                    }
                    Some(value) if value != then => return false,
                    Some(_) => {}
                }
            }
        }
        if !changed {
            return true;
        }
    }
}

/// Whether two tests ask the same.
pub(super) fn are_alike(one: &Test, other: &Test) -> bool {
    let alike = one.path() == other.path() && one.views == other.views && one.kind == other.kind;
    alike && implies(&one.demand, &other.demand) && implies(&other.demand, &one.demand)
}

/// The facts about tests: those of any event, and those of events in which a known field is no list.
pub(super) fn about(tests: &[&Test]) -> (Vec<Fact>, Vec<Fact>) {
    let (mut certain, mut likely) = (Vec::new(), Vec::new());
    if tests.len() < 2 {
        return (certain, likely);
    }
    let table = FieldTable::canonical();
    for (one, first) in tests.iter().zip(0..) {
        // A text is read in several views, and may be one thing in one and another in the next.
        let single =
            one.kind != FieldType::Text && table.contains(&one.field) && !LISTS.contains(&&*one.field);
        for (other, second) in tests.iter().zip(0..first) {
            if one.path() != other.path() {
                continue;
            }
            let (demand, beside) = (&one.demand, &other.demand);
            let presence = [(demand, beside, first, second), (beside, demand, second, first)];
            certain.extend(
                presence.into_iter().filter_map(|(this, that, is, then)| present(this, that, is, then)),
            );
            if one.views != other.views {
                continue;
            }
            if implies(demand, beside) {
                certain.push(Fact((first, false), (second, true)));
            }
            if implies(beside, demand) {
                certain.push(Fact((second, false), (first, true)));
            }
            if single && exclude(demand, beside) {
                likely.push(Fact((first, false), (second, false)));
            }
        }
    }
    (certain, likely)
}

/// What one test says of whether the field is there, and what follows for the other.
fn present(this: &Demand, that: &Demand, is: usize, then: usize) -> Option<Fact> {
    let found = !matches!(that, Demand::Exists(_) | Demand::Null);
    match (this, that) {
        // There, or not there, which null says as well: one of the two.
        (Demand::Exists(true), Demand::Exists(false) | Demand::Null) => Some(Fact((is, true), (then, true))),
        (Demand::Exists(false), Demand::Exists(true)) => Some(Fact((is, false), (then, false))),
        (Demand::Exists(false), Demand::Null) => Some(Fact((is, false), (then, true))),
        (Demand::Exists(there), _) if found => Some(Fact((then, false), (is, *there))),
        _ => None,
    }
}

/// Whether a test of a field holds wherever another one does: of each value, so also of lists.
fn implies(this: &Demand, that: &Demand) -> bool {
    match (this, that) {
        (Demand::Exists(one), Demand::Exists(other)) => one == other,
        (Demand::Null, Demand::Null) => true,
        (Demand::Compare(one, bound), Demand::Compare(other, limit)) => {
            is_within((*one, *bound), (*other, *limit))
        }
        (Demand::AnyOf(one), Demand::AnyOf(other)) => contains(other, one),
        (Demand::AllOf(one), Demand::AllOf(other)) => contains(one, other),
        (Demand::AllOf(one), Demand::AnyOf(other)) => {
            few(one, other) && one.iter().any(|pattern| other.contains(pattern))
        }
        (Demand::AnyOf(one), Demand::AllOf(other)) => one.len() == 1 && contains(one, other),
        _ => false,
    }
}

fn few(one: &[Pattern], other: &[Pattern]) -> bool {
    one.len() <= MOST_PATTERNS && other.len() <= MOST_PATTERNS
}

/// Whether all patterns of one are among those of the other. An entry of a list is the pattern that it holds.
fn contains(all: &Arc<[Pattern]>, some: &Arc<[Pattern]>) -> bool {
    let has = |pattern: &Pattern| {
        all.iter().any(|other| other.kind == pattern.kind && other.cased == pattern.cased)
    };
    Arc::ptr_eq(all, some) || few(all, some) && some.iter().all(has)
}

/// A comparison and its number.
type Bound = (Comparison, Number);

/// Whether every number that one bound lets through passes the other.
fn is_within((comparison, bound): Bound, (other, limit): Bound) -> bool {
    use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let order = bound.partial_cmp(&limit);
    match (comparison, other) {
        (Greater, Greater | GreaterOrEqual) | (GreaterOrEqual, GreaterOrEqual) => {
            matches!(order, Some(Ordering::Greater | Ordering::Equal))
        }
        (GreaterOrEqual, Greater) => order == Some(Ordering::Greater),
        (Less, Less | LessOrEqual) | (LessOrEqual, LessOrEqual) => {
            matches!(order, Some(Ordering::Less | Ordering::Equal))
        }
        (LessOrEqual, Less) => order == Some(Ordering::Less),
        _ => false,
    }
}

/// Whether no single value fits both.
fn exclude(this: &Demand, that: &Demand) -> bool {
    match (this, that) {
        (Demand::Null, Demand::Compare(..) | Demand::AnyOf(_) | Demand::AllOf(_))
        | (Demand::Compare(..) | Demand::AnyOf(_) | Demand::AllOf(_), Demand::Null) => true,
        (Demand::Compare(one, bound), Demand::Compare(other, limit)) => {
            are_apart((*one, *bound), (*other, *limit))
        }
        (Demand::Compare(one, bound), Demand::AnyOf(values))
        | (Demand::AnyOf(values), Demand::Compare(one, bound)) => {
            values.len() <= MOST_PATTERNS && values.iter().all(|value| fails(value, (*one, *bound)))
        }
        (Demand::AnyOf(one), Demand::AnyOf(other)) => {
            let differ = |value: &Pattern| other.iter().all(|other| are_other(value, other));
            few(one, other) && one.iter().all(differ)
        }
        _ => false,
    }
}

/// Whether no number passes both bounds.
fn are_apart(one: Bound, other: Bound) -> bool {
    use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let apart = |(above, least): Bound, (below, most): Bound| match (above, below) {
        (GreaterOrEqual, LessOrEqual) => least.partial_cmp(&most) == Some(Ordering::Greater),
        (Greater | GreaterOrEqual, Less | LessOrEqual) => {
            matches!(least.partial_cmp(&most), Some(Ordering::Greater | Ordering::Equal))
        }
        _ => false,
    };
    apart(one, other) || apart(other, one)
}

/// The value that a pattern demands, whole and letter by letter. Of letters beyond ASCII nothing is said: case is not as
/// simple there.
fn whole(pattern: &Pattern) -> Option<&str> {
    let PatternKind::Glob { place: Place::Whole, parts } = &pattern.kind else { return None };
    match parts.as_slice() {
        [] => Some(""),
        [GlobPart::Literal(text)] if text.is_ascii() => Some(text),
        _ => None,
    }
}

fn are_other(one: &Pattern, other: &Pattern) -> bool {
    let both = whole(one).zip(whole(other));
    both.is_some_and(|(one, other)| !one.eq_ignore_ascii_case(other))
}

/// Whether a value is a number that the bound does not let through.
fn fails(value: &Pattern, (comparison, bound): Bound) -> bool {
    let Some(order) = whole(value).and_then(Number::parse).and_then(|number| number.partial_cmp(&bound))
    else {
        return false;
    };
    match comparison {
        Comparison::Equal => order != Ordering::Equal,
        Comparison::Greater => order != Ordering::Greater,
        Comparison::GreaterOrEqual => order == Ordering::Less,
        Comparison::Less => order != Ordering::Less,
        Comparison::LessOrEqual => order == Ordering::Greater,
    }
}
