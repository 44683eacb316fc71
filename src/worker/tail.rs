//! What the last messages of a partition leave behind, so that a phrase cut over several is found, and flags show what was
//! written before.
//!
//! A ring of messages in the order of their offsets, each linked to the one before it in each of its [`Chain`]s. It holds what
//! it does by the records alone, so that a worker which takes over a partition has the same tail once it has read the records
//! from [`Tail::first_offset`] on again:
//! * a message is forgotten as soon as a later record of the partition, of whatever kind, is more than [`KEPT_MS`] younger by
//!   the log's own time. That is judged of those after it, not by a clock: one record with a time far ahead costs the
//!   messages before it and none after. Whether two messages are near is asked by their own times;
//! * the oldest go, even so, if all together take more bytes than allowed. Those are counted.
//!
//! Rejected: a table of conversations, each with its last messages. What is to be evicted from it when depends on all that
//! came before, or on a clock.

use crate::event::FUTURE_TOLERANCE_MS;
use crate::flag::build::Written;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How far apart messages may be that are read as one, in milliseconds of event time.
pub const SPAN_MS: i64 = 120_000;

/// How long messages are kept, in milliseconds of the log's time: a clock that is wrong by as much as is borne elsewhere
/// costs no message that could still be needed.
pub const KEPT_MS: i64 = SPAN_MS + FUTURE_TOLERANCE_MS;

/// Most messages before the one in hand that are looked at.
pub const MOST_BEFORE: usize = 8;

/// What links messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Those of one sender in one place.
    Sender,
    /// Those of one room.
    Room,
}

/// The chains of a message or another event, by their keys; none where it has no part in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keys<'k> {
    /// Of [`Chain::Sender`].
    pub sender: Option<&'k str>,
    /// Of [`Chain::Room`].
    pub room: Option<&'k str>,
}

impl<'k> Keys<'k> {
    fn each(self) -> [Option<&'k str>; 2] {
        [self.sender, self.room]
    }
}

/// A message as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Offset of its record.
    pub offset: i64,
    /// Its time, in milliseconds since the epoch.
    pub time: i64,
    /// When it came into the log, the same; 0 if that is not known.
    pub logged: i64,
    /// Its own id; empty if it has none.
    pub id: Box<str>,
    /// Id of who wrote it; empty if nobody is named.
    pub sender: Box<str>,
    /// Its last words.
    pub text: Box<str>,
    /// Bytes of its text before those.
    pub skipped: u32,
    /// It has few words.
    pub short: bool,
}

impl Said {
    /// What a flag shows of it.
    pub fn written(&self) -> Written<'_> {
        let Said { offset, time, id, sender, text, skipped, .. } = self;
        Written { offset: *offset, time: *time, id, sender, text, skipped: *skipped }
    }
}

/// The last messages of a partition.
#[derive(Debug)]
pub struct Tail {
    limit: usize,
    messages: VecDeque<Linked>,
    /// Number of the first of `messages`; they are numbered as they come.
    base: u64,
    /// The first that is not forgotten. Those before it are kept until [`Tail::release`].
    first: u64,
    /// By chain: its last message, by key.
    last: [BTreeMap<Arc<str>, u64>; 2],
    /// Records that came into the log later than all after them: the number of the last message up to them, and when.
    youngest: VecDeque<(u64, i64)>,
    bytes: usize,
    evicted: u64,
}

#[derive(Debug)]
struct Linked {
    said: Said,
    /// By chain: its key, and the message before it.
    links: [Option<(Arc<str>, Option<u64>)>; 2],
}

/// What was remembered when an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The event's time, in milliseconds since the epoch.
    time: i64,
    last: u64,
    first: u64,
}

/// What a message costs besides its texts, about: itself, its place in the table, allocations.
const OVERHEAD: usize = 192;

impl Linked {
    fn bytes(&self) -> usize {
        let Said { id, sender, text, .. } = &self.said;
        let keys: usize = self.links.iter().flatten().map(|(key, _)| key.len()).sum();
        OVERHEAD + id.len() + sender.len() + text.len() + keys
    }
}

impl Tail {
    /// An empty tail of at most so many bytes.
    pub fn new(limit: usize) -> Tail {
        Tail {
            limit,
            messages: VecDeque::new(),
            base: 0,
            first: 0,
            last: Default::default(),
            youngest: VecDeque::new(),
            bytes: 0,
            evicted: 0,
        }
    }

    /// Adds a message.
    pub fn push(&mut self, keys: Keys<'_>, said: Said) {
        let number = self.base + self.messages.len() as u64;
        let [sender, room] = keys.each();
        let [own, whole] = &mut self.last;
        let links = [link(own, sender, number), link(whole, room, number)];
        let logged = said.logged;
        let linked = Linked { said, links };
        self.bytes += linked.bytes();
        self.messages.push_back(linked);
        self.pass(logged);
    }

