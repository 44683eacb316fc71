//! The program that all workers use, and the stage that follows its swaps.
//!
//! A reload compiles a new program aside and puts it here; every worker takes it before its next batch. A
//! generation number tells them without a lock that there is nothing new, which is nearly always.

use super::run::Stage;
use super::stage::{MatchStage, Program, Settings};
use super::stats::BatchStats;
use super::{Failure, Message};
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

/// A match stage that follows a slot.
#[derive(Debug)]
pub struct FollowingStage<'a> {
    slot: &'a ProgramSlot,
    generation: u64,
    stage: MatchStage,
}

impl<'a> FollowingStage<'a> {
    /// A stage that runs the program in the slot, whichever that is.
    pub fn new(slot: &'a ProgramSlot, settings: Settings) -> Self {
        // The generation first: a swap in between is then merely noticed once more.
        let generation = slot.generation();
        Self { slot, generation, stage: MatchStage::new(slot.get(), settings) }
    }
}

impl Stage for FollowingStage<'_> {
    fn renew(&mut self) -> Option<&Program> {
        let generation = self.slot.generation();
        if generation == self.generation {
            return None;
        }
        self.generation = generation;
        self.stage.replace(self.slot.get());
        Some(self.stage.program())
    }

    fn run(
        &mut self,
        records: &[Record<'_>],
        now_ms: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        let outcome = self.stage.run(records, now_ms);
        outcome.messages().try_for_each(send)?;
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
