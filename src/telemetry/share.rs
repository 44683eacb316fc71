//! Shares over the last minutes: how many of the events each rule fired on, how many of the records were
//! dead letters.
//!
//! A ring of ten slices; the share of a window is over the slices that still lie in it, so a window of
//! five minutes moves in steps of half a minute. Pure: the time comes with each call.

use foldhash::HashMap;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Slices of a window.
const SLICES: i64 = 10;

/// Counts of named parts of a whole over a moving window.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    slice_ms: i64,
    slices: VecDeque<Slice>,
}

#[derive(Debug, Clone)]
struct Slice {
    number: i64,
    whole: u64,
    parts: HashMap<Arc<str>, u64>,
}

impl Shares {
    /// A window of that many milliseconds.
    pub(super) fn new(window_ms: i64) -> Shares {
        Shares { slice_ms: (window_ms / SLICES).max(1), slices: VecDeque::new() }
    }

    /// Adds counts at a time. A clock that goes back a little adds to the newest slice; one that goes back by
    /// a window or more begins anew, or its slices would not age before the clock is where it was.
    pub(super) fn add<'a>(
        &mut self,
        now_ms: i64,
        whole: u64,
        parts: impl Iterator<Item = (&'a Arc<str>, u64)>,
    ) {
        self.advance(now_ms);
        if let Some(slice) = self.slices.back_mut() {
            slice.whole += whole;
            for (name, count) in parts {
                *slice.parts.entry(Arc::clone(name)).or_default() += count;
            }
        }
    }

    fn advance(&mut self, now_ms: i64) {
        let number = now_ms.div_euclid(self.slice_ms);
        if self.slices.back().is_some_and(|slice| number + SLICES <= slice.number) {
            self.slices.clear();
        }
        if self.slices.back().is_none_or(|slice| slice.number < number) {
            self.slices.push_back(Slice { number, whole: 0, parts: HashMap::default() });
        }
        while self.slices.front().is_some_and(|slice| slice.number <= number - SLICES) {
            self.slices.pop_front();
        }
    }

    /// The whole, and each part with its count, over the window that ends now.
    pub(super) fn sums(&self, now_ms: i64) -> (u64, BTreeMap<Arc<str>, u64>) {
        let mut parts = BTreeMap::new();
        for (name, count) in self.window(now_ms).flat_map(|slice| &slice.parts) {
            *parts.entry(Arc::clone(name)).or_default() += count;
        }
        (self.whole(now_ms), parts)
    }

    /// The whole, over the window that ends now.
    pub(super) fn whole(&self, now_ms: i64) -> u64 {
        self.window(now_ms).map(|slice| slice.whole).sum()
    }

    /// The count of one part, over the window that ends now.
    pub(super) fn part(&self, name: &str, now_ms: i64) -> u64 {
        self.window(now_ms).filter_map(|slice| slice.parts.get(name)).sum()
    }

    fn window(&self, now_ms: i64) -> impl Iterator<Item = &Slice> {
        let number = now_ms.div_euclid(self.slice_ms);
        self.slices.iter().filter(move |slice| slice.number > number - SLICES)
    }
}

/// `part / whole`, and 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_forgets_what_is_older() {
        let name: Arc<str> = "r".into();
        let mut shares = Shares::new(1_000);
        for now in [0, 950, 1_049] {
            shares.add(now, 10, std::iter::once((&name, 1)));
        }
        let at = |now| {
            let (whole, parts) = shares.sums(now);
            let part = parts.get("r").copied().unwrap_or_default();
            assert_eq!((shares.whole(now), shares.part("r", now), shares.part("s", now)), (whole, part, 0));
            (whole, part)
        };
        assert_eq!(at(1_049), (20, 2));
        assert_eq!(at(1_900), (10, 1));
        assert_eq!(at(5_000), (0, 0));
    }

    #[test]
    fn a_clock_that_goes_back_a_little_loses_nothing() {
        let mut shares = Shares::new(1_000);
        shares.add(5_000, 1, std::iter::empty());
        shares.add(4_100, 1, std::iter::empty());
        assert_eq!(shares.sums(5_000).0, 2);
    }

    #[test]
    fn a_clock_that_goes_back_far_begins_anew() {
        let mut shares = Shares::new(1_000);
        shares.add(5_000, 7, std::iter::empty());
        shares.add(3_000, 1, std::iter::empty());
        assert_eq!(shares.sums(3_000).0, 1);
        assert_eq!(shares.sums(4_900).0, 0, "what is older goes, also after the jump");
    }
}
