//! The correlate stage: hits in, flags, results for other keys, and changed windows out.
//!
//! Like the match stage it is nothing but a function of what it was given: no clock, no client, no file. `scan` and `test` give it
//! the hits that the match stage made a moment ago ([`Folder::fold_all`], which folds results for other keys at once); `run` gives
//! it the records of the hits topic, partition by partition, and what goes to other keys goes out to that topic.

use super::flood::FloodGuard;
pub use super::folding::FoldingStage;
use super::outcome::{Destination, OutFlag, OutHit, Outcome};
use super::program::Program;
use super::route::route;
use super::stage::Settings;
use super::stats::BatchStats;
use crate::correlate::hit::Unreadable;
use crate::correlate::key::KeyParts;
use crate::correlate::state::outward;
use crate::correlate::{
    AHEAD, At, Compiled, EventDigest, Firing, Folded, GroupKey, OrderKey, Results, Step, Store,
};
use crate::flag::build;
use crate::flag::correlated::{Group, events};
use crate::flag::detail::{Detail, Found, Past};
use crate::flag::{fit, id};
use crate::rule::correlation::Part;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Default time for which windows are kept after their events ceased to count, in milliseconds: one hour.
pub const GRACE_MS: i64 = 60 * 60 * 1000;

/// How many events a correlation's result has with it, for those that take it in: the first, and the last of the others.
const MOST_NESTED: usize = 8;

/// Folds hits into windows, and makes flags of what fires.
#[derive(Debug)]
pub struct Folder {
    program: Arc<Program>,
    settings: Settings,
    guard: FloodGuard,
    stores: BTreeMap<i32, Store>,
    /// Correlations whose windows began anew because their meaning changed, by name: each is told once.
    restarted: BTreeSet<Arc<str>>,
    /// Those of them that were told since the last commit: an abort takes back what was told.
    uncommitted: Vec<Arc<str>>,
}

impl Folder {
    /// One that runs the correlations of `program`.
    pub fn new(program: Arc<Program>, settings: Settings) -> Folder {
        let guard = FloodGuard::new(settings.flood_limit);
        let stores = BTreeMap::new();
        Folder { program, settings, guard, stores, restarted: BTreeSet::new(), uncommitted: Vec::new() }
    }

    /// The program in use.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Changes the program, between hits. Windows of correlations that mean the same stay.
    pub fn replace(&mut self, program: Arc<Program>) {
        self.program = program;
        self.restarted.clear();
        self.uncommitted.clear();
    }

    /// Folds a hit of a partition at time `now_ms` (milliseconds since the epoch); `record` is put to what comes of it. What goes to
    /// other keys is among the outcome's hits.
    pub fn fold(
        &mut self,
        partition: i32,
        hit: OutHit,
        now_ms: i64,
        outcome: &mut Outcome,
    ) -> Result<(), Unreadable> {
        let OutHit { record, hit } = hit;
        let Folder { program, settings, guard, stores, restarted, uncommitted } = self;
        let store = stores.entry(partition).or_insert_with(|| Store::new(settings.grace_ms));
        let folded = store.fold(&program.correlations, &hit, &Told)?;
        outcome.stats.folded += 1;
        outcome.stats.repeated += u64::from(folded.duplicate);
        let Folded { firings, restarted: anew, saturated, .. } = folded;
        for index in saturated {
            outcome.stats.rule(&program.correlation_duty(index).template.rule).saturated += 1;
        }
        for index in anew {
            let name = &program.correlation_duty(index).template.rule.name;
            if restarted.insert(Arc::clone(name)) {
                uncommitted.push(Arc::clone(name));
                outcome.stats.restarted.push(Arc::clone(name));
            }
        }
        for firing in &firings {
            let flag = Flagging { program, settings, guard, key: &hit.key, now_ms };
            outcome.flags.extend(flag.flag(firing, record, &mut outcome.stats));
            let others = outward(&program.correlations, &hit.key, firing, &Told);
            outcome.hits.extend(others.into_iter().map(|hit| OutHit { record, hit }));
        }
        Ok(())
    }

