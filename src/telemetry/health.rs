//! Whether the process does its work, as a value: facts go in, readiness comes out.
//!
//! Not ready does not mean dead. A supervisor restarts what is dead; what is not ready (a broken rule file, a
//! mapping that turns a tenth of all records into dead letters, a commit that does not come) would be no
//! better after a restart, and is for people to see and for a rollout to stop at.

use super::share::{Shares, ratio};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What readiness is measured against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Share of dead letters, 0 to 1, from which on the process is not ready.
    pub dead_letter_ratio: f64,
    /// The window of that share, in milliseconds.
    pub dead_letter_window_ms: i64,
    /// Fewest records in the window for the share to count.
    pub dead_letter_minimum: u64,
    /// Age in milliseconds of the oldest uncommitted record from which on the process is not ready.
    pub max_commit_age_ms: i64,
}

#[cfg(test)]
impl Bounds {
    /// Within which anything is ready.
    pub(crate) const LOOSE: Bounds = Bounds {
        dead_letter_ratio: 1.0,
        dead_letter_window_ms: 1_000,
        dead_letter_minimum: 1,
        max_commit_age_ms: 1_000,
    };
}

impl From<&crate::config::Limits> for Bounds {
    fn from(limits: &crate::config::Limits) -> Bounds {
        let milliseconds =
            |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Bounds {
            dead_letter_ratio: limits.dead_letter_ratio,
            dead_letter_window_ms: milliseconds(limits.dead_letter_window),
            dead_letter_minimum: limits.dead_letter_minimum,
            max_commit_age_ms: milliseconds(limits.max_commit_age),
        }
    }
}

/// What is known of the process.
#[derive(Debug, Clone)]
pub struct Health {
    bounds: Bounds,
    workers: BTreeMap<usize, Worker>,
    last_commit_ms: Option<i64>,
    dead: Shares,
    digest: Option<String>,
    failed_reload: Option<FailedReload>,
    correlations: Correlations,
    stopping: bool,
}

/// What becomes of correlations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Correlations {
    /// They are run.
    On,
    /// There were none at the start, and there are none.
    Off,
    /// There were none at the start, and now there are.
    Idle,
}

#[derive(Debug, Clone, Copy, Default)]
struct Worker {
    partitions: Option<usize>,
    /// Partitions whose windows are being read before they are owned.
    restoring: usize,
    uncommitted_since_ms: Option<i64>,
}

/// Why the last reload failed: codes and places, never the text of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedReload {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// How many errors there are.
    pub errors: usize,
    /// The first of them, `CODE file:line:column`.
    pub first: Vec<String>,
}

/// Whether the process does its work, and if not, why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Readiness {
    /// True if there is no reason against it.
    pub ready: bool,
    /// What stands against it.
    pub reasons: Vec<Reason>,
    /// Partitions owned by all workers together.
    pub partitions: usize,
    /// Milliseconds since the last commit of any worker, if there was one.
    pub last_commit_age_ms: Option<i64>,
    /// Digest of the rule set in use.
    pub ruleset: Option<String>,
    /// The last reload, if it failed.
    pub failed_reload: Option<FailedReload>,
    /// Share of dead letters in the window.
    pub dead_letter_ratio: f64,
}

/// One thing that stands against readiness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// A stable word for machines.
    pub code: &'static str,
    /// What people read.
    pub message: String,
}

impl Health {
    /// A process that has just started with that many workers.
    pub fn new(bounds: Bounds, workers: usize) -> Health {
        Health {
            bounds,
            workers: (0..workers).map(|number| (number, Worker::default())).collect(),
            last_commit_ms: None,
            dead: Shares::new(bounds.dead_letter_window_ms),
            digest: None,
            failed_reload: None,
            correlations: Correlations::On,
            stopping: false,
        }
    }

    /// The process has this worker too.
    pub fn runs(&mut self, worker: usize) {
        self.workers.entry(worker).or_default();
    }

    /// The process runs no correlations, whatever rules it loads.
    pub fn runs_no_correlations(&mut self) {
        self.correlations = Correlations::Off;
    }

    /// The rule set in use has correlations, or has none. True if they are not run.
    pub fn correlates(&mut self, correlations: bool) -> bool {
        self.correlations = match (self.correlations, correlations) {
            (Correlations::On, _) => Correlations::On,
            (_, true) => Correlations::Idle,
            (_, false) => Correlations::Off,
        };
        self.correlations == Correlations::Idle
    }

    /// A worker's partitions have changed; it owns that many now. None if it has lost its place in the
    /// group, until the group assigns it anew.
    pub fn assigned(&mut self, worker: usize, partitions: Option<usize>) {
        let worker = self.workers.entry(worker).or_default();
        worker.partitions = partitions;
        if partitions.is_none_or(|owned| owned == 0) {
            worker.uncommitted_since_ms = None;
        }
    }

