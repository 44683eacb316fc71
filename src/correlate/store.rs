//! The windows of a partition: all of its group keys, nearly all of them asleep.
//!
//! A key that nothing comes for is kept as the bytes that the log has of it; the first hit wakes it, and with the next commit it
//! is written and sleeps again. So a million keys cost their bytes, restoring them costs no more than reading them, and what an
//! aborted transaction did is forgotten by forgetting those that are awake.
//!
//! A clock goes with the greatest time of an event, and frees memory: keys whose deadline has passed are removed from the log
//! too. It decides nothing else: a window whose deadline has passed is as good as removed whether or not it was yet.

use super::encode::{self, Head};
use super::hit::{Hit, Unreadable};
use super::key::GroupKey;
use super::set::Correlations;
use super::state::{Clock, Folded, KeyState, Results};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How many keys are removed at a time at most, so that removing holds up nothing.
const MOST_REMOVED: usize = 10_000;

/// Most bytes of a key's windows, so that they fit a record of Kafka's usual size; and how often they are halved for that.
const MOST_BYTES: usize = 900_000;
const MOST_HALVINGS: usize = 20;

/// The windows of a partition.
#[derive(Debug)]
pub struct Store {
    grace: i64,
    /// The greatest time of an event.
    clock: i64,
    /// The same when what was folded was last durable.
    durable: i64,
    asleep: HashMap<Arc<[u8]>, Asleep, foldhash::fast::RandomState>,
    /// Those asleep by their deadline.
    deadlines: BTreeSet<(i64, Arc<[u8]>)>,
    awake: BTreeMap<Arc<[u8]>, KeyState>,
    /// What was written and is not yet durable.
    written: Vec<(Arc<[u8]>, Option<Asleep>)>,
}

#[derive(Debug)]
struct Asleep {
    deadline: i64,
    bytes: Box<[u8]>,
}

/// What becomes of a key in the log.
pub type Write<'w> = (&'w [u8], Option<&'w [u8]>);

impl Store {
    /// An empty one. Windows are kept for `grace` milliseconds after their events ceased to count.
    pub fn new(grace: i64) -> Store {
        Store {
            grace,
            clock: i64::MIN,
            durable: i64::MIN,
            asleep: HashMap::default(),
            deadlines: BTreeSet::new(),
            awake: BTreeMap::new(),
            written: Vec::new(),
        }
    }

    /// Takes a key's windows from the log; nothing removes them.
    pub fn restore(&mut self, key: &[u8], bytes: Option<Vec<u8>>) -> Result<(), Unreadable> {
        let key: Arc<[u8]> = key.into();
        let Some(bytes) = bytes else {
            self.sleep(key, None);
            return Ok(());
        };
        let Head { deadline, touched } = Head::read(&bytes)?.0;
        self.clock = self.clock.max(touched);
        self.durable = self.clock;
        self.sleep(key, Some(Asleep { deadline, bytes: bytes.into() }));
        Ok(())
    }

    /// Folds a hit.
    pub fn fold(
        &mut self,
        set: &Correlations,
        hit: Hit,
        results: &impl Results,
    ) -> Result<Folded, Unreadable> {
        self.clock = self.clock.max(hit.at.time());
        let clock = Clock { now: self.clock, grace: self.grace };
        if let Some(state) = self.awake.get_mut(hit.key.bytes()) {
            return Ok(state.fold(set, hit, clock, results));
        }
        let (key, mut state) = match self.asleep.get_key_value(hit.key.bytes()) {
            Some((key, asleep)) => (Arc::clone(key), encode::decode(&asleep.bytes)?),
            None => (Arc::from(hit.key.bytes()), KeyState::default()),
        };
        let folded = state.fold(set, hit, clock, results);
        self.awake.insert(key, state);
        Ok(folded)
    }

    /// Writes every key that changed, and removes some of those whose time is over; stops at the first failure.
    pub fn write<E>(
        &mut self,
        set: &Correlations,
        mut write: impl FnMut(Write<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.over();
        for (key, mut state) in std::mem::take(&mut self.awake) {
            state.tidy(set);
            let asleep = state.head(set, self.grace).map(|head| {
                let mut bytes = encode::encode(&state, head);
                for _ in 0..MOST_HALVINGS {
                    if bytes.len() <= MOST_BYTES {
                        break;
                    }
                    state.halve();
                    bytes = encode::encode(&state, head);
                }
                Asleep { deadline: head.deadline, bytes: bytes.into() }
            });
            // A key that nothing is kept of and that the log does not know needs no word.
            if asleep.is_some() || self.asleep.contains_key(&key) {
                self.written.push((key, asleep));
            }
        }
        self.written
            .iter()
            .try_for_each(|(key, asleep)| write((key, asleep.as_ref().map(|asleep| &*asleep.bytes))))
    }

    /// Marks keys whose time is over to be removed.
    fn over(&mut self) {
        let over = self.deadlines.iter().take_while(|(deadline, _)| *deadline < self.clock);
        let over = over.filter(|(_, key)| !self.awake.contains_key(key)).take(MOST_REMOVED);
        self.written.extend(over.map(|(_, key)| (Arc::clone(key), None)));
    }

    /// True if something changed since it was last durable.
    pub fn is_changed(&self) -> bool {
        !self.awake.is_empty()
    }

    /// What was written is durable.
    pub fn committed(&mut self) {
        self.durable = self.clock;
        for (key, asleep) in std::mem::take(&mut self.written) {
            self.sleep(key, asleep);
        }
    }

    /// What was folded since the last commit is void.
    pub fn aborted(&mut self) {
        self.clock = self.durable;
        self.awake.clear();
        self.written.clear();
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        let new = self.awake.keys().filter(|key| !self.asleep.contains_key(*key)).count();
        self.asleep.len() + new
    }

    /// The windows of a key, for people to look at.
    pub fn windows(&self, key: &GroupKey) -> Option<KeyState> {
        match self.awake.get(key.bytes()) {
            Some(state) => Some(state.clone()),
            None => encode::decode(&self.asleep.get(key.bytes())?.bytes).ok(),
        }
    }

    fn sleep(&mut self, key: Arc<[u8]>, asleep: Option<Asleep>) {
        let deadline = asleep.as_ref().map(|asleep| asleep.deadline);
        // The key that is there already is kept, so that it is shared.
        let (key, before) = match self.asleep.remove_entry(&key) {
            Some((known, before)) => (known, Some(before.deadline)),
            None => (key, None),
        };
        if before != deadline {
            if let Some(before) = before {
                self.deadlines.remove(&(before, Arc::clone(&key)));
            }
            self.deadlines.extend(deadline.map(|deadline| (deadline, Arc::clone(&key))));
        }
        if let Some(asleep) = asleep {
            self.asleep.insert(key, asleep);
        }
    }
}