    /// Folds hits of their partitions, in their order. Fails at the first whose windows cannot be read, and tells of which partition.
    /// What folding the first [`AHEAD`] of them looks at is brought near before.
    pub fn fold_each(
        &mut self,
        hits: &mut Vec<(i32, OutHit)>,
        now_ms: i64,
        outcome: &mut Outcome,
    ) -> Result<(), (i32, Unreadable)> {
        self.fetch(hits);
        hits.drain(..).try_for_each(|(partition, hit)| {
            self.fold(partition, hit, now_ms, outcome).map_err(|error| (partition, error))
        })
    }

    /// Folds hits and all that follows from them, whatever their keys, in one partition.
    pub fn fold_all(
        &mut self,
        hits: impl IntoIterator<Item = OutHit>,
        now_ms: i64,
        outcome: &mut Outcome,
    ) -> Result<(), Unreadable> {
        let (mut hits, mut next) = (hits.into_iter().map(|hit| (0, hit)), Vec::with_capacity(AHEAD));
        loop {
            next.extend(hits.by_ref().take(AHEAD));
            if next.is_empty() {
                return Ok(());
            }
            self.fetch(&next);
            for (partition, hit) in next.drain(..) {
                let mut queue = VecDeque::from([hit]);
                while let Some(hit) = queue.pop_front() {
                    self.fold(partition, hit, now_ms, outcome)?;
                    queue.extend(outcome.hits.drain(..));
                }
            }
        }
    }

    /// Has what folding the next hits will look at brought near.
    fn fetch(&self, next: &[(i32, OutHit)]) {
        let mut places = [None; AHEAD];
        for (place, (partition, out)) in places.iter_mut().zip(next) {
            *place = self.stores.get(partition).and_then(|store| Some((store, store.likely(&out.hit)?)));
        }
        let fetched = places.into_iter().flatten().map(|(store, place)| store.fetch(place));
        std::hint::black_box(fetched.fold(0, u64::wrapping_add));
    }

    /// Takes what the log knows of a key of a partition.
    pub fn restore(&mut self, partition: i32, key: &[u8], bytes: Option<&[u8]>) -> Result<(), Unreadable> {
        let grace = self.settings.grace_ms;
        self.stores.entry(partition).or_insert_with(|| Store::new(grace)).restore(key, bytes)
    }

    /// True if windows changed since they were last written.
    pub fn is_changed(&self) -> bool {
        self.stores.values().any(Store::is_changed)
    }

    /// Gives `write` the windows of every key that changed, with its partition; none for those to be removed.
    pub fn write<E>(
        &mut self,
        mut write: impl FnMut(i32, &[u8], Option<&[u8]>) -> Result<(), E>,
    ) -> Result<(), E> {
        let set = &self.program.correlations;
        self.stores
            .iter_mut()
            .try_for_each(|(partition, store)| store.write(set, |(key, bytes)| write(*partition, key, bytes)))
    }

    /// What was written is durable.
    pub fn committed(&mut self) {
        self.guard.committed();
        self.uncommitted.clear();
        self.stores.values_mut().for_each(Store::committed);
    }

    /// What was folded since the last commit is void.
    pub fn aborted(&mut self) {
        self.guard.aborted();
        for name in self.uncommitted.drain(..) {
            self.restarted.remove(&name);
        }
        self.stores.values_mut().for_each(Store::aborted);
    }

    /// Lets windows sleep that nobody writes down: of those who keep no log.
    pub fn rest(&mut self) {
        let written = self.write(|_, _, _| Ok::<(), std::convert::Infallible>(()));
        let Ok(()) = written;
        self.committed();
    }

    /// Forgets the windows of a partition.
    pub fn forget(&mut self, partition: i32) {
        self.stores.remove(&partition);
    }

