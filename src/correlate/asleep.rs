//! Keys asleep, each with its windows as bytes, and when to look whether their time is over.
//!
//! A key stands in one piece with its bytes, and nothing else is allocated for it. Where small pieces that stay stand between the
//! large ones that are replaced, the room that these leave cannot be used by larger ones: a million keys, restored in ten versions each,
//! took twice the memory of their bytes.

use super::encode::Head;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// A key and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record(Arc<[u8]>);

impl Record {
    /// The record of a key, of which `write` writes the bytes; `room` is memory to be used for that.
    pub(super) fn new(key: &[u8], room: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> Record {
        room.clear();
        // A key is far below 4 GiB.
        room.extend(u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
        room.extend(key);
        write(room);
        Record(room.as_slice().into())
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        let halves = self.0.split_first_chunk().map(|(length, rest)| (u32::from_be_bytes(*length), rest));
        halves.and_then(|(length, rest)| rest.split_at_checked(length as usize)).unwrap_or_default()
    }

    /// The key.
    pub(super) fn key(&self) -> &[u8] {
        self.parts().0
    }

    /// The bytes of its windows.
    pub(super) fn bytes(&self) -> &[u8] {
        self.parts().1
    }

    /// Looks at its beginning, which nearly always is all of it. What it yields means nothing.
    pub(super) fn fetch(&self) -> u64 {
        self.0.iter().step_by(LINE).take(MOST_LINES).fold(0, |sum, byte| sum.wrapping_add((*byte).into()))
    }

    /// What both are a stretch of.
    pub(super) fn all(&self) -> &Arc<[u8]> {
        &self.0
    }

    /// Until when they are to be kept.
    fn deadline(&self) -> i64 {
        Head::read(self.bytes()).map_or(i64::MIN, |(head, _)| head.deadline)
    }

    /// Takes other bytes in the place of its own if they are as many, as one version is often as long as the one before.
    fn overwrite(&mut self, bytes: &[u8]) -> bool {
        let old = self.bytes().len();
        let own = Arc::get_mut(&mut self.0).filter(|_| old == bytes.len());
        let Some(own) = own.and_then(|all| all.len().checked_sub(old).and_then(|at| all.get_mut(at..)))
        else {
            return false;
        };
        own.copy_from_slice(bytes);
        true
    }
}

/// Bytes that memory yields at a time, and how often it is asked for some at most.
const LINE: usize = 64;
const MOST_LINES: usize = 64;

/// All keys asleep.
#[derive(Debug, Default)]
pub(super) struct Asleep {
    hasher: RandomState,
    /// By key: where it stands.
    index: HashTable<u32>,
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
    record: Option<Record>,
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
        self.index.find(hash, is_of(&self.slots, key)).copied()
    }

    /// Where the record of a key of that hash stands, most likely: it is not looked at, and may be another's.
    pub(super) fn likely(&self, hash: u64) -> Option<u32> {
        self.index.find(hash, |_| true).copied()
    }

    /// The record that stands there.
    pub(super) fn at(&self, at: u32) -> Option<&Record> {
        self.slots[at as usize].record.as_ref()
    }

    /// The record of a key.
    #[cfg(test)]
    pub(super) fn get(&self, key: &[u8]) -> Option<&Record> {
        self.at(self.find(self.hash(key), key)?)
    }

    /// Takes the bytes of a key, in the place of those that it had.
    pub(super) fn put_bytes(&mut self, key: &[u8], bytes: &[u8], room: &mut Vec<u8>) {
        let hash = self.hash(key);
        let found = self.find(hash, key);
        let record = found.and_then(|at| self.slots[at as usize].record.as_mut());
        match (found, record.is_some_and(|record| record.overwrite(bytes))) {
            (Some(at), true) => self.advance(at),
            (found, _) => self.put(found, hash, Record::new(key, room, |room| room.extend(bytes))),
        }
    }

    /// Takes the record of a key of that hash, in the place of the one that was found.
    pub(super) fn put(&mut self, found: Option<u32>, hash: u64, record: Record) {
        let own = |at: u32| self.at(at).is_some_and(|before| before.key() == record.key());
        debug_assert!(found.is_none_or(own), "a key sleeps where it slept");
        let at = found.unwrap_or_else(|| self.enter(hash));
        self.slots[at as usize].record = Some(record);
        self.advance(at);
    }

    /// A slot for a key that is new.
    fn enter(&mut self, hash: u64) -> u32 {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { due: NOWHERE, record: None });
            number(self.slots.len() - 1)
        });
        let (slots, hasher) = (&self.slots, &self.hasher);
        let hash_of =
            |at: &u32| slots[*at as usize].record.as_ref().map_or(0, |one| hasher.hash_one(one.key()));
        self.index.insert_unique(hash, at, hash_of);
        at
    }

    /// Looks at it sooner if its deadline is earlier now. That it became later is seen when it is looked at.
    fn advance(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        let due = due(slot.record.as_ref().map_or(i64::MIN, Record::deadline));
        if due < slot.due {
            slot.due = due;
            self.dues.entry(due).or_default().push(at);
        }
    }

    /// Forgets a key. Its slot stands where it stood, for whoever comes next.
    pub(super) fn remove(&mut self, key: &[u8]) {
        let same = is_of(&self.slots, key);
        let Ok(entry) = self.index.find_entry(self.hash(key), same) else { return };
        let (at, _) = entry.remove();
        self.slots[at as usize].record = None;
        self.free.push(at);
    }

    /// Those whose time is over by that clock; looks at so many at most. They are looked at again until they are removed.
    pub(super) fn over(&mut self, clock: i64, most: usize) -> Vec<Record> {
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

    fn look(&mut self, at: u32, (stood, now, clock): (i64, i64, i64)) -> Option<Record> {
        let slot = &mut self.slots[at as usize];
        if slot.due != stood {
            return None;
        }
        let Some(record) = &slot.record else {
            slot.due = NOWHERE;
            return None;
        };
        slot.due = due(record.deadline()).max(now + 1);
        self.dues.entry(slot.due).or_default().push(at);
        (record.deadline() < clock).then(|| record.clone())
    }
}

/// Whether a slot is that of a key.
fn is_of(slots: &[Slot], key: &[u8]) -> impl Fn(&u32) -> bool {
    move |at| slots[*at as usize].record.as_ref().is_some_and(|record| record.key() == key)
}

/// A slot's number. Four billion keys are more than there is memory for.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
