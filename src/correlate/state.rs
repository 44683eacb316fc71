//! All windows of one group key, with the details of the events in them.
//!
//! A hit goes through every correlation that it feeds; what fires may feed others of the same key, and goes through them at
//! once. What it feeds of other keys goes out as hits of its own.
//!
//! The windows of a key stand together because they share their events: a sentence that begins five chains is kept once.

use super::encode::{Head, Unread};
use super::fed::{feeds_of, items_of};
use super::hit::{Contribution, Hit, Values};
use super::key::{GroupKey, KeyParts};
use super::order::{At, EventDigest};
use super::set::{Compiled, CorrelationIndex, Correlations, Feed, Trigger};
use super::spare::Spare;
use super::stretch::Stretch;
use super::window::{Completion, Glance, Item, Window};
use crate::rule::model::Number;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many events of a window that counts or adds keep their details: a flag shows no more.
pub const MOST_DETAILED: usize = 32;

/// How many bytes of details are kept of a key.
const MOST_BYTES: usize = 256 << 10;

/// All windows of one group key.
#[derive(Debug, Clone)]
pub struct KeyState {
    /// By correlation's id. There are few, as of details, so that both are sorted lists. Each window stands elsewhere: so that looking
    /// for one touches no other, and lists of them are short.
    pub(super) windows: Vec<(Arc<str>, Box<Window>)>,
    /// The other ones, until something comes for them.
    pub(super) unread: Unread,
    /// Of events that windows keep, what flags say of them; in their order.
    pub(super) details: Vec<(At, Stretch)>,
    /// Of every event that windows keep, and of some that they do not any more, the beginning of its digest.
    seen: Vec<u64>,
    /// So many of the former or of the latter, and it is looked which are still needed.
    sweep_at: (usize, usize),
}

impl Default for KeyState {
    fn default() -> KeyState {
        KeyState {
            windows: Vec::new(),
            unread: Unread::default(),
            details: Vec::new(),
            seen: Vec::new(),
            sweep_at: FIRST_SWEEP,
        }
    }
}

impl PartialEq for KeyState {
    fn eq(&self, other: &KeyState) -> bool {
        debug_assert_eq!((self.unread.len(), other.unread.len()), (0, 0), "what is compared was read");
        self.windows == other.windows && self.details == other.details
    }
}

impl Eq for KeyState {}

/// Times that folding goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The greatest time of an event in the partition, in milliseconds since the epoch.
    pub now: i64,
    /// For how long a window is kept after its events ceased to count, in milliseconds.
    pub grace: i64,
}

/// A correlation that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Which one.
    pub correlation: CorrelationIndex,
    /// How many events completed it.
    pub events: usize,
    /// When the first of them was, in milliseconds since the epoch.
    pub first: i64,
    /// The last of them, in their order; of very many, as many as a flag shows. Never empty.
    pub steps: Vec<Step>,
    /// Nobody is told, because somebody was not long ago.
    pub silent: bool,
    /// How often it fired before without anybody being told.
    pub suppressed: u32,
    /// Values had been joined.
    pub saturated: bool,
}

/// An event that a firing is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The event.
    pub at: At,
    /// The parts that it satisfied.
    pub parts: Vec<u16>,
    /// What flags say of it; nothing if that was not kept.
    pub detail: Box<[u8]>,
}

impl Firing {
    /// The event that completed it: the one with the greatest order key.
    pub fn completing(&self) -> &At {
        // There is always a step.
        &self.steps[self.steps.len() - 1].at
    }
}

/// What folding a hit did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// What fired, in the order of the correlations.
    pub firings: Vec<Firing>,
    /// The event was in the windows already.
    pub duplicate: bool,
    /// Windows of correlations that mean something else now, and began anew.
    pub restarted: Vec<CorrelationIndex>,
    /// Windows of correlations that came to hold more values than are kept apart, so that some were joined.
    pub saturated: Vec<CorrelationIndex>,
}

/// Tells what a result of a correlation is to those that take it in.
pub trait Results {
    /// Which event a result is: its flag's id.
    fn digest(&self, rule: &Compiled, key: &GroupKey, firing: &Firing) -> EventDigest;

    /// What flags say of it.
    fn detail(&self, rule: &Compiled, firing: &Firing) -> Vec<u8>;
}

