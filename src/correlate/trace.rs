//! What events do to the windows of one correlation, step by step, for people who ask why it fired or did not.
//!
//! Windows are looked at before and after each hit. Folding is the one that runs, and knows nothing of it: what it does not tell
//! by itself is read off the difference.

use super::fed::feeds_of;
use super::hit::Hit;
use super::key::GroupKey;
use super::order::{At, EventDigest, OrderKey};
use super::set::{Compiled, CorrelationIndex, Correlations, Trigger};
use super::spare::Spare;
use super::state::{Clock, Firing, KeyState, Results, outward};
use super::window::{Item, REORDER_MS, Window};
use crate::rule::correlation::When;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Folds hits for one correlation and those that it takes in, and tells what that does.
#[derive(Debug)]
pub struct Tracer<'s> {
    set: &'s Correlations,
    index: CorrelationIndex,
    clock: Clock,
    states: BTreeMap<GroupKey, KeyState>,
}

/// What an event did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traced {
    /// To each window of the correlation that it came to.
    pub changes: Vec<Change>,
    /// Which other correlations fired on it, in their order.
    pub others: Vec<CorrelationIndex>,
}

/// What became of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose window it is.
    pub key: GroupKey,
    /// What became of the event.
    pub taken: Taken,
    /// What was kept before was over, so that the window began anew.
    pub anew: bool,
    /// What is no longer kept.
    pub dropped: Vec<(Item, Why)>,
    /// The correlation fired; by several results of others that the event completed, several times.
    pub firings: Vec<Firing>,
    /// How the window stands afterwards.
    pub standing: Standing,
}

/// What became of an event that came to a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It counts.
    Taken,
    /// It was there before.
    Duplicate,
    /// It is not after what fired.
    BelowFloor,
    /// It has no value of the field that is counted or added.
    NoValue,
    /// It is so much older than what is there that nothing can come which needs it.
    TooOld,
    /// What is there serves as well.
    Superfluous,
}

/// Why an event is no longer kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is not after what fired.
    BelowFloor,
    /// It is too old to count with anything that may still come.
    TooOld,
    /// What is kept serves as well.
    Superfluous,
    /// Nothing had come before it that it would have followed.
    NothingBefore,
    /// Its value was added to that of the one before it, because there are so many.
    Joined,
}

/// How a window stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What a further event would be added to: in a window that ends with the newest.
    pub counted: Vec<Item>,
    /// What that lacks.
    pub lacks: Lacks,
    /// Before what time the rest has to come for all of it to count, in milliseconds since the epoch; none if nothing counts.
    pub before: Option<i64>,
    /// Events at or before it are not taken any more.
    pub floor: Option<OrderKey>,
    /// Until when nobody is told if it fires, in milliseconds since the epoch.
    pub silent_until: Option<i64>,
    /// How often it fired since and nobody was told.
    pub suppressed: u32,
}

/// What a window lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacks {
    /// Events, or values that differ.
    Number {
        /// So many are there.
        there: usize,
        /// So many are wanted.
        wanted: usize,
    },
    /// A sum, in millionths.
    Sum {
        /// So much is there.
        there: i128,
        /// So much is wanted.
        wanted: i128,
    },
    /// Parts.
    Parts {
        /// Those that are not there; where their order counts, beginning with the next.
        parts: Vec<u16>,
        /// As many of them as suffice; none if it depends on which.
        enough: Option<usize>,
    },
}