    /// How many group keys have windows.
    pub fn keys(&self) -> usize {
        self.stores.values().map(Store::keys).sum()
    }
}

/// Turns what fires into flags.
struct Flagging<'a> {
    program: &'a Program,
    settings: &'a Settings,
    guard: &'a mut FloodGuard,
    key: &'a GroupKey,
    now_ms: i64,
}

impl Flagging<'_> {
    /// Counts a firing and makes its flag, unless none is wanted.
    fn flag(self, firing: &Firing, record: u32, stats: &mut BatchStats) -> Option<OutFlag> {
        let Flagging { program, settings, guard, key, now_ms } = self;
        let duty = program.correlation_duty(firing.correlation);
        let rule = Arc::clone(&duty.template.rule);
        if firing.silent {
            let counts = stats.rule(&rule);
            counts.findings += 1;
            counts.suppressed += 1;
            return None;
        }
        let (destination, mark) = route(duty, now_ms, guard, stats);
        if destination == Destination::Unpublished && !settings.unpublished {
            return None;
        }
        let compiled = program.correlations.get(firing.correlation);
        let parts = key.parts();
        let group = group(compiled, key, &parts, firing);
        let mut flag = group.flag(&duty.template, &program.provenance, program);
        flag.shadow = mark;
        let (body, cut) = fit::encode(&mut flag, settings.flag_limit);
        stats.flags_cut += u64::from(cut);
        let (key, headers) = (flag.case_id.into(), build::headers(&flag));
        Some(OutFlag { record, rule, destination, key, headers, body })
    }
}

fn group<'g>(compiled: &Compiled, key: &'g GroupKey, parts: &KeyParts<'g>, firing: &Firing) -> Group<'g> {
    Group {
        kind: compiled.kind_name(),
        key_bytes: key.bytes(),
        platform: parts.platform,
        tenant: parts.tenant,
        key: parts.pairs.clone(),
        timespan_ms: compiled.correlation.timespan_ms,
        events: firing.events,
        first: firing.first,
        steps: firing.steps.iter().map(|step| past(compiled, step)).collect(),
        completing: firing.completing().event,
        suppressed: firing.suppressed,
        saturated: firing.saturated,
    }
}

/// A step as flags show it: of what was found in the event, what the correlation takes in.
fn past(compiled: &Compiled, step: &Step) -> Past {
    let At { order: OrderKey { time, topic, partition, offset }, .. } = &step.at;
    let mut detail = Detail::decode_or_empty(&step.detail);
    let parts = &compiled.correlation.parts;
    let taken = |(index, part): (u16, &Part), rule: &str| {
        part.id == rule && (step.parts.contains(&index) || !compiled.trigger.tells_parts_apart())
    };
    detail.found.retain(|found| (0u16..).zip(parts).any(|part| taken(part, &found.rule)));
    let (topic, detail) = (topic.to_string(), Some(detail));
    Past { time: *time, topic, partition: *partition, offset: *offset, detail, via: String::new() }
}

/// What results of correlations are to those that take them in.
struct Told;

impl Results for Told {
    fn digest(&self, rule: &Compiled, key: &GroupKey, firing: &Firing) -> EventDigest {
        let parts = key.parts();
        *group(rule, key, &parts, firing).flag_id(&rule.correlation.id).bytes()
    }

    fn detail(&self, rule: &Compiled, firing: &Firing) -> Vec<u8> {
        // Flat, whatever a step is made of: so it does not grow from one correlation to the next.
        let mut kept: Vec<Past> = firing.steps.iter().flat_map(|step| events(past(rule, step))).collect();
        let omitted = kept.len().saturating_sub(MOST_NESTED);
        kept.drain(1..=omitted);
        let found = Found {
            rule: rule.correlation.id.clone(),
            digest: id::hex(&rule.digest()),
            evidence: Vec::new(),
        };
        Detail { steps: kept, found: vec![found], ..Detail::default() }.encode()
    }
}
