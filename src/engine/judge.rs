//! Decides conditions of candidate rules, each distinct test at most once a row.

use super::profile::Probe;
use super::scratch::{Memory, Way};
use super::verify;
use crate::event::{Batch, FieldId, Scalar};
use crate::rule::model::{FieldTest, Others};
use crate::ruleset::{Demand, Node, PatternId, PatternTest, RuleIndex, RuleSet, TestId};

/// Collects the rules to decide for a row, in order; false if there are none. `kinds` looks the event's types up.
pub(super) fn select<K: Iterator<Item = u32>>(
    rules: &RuleSet,
    memory: &mut Memory,
    selected: &mut Vec<RuleIndex>,
    kinds: impl Fn() -> K,
) -> bool {
    selected.clear();
    selected.extend_from_slice(&rules.always);
    if !rules.by_type.is_empty() {
        for kind in kinds() {
            // A rule may look at several of an event's types.
            selected.extend(rules.by_type.of(kind).iter().filter(|rule| memory.select(**rule)));
        }
    }
    select_by_tests(rules, memory, selected);
    selected.sort_unstable();
    !selected.is_empty()
}

fn select_by_tests(rules: &RuleSet, memory: &mut Memory, selected: &mut Vec<RuleIndex>) {
    for index in 0..memory.candidates.len() {
        let (pattern, _, _) = memory.candidates[index];
        let test = rules.pattern(pattern).test;
        if triggers(rules, test, pattern) {
            let new = rules.selects.of(test.0).iter().filter(|rule| memory.select(**rule));
            selected.extend(new);
        }
    }
}

fn triggers(rules: &RuleSet, test: TestId, pattern: PatternId) -> bool {
    match &rules.tests[test.0 as usize].demand {
        Demand::Patterns(patterns) => patterns.trigger.is_none_or(|trigger| trigger == pattern),
        _ => false,
    }
}

/// A row under judgement.
pub(super) struct Judge<'a, P> {
    pub(super) rules: &'a RuleSet,
    pub(super) batch: &'a Batch,
    pub(super) row: usize,
    pub(super) memory: &'a mut Memory,
    pub(super) probe: &'a mut P,
}

impl<'a, P: Probe> Judge<'a, P> {
    /// True if the condition holds.
    pub(super) fn holds(&mut self, node: &'a Node) -> bool {
        match node {
            Node::Test(test) => self.test(*test),
            Node::Not(inner) => !self.holds(inner),
            Node::All(parts) => parts.iter().all(|part| self.holds(part)),
            Node::Any(parts) => parts.iter().any(|part| self.holds(part)),
        }
    }

    /// True if the test holds, decided once a row.
    pub(super) fn test(&mut self, id: TestId) -> bool {
        if let Some(holds) = self.memory.decided(id) {
            return holds;
        }
        let rules = self.rules;
        let test = &rules.tests[id.0 as usize];
        let (batch, row) = (self.batch, self.row);
        let mut values = batch.values(row, test.field);
        let holds = match &test.demand {
            Demand::Exists(present) => values.next().is_some() == *present,
            Demand::Null => {
                let mut absent = true;
                let null = values.any(|(_, scalar)| {
                    absent = false;
                    scalar == Scalar::Null
                });
                absent || null
            }
            Demand::Compare(comparison, bound) => {
                values.any(|(_, scalar)| verify::compares(scalar, *comparison, *bound))
            }
            Demand::Time(time) => values.any(|(_, scalar)| verify::at(scalar, *time)),
            Demand::Field { other, test } => {
                let others = self.others(*other, test);
                values.any(|(_, scalar)| scalar.text().is_some_and(|value| others.stand_in(value)))
            }
            Demand::Patterns(patterns) => self.patterns(patterns),
            Demand::Clause(node) => self.holds(node),
        };
        self.memory.decide(id, holds);
        holds
    }

    /// The values of a field that another is compared with.
    pub(super) fn others<'t>(&self, other: FieldId, test: &'t FieldTest) -> Others<'t> {
        test.others(self.batch.values(self.row, other).filter_map(|(_, other)| other.text()))
    }

    fn patterns(&mut self, test: &'a PatternTest) -> bool {
        if test.all {
            return test.patterns.clone().all(|id| self.pattern(PatternId(id)));
        }
        self.proposed(test) || test.loose.iter().any(|id| self.tried(*id))
    }

    /// True if any proposal for a pattern of the test is right.
    fn proposed(&mut self, test: &PatternTest) -> bool {
        self.memory.proposed_of(&test.patterns).any(|index| self.candidate(index))
    }

    /// True if the pattern matches a value.
    fn pattern(&mut self, id: PatternId) -> bool {
        if !self.rules.pattern(id).proposed {
            return self.tried(id);
        }
        self.memory.proposed_of(&(id.0..id.0 + 1)).any(|index| self.candidate(index))
    }

    /// True if that candidate is right.
    fn candidate(&mut self, index: usize) -> bool {
        let (id, value, way) = self.memory.candidates[index];
        self.find(id, value, way).is_some()
    }

    /// True if the pattern matches a value, whatever was proposed.
    fn tried(&mut self, id: PatternId) -> bool {
        let batch = self.batch;
        let mut values = batch.values(self.row, self.rules.pattern(id).field);
        values.any(|(value, _)| self.find(id, value, Way::Any).is_some())
    }
}
