//! The program that all workers use, and the stage that follows its swaps.
//!
//! A reload compiles a new program aside and puts it here; every worker takes it before its next batch. A
//! generation number tells them without a lock that there is nothing new, which is nearly always.

use super::run::Stage;
use super::stage::{MatchStage, Program, Settings};
use super::stats::BatchStats;
use super::{Failure, Message, Topic};
use crate::correlate::Hit;
use crate::event::Record;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The program in use, to be swapped while workers run.
#[derive(Debug)]
pub struct ProgramSlot {
    program: RwLock<Arc<Program>>,
    generation: AtomicU64,
}

impl ProgramSlot {
    /// A slot with its first program.
    pub fn new(program: Arc<Program>) -> Self {
        Self { program: RwLock::new(program), generation: AtomicU64::new(0) }
    }

    /// The program in use.
    pub fn get(&self) -> Arc<Program> {
        Arc::clone(&self.program.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Swaps the program; every worker takes it before its next batch.
    pub fn set(&self, program: Arc<Program>) {
        *self.program.write().unwrap_or_else(PoisonError::into_inner) = program;
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}

/// The program of a slot, as long as it stays the same.
#[derive(Debug)]
pub(super) struct Following<'a> {
    slot: &'a ProgramSlot,
    generation: u64,
}

impl<'a> Following<'a> {
    /// Follows a slot, beginning with its program.
    pub(super) fn new(slot: &'a ProgramSlot) -> (Following<'a>, Arc<Program>) {
        // The generation first: a swap in between is then merely noticed once more.
        let generation = slot.generation();
        (Following { slot, generation }, slot.get())
    }

    /// The program, if it is another one since the last call.
    pub(super) fn next(&mut self) -> Option<Arc<Program>> {
        let generation = self.slot.generation();
        if generation == self.generation {
            return None;
        }
        self.generation = generation;
        Some(self.slot.get())
    }
}

/// A match stage that follows a slot.
#[derive(Debug)]
pub struct FollowingStage<'a> {
    following: Following<'a>,
    stage: MatchStage,
}

impl<'a> FollowingStage<'a> {
    /// A stage that runs the program in the slot, whichever that is.
    pub fn new(slot: &'a ProgramSlot, settings: Settings) -> Self {
        let (following, program) = Following::new(slot);
        Self { following, stage: MatchStage::new(program, settings) }
    }
}

/// Sends a hit, to the partition of its key.
pub(super) fn send_hit(
    hit: &Hit,
    send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (key, body) = (Some(hit.key.bytes()), Some(&*hit.encode()));
    send(Message { topic: Topic::Hits, key, headers: &[], body, partition: None })
}

impl Stage for FollowingStage<'_> {
    fn renew(&mut self) -> Option<&Program> {
        self.stage.replace(self.following.next()?);
        Some(self.stage.program())
    }

    fn run(
        &mut self,
        records: &[Record<'_>],
        now_ms: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        let outcome = self.stage.run(records, now_ms);
        outcome.messages().try_for_each(&mut *send)?;
        outcome.hits.iter().try_for_each(|out| send_hit(&out.hit, send))?;
        Ok(outcome.stats.clone())
    }

    fn committed(&mut self) {
        self.stage.committed();
    }

    fn aborted(&mut self) {
        self.stage.aborted();
    }

    fn recall(&mut self, records: &[Record<'_>], now_ms: i64) {
        self.stage.recall(records, now_ms);
    }

    fn recalls_from(&self, partition: i32) -> Option<i64> {
        self.stage.recalls_from(partition)
    }

    fn forget(&mut self, partition: i32) {
        self.stage.forget(partition);
    }
}
