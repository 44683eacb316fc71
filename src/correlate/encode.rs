//! The bytes of a group key's windows, as the log keeps them.
//!
//! Versioned like hits ([`super::hit`]), and golden files hold them. Behind the version stand two times of eight bytes each, which are
//! all that restoring looks at. Events stand once, however many windows hold them, and windows name them by number; topics likewise.
//! Fields that a window has of a later version may be written again as they are: one that names anything by number needs a version of
//! its own.

use super::hit::Unreadable;
use super::order::{At, OrderKey};
use super::protobuf::{Packed, Reader, Writer, zigzag};
use super::set::{Correlations, Meaning};
use super::spare::Spare;
use super::state::{KeyState, MOST_DETAILED};
use super::stretch::Stretch;
use super::window::{Chain, Item, Window};
use std::sync::Arc;
pub(super) use unread::Unread;

mod unread;

/// Version of the bytes; grows when a reader of the old ones would misread the new.
const VERSION: u8 = 1;

/// What stands before the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Until when the windows must be kept, by the partition's clock, in milliseconds since the epoch.
    pub(super) deadline: i64,
    /// What the clock showed when something came last.
    pub(super) touched: i64,
}

impl Head {
    /// The later of the times of two.
    pub(super) fn max(self, other: Head) -> Head {
        Head { deadline: self.deadline.max(other.deadline), touched: self.touched.max(other.touched) }
    }

    /// Reads it, and yields the message's bytes.
    pub(super) fn read(bytes: &[u8]) -> Result<(Head, &[u8]), Unreadable> {
        let (version, rest) = bytes.split_first().ok_or(Unreadable::Damaged)?;
        if *version != VERSION {
            return Err(Unreadable::Version(*version));
        }
        let (deadline, rest) = rest.split_first_chunk().ok_or(Unreadable::Damaged)?;
        let (touched, rest) = rest.split_first_chunk().ok_or(Unreadable::Damaged)?;
        Ok((Head { deadline: i64::from_be_bytes(*deadline), touched: i64::from_be_bytes(*touched) }, rest))
    }
}

/// Appends the bytes of the windows of a key.
pub(super) fn encode(state: &KeyState, head: Head, bytes: &mut Vec<u8>) {
    let mut writer = Writer(bytes);
    let names = Numbers::of(state);
    writer.0.push(VERSION);
    writer.0.extend(head.deadline.to_be_bytes());
    writer.0.extend(head.touched.to_be_bytes());
    names.topics.iter().for_each(|topic| writer.some_bytes(1, topic.as_bytes()));
    for at in &names.events {
        writer.message(2, |writer| names.event(writer, state, at));
    }
    for (id, window) in &state.windows {
        writer.message(3, |writer| names.window(writer, id, window));
    }
    state.unread.write(&names, &mut writer);
}

/// Numbers of events and topics, both sorted.
struct Numbers<'s> {
    events: Vec<&'s At>,
    topics: Vec<&'s Arc<str>>,
}

