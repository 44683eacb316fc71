//! The reference page of the metrics, made from the table.

use super::table::{Kind, TABLE};

const HEAD: &str = "# Metrics

<!-- generated from src/telemetry/table.rs; `BLESS=1 cargo test --test integration metrics` rewrites it -->

Served at `/metrics` in Prometheus' text format, on the address of `web.listen`. Names never change once
released. A counter begins at zero with the process; a labelled series appears with its first value.

| metric | kind | unit | labels | what it says |
|---|---|---|---|---|
";

/// The page as Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for metric in TABLE {
        let labels: Vec<_> =
            metric.labels.iter().map(|(name, values)| format!("`{name}`: {values}")).collect();
        let labels = if labels.is_empty() { "–".to_owned() } else { labels.join("; ") };
        let (name, kind, unit, help) = (metric.name, metric.kind.name(), metric.unit, metric.help);
        page.push_str(&format!("| `{name}` | {kind} | {unit} | {labels} | {help} |\n"));
    }
    page.push_str("\n## Buckets\n\n");
    for metric in TABLE {
        if let Kind::Histogram(buckets) = metric.kind {
            let bounds: Vec<_> = buckets.iter().map(ToString::to_string).collect();
            page.push_str(&format!("* `{}`: {}\n", metric.name, bounds.join(", ")));
        }
    }
    page
}