    /// A worker reads the windows of so many partitions that come to it.
    pub fn restoring(&mut self, worker: usize, partitions: usize) {
        self.workers.entry(worker).or_default().restoring = partitions;
    }

    /// Records were taken, some of which may have become dead letters.
    pub fn took(&mut self, now_ms: i64, records: u64, dead_letters: u64) {
        if records > 0 {
            let dead: Arc<str> = "dead".into();
            self.dead.add(now_ms, records, std::iter::once((&dead, dead_letters)));
        }
    }

    /// Since when a worker holds records that it has taken and not committed, if it does. A worker that
    /// hangs says nothing more, and what it said last grows old.
    pub fn uncommitted(&mut self, worker: usize, since_ms: Option<i64>) {
        self.workers.entry(worker).or_default().uncommitted_since_ms = since_ms;
    }

    /// A worker has committed all that it took.
    pub fn committed(&mut self, worker: usize, now_ms: i64) {
        self.last_commit_ms = Some(now_ms);
        self.workers.entry(worker).or_default().uncommitted_since_ms = None;
    }

    /// A rule set is in use, and is what the files say.
    pub fn loaded(&mut self, digest: &str) {
        self.digest = Some(digest.to_owned());
        self.failed_reload = None;
    }

    /// A reload failed; the rule set in use is older than the files.
    pub fn reload_failed(&mut self, failed: FailedReload) {
        self.failed_reload = Some(failed);
    }

    /// The process has been asked to stop.
    pub fn stopping(&mut self) {
        self.stopping = true;
    }

    /// Share of dead letters in the window, and how many records that is of.
    pub fn dead_letter_ratio(&self, now_ms: i64) -> (f64, u64) {
        let (records, parts) = self.dead.sums(now_ms);
        (ratio(parts.values().sum(), records), records)
    }

    /// Decides.
    pub fn readiness(&self, now_ms: i64) -> Readiness {
        let found =
            [self.start(), self.reload(), self.idle(), self.dead_letters(now_ms), self.commits(now_ms)];
        let reasons: Vec<_> = found.into_iter().flatten().collect();
        Readiness {
            ready: reasons.is_empty(),
            reasons,
            partitions: self.workers.values().filter_map(|worker| worker.partitions).sum(),
            last_commit_age_ms: self.last_commit_ms.map(|at| now_ms - at),
            ruleset: self.digest.clone(),
            failed_reload: self.failed_reload.clone(),
            dead_letter_ratio: self.dead_letter_ratio(now_ms).0,
        }
    }

    fn start(&self) -> Option<Reason> {
        if self.stopping {
            return reason("stopping", "the process is stopping".to_owned());
        }
        if self.digest.is_none() {
            return reason("no_rules", "no rule set is loaded yet".to_owned());
        }
        // A worker without a partition is idle, not broken: the group said so. One that the group has not
        // spoken to, or has lost, may be cut off from every broker.
        let waiting = || self.workers.values().filter(|worker| worker.partitions.is_none());
        if waiting().count() > 0 && waiting().all(|worker| worker.restoring > 0) {
            let partitions: usize = waiting().map(|worker| worker.restoring).sum();
            return reason("restoring", format!("the windows of {partitions} partitions are being read"));
        }
        let waiting = waiting().count();
        let all = self.workers.len();
        let text = format!("{waiting} of {all} workers wait for the group to assign them partitions");
        if waiting > 0 { reason("not_assigned", text) } else { None }
    }

    fn reload(&self) -> Option<Reason> {
        let failed = self.failed_reload.as_ref()?;
        let first = failed.first.join(", ");
        let text = format!(
            "the rule files cannot be loaded, an older rule set is in use: {} error{}: {first}",
            failed.errors,
            if failed.errors == 1 { "" } else { "s" }
        );
        reason("reload_failed", text)
    }

    fn idle(&self) -> Option<Reason> {
        let text = "the rules have correlations and the process was started without: restart it to run them";
        if self.correlations == Correlations::Idle { reason("restart_needed", text.to_owned()) } else { None }
    }

    fn dead_letters(&self, now_ms: i64) -> Option<Reason> {
        let (share, records) = self.dead_letter_ratio(now_ms);
        let counts = records >= self.bounds.dead_letter_minimum && share > 0.0;
        let text = format!("{:.1} % of the last {records} records are dead letters", share * 100.0);
        if counts && share >= self.bounds.dead_letter_ratio { reason("dead_letters", text) } else { None }
    }

    fn commits(&self, now_ms: i64) -> Option<Reason> {
        let oldest = self.workers.values().filter_map(|worker| worker.uncommitted_since_ms).min()?;
        let age = now_ms - oldest;
        let text = format!("records taken {} s ago are not committed", age / 1_000);
        if age >= self.bounds.max_commit_age_ms { reason("no_commit", text) } else { None }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "callers give it as their answer")]
