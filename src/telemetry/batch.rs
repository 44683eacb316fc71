//! A batch, as the worker's statistics value, into metrics and health.

use super::table::Id;
use super::{Telemetry, events, lock, share};
use crate::worker::stats::{BatchStats, Phases};
use std::sync::Arc;
use tracing::{trace, warn};

/// From which share of the events on a rule gives correlations too many, and the fewest events of five minutes that tell.
const MOST_HITS: f64 = 0.01;
const FEWEST_EVENTS: u64 = 10_000;

/// What a worker did since its last commit is durable.
#[derive(Debug, Clone, Copy)]
pub struct BatchDone<'a> {
    /// The worker's number.
    pub worker: usize,
    /// What it did.
    pub stats: &'a BatchStats,
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl BatchDone<'_> {
    /// Counts it, and logs floods as they begin.
    pub fn emit(self, telemetry: &Telemetry) {
        let BatchDone { worker, stats, now_ms } = self;
        trace!(worker, records = stats.records, events = stats.events, flags = stats.flags(), "done");
        telemetry.count_input(stats);
        telemetry.count_rules(stats, now_ms);
        telemetry.count_hits(stats, now_ms);
        telemetry.health().took(now_ms, stats.records, stats.dead_letters());
    }
}

/// What a worker that correlates did since its last commit is durable.
#[derive(Debug, Clone, Copy)]
pub struct FoldingDone<'a> {
    /// The worker's number.
    pub worker: usize,
    /// What it did; its records are hits.
    pub stats: &'a BatchStats,
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl FoldingDone<'_> {
    /// Counts it, apart from what was done with events.
    pub fn emit(self, telemetry: &Telemetry) {
        let FoldingDone { worker, stats, now_ms } = self;
        trace!(worker, hits = stats.records, flags = stats.flags(), "folded");
        telemetry.families.add(Id::HitsRead, &[], stats.records);
        telemetry.families.add(Id::FlagsCut, &[], stats.flags_cut);
        telemetry.families.add(Id::HitsRepeated, &[], stats.repeated);
        telemetry.families.add(Id::DeadLetters, &[], stats.dead_letters());
        for (code, count) in &stats.decode_errors {
            telemetry.families.add(Id::DecodeErrors, &[code], *count);
        }
        if let Some(keys) = stats.window_keys {
            telemetry.families.set(Id::WindowKeys, &[&worker.to_string()], events::float(keys));
        }
        for correlation in &stats.restarted {
            warn!(
                correlation = &**correlation,
                "it means something else than before: its windows begin anew"
            );
            telemetry.families.add(Id::WindowsRestarted, &[correlation], 1);
        }
        for (rule, did) in stats.rules.iter().filter(|(_, did)| did.saturated > 0) {
            telemetry.families.add(Id::WindowsSaturated, &[rule], did.saturated);
        }
        telemetry.count_rules(stats, now_ms);
    }
}

impl Telemetry {
    fn count_input(&self, stats: &BatchStats) {
        let counts = [
            (Id::InputRecords, stats.records),
            (Id::InputBytes, stats.bytes),
            (Id::Events, stats.events),
            (Id::LossyEvents, stats.lossy),
            (Id::Tombstones, stats.tombstones),
            (Id::DeadLetters, stats.dead_letters()),
            (Id::DeadLettersByReference, stats.dead_by_reference),
            (Id::FlagsCut, stats.flags_cut),
            (Id::TailEvictions, stats.tail_evicted),
        ];
        for (id, count) in counts {
            self.families.add(id, &[], count);
        }
        for (code, count) in &stats.decode_errors {
            self.families.add(Id::DecodeErrors, &[code], *count);
        }
        if let Some(delay_ms) = stats.delay_ms {
            self.families.observe(Id::EventDelay, &[], events::seconds(delay_ms.max(0)));
        }
    }

    fn count_rules(&self, stats: &BatchStats, now_ms: i64) {
        let fired = stats.rules.iter().map(|(rule, did)| (rule, did.findings));
        lock(&self.rules).add(now_ms, stats.events, fired);
        for rule in &stats.floods {
            self.flood(rule);
        }
        for (rule, did) in &stats.rules {
            let level = did.level.name();
            self.families.add(Id::Findings, &[rule, level], did.findings);
            for (destination, count) in
                [("review", did.flags), ("shadow", did.shadow), ("diverted", did.diverted)]
            {
                self.families.add(Id::Flags, &[rule, level, destination], count);
            }
            if did.suppressed > 0 {
                self.families.add(Id::Suppressed, &[rule, level], did.suppressed);
            }
        }
    }

    /// Counts what was given to correlations, and names rules that give them too much.
    fn count_hits(&self, stats: &BatchStats, now_ms: i64) {
        self.families.add(Id::HitsWithoutKey, &[], stats.without_key);
        self.families.add(Id::HitKeysCut, &[], stats.keys_cut);
        let gave = stats.rules.iter().filter(|(_, did)| did.hits > 0);
        for (rule, did) in gave.clone() {
            self.families.add(Id::Hits, &[rule, did.level.name()], did.hits);
        }
        for (rule, share) in self.too_many(stats.events, gave.map(|(rule, did)| (rule, did.hits)), now_ms) {
            if lock(&self.noisy).admit(rule, now_ms).is_some() {
                warn!(
                    rule = &**rule,
                    share, "the rule gives correlations more than one event in a hundred; make it narrower"
                );
            }
        }
    }

    /// Counts what rules gave correlations, and yields those whose share of the last minutes' events is too large, with it.
    fn too_many<'s>(
        &self,
        events: u64,
        gave: impl Iterator<Item = (&'s Arc<str>, u64)> + Clone,
        now_ms: i64,
    ) -> Vec<(&'s Arc<str>, f64)> {
        let mut shares = lock(&self.hits);
        shares.add(now_ms, events, gave.clone());
        let events = shares.whole(now_ms);
        if events < FEWEST_EVENTS {
            return Vec::new();
        }
        let share = |(rule, _): (&'s Arc<str>, u64)| (rule, share::ratio(shares.part(rule, now_ms), events));
        gave.map(share).filter(|(_, share)| *share > MOST_HITS).collect()
    }

    /// Where the time of a batch went.
    pub(super) fn time_phases(&self, phases: &Phases) {
        let Phases { poll, evaluate, publish } = phases;
        for (phase, time) in [("poll", poll), ("evaluate", evaluate), ("publish", publish)] {
            self.families.observe(Id::BatchPhase, &[phase], time.as_secs_f64());
        }
    }

    fn flood(&self, rule: &Arc<str>) {
        warn!(
            rule = &**rule,
            "the rule publishes too much; the rest of this minute goes to the shadow topic"
        );
        self.families.add(Id::Floods, &[rule], 1);
    }
}