impl<'s> Numbers<'s> {
    fn of(state: &'s KeyState) -> Numbers<'s> {
        let read = state.windows.iter().flat_map(|(_, window)| window.events());
        let mut events: Vec<&At> = Vec::with_capacity(2 * MOST_DETAILED);
        events.extend(state.unread.events());
        events.extend(read);
        events.sort_unstable();
        events.dedup();
        let floors = state.windows.iter().filter_map(|(_, window)| window.floor.as_ref());
        let named = events.iter().map(|at| &at.order).chain(floors).map(|order| &order.topic);
        let mut topics: Vec<&Arc<str>> = Vec::new();
        // There are few, and most events are of the same.
        for topic in named.chain(state.unread.floors()) {
            if !topics.iter().any(|known| Arc::ptr_eq(known, topic) || **known == *topic) {
                topics.push(topic);
            }
        }
        topics.sort_unstable();
        Numbers { events, topics }
    }

    fn order(&self, writer: &mut Writer<'_>, order: &OrderKey) {
        let topic = self.topics.partition_point(|topic| **topic < order.topic);
        writer.number(1, zigzag(order.time));
        writer.number(2, topic as u64);
        writer.number(3, i64::from(order.partition).cast_unsigned());
        writer.number(4, order.offset.cast_unsigned());
    }

    fn event(&self, writer: &mut Writer<'_>, state: &KeyState, at: &At) {
        writer.message(1, |writer| self.order(writer, &at.order));
        writer.bytes(2, &at.event);
        if let Some(detail) = state.detail(at) {
            writer.some_bytes(3, detail);
        }
    }

    fn number(&self, at: &At) -> u64 {
        self.events.partition_point(|event| *event < at) as u64
    }

    fn window(&self, writer: &mut Writer<'_>, id: &str, window: &Window) {
        writer.bytes(1, id.as_bytes());
        writer.bytes(2, &window.meaning);
        writer.number(3, zigzag(window.newest));
        if let Some(floor) = &window.floor {
            writer.message(4, |writer| self.order(writer, floor));
        }
        if let Some(told) = window.told {
            writer.some_number(5, zigzag(told));
        }
        writer.number(6, window.suppressed.into());
        writer.number(7, window.saturated.into());
        writer.number(8, zigzag(window.touched));
        // Of each item its event, its part and its value.
        writer.numbers(9, window.items.iter().map(|item| self.number(&item.at)));
        writer.numbers(10, window.items.iter().map(|item| item.part.into()));
        writer.numbers(11, window.items.iter().map(|item| zigzag(item.value)));
        for chain in &window.chains {
            // Of steps that no chain has reached, an empty one.
            let events = chain.iter().flat_map(Chain::events);
            writer.message(12, |writer| writer.numbers(1, events.map(|at| self.number(at))));
        }
        // Digests of the events of the last completion, one behind the other.
        writer.bytes(13, window.done.as_flattened());
    }
}

/// What decoding takes names from that others hold already.
pub(super) struct Known<'k> {
    /// Ids of correlations; those of others are copied.
    pub(super) set: &'k Correlations,
    /// Topics.
    pub(super) topics: &'k mut Vec<Arc<str>>,
    /// Memory.
    pub(super) spare: &'k mut Spare,
}

/// How many topics are known at most: those of events, of which there are few.
const MOST_TOPICS: usize = 64;

impl Known<'_> {
    fn topic(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.topics.iter().find(|known| ***known == *name) {
            return Arc::clone(known);
        }
        let topic: Arc<str> = name.into();
        if self.topics.len() < MOST_TOPICS {
            self.topics.push(Arc::clone(&topic));
        }
        topic
    }

    fn id(&self, id: &str) -> Arc<str> {
        self.set.find(id).map_or_else(|| id.into(), |rule| Arc::clone(&rule.id))
    }
}

/// The windows of such bytes, which are a stretch of `all`.
pub(super) fn decode(all: &Arc<[u8]>, bytes: &[u8], known: &mut Known<'_>) -> Result<KeyState, Unreadable> {
    let (_, message) = Head::read(bytes)?;
    state(all, message, known).ok_or(Unreadable::Damaged)
}

fn state(all: &Arc<[u8]>, message: &[u8], known: &mut Known<'_>) -> Option<KeyState> {
    let mut state = known.spare.state();
    state.unread.begin(all);
    // Whatever the order of the fields: what others name comes first.
    for field in Reader::new(message) {
        if let (1, value) = field? {
            state.unread.push_topic(known.topic(str::from_utf8(value.bytes()).ok()?));
        }
    }
    for field in Reader::new(message) {
        if let (2, value) = field? {
            let (at, detail) = event(state.unread.topics(), value.bytes())?;
            if let Some(detail) = detail {
                state.keep(&at, || Stretch::of(all, detail));
            }
            state.see(&at.event);
            state.unread.push_event(at);
        }
    }
    for field in Reader::new(message) {
        if let (3, value) = field? {
            let seen = state.unread.look(value.bytes())?;
            seen.done.iter().for_each(|event| state.see(event));
            let id = known.id(seen.id);
            state.unread.keep(id, value.bytes(), seen)?;
        }
    }
    state.whole();
    Some(state)
}

