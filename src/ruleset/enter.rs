//! Enters the patterns of tests into the lanes, and into the indices of exact values and of networks.
//!
//! Words are looked up in the stream, whatever their views. A lane for those that are read in the raw and the folded view
//! alone, which has fewer candidates, was rejected: its tokens take longer to write than the stream's letters, and nearly
//! every field has a pattern that needs the stream.

use super::pattern::{Proposal, WordLiterals};
use super::stream::{Part, StreamLiteral};
use super::{FieldPlan, Grams, Groups, Keys, Lane, Pattern, PatternId, Prefilter, Proposes, StreamLane};
use crate::event::FieldId;
use crate::text::position;
use crate::text::windows::Windows;
use ipnet::IpNet;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// All that was entered, by what searches it.
pub(super) struct Entered {
    pub(super) plans: Vec<FieldPlan>,
    pub(super) substring: Literals<String>,
    pub(super) stream: Literals<StreamLiteral>,
    pub(super) exact: Vec<(FieldId, String, PatternId)>,
    pub(super) networks: Vec<(FieldId, IpNet, PatternId)>,
}

impl Entered {
    pub(super) fn new(fields: usize) -> Entered {
        Entered {
            plans: vec![FieldPlan::default(); fields],
            substring: Literals::default(),
            stream: Literals::default(),
            exact: Vec::new(),
            networks: Vec::new(),
        }
    }

    /// Enters the words of a test that selects nothing, and marks them, where texts of its field are looked through for such words,
    /// and in as many readings, anyway: so they cost little, and need not be tried wherever the rest of a condition holds.
    pub(super) fn enter_words(
        &mut self,
        range: Range<u32>,
        patterns: &mut [Pattern],
        proposals: &[Proposal],
    ) {
        for id in range {
            let pattern = &mut patterns[id as usize];
            if let Proposal::Words(literals) = &proposals[id as usize]
                && !pattern.proposed
                && self.plans[usize::from(pattern.field.0)].words.is_some_and(|depth| literals.depth <= depth)
            {
                pattern.proposed = true;
                self.stream.enter_words(literals, PatternId(id));
            }
        }
    }

    /// Enters those patterns that something can propose, and marks them.
    pub(super) fn enter(&mut self, range: Range<u32>, patterns: &mut [Pattern], proposals: &[Proposal]) {
        for id in range {
            let pattern = &mut patterns[id as usize];
            let plan = &mut self.plans[usize::from(pattern.field.0)];
            pattern.proposed = true;
            match &proposals[id as usize] {
                Proposal::None => pattern.proposed = false,
                Proposal::Never => {}
                Proposal::Exact(value) => {
                    plan.exact = true;
                    self.exact.push((pattern.field, value.clone(), PatternId(id)));
                }
                Proposal::Network(network) => {
                    plan.networks = true;
                    self.networks.push((pattern.field, *network, PatternId(id)));
                }
                Proposal::Substring(literals) => {
                    plan.substring = true;
                    self.substring.enter(literals, PatternId(id));
                }
                Proposal::Words(literals) => {
                    plan.words = plan.words.max(Some(literals.depth));
                    self.stream.enter_words(literals, PatternId(id));
                }
            }
        }
    }
}

/// The literals of a lane, equal ones once.
pub(super) struct Literals<T> {
    ids: HashMap<T, u32>,
    each: Vec<T>,
    proposes: Vec<(u32, PatternId)>,
    /// Words that patterns need, each by the literals that may stand for it, rising.
    words: HashMap<Vec<u32>, u32>,
    needs: Vec<(PatternId, u32)>,
}

impl<T> Default for Literals<T> {
    fn default() -> Literals<T> {
        let (ids, words) = (HashMap::new(), HashMap::new());
        Literals { ids, each: Vec::new(), proposes: Vec::new(), words, needs: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Literals<T> {
    fn enter(&mut self, literals: &[T], pattern: PatternId) {
        for literal in literals {
            let id = self.id(literal);
            self.proposes.push((id, pattern));
        }
    }

    /// Each of the words has to be there, as one of its literals, where the pattern is.
    fn demand<'l>(&mut self, words: impl Iterator<Item = &'l [T]>, pattern: PatternId)
    where
        T: 'l,
    {
        // Of a word that no literal stands for nothing can be asked.
        for literals in words.filter(|literals| !literals.is_empty()) {
            let mut ids: Vec<u32> = literals.iter().map(|literal| self.id(literal)).collect();
            ids.sort_unstable();
            ids.dedup();
            let next = position(self.words.len());
            let word = *self.words.entry(ids).or_insert(next);
            self.needs.push((pattern, word));
        }
    }

    fn id(&mut self, literal: &T) -> u32 {
        if let Some(id) = self.ids.get(literal) {
            return *id;
        }
        let id = position(self.each.len());
        self.ids.insert(literal.clone(), id);
        self.each.push(literal.clone());
        id
    }

    fn groups(self) -> Proposes {
        let words = self.words.len();
        let stands_for = self.words.iter().flat_map(|(ids, word)| ids.iter().map(move |id| (*id, *word)));
        let patterns = self.needs.iter().map(|(pattern, _)| pattern.0 as usize + 1).max().unwrap_or(0);
        Proposes {
            stands_for: Groups::new(self.each.len(), stands_for.collect()),
            needs: Groups::new(
                patterns,
                self.needs.iter().map(|(pattern, word)| (pattern.0, *word)).collect(),
            ),
            patterns: Groups::new(self.each.len(), self.proposes),
            words,
        }
    }
}

impl Literals<String> {
    /// The lane in which literals stand anywhere; none if nothing was entered.
    pub(super) fn substrings(self, common: &Windows) -> Option<Lane> {
        (!self.each.is_empty()).then(|| {
            let prefilter: Box<dyn Prefilter> = Box::new(Grams::new(&self.each, common));
            Lane { prefilter, proposes: self.groups() }
        })
    }
}

impl Literals<StreamLiteral> {
    fn enter_words(&mut self, literals: &WordLiterals, pattern: PatternId) {
        self.enter(&literals.stream, pattern);
        self.demand(literals.words.iter().map(|word| &**word), pattern);
    }

    /// What searches the stream; none if nothing was entered.
    pub(super) fn stream(self) -> Option<StreamLane> {
        let keys = (!self.each.is_empty()).then(|| Keys::new(&self.each))?;
        let slips = self.each.iter().map(|literal| literal.part != Part::Whole).collect();
        Some(StreamLane { keys, proposes: self.groups(), slips })
    }
}
