//! The reference page of the metrics, made from the table.

use super::table::{Kind, Metric, TABLE};

const HEAD: &str = "# Metrics

<!-- generated from src/telemetry/table.rs; `BLESS=1 cargo test --test integration metrics` rewrites it -->

Served at `/metrics` in Prometheus' text format, on the address of `web.listen`. Names never change once
released. A counter begins at zero with the process, also where the values of its label form a closed set;
other labelled series appear with their first value, and counters stay until the process ends.

| metric | kind | unit | labels | what it says |
|---|---|---|---|---|
";

/// The page as Markdown.
pub fn reference() -> String {
    let rows: String = TABLE.iter().map(row).collect();
    let buckets: String = TABLE.iter().filter_map(buckets).collect();
    [HEAD, &rows, "\n## Buckets\n\n", &buckets].concat()
}

fn row(metric: &Metric) -> String {
    let labels: Vec<_> = metric.labels.iter().map(|(name, values)| format!("`{name}`: {values}")).collect();
    let labels = if labels.is_empty() { "–".to_owned() } else { labels.join("; ") };
    let Metric { name, unit, help, .. } = metric;
    format!("| `{name}` | {} | {unit} | {labels} | {help} |\n", metric.kind.name())
}

fn buckets(metric: &Metric) -> Option<String> {
    let Kind::Histogram(bounds) = metric.kind else { return None };
    let bounds: Vec<_> = bounds.iter().map(ToString::to_string).collect();
    Some(format!("* `{}`: {}\n", metric.name, bounds.join(", ")))
}