impl<'s> Tracer<'s> {
    /// For the correlation of that index, whose windows are kept for `grace` milliseconds after their events ceased to count.
    pub fn new(set: &'s Correlations, index: CorrelationIndex, grace: i64) -> Tracer<'s> {
        Tracer { set, index, clock: Clock { now: i64::MIN, grace }, states: BTreeMap::new() }
    }

    /// Folds the hits of an event, and all that follows from them.
    pub fn fold(&mut self, hits: impl IntoIterator<Item = Hit>) -> Traced {
        let mut traced = Traced::default();
        let mut queue: VecDeque<Hit> = hits.into_iter().collect();
        while let Some(hit) = queue.pop_front() {
            queue.extend(self.hit(&hit, &mut traced));
        }
        traced.others.sort_unstable();
        traced.others.dedup();
        traced
    }

    /// Folds a hit; yields what goes to other keys.
    fn hit(&mut self, hit: &Hit, traced: &mut Traced) -> Vec<Hit> {
        let Tracer { set, index, clock, states } = self;
        clock.now = clock.now.max(hit.at.time());
        let (rule, key, order) = (set.get(*index), hit.key.clone(), hit.at.order.clone());
        let state = states.entry(key.clone()).or_default();
        let window = |state: &KeyState| state.of(&rule.id).cloned();
        let before = window(state);
        let mut spare = Spare::default();
        feeds_of(set, hit, &mut spare.fed);
        let comes = spare.fed.iter().any(|fed| fed.correlation == *index);
        let valued = is_valued(rule, hit);
        let folded = state.fold(set, hit, *clock, &Nameless, &mut spare);
        let look = Look {
            rule,
            valued,
            anew: before.as_ref().is_some_and(|window| window.deadline(rule, clock.grace) < clock.now),
            before: before.unwrap_or_else(|| Window::new(rule.meaning)),
            after: window(state).unwrap_or_else(|| Window::new(rule.meaning)),
        };
        let others = folded.firings.iter().flat_map(|firing| outward(set, &key, firing, &Nameless)).collect();
        let (own, other): (Vec<_>, Vec<_>) =
            folded.firings.into_iter().partition(|firing| firing.correlation == *index);
        let taken = if folded.duplicate { Taken::Duplicate } else { look.taken(&order, &own) };
        if comes || taken == Taken::Taken {
            traced.changes.push(look.change(key, taken, own));
        }
        traced.others.extend(other.into_iter().map(|firing| firing.correlation));
        others
    }

    /// How every window of the correlation stands, by key.
    pub fn standings(&self) -> impl Iterator<Item = (&GroupKey, Standing)> {
        let rule = self.set.get(self.index);
        self.states.iter().filter_map(move |(key, state)| {
            let window = state.of(&rule.id)?;
            Some((key, standing(rule, window)))
        })
    }
}

fn is_valued(rule: &Compiled, hit: &Hit) -> bool {
    let Some(name) = &rule.value else { return true };
    let values = hit.values.iter().find(|values| values.name == *name);
    values.is_some_and(|values| values.sum.is_some() || !matches!(rule.trigger, Trigger::Sum(_)))
}

/// Results that are told apart, and of which nothing else is known: nobody makes flags of them.
struct Nameless;

impl Results for Nameless {
    fn digest(&self, rule: &Compiled, key: &GroupKey, firing: &Firing) -> EventDigest {
        let mut hash = Sha256::new();
        for part in [rule.correlation.id.as_bytes(), key.bytes(), &firing.completing().event] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut first = EventDigest::default();
        first.copy_from_slice(&hash.finalize()[..16]);
        first
    }

    fn detail(&self, _: &Compiled, _: &Firing) -> Vec<u8> {
        Vec::new()
    }
}

/// A window before and after a hit.
struct Look<'s> {
    rule: &'s Compiled,
    anew: bool,
    /// The hit has the value that is counted or added, if one is.
    valued: bool,
    before: Window,
    after: Window,
}