impl KeyState {
    /// Folds a hit of this key.
    pub(super) fn fold(
        &mut self,
        set: &Correlations,
        hit: &Hit,
        clock: Clock,
        results: &impl Results,
        spare: &mut Spare,
    ) -> Folded {
        let mut folded = Folded::default();
        if self.holds(&hit.at.event, spare) {
            folded.duplicate = true;
            return folded;
        }
        self.take(set, hit, clock, (&mut folded, spare));
        let mut queue = VecDeque::new();
        let mut first = 0;
        loop {
            for firing in &folded.firings[first..] {
                let rule = set.get(firing.correlation);
                if set.fed_by(&rule.id).iter().any(|feed| feed.stays(set, rule)) {
                    queue.push_back(result(rule, &hit.key, firing, results));
                }
            }
            first = folded.firings.len();
            let Some(next) = queue.pop_front() else { break };
            self.take(set, &next, clock, (&mut folded, spare));
        }
        self.sweep(set, spare);
        folded
    }

    /// Room of its lists.
    pub(super) fn room(&self) -> usize {
        let own = [self.details.capacity(), self.seen.capacity(), self.windows.capacity()];
        own.into_iter().fold(self.unread.room(), usize::max)
    }

    /// Looks at what folding a hit will look at first. What it yields means nothing.
    pub(super) fn fetch(&self) -> u64 {
        let windows = self.windows.iter().map(|(_, window)| window.items.len() as u64);
        windows.fold(self.seen.first().copied().unwrap_or_default(), u64::wrapping_add)
    }

