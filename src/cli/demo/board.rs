//! What the demo knows while it runs: one value, filled by its threads and read by the display.
//!
//! Flags and dead letters are counted where a reviewer would meet them, on the output topics, and not where
//! they are made: so the summary tells what came through.

use super::CAUGHT;
use super::cases::Cases;
use super::shown::Shown;
use crate::rule::model::Level;
use crate::truth::Truth;
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Latest flags that are kept for the display: more than come between two looks.
const LATEST: usize = 200;
/// Span over which the rate is measured.
const RATE_OVER: Duration = Duration::from_secs(2);

/// Flags of a rule, as they were read from the topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count {
    pub(super) flags: u64,
    pub(super) shadow: u64,
}

/// A rule as the tables show it: the gravest first, then by name.
pub(super) type RuleKey = (Reverse<Level>, String);

/// All that the display and the summary tell.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// Records sent to the broker.
    pub(super) sent: u64,
    /// Records that the worker has taken.
    pub(super) taken: u64,
    /// Hits that were given to correlations.
    pub(super) hits: u64,
    /// Hits that were folded.
    pub(super) folded: u64,
    /// Messages that the workers have handed over: flags of both kinds, and dead letters.
    pub(super) made: u64,
    /// Dead letters read from their topic.
    pub(super) dead: u64,
    /// Records that could not be decoded, by the error's code.
    pub(super) undecoded: BTreeMap<&'static str, u64>,
    /// Flags read from their topics, by rule.
    pub(super) rules: BTreeMap<RuleKey, Count>,
    /// The latest flags for reviewers, the newest first.
    pub(super) latest: VecDeque<Shown>,
    /// The cases of the trace.
    pub(super) cases: Cases,
    /// From sending an event to reading its flag, in microseconds, in the order of arrival.
    delays_us: Vec<u32>,
    /// When how many records had been taken.
    pace: VecDeque<(Duration, u64)>,
    /// All partitions are the worker's.
    pub(super) ready: bool,
}

impl Board {
    /// For a trace with this truth, if there is one.
    pub(super) fn new(truth: Option<Arc<Truth>>) -> Board {
        Board { cases: Cases::new(truth), ..Board::default() }
    }

    /// A batch was evaluated at time `now` since the start.
    pub(super) fn took(&mut self, now: Duration, records: u64, made: u64) {
        self.taken += records;
        self.made += made;
        self.pace.push_back((now, self.taken));
        while self.pace.front().is_some_and(|(then, _)| now.saturating_sub(*then) > RATE_OVER) {
            self.pace.pop_front();
        }
    }

    /// A batch of hits was folded.
    pub(super) fn folded(&mut self, hits: u64, made: u64) {
        self.folded += hits;
        self.made += made;
    }

    /// A flag was read; `delay` since its event was sent, where that is known.
    pub(super) fn flag(&mut self, shown: Shown, shadow: bool, delay: Option<Duration>) {
        let count = self.rules.entry((Reverse(shown.level), shown.rule.clone())).or_default();
        self.delays_us.extend(delay.map(|delay| u32::try_from(delay.as_micros()).unwrap_or(u32::MAX)));
        self.cases.flag(&shown, shadow);
        if shadow {
            count.shadow += 1;
            return;
        }
        count.flags += 1;
        self.latest.push_front(shown);
        self.latest.truncate(LATEST);
    }

    /// Flags for reviewers.
    pub(super) fn flags(&self) -> u64 {
        self.rules.values().map(|count| count.flags).sum()
    }

    /// Flags for reviewers that catch no case by themselves.
    pub(super) fn signs(&self) -> u64 {
        self.rules.iter().filter(|((level, _), _)| level.0 < CAUGHT).map(|(_, count)| count.flags).sum()
    }

    /// Flags in shadow.
    pub(super) fn shadow(&self) -> u64 {
        self.rules.values().map(|count| count.shadow).sum()
    }

    /// Flags for reviewers by level, the gravest first; levels without one are left out.
    pub(super) fn levels(&self) -> Vec<(Level, u64)> {
        let of = |level| {
            self.rules.iter().filter(move |((own, _), _)| own.0 == level).map(|(_, count)| count.flags)
        };
        let sums = Level::ALL.into_iter().rev().map(|level| (level, of(level).sum()));
        sums.filter(|(_, flags)| *flags > 0).collect()
    }

    /// Records sent and not yet taken.
    pub(super) fn lag(&self) -> u64 {
        self.sent.saturating_sub(self.taken)
    }

    /// Everything that was sent has been judged, and everything that was made of it has been read.
    pub(super) fn settled(&self) -> bool {
        self.lag() == 0 && self.folded >= self.hits && self.unread() == 0
    }

    /// Messages made and not yet read.
    pub(super) fn unread(&self) -> u64 {
        self.made.saturating_sub(self.flags() + self.shadow() + self.dead)
    }

    /// Events a second over the last seconds.
    pub(super) fn rate(&self) -> f64 {
        let (Some((from, before)), Some((to, after))) = (self.pace.front(), self.pace.back()) else {
            return 0.0;
        };
        per_second(after - before, to.saturating_sub(*from))
    }

    /// The delays at these shares of all; none without a flag.
    pub(super) fn delays<const N: usize>(&self, shares: [f64; N]) -> Option<[Duration; N]> {
        let mut sorted = self.delays_us.clone();
        sorted.sort_unstable();
        let last = sorted.len().checked_sub(1)?;
        Some(shares.map(|share| Duration::from_micros(u64::from(sorted[rank(last, share)]))))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index below the number of flags"
)]
fn rank(last: usize, share: f64) -> usize {
    ((last as f64 * share).round() as usize).min(last)
}

/// A count over a time.
#[expect(clippy::cast_precision_loss, reason = "for people")]
pub(super) fn per_second(count: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { count as f64 / time.as_secs_f64() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(level: Level, rule: &str) -> Shown {
        Shown { level, rule: rule.into(), ..Shown::default() }
    }

    #[test]
    fn counts_add_up() {
        let mut board = Board { sent: 10, ..Board::default() };
        board.took(Duration::from_secs(1), 6, 3);
        assert_eq!((board.lag(), board.unread(), board.settled()), (4, 3, false));
        board.flag(shown(Level::Low, "a"), false, None);
        board.flag(shown(Level::High, "b"), true, Some(Duration::from_millis(4)));
        board.dead += 1;
        board.took(Duration::from_secs(2), 4, 0);
        assert_eq!((board.flags(), board.shadow(), board.settled()), (1, 1, true));
        board.hits = 2;
        board.folded(1, 0);
        assert!(!board.settled());
        board.folded(1, 0);
        assert!(board.settled());
        assert_eq!(board.levels(), [(Level::Low, 1)]);
        assert_eq!(board.rules.keys().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert!((board.rate() - 4.0).abs() < 1e-9);
    }

    #[test]
    fn delays_are_ranked() {
        let mut board = Board::default();
        assert_eq!(board.delays([0.5]), None);
        for number in (1..=100).rev() {
            board.flag(shown(Level::Low, "a"), false, Some(Duration::from_millis(number)));
        }
        assert_eq!(board.delays([0.0, 0.5, 0.99, 1.0]), Some([1, 51, 99, 100].map(Duration::from_millis)));
    }
}
