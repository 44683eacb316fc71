//! Random numbers that never change: splitmix64, a few lines whose output is fixed by its definition.
//!
//! A crate would do, but a pinned trace must survive its upgrades, and nothing here needs to be secret.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream of that seed.
    pub(super) fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    /// A number from all of them.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        scale(self.next(), bound)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let index = self.below(items.len() as u64);
        items[usize::try_from(index).unwrap_or(0)]
    }
}

/// A number derived from another: equal for equal input, else as good as random.
pub(super) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Maps a number from all of them to one below `bound`, without the bias of a remainder.
fn scale(value: u64, bound: u64) -> u64 {
    ((u128::from(value) * u128::from(bound)) >> 64) as u64
}

/// A range of draws that counts as a hit. Ranges that follow each other divide one draw between several
/// outcomes without overlap. By default no draw hits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Odds {
    from: f64,
    to: f64,
}

impl Odds {
    /// Hits in the share `share` of draws; none if it is no share.
    pub(super) fn up_to(share: f64) -> Option<Odds> {
        Odds { from: 0.0, to: 0.0 }.then(share)
    }

    /// The range of size `share` that follows this one; none if it is no share or goes beyond 1.
    pub(super) fn then(self, share: f64) -> Option<Odds> {
        let odds = Odds { from: self.to, to: self.to + share };
        (share >= 0.0 && odds.to <= 1.0).then_some(odds)
    }

    /// Whether the draw falls into the range.
    #[expect(clippy::cast_precision_loss, reason = "53 bits of a draw are plenty for a share")]
    pub(super) fn hit(self, draw: u64) -> bool {
        let draw = (draw >> 11) as f64 / (1_u64 << 53) as f64;
        draw >= self.from && draw < self.to
    }
}