    /// How much it holds.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        assert_eq!(self.unread.len(), 0, "all were read");
        let items = self.windows.iter().map(|(_, window)| window.items.len());
        self.details.len() + self.seen.len() + items.sum::<usize>()
    }

    /// Forgets everything, but keeps the room.
    pub(super) fn clear(&mut self) {
        self.windows.clear();
        self.unread.clear();
        self.details.clear();
        self.seen.clear();
        self.sweep_at = FIRST_SWEEP;
    }

    /// Whether an event is in the windows. Nearly always it was never seen, which is known without a look at them.
    fn holds(&mut self, event: &EventDigest, spare: &mut Spare) -> bool {
        if !self.seen.contains(&beginning(event)) {
            return false;
        }
        self.read_all(spare);
        self.windows.iter().any(|(_, window)| window.knows(event))
    }

    /// Reads the windows that were not.
    pub(super) fn read_all(&mut self, spare: &mut Spare) {
        while let Some((id, window)) = self.unread.pop(spare) {
            self.put(id, window);
        }
    }

    /// Takes what comes through every correlation that it feeds.
    fn take(
        &mut self,
        set: &Correlations,
        hit: &Hit,
        clock: Clock,
        (folded, spare): (&mut Folded, &mut Spare),
    ) {
        self.see(&hit.at.event);
        self.keep(&hit.at, || Stretch::from(&hit.detail));
        let (mut all, mut items) = (std::mem::take(&mut spare.fed), std::mem::take(&mut spare.items));
        feeds_of(set, hit, &mut all);
        for fed in all.chunk_by(|one, other| one.correlation == other.correlation) {
            let index = fed[0].correlation;
            let rule = set.get(index);
            items_of(rule, hit, fed, &mut items);
            let window = self.window(rule, clock, spare, || folded.restarted.push(index));
            let before = window.saturated;
            let completion = window.fold(rule, &mut items, clock.now);
            if window.saturated && !before {
                folded.saturated.push(index);
            }
            folded.firings.extend(completion.map(|completion| self.fired(index, completion)));
        }
        (spare.fed, spare.items) = (all, items);
    }

    /// Remembers that an event came.
    pub(super) fn see(&mut self, event: &EventDigest) {
        self.seen.push(beginning(event));
    }

    /// Keeps what flags say of an event; what was there is replaced.
    pub(super) fn keep(&mut self, at: &At, detail: impl FnOnce() -> Stretch) {
        match self.details.binary_search_by(|(known, _)| known.cmp(at)) {
            Ok(index) => self.details[index].1 = detail(),
            Err(index) => self.details.insert(index, (at.clone(), detail())),
        }
    }

    /// What flags say of an event.
    pub(super) fn detail(&self, at: &At) -> Option<&Stretch> {
        let index = self.details.binary_search_by(|(known, _)| known.cmp(at)).ok()?;
        Some(&self.details[index].1)
    }

    /// The window of the correlation of that id.
    pub(super) fn of(&self, id: &str) -> Option<&Window> {
        let index = self.windows.binary_search_by(|(known, _)| (**known).cmp(id)).ok()?;
        Some(&self.windows[index].1)
    }

    /// Takes the window of a correlation.
    pub(super) fn put(&mut self, id: Arc<str>, window: Box<Window>) {
        match self.windows.binary_search_by(|(known, _)| known.cmp(&id)) {
            Ok(index) => self.windows[index].1 = window,
            Err(index) => self.windows.insert(index, (id, window)),
        }
    }

    /// The window of a correlation, a new one if what is there is of another meaning or nobody waits for it any more.
    fn window(
        &mut self,
        rule: &Compiled,
        clock: Clock,
        spare: &mut Spare,
        restarted: impl FnOnce(),
    ) -> &mut Window {
        let new = || Window::new(rule.meaning);
        let index = match self.windows.binary_search_by(|(known, _)| known.cmp(&rule.id)) {
            Ok(index) => index,
            Err(index) => {
                let window = self.unread.take(&rule.id, spare).unwrap_or_else(|| spare.window(rule.meaning));
                self.windows.insert(index, (Arc::clone(&rule.id), window));
                index
            }
        };
        let window = &mut self.windows[index].1;
        if window.meaning != rule.meaning {
            restarted();
            **window = new();
        } else if window.touched > i64::MIN && window.deadline(rule, clock.grace) < clock.now {
            **window = new();
        }
        window
    }

    fn fired(&self, correlation: CorrelationIndex, completion: Completion) -> Firing {
        let Completion { items, silent, suppressed, saturated } = completion;
        let events: Vec<&[Item]> = items.chunk_by(|one, other| one.at == other.at).collect();
        let shown = &events[events.len().saturating_sub(MOST_DETAILED)..];
        let step = |items: &&[Item]| {
            let at = items[0].at.clone();
            let detail = self.detail(&at).map(|detail| (**detail).into()).unwrap_or_default();
            Step { at, parts: items.iter().map(|item| item.part).collect(), detail }
        };
        let steps = shown.iter().map(step).collect();
        let first = items.first().map_or(i64::MIN, |item| item.at.time());
        Firing { correlation, events: events.len(), first, steps, silent, suppressed, saturated }
    }

    /// Forgets what is not needed any more, now and then.
    fn sweep(&mut self, set: &Correlations, spare: &mut Spare) {
        let (details, seen) = self.sweep_at;
        if self.details.len() > details || self.seen.len() > seen {
            self.read_all(spare);
        }
        if self.details.len() > details {
            self.keep_shown(set);
            self.sweep_at.0 = double(self.details.len());
        }
        if self.seen.len() > seen {
            self.seen.clear();
            self.seen.extend(self.windows.iter().flat_map(|(_, window)| window.known()).map(beginning));
            self.seen.sort_unstable();
            self.seen.dedup();
            self.sweep_at.1 = double(self.seen.len());
        }
    }

    /// It was read, and nothing in it is superfluous.
    pub(super) fn whole(&mut self) {
        self.sweep_at = (double(self.details.len()), double(self.seen.len()));
    }

    /// Forgets windows that are vacant or whose correlations are gone, and details of events that windows keep and no flag shows.
    /// Tells until when the rest must be kept; none if nothing is left.
    pub(super) fn settle(&mut self, set: &Correlations, grace: i64, spare: &mut Spare) -> Option<Head> {
        let mut head: Option<Head> = None;
        let mut all_shown = true;
        let mut stays = |id: &str, window: Glance| {
            let Some(rule) = set.find(id).filter(|_| !window.vacant) else { return false };
            let own = Head { deadline: window.deadline(rule, grace), touched: window.touched };
            head = Some(head.map_or(own, |head| head.max(own)));
            all_shown &= window.shows_all(rule, MOST_DETAILED);
            true
        };
        self.windows.retain(|(id, window)| stays(id, window.glance()));
        self.unread.retain(stays);
        if !all_shown || self.detail_bytes() > MOST_BYTES {
            self.read_all(spare);
            self.keep_shown(set);
        }
        head
    }

    /// Forgets details of all events but those that flags may show, and the oldest of these where all of them are more than a record may
    /// hold.
    fn keep_shown(&mut self, set: &Correlations) {
        let mut shown: Vec<At> = Vec::with_capacity(self.details.len());
        for (id, window) in &self.windows {
            shown.extend(set.find(id).into_iter().flat_map(|rule| window.shown(rule, MOST_DETAILED)));
        }
        shown.sort_unstable();
        self.details.retain(|(at, _)| shown.binary_search(at).is_ok());
        let mut bytes = self.detail_bytes();
        let mut oldest = self.details.iter();
        while bytes > MOST_BYTES
            && let Some((_, detail)) = oldest.next()
        {
            bytes -= detail.len();
        }
        let gone = self.details.len() - oldest.len();
        self.details.drain(..gone);
    }

    fn detail_bytes(&self) -> usize {
        self.details.iter().map(|(_, detail)| detail.len()).sum()
    }

    /// Forgets all details, and then the older half of what every window holds: for a record that would be too large all the same.
    pub(super) fn halve(&mut self, spare: &mut Spare) {
        if self.details.is_empty() {
            self.read_all(spare);
            self.windows.iter_mut().for_each(|(_, window)| window.halve());
        }
        self.details.clear();
    }
}

