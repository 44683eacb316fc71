//! The table of metrics: name, kind, labels and help of each, once.
//!
//! The registry, the reference page and the test that pins the names derive from it. Names carry the
//! prefix `wardline_`, base units and, for counters, `_total`; a name that has been released is never
//! changed. Every label takes its values from a bounded set, said here.

pub use super::metric::Kind;
use super::metric::{counter, gauge, histogram};

/// A label, and the bounded set of its values in words.
pub type Label = (&'static str, &'static str);

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// How code refers to it.
    pub(super) id: Id,
    /// Its full name.
    pub name: &'static str,
    /// What it measures.
    pub kind: Kind,
    /// Unit of its value.
    pub unit: &'static str,
    /// Its labels, in the order in which code gives their values.
    pub labels: &'static [Label],
    /// What it says.
    pub help: &'static str,
}

impl Metric {
    /// The labels of the series that are there from the beginning, so that their first rise is seen as one:
    /// that without labels, or one for each value of a closed set.
    pub(super) fn beginnings(&self) -> Vec<Vec<&'static str>> {
        match self.labels {
            [] => vec![vec![]],
            [(_, values)] if CLOSED.contains(&self.id) => {
                values.split(", ").map(|value| vec![value]).collect()
            }
            _ => vec![],
        }
    }
}

/// Metrics whose one label has a closed set of values, which its words list.
const CLOSED: &[Id] = &[Id::Aborts, Id::BatchPhase, Id::Commits, Id::DroppedRecords, Id::Rebalances];

/// A metric by its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Id {
    AssignedPartitions,
    BatchPhase,
    BuildInfo,
    ClientErrors,
    CommitDuration,
    ConsumerLag,
    DeadLetters,
    DeadLettersByReference,
    DeadLetterRatio,
    DecodeErrors,
    DroppedRecords,
    EventDelay,
    Events,
    Findings,
    Flags,
    FlagsCut,
    Floods,
    InputBytes,
    InputRecords,
    LastCommit,
    LossyEvents,
    OffsetResets,
    Ready,
    Rebalances,
    Reloads,
    ReloadsFailed,
    ListExpires,
    RuleFlaggedRatio,
    RulesetInfo,
    RulesetLoaded,
    RulesetRules,
    RulesetStale,
    Started,
    TailEvictions,
    Tombstones,
    Aborts,
    Commits,
    WatchdogCall,
    HitsRead,
    RestartNeeded,
    RestorePartitions,
    RestoreRecords,
    WorkerInfo,
    Hits,
    HitKeysCut,
    HitsRepeated,
    HitsWithoutKey,
    RuleHitRatio,
    Suppressed,
    WindowKeys,
    WindowsRestarted,
    WindowsSaturated,
}

const LEVEL: Label = ("level", "the rule's level");
const RULE: Label = ("rule", "names of the rules that are in use or have been since the start");
const WORKER: Label = ("worker", "numbers of this process's workers");

/// Seconds from a fast batch to a stuck commit.
const DURATIONS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Seconds from a calm cluster to a day's backlog.
const DELAYS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 3_600.0, 86_400.0];