impl Look<'_> {
    fn taken(&self, order: &OrderKey, firings: &[Firing]) -> Taken {
        let Look { anew, valued, before, after, .. } = self;
        let known = self.distinct(before);
        let floor = before.floor.as_ref().filter(|_| !anew);
        if !firings.is_empty() || self.distinct(after).keys().any(|kept| !known.contains_key(kept)) {
            Taken::Taken
        } else if floor.is_some_and(|floor| order <= floor) {
            Taken::BelowFloor
        } else if !valued {
            Taken::NoValue
        } else if order.time <= self.oldest() {
            Taken::TooOld
        } else {
            Taken::Superfluous
        }
    }

    fn change(self, key: GroupKey, taken: Taken, firings: Vec<Firing>) -> Change {
        let Look { rule, anew, before, after, .. } = &self;
        let kept = self.distinct(after);
        let fired: BTreeSet<_> =
            firings.iter().flat_map(|firing| &firing.steps).map(|step| &step.at).collect();
        // Of very many events a firing names the last.
        let first = fired.first().filter(|_| firings.iter().any(|firing| firing.events > firing.steps.len()));
        let known = self.distinct(before).into_iter().filter(|_| !anew);
        let gone = known.filter(|(own, item)| {
            let told = fired.contains(&item.at) || first.is_some_and(|first| item.at < **first);
            !kept.contains_key(own) && !told
        });
        let dropped = gone.map(|(_, item)| {
            let why = self.why(&item, !firings.is_empty());
            (item, why)
        });
        let dropped = dropped.collect();
        Change { dropped, standing: standing(rule, after), key, taken, anew: *anew, firings }
    }

    /// What a window keeps, by what tells it apart.
    fn distinct(&self, window: &Window) -> BTreeMap<(At, u16, i64), Item> {
        let apart = matches!(self.rule.trigger, Trigger::Values(_));
        let own = |item: Item| {
            let value = if apart { item.value } else { 0 };
            ((item.at.clone(), item.part, value), item)
        };
        window.kept().map(own).collect()
    }

    /// What is as old can count with nothing any more.
    fn oldest(&self) -> i64 {
        self.after.newest.saturating_sub(REORDER_MS).saturating_sub(self.rule.timespan_ms())
    }

    fn why(&self, item: &Item, fired: bool) -> Why {
        let floor = self.after.floor.as_ref();
        if fired && floor.is_some_and(|floor| item.at.order <= *floor) {
            return Why::BelowFloor;
        }
        let later = || self.after.kept().any(|other| other.part == item.part && other.at > item.at);
        match self.rule.trigger {
            _ if item.at.time() <= self.oldest() => Why::TooOld,
            Trigger::Sum(_) => Why::Joined,
            Trigger::Ordered(_) if item.part > 0 && !later() => Why::NothingBefore,
            _ => Why::Superfluous,
        }
    }
}

fn standing(rule: &Compiled, window: &Window) -> Standing {
    let counted = window.counted(rule);
    let first = counted.iter().map(|item| item.at.time()).min();
    let silent = window.told.map(|told| told.saturating_add(rule.suppress_ms()));
    Standing {
        lacks: lacks(rule, &counted),
        before: first.map(|first| first.saturating_add(rule.timespan_ms())),
        counted,
        floor: window.floor.clone(),
        silent_until: silent.filter(|until| *until > window.newest),
        suppressed: window.suppressed,
    }
}

fn lacks(rule: &Compiled, counted: &[Item]) -> Lacks {
    let there: BTreeSet<u16> = counted.iter().map(|item| item.part).collect();
    let all = (0u16..).zip(&rule.correlation.parts).map(|(part, _)| part);
    let absent = || all.filter(|part| !there.contains(part)).collect::<Vec<u16>>();
    match &rule.trigger {
        Trigger::Events(wanted) | Trigger::Values(wanted) => {
            Lacks::Number { there: counted.len(), wanted: *wanted }
        }
        Trigger::Sum(least) | Trigger::Scores(least) => {
            Lacks::Sum { there: counted.iter().map(|item| i128::from(item.value)).sum(), wanted: least.0 }
        }
        Trigger::Parts(When::AtLeast(count)) => {
            Lacks::Parts { parts: absent(), enough: Some(count.saturating_sub(there.len())) }
        }
        Trigger::Parts(When::Holds(_)) => Lacks::Parts { parts: absent(), enough: None },
        Trigger::Ordered(_) => {
            let parts = absent();
            Lacks::Parts { enough: Some(parts.len()), parts }
        }
    }
}

#[cfg(test)]
mod tests;
