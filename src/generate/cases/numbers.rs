//! Numbers that say nothing: ids that look alike for every case, and the draws that the core needs besides.
//!
//! Only integer arithmetic and exact operations on floating-point numbers, so that every machine draws the same.

use crate::generate::random::{Random, mix};

/// Bits of an id.
const BITS: u32 = 40;
const MASK: u64 = (1 << BITS) - 1;
/// Rooms and sessions that a case can have.
pub(super) const MOST_PLACES: u64 = 16;

/// Turns numbers in a row into ids that do not show it. One to one, so that no two are the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identities {
    key: u64,
}

impl Identities {
    pub(super) fn new(seed: u64) -> Identities {
        Identities { key: mix(seed ^ 0x5eed_1d5e) & MASK }
    }

    pub(super) fn person(self, number: u64) -> u64 {
        self.scramble(number, 0x9e37_79b9_7f4b)
    }

    /// The room of a case by its place in it.
    pub(super) fn room(self, case: u64, place: u8) -> u64 {
        self.scramble(case * MOST_PLACES + u64::from(place), 0xbf58_476d_1ce5)
    }

    pub(super) fn session(self, case: u64, place: u8) -> u64 {
        self.scramble(case * MOST_PLACES + u64::from(place), 0x94d0_49bb_1331)
    }

    pub(super) fn payment(self, event: u64) -> u64 {
        self.scramble(event, 0xd6e8_feb8_6659)
    }

    /// An odd factor and a shift to the right can each be undone modulo a power of two.
    fn scramble(self, number: u64, odd: u64) -> u64 {
        let mixed = (number ^ self.key).wrapping_mul(odd | 1) & MASK;
        (mixed ^ (mixed >> 19)).wrapping_mul(0x2545_f491_4f6d | 1) & MASK
    }
}

/// A share of draws, in thousandths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share(u64);

impl Share {
    pub(super) const fn percent(percent: u64) -> Share {
        Share(percent * 10)
    }
}

impl Random {
    /// True in that share of draws.
    pub(super) fn share(&mut self, share: Share) -> bool {
        self.below(1_000) < share.0
    }

    /// A small number from `low` to `high`.
    pub(super) fn small(&mut self, low: u8, high: u8) -> u8 {
        u8::try_from(self.between(u64::from(low), u64::from(high))).unwrap_or(high)
    }

    /// A number from `low` to about `high` whose size, not value, is drawn evenly: as many from 1 to 2 as from 100 to 200.
    pub(super) fn spread(&mut self, low: u64, high: u64) -> u64 {
        let low = low.max(1);
        let doublings = u64::from((high / low).max(1).ilog2());
        let base = low << self.below(doublings + 1);
        self.between(base, (base * 2 - 1).clamp(base, high.max(base)))
    }

    /// One of them, as often as its weight says.
    pub(super) fn pick_weighted<T: Copy>(&mut self, items: &[(T, u64)]) -> T {
        let mut draw = self.below(items.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in items {
            match draw.checked_sub(*weight) {
                Some(rest) => draw = rest,
                None => return *item,
            }
        }
        items[0].0
    }

    /// Time until the next of things that come at random, `mean` apart on average.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "bounded by 37 times the mean"
    )]
    pub(super) fn waiting(&mut self, mean: f64) -> i64 {
        let draw = ((self.next() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        (-ln(draw) * mean) as i64
    }
}

/// The natural logarithm of a number above 0, by operations whose results are the same on every machine; the standard library's
/// need not be.
fn ln(number: f64) -> f64 {
    let bits = number.to_bits();
    let exponent = f64::from(u32::try_from((bits >> 52) & 0x7ff).unwrap_or(0)) - 1023.0;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (square, mut term, mut sum, mut divisor) = (ratio * ratio, ratio, 0.0, 1.0);
    for _ in 0..16 {
        sum += term / divisor;
        term *= square;
        divisor += 2.0;
    }
    2.0 * sum + exponent * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn logarithms_are_right() {
        for number in [1e-9, 0.1, 0.5, 0.75, 1.0] {
            assert!((ln(number) - f64::ln(number)).abs() < 1e-9, "{number}");
        }
    }

    #[test]
    fn no_two_ids_are_the_same() {
        let identities = Identities::new(3);
        let ids: BTreeSet<_> = (0..200_000).map(|number| identities.person(number)).collect();
        assert_eq!(ids.len(), 200_000);
        assert!(ids.iter().all(|id| *id <= MASK));
    }

    #[test]
    fn waiting_times_have_their_mean() {
        let mut random = Random::new(1);
        let sum: i64 = (0..100_000).map(|_| random.waiting(1_000.0)).sum();
        assert!((98_000_000..102_000_000).contains(&sum), "{sum}");
    }
}
