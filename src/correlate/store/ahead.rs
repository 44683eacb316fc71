//! Memory that folding will look at, asked for before: among many keys a hit waits longer for it than it is computed with, and several
//! hits wait for theirs no longer than one does if they wait together.
//!
//! Nothing is decided here. It is looked up where the keys of some hits stand, then looked at what stands there; none of these looks depends
//! on that of another hit, so that the processor does them at once. Its own instruction for that would need no result, but is not safe
//! code; here a sum that means nothing keeps the looks from being left out.

use super::super::hit::Hit;
use super::{Awake, Store};

/// For how many hits. For more of them, the first would have been displaced when it is their turn.
pub const AHEAD: usize = 16;

/// Where a key's windows stand, most likely.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// In memory, as they are folded.
    Awake(usize),
    /// In memory, as they are written.
    Asleep(u32),
}

impl Store {
    /// Where the windows of a hit's key stand, most likely, by its hash alone.
    pub fn likely(&self, hit: &Hit) -> Option<Place> {
        let hash = self.asleep.hash(hit.key.bytes());
        let awake = self.places.find(hash, |place| self.awake[*place].hash == hash);
        let awake = awake.map(|place| Place::Awake(*place));
        awake.or_else(|| self.asleep.likely(hash).map(Place::Asleep))
    }

    /// Looks at what stands there. What it yields means nothing.
    pub fn fetch(&self, place: Place) -> u64 {
        match place {
            Place::Awake(place) => self.awake[place].fetch(),
            Place::Asleep(at) => self.asleep.at(at).map_or(0, |record| record.fetch()),
        }
    }
}

impl Awake {
    fn fetch(&self) -> u64 {
        self.state.fetch().wrapping_add(self.key.first().copied().map_or(0, u64::from))
    }
}
