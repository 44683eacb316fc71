//! Which tests select a rule: the rule can hold only in events where one of them has been proposed.
//!
//! The best of an `and`, the union over an `or`, none through a `not`. *Best* is the one whose worst
//! literal is longest, because long literals are rare; an exact keyword ranks below any text literal,
//! since keywords such as an event type or an age band repeat in a large share of the events.

use super::{Node, TestId};
use std::collections::BTreeSet;

/// How well a test selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quality(pub(super) u32);

impl Quality {
    /// An exact value of a keyword.
    pub(super) const EXACT: Quality = Quality(1);

    /// A literal of so many bytes: beyond 24 it does not get any rarer.
    pub(super) fn literal(bytes: usize) -> Quality {
        Quality(2 + u32::try_from(bytes.min(24)).unwrap_or(24))
    }
}

/// How well a condition selects, and by how many tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) quality: Quality,
    pub(super) tests: usize,
}

impl Score {
    fn better_than(self, other: Score) -> bool {
        (self.quality, other.tests) > (other.quality, self.tests)
    }

    fn and(self, other: Score) -> Score {
        Score { quality: self.quality.min(other.quality), tests: self.tests.saturating_add(other.tests) }
    }
}

/// Tests as the choice sees them.
pub(super) trait Tests {
    /// How well a test selects, none if it does not.
    fn score(&self, test: TestId) -> Option<Score>;
    /// The clause that a test stands for, if it stands for one.
    fn clause_of(&self, test: TestId) -> Option<&Node>;
}

/// How well a condition selects, none if nothing in it does.
pub(super) fn score(node: &Node, tests: &impl Tests) -> Option<Score> {
    match node {
        Node::Test(test) => tests.score(*test),
        Node::Not(_) => None,
        Node::All(parts) => best(parts, tests).map(|(score, _)| score),
        Node::Any(parts) => {
            let scores = parts.iter().map(|part| score(part, tests));
            scores.reduce(|one, other| Some(one?.and(other?)))?
        }
    }
}

fn best<'n>(parts: &'n [Node], tests: &impl Tests) -> Option<(Score, &'n Node)> {
    let scored = parts.iter().filter_map(|part| Some((score(part, tests)?, part)));
    scored.reduce(|best, next| if next.0.better_than(best.0) { next } else { best })
}

/// The tests that select a condition whose score is known, each once.
pub(super) fn collect(node: &Node, tests: &impl Tests, found: &mut BTreeSet<TestId>) {
    match node {
        Node::Test(test) => {
            let new = found.insert(*test);
            if let Some(clause) = tests.clause_of(*test).filter(|_| new) {
                collect(clause, tests, found);
            }
        }
        Node::Not(_) => {}
        Node::All(parts) => {
            if let Some((_, part)) = best(parts, tests) {
                collect(part, tests, found);
            }
        }
        Node::Any(parts) => parts.iter().for_each(|part| collect(part, tests, found)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(id: u32) -> Node {
        Node::Test(TestId(id))
    }

    fn all(parts: Vec<Node>) -> Node {
        Node::All(parts.into())
    }

    fn any(parts: Vec<Node>) -> Node {
        Node::Any(parts.into())
    }

    /// Stands for a clause.
    const CLAUSE: u32 = 100;

    /// Test 0 does not select; test n selects with quality n.
    struct Known(Node);

    impl Tests for Known {
        fn score(&self, test: TestId) -> Option<Score> {
            match test.0 {
                0 => None,
                CLAUSE => score(&self.0, self),
                quality => Some(Score { quality: Quality(quality), tests: 1 }),
            }
        }

        fn clause_of(&self, test: TestId) -> Option<&Node> {
            (test.0 == CLAUSE).then_some(&self.0)
        }
    }

    #[test]
    fn best_of_and_union_of_or_none_through_not() {
        let cases: Vec<(Node, Option<Vec<u32>>)> = vec![
            (test(0), None),
            (test(1), Some(vec![1])),
            (Node::Not(Box::new(test(1))), None),
            (all(vec![test(0), test(1), test(2)]), Some(vec![2])),
            (any(vec![test(1), test(2)]), Some(vec![1, 2])),
            (any(vec![test(1), test(0)]), None),
            (all(vec![any(vec![test(1), test(9)]), test(2)]), Some(vec![2])),
            (all(vec![any(vec![test(3), test(9)]), test(2)]), Some(vec![3, 9])),
            (all(vec![any(vec![test(3), test(3)]), test(3)]), Some(vec![3])),
            (all(vec![test(CLAUSE), test(1)]), Some(vec![8, 9, CLAUSE])),
            (any(vec![test(CLAUSE), test(CLAUSE), test(9)]), Some(vec![8, 9, CLAUSE])),
            (all(vec![Node::Not(Box::new(test(9))), test(1)]), Some(vec![1])),
        ];
        for (node, expected) in cases {
            let known = Known(any(vec![test(8), test(9)]));
            let tests = score(&node, &known).map(|_| {
                let mut found = BTreeSet::new();
                collect(&node, &known, &mut found);
                found.iter().map(|test| test.0).collect::<Vec<_>>()
            });
            assert_eq!(tests, expected, "{node:?}");
        }
    }
}