fn reason(code: &'static str, message: String) -> Option<Reason> {
    Some(Reason { code, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        dead_letter_ratio: 0.1,
        dead_letter_window_ms: 10_000,
        dead_letter_minimum: 10,
        max_commit_age_ms: 1_000,
    };

    fn working() -> Health {
        let mut health = Health::new(BOUNDS, 2);
        health.loaded("d1");
        health.assigned(0, Some(3));
        health.assigned(1, Some(0));
        health
    }

    fn codes(health: &Health, now_ms: i64) -> Vec<&'static str> {
        let readiness = health.readiness(now_ms);
        assert_eq!(readiness.ready, readiness.reasons.is_empty());
        readiness.reasons.iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn a_start_is_ready_with_rules_and_an_assignment() {
        let mut health = Health::new(BOUNDS, 2);
        assert_eq!(codes(&health, 0), ["no_rules"]);
        health.loaded("d1");
        assert_eq!(codes(&health, 0), ["not_assigned"]);
        health.assigned(1, Some(4));
        assert_eq!(codes(&health, 0), ["not_assigned"], "worker 0 has heard nothing yet");
        health.assigned(0, Some(0));
        assert_eq!(codes(&health, 0), [""; 0]);
        assert_eq!(health.readiness(0).partitions, 4);
        health.stopping();
        assert_eq!(codes(&health, 0), ["stopping"]);
    }

    #[test]
    fn a_worker_that_lost_its_place_in_the_group_counts_until_it_is_assigned_anew() {
        let mut health = working();
        health.assigned(0, None);
        assert_eq!(codes(&health, 0), ["not_assigned"]);
        assert_eq!(
            health.readiness(0).reasons[0].message,
            "1 of 2 workers wait for the group to assign them partitions"
        );
        health.assigned(0, Some(3));
        assert_eq!(codes(&health, 0), [""; 0]);
    }

    #[test]
    fn a_worker_that_restores_has_been_spoken_to() {
        let mut health = working();
        health.assigned(0, None);
        health.restoring(0, 3);
        assert_eq!(codes(&health, 0), ["restoring"]);
        health.assigned(1, None);
        assert_eq!(codes(&health, 0), ["not_assigned"]);
        health.assigned(1, Some(2));
        health.assigned(0, Some(3));
        assert_eq!(codes(&health, 0), [""; 0], "others may come to it while it works");
    }

    #[test]
    fn a_failed_reload_stands_until_one_succeeds() {
        let mut health = working();
        health.reload_failed(FailedReload { at_ms: 1, errors: 2, first: vec!["W001 a.yml:3:1".to_owned()] });
        assert_eq!(codes(&health, 1), ["reload_failed"]);
        assert!(health.readiness(1).reasons[0].message.ends_with("2 errors: W001 a.yml:3:1"));
        health.loaded("d2");
        assert_eq!(codes(&health, 1), [""; 0]);
    }

    #[test]
    fn correlations_that_are_not_run_stand_until_they_go() {
        let mut health = working();
        assert!(!health.correlates(true), "they are run");
        assert_eq!(codes(&health, 1), [""; 0]);
        health.runs_no_correlations();
        assert!(!health.correlates(false));
        assert_eq!(codes(&health, 1), [""; 0]);
        assert!(health.correlates(true));
        assert_eq!(codes(&health, 1), ["restart_needed"]);
        assert!(!health.correlates(false));
        assert_eq!(codes(&health, 1), [""; 0]);
    }

    #[test]
    fn a_worker_that_is_announced_is_waited_for() {
        let mut health = working();
        health.runs(2);
        assert_eq!(codes(&health, 0), ["not_assigned"]);
        health.assigned(2, Some(0));
        assert_eq!(codes(&health, 0), [""; 0]);
    }

    #[test]
    fn a_share_of_dead_letters_counts_from_enough_records_on() {
        let mut health = working();
        health.took(0, 9, 9);
        assert_eq!(codes(&health, 0), [""; 0]);
        health.took(0, 81, 0);
        assert_eq!(codes(&health, 0), ["dead_letters"]);
        health.took(0, 1, 0);
        assert_eq!(codes(&health, 0), [""; 0]);
    }

    #[test]
    fn an_old_uncommitted_record_counts_and_an_idle_worker_does_not() {
        let mut health = working();
        health.uncommitted(0, Some(100));
        assert_eq!(codes(&health, 1_099), [""; 0]);
        assert_eq!(codes(&health, 1_100), ["no_commit"]);
        health.committed(0, 1_200);
        assert_eq!(codes(&health, 99_000), [""; 0]);
        assert_eq!(health.readiness(1_300).last_commit_age_ms, Some(100));
        health.uncommitted(0, Some(2_000));
        health.assigned(0, Some(0));
        assert_eq!(codes(&health, 9_000), [""; 0]);
        health.uncommitted(1, Some(9_000));
        health.uncommitted(1, None);
        assert_eq!(codes(&health, 99_000), [""; 0]);
    }
}
