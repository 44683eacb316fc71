//! A window: what one correlation keeps of one group key, and whether a further event completes it.
//!
//! Windows slide: those that count are `(t − timespan, t]` for every time `t` of an event. There is no watermark. An event is
//! put at its place by its order key, whenever it comes, and the question is then whether some window that holds it is
//! complete. Nothing before it was, so whatever is complete now needs it.
//!
//! What is kept is what an event can still need that comes at most [`REORDER_MS`] before the newest: of all events within that
//! time, at most [`MOST_RECENT`] for each part, and of those before only what none of them makes superfluous. So memory and work
//! are bounded by the rule, whatever anybody sends.
//!
//! Firing sets a floor: events at or before it belong to the case that was told, and are not taken again.

mod ordered;
mod unordered;

use super::order::{At, EventDigest, OrderKey};
use super::set::{Compiled, Meaning, Trigger};
pub(super) use ordered::Chain;
use std::collections::BTreeMap;

/// How far out of their order events may come without a difference to whether a key fires, in milliseconds.
pub const REORDER_MS: i64 = 60_000;

/// How many events of a part are kept, at most, of those within [`REORDER_MS`] of the newest.
pub const MOST_RECENT: usize = 64;

/// Of how many events of a part or a value details are kept, of those that are not within [`REORDER_MS`] of the newest: a flag shows the last
/// that is in the window.
const MOST_OF_A_KIND: usize = 4;

/// The same of those within it: what completes the window may come that late, and then the flag shows the last before it.
const MOST_RECENT_OF_A_KIND: usize = 16;

/// How many values a sum keeps apart, at most, besides those. Of more, neighbours are joined: they then leave the window together,
/// with the older of them.
pub const MOST_ADDENDS: usize = 1_024;

/// An event in a window; where it satisfies several parts, once for each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The event.
    pub at: At,
    /// The part, by its index.
    pub part: u16,
    /// What it counts for: a value's digest, or a number in millionths. 0 where events are not told apart.
    pub value: i64,
}

/// What one correlation keeps of one group key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Of which correlation it is.
    pub(super) meaning: Meaning,
    /// The greatest time of an event in it, in milliseconds since the epoch.
    pub(super) newest: i64,
    /// Events at or before it were told.
    pub(super) floor: Option<OrderKey>,
    /// When it was completed last and told, in milliseconds since the epoch.
    pub(super) told: Option<i64>,
    /// How often it was completed since and not told.
    pub(super) suppressed: u32,
    /// Values were joined.
    pub(super) saturated: bool,
    /// What the partition's clock showed when an event came last.
    pub(super) touched: i64,
    /// The last events of its last completion: they may come again at another place in the log, behind the floor.
    pub(super) done: Vec<EventDigest>,
    /// By order key.
    pub(super) items: Vec<Item>,
    /// By step: the chain that reached it with what is no longer among the items. Only where the order counts.
    pub(super) chains: Vec<Option<Chain>>,
}

/// What is to be known of a window without a look at its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    /// See [`Window`].
    pub(super) newest: i64,
    /// See [`Window`].
    pub(super) touched: i64,
    /// See [`Window`].
    pub(super) told: Option<i64>,
    /// How many items it has.
    pub(super) items: usize,
    /// It is as good as none.
    pub(super) vacant: bool,
}

impl Glance {
    /// Until when the window must be kept, by the partition's clock, in milliseconds since the epoch.
    pub(super) fn deadline(&self, rule: &Compiled, grace: i64) -> i64 {
        let since = self.newest.max(self.touched).saturating_add(rule.timespan_ms());
        let silence = self.told.map_or(i64::MIN, |told| told.saturating_add(rule.suppress_ms()));
        since.max(silence).saturating_add(grace)
    }

    /// Whether a flag may show all events that it keeps, as far as that is known at a glance.
    pub(super) fn shows_all(&self, rule: &Compiled, most: usize) -> bool {
        match rule.trigger {
            Trigger::Events(_) | Trigger::Sum(_) => self.items <= most,
            _ => self.items <= MOST_OF_A_KIND.min(most),
        }
    }
}

/// A window that was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it was completed by, in its order. Never empty.
    pub items: Vec<Item>,
    /// Nobody is told, because somebody was not long ago.
    pub silent: bool,
    /// If somebody is told: how often it was completed before without that.
    pub suppressed: u32,
    /// Values had been joined.
    pub saturated: bool,
}

impl Window {
    /// An empty window of a correlation.
    pub(super) fn new(meaning: Meaning) -> Window {
        Window {
            meaning,
            newest: i64::MIN,
            floor: None,
            told: None,
            suppressed: 0,
            saturated: false,
            touched: i64::MIN,
            done: Vec::new(),
            items: Vec::new(),
            chains: Vec::new(),
        }
    }

    /// Takes in what an event adds, all of it of one event, when the partition's clock shows `clock`. Tells if that completes the
    /// window.
    pub(super) fn fold(&mut self, rule: &Compiled, event: &mut Vec<Item>, clock: i64) -> Option<Completion> {
        let at = &event.first()?.at;
        self.touched = self.touched.max(clock);
        if self.floor.as_ref().is_some_and(|floor| at.order <= *floor) {
            return None;
        }
        self.newest = self.newest.max(at.time());
        if self.items.is_empty() {
            self.items.reserve_exact(event.len());
        }
        let place = self.items.partition_point(|item| item.at < *at);
        if place == self.items.len() {
            self.items.append(event);
        } else {
            self.items.splice(place..place, event.drain(..));
        }
        let timespan = rule.timespan_ms();
        let items = match &rule.trigger {
            Trigger::Ordered(steps) => ordered::complete(&self.chains, &self.items, *steps, timespan),
            trigger => unordered::complete(trigger, &self.items, place, timespan),
        };
        let completion = items.map(|items| self.complete(items, rule.suppress_ms()));
        self.prune(&rule.trigger, timespan);
        completion
    }