    /// A record that came into the log at that time, a message or not: what is too old now is forgotten.
    pub fn pass(&mut self, logged: i64) {
        let Some(last) = (self.base + self.messages.len() as u64).checked_sub(1) else { return };
        while self.youngest.back().is_some_and(|(_, time)| *time <= logged) {
            self.youngest.pop_back();
        }
        if self.youngest.back().is_none_or(|(number, _)| *number < last) {
            self.youngest.push_back((last, logged));
        }
        self.shrink();
    }

    /// Forgets what is too old or too much, from the front.
    fn shrink(&mut self) {
        while let Some(first) = self.get(self.first) {
            let bytes = first.bytes();
            let alive = self.is_alive(self.first);
            if alive && self.bytes <= self.limit {
                break;
            }
            self.evicted += u64::from(alive);
            self.bytes -= bytes;
            self.forget();
        }
    }

    fn forget(&mut self) {
        let at = usize::try_from(self.first - self.base).unwrap_or(usize::MAX);
        let links = self.messages.get(at).map_or(&[][..], |linked| &linked.links);
        for (link, last) in links.iter().zip(&mut self.last) {
            if let Some((key, _)) = link.as_ref().filter(|(key, _)| last.get(key) == Some(&self.first)) {
                last.remove(key);
            }
        }
        self.first += 1;
        while self.youngest.front().is_some_and(|(number, _)| *number < self.first) {
            self.youngest.pop_front();
        }
    }

    /// Lets go of what was forgotten.
    pub fn release(&mut self) {
        while self.base < self.first && self.messages.pop_front().is_some() {
            self.base += 1;
        }
    }

    /// A message that is forgotten or not, as long as it is kept.
    fn get(&self, number: u64) -> Option<&Linked> {
        self.messages.get(usize::try_from(number.checked_sub(self.base)?).ok()?)
    }

    /// Whether no message after that one is too much younger.
    fn is_alive(&self, number: u64) -> bool {
        let after = self.youngest.partition_point(|(other, _)| *other < number);
        let newest = self.youngest.get(after).map(|(_, time)| *time);
        let own = self.get(number).map(|linked| linked.said.logged);
        own.is_some_and(|own| newest.is_none_or(|newest| newest <= own.saturating_add(KEPT_MS)))
    }

    /// The messages of a sender before one of that time, the last first.
    pub fn before(&self, sender: &str, time: i64) -> impl Iterator<Item = &Said> {
        let last = self.last[Chain::Sender as usize].get(sender).copied();
        let alive = |(number, _): &(u64, &Said)| *number >= self.first && self.is_alive(*number);
        self.back(Chain::Sender, last, time).take_while(alive).map(|(_, said)| said)
    }

    /// What is remembered now of a room, for an event of that time.
    pub fn seen(&self, room: &str, time: i64) -> Option<Seen> {
        let last = *self.last[Chain::Room as usize].get(room)?;
        Some(Seen { time, last, first: self.first })
    }

    /// The messages of the room before that, the last first, until they are released.
    pub fn at(&self, seen: Seen) -> impl Iterator<Item = &Said> {
        let back = self.back(Chain::Room, Some(seen.last), seen.time);
        back.take_while(move |(number, _)| *number >= seen.first).map(|(_, said)| said)
    }

    /// The messages of a chain, the last first, as far as they are near that time.
    fn back(&self, chain: Chain, last: Option<u64>, time: i64) -> impl Iterator<Item = (u64, &Said)> {
        let mut next = last;
        let each = std::iter::from_fn(move || {
            let number = next?;
            let linked = self.get(number)?;
            next = linked.links[chain as usize].as_ref().and_then(|(_, before)| *before);
            Some((number, &linked.said))
        });
        let near = move |said: &Said| said.time.abs_diff(time) <= SPAN_MS.unsigned_abs();
        each.take(MOST_BEFORE).take_while(move |(_, said)| near(said))
    }

    /// Where reading has to begin for the same tail; none if it is empty.
    pub fn first_offset(&self) -> Option<i64> {
        self.get(self.first).map(|linked| linked.said.offset)
    }

    /// How many messages were forgotten for lack of room since this was asked last.
    pub fn take_evicted(&mut self) -> u64 {
        std::mem::take(&mut self.evicted)
    }
}

