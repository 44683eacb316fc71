//! Enters the patterns of tests into the lanes and the exact index.

use super::pattern::Proposal;
use super::{Automaton, FieldPlan, Groups, Lane, Pattern, PatternId, Prefilter, TokenPairs};
use crate::event::FieldId;
use aho_corasick::BuildError;
use std::collections::HashMap;
use std::ops::Range;

/// What has been entered so far.
pub(super) struct Entered {
    pub(super) plans: Vec<FieldPlan>,
    pub(super) substring: LaneBuilder,
    pub(super) token: LaneBuilder,
    pub(super) exact: Vec<(FieldId, String, PatternId)>,
}

impl Entered {
    pub(super) fn new(fields: usize) -> Entered {
        let plans = vec![FieldPlan::default(); fields];
        Entered { plans, substring: LaneBuilder::default(), token: LaneBuilder::default(), exact: Vec::new() }
    }

    /// Enters those patterns that something can propose, and marks them.
    pub(super) fn enter(&mut self, range: Range<u32>, patterns: &mut [Pattern], proposals: &[Proposal]) {
        for id in range {
            let pattern = &mut patterns[id as usize];
            let plan = &mut self.plans[usize::from(pattern.field.0)];
            pattern.proposed = true;
            match &proposals[id as usize] {
                Proposal::None => pattern.proposed = false,
                Proposal::Exact(value) => {
                    plan.exact = true;
                    self.exact.push((pattern.field, value.clone(), PatternId(id)));
                }
                Proposal::Substring(literals) => {
                    plan.substring = true;
                    self.substring.enter(literals, PatternId(id));
                }
                Proposal::Tokens(literals) => {
                    plan.token = true;
                    self.token.enter(literals, PatternId(id));
                }
            }
        }
    }
}

/// The literals of a lane, equal ones once.
#[derive(Default)]
pub(super) struct LaneBuilder {
    ids: HashMap<String, u32>,
    literals: Vec<String>,
    proposes: Vec<(u32, PatternId)>,
}

impl LaneBuilder {
    fn enter(&mut self, literals: &[String], pattern: PatternId) {
        for literal in literals {
            let id = *self.ids.entry(literal.clone()).or_insert_with(|| {
                self.literals.push(literal.clone());
                u32::try_from(self.literals.len() - 1).unwrap_or(u32::MAX)
            });
            self.proposes.push((id, pattern));
        }
    }

    /// The lane in which literals stand anywhere; none if nothing was entered.
    pub(super) fn substrings(self) -> Result<Option<Lane>, BuildError> {
        let automaton = if self.literals.is_empty() { None } else { Some(Automaton::new(&self.literals)?) };
        Ok(automaton.map(|automaton| self.lane(automaton)))
    }

    /// The lane in which literals are whole words; none if nothing was entered.
    pub(super) fn tokens(self) -> Option<Lane> {
        (!self.literals.is_empty()).then(|| TokenPairs::new(&self.literals)).map(|pairs| self.lane(pairs))
    }

    fn lane(self, prefilter: impl Prefilter + 'static) -> Lane {
        Lane { prefilter: Box::new(prefilter), proposes: Groups::new(self.literals.len(), self.proposes) }
    }
}
