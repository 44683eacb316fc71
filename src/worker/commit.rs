//! When to commit: a pure function of facts.
//!
//! A flag is readable once its transaction is committed, so with flags pending a commit comes soon. It
//! costs the same however much it covers, so it must not come too often either: a pause of four times its own
//! duration bounds its share of the time at a fifth, however slow the broker is. The 100 ms ceiling wins over
//! that pause: a slow cluster delays flags by its own slowness, not by five times that.
//!
//! State that a stage has gathered (changed windows) nobody reads before a restart: it waits for the ceiling, so that what
//! changes often is written once and a flag that comes in between finds little to be written before it; and there the
//! pause wins, up to the interval. Without anything pending only offsets move, which nobody waits for.

use std::time::Duration;

/// When a worker commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitPolicy {
    /// Shortest pause between commits.
    pub floor: Duration,
    /// Pause in multiples of the last commit's own duration.
    pub factor: u32,
    /// Longest time that a pending message waits for a commit to begin.
    pub ceiling: Duration,
    /// Time between commits that move offsets only.
    pub interval: Duration,
}

impl Default for CommitPolicy {
    fn default() -> CommitPolicy {
        CommitPolicy {
            floor: Duration::from_millis(5),
            factor: 4,
            ceiling: Duration::from_millis(100),
            interval: Duration::from_secs(1),
        }
    }
}

/// What a worker knows when it asks whether to commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What a commit would make durable.
    pub pending: Pending,
    /// Time since the last commit ended, or since the start.
    pub since_commit: Duration,
    /// How long the last commit took; zero if there was none.
    pub last_duration: Duration,
}

/// What a commit would make durable, in rising urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pending {
    /// Nothing: no commit, ever. Empty transactions are not allowed.
    Nothing,
    /// Offsets moved.
    Offsets,
    /// A stage has gathered state.
    State,
    /// Messages were sent.
    Messages,
}

impl CommitPolicy {
    /// True if it is time to commit.
    pub fn is_due(&self, facts: &Facts) -> bool {
        self.due_in(facts).is_some_and(|wait| wait.is_zero())
    }

    /// How long until a commit is due, so that the worker polls no longer than that; none if there is
    /// nothing to commit.
    pub fn due_in(&self, facts: &Facts) -> Option<Duration> {
        let pause = match facts.pending {
            Pending::Nothing => return None,
            Pending::Offsets => self.interval,
            Pending::State => self.ceiling.max(self.rest(facts.last_duration).min(self.interval)),
            Pending::Messages => self.rest(facts.last_duration).max(self.floor).min(self.ceiling),
        };
        Some(pause.saturating_sub(facts.since_commit))
    }

    /// What keeps commits to a bounded share of the time.
    fn rest(&self, last_duration: Duration) -> Duration {
        last_duration.saturating_mul(self.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        use Pending::{Messages, Nothing, Offsets, State};
        // what it shows, pending, ms since the last commit, ms it took, ms until due
        let cases = [
            ("nothing is never committed", Nothing, 100_000, 3, None),
            ("offsets wait for the interval", Offsets, 200, 3, Some(800)),
            ("offsets at the interval", Offsets, 1_000, 3, Some(0)),
            ("state waits for the ceiling", State, 40, 3, Some(60)),
            ("state on a slow cluster waits for the pause", State, 100, 150, Some(500)),
            ("state waits for the interval at most", State, 1_000, 400, Some(0)),
            ("a first message waits for the floor", Messages, 0, 0, Some(5)),
            ("a quick commit: the floor", Messages, 4, 1, Some(1)),
            ("four times the last duration", Messages, 12, 6, Some(12)),
            ("four times the last duration, over", Messages, 24, 6, Some(0)),
            ("a slow commit: the ceiling", Messages, 99, 150, Some(1)),
            ("a slow commit: the ceiling, over", Messages, 100, 150, Some(0)),
            ("a message after a long calm", Messages, 900, 3, Some(0)),
        ];
        let policy = CommitPolicy::default();
        for (name, pending, since, took, expected) in cases {
            let facts = Facts {
                pending,
                since_commit: Duration::from_millis(since),
                last_duration: Duration::from_millis(took),
            };
            assert_eq!(policy.due_in(&facts), expected.map(Duration::from_millis), "{name}");
            assert_eq!(policy.is_due(&facts), expected == Some(0), "{name}");
        }
    }

    #[test]
    fn an_absurd_duration_does_not_overflow() {
        let facts =
            Facts { pending: Pending::Messages, since_commit: Duration::ZERO, last_duration: Duration::MAX };
        assert_eq!(CommitPolicy::default().due_in(&facts), Some(Duration::from_millis(100)));
        let facts = Facts { pending: Pending::State, ..facts };
        assert_eq!(CommitPolicy::default().due_in(&facts), Some(Duration::from_secs(1)));
    }
}
