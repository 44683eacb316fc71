//! In what order a condition's parts are decided: what is known already first, then what is quick to try.
//!
//! A condition means the same in whatever order its parts stand, and evidence is sorted. But a pattern that something proposes costs
//! nothing where it was not proposed, while one that nothing proposes is tried on every value. Of `A and B and C`, as rules join
//! slots (who, does what, to whom), only the best is looked for in all events; if it is decided first, the others are tried where it
//! holds, and not wherever it might.

use super::{Demand, Node, Test};

/// Puts the parts of conditions into that order.
pub(super) fn order(tests: &mut [Test], conditions: &mut [Option<Node>]) {
    let mut weights: Vec<usize> = Vec::with_capacity(tests.len());
    // A selection that is a test by itself stands behind those that it is made of.
    for test in tests {
        let weight = match &mut test.demand {
            Demand::Clause(node) => sort(node, &weights),
            Demand::Patterns(patterns) => patterns.loose.len(),
            _ => 0,
        };
        weights.push(weight);
    }
    for node in conditions.iter_mut().flatten() {
        sort(node, &weights);
    }
}

/// Sorts the parts of a condition, and yields how many patterns must be tried to decide it at worst.
fn sort(node: &mut Node, weights: &[usize]) -> usize {
    match node {
        Node::Test(test) => weights.get(test.0 as usize).copied().unwrap_or_default(),
        Node::Not(inner) => sort(inner, weights),
        Node::All(parts) | Node::Any(parts) => {
            let mut weighed: Vec<_> =
                std::mem::take(parts).into_iter().map(|mut part| (sort(&mut part, weights), part)).collect();
            weighed.sort_by_key(|(weight, _)| *weight);
            let whole = weighed.iter().map(|(weight, _)| weight).sum();
            *parts = weighed.into_iter().map(|(_, part)| part).collect();
            whole
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::TestId;
    use super::*;

    fn test(id: u32) -> Node {
        Node::Test(TestId(id))
    }

    fn shown(node: &Node) -> String {
        let parts = |parts: &[Node]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
        match node {
            Node::Test(TestId(id)) => id.to_string(),
            Node::Not(inner) => format!("!{}", shown(inner)),
            Node::All(all) => format!("({})", parts(all)),
            Node::Any(any) => format!("[{}]", parts(any)),
        }
    }

    #[test]
    fn what_is_quick_comes_first_and_equals_keep_their_order() {
        let all = |parts: Vec<Node>| Node::All(parts.into());
        let any = |parts: Vec<Node>| Node::Any(parts.into());
        let weights = [0, 5, 2, 0];
        let cases = [
            (all(vec![test(1), test(0), test(2), test(3)]), "(0 3 2 1)", 7),
            (any(vec![test(2), test(0)]), "[0 2]", 2),
            (
                all(vec![any(vec![test(1), test(2)]), Node::Not(Box::new(test(2))), test(0)]),
                "(0 !2 [2 1])",
                9,
            ),
        ];
        for (mut node, expected, weight) in cases {
            assert_eq!(sort(&mut node, &weights), weight);
            assert_eq!(shown(&node), expected);
        }
    }
}
