//! What repeats is said once a minute, with how often it was passed over in between.
//!
//! An outage makes the client report the same few errors hundreds of times; metrics count them all, the log
//! need not. Pure: the time comes with each call.

use std::collections::BTreeMap;

/// How long the same is not said again, in milliseconds.
const SILENCE_MS: i64 = 60_000;

/// What was said when, by a name from a bounded set.
#[derive(Debug, Clone, Default)]
pub(super) struct Repeats {
    said: BTreeMap<String, Said>,
}

#[derive(Debug, Clone)]
struct Said {
    at_ms: i64,
    passed_over: u64,
}

impl Repeats {
    /// Whether to say it now: if so, how often it was passed over since it was last said.
    pub(super) fn admit(&mut self, what: &str, now_ms: i64) -> Option<u64> {
        if let Some(said) = self.said.get_mut(what)
            // A clock that goes back must not silence anything.
            && (0..SILENCE_MS).contains(&(now_ms - said.at_ms))
        {
            said.passed_over += 1;
            return None;
        }
        let now = Said { at_ms: now_ms, passed_over: 0 };
        let before = self.said.insert(what.to_owned(), now);
        Some(before.map_or(0, |said| said.passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_a_minute_and_the_rest_counted() {
        let mut repeats = Repeats::default();
        let mut at = |what, now_ms| repeats.admit(what, now_ms);
        let first = [at("Transport", 1_000), at("Transport", 1_001), at("Resolve", 1_002)];
        assert_eq!(first, [Some(0), None, Some(0)], "another code is another matter");
        assert_eq!([at("Transport", 60_999), at("Transport", 61_000)], [None, Some(2)]);
        assert_eq!(at("Transport", 500), Some(0), "the clock went back");
    }
}
