//! What the process shows of itself: metrics, readiness and the log.
//!
//! ```text
//!  worker, watcher ──► events: typed facts ──emit──► metrics   by the one table ──► /metrics, deploy/metrics.md
//!                                             ├────► health    a pure value     ──► /readyz
//!                                             └────► log lines                  ──► standard error
//! ```
//!
//! The core returns values that add up; whoever runs it emits them here once a batch. Metrics defined where
//! they are used (macros, statics) were rejected: no one could list them, and the reference page, the
//! dashboard and the alerts would fall behind.

mod batch;
pub mod events;
pub mod health;
pub mod log;
mod metric;
mod observer;
mod page;
mod registry;
mod repeats;
mod share;
mod table;

pub use batch::{BatchDone, FoldingDone};
pub use health::{Bounds, FailedReload, Health, Readiness, Reason};
pub use observer::Observed;
pub use page::reference;
pub use table::{Kind, Label, Metric, TABLE};

use crate::worker::Role;
use registry::Families;
use repeats::Repeats;
use share::Shares;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use table::Id;

/// The window of the flagged share of each rule, in milliseconds.
const RULE_WINDOW_MS: i64 = 5 * 60 * 1_000;

/// Metrics and health of the process; shared by its workers.
pub struct Telemetry {
    families: Families,
    rules: Mutex<Shares>,
    hits: Mutex<Shares>,
    noisy: Mutex<Repeats>,
    health: Mutex<Health>,
    client_errors: Mutex<Repeats>,
    longest_call: Mutex<Option<LongestCall>>,
}

/// Asks the watchdog how long the longest call now running has taken.
type LongestCall = Box<dyn Fn() -> Duration + Send>;

impl Telemetry {
    /// For a process that starts now with that many workers. `librdkafka` is the linked version, where
    /// there is one.
    pub fn new(
        bounds: Bounds,
        workers: usize,
        librdkafka: &str,
        now_ms: i64,
    ) -> Result<Arc<Telemetry>, prometheus::Error> {
        let families = Families::new()?;
        for metric in TABLE {
            metric.beginnings().iter().for_each(|labels| families.begin(metric.id, labels));
        }
        families.set(Id::BuildInfo, &[env!("CARGO_PKG_VERSION"), librdkafka], 1.0);
        families.set(Id::Started, &[], events::seconds(now_ms));
        let [rules, hits] = [(); 2].map(|()| Mutex::new(Shares::new(RULE_WINDOW_MS)));
        let health = Mutex::new(Health::new(bounds, workers));
        let (noisy, client_errors, longest_call) = (Mutex::default(), Mutex::default(), Mutex::new(None));
        Ok(Arc::new(Telemetry { families, rules, hits, noisy, health, client_errors, longest_call }))
    }

    /// The process runs this worker, whether the group has spoken to it or not.
    pub fn runs(&self, worker: usize, role: Role) {
        self.families.set(Id::WorkerInfo, &[&worker.to_string(), role.name()], 1.0);
        self.health().runs(worker);
    }

    /// The process has begun without workers that correlate, or without the topic of hits, as its rules have no
    /// correlations; those that a reload brings do nothing.
    pub fn runs_no_correlations(&self) {
        self.health().runs_no_correlations();
    }

    /// Whom to ask, at each scrape, how long the longest call to the Kafka client now running has taken.
    pub fn ask_watchdog(&self, longest: impl Fn() -> Duration + Send + 'static) {
        *lock(&self.longest_call) = Some(Box::new(longest));
    }

    /// What `/readyz` answers now.
    pub fn readiness(&self, now_ms: i64) -> Readiness {
        self.health().readiness(now_ms)
    }

    /// All metrics in Prometheus' text format. Shares and readiness are worked out here, when somebody asks.
    pub fn render(&self, now_ms: i64) -> Result<String, prometheus::Error> {
        let readiness = self.readiness(now_ms);
        self.families.set(Id::Ready, &[], f64::from(u8::from(readiness.ready)));
        self.families.set(Id::DeadLetterRatio, &[], readiness.dead_letter_ratio);
        if let Some(longest) = lock(&self.longest_call).as_ref() {
            self.families.set(Id::WatchdogCall, &[], longest().as_secs_f64());
        }
        for (id, shares) in [(Id::RuleFlaggedRatio, &self.rules), (Id::RuleHitRatio, &self.hits)] {
            self.families.clear(id);
            let (events, rules) = lock(shares).sums(now_ms);
            for (rule, count) in rules {
                self.families.set(id, &[&rule], share::ratio(count, events));
            }
        }
        self.families.render()
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        lock(&self.health)
    }
}

/// A panic in a worker ends the process, one while rules are loaded is reported: in both cases the values
/// behind a lock are as good as they were.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
