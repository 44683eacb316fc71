//! The windows of a partition: all of its group keys, nearly all of them asleep.
//!
//! A key that nothing comes for is kept as the bytes that the log has of it; the first hit wakes it, and with the next commit it
//! is written and sleeps again. So a million keys cost their bytes, restoring them costs no more than reading them, and what an
//! aborted transaction did is forgotten by forgetting those that are awake.
//!
//! A clock goes with the greatest time of an event, and frees memory: keys whose deadline has passed are removed from the log
//! too. It decides nothing else: a window whose deadline has passed is as good as removed whether or not it was yet.

use super::asleep::Asleep;
use super::encode::{self, Head, Known};
use super::hit::{Hit, Unreadable};
use super::set::Correlations;
use super::spare::Spare;
use super::state::{Clock, Folded, KeyState, Results};
pub use ahead::AHEAD;
use hashbrown::HashTable;
use std::ops::Range;
use std::sync::Arc;

mod ahead;

/// How many keys are looked at, and perhaps removed, at a time at most, so that removing holds up nothing.
const MOST_LOOKED: usize = 10_000;

/// Most bytes of a key's windows, so that they fit a record of Kafka's usual size; and how often they are halved for that.
pub const MOST_BYTES: usize = 900_000;
const MOST_HALVINGS: usize = 20;

/// The windows of a partition.
#[derive(Debug)]
pub struct Store {
    grace: i64,
    /// The greatest time of an event.
    clock: i64,
    /// The same when what was folded was last durable.
    durable: i64,
    asleep: Asleep,
    /// Those awake, as they woke, and where each stands.
    awake: Vec<Awake>,
    places: HashTable<usize>,
    /// How many of them nothing is known of.
    new: usize,
    /// What was written and is not yet durable: records, and keys that go.
    written: Vec<Written>,
    /// Topics of events, so that they are kept once.
    topics: Vec<Arc<str>>,
    /// The bytes of these records.
    bytes: Vec<u8>,
    /// Memory of those that went to sleep.
    spare: Spare,
}

/// A key whose windows are in memory.
#[derive(Debug)]
struct Awake {
    key: Arc<[u8]>,
    hash: u64,
    /// Where it slept.
    bed: Option<u32>,
    state: KeyState,
}

/// What was written of a key.
#[derive(Debug)]
struct Written {
    key: Arc<[u8]>,
    hash: u64,
    /// Where it slept.
    bed: Option<u32>,
    /// Which of the bytes; none if it goes.
    bytes: Option<Range<usize>>,
}

/// Room for so many bytes of what was written is kept, or for twice what was written last.
const LEAST_ROOM: usize = 1 << 16;

/// What becomes of a key in the log.
pub type Write<'w> = (&'w [u8], Option<&'w [u8]>);

impl Store {
    /// An empty one. Windows are kept for `grace` milliseconds after their events ceased to count.
    pub fn new(grace: i64) -> Store {
        Store {
            grace,
            clock: i64::MIN,
            durable: i64::MIN,
            asleep: Asleep::default(),
            awake: Vec::new(),
            places: HashTable::new(),
            new: 0,
            written: Vec::new(),
            topics: Vec::new(),
            bytes: Vec::new(),
            spare: Spare::default(),
        }
    }

    /// Takes a key's windows from the log; nothing removes them.
    pub fn restore(&mut self, key: &[u8], bytes: Option<&[u8]>) -> Result<(), Unreadable> {
        let Some(bytes) = bytes else {
            self.asleep.remove(self.asleep.hash(key), key);
            return Ok(());
        };
        let Head { touched, .. } = Head::read(bytes)?.0;
        self.clock = self.clock.max(touched);
        self.durable = self.clock;
        self.asleep.put_bytes(key, bytes);
        Ok(())
    }

    /// Folds a hit.
    pub fn fold(
        &mut self,
        set: &Correlations,
        hit: &Hit,
        results: &impl Results,
    ) -> Result<Folded, Unreadable> {
        self.clock = self.clock.max(hit.at.time());
        let clock = Clock { now: self.clock, grace: self.grace };
        let key = hit.key.shared();
        let hash = self.asleep.hash(key);
        let place = match self.place(hash, key) {
            Some(place) => place,
            None => self.wake(set, hash, key)?,
        };
        Ok(self.awake[place].state.fold(set, hit, clock, results, &mut self.spare))
    }

