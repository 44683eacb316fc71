//! What a metric is: its kind, and how the table states one.

use super::table::{Id, Label, Metric};

/// What a metric measures, and with which buckets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only rises, from zero at start.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts observations by upper bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The name that Prometheus uses.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        }
    }
}

/// A counter.
pub(super) const fn counter(
    id: Id,
    name: &'static str,
    unit: &'static str,
    labels: &'static [Label],
    help: &'static str,
) -> Metric {
    Metric { id, name, kind: Kind::Counter, unit, labels, help }
}

/// A gauge.
pub(super) const fn gauge(
    id: Id,
    name: &'static str,
    unit: &'static str,
    labels: &'static [Label],
    help: &'static str,
) -> Metric {
    Metric { id, name, kind: Kind::Gauge, unit, labels, help }
}

/// A histogram of seconds.
pub(super) const fn histogram(
    id: Id,
    name: &'static str,
    buckets: &'static [f64],
    labels: &'static [Label],
    help: &'static str,
) -> Metric {
    Metric { id, name, kind: Kind::Histogram(buckets), unit: "seconds", labels, help }
}
