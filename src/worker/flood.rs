//! The flood guard: a rule that would publish more than so many flags a minute sends the rest to the
//! shadow topic, so that one careless rule cannot bury the reviewers. Nothing is lost by it.
//!
//! Minutes are those of the records' own time stamps, not of the wall clock: a worker that catches up after a
//! pause reads an hour's records in a minute, and that is no flood. It also makes a second reading of the
//! same records decide the same. For that, what was counted since the last commit can be taken back
//! ([`FloodGuard::aborted`]): otherwise every repeated transaction would eat into a rule's allowance.
//!
//! Partitions may stand at different minutes, so a rule has a count for each of its latest minutes, a bounded
//! number of them. The count is a worker's own: workers share nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Latest minutes kept for a rule: a day of them. Beyond it the oldest is forgotten.
const MINUTES_KEPT: usize = 1_440;

/// Milliseconds in a minute.
const MINUTE_MS: i64 = 60_000;

/// Counts flags by rule and minute.
#[derive(Debug, Clone, Default)]
pub struct FloodGuard {
    limit: Option<u32>,
    counts: BTreeMap<Arc<str>, BTreeMap<i64, u32>>,
    /// What was counted since the last commit.
    uncommitted: Vec<(Arc<str>, i64)>,
}

/// What becomes of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It is published.
    Pass,
    /// It goes to the shadow topic, marked.
    Divert {
        /// The first of this minute, and the minute before saw none: to be reported.
        begins: bool,
    },
}

impl FloodGuard {
    /// A guard that lets `limit` flags of a rule pass in a minute; none guards nothing.
    pub fn new(limit: Option<u32>) -> FloodGuard {
        FloodGuard { limit, ..FloodGuard::default() }
    }

    /// Counts a flag of `rule` made from a record of time `time_ms` and says what becomes of it.
    pub fn admit(&mut self, rule: &Arc<str>, time_ms: i64) -> Passage {
        let Some(limit) = self.limit else {
            return Passage::Pass;
        };
        let minute = time_ms.div_euclid(MINUTE_MS);
        self.uncommitted.push((Arc::clone(rule), minute));
        let counts = self.counts.entry(Arc::clone(rule)).or_default();
        let count = counts.entry(minute).or_default();
        *count = count.saturating_add(1);
        let (own, before) = (*count, counts.get(&(minute - 1)).copied().unwrap_or(0));
        if counts.len() > MINUTES_KEPT {
            counts.pop_first();
        }
        if own <= limit {
            return Passage::Pass;
        }
        Passage::Divert { begins: own == limit + 1 && before <= limit }
    }

    /// What was counted is durable.
    pub fn committed(&mut self) {
        self.uncommitted.clear();
    }

    /// What was counted since the last commit will be read again.
    pub fn aborted(&mut self) {
        for (rule, minute) in self.uncommitted.drain(..) {
            let counts = self.counts.get_mut(&rule);
            if let Some(count) = counts.and_then(|counts| counts.get_mut(&minute)) {
                *count = count.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASS: Passage = Passage::Pass;
    const BEGINS: Passage = Passage::Divert { begins: true };
    const GOES_ON: Passage = Passage::Divert { begins: false };

    fn admit(guard: &mut FloodGuard, rule: &str, seconds: &[i64]) -> Vec<Passage> {
        let rule = Arc::from(rule);
        seconds.iter().map(|second| guard.admit(&rule, second * 1_000)).collect()
    }

    #[test]
    fn the_table() {
        // what it shows, seconds of the flags, passages under a limit of two a minute
        let cases: [(&str, &[i64], &[Passage]); 6] = [
            ("up to the limit", &[0, 59], &[PASS, PASS]),
            ("beyond it, reported once", &[0, 1, 2, 3], &[PASS, PASS, BEGINS, GOES_ON]),
            ("a new minute", &[0, 1, 60, 61], &[PASS, PASS, PASS, PASS]),
            (
                "a flood over two minutes is one",
                &[0, 1, 2, 60, 61, 62],
                &[PASS, PASS, BEGINS, PASS, PASS, GOES_ON],
            ),
            (
                "a flood after a calm minute is another",
                &[0, 1, 2, 120, 121, 122],
                &[PASS, PASS, BEGINS, PASS, PASS, BEGINS],
            ),
            ("partitions at different minutes", &[0, 600, 1, 601, 59], &[PASS, PASS, PASS, PASS, BEGINS]),
        ];
        for (name, seconds, expected) in cases {
            let mut guard = FloodGuard::new(Some(2));
            assert_eq!(admit(&mut guard, "r", seconds), expected, "{name}");
        }
    }

    #[test]
    fn rules_are_counted_apart_and_without_a_limit_all_pass() {
        let mut guard = FloodGuard::new(Some(1));
        assert_eq!(admit(&mut guard, "a", &[0, 1]), [PASS, BEGINS]);
        assert_eq!(admit(&mut guard, "b", &[2]), [PASS]);
        assert_eq!(admit(&mut FloodGuard::new(None), "a", &[0, 0, 0]), [PASS; 3]);
    }

    #[test]
    fn an_aborted_transaction_counts_nothing() {
        let mut guard = FloodGuard::new(Some(2));
        admit(&mut guard, "a", &[0]);
        guard.committed();
        for _ in 0..5 {
            assert_eq!(admit(&mut guard, "a", &[1, 2]), [PASS, BEGINS]);
            guard.aborted();
        }
        assert_eq!(admit(&mut guard, "a", &[1]), [PASS]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut guard = FloodGuard::new(Some(1));
        for minute in 0..5_000 {
            admit(&mut guard, "a", &[minute * 60]);
        }
        guard.committed();
        assert_eq!(guard.counts["a"].len(), MINUTES_KEPT);
    }
}
