//! What rules and patterns cost: how often they were candidates, tried and right, and the time that it took.
//!
//! The engine tells a `Probe` what it does. The usual one, `Unwatched`, is a type of its own whose calls are empty: the
//! engine is compiled twice, and where nobody watches nothing is added. A [`Profiler`] counts, and asks the clock that it was
//! given: there is none in here.
//!
//! **Counts** are of distinct things, so that they can be compared, whoever asks how often for the same:
//!
//! | | of a rule | of a pattern |
//! |---|---|---|
//! | candidates | events for which something selected it | values for which a literal or an exact value proposed it |
//! | verifications | values on which it was the first to have a pattern tried | values on which it was tried |
//! | matches | events on which it fired | of those, the values that hold it |
//!
//! So the verifications of all rules are those of all patterns. A pattern that nothing proposes is tried on every value of
//! its field when a rule asks.
//!
//! **Time** of a pattern is that of all its tries, also the repeated ones that find out where it stands. Time of a rule is
//! that of deciding its condition and collecting its evidence, the patterns in it included. A test is decided
//! once an event however many rules share it: its time, like its verifications, is the first asking rule's. What is
//! no rule's is shared: reading the texts into the lanes, searching them, handing out candidates. Time includes what
//! looking at the clock takes.

use super::scratch::Candidate;
use crate::event::{Batch, ValueId};
use crate::ruleset::{Demand, Node, PatternId, RuleIndex, RuleSet};
use std::ops::AddAssign;

/// Is told what an evaluation does.
pub(crate) trait Probe {
    /// A batch comes.
    fn begins(&mut self, _rules: &RuleSet, _batch: &Batch) {}
    /// These patterns were proposed for values of the next row, each pair once.
    fn proposed(&mut self, _candidates: &[Candidate]) {}
    /// The row's selected rules are decided next.
    fn rules_begin(&mut self) {}
    /// A selected rule was decided, and its evidence collected if it fires.
    fn rule_ends(&mut self, _rule: RuleIndex, _fires: bool) {}
    /// A pattern is tried on a value.
    fn try_begins(&mut self) {}
    /// It was tried. A pattern comes with rising values until one holds it, and then perhaps with the same and further ones.
    fn try_ends(&mut self, _pattern: PatternId, _value: ValueId, _holds: bool) {}
    /// The batch is done.
    fn ends(&mut self) {}
}

/// Nobody watches.
#[derive(Debug)]
pub(crate) struct Unwatched;

impl Probe for Unwatched {}

/// Counts and time of a rule or a pattern, as the module's head defines them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// How often it was proposed.
    pub candidates: u64,
    /// How often it was tried.
    pub verifications: u64,
    /// How often it was right.
    pub matches: u64,
    /// Time, in nanoseconds.
    pub nanos: u64,
}

impl AddAssign<&Cost> for Cost {
    fn add_assign(&mut self, other: &Cost) {
        self.candidates += other.candidates;
        self.verifications += other.verifications;
        self.matches += other.matches;
        self.nanos += other.nanos;
    }
}

/// What all rules and patterns of one rule set cost; profiles of several threads add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    nanos: u64,
    rules: Vec<Cost>,
    patterns: Vec<Cost>,
}

impl Profile {
    /// Time of all evaluations, in nanoseconds.
    pub fn nanos(&self) -> u64 {
        self.nanos
    }

    /// Of these, the time that is no single rule's.
    pub fn shared_nanos(&self) -> u64 {
        self.nanos.saturating_sub(self.rules.iter().map(|cost| cost.nanos).sum())
    }

    /// The rules that were candidates, slowest first.
    pub fn rules(&self) -> Vec<(RuleIndex, Cost)> {
        ranked(&self.rules, RuleIndex)
    }

    /// The patterns that were candidates or tried, slowest first.
    pub(crate) fn patterns(&self) -> Vec<(PatternId, Cost)> {
        ranked(&self.patterns, PatternId)
    }
}

fn ranked<I>(costs: &[Cost], id: fn(u32) -> I) -> Vec<(I, Cost)> {
    let used = (0u32..).zip(costs).filter(|(_, cost)| cost.candidates > 0 || cost.verifications > 0);
    let mut used: Vec<_> = used.collect();
    // Stable: of equals the first in the order of the rules.
    used.sort_by_key(|(_, cost)| std::cmp::Reverse((cost.nanos, cost.verifications, cost.candidates)));
    used.into_iter().map(|(index, cost)| (id(index), *cost)).collect()
}

impl AddAssign<&Profile> for Profile {
    /// Adds a profile of the same rule set, or of none.
    fn add_assign(&mut self, other: &Profile) {
        self.nanos += other.nanos;
        for (own, other) in [(&mut self.rules, &other.rules), (&mut self.patterns, &other.patterns)] {
            own.resize(own.len().max(other.len()), Cost::default());
            own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        }
    }
}