/// Every metric, in the order of its id.
pub const TABLE: &[Metric] = &[
    gauge(
        Id::AssignedPartitions,
        "wardline_assigned_partitions",
        "partitions",
        &[WORKER],
        "Partitions of the topic of events, or of hits, that the worker owns.",
    ),
    histogram(
        Id::BatchPhase,
        "wardline_batch_phase_duration_seconds",
        DURATIONS,
        &[("phase", "poll, evaluate, publish, commit")],
        "Time that a batch spent in each phase.",
    ),
    gauge(
        Id::BuildInfo,
        "wardline_build_info",
        "1",
        &[("version", "Wardline's version"), ("librdkafka", "version of the linked Kafka client, or none")],
        "Always 1; its labels say what is running.",
    ),
    counter(
        Id::ClientErrors,
        "wardline_kafka_client_errors_total",
        "errors",
        &[("code", "librdkafka's error names")],
        "Errors that the Kafka client reported. Broken connections to single brokers are normal in small numbers.",
    ),
    histogram(
        Id::CommitDuration,
        "wardline_commit_duration_seconds",
        DURATIONS,
        &[],
        "Time that a commit took, from the last delivery asked for to the cluster's answer.",
    ),
    gauge(
        Id::ConsumerLag,
        "wardline_consumer_lag_records",
        "records",
        &[("topic", "the topics of events and of hits"), ("partition", "the partitions this process owns")],
        "Records of the partition behind the one to be read next.",
    ),
    counter(
        Id::DeadLetters,
        "wardline_dead_letters_total",
        "records",
        &[],
        "Records sent to the dead-letter topic.",
    ),
    counter(
        Id::DeadLettersByReference,
        "wardline_dead_letters_by_reference_total",
        "records",
        &[],
        "Dead letters that only refer to their record, because it is larger than limits.max_dead_letter_size.",
    ),
    gauge(
        Id::DeadLetterRatio,
        "wardline_dead_letter_ratio",
        "share",
        &[],
        "Share of dead letters in the records of the last limits.dead_letter_window.",
    ),
    counter(
        Id::DecodeErrors,
        "wardline_decode_errors_total",
        "records",
        &[("code", "codes of decoding errors")],
        "Records that could not be decoded, by reason.",
    ),
    counter(
        Id::DroppedRecords,
        "wardline_dropped_records_total",
        "records",
        &[("reason", "stale, foreign")],
        "Records delivered by the client that this worker had already processed (stale) or does not own (foreign). They are rightly dropped.",
    ),
    histogram(
        Id::EventDelay,
        "wardline_event_delay_seconds",
        DELAYS,
        &[],
        "Time from a record's own time stamp to its evaluation: the oldest of each batch.",
    ),
    counter(Id::Events, "wardline_events_total", "events", &[], "Events decoded and evaluated."),
    counter(
        Id::Findings,
        "wardline_findings_total",
        "findings",
        &[RULE, LEVEL],
        "Events that a rule fired on, published or not.",
    ),
    counter(
        Id::Flags,
        "wardline_flags_total",
        "flags",
        &[RULE, LEVEL, ("destination", "review, shadow, diverted")],
        "Flags published: to reviewers, to the shadow topic by the rule's own status, or diverted there by the flood guard.",
    ),
    counter(
        Id::FlagsCut,
        "wardline_flags_cut_total",
        "flags",
        &[],
        "Flags that lost context or evidence to fit limits.max_flag_size.",
    ),
    counter(
        Id::Floods,
        "wardline_floods_total",
        "floods",
        &[RULE],
        "Times that a rule began to exceed limits.flags_per_minute.",
    ),
    counter(
        Id::InputBytes,
        "wardline_input_bytes_total",
        "bytes",
        &[],
        "Bytes of the payloads of records taken from the input.",
    ),
    counter(
        Id::InputRecords,
        "wardline_input_records_total",
        "records",
        &[],
        "Records taken from the input, of any kind.",
    ),
    gauge(
        Id::LastCommit,
        "wardline_last_commit_timestamp_seconds",
        "seconds since the epoch",
        &[],
        "Time of the last commit of any worker; 0 before the first.",
    ),
    counter(
        Id::LossyEvents,
        "wardline_lossy_events_total",
        "events",
        &[],
        "Events of which not all could be read: invalid UTF-8, broken escapes, or JSON damaged inside an object or array.",
    ),
    counter(
        Id::OffsetResets,
        "wardline_offset_resets_total",
        "resets",
        &[],
        "Times that retention had deleted what a partition was to read next, and reading went on at its oldest record because kafka.out_of_range allows it. Records were lost.",
    ),
    gauge(Id::Ready, "wardline_ready", "0 or 1", &[], "What /readyz answers."),
    counter(
        Id::Rebalances,
        "wardline_rebalances_total",
        "rebalances",
        &[("change", "assigned, revoked, lost")],
        "Changes of the partitions that a worker owns.",
    ),
    counter(
        Id::Reloads,
        "wardline_reloads_total",
        "reloads",
        &[],
        "Rule sets taken into use after the first.",
    ),
    counter(
        Id::ReloadsFailed,
        "wardline_reloads_failed_total",
        "reloads",
        &[],
        "Reloads that failed; the rule set before them stayed in use.",
    ),
    gauge(
        Id::ListExpires,
        "wardline_list_expires_timestamp_seconds",
        "seconds since the epoch",
        &[("list", "names of the lists that have a manifest")],
        "From when on the list must not be used; its entries are gone then.",
    ),
    gauge(
        Id::RuleFlaggedRatio,
        "wardline_rule_flagged_ratio",
        "share",
        &[RULE],
        "Share of the events of the last five minutes that the rule fired on.",
    ),
    gauge(
        Id::RulesetInfo,
        "wardline_ruleset_info",
        "1",
        &[("digest", "the digest in use, one at a time")],
        "Always 1; its label names the rule set in use.",
    ),
    gauge(
        Id::RulesetLoaded,
        "wardline_ruleset_loaded_timestamp_seconds",
        "seconds since the epoch",
        &[],
        "When the rule set in use was loaded; its age is time() minus this.",
    ),
    gauge(Id::RulesetRules, "wardline_ruleset_rules", "rules", &[], "Rules in use."),
    gauge(
        Id::RulesetStale,
        "wardline_ruleset_stale",
        "0 or 1",
        &[],
        "1 while the rule files on disk cannot be loaded and an older rule set is in use.",
    ),
    gauge(
        Id::Started,
        "wardline_start_timestamp_seconds",
        "seconds since the epoch",
        &[],
        "When the process started.",
    ),
    counter(
        Id::TailEvictions,
        "wardline_tail_evictions_total",
        "messages",
        &[],
        "Messages of the last minutes forgotten for lack of room (limits.max_tail_size): a phrase that goes on from one is missed, and flags show it no more.",
    ),
    counter(
        Id::Tombstones,
        "wardline_tombstones_total",
        "records",
        &[],
        "Records without a payload, skipped.",
    ),
    counter(
        Id::Aborts,
        "wardline_aborts_total",
        "aborts",
        &[("cause", "batch, commit, lost")],
        "Times that what was sent since the last commit was given up, its records to be read again: a record or a message failed, the commit was refused, or partitions were lost to others.",
    ),
    counter(
        Id::Commits,
        "wardline_commits_total",
        "commits",
        &[("kind", "messages, offsets")],
        "Commits that succeeded: of messages with the offsets that led to them, or of offsets alone.",
    ),
    gauge(
        Id::WatchdogCall,
        "wardline_watchdog_call_seconds",
        "seconds",
        &[],
        "How long the longest call to the Kafka client now running has taken; the watchdog ends the process at kafka.watchdog.",
    ),
    counter(
        Id::HitsRead,
        "wardline_hits_read_total",
        "hits",
        &[],
        "Hits taken from their topic by workers that correlate.",
    ),
    gauge(
        Id::RestartNeeded,
        "wardline_restart_needed",
        "0 or 1",
        &[],
        "1 while the rules in use have correlations and had none when the process was started: it runs them after a restart.",
    ),
    gauge(
        Id::RestorePartitions,
        "wardline_restore_partitions",
        "partitions",
        &[WORKER],
        "Partitions that come to the worker and whose windows are being read; their hits wait meanwhile.",
    ),
    counter(
        Id::RestoreRecords,
        "wardline_restore_records_total",
        "records",
        &[],
        "Records read from the topic of windows.",
    ),
    gauge(
        Id::WorkerInfo,
        "wardline_worker_info",
        "1",
        &[WORKER, ("role", "match, correlate")],
        "Always 1; its labels say what the worker does.",
    ),
    counter(
        Id::Hits,
        "wardline_rule_hits_total",
        "events",
        &[RULE, LEVEL],
        "Events on which the rule fired and that it gave to correlations.",
    ),
    counter(
        Id::HitKeysCut,
        "wardline_hit_keys_cut_total",
        "events",
        &[],
        "Events that stand for more group keys than one event may (16), so that some were left out.",
    ),
    counter(
        Id::HitsRepeated,
        "wardline_hits_repeated_total",
        "hits",
        &[],
        "Hits of events that the windows held already: of records written more than once.",
    ),
    counter(
        Id::HitsWithoutKey,
        "wardline_hits_without_key_total",
        "findings",
        &[],
        "Findings of rules that feed correlations, in events that lack a field by which these group.",
    ),
    gauge(
        Id::RuleHitRatio,
        "wardline_rule_hit_ratio",
        "share",
        &[RULE],
        "Share of the events of the last five minutes that the rule gave to correlations. Above 0.01 the log names the rule: every hit is written, read and folded.",
    ),
    counter(
        Id::Suppressed,
        "wardline_suppressed_total",
        "findings",
        &[RULE, LEVEL],
        "Findings of the correlation that were not published because the same key had been a short while before (review.suppress).",
    ),
    gauge(
        Id::WindowKeys,
        "wardline_window_keys",
        "keys",
        &[WORKER],
        "Group keys of which the worker keeps windows.",
    ),
    counter(
        Id::WindowsRestarted,
        "wardline_windows_restarted_total",
        "changes",
        &[RULE],
        "Times that the windows of the correlation began anew because it, or a rule that it takes in, means something else than before.",
    ),
    counter(
        Id::WindowsSaturated,
        "wardline_windows_saturated_total",
        "windows",
        &[RULE],
        "Windows of the correlation, a value_sum, that came to hold more values than are kept apart: neighbours are joined, which then leave together, so that the sum may be less than it was.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_places_in_the_table() {
        for (place, metric) in TABLE.iter().enumerate() {
            assert_eq!(metric.id as usize, place, "{}", metric.name);
        }
    }

    #[test]
    fn closed_sets_are_listed_word_by_word() {
        for id in CLOSED {
            let beginnings = TABLE[*id as usize].beginnings();
            assert!(beginnings.len() > 1, "{id:?}");
            let word = |value: &str| value.chars().all(|c| c.is_ascii_lowercase());
            assert!(beginnings.iter().flatten().all(|value| word(value)), "{beginnings:?}");
        }
    }

    #[test]
    fn names_follow_the_rules() {
        for metric in TABLE {
            let Metric { name, kind, unit, .. } = metric;
            assert!(name.starts_with("wardline_"), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert_eq!(
                *unit == "seconds" || unit.starts_with("seconds since"),
                name.ends_with("_seconds"),
                "{name}"
            );
            assert_eq!(*unit == "bytes", name.contains("_bytes"), "{name}");
            assert!(metric.help.ends_with('.'), "{name}");
        }
    }
}
