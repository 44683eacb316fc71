//! What the topic of windows must be like, and had better be like: pure functions of its configuration.
//!
//! It is the state of correlations. A broker that deletes by age or size deletes the state; one that seldom compacts keeps
//! every version of every window, and each is read when a partition comes to a worker.

/// The share of a log that may be old versions before it is compacted: Kafka's own default.
const MOST_DIRTY: f64 = 0.5;

/// The segment that is being written is never compacted, and a restore reads it whole.
const LARGEST_SEGMENT: i64 = 256 * 1024 * 1024;

/// What is deleted stays in the log until its segment is closed and compacted.
const LONGEST_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// A deletion is kept for so long; a restore that takes longer may miss it.
const SHORTEST_DELETION_MS: i64 = 10 * 60 * 1_000;

/// Replicas from which on a write can be demanded of two.
pub(super) const REPLICATED: usize = 3;

/// A topic's configuration: a key's value, if it can be read.
pub(super) type Configuration<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What makes the topic unusable.
pub(super) fn problem(topic: &str, configuration: Configuration<'_>) -> Option<String> {
    let policy = configuration("cleanup.policy")?;
    let mut words = policy.split(',').map(str::trim);
    let compacted = words.all(|word| word == "compact");
    let told = || {
        format!(
            "topic {topic} holds the state of correlations and its cleanup.policy is {policy}, which deletes it: set \
             cleanup.policy=compact"
        )
    };
    (!compacted).then(told)
}

/// What hurts: that a restore takes long, that windows are kept long, that a broker's loss loses some.
pub(super) fn warnings(topic: &str, replicas: usize, configuration: Configuration<'_>) -> Vec<String> {
    let number = |key| configuration(key)?.parse::<i64>().ok();
    let mut warnings = Vec::new();
    if replicas >= REPLICATED && number("min.insync.replicas") == Some(1) {
        warnings.push(format!(
            "topic {topic} has {replicas} replicas and takes what one of them has: set min.insync.replicas=2, or losing \
             that broker loses windows"
        ));
    }
    let dirty = configuration("min.cleanable.dirty.ratio").and_then(|ratio| ratio.parse::<f64>().ok());
    if let Some(ratio) = dirty.filter(|ratio| *ratio > MOST_DIRTY) {
        warnings.push(format!(
            "topic {topic} is compacted late, and a restore reads what it holds: its min.cleanable.dirty.ratio is {ratio}, \
             set {MOST_DIRTY} or less"
        ));
    }
    if let Some(bytes) = number("segment.bytes").filter(|bytes| *bytes > LARGEST_SEGMENT) {
        warnings.push(format!(
            "topic {topic} has large segments, of which the last of each partition is not compacted and a restore reads \
             it whole: its segment.bytes is {bytes}, set 104857600"
        ));
    }
    let closed = [number("segment.ms"), number("max.compaction.lag.ms")].into_iter().flatten().min();
    if let Some(ms) = closed.filter(|ms| *ms > LONGEST_MS) {
        warnings.push(format!(
            "topic {topic} may keep what windows held long after they are gone: its segment.ms is {ms}, set \
             max.compaction.lag.ms=86400000"
        ));
    }
    if let Some(ms) = number("delete.retention.ms").filter(|ms| *ms < SHORTEST_DELETION_MS) {
        warnings.push(format!(
            "topic {topic} forgets within {ms} ms that a window was deleted, and a restore that takes longer would bring \
             it back: leave delete.retention.ms at 86400000"
        ));
    }
    warnings
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn of<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |key| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn state_is_not_to_be_deleted() {
        for policy in ["delete", "compact,delete", "delete, compact"] {
            let told = problem("w", &of(&[("cleanup.policy", policy)])).expect("it is refused");
            assert!(told.contains(policy) && told.contains("cleanup.policy=compact"), "{told}");
        }
        assert_eq!(problem("w", &of(&[("cleanup.policy", "compact")])), None);
        assert_eq!(problem("w", &of(&[])), None, "a configuration that may not be read is no problem");
    }

    #[test]
    fn what_hurts_is_told() {
        let cases: [(&[(&str, &str)], &str); 6] = [
            (&[("min.insync.replicas", "1")], "min.insync.replicas=2"),
            (&[("min.cleanable.dirty.ratio", "0.9")], "0.5 or less"),
            (&[("segment.bytes", "1073741824")], "segment.bytes is 1073741824"),
            (&[("segment.ms", "2592000000")], "max.compaction.lag.ms=86400000"),
            (&[("segment.ms", "2592000000"), ("max.compaction.lag.ms", "9223372036854775807")], "2592000000"),
            (&[("delete.retention.ms", "1000")], "within 1000 ms"),
        ];
        for (pairs, part) in cases {
            let told = warnings("w", 3, &of(pairs));
            assert!(told.len() == 1 && told[0].contains(part), "{told:?}");
        }
    }

    #[test]
    fn what_is_made_by_us_hurts_nobody() {
        let made = [
            ("cleanup.policy", "compact"),
            ("segment.bytes", "104857600"),
            ("max.compaction.lag.ms", "86400000"),
            ("segment.ms", "604800000"),
            ("min.cleanable.dirty.ratio", "0.5"),
            ("delete.retention.ms", "86400000"),
            ("min.insync.replicas", "2"),
        ];
        assert_eq!(problem("w", &of(&made)), None);
        assert_eq!(warnings("w", 3, &of(&made)), [""; 0]);
        assert_eq!(warnings("w", 1, &of(&[("min.insync.replicas", "1")])), [""; 0]);
    }
}
