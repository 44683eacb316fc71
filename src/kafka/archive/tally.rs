//! What the log says of a restore.
#![expect(clippy::disallowed_methods, reason = "measures how long it takes")]

use std::time::{Duration, Instant};

/// A restore that takes longer than this is told while it lasts.
const LONG: Duration = Duration::from_secs(2);

/// What is told of a restore.
pub(super) struct Tally {
    since: Instant,
    pub(super) partitions: usize,
    pub(super) records: u64,
    told: bool,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), partitions: 0, records: 0, told: false }
    }

    /// Says once that it takes long.
    pub(super) fn tell(&mut self, topic: &str, coming: usize) {
        if !self.told && self.since.elapsed() > LONG {
            self.told = true;
            let records = self.records;
            tracing::info!(topic, partitions = coming, records, "still restoring windows");
        }
    }

    pub(super) fn conclude(&self, topic: &str) {
        let Tally { partitions, records, .. } = self;
        let seconds = self.since.elapsed().as_secs_f64();
        tracing::info!(topic, partitions, records, seconds, "windows restored");
    }
}
