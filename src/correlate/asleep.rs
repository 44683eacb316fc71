//! Keys asleep, each with its windows as bytes, and when to look whether their time is over.

use super::encode::Head;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use pieces::{Pieces, Place, short};
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

pub(super) use pieces::Record;

mod pieces;

impl Record<'_> {
    /// Looks at its beginning, which nearly always is all of it. What it yields means nothing.
    pub(super) fn fetch(&self) -> u64 {
        let lines = self.bytes.iter().step_by(LINE).take(MOST_LINES);
        lines.fold(self.key.len() as u64, |sum, byte| sum.wrapping_add((*byte).into()))
    }

    /// Until when they are to be kept.
    fn deadline(&self) -> i64 {
        Head::read(self.bytes).map_or(i64::MIN, |(head, _)| head.deadline)
    }
}

/// Bytes that memory yields at a time, and how often it is asked for some at most.
const LINE: usize = 64;
const MOST_LINES: usize = 64;

/// How many pieces are emptied at a time, at most: one removal makes at most one piece too many, but where pieces grow it may be several.
const MOST_EMPTIED: usize = 8;

/// All keys asleep.
#[derive(Debug, Default)]
pub(super) struct Asleep {
    hasher: RandomState,
    /// By key: where it stands.
    index: HashTable<u32>,
    pieces: Pieces,
    slots: Vec<Slot>,
    /// Those of the slots that nothing stands in.
    free: Vec<u32>,
    /// When to look at which of them, by [`due`]: not before, but perhaps once too often, for a deadline that moved to a later time is
    /// looked up only then.
    dues: BTreeMap<i64, Vec<u32>>,
}

#[derive(Debug)]
struct Slot {
    /// Where in [`Asleep::dues`] it stands, whatever it holds by then: not later than what it holds wants it. Entries for it that are
    /// elsewhere are void.
    due: i64,
    place: Option<Place>,
}

impl Slot {
    /// What stands in it.
    fn record<'p>(&self, pieces: &'p Pieces) -> Option<Record<'p>> {
        pieces.get(self.place?)
    }
}

/// Of a slot that stands nowhere.
const NOWHERE: i64 = i64::MAX;

/// Deadlines of about a second are looked at together, when all of them have passed.
fn due(deadline: i64) -> i64 {
    (deadline >> 10) + 1
}

impl Asleep {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// What stands for a key in look-ups.
    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Where the record of a key of that hash stands. It stays there until it is removed.
    pub(super) fn find(&self, hash: u64, key: &[u8]) -> Option<u32> {
        self.index.find(hash, is_of(&self.slots, &self.pieces, key)).copied()
    }

    /// Where the record of a key of that hash stands, most likely: it is not looked at, and may be another's.
    pub(super) fn likely(&self, hash: u64) -> Option<u32> {
        self.index.find(hash, |_| true).copied()
    }

    /// The record that stands there.
    pub(super) fn at(&self, at: u32) -> Option<Record<'_>> {
        self.slots[at as usize].record(&self.pieces)
    }

    /// The record of a key.
    #[cfg(test)]
    pub(super) fn get(&self, key: &[u8]) -> Option<Record<'_>> {
        self.at(self.find(self.hash(key), key)?)
    }

    /// Takes the bytes of a key, in the place of those that it had.
    pub(super) fn put_bytes(&mut self, key: &[u8], bytes: &[u8]) {
        let hash = self.hash(key);
        self.put((hash, self.find(hash, key)), key, bytes);
    }

    /// Takes the bytes of a key of that hash, in the place of those that were found.
    pub(super) fn put(&mut self, (hash, found): (u64, Option<u32>), key: &[u8], bytes: &[u8]) {
        let own = |at: u32| self.at(at).is_some_and(|before| before.key == key);
        debug_assert!(found.is_none_or(own), "a key sleeps where it slept");
        let before = found.and_then(|at| self.slots[at as usize].place);
        let at = found.unwrap_or_else(|| self.enter(hash));
        if !before.is_some_and(|place| self.pieces.overwrite(place, bytes)) {
            self.slots[at as usize].place = Some(self.pieces.put(at, key, bytes));
            if let Some(place) = before {
                self.pieces.remove(place);
            }
            self.fill_holes();
        }
        self.advance(at);
    }

    /// A slot for a key that is new.
    fn enter(&mut self, hash: u64) -> u32 {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { due: NOWHERE, place: None });
            short(self.slots.len() - 1)
        });
        let (slots, pieces, hasher) = (&self.slots, &self.pieces, &self.hasher);
        let hash_of =
            |at: &u32| slots[*at as usize].record(pieces).map_or(0, |record| hasher.hash_one(record.key));
        self.index.insert_unique(hash, at, hash_of);
        at
    }

    /// Moves what stands between too many holes, a bounded number of pieces at a time.
    fn fill_holes(&mut self) {
        for _ in 0..MOST_EMPTIED {
            let Some((number, piece)) = self.pieces.take_worst() else { break };
            for (place, Record { slot, key, bytes, .. }) in piece.records(number) {
                let own = &mut self.slots[slot as usize].place;
                if *own == Some(place) {
                    *own = Some(self.pieces.put(slot, key, bytes));
                }
            }
            self.pieces.give_back((number, piece));
        }
    }

    /// Looks at it sooner if its deadline is earlier now. That it became later is seen when it is looked at.
    fn advance(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        let due = due(slot.record(&self.pieces).map_or(i64::MIN, |record| record.deadline()));
        if due < slot.due {
            slot.due = due;
            self.dues.entry(due).or_default().push(at);
        }
    }

    /// Forgets a key of that hash. Its slot stands where it stood, for whoever comes next.
    pub(super) fn remove(&mut self, hash: u64, key: &[u8]) {
        let same = is_of(&self.slots, &self.pieces, key);
        let Ok(entry) = self.index.find_entry(hash, same) else { return };
        let (at, _) = entry.remove();
        if let Some(place) = self.slots[at as usize].place.take() {
            self.pieces.remove(place);
        }
        self.free.push(at);
        self.fill_holes();
    }

    /// Keys whose time is over by that clock; looks at so many at most. They are looked at again until they are removed.
    pub(super) fn over(&mut self, clock: i64, most: usize) -> Vec<Arc<[u8]>> {
        let now = clock >> 10;
        let (mut left, mut over) = (most, Vec::new());
        while left > 0
            && let Some(entry) = self.dues.first_entry()
            && *entry.key() <= now
        {
            let (due, mut these) = entry.remove_entry();
            let rest = these.split_off(these.len().min(left));
            if !rest.is_empty() {
                self.dues.insert(due, rest);
            }
            left -= these.len();
            over.extend(these.into_iter().filter_map(|at| self.look(at, (due, now, clock))));
        }
        over
    }

    fn look(&mut self, at: u32, (stood, now, clock): (i64, i64, i64)) -> Option<Arc<[u8]>> {
        let slot = &mut self.slots[at as usize];
        if slot.due != stood {
            return None;
        }
        let Some(record) = slot.record(&self.pieces) else {
            slot.due = NOWHERE;
            return None;
        };
        slot.due = due(record.deadline()).max(now + 1);
        self.dues.entry(slot.due).or_default().push(at);
        (record.deadline() < clock).then(|| record.key.into())
    }
}

/// Whether a slot is that of a key.
fn is_of(slots: &[Slot], pieces: &Pieces, key: &[u8]) -> impl Fn(&u32) -> bool {
    move |at| slots[*at as usize].record(pieces).is_some_and(|record| record.key == key)
}

#[cfg(test)]
mod tests;
