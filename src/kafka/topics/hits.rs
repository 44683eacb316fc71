//! What the topic of hits must be like, and had better be like: pure functions of its configuration.
//!
//! A hit counts once it is folded into a window, and is needed until then: while workers that correlate are stopped, restarted, or
//! behind. What retention deletes before is missing in windows that nobody can mend, and ends the workers (or is counted, if
//! `kafka.out_of_range` allows going on).

use super::windows::Configuration;
use crate::kafka::settings::Settings;
use std::time::Duration;

/// A night, in which somebody may have to be woken.
const SHORTEST: Duration = Duration::from_hours(6);

/// Of a partition: about two million hits, which a worker needs half a minute for, or six hours of a hundred a second.
const LEAST_BYTES: u64 = 1 << 30;

/// What makes the topic unusable: of the hits of one key all count, not the last alone, and a restart is to find them.
pub(super) fn problems(topic: &str, settings: &Settings, configuration: Configuration<'_>) -> Vec<String> {
    compacted(topic, configuration).into_iter().chain(short_lived(topic, settings, configuration)).collect()
}

fn compacted(topic: &str, configuration: Configuration<'_>) -> Option<String> {
    let policy = configuration("cleanup.policy")?;
    let compacted = policy.split(',').any(|word| word.trim() == "compact");
    let told = || {
        format!(
            "topic {topic} holds what events contribute to correlations and its cleanup.policy is {policy}, which keeps of a \
             key the last alone: set cleanup.policy=delete"
        )
    };
    compacted.then(told)
}

fn short_lived(topic: &str, settings: &Settings, configuration: Configuration<'_>) -> Option<String> {
    let (kept, needed) = (retention(configuration)?, restart(settings));
    let told = || {
        format!(
            "topic {topic} keeps hits for {} ms and by the time-outs of [kafka] a restart may take {} ms, after which those that \
             wait would be gone: set retention.ms=86400000",
            kept.as_millis(),
            needed.as_millis()
        )
    };
    (kept < needed).then(told)
}

/// What hurts: that an outage or a backlog of some hours loses hits.
pub(super) fn warnings(topic: &str, settings: &Settings, configuration: Configuration<'_>) -> Vec<String> {
    soon_gone(topic, settings, configuration).into_iter().chain(bounded(topic, configuration)).collect()
}

fn soon_gone(topic: &str, settings: &Settings, configuration: Configuration<'_>) -> Option<String> {
    let kept = retention(configuration).filter(|kept| *kept >= restart(settings))?;
    let told = || {
        format!(
            "topic {topic} keeps hits for {} ms, and those that workers have not read by then, because they stand still or are \
             behind, never count: set retention.ms=86400000, or at least {}",
            kept.as_millis(),
            SHORTEST.as_millis()
        )
    };
    (kept < SHORTEST).then(told)
}

fn bounded(topic: &str, configuration: Configuration<'_>) -> Option<String> {
    // Negative, and so no number here, is without bound.
    let kept: u64 = configuration("retention.bytes")?.parse().ok()?;
    let told = || {
        format!(
            "topic {topic} keeps {kept} bytes of a partition's hits, and those that workers have not read when so many others have \
             come, because they stand still or are behind, never count: set retention.bytes=-1, or at least {LEAST_BYTES}"
        )
    };
    (kept < LEAST_BYTES).then(told)
}

/// How long hits are kept; none if for ever, or if that may not be read.
fn retention(configuration: Configuration<'_>) -> Option<Duration> {
    configuration("retention.ms")?.parse().ok().map(Duration::from_millis)
}

/// How long it may take until a process that hangs is ended and the next one reads: the call is waited for, the old
/// member and its transaction expire, the cluster is found.
fn restart(settings: &Settings) -> Duration {
    settings.watchdog + settings.session_timeout + settings.transaction_timeout + settings.connect_timeout
}

#[cfg(test)]
mod tests {
    use super::super::windows::tests::of;
    use super::*;
    use crate::kafka::settings::tests::settings;

    #[test]
    fn hits_are_not_to_be_compacted() {
        let problems = |policy| problems("h", &settings("b:1"), &of(&[("cleanup.policy", policy)]));
        for policy in ["compact", "delete,compact"] {
            let told = problems(policy);
            assert!(told.len() == 1 && told[0].contains(policy), "{told:?}");
            assert!(told[0].contains("cleanup.policy=delete"), "{told:?}");
        }
        assert_eq!(problems("delete"), [""; 0]);
    }

    /// 45 s, 6 s, 30 s and 30 s are 111 s.
    #[test]
    fn hits_are_there_after_a_restart_and_had_better_be_there_in_the_morning() {
        let cases = [
            ("1000", true, false),
            ("110999", true, false),
            ("111000", false, true),
            ("21599999", false, true),
            ("21600000", false, false),
            ("-1", false, false),
        ];
        for (ms, refused, warned) in cases {
            let (settings, pairs) = (settings("b:1"), [("cleanup.policy", "delete"), ("retention.ms", ms)]);
            let (problems, warnings) =
                (problems("h", &settings, &of(&pairs)), warnings("h", &settings, &of(&pairs)));
            assert_eq!((!problems.is_empty(), !warnings.is_empty()), (refused, warned), "{ms}");
            let mut told = problems.into_iter().chain(warnings);
            assert!(told.all(|told| told.contains(ms) && told.contains("retention.ms=86400000")), "{ms}");
        }
    }

    #[test]
    fn a_backlog_is_not_to_push_hits_out() {
        let settings = settings("b:1");
        for (bytes, warned) in [("0", true), ("1073741823", true), ("1073741824", false), ("-1", false)] {
            let pairs = [("retention.ms", "-1"), ("retention.bytes", bytes)];
            let told = warnings("h", &settings, &of(&pairs));
            assert_eq!(told.len(), usize::from(warned), "{told:?}");
            assert!(told.iter().all(|told| told.contains(bytes) && told.contains("retention.bytes=-1")));
        }
    }

    #[test]
    fn what_may_not_be_read_is_no_problem() {
        let (settings, nothing) = (settings("b:1"), of(&[]));
        assert_eq!(problems("h", &settings, &nothing), [""; 0]);
        assert_eq!(warnings("h", &settings, &nothing), [""; 0]);
    }
}
