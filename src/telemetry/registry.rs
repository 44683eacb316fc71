//! The table of metrics as live families that values are put into.

use super::table::{Id, Kind, TABLE};
use prometheus::core::Collector;
use prometheus::{CounterVec, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry, TextEncoder};

/// One family of the table.
enum Family {
    Counter(CounterVec),
    Gauge(GaugeVec),
    Histogram(HistogramVec),
}

/// All families, by their place in the table.
pub(super) struct Families {
    registry: Registry,
    families: Vec<Family>,
}

impl Families {
    /// Makes and registers every family. Fails only if the table is wrong, which a test excludes.
    pub(super) fn new() -> Result<Families, prometheus::Error> {
        let registry = Registry::new();
        let families = TABLE.iter().map(|metric| {
            let labels: Vec<_> = metric.labels.iter().map(|(name, _)| *name).collect();
            match metric.kind {
                Kind::Counter => {
                    let family = CounterVec::new(Opts::new(metric.name, metric.help), &labels)?;
                    register(&registry, family).map(Family::Counter)
                }
                Kind::Gauge => {
                    let family = GaugeVec::new(Opts::new(metric.name, metric.help), &labels)?;
                    register(&registry, family).map(Family::Gauge)
                }
                Kind::Histogram(buckets) => {
                    let options = HistogramOpts::new(metric.name, metric.help).buckets(buckets.to_vec());
                    register(&registry, HistogramVec::new(options, &labels)?).map(Family::Histogram)
                }
            }
        });
        let families = families.collect::<Result<_, _>>()?;
        Ok(Families { registry, families })
    }

    /// Adds to a counter. Nothing added leaves no series behind.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    pub(super) fn add(&self, id: Id, labels: &[&str], count: u64) {
        if let Family::Counter(family) = &self.families[id as usize]
            && count > 0
        {
            family.with_label_values(labels).inc_by(count as f64);
        }
    }

    /// Sets a gauge.
    pub(super) fn set(&self, id: Id, labels: &[&str], value: f64) {
        if let Family::Gauge(family) = &self.families[id as usize] {
            family.with_label_values(labels).set(value);
        }
    }

    /// Adds an observation to a histogram.
    pub(super) fn observe(&self, id: Id, labels: &[&str], value: f64) {
        if let Family::Histogram(family) = &self.families[id as usize] {
            family.with_label_values(labels).observe(value);
        }
    }

    /// Lets a series begin at zero, so that its first rise is seen as one.
    pub(super) fn begin(&self, id: Id, labels: &[&str]) {
        match &self.families[id as usize] {
            Family::Counter(family) => drop(family.with_label_values(labels)),
            Family::Gauge(family) => drop(family.with_label_values(labels)),
            Family::Histogram(family) => drop(family.with_label_values(labels)),
        }
    }

    /// Ends all series of a gauge.
    pub(super) fn clear(&self, id: Id) {
        if let Family::Gauge(family) = &self.families[id as usize] {
            family.reset();
        }
    }

    /// Ends one series; it is no matter if there is none.
    pub(super) fn remove(&self, id: Id, labels: &[&str]) {
        let gone = match &self.families[id as usize] {
            Family::Counter(family) => family.remove_label_values(labels),
            Family::Gauge(family) => family.remove_label_values(labels),
            Family::Histogram(family) => family.remove_label_values(labels),
        };
        drop(gone);
    }

    /// All series in Prometheus' text format.
    pub(super) fn render(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, family: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}