    /// Where a key of that hash stands among those awake.
    fn place(&self, hash: u64, key: &[u8]) -> Option<usize> {
        self.places.find(hash, |place| *self.awake[*place].key == *key).copied()
    }

    /// Reads the windows of a key, if there are any.
    fn wake(&mut self, set: &Correlations, hash: u64, key: &Arc<[u8]>) -> Result<usize, Unreadable> {
        let mut known = Known { set, topics: &mut self.topics, spare: &mut self.spare };
        let bed = self.asleep.find(hash, key);
        let state = if let Some(record) = bed.and_then(|bed| self.asleep.at(bed)) {
            encode::decode(record.all, record.bytes, &mut known)?
        } else {
            self.new += 1;
            self.spare.state()
        };
        let (place, awake) = (self.awake.len(), &self.awake);
        self.places.insert_unique(hash, place, |place| awake[*place].hash);
        self.awake.push(Awake { key: Arc::clone(key), hash, bed, state });
        Ok(place)
    }

    /// Writes every key that changed, and removes some of those whose time is over; stops at the first failure.
    ///
    /// If none changed, nothing is removed either. What is being restored, perhaps once more from the beginning, never changed: of its keys an older
    /// version may be the last that was read, and what the log has behind it must not be removed.
    pub fn write<E>(
        &mut self,
        set: &Correlations,
        mut write: impl FnMut(Write<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.awake.is_empty() {
            return Ok(());
        }
        for key in self.asleep.over(self.clock, MOST_LOOKED) {
            let hash = self.asleep.hash(&key);
            if self.place(hash, &key).is_none() {
                self.written.push(Written { key, hash, bed: None, bytes: None });
            }
        }
        self.places.clear();
        self.new = 0;
        for Awake { key, hash, bed, mut state } in self.awake.drain(..) {
            let head = state.settle(set, self.grace, &mut self.spare);
            let bytes = head.map(|head| fitting(&mut state, head, &mut self.spare, &mut self.bytes));
            self.spare.take(state);
            // A key that nothing is kept of and that the log does not know needs no word.
            if bytes.is_some() || bed.is_some() {
                self.written.push(Written { key, hash, bed, bytes });
            }
        }
        let bytes = |written: &Written| written.bytes.clone().map(|range| &self.bytes[range]);
        self.written.iter().try_for_each(|written| write((&written.key, bytes(written))))
    }

    /// True if something changed since it was last durable.
    pub fn is_changed(&self) -> bool {
        !self.awake.is_empty()
    }

    /// What was written is durable.
    pub fn committed(&mut self) {
        self.durable = self.clock;
        for Written { key, hash, bed, bytes } in self.written.drain(..) {
            match bytes {
                Some(range) => self.asleep.put((hash, bed), &key, &self.bytes[range]),
                None => self.asleep.remove(hash, &key),
            }
        }
        self.forget_bytes();
    }

    fn forget_bytes(&mut self) {
        let room = LEAST_ROOM.max(2 * self.bytes.len());
        self.bytes.clear();
        self.bytes.shrink_to(room);
    }

    /// What was folded since the last commit is void.
    pub fn aborted(&mut self) {
        self.clock = self.durable;
        self.awake.clear();
        self.places.clear();
        self.new = 0;
        self.written.clear();
        self.forget_bytes();
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        self.asleep.len() + self.new
    }
}

/// Appends the bytes of a key's windows, few enough for the log; yields which they are.
fn fitting(state: &mut KeyState, head: Head, spare: &mut Spare, bytes: &mut Vec<u8>) -> Range<usize> {
    let start = bytes.len();
    encode::encode(state, head, bytes);
    for _ in 0..MOST_HALVINGS {
        if bytes.len() - start <= MOST_BYTES {
            break;
        }
        state.halve(spare);
        bytes.truncate(start);
        encode::encode(state, head, bytes);
    }
    start..bytes.len()
}

#[cfg(test)]
mod tests;