/// Makes a message the last of a chain.
fn link(
    last: &mut BTreeMap<Arc<str>, u64>,
    key: Option<&str>,
    number: u64,
) -> Option<(Arc<str>, Option<u64>)> {
    let key = key?;
    let known = last.get_key_value(key).map(|(known, before)| (Arc::clone(known), *before));
    let (key, before) = known.map_or((Arc::from(key), None), |(key, before)| (key, Some(before)));
    last.insert(Arc::clone(&key), number);
    Some((key, before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(offset: i64, time: i64) -> Said {
        Said {
            offset,
            time,
            logged: time,
            id: "".into(),
            sender: "".into(),
            text: "word".into(),
            skipped: 0,
            short: true,
        }
    }

    /// A message of a sender; the first letter of its name is the room.
    fn keys(sender: &str) -> Keys<'_> {
        Keys { sender: Some(sender), room: sender.get(..1) }
    }

    /// A message of a sender, or of `x` another event.
    fn take(tail: &mut Tail, sender: &str, offset: i64, time: i64) {
        match sender {
            "x" => tail.pass(time),
            sender => tail.push(keys(sender), said(offset, time)),
        }
    }

    fn offsets(tail: &Tail, conversation: &str, time: i64) -> Vec<i64> {
        tail.before(conversation, time).map(|said| said.offset).collect()
    }

    #[test]
    fn the_last_messages_of_a_conversation_come_last_first() {
        let mut tail = Tail::new(1 << 20);
        for (offset, conversation) in (0..).zip(["a", "b", "a", "b", "a"]) {
            tail.push(keys(conversation), said(offset, offset * 1_000));
        }
        assert_eq!(offsets(&tail, "a", 5_000), [4, 2, 0]);
        assert_eq!(offsets(&tail, "b", 123_000), [3], "the first is out of reach");
        assert_eq!(offsets(&tail, "c", 5_000), [0; 0]);
        assert_eq!(tail.first_offset(), Some(0));
    }

    #[test]
    fn a_time_far_ahead_costs_what_was_before_it_and_nothing_after() {
        let mut tail = Tail::new(1 << 20);
        tail.push(keys("a"), said(0, 1_000));
        tail.push(keys("b"), said(1, i64::MAX));
        assert_eq!(offsets(&tail, "a", 2_000), [0; 0]);
        tail.push(keys("a"), said(2, 3_000));
        tail.push(keys("a"), said(3, 4_000));
        assert_eq!(offsets(&tail, "a", 5_000), [3, 2]);
    }

    #[test]
    fn every_record_of_the_partition_makes_messages_old() {
        let mut tail = Tail::new(1 << 20);
        tail.pass(0);
        tail.push(keys("a"), said(0, 0));
        tail.push(keys("b"), said(1, 60_000));
        tail.pass(KEPT_MS);
        assert_eq!(tail.first_offset(), Some(0));
        tail.pass(KEPT_MS + 1);
        assert_eq!(tail.first_offset(), Some(1));
        tail.pass(0);
        tail.pass(KEPT_MS + 60_001);
        assert_eq!((tail.first_offset(), tail.bytes), (None, 0));
    }

    #[test]
    fn what_does_not_fit_is_forgotten_and_counted() {
        let mut tail = Tail::new(3 * (OVERHEAD + 6));
        (0..5).for_each(|offset| tail.push(keys("a"), said(offset, offset)));
        assert_eq!(offsets(&tail, "a", 5), [4, 3, 2]);
        assert_eq!((tail.take_evicted(), tail.take_evicted()), (2, 0));
        assert_eq!(tail.first_offset(), Some(2));
        assert_eq!(tail.last.each_ref().map(BTreeMap::len), [1, 1]);
        tail.release();
        assert_eq!(tail.messages.len(), 3);
    }

    #[test]
    fn a_room_is_shown_as_it_was_until_it_is_released() {
        let mut tail = Tail::new(1 << 20);
        for (offset, sender) in (0..).zip(["ann", "ben", "amy", "ann"]) {
            tail.push(keys(sender), said(offset, offset * 1_000));
        }
        let seen = tail.seen("a", 3_000).unwrap();
        tail.push(keys("ann"), said(4, 4_000));
        tail.push(keys("ben"), said(5, 900_000));
        let shown = |tail: &Tail| tail.at(seen).map(|said| said.offset).collect::<Vec<_>>();
        assert_eq!(shown(&tail), [3, 2, 0]);
        assert_eq!(tail.first_offset(), Some(5));
        tail.release();
        assert_eq!(shown(&tail), [0; 0]);
        assert_eq!((tail.seen("a", 900_000), tail.seen("c", 0)), (None, None));
    }

    proptest! {
        /// Whoever begins to read at the first offset has the same tail, whatever went before.
        #[test]
        fn reading_again_from_the_first_offset_gives_the_same(
            messages in prop::collection::vec(("[abcx]", 0i64..1500), 1..60),
            limit in 3usize..30,
        ) {
            let limit = limit * (OVERHEAD + 6);
            let mut tail = Tail::new(limit);
            for (offset, (conversation, seconds)) in (0..).zip(&messages) {
                take(&mut tail, conversation, offset, seconds * 1_000);
                let mut again = Tail::new(limit);
                let first = tail.first_offset().unwrap_or(offset + 1);
                let recalled = (0..=offset).zip(&messages).skip(usize::try_from(first).unwrap());
                for (offset, (conversation, seconds)) in recalled {
                    take(&mut again, conversation, offset, seconds * 1_000);
                }
                prop_assert_eq!(again.first_offset(), tail.first_offset());
                prop_assert!(tail.bytes <= limit);
                tail.release();
                for conversation in ["a", "b", "c"] {
                    for time in (0..1500).step_by(60) {
                        let (one, other) = (offsets(&tail, conversation, time * 1_000), offsets(&again, conversation, time * 1_000));
                        prop_assert_eq!(one, other);
                    }
                }
            }
        }
    }
}
