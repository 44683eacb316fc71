//! Metrics: their names are pinned, and the page, the dashboard and the alerts name no other.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "reads the files that it checks")]

use crate::golden::assert_file;
use crate::privacy::Captured;
use std::collections::BTreeSet;
use wardline::telemetry::{BatchDone, Bounds, FoldingDone, Kind, TABLE, Telemetry, events, reference};
use wardline::worker::stats::{BatchStats, RuleStats};

const BOUNDS: Bounds = Bounds {
    dead_letter_ratio: 0.05,
    dead_letter_window_ms: 300_000,
    dead_letter_minimum: 100,
    max_commit_age_ms: 60_000,
};

#[test]
fn the_reference_page_is_the_table() {
    assert_file("deploy/metrics.md", &reference());
}

/// Dashboards and alerts of operators hang on these. Add to this list; never change a line of it.
const RELEASED: &str = "\
wardline_aborts_total cause
wardline_assigned_partitions worker
wardline_batch_phase_duration_seconds phase
wardline_build_info version librdkafka
wardline_commit_duration_seconds
wardline_commits_total kind
wardline_consumer_lag_records topic partition
wardline_dead_letter_ratio
wardline_dead_letters_by_reference_total
wardline_dead_letters_total
wardline_decode_errors_total code
wardline_dropped_records_total reason
wardline_event_delay_seconds
wardline_events_total
wardline_findings_total rule level
wardline_flags_cut_total
wardline_flags_total rule level destination
wardline_floods_total rule
wardline_hit_keys_cut_total
wardline_hits_read_total
wardline_hits_repeated_total
wardline_hits_without_key_total
wardline_input_bytes_total
wardline_input_records_total
wardline_kafka_client_errors_total code
wardline_last_commit_timestamp_seconds
wardline_list_expires_timestamp_seconds list
wardline_lossy_events_total
wardline_offset_resets_total
wardline_ready
wardline_rebalances_total change
wardline_reloads_failed_total
wardline_reloads_total
wardline_restart_needed
wardline_restore_partitions worker
wardline_restore_records_total
wardline_rule_flagged_ratio rule
wardline_rule_hit_ratio rule
wardline_rule_hits_total rule level
wardline_ruleset_info digest
wardline_ruleset_loaded_timestamp_seconds
wardline_ruleset_rules
wardline_ruleset_stale
wardline_start_timestamp_seconds
wardline_suppressed_total rule level
wardline_tail_evictions_total
wardline_tombstones_total
wardline_watchdog_call_seconds
wardline_window_keys worker
wardline_windows_restarted_total rule
wardline_windows_saturated_total rule
wardline_worker_info worker role
";

#[test]
fn released_names_stay() {
    let lines = TABLE.iter().map(|metric| {
        let labels = metric.labels.iter().map(|(name, _)| *name);
        std::iter::once(metric.name).chain(labels).collect::<Vec<_>>().join(" ") + "\n"
    });
    let sorted: BTreeSet<String> = lines.collect();
    assert_eq!(sorted.into_iter().collect::<String>(), RELEASED);
}

/// Words of a text that look like our metrics, without the suffixes that a histogram adds.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("wardline_"));
    let histograms: Vec<_> = TABLE
        .iter()
        .filter(|metric| matches!(metric.kind, Kind::Histogram(_)))
        .map(|metric| metric.name)
        .collect();
    ours.map(|word| {
        let bare = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| word.strip_suffix(suffix));
        bare.filter(|bare| histograms.contains(bare)).unwrap_or(word)
    })
    .collect()
}

#[test]
fn the_dashboard_and_the_alerts_name_metrics_that_exist() {
    let known: BTreeSet<_> = TABLE.iter().map(|metric| metric.name).collect();
    for file in ["deploy/grafana-dashboard.json", "deploy/alerts.yml", "deploy/operating.md"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let named = named(&text);
        assert!(!named.is_empty(), "{file} names no metric");
        let unknown: Vec<_> = named.difference(&known).collect();
        assert!(unknown.is_empty(), "{file} names metrics that do not exist: {unknown:?}");
    }
}

/// An information metric is always 1: what it says stands in its labels.
#[test]
fn panels_of_information_show_labels() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/grafana-dashboard.json");
    let dashboard: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let of_info = |panel: &&serde_json::Value| {
        let expression = panel["targets"][0]["expr"].as_str().unwrap_or_default();
        expression.starts_with("wardline_") && expression.contains("_info{")
    };
    let shown: Vec<_> = panels.filter(of_info).map(|panel| panel["options"]["textMode"].as_str()).collect();
    assert_eq!(shown, [Some("name"); 2]);
}

/// Counters that begin with their first value have risen from nothing, which `increase` does not see.
#[test]
fn alerts_on_open_counters_see_their_beginning() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/alerts.yml");
    let text = std::fs::read_to_string(path).unwrap();
    for alert in text.split("- alert: ").skip(1) {
        let names = ["flags_total", "offset", "decode", "windows"];
        let open = names.iter().any(|name| alert.contains(&format!("increase(wardline_{name}")));
        assert!(!open || alert.contains(" unless "), "{alert}");
    }
}