    /// Sets the floor, and decides whether anybody is told.
    fn complete(&mut self, items: Vec<Item>, suppress: i64) -> Completion {
        let last = items.iter().map(|item| &item.at.order).max().cloned();
        let time = last.as_ref().map_or(self.newest, |order| order.time);
        self.items.retain(|item| Some(&item.at.order) > last.as_ref());
        self.chains.clear();
        let events = items.chunk_by(|one, other| one.at == other.at).map(|items| items[0].at.event);
        self.done = events.rev().take(MOST_RECENT).collect();
        self.floor = last;
        let silent = self.told.is_some_and(|told| time < told.saturating_add(suppress));
        let suppressed = if silent { self.suppressed.saturating_add(1) } else { 0 };
        let before = std::mem::replace(&mut self.suppressed, suppressed);
        if !silent {
            self.told = Some(time);
        }
        let suppressed = if silent { 0 } else { before };
        Completion { items, silent, suppressed, saturated: std::mem::take(&mut self.saturated) }
    }

    /// Forgets what no event can need any more.
    fn prune(&mut self, trigger: &Trigger, timespan: i64) {
        let recent = self.newest.saturating_sub(REORDER_MS);
        let oldest = recent.saturating_sub(timespan);
        match trigger {
            Trigger::Ordered(steps) => {
                ordered::settle(&mut self.chains, &mut self.items, *steps, (timespan, recent));
                ordered::forget(&mut self.chains, oldest);
            }
            trigger => {
                let gone = self.items.partition_point(|item| item.at.time() <= oldest);
                self.items.drain(..gone);
                self.saturated |= unordered::prune(trigger, &mut self.items, recent);
            }
        }
    }

    /// Forgets the older half of its events.
    pub(super) fn halve(&mut self) {
        let gone = self.items.len() / 2;
        self.items.drain(..gone);
        self.saturated |= gone > 0;
    }

    /// What is to be known of it without a look at its events.
    pub(super) fn glance(&self) -> Glance {
        let open = self.chains.iter().any(Option::is_some);
        let vacant = self.items.is_empty() && !open && self.floor.is_none();
        let Window { newest, touched, told, .. } = *self;
        Glance { newest, touched, told, items: self.items.len(), vacant }
    }

    /// Until when it must be kept, by the partition's clock, in milliseconds since the epoch.
    pub(super) fn deadline(&self, rule: &Compiled, grace: i64) -> i64 {
        self.glance().deadline(rule, grace)
    }

    /// What a further event at the time of the newest would be added to.
    pub(super) fn counted(&self, rule: &Compiled) -> Vec<Item> {
        let times = (rule.timespan_ms(), self.newest);
        match &rule.trigger {
            Trigger::Ordered(steps) => {
                let chain = ordered::furthest(&self.chains, &self.items, *steps, times);
                chain.iter().flat_map(Chain::items).collect()
            }
            trigger => unordered::counted(trigger, &self.items, times),
        }
    }

    /// All that it keeps; what several chains hold, several times.
    pub(super) fn kept(&self) -> impl Iterator<Item = Item> {
        let chains = self.chains.iter().flatten().flat_map(Chain::items);
        self.items.iter().cloned().chain(chains)
    }

    /// Whether it holds an event, or was completed by it.
    pub(super) fn knows(&self, event: &EventDigest) -> bool {
        self.done.contains(event) || self.events().any(|at| at.event == *event)
    }

    /// The digests of what it knows.
    pub(super) fn known(&self) -> impl Iterator<Item = &EventDigest> {
        self.done.iter().chain(self.events().map(|at| &at.event))
    }

    /// The events that a flag may show: the last so many, or where it matters which value they have or which part they satisfied, the
    /// newest of so many values or of each part and those of the chains that are open.
    pub(super) fn shown(&self, rule: &Compiled, most: usize) -> Vec<At> {
        let recent = self.newest.saturating_sub(REORDER_MS);
        // Of each kind how many were recent, and how many were not.
        let mut counts: BTreeMap<i64, [usize; 2]> = BTreeMap::new();
        let mut wanted = |kind: i64, (kinds, is_old, of_a_kind): (usize, bool, usize)| {
            if counts.len() >= kinds && !counts.contains_key(&kind) {
                return false;
            }
            let count = &mut counts.entry(kind).or_default()[usize::from(is_old)];
            *count += 1;
            *count <= of_a_kind
        };
        let few = |item: &Item, kinds| {
            let is_old = item.at.time() < recent;
            (kinds, is_old, if is_old { MOST_OF_A_KIND } else { MOST_RECENT_OF_A_KIND })
        };
        let wanted = |item: &&Item| match &rule.trigger {
            Trigger::Events(_) | Trigger::Sum(_) => wanted(0, (1, false, most)),
            Trigger::Values(_) => wanted(item.value, few(item, most)),
            _ => wanted(item.part.into(), few(item, usize::MAX)),
        };
        let items = self.items.iter().rev().filter(wanted).map(|item| item.at.clone());
        let chains = match &rule.trigger {
            Trigger::Ordered(steps) => {
                ordered::reached(&self.chains, &self.items, *steps, rule.timespan_ms())
            }
            _ => Vec::new(),
        };
        items.chain(chains.iter().chain(&self.chains).flatten().flat_map(Chain::events).cloned()).collect()
    }

    /// The events that it keeps, each at least once.
    pub(super) fn events(&self) -> impl Iterator<Item = &At> {
        let chains = self.chains.iter().flatten().flat_map(Chain::events);
        self.items.iter().map(|item| &item.at).chain(chains)
    }
}

#[cfg(test)]
mod oracle;
