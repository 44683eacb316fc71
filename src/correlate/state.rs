//! All windows of one group key, with the details of the events in them.
//!
//! A hit goes through every correlation that it feeds; what fires may feed others of the same key, and goes through them at
//! once. What it feeds of other keys goes out as hits of its own.
//!
//! The windows of a key stand together because they share their events: a sentence that begins five chains is kept once.

use super::encode::Head;
use super::hit::{Contribution, Hit, Values};
use super::key::{GroupKey, KeyParts};
use super::order::{At, EventDigest};
use super::set::{Compiled, CorrelationIndex, Correlations, Feed, Trigger, UNIT};
use super::window::{Completion, Item, Window};
use crate::rule::model::Number;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many events of a window that counts or adds keep their details: a flag shows no more.
pub const MOST_DETAILED: usize = 32;

/// How many bytes of details are kept of a key.
const MOST_BYTES: usize = 256 << 10;

/// All windows of one group key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyState {
    /// By correlation's id.
    pub(super) windows: BTreeMap<String, Window>,
    /// Of events that windows keep, what flags say of them.
    pub(super) details: BTreeMap<At, Box<[u8]>>,
    /// So many details, and it is looked which are still needed.
    sweep_at: usize,
}

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
}

/// What comes to the windows: an event, or what a correlation found.
struct Arriving {
    at: At,
    found: Vec<Contribution>,
    values: Vec<Values>,
    detail: Box<[u8]>,
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
    pub fn fold(&mut self, set: &Correlations, hit: Hit, clock: Clock, results: &impl Results) -> Folded {
        let Hit { key, at, found, values, detail } = hit;
        let mut folded = Folded::default();
        if self.holds(&at.event) {
            folded.duplicate = true;
            return folded;
        }
        let parts = key.parts();
        let mut queue = VecDeque::from([Arriving { at, found, values, detail: detail.into() }]);
        while let Some(arriving) = queue.pop_front() {
            let first = folded.firings.len();
            self.take(set, &parts, &arriving, clock, &mut folded);
            for firing in &folded.firings[first..] {
                let rule = set.get(firing.correlation);
                if set.fed_by(&rule.correlation.id).iter().any(|feed| feed.stays(set, rule)) {
                    queue.push_back(result(rule, &key, firing, results));
                }
            }
        }
        self.sweep(set);
        folded
    }

    /// Whether an event is in the windows.
    fn holds(&self, event: &EventDigest) -> bool {
        self.windows.values().any(|window| window.knows(event))
    }

    /// Takes what comes through every correlation that it feeds.
    fn take(
        &mut self,
        set: &Correlations,
        key: &KeyParts<'_>,
        arriving: &Arriving,
        clock: Clock,
        folded: &mut Folded,
    ) {
        self.details.insert(arriving.at.clone(), arriving.detail.clone());
        for (index, fed) in fed(set, key, &arriving.found) {
            let rule = set.get(index);
            let items = items(rule, arriving, &fed);
            let window = self.window(rule, clock, || folded.restarted.push(index));
            let completion = window.fold(rule, items, clock.now);
            folded.firings.extend(completion.map(|completion| self.fired(index, completion)));
        }
    }

    /// The window of a correlation, a new one if what is there is of another meaning or nobody waits for it any more.
    fn window(&mut self, rule: &Compiled, clock: Clock, restarted: impl FnOnce()) -> &mut Window {
        let new = || Window::new(rule.meaning);
        let window = self.windows.entry(rule.correlation.id.clone()).or_insert_with(new);
        if window.meaning != rule.meaning {
            restarted();
            *window = new();
        } else if window.touched > i64::MIN && window.deadline(rule, clock.grace) < clock.now {
            *window = new();
        }
        window
    }

    fn fired(&self, correlation: CorrelationIndex, completion: Completion) -> Firing {
        let Completion { items, silent, suppressed, saturated } = completion;
        let events: Vec<&[Item]> = items.chunk_by(|one, other| one.at == other.at).collect();
        let shown = &events[events.len().saturating_sub(MOST_DETAILED)..];
        let step = |items: &&[Item]| {
            let at = items[0].at.clone();
            let detail = self.details.get(&at).cloned().unwrap_or_default();
            Step { at, parts: items.iter().map(|item| item.part).collect(), detail }
        };
        let steps = shown.iter().map(step).collect();
        let first = items.first().map_or(i64::MIN, |item| item.at.time());
        Firing { correlation, events: events.len(), first, steps, silent, suppressed, saturated }
    }

