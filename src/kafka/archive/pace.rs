//! When to look again whether partitions can be read.
#![expect(clippy::disallowed_methods, reason = "paces the looks")]

use std::time::{Duration, Instant};

/// From a look in vain to the next; doubled with every further one.
const PAUSE: Duration = Duration::from_millis(5);

/// The pause is doubled so often at most.
const MOST_DOUBLINGS: u32 = 5;

/// When to look again, and at which partition first.
pub(super) struct Pace {
    next: Instant,
    /// Looks in vain in a row.
    vain: u32,
    pub(super) last: i32,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { next: Instant::now(), vain: 0, last: i32::MIN }
    }

    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    pub(super) fn wait(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    pub(super) fn rest(&mut self, vain: bool) {
        self.vain = if vain { self.vain.saturating_add(1) } else { 0 };
        self.next = Instant::now() + PAUSE * 2_u32.pow(self.vain.min(MOST_DOUBLINGS));
    }

    /// The partitions that wait, those first that come after the last one asked about: not all may have their turn.
    pub(super) fn turns(&self, waiting: impl Iterator<Item = i32>) -> Vec<i32> {
        let (before, after): (Vec<i32>, Vec<i32>) = waiting.partition(|partition| *partition <= self.last);
        after.into_iter().chain(before).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_had_no_turn_come_first() {
        let pace = |last| Pace { last, ..Pace::new() };
        let turns = |last| pace(last).turns([1, 4, 7].into_iter());
        assert_eq!(turns(i32::MIN), [1, 4, 7]);
        assert_eq!(turns(4), [7, 1, 4]);
        assert_eq!(turns(7), [1, 4, 7]);
    }

    #[test]
    fn looks_in_vain_come_ever_more_seldom_up_to_a_bound() {
        let mut pace = Pace::new();
        assert!(pace.is_due());
        for _ in 0..40 {
            pace.rest(true);
        }
        assert!(!pace.is_due() && pace.wait() <= PAUSE * 32, "{:?}", pace.wait());
        pace.rest(false);
        assert!(pace.wait() <= PAUSE);
    }
}
