//! What happens to the process, as typed events: each says once how it is logged and what it counts.
//!
//! Callers state a fact and `emit` it; they know neither metric names nor log fields. Nothing here carries
//! the text of a message, a rule or a list: ids, codes, places, counts and times only.

use super::table::Id;
use super::{FailedReload, Telemetry, lock};
use crate::worker::run::Cause;
use crate::worker::stage::ListInUse;
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
        // Lost is what a member hears that the brokers do not answer any more.
        telemetry.health().assigned(worker, (change != Change::Lost).then_some(owned));
    }
}

/// A worker reads what is kept of partitions that come to it.
#[derive(Debug, Clone, Copy)]
pub struct Restoring {
    /// The worker's number.
    pub worker: usize,
    /// How many partitions are not yet restored.
    pub partitions: usize,
    /// Records read since it was said last.
    pub records: u64,
}

impl Restoring {
    /// Counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let Restoring { worker, partitions, records } = self;
        telemetry.families.set(Id::RestorePartitions, &[&worker.to_string()], float(partitions as u64));
        telemetry.families.add(Id::RestoreRecords, &[], records);
        telemetry.health().restoring(worker, partitions);
    }
}

/// The rule set in use has correlations, or has none.
#[derive(Debug, Clone, Copy)]
pub struct CorrelationsLoaded(pub bool);

impl CorrelationsLoaded {
    /// Says if they are not run.
    pub fn emit(self, telemetry: &Telemetry) {
        let idle = telemetry.health().correlates(self.0);
        if idle {
            warn!(
                "the rules have correlations and had none when the process was started: restart it to run them"
            );
        }
        telemetry.families.set(Id::RestartNeeded, &[], f64::from(u8::from(idle)));
    }
}

/// Everything a worker took is durable now.
#[derive(Debug, Clone, Copy)]
pub struct Committed {
    /// The worker's number.
    pub worker: usize,
    /// True if messages were committed, false for offsets alone.
    pub messages: bool,
    /// From the last delivery asked for to the cluster's answer.
    pub took: Duration,
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl Committed {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let kind = if self.messages { "messages" } else { "offsets" };
        debug!(worker = self.worker, kind, took = ?self.took, "committed");
        telemetry.families.add(Id::Commits, &[kind], 1);
        telemetry.families.observe(Id::CommitDuration, &[], self.took.as_secs_f64());
        telemetry.families.observe(Id::BatchPhase, &["commit"], self.took.as_secs_f64());
        telemetry.families.set(Id::LastCommit, &[], seconds(self.now_ms));
        telemetry.health().committed(self.worker, self.now_ms);
    }
}

/// What was sent since the last commit was given up; its records are read again.
#[derive(Debug, Clone, Copy)]
pub struct Aborted<'a> {
    /// The worker's number.
    pub worker: usize,
    /// Why.
    pub cause: Cause,
    /// The failure in words, without content.
    pub error: &'a str,
}

impl Aborted<'_> {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let cause = match self.cause {
            Cause::Batch => "batch",
            Cause::Commit => "commit",
            Cause::Lost => "lost",
        };
        warn!(worker = self.worker, cause, error = self.error, "aborted, its records are read again");
        telemetry.families.add(Id::Aborts, &[cause], 1);
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

/// Retention deleted what was to be read next, and the configuration allows to go on.
#[derive(Debug, Clone, Copy)]
pub struct OffsetReset<'a> {
    /// The input topic.
    pub topic: &'a str,
    /// The partition.
    pub partition: i32,
    /// The client's words.
    pub reason: &'a str,
}

impl OffsetReset<'_> {
    /// Logs and counts it.
    pub fn emit(self, telemetry: &Telemetry) {
        let OffsetReset { topic, partition, reason } = self;
        error!(
            topic,
            partition, reason, "records were deleted before they were read; going on at the oldest left"
        );
        telemetry.families.add(Id::OffsetResets, &[], 1);
    }
}

/// How far behind a partition is.
#[derive(Debug, Clone, Copy)]
pub struct Lag<'a> {
    /// The input topic.
    pub topic: &'a str,
    /// A partition that this process owns.
    pub partition: i32,
    /// Records behind the one to be read next.
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
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl ClientError<'_> {
    /// Counts it, and logs it at most once a minute for each code.
    pub fn emit(self, telemetry: &Telemetry) {
        let ClientError { code, error, now_ms } = self;
        if let Some(more) = lock(&telemetry.client_errors).admit(code, now_ms) {
            warn!(code, error, not_shown = more, "the Kafka client reports an error");
        }
        telemetry.families.add(Id::ClientErrors, &[code], 1);
    }
}

/// A worker says about once a second that it lives, and what it has not committed yet.
#[derive(Debug, Clone, Copy)]
pub struct Reported {
    /// The worker's number.
    pub worker: usize,
    /// Age of its oldest record that is taken and not committed; zero if there is none.
    pub uncommitted: Duration,
    /// When, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl Reported {
    /// Keeps it for readiness.
    pub fn emit(self, telemetry: &Telemetry) {
        let age_ms = i64::try_from(self.uncommitted.as_millis()).unwrap_or(i64::MAX);
        let since_ms = (age_ms > 0).then_some(self.now_ms.saturating_sub(age_ms));
        telemetry.health().uncommitted(self.worker, since_ms);
    }
}

/// A call to the Kafka client did not return in time; the process is about to end.
#[derive(Debug, Clone, Copy)]
pub struct WatchdogFired<'a> {
    /// The call.
    pub call: &'a str,
    /// How long it has taken.
    pub after: Duration,
}

impl WatchdogFired<'_> {
    /// Logs it.
    pub fn emit(self) {
        let WatchdogFired { call, after } = self;
        error!(
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

/// The lists that the rule set in use was loaded with.
#[derive(Debug, Clone, Copy)]
pub struct ListsInUse<'a>(pub &'a [ListInUse]);

impl ListsInUse<'_> {
    /// Logs each, and shows until when each may be used.
    pub fn emit(self, telemetry: &Telemetry) {
        telemetry.families.clear(Id::ListExpires);
        for ListInUse { name, version, entries, expires } in self.0 {
            info!(list = &**name, version, entries, "list in use");
            if let Some(expires) = expires {
                telemetry.families.set(Id::ListExpires, &[name], seconds(*expires));
            }
        }
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
