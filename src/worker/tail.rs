//! What the last messages of a partition leave behind, so that a phrase cut over several is found.
//!
//! A ring of messages in the order of their offsets, each linked to the one before it in the same conversation. It holds what
//! it does by the records alone, so that a worker which takes over a partition has the same tail once it has read the records
//! from [`Tail::first_offset`] on again:
//! * a message is forgotten as soon as a later one of the partition is more than [`SPAN_MS`] younger. That is judged of those
//!   after it, not by a clock: one message with a time far ahead costs the messages before it and none after;
//! * the oldest go, even so, if all together take more bytes than allowed. Those are counted.
//!
//! Rejected: a table of conversations, each with its last messages. What is to be evicted from it when depends on all that
//! came before, or on a clock.

use foldhash::fast::FixedState;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// How far apart messages may be that are read as one, in milliseconds of event time.
pub const SPAN_MS: i64 = 120_000;

/// Most messages before the one in hand that are looked at.
pub const MOST_BEFORE: usize = 8;

/// A message as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Offset of its record.
    pub offset: i64,
    /// Its time, in milliseconds since the epoch.
    pub time: i64,
    /// Its own id; empty if it has none.
    pub id: Box<str>,
    /// Its last words.
    pub text: Box<str>,
    /// Bytes of its text before those.
    pub skipped: u32,
    /// It has few words.
    pub short: bool,
}

/// The last messages of a partition.
#[derive(Debug)]
pub struct Tail {
    limit: usize,
    messages: VecDeque<Linked>,
    /// Number of the first of `messages`; they are numbered as they come.
    first: u64,
    /// By conversation: its last message.
    last: HashMap<Arc<str>, u64, FixedState>,
    /// The messages that are younger than all after them, each with its time.
    youngest: VecDeque<(u64, i64)>,
    bytes: usize,
    evicted: u64,
}

#[derive(Debug)]
struct Linked {
    said: Said,
    conversation: Arc<str>,
    /// The one before it in its conversation.
    before: Option<u64>,
}

/// What a message costs besides its texts, about: itself, its place in the table, allocations.
const OVERHEAD: usize = 192;

impl Linked {
    fn bytes(&self) -> usize {
        OVERHEAD + self.said.text.len() + self.said.id.len() + self.conversation.len()
    }
}

impl Tail {
    /// An empty tail of at most so many bytes.
    pub fn new(limit: usize) -> Tail {
        Tail {
            limit,
            messages: VecDeque::new(),
            first: 0,
            last: HashMap::default(),
            youngest: VecDeque::new(),
            bytes: 0,
            evicted: 0,
        }
    }

