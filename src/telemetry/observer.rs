//! What workers tell their observer, as events.

use super::events::{
    self, Aborted, ClientError, Committed, Dropped, Lag, OffsetReset, Rebalanced, Reported, Restoring,
};
use super::{BatchDone, FoldingDone, Telemetry};
use crate::clock::now_ms;
use crate::worker::run::{Cause, Observer};
use crate::worker::stats::{BatchStats, Phases};
use crate::worker::{Change, Role};
use std::sync::Arc;
use std::time::Duration;

/// Telemetry as the observer of workers of one role, which read one topic.
pub struct Observed {
    telemetry: Arc<Telemetry>,
    role: Role,
    topic: String,
}

impl Observed {
    /// For workers of a role that read `topic`.
    pub fn new(telemetry: Arc<Telemetry>, role: Role, topic: impl Into<String>) -> Observed {
        Observed { telemetry, role, topic: topic.into() }
    }
}

impl Observer for Observed {
    fn timed(&self, _slot: usize, phases: &Phases) {
        self.telemetry.time_phases(phases);
    }

    fn done(&self, slot: usize, stats: &BatchStats) {
        let (worker, now_ms) = (slot, now_ms());
        match self.role {
            Role::Match => BatchDone { worker, stats, now_ms }.emit(&self.telemetry),
            Role::Correlate => FoldingDone { worker, stats, now_ms }.emit(&self.telemetry),
        }
    }

    fn committed(&self, slot: usize, messages: bool, took: Duration) {
        Committed { worker: slot, messages, took, now_ms: now_ms() }.emit(&self.telemetry);
    }

    fn aborted(&self, slot: usize, cause: Cause, error: &str) {
        Aborted { worker: slot, cause, error }.emit(&self.telemetry);
    }

    fn changed(&self, slot: usize, change: &Change, owned: usize) {
        let (kind, partitions) = match change {
            Change::Assigned(starts) => {
                (events::Change::Assigned, starts.iter().map(|start| start.partition).collect())
            }
            Change::Revoked(partitions) => (events::Change::Revoked, partitions.clone()),
            Change::Lost(partitions) => (events::Change::Lost, partitions.clone()),
            Change::Restored(_) => return,
        };
        let (worker, topic) = (slot, self.topic.as_str());
        Rebalanced { worker, change: kind, topic, partitions: &partitions, owned }.emit(&self.telemetry);
    }

    fn restoring(&self, slot: usize, partitions: usize, records: u64) {
        Restoring { worker: slot, partitions, records }.emit(&self.telemetry);
    }

    fn dropped(&self, slot: usize, stale: u64, foreign: u64) {
        Dropped { worker: slot, stale, foreign }.emit(&self.telemetry);
    }

    fn report(&self, slot: usize, lag: &[(i32, i64)], uncommitted: Duration) {
        for (partition, behind) in lag {
            let records = u64::try_from(*behind).unwrap_or(0);
            Lag { topic: &self.topic, partition: *partition, records }.emit(&self.telemetry);
        }
        Reported { worker: slot, uncommitted, now_ms: now_ms() }.emit(&self.telemetry);
    }

    fn client_error(&self, _slot: usize, error: &str, reason: &str) {
        ClientError { code: code_of(error), error: reason, now_ms: now_ms() }.emit(&self.telemetry);
    }

    fn out_of_range(&self, _slot: usize, partition: i32, reason: &str) {
        OffsetReset { topic: &self.topic, partition, reason }.emit(&self.telemetry);
    }
}

/// The bare name in `Global error: BrokerTransportFailure (Local: Broker transport failure)`.
fn code_of(error: &str) -> &str {
    let named = error.split_once(" (").map_or(error, |(named, _)| named);
    named.rsplit(' ').next().unwrap_or(named)
}

#[cfg(test)]
mod tests {
    use super::code_of;

    #[test]
    fn the_code_of_an_error_is_its_bare_name() {
        for error in ["Transport", "Transport (Local: gone)", "Global error: Transport (Local: gone)"] {
            assert_eq!(code_of(error), "Transport");
        }
    }
}
