//! What happens to the process, as typed events: each says once how it is logged and what it counts.
//!
//! Callers state a fact and `emit` it; they know neither metric names nor log fields. Nothing here carries
//! the text of a message, a rule or a list: ids, codes, places, counts and times only.

use super::table::Id;
use super::{FailedReload, Telemetry};
use std::time::Duration;
use tracing::{debug, error, info, warn};

/// A worker's partitions changed.
#[derive(Debug, Clone, Copy)]
pub struct Rebalanced<'a> {
    /// The worker's number.
    pub worker: usize,
    /// What happened.
    pub change: Change,
    /// The input topic.
    pub topic: &'a str,
    /// The partitions that it happened to.
    pub partitions: &'a [i32],
    /// How many partitions the worker owns now.
    pub owned: usize,
}

/// The ways in which partitions come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The worker owns them from now on.
    Assigned,
    /// The worker gives them up in order.
    Revoked,
    /// Others may own them already; what was not committed is theirs.
    Lost,
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Change::Assigned => "assigned",
            Change::Revoked => "revoked",
            Change::Lost => "lost",
        }
    }
}

impl Rebalanced<'_> {
    /// Logs and counts it; partitions that went take their lag with them.
    pub fn emit(self, telemetry: &Telemetry) {
        let Rebalanced { worker, change, topic, partitions, owned } = self;
        info!(worker, change = change.name(), topic, ?partitions, owned, "partitions changed");
        telemetry.families.add(Id::Rebalances, &[change.name()], 1);
        telemetry.families.set(Id::AssignedPartitions, &[&worker.to_string()], float(owned as u64));
        if change != Change::Assigned {
            for partition in partitions {
                telemetry.families.remove(Id::ConsumerLag, &[topic, &partition.to_string()]);
            }
        }
        telemetry.health().assigned(worker, owned);
    }
}

/// Everything a worker took is durable now.
#[derive(Debug, Clone, Copy)]
pub struct Committed {
    /// The worker's number.
    pub worker: usize,
    /// True for a transaction, false for offsets alone.
    pub transaction: bool,
    /// From the last delivery asked for to the cluster's answer.
    pub took: Duration,
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl Committed {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let kind = if self.transaction { "transaction" } else { "offsets" };
        debug!(worker = self.worker, kind, took = ?self.took, "committed");
        telemetry.families.add(Id::Commits, &[kind], 1);
        telemetry.families.observe(Id::CommitDuration, &[], self.took.as_secs_f64());
        telemetry.families.set(Id::LastCommit, &[], seconds(self.now_ms));
        telemetry.health().committed(self.worker, self.now_ms);
    }
}

/// A transaction was aborted; its records are read again.
#[derive(Debug, Clone, Copy)]
pub struct Aborted<'a> {
    /// The worker's number.
    pub worker: usize,
    /// Why.
    pub reason: AbortReason,
    /// The client's own words.
    pub error: &'a str,
}

/// Why a transaction was aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbortReason {
    /// A message could not be delivered.
    Delivery,
    /// The cluster refused the commit.
    Commit,
    /// Partitions were lost to others.
    AssignmentLost,
    /// Anything else.
    Other,
}

impl Aborted<'_> {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let reason = match self.reason {
            AbortReason::Delivery => "delivery",
            AbortReason::Commit => "commit",
            AbortReason::AssignmentLost => "assignment_lost",
            AbortReason::Other => "other",
        };
        warn!(
            worker = self.worker,
            reason,
            error = self.error,
            "transaction aborted, its records are read again"
        );
        telemetry.families.add(Id::TransactionAborts, &[reason], 1);
    }
}

/// Records were delivered that the worker had processed already or does not own.
#[derive(Debug, Clone, Copy)]
pub struct Dropped {
    /// The worker's number.
    pub worker: usize,
    /// Below the next expected offset.
    pub stale: u64,
    /// Of partitions not owned.
    pub foreign: u64,
}

impl Dropped {
    /// Logs and counts it, if there was any.
    pub fn emit(self, telemetry: &Telemetry) {
        if self.stale + self.foreign == 0 {
            return;
        }
        warn!(
            worker = self.worker,
            stale = self.stale,
            foreign = self.foreign,
            "dropped records delivered again"
        );
        telemetry.families.add(Id::DroppedRecords, &["stale"], self.stale);
        telemetry.families.add(Id::DroppedRecords, &["foreign"], self.foreign);
    }
}