/// What hurts correlations hurts nothing else that operators look at, such as the delay of events.
#[test]
fn what_hurts_correlations_is_shown_and_alerted_on() {
    let read = |file: &str| {
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
    };
    let (dashboard, alerts) = (read("deploy/grafana-dashboard.json"), read("deploy/alerts.yml"));
    let (shown, alerted) = (named(&dashboard), named(&alerts));
    let both = ["hits_read_total", "restore_partitions", "rule_hit_ratio", "windows_saturated_total"];
    let panels =
        ["hits_repeated_total", "hits_without_key_total", "hit_keys_cut_total", "restore_records_total"];
    let panels = panels.into_iter().chain(["rule_hits_total", "suppressed_total", "window_keys"]);
    for name in both.into_iter().chain(panels).chain(["windows_restarted_total"]) {
        let name = format!("wardline_{name}");
        assert!(shown.contains(&*name), "{name} is on no panel");
        assert!(!both.iter().any(|of_both| name.ends_with(of_both)) || alerted.contains(&*name), "{name}");
    }
    // An alert cannot ask for the name that a configuration gives the topic, and takes that of the default.
    let hits = format!("topic=\"{}\"", wardline::config::load(None).unwrap().topics.hits);
    assert!(alerts.contains(&hits), "{hits}");
}

#[test]
fn a_rule_that_gives_correlations_too_much_is_named() {
    let telemetry = Telemetry::new(BOUNDS, 1, "none", 0).unwrap();
    let mut stats = BatchStats { records: 10_000, events: 10_000, ..BatchStats::default() };
    for (rule, hits) in [("noisy", 101), ("quiet", 100)] {
        stats.rules.insert(rule.into(), RuleStats { hits, ..RuleStats::default() });
    }
    let logged = Captured::during(|| BatchDone { worker: 0, stats: &stats, now_ms: 1 }.emit(&telemetry));
    assert!(logged.contains("make it narrower rule=\"noisy\" share=0.0101"), "{logged}");
    assert!(!logged.contains("quiet"), "{logged}");
    let page = telemetry.render(2).unwrap();
    for line in ["{rule=\"noisy\"} 0.0101", "{rule=\"quiet\"} 0.01"] {
        assert!(page.contains(&format!("\nwardline_rule_hit_ratio{line}\n")), "{page}");
    }
}

#[test]
fn a_correlation_whose_windows_begin_anew_is_named() {
    let telemetry = Telemetry::new(BOUNDS, 1, "none", 0).unwrap();
    let stats = BatchStats { restarted: vec!["seq".into()], ..BatchStats::default() };
    let logged = Captured::during(|| FoldingDone { worker: 0, stats: &stats, now_ms: 1 }.emit(&telemetry));
    assert!(logged.contains("begin anew correlation=\"seq\""), "{logged}");
    let page = telemetry.render(2).unwrap();
    assert!(page.contains("\nwardline_windows_restarted_total{rule=\"seq\"} 1\n"), "{page}");
}

/// Each panel has a place of its own.
#[test]
fn panels_do_not_cover_each_other() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/grafana-dashboard.json");
    let dashboard: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut taken = BTreeSet::new();
    for panel in panels {
        let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        for x in side("x")..side("x") + side("w") {
            assert!(x < 24 && (side("y")..side("y") + side("h")).all(|y| taken.insert((x, y))), "{panel}");
        }
    }
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
}

/// What a scrape would give: sample lines only, without those of histograms' buckets.
fn scrape(telemetry: &Telemetry, now_ms: i64) -> String {
    let text = telemetry.render(now_ms).unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#') && !line.contains("_bucket"));
    samples.collect::<Vec<_>>().join("\n")
}

#[test]
fn events_become_samples() {
    let telemetry = Telemetry::new(BOUNDS, 1, "2.12.1", 1_000).unwrap();
    let change = events::Change::Assigned;
    events::Rebalanced { worker: 0, change, topic: "in", partitions: &[0, 1], owned: 2 }.emit(&telemetry);
    events::Lag { topic: "in", partition: 0, records: 7 }.emit(&telemetry);
    events::Lag { topic: "in", partition: 1, records: 9 }.emit(&telemetry);
    events::RulesLoaded {
        digest: "d1",
        rules: 3,
        reload: false,
        took: std::time::Duration::ZERO,
        now_ms: 2_000,
    }
    .emit(&telemetry);
    events::RulesLoaded {
        digest: "d2",
        rules: 4,
        reload: true,
        took: std::time::Duration::ZERO,
        now_ms: 3_000,
    }
    .emit(&telemetry);
    let change = events::Change::Revoked;
    events::Rebalanced { worker: 0, change, topic: "in", partitions: &[1], owned: 1 }.emit(&telemetry);
    let samples = scrape(&telemetry, 4_000);
    let expected = [
        "wardline_assigned_partitions{worker=\"0\"} 1",
        "wardline_consumer_lag_records{partition=\"0\",topic=\"in\"} 7",
        "wardline_rebalances_total{change=\"assigned\"} 1",
        "wardline_rebalances_total{change=\"revoked\"} 1",
        "wardline_aborts_total{cause=\"commit\"} 0",
        "wardline_batch_phase_duration_seconds_count{phase=\"poll\"} 0",
        "wardline_ruleset_info{digest=\"d2\"} 1",
        "wardline_ruleset_loaded_timestamp_seconds 3",
        "wardline_ruleset_rules 4",
        "wardline_reloads_total 1",
        "wardline_reloads_failed_total 0",
        "wardline_ready 1",
        "wardline_start_timestamp_seconds 1",
    ];
    for line in expected {
        assert!(samples.lines().any(|sample| sample == line), "{line} is missing in\n{samples}");
    }
    assert!(!samples.contains("d1") && !samples.contains("partition=\"1\""), "{samples}");
    let change = events::Change::Lost;
    events::Rebalanced { worker: 0, change, topic: "in", partitions: &[0], owned: 0 }.emit(&telemetry);
    assert!(scrape(&telemetry, 4_000).contains("wardline_ready 0"), "who lost its partitions is not ready");
}
