//! Who is told what workers do.

use crate::worker::Change;
use crate::worker::stage::Program;
use crate::worker::stats::{BatchStats, Phases};
use std::time::Duration;

/// Is told what workers do. Called from their threads; what it does delays them.
pub trait Observer: Send + Sync {
    /// A batch is done: read, evaluated and handed over. Where its time went; once a batch.
    fn timed(&self, slot: usize, phases: &Phases) {
        let _ = (slot, phases);
    }

    /// What was done since the last call is durable: all of it once, what was aborted not at all.
    fn done(&self, slot: usize, stats: &BatchStats) {
        let _ = (slot, stats);
    }

    /// A commit succeeded: of messages and offsets, or of offsets alone.
    fn committed(&self, slot: usize, messages: bool, took: Duration) {
        let _ = (slot, messages, took);
    }

    /// What was sent since the last commit was given up, and its records will be read again.
    fn aborted(&self, slot: usize, cause: Cause, error: &str) {
        let _ = (slot, cause, error);
    }

    /// Partitions came or went, and so many are owned now.
    fn changed(&self, slot: usize, change: &Change, owned: usize) {
        let _ = (slot, change, owned);
    }

    /// So many partitions are being restored before they are owned, and so many more records of theirs were read.
    fn restoring(&self, slot: usize, partitions: usize, records: u64) {
        let _ = (slot, partitions, records);
    }

    /// Records were dropped: below the next offset of their partition, or of a partition not owned.
    fn dropped(&self, slot: usize, stale: u64, foreign: u64) {
        let _ = (slot, stale, foreign);
    }

    /// About once a second: by partition, how many records wait behind the next one, and the age of the
    /// oldest record taken and not committed.
    fn report(&self, slot: usize, lag: &[(i32, i64)], uncommitted: Duration) {
        let _ = (slot, lag, uncommitted);
    }

    /// The worker judges by another program from here on.
    fn swapped(&self, slot: usize, program: &Program) {
        let _ = (slot, program);
    }

    /// The client of the source or the sink reports an error that it deals with itself.
    fn client_error(&self, slot: usize, error: &str, reason: &str) {
        let _ = (slot, error, reason);
    }

    /// A partition's next offset did not exist any more, and records are lost to us.
    fn out_of_range(&self, slot: usize, partition: i32, reason: &str) {
        let _ = (slot, partition, reason);
    }
}

/// Why what was sent since the last commit was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A record could not be taken, or a message not be delivered.
    Batch,
    /// The commit was refused.
    Commit,
    /// Partitions were lost to another worker.
    Lost,
}

/// An observer of nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}