/// Retention deleted records before they were read, and the configuration allows to go on.
#[derive(Debug, Clone, Copy)]
pub struct RecordsLost<'a> {
    /// The input topic.
    pub topic: &'a str,
    /// The partition.
    pub partition: i32,
    /// Where reading would have gone on.
    pub expected: i64,
    /// Where it goes on.
    pub found: i64,
}

impl RecordsLost<'_> {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let RecordsLost { topic, partition, expected, found } = self;
        let lost = u64::try_from(found - expected).unwrap_or(0);
        error!(
            topic,
            partition, expected, found, lost, "records were deleted by retention before they were read"
        );
        telemetry.families.add(Id::LostRecords, &[], lost);
    }
}

/// How far behind a partition is.
#[derive(Debug, Clone, Copy)]
pub struct Lag<'a> {
    /// The input topic.
    pub topic: &'a str,
    /// A partition that this process owns.
    pub partition: i32,
    /// Records not yet committed.
    pub records: u64,
}

impl Lag<'_> {
    /// Counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let labels = [self.topic, &self.partition.to_string()];
        telemetry.families.set(Id::ConsumerLag, &labels, float(self.records));
    }
}

/// The Kafka client reported an error that it deals with itself.
#[derive(Debug, Clone, Copy)]
pub struct ClientError<'a> {
    /// librdkafka's name of the error.
    pub code: &'a str,
    /// Its words.
    pub error: &'a str,
}

impl ClientError<'_> {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        warn!(code = self.code, error = self.error, "the Kafka client reports an error");
        telemetry.families.add(Id::ClientErrors, &[self.code], 1);
    }
}

/// What the watchdog saw.
#[derive(Debug, Clone, Copy)]
pub struct WatchdogLooked {
    /// How long the longest call now running has taken; zero if none is.
    pub longest: Duration,
}

impl WatchdogLooked {
    /// Counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        telemetry.families.set(Id::WatchdogCall, &[], self.longest.as_secs_f64());
    }
}

/// A call to the Kafka client did not return in time; the process is about to end.
#[derive(Debug, Clone, Copy)]
pub struct WatchdogFired<'a> {
    /// The worker's number.
    pub worker: usize,
    /// The call.
    pub call: &'a str,
    /// How long it has taken.
    pub after: Duration,
}

impl WatchdogFired<'_> {
    /// Logs it.
    pub fn emit(self) {
        let WatchdogFired { worker, call, after } = self;
        error!(
            worker,
            call,
            ?after,
            "a call to the Kafka client does not return; ending the process for its restart"
        );
    }
}

/// A rule set is in use.
#[derive(Debug, Clone, Copy)]
pub struct RulesLoaded<'a> {
    /// Its digest.
    pub digest: &'a str,
    /// How many rules it has.
    pub rules: usize,
    /// True unless it is the first.
    pub reload: bool,
    /// How long reading and compiling took.
    pub took: Duration,
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl RulesLoaded<'_> {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let RulesLoaded { digest, rules, reload, took, now_ms } = self;
        info!(digest, rules, reload, ?took, "rule set in use");
        telemetry.families.add(Id::Reloads, &[], u64::from(reload));
        telemetry.families.clear(Id::RulesetInfo);
        telemetry.families.set(Id::RulesetInfo, &[digest], 1.0);
        telemetry.families.set(Id::RulesetLoaded, &[], seconds(now_ms));
        telemetry.families.set(Id::RulesetRules, &[], float(rules as u64));
        telemetry.families.set(Id::RulesetStale, &[], 0.0);
        telemetry.health().loaded(digest);
    }
}

/// A reload failed; the rule set before it stays in use.
#[derive(Debug, Clone, Copy)]
pub struct ReloadFailed<'a>(pub &'a FailedReload);

impl ReloadFailed<'_> {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let FailedReload { errors, first, .. } = self.0;
        error!(
            errors,
            first = first.join(", "),
            "the rules cannot be loaded, the rule set before them stays in use"
        );
        telemetry.families.add(Id::ReloadsFailed, &[], 1);
        telemetry.families.set(Id::RulesetStale, &[], 1.0);
        telemetry.health().reload_failed(self.0.clone());
    }
}

/// The process was asked to stop.
#[derive(Debug, Clone, Copy)]
pub struct Stopping<'a> {
    /// What asked: a signal's name.
    pub cause: &'a str,
}

impl Stopping<'_> {
    /// Logs it.
    pub fn emit(self, telemetry: &Telemetry) {
        info!(cause = self.cause, "stopping");
        telemetry.health().stopping();
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1_000.0
}
