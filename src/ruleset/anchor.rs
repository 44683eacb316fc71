//! Which tests select a rule: the rule can hold only in events where one of them has been proposed.
//!
//! The best of an `and`, the union over an `or`, none through a `not`. *Best* is the one whose worst
//! literal is longest, because long literals are rare; an exact keyword ranks below any text literal,
//! since keywords such as an event type or an age band repeat in a large share of the events.

use super::{Node, TestId};

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

/// The tests that select a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) quality: Quality,
    pub(super) tests: Vec<TestId>,
}

/// Chooses the anchor of a condition; `of_test` says how well a test selects, none if it does not.
pub(super) fn choose(node: &Node, of_test: &impl Fn(TestId) -> Option<Quality>) -> Option<Anchor> {
    match node {
        Node::Test(test) => of_test(*test).map(|quality| Anchor { quality, tests: vec![*test] }),
        Node::Not(_) => None,
        Node::All(parts) => {
            let anchors = parts.iter().filter_map(|part| choose(part, of_test));
            anchors.reduce(|best, next| if better(&next, &best) { next } else { best })
        }
        Node::Any(parts) => parts.iter().map(|part| choose(part, of_test)).reduce(union)?,
    }
}

fn better(one: &Anchor, other: &Anchor) -> bool {
    (one.quality, other.tests.len()) > (other.quality, one.tests.len())
}

fn union(one: Option<Anchor>, other: Option<Anchor>) -> Option<Anchor> {
    let (one, other) = one.zip(other)?;
    Some(Anchor { quality: one.quality.min(other.quality), tests: [one.tests, other.tests].concat() })
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

    #[test]
    fn best_of_and_union_of_or_none_through_not() {
        // Test 0 does not select; test n selects with quality n.
        let of_test = |test: TestId| (test.0 > 0).then_some(Quality(test.0));
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
            (all(vec![Node::Not(Box::new(test(9))), test(1)]), Some(vec![1])),
        ];
        for (node, expected) in cases {
            let tests = choose(&node, &of_test).map(|anchor| anchor.tests);
            let tests = tests.map(|tests| tests.iter().map(|test| test.0).collect::<Vec<_>>());
            assert_eq!(tests, expected, "{node:?}");
        }
    }
}