    /// Forgets details that are not needed any more, now and then.
    fn sweep(&mut self, set: &Correlations) {
        if self.details.len() > self.sweep_at {
            self.tidy(set);
            self.sweep_at = 2 * self.details.len() + MOST_DETAILED;
        }
    }

    /// Forgets windows that are vacant or whose correlations are gone, and details of events that no window shows.
    pub(super) fn tidy(&mut self, set: &Correlations) {
        self.windows.retain(|id, window| !window.is_vacant() && set.find(id).is_some());
        let mut shown: BTreeSet<At> = BTreeSet::new();
        for (id, window) in &self.windows {
            shown.extend(set.find(id).into_iter().flat_map(|rule| window.shown(rule, MOST_DETAILED)));
        }
        self.details.retain(|at, _| shown.contains(at));
        self.shrink();
    }

    /// Forgets the oldest details where all of them are more than a record may hold.
    fn shrink(&mut self) {
        let mut bytes: usize = self.details.values().map(|detail| detail.len()).sum();
        while bytes > MOST_BYTES
            && let Some((_, detail)) = self.details.pop_first()
        {
            bytes -= detail.len();
        }
    }

    /// Forgets all details, and then the older half of what every window holds: for a record that would be too large all the same.
    pub(super) fn halve(&mut self) {
        if self.details.is_empty() {
            self.windows.values_mut().for_each(Window::halve);
        }
        self.details.clear();
    }

    /// Until when it must be kept; none if nothing is kept.
    pub(super) fn head(&self, set: &Correlations, grace: i64) -> Option<Head> {
        let of = |(id, window): (&String, &Window)| Some(window.deadline(set.find(id)?, grace));
        let deadline = self.windows.iter().filter_map(of).max()?;
        let touched = self.windows.values().map(|window| window.touched).max()?;
        Some(Head { deadline, touched })
    }
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

/// The correlations of a key that something found feeds, in their order, each with the parts and their scores.
pub(super) fn fed(
    set: &Correlations,
    key: &KeyParts<'_>,
    found: &[Contribution],
) -> BTreeMap<CorrelationIndex, BTreeMap<u16, u32>> {
    let mut fed: BTreeMap<CorrelationIndex, BTreeMap<u16, u32>> = BTreeMap::new();
    for Contribution { rule, score, paths } in found {
        for feed in set.fed_by(rule) {
            let names = &set.get(feed.correlation).names;
            let same = names.iter().eq(key.pairs.iter().map(|(name, _)| *name));
            let paths = if paths.is_empty() { names } else { paths };
            if same && feed.paths == *paths {
                let known = fed.entry(feed.correlation).or_default().entry(feed.part).or_default();
                *known = (*known).max(*score);
            }
        }
    }
    fed
}

/// What an event adds to the window of a correlation.
fn items(rule: &Compiled, arriving: &Arriving, parts: &BTreeMap<u16, u32>) -> Vec<Item> {
    let item = |part: u16, value: i64| Item { at: arriving.at.clone(), part, value };
    let first = parts.keys().next().copied().unwrap_or_default();
    let values = || {
        let name = rule.value_name()?;
        arriving.values.iter().find(|values| values.name == name)
    };
    match &rule.trigger {
        Trigger::Events(_) => vec![item(first, 0)],
        Trigger::Values(_) => {
            let digests: BTreeSet<i64> =
                values().into_iter().flat_map(|values| values.digests.clone()).collect();
            digests.into_iter().map(|digest| item(first, digest)).collect()
        }
        Trigger::Sum(_) => {
            values().and_then(|values| values.sum).map(|sum| item(first, sum)).into_iter().collect()
        }
        Trigger::Scores(_) => {
            parts.iter().map(|(part, score)| item(*part, i64::from(*score) * UNIT)).collect()
        }
        Trigger::Parts(_) | Trigger::Ordered(_) => parts.keys().map(|part| item(*part, 0)).collect(),
    }
}

/// What a correlation found, for those of the same key that take it in.
fn result(rule: &Compiled, key: &GroupKey, firing: &Firing, results: &impl Results) -> Arriving {
    let order = firing.completing().order.clone();
    Arriving {
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
        let hit = hits.entry(other.clone()).or_insert_with(|| {
            let Arriving { at, values, detail, .. } = result(rule, key, firing, results);
            Hit { key: other, at, found: Vec::new(), values, detail: detail.into() }
        });
        let found = Contribution { rule: rule.correlation.id.clone(), score: rule.score(), paths };
        if !hit.found.contains(&found) {
            hit.found.push(found);
        }
    }
    hits.into_values().collect()
}