/// Makes a profile of one thread's evaluations. `C` tells nanoseconds since any moment and does not go back.
#[derive(Debug)]
pub struct Profiler<C> {
    clock: C,
    profile: Profile,
    /// By pattern, the values counted so far.
    counted: Vec<Counted>,
    /// Values of all batches before this one, and of this one.
    values_before: u64,
    values: u64,
    /// Verifications since a rule ended.
    verifications: u64,
    batch_began: u64,
    rule_began: u64,
    try_began: u64,
}

/// Up to which value, counted over all batches, a pattern's tries and matches were counted.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    tried: u64,
    held: u64,
}

impl<C: Fn() -> u64> Profiler<C> {
    /// One for evaluations of `rules`.
    pub fn new(rules: &RuleSet, clock: C) -> Profiler<C> {
        let (of_rules, of_patterns) = (rules.rules().len(), rules.patterns().len());
        let profile = Profile {
            nanos: 0,
            rules: vec![Cost::default(); of_rules],
            patterns: vec![Cost::default(); of_patterns],
        };
        Profiler {
            clock,
            profile,
            counted: vec![Counted::default(); of_patterns],
            values_before: 0,
            values: 0,
            verifications: 0,
            batch_began: 0,
            rule_began: 0,
            try_began: 0,
        }
    }

    /// What was counted.
    pub fn into_profile(self) -> Profile {
        self.profile
    }
}

impl<C: Fn() -> u64> Probe for Profiler<C> {
    fn begins(&mut self, rules: &RuleSet, batch: &Batch) {
        debug_assert_eq!(rules.patterns().len(), self.counted.len(), "a profiler serves one rule set");
        self.values_before += self.values;
        self.values = batch.rows().last().map_or(0, |row| row.values.end.into());
        self.batch_began = (self.clock)();
    }

    fn proposed(&mut self, candidates: &[Candidate]) {
        for (pattern, _, _) in candidates {
            self.profile.patterns[pattern.0 as usize].candidates += 1;
        }
    }

    fn rules_begin(&mut self) {
        self.rule_began = (self.clock)();
    }

    fn rule_ends(&mut self, rule: RuleIndex, fires: bool) {
        let now = (self.clock)();
        let began = std::mem::replace(&mut self.rule_began, now);
        self.profile.rules[rule.0 as usize] += &Cost {
            candidates: 1,
            verifications: std::mem::take(&mut self.verifications),
            matches: fires.into(),
            nanos: now.saturating_sub(began),
        };
    }

    fn try_begins(&mut self) {
        self.try_began = (self.clock)();
    }

    fn try_ends(&mut self, pattern: PatternId, value: ValueId, holds: bool) {
        let nanos = (self.clock)().saturating_sub(self.try_began);
        // From 1, for at 0 nothing is counted.
        let value = self.values_before + u64::from(value.0) + 1;
        let counted = &mut self.counted[pattern.0 as usize];
        let verifications = counts(&mut counted.tried, value, true);
        let matches = counts(&mut counted.held, value, holds);
        self.verifications += verifications;
        self.profile.patterns[pattern.0 as usize] += &Cost { candidates: 0, verifications, matches, nanos };
    }

    fn ends(&mut self) {
        self.profile.nanos += (self.clock)().saturating_sub(self.batch_began);
    }
}

/// 1 if `it` happens with a value beyond those counted.
fn counts(up_to: &mut u64, value: u64, it: bool) -> u64 {
    let counts = it && value > *up_to;
    if counts {
        *up_to = value;
    }
    counts.into()
}

/// By test: the rules whose condition asks for it, in their order.
pub(crate) fn askers(rules: &RuleSet) -> Vec<Vec<RuleIndex>> {
    let mut askers = vec![Vec::new(); rules.tests.len()];
    for (rule, condition) in (0..).map(RuleIndex).zip(&rules.conditions) {
        if let Some(condition) = condition {
            asks(rules, condition, rule, &mut askers);
        }
    }
    askers
}

fn asks(rules: &RuleSet, node: &Node, rule: RuleIndex, askers: &mut [Vec<RuleIndex>]) {
    match node {
        Node::Not(inner) => asks(rules, inner, rule, askers),
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().for_each(|part| asks(rules, part, rule, askers));
        }
        Node::Test(test) => {
            let own = &mut askers[test.0 as usize];
            if own.last() == Some(&rule) {
                return;
            }
            own.push(rule);
            if let Demand::Clause(inner) = &rules.tests[test.0 as usize].demand {
                asks(rules, inner, rule, askers);
            }
        }
    }
}

#[cfg(test)]
mod tests;