    /// Adds a message of a conversation.
    pub fn push(&mut self, conversation: &str, said: Said) {
        let number = self.first + self.messages.len() as u64;
        let before = self.last.get(conversation).copied();
        let conversation = match self.last.get_key_value(conversation) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::from(conversation),
        };
        self.last.insert(Arc::clone(&conversation), number);
        while self.youngest.back().is_some_and(|(_, time)| *time <= said.time) {
            self.youngest.pop_back();
        }
        self.youngest.push_back((number, said.time));
        let linked = Linked { said, conversation, before };
        self.bytes += linked.bytes();
        self.messages.push_back(linked);
        self.shrink();
    }

    /// Forgets what is too old or too much, from the front.
    fn shrink(&mut self) {
        while !self.messages.is_empty() {
            let alive = self.is_alive(self.first);
            if alive && self.bytes <= self.limit {
                break;
            }
            self.evicted += u64::from(alive);
            self.forget();
        }
    }

    fn forget(&mut self) {
        let Some(linked) = self.messages.pop_front() else { return };
        self.bytes -= linked.bytes();
        if self.last.get(&linked.conversation) == Some(&self.first) {
            self.last.remove(&linked.conversation);
        }
        self.first += 1;
        while self.youngest.front().is_some_and(|(number, _)| *number < self.first) {
            self.youngest.pop_front();
        }
    }

    fn get(&self, number: u64) -> Option<&Linked> {
        self.messages.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// Whether no message after that one is too much younger.
    fn is_alive(&self, number: u64) -> bool {
        let after = self.youngest.partition_point(|(other, _)| *other < number);
        let newest = self.youngest.get(after).map(|(_, time)| *time);
        let own = self.get(number).map(|linked| linked.said.time);
        own.zip(newest).is_some_and(|(own, newest)| newest <= own.saturating_add(SPAN_MS))
    }

    /// The messages of a conversation before one of that time, the last first.
    pub fn before(&self, conversation: &str, time: i64) -> impl Iterator<Item = &Said> {
        let mut next = self.last.get(conversation).copied();
        let each = std::iter::from_fn(move || {
            let number = next?;
            let linked = self.get(number).filter(|_| self.is_alive(number))?;
            next = linked.before;
            Some(&linked.said)
        });
        each.take(MOST_BEFORE).take_while(move |said| said.time.abs_diff(time) <= SPAN_MS.unsigned_abs())
    }

    /// Where reading has to begin for the same tail; none if it is empty.
    pub fn first_offset(&self) -> Option<i64> {
        self.messages.front().map(|linked| linked.said.offset)
    }

    /// How many messages were forgotten for lack of room since this was asked last.
    pub fn take_evicted(&mut self) -> u64 {
        std::mem::take(&mut self.evicted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(offset: i64, time: i64) -> Said {
        Said { offset, time, id: "".into(), text: "word".into(), skipped: 0, short: true }
    }

    fn offsets(tail: &Tail, conversation: &str, time: i64) -> Vec<i64> {
        tail.before(conversation, time).map(|said| said.offset).collect()
    }

    #[test]
    fn the_last_messages_of_a_conversation_come_last_first() {
        let mut tail = Tail::new(1 << 20);
        for (offset, conversation) in (0..).zip(["a", "b", "a", "b", "a"]) {
            tail.push(conversation, said(offset, offset * 1_000));
        }
        assert_eq!(offsets(&tail, "a", 5_000), [4, 2, 0]);
        assert_eq!(offsets(&tail, "b", 123_000), [3], "the first is out of reach");
        assert_eq!(offsets(&tail, "c", 5_000), [0; 0]);
        assert_eq!(tail.first_offset(), Some(0));
    }

    #[test]
    fn a_time_far_ahead_costs_what_was_before_it_and_nothing_after() {
        let mut tail = Tail::new(1 << 20);
        tail.push("a", said(0, 1_000));
        tail.push("b", said(1, i64::MAX));
        assert_eq!(offsets(&tail, "a", 2_000), [0; 0]);
        tail.push("a", said(2, 3_000));
        tail.push("a", said(3, 4_000));
        assert_eq!(offsets(&tail, "a", 5_000), [3, 2]);
    }

    #[test]
    fn what_does_not_fit_is_forgotten_and_counted() {
        let mut tail = Tail::new(3 * (OVERHEAD + 5));
        (0..5).for_each(|offset| tail.push("a", said(offset, offset)));
        assert_eq!(offsets(&tail, "a", 5), [4, 3, 2]);
        assert_eq!((tail.take_evicted(), tail.take_evicted()), (2, 0));
        assert_eq!(tail.first_offset(), Some(2));
        assert_eq!(tail.last.len(), 1);
    }

    proptest! {
        /// Whoever begins to read at the first offset has the same tail, whatever went before.
        #[test]
        fn reading_again_from_the_first_offset_gives_the_same(
            messages in prop::collection::vec(("[abc]", 0i64..600), 1..60),
            limit in 3usize..30,
        ) {
            let limit = limit * (OVERHEAD + 5);
            let mut tail = Tail::new(limit);
            for (offset, (conversation, seconds)) in (0..).zip(&messages) {
                tail.push(conversation, said(offset, seconds * 1_000));
                let mut again = Tail::new(limit);
                let first = tail.first_offset().unwrap();
                for (offset, (conversation, seconds)) in (0..=offset).zip(&messages).skip(usize::try_from(first).unwrap()) {
                    again.push(conversation, said(offset, seconds * 1_000));
                }
                prop_assert_eq!(again.first_offset(), tail.first_offset());
                prop_assert!(tail.bytes <= limit);
                for conversation in ["a", "b", "c"] {
                    for time in (0..600).step_by(30) {
                        let (one, other) = (offsets(&tail, conversation, time * 1_000), offsets(&again, conversation, time * 1_000));
                        prop_assert_eq!(one, other);
                    }
                }
            }
        }
    }
}
