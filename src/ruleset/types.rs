//! Event types as a filter: which rules look at an event of a type at all.
//!
//! Rule sets name few distinct sets of types (the categories), so an event's type is looked up once and
//! each candidate rule costs one table read.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The distinct sets of event types that rules look at.
#[derive(Debug, Default)]
pub(crate) struct EventTypes {
    ids: HashMap<Box<str>, u32, FixedState>,
    /// Each sorted.
    sets: Vec<Vec<u32>>,
    set_ids: HashMap<Vec<u32>, u32, FixedState>,
    /// By rule: its set, none for every type.
    rules: Vec<Option<u32>>,
}

impl EventTypes {
    /// Adds the next rule; returns the ids of its types.
    pub(super) fn add_rule(&mut self, types: &[String]) -> Vec<u32> {
        let mut set: Vec<u32> = types.iter().map(|name| self.intern(name)).collect();
        set.sort_unstable();
        set.dedup();
        let id = (!set.is_empty()).then(|| self.intern_set(&set));
        self.rules.push(id);
        set
    }

    /// Adds the next rule, which is never evaluated.
    pub(super) fn skip_rule(&mut self) {
        self.rules.push(None);
    }

    fn intern(&mut self, name: &str) -> u32 {
        let next = self.len();
        *self.ids.entry(name.into()).or_insert(u32::try_from(next).unwrap_or(u32::MAX))
    }

    fn intern_set(&mut self, set: &[u32]) -> u32 {
        let next = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        let id = *self.set_ids.entry(set.to_vec()).or_insert(next);
        if id == next {
            self.sets.push(set.to_vec());
        }
        id
    }

    /// Number of distinct types.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The id of an event's type, none if no rule names it.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }

    /// True if the rule looks at events of one of those types.
    pub(crate) fn allows(&self, rule: usize, kinds: &[u32]) -> bool {
        let Some(set) = self.rules[rule] else { return true };
        kinds.iter().any(|kind| self.sets[set as usize].contains(kind))
    }
}
