//! The match stage: records in, messages out, and nothing else. No clock, no client, no file.
//!
//! `scan`, `test`, `run` and `demo` all run exactly this, so what an analyst tries is what runs. The outcome is a
//! value, messages and counts, in the order of the records; the shell sends the ones and shows the others.

use super::correlate::GRACE_MS;
use super::flood::FloodGuard;
use super::join::Joiner;
pub use super::outcome::{Destination, OutFlag, OutHit, Outcome};
pub use super::program::{ListInUse, Program, Reading};
use super::route::route;
use super::stats::BatchStats;
use crate::correlate::{At, Hit, OrderKey};
use crate::engine::profile::{Probe, Profiler, Unwatched};
use crate::engine::{self, Finding, MAX_EVIDENCE, Scratch};
use crate::event::{Batch, DecodeError, Moment, Record};
use crate::flag::Before;
use crate::flag::build::{self, FlaggedEvent, Template};
use crate::flag::dead::Reason;
use crate::flag::fit;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the shell decides about a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Greatest size of a flag in bytes; a greater one is cut.
    pub flag_limit: usize,
    /// Greatest size of a dead letter's key and bytes; beyond it the record is referred to.
    pub dead_letter_limit: usize,
    /// Flags of one rule in one minute beyond which the rest goes to the shadow topic; none for no bound.
    pub flood_limit: Option<u32>,
    /// Most bytes of the last messages of a partition that are remembered for rules that read them.
    pub tail_limit: usize,
    /// For how long windows of correlations are kept after their events ceased to count, in milliseconds.
    pub grace_ms: i64,
    /// Also gives flags of rules that do not publish, as [`Destination::Unpublished`]: for tests of rules.
    pub unpublished: bool,
}

impl Default for Settings {
    /// Sizes that fit Kafka's default of a megabyte with headers on top; no flood limit; some seconds of messages even
    /// where thousands come in a second.
    fn default() -> Settings {
        Settings {
            flag_limit: 900_000,
            dead_letter_limit: 900_000,
            flood_limit: None,
            tail_limit: 16 << 20,
            grace_ms: GRACE_MS,
            unpublished: false,
        }
    }
}

/// Events evaluated together at most, and bytes of their records: enough for the engine's sweep over a
/// batch, few enough for the caches.
const BATCH_EVENTS: usize = 1_024;
const BATCH_BYTES: usize = 1 << 20;

/// One worker's stage: the shared program, and buffers of its own.
#[derive(Debug)]
pub struct MatchStage {
    program: Arc<Program>,
    settings: Settings,
    guard: FloodGuard,
    joiner: Joiner,
    batch: Batch,
    /// An event of it as the harvest reads it.
    gleaned: Batch,
    scratch: Scratch,
    outcome: Outcome,
}

impl MatchStage {
    /// A stage that runs `program`.
    pub fn new(program: Arc<Program>, settings: Settings) -> MatchStage {
        MatchStage {
            joiner: Joiner::new(&program.fields, program.context, settings.tail_limit),
            program,
            settings,
            guard: FloodGuard::new(settings.flood_limit),
            batch: Batch::default(),
            gleaned: Batch::default(),
            scratch: Scratch::default(),
            outcome: Outcome::default(),
        }
    }

    /// The program in use.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Changes the program, between batches; counts of the flood guard stay.
    pub fn replace(&mut self, program: Arc<Program>) {
        self.program = program;
        self.scratch = Scratch::default();
        self.joiner.follow(&self.program.fields, self.program.context);
    }

    /// Gives back the memory of buffers; what is remembered of records stays.
    pub fn shrink(&mut self) {
        (self.batch, self.gleaned, self.scratch) = (Batch::default(), Batch::default(), Scratch::default());
        self.outcome = Outcome::default();
    }