fn event<'b>(topics: &[Arc<str>], bytes: &'b [u8]) -> Option<(At, Option<&'b [u8]>)> {
    let (mut order, mut digest, mut detail) = (None, None, None);
    for field in Reader::new(bytes) {
        match field? {
            (1, value) => order = order_key(topics, value.bytes()),
            (2, value) => digest = value.bytes().try_into().ok(),
            (3, value) => detail = Some(value.bytes()),
            _ => {}
        }
    }
    Some((At { order: order?, event: digest? }, detail))
}

fn order_key(topics: &[Arc<str>], bytes: &[u8]) -> Option<OrderKey> {
    let (mut time, mut topic, mut partition, mut offset) = (0, 0, 0, 0);
    for field in Reader::new(bytes) {
        match field? {
            (1, value) => time = value.signed(),
            (2, value) => topic = value.short(),
            (3, value) => partition = value.short().cast_signed(),
            (4, value) => offset = value.number().cast_signed(),
            _ => {}
        }
    }
    Some(OrderKey { time, topic: Arc::clone(topics.get(topic as usize)?), partition, offset })
}

/// None if it names what is not there.
fn window(topics: &[Arc<str>], events: &[At], bytes: &[u8], spare: &mut Spare) -> Option<Box<Window>> {
    let mut meaning = None::<Meaning>;
    let mut window = spare.window(Meaning::default());
    (window.newest, window.touched) = (0, 0);
    let mut packed: [&[u8]; 3] = [&[]; 3];
    for field in Reader::new(bytes) {
        match field? {
            (2, value) => meaning = value.bytes().try_into().ok(),
            (3, value) => window.newest = value.signed(),
            (4, value) => window.floor = Some(order_key(topics, value.bytes())?),
            (5, value) => window.told = Some(value.signed()),
            (6, value) => window.suppressed = value.short(),
            (7, value) => window.saturated = value.number() != 0,
            (8, value) => window.touched = value.signed(),
            (9, value) => packed[0] = value.bytes(),
            (10, value) => packed[1] = value.bytes(),
            (11, value) => packed[2] = value.bytes(),
            (12, value) => window.chains.push(Chain::new(chain(events, value.bytes())?)),
            (13, value) => window.done.extend(value.bytes().as_chunks().0),
            _ => {}
        }
    }
    items(events, packed, &mut window.items)?;
    window.meaning = meaning?;
    Some(window)
}

fn items(events: &[At], packed: [&[u8]; 3], items: &mut Vec<Item>) -> Option<()> {
    let [numbers, mut parts, mut values] = packed.map(Packed::new);
    items.reserve_exact(numbers.count_left() + 1);
    for number in numbers {
        let (part, value) = (parts.next()??, values.next()??);
        let at = events.get(number?.short() as usize)?.clone();
        items.push(Item { at, part: u16::try_from(part.short()).ok()?, value: value.signed() });
    }
    (parts.next().is_none() && values.next().is_none()).then_some(())
}

/// The events of the chain of a step; none if no chain has reached it.
fn chain(events: &[At], bytes: &[u8]) -> Option<Vec<At>> {
    let mut chain = Vec::new();
    for numbers in lists(bytes) {
        let numbers = Packed::new(numbers?);
        chain.reserve_exact(numbers.count_left());
        for number in numbers {
            chain.push(events.get(number?.short() as usize)?.clone());
        }
    }
    Some(chain)
}

/// The lists of events of a chain's message: one, unless it was written in pieces. None at what is damaged.
fn lists(bytes: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    Reader::new(bytes).filter_map(|field| match field {
        Some((1, events)) => Some(Some(events.bytes())),
        Some(_) => None,
        None => Some(None),
    })
}

#[cfg(test)]
mod tests;
