//! Windows whose parts must come in their order.
//!
//! For each step the latest start of a chain that has reached it is all that matters: a later start leaves more time. So events
//! in their order need one chain a step, and folding one takes as many comparisons as it has steps. Events that may still be
//! overtaken are kept beside the chains, and run through again for each that comes.
//!
//! What has the same order key is taken at once, be it one event or an event and what a correlation found when it came: none of it
//! comes after the other, so each is held against the chains that were there before.

use super::super::order::At;
use super::{Item, MOST_RECENT};

/// Events of the first steps, in their order: one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::correlate) struct Chain(Vec<At>);

impl Chain {
    /// The chain of these events; none if there are none.
    pub(in crate::correlate) fn new(events: Vec<At>) -> Option<Chain> {
        (!events.is_empty()).then_some(Chain(events))
    }

    pub(in crate::correlate) fn events(&self) -> &[At] {
        &self.0
    }

    /// Its events, each with its step.
    pub(super) fn items(&self) -> impl Iterator<Item = Item> {
        (0u16..).zip(&self.0).map(|(part, at)| Item { at: at.clone(), part, value: 0 })
    }

    fn start(&self) -> i64 {
        self.0.first().map_or(i64::MIN, At::time)
    }

    /// With a further event, if it comes after the last and soon enough after the first.
    fn with(&self, at: &At, timespan: i64) -> Option<Chain> {
        let follows = self.0.last().is_some_and(|last| last.order < at.order);
        let in_time = at.time().saturating_sub(self.start()) < timespan;
        (follows && in_time).then(|| Chain([&self.0[..], std::slice::from_ref(at)].concat()))
    }
}

/// The first chain through all steps that there is.
pub(super) fn complete(
    chains: &[Option<Chain>],
    items: &[Item],
    steps: usize,
    timespan: i64,
) -> Option<Vec<Item>> {
    // The last step is never a chain's: what completes one is among the items.
    let is_last = |item: &Item| usize::from(item.part) + 1 == steps;
    if !items.iter().any(is_last) {
        return None;
    }
    let mut reached = chains.to_vec();
    let chain = items.chunk_by(same).find_map(|event| advance(&mut reached, event, steps, timespan))?;
    Some(chain.items().collect())
}

/// The chain that got furthest through what is kept and that an event of the time `newest` could still continue; none if there is none.
pub(super) fn furthest(
    chains: &[Option<Chain>],
    items: &[Item],
    steps: usize,
    (timespan, newest): (i64, i64),
) -> Option<Chain> {
    let reached = reached(chains, items, steps, timespan);
    let is_open = |chain: &Chain| newest.saturating_sub(chain.start()) < timespan;
    reached.into_iter().rev().flatten().find(is_open)
}

/// By step the chain that has reached it, with all that is kept.
pub(super) fn reached(
    chains: &[Option<Chain>],
    items: &[Item],
    steps: usize,
    timespan: i64,
) -> Vec<Option<Chain>> {
    let mut reached = chains.to_vec();
    for event in items.chunk_by(same) {
        advance(&mut reached, event, steps, timespan);
    }
    reached
}

/// Whether neither comes after the other.
fn same(one: &Item, other: &Item) -> bool {
    one.at.order == other.at.order
}

/// Takes in what has one order key: it fills one step of each chain. Yields a chain through all steps.
fn advance(reached: &mut Vec<Option<Chain>>, event: &[Item], steps: usize, timespan: i64) -> Option<Chain> {
    reached.resize(steps, None);
    // From the last step to the first, so that what is before is that before this event.
    let mut event: Vec<&Item> = event.iter().collect();
    event.sort_by_key(|item| std::cmp::Reverse(item.part));
    for item in event {
        let step = usize::from(item.part);
        let chain = match step.checked_sub(1) {
            None => Chain::new(vec![item.at.clone()]),
            Some(before) => reached.get(before)?.as_ref().and_then(|chain| chain.with(&item.at, timespan)),
        };
        let Some(chain) = chain else { continue };
        if step + 1 == steps {
            return Some(chain);
        }
        // An event that comes late may start before what is there.
        if let Some(known) = reached.get_mut(step)
            && known.as_ref().is_none_or(|known| known.start() <= chain.start())
        {
            *known = Some(chain);
        }
    }
    None
}

/// Moves into the chains what can hardly be overtaken: what is before `recent`, and what a part has too many of.
pub(super) fn settle(
    chains: &mut Vec<Option<Chain>>,
    items: &mut Vec<Item>,
    steps: usize,
    (timespan, recent): (i64, i64),
) {
    let old = items.partition_point(|item| item.at.time() < recent);
    let settled = old.max(too_many(items, steps));
    for event in items[..settled].chunk_by(same) {
        // All events were run through before, so this completes nothing.
        advance(chains, event, steps, timespan);
    }
    items.drain(..settled);
}

/// Where the events begin of which no part has too many.
fn too_many(items: &[Item], steps: usize) -> usize {
    if items.len() <= MOST_RECENT {
        return 0;
    }
    let mut counts = vec![0; steps];
    for (index, item) in items.iter().enumerate().rev() {
        let Some(count) = counts.get_mut(usize::from(item.part)) else { continue };
        *count += 1;
        if *count > MOST_RECENT {
            // With the rest of its event.
            return items.partition_point(|other| other.at.order <= items[index].at.order);
        }
    }
    0
}

/// Forgets chains that began too early to be completed by what may still come.
pub(super) fn forget(chains: &mut [Option<Chain>], oldest: i64) {
    for chain in chains {
        if chain.as_ref().is_some_and(|chain| chain.start() <= oldest) {
            *chain = None;
        }
    }
}