/// When that is worth a look for the first time.
const FIRST_SWEEP: (usize, usize) = (double(0), double(0));

/// When there are so many more, it is worth a look.
const fn double(number: usize) -> usize {
    2 * number + MOST_DETAILED
}

fn beginning(event: &EventDigest) -> u64 {
    event.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

impl Trigger {
    /// Whether it matters which part an event satisfied. Then every event of a window may be one that a flag shows: there are few.
    pub fn tells_parts_apart(&self) -> bool {
        matches!(self, Trigger::Parts(_) | Trigger::Scores(_) | Trigger::Ordered(_))
    }
}

impl Feed {
    /// Whether what `child` found feeds this under the same group key.
    pub(super) fn stays(&self, set: &Correlations, child: &Compiled) -> bool {
        set.get(self.correlation).names == child.names && self.paths == child.names
    }
}

/// What a correlation found, for those of the same key that take it in.
fn result(rule: &Compiled, key: &GroupKey, firing: &Firing, results: &impl Results) -> Hit {
    let order = firing.completing().order.clone();
    Hit {
        key: key.clone(),
        at: At { order, event: results.digest(rule, key, firing) },
        found: vec![Contribution {
            rule: rule.correlation.id.clone(),
            score: rule.score(),
            paths: Vec::new(),
        }],
        values: carried(&key.parts()),
        detail: results.detail(rule, firing).into(),
    }
}

/// The values that a correlation's result has: those of its key.
fn carried(key: &KeyParts<'_>) -> Vec<Values> {
    let of = |(name, value): &(&str, &str)| Values {
        name: (*name).to_owned(),
        digests: vec![super::values::digest(value)],
        sum: Number::parse(value).and_then(|_| super::set::micros(value)),
    };
    key.pairs.iter().map(of).collect()
}

/// What a correlation found, as hits of other keys: one for each way in which the correlations that take it in are grouped.
pub fn outward(set: &Correlations, key: &GroupKey, firing: &Firing, results: &impl Results) -> Vec<Hit> {
    let rule = set.get(firing.correlation);
    let parts = key.parts();
    let mut hits: BTreeMap<GroupKey, Hit> = BTreeMap::new();
    for feed in set.fed_by(&rule.correlation.id).iter().filter(|feed| !feed.stays(set, rule)) {
        let names = &set.get(feed.correlation).names;
        let values = feed.paths.iter().map(|path| parts.value(path));
        let Some(values) = values.collect::<Option<Vec<&str>>>() else { continue };
        let pairs = names.iter().map(String::as_str).zip(values);
        let other = GroupKey::new(parts.platform, parts.tenant, pairs);
        let paths = if feed.paths == *names { Vec::new() } else { feed.paths.clone() };
        let hit = hits.entry(other.clone()).or_insert_with(|| Hit {
            key: other,
            found: Vec::new(),
            ..result(rule, key, firing, results)
        });
        let found = Contribution { rule: rule.correlation.id.clone(), score: rule.score(), paths };
        if !hit.found.contains(&found) {
            hit.found.push(found);
        }
    }
    hits.into_values().collect()
}