    /// Decodes and evaluates `records` at time `now_ms` (milliseconds since the epoch). The outcome is
    /// valid until the next run.
    pub fn run(&mut self, records: &[Record<'_>], now_ms: i64) -> &Outcome {
        self.run_watched(records, now_ms, &mut Unwatched)
    }

    /// The same, and counts what it costs. The profiler has to be one for this stage's rules.
    pub fn run_profiled<C: Fn() -> u64>(
        &mut self,
        records: &[Record<'_>],
        now_ms: i64,
        profiler: &mut Profiler<C>,
    ) -> &Outcome {
        self.run_watched(records, now_ms, profiler)
    }

    fn run_watched(&mut self, records: &[Record<'_>], now_ms: i64, probe: &mut impl Probe) -> &Outcome {
        self.outcome.clear();
        self.batch.clear();
        let mut bytes = 0;
        for (index, record) in (0u32..).zip(records) {
            let payload = self.count(record, now_ms);
            let Some(payload) = payload else {
                continue;
            };
            if self.batch.len() >= BATCH_EVENTS || bytes + payload.len() > BATCH_BYTES {
                self.evaluate(records, now_ms, probe);
                bytes = 0;
            }
            bytes += payload.len();
            if let Err(error) = self.decode(index, record, payload, now_ms) {
                self.outcome.bury((index, record), reason(&error), now_ms, self.settings.dead_letter_limit);
            }
        }
        self.evaluate(records, now_ms, probe);
        self.outcome.stats.tail_evicted += self.joiner.take_evicted();
        self.outcome.stats.hits += self.outcome.hits.len() as u64;
        &self.outcome
    }

    /// What was given out is durable.
    pub fn committed(&mut self) {
        self.guard.committed();
    }

    /// What was given out since the last commit is void and its records come again; before them those to be recalled.
    pub fn aborted(&mut self) {
        self.guard.aborted();
        self.joiner.clear();
    }

    /// Takes in records of which everything was made before: only for what later ones need of them.
    pub fn recall(&mut self, records: &[Record<'_>], now_ms: i64) {
        if !self.joiner.is_active() {
            return;
        }
        for (index, record) in (0u32..).zip(records) {
            // What cannot be read had its dead letter.
            let _buried = record.payload.map(|payload| self.decode(index, record, payload, now_ms));
            self.batch.clear();
            self.joiner.release();
        }
    }

    /// The offset from which a partition has to be recalled for what is remembered of it; none if nothing is.
    pub fn recalls_from(&self, partition: i32) -> Option<i64> {
        self.joiner.first_offset(partition)
    }

    /// Forgets what is remembered of a partition.
    pub fn forget(&mut self, partition: i32) {
        self.joiner.forget(partition);
    }

    /// Reads an event into the batch, with what those before it have to do with it.
    fn decode(
        &mut self,
        index: u32,
        record: &Record<'_>,
        payload: &[u8],
        now_ms: i64,
    ) -> Result<(), DecodeError> {
        let moment = Moment { record: record.timestamp, now: now_ms };
        self.program.decoder.decode_at(index, payload, moment, &mut self.batch)?;
        self.joiner.take(record, moment, &mut self.batch);
        Ok(())
    }

    /// Counts a record and yields its payload, if it has one.
    fn count<'r>(&mut self, record: &Record<'r>, now_ms: i64) -> Option<&'r [u8]> {
        let stats = &mut self.outcome.stats;
        stats.records += 1;
        let delay = record.timestamp.map(|time| now_ms.saturating_sub(time).max(0));
        stats.delay_ms = stats.delay_ms.max(delay);
        match record.payload {
            Some(payload) => stats.bytes += payload.len() as u64,
            None => stats.tombstones += 1,
        }
        record.payload
    }

    /// Evaluates what was decoded and empties the batch.
    fn evaluate(&mut self, records: &[Record<'_>], now_ms: i64, probe: &mut impl Probe) {
        let MatchStage { program, settings, guard, joiner, batch, gleaned, scratch, outcome } = self;
        outcome.stats.events += batch.len() as u64;
        outcome.stats.lossy += batch.rows().iter().filter(|row| row.lossy).count() as u64;
        let findings = engine::evaluate_watched(&program.rules, batch, scratch, probe);
        let findings: Vec<Finding<'_>> = findings.iter().collect();
        let mut flagging = Flagging { program, settings, guard, joiner, batch, gleaned, now_ms, event: None };
        for of_event in findings.chunk_by(|one, other| one.row == other.row) {
            let index = batch.rows()[of_event[0].row].record;
            let record = &records[index as usize];
            if let Err(error) = flagging.event_found(of_event, record, index, outcome) {
                // The record was decoded a moment ago, so this does not happen; if it did, no flag is lost unseen.
                outcome.bury((index, record), reason(&error), now_ms, settings.dead_letter_limit);
            }
        }
        batch.clear();
        joiner.release();
    }
}

fn reason(error: &DecodeError) -> Reason {
    Reason { code: error.code.name(), message: error.to_string() }
}

/// Turns the findings of one batch into flags.
struct Flagging<'a> {
    program: &'a Program,
    settings: &'a Settings,
    guard: &'a mut FloodGuard,
    joiner: &'a Joiner,
    batch: &'a Batch,
    gleaned: &'a mut Batch,
    now_ms: i64,
    /// The event of the finding before: several rules often fire on one.
    event: Option<(usize, FlaggedEvent)>,
}

impl Flagging<'_> {
    /// Makes the flags and hits of all that was found in one event.
    fn event_found(
        &mut self,
        findings: &[Finding<'_>],
        record: &Record<'_>,
        index: u32,
        outcome: &mut Outcome,
    ) -> Result<(), DecodeError> {
        for finding in findings {
            outcome.flags.extend(self.flag(finding, record, index, &mut outcome.stats)?);
        }
        if findings.iter().any(|finding| self.program.harvest.feeds(finding.rule)) {
            self.hits(findings, record, index, outcome)?;
        }
        Ok(())
    }

    /// What correlations are to be told of an event: one hit for each group key.
    fn hits(
        &mut self,
        findings: &[Finding<'_>],
        record: &Record<'_>,
        index: u32,
        outcome: &mut Outcome,
    ) -> Result<(), DecodeError> {
        let (program, batch) = (self.program, self.batch);
        let row = findings[0].row;
        let context = self.context(row, record)?;
        self.glean(record)?;
        let gleaned = std::mem::take(self.gleaned);
        let event = self.event(row, record)?;
        let found = findings.iter().map(|finding| {
            let Template { rule, score, .. } = &program.duty(finding.rule).template;
            (finding.rule, rule.id.as_str(), *score)
        });
        let yielded = program.harvest.of_event((&gleaned, 0), event.place(), found);
        let (topic, partition, offset) = (Arc::clone(record.topic), record.partition, record.offset);
        let order = OrderKey { time: event.time(), topic, partition, offset };
        let at = At { order, event: event.digest() };
        outcome.stats.without_key += yielded.without_key;
        outcome.stats.keys_cut += u64::from(yielded.too_many_keys);
        let mut counted = BTreeSet::new();
        let (mut told, mut detail) = (BTreeSet::new(), Arc::default());
        for sheaf in yielded.sheaves {
            // Most often the same rules count under all keys of an event.
            if told != sheaf.rules {
                let own = findings.iter().filter(|finding| sheaf.rules.contains(&finding.rule));
                let pieces = own.map(|finding| {
                    let head = &*program.duty(finding.rule).template.rule;
                    (head, event.evidence(&program.rules, batch, finding))
                });
                detail = event.detail(pieces, &context).encode().into();
                counted.extend(&sheaf.rules);
                told = sheaf.rules;
            }
            let (values, at, detail) = (yielded.values.clone(), at.clone(), Arc::clone(&detail));
            let hit = Hit { key: sheaf.key, at, found: sheaf.found, values, detail };
            outcome.hits.push(OutHit { record: index, hit });
        }
        *self.gleaned = gleaned;
        for rule in counted {
            outcome.stats.rule(&program.duty(rule).template.rule).hits += 1;
        }
        Ok(())
    }

    /// Reads of an event what its hits are made of.
    fn glean(&mut self, record: &Record<'_>) -> Result<(), DecodeError> {
        self.gleaned.clear();
        let moment = Moment { record: record.timestamp, now: self.now_ms };
        self.program.gleaner.decode_at(0, record.payload.unwrap_or_default(), moment, self.gleaned)
    }

    /// What was written before the event in that row, the oldest first.
    fn context(&mut self, row: usize, record: &Record<'_>) -> Result<Vec<Before>, DecodeError> {
        let joiner = self.joiner;
        let event = self.event(row, record)?;
        let mut context: Vec<Before> =
            joiner.context(row).map(|said| event.before(&said.written())).collect();
        context.reverse();
        Ok(context)
    }

    /// Counts a finding on `record` and makes its flag, unless none is wanted.
    fn flag(
        &mut self,
        finding: &Finding<'_>,
        record: &Record<'_>,
        index: u32,
        stats: &mut BatchStats,
    ) -> Result<Option<OutFlag>, DecodeError> {
        let (program, batch, settings) = (self.program, self.batch, self.settings);
        let duty = program.duty(finding.rule);
        let time = record.timestamp.unwrap_or(self.now_ms);
        let (destination, mark) = route(duty, time, self.guard, stats);
        if destination == Destination::Unpublished && !settings.unpublished {
            return Ok(None);
        }
        let context = self.context(finding.row, record)?;
        let event = self.event(finding.row, record)?;
        let evidence = event.evidence(&program.rules, batch, finding);
        let all = finding.evidence.len() < MAX_EVIDENCE;
        let mut flag = event.flag(&duty.template, &program.provenance, evidence, all);
        flag.shadow = mark;
        flag.context = context;
        let (body, cut) = fit::encode(&mut flag, settings.flag_limit);
        stats.flags_cut += u64::from(cut);
        let (key, headers) = (flag.case_id.into(), build::headers(&flag));
        let rule = Arc::clone(&duty.template.rule);
        Ok(Some(OutFlag { record: index, rule, destination, key, headers, body }))
    }

    /// What flags say of the event in that row.
    fn event(&mut self, row: usize, record: &Record<'_>) -> Result<&FlaggedEvent, DecodeError> {
        let event = match self.event.take() {
            Some((of, event)) if of == row => event,
            _ => {
                let payload = record.payload.unwrap_or_default();
                let moment = Moment { record: record.timestamp, now: self.now_ms };
                let mut envelope = self.program.envelopes.read(payload, moment)?;
                // Either reads fields that the other does not.
                envelope.lossy |= self.batch.rows()[row].lossy;
                FlaggedEvent::new(record, envelope, self.program.provenance.pseudonyms.as_ref())
            }
        };
        Ok(&self.event.insert((row, event)).1)
    }
}

#[cfg(test)]
mod tests;
