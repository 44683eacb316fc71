//! The bytes of a group key's windows, as the log keeps them.
//!
//! Versioned like hits ([`super::hit`]), and golden files hold them. Behind the version stand two times of eight bytes each, which are
//! all that restoring looks at. Events stand once, however many windows hold them, and windows name them by number; topics likewise.

use super::hit::Unreadable;
use super::order::{At, OrderKey};
use super::set::Meaning;
use super::state::KeyState;
use super::window::{Chain, Item, Window};
use prost::Message;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, PartialEq, Message)]
struct State {
    #[prost(string, repeated, tag = "1")]
    topics: Vec<String>,
    #[prost(message, repeated, tag = "2")]
    events: Vec<Event>,
    #[prost(message, repeated, tag = "3")]
    windows: Vec<Kept>,
}

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(message, optional, tag = "1")]
    order: Option<Order>,
    #[prost(bytes = "vec", tag = "2")]
    digest: Vec<u8>,
    #[prost(bytes = "vec", optional, tag = "3")]
    detail: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Order {
    #[prost(sint64, tag = "1")]
    time: i64,
    #[prost(uint32, tag = "2")]
    topic: u32,
    #[prost(int32, tag = "3")]
    partition: i32,
    #[prost(int64, tag = "4")]
    offset: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Kept {
    #[prost(string, tag = "1")]
    correlation: String,
    #[prost(bytes = "vec", tag = "2")]
    meaning: Vec<u8>,
    #[prost(sint64, tag = "3")]
    newest: i64,
    #[prost(message, optional, tag = "4")]
    floor: Option<Order>,
    #[prost(sint64, optional, tag = "5")]
    told: Option<i64>,
    #[prost(uint32, tag = "6")]
    suppressed: u32,
    #[prost(bool, tag = "7")]
    saturated: bool,
    #[prost(sint64, tag = "8")]
    touched: i64,
    /// Of each item its event, its part and its value.
    #[prost(uint32, repeated, tag = "9")]
    events: Vec<u32>,
    #[prost(uint32, repeated, tag = "10")]
    parts: Vec<u32>,
    #[prost(sint64, repeated, tag = "11")]
    values: Vec<i64>,
    #[prost(message, repeated, tag = "12")]
    chains: Vec<Reached>,
    /// Digests of the events of the last completion, one behind the other.
    #[prost(bytes = "vec", tag = "13")]
    done: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Reached {
    #[prost(uint32, repeated, tag = "1")]
    events: Vec<u32>,
}

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

/// The bytes of the windows of a key.
pub(super) fn encode(state: &KeyState, head: Head) -> Vec<u8> {
    let events: BTreeSet<&At> = state.windows.values().flat_map(Window::events).collect();
    let floors = state.windows.values().filter_map(|window| window.floor.as_ref());
    let topics: BTreeSet<&Arc<str>> =
        events.iter().map(|at| &at.order).chain(floors).map(|order| &order.topic).collect();
    let names = Numbers { events: events.into_iter().collect(), topics: topics.into_iter().collect() };
    let message = State {
        topics: names.topics.iter().map(ToString::to_string).collect(),
        events: names.events.iter().map(|at| names.event(state, at)).collect(),
        windows: state.windows.iter().map(|(id, window)| names.window(id, window)).collect(),
    };
    let mut bytes = Vec::with_capacity(17 + message.encoded_len());
    bytes.push(VERSION);
    bytes.extend(head.deadline.to_be_bytes());
    bytes.extend(head.touched.to_be_bytes());
    // The buffer grows as it has to.
    let _infallible = message.encode(&mut bytes);
    bytes
}

/// Numbers of events and topics, both sorted.
struct Numbers<'s> {
    events: Vec<&'s At>,
    topics: Vec<&'s Arc<str>>,
}

impl Numbers<'_> {
    fn order(&self, order: &OrderKey) -> Order {
        let topic = self.topics.partition_point(|topic| **topic < order.topic);
        Order { time: order.time, topic: number(topic), partition: order.partition, offset: order.offset }
    }

    fn event(&self, state: &KeyState, at: &At) -> Event {
        Event {
            order: Some(self.order(&at.order)),
            digest: at.event.to_vec(),
            detail: state.details.get(at).map(|detail| detail.to_vec()),
        }
    }

    fn number(&self, at: &At) -> u32 {
        number(self.events.partition_point(|event| *event < at))
    }

    fn window(&self, id: &str, window: &Window) -> Kept {
        // Of steps that no chain has reached, an empty one.
        let chain = |chain: &Option<Chain>| Reached {
            events: chain.iter().flat_map(Chain::events).map(|at| self.number(at)).collect(),
        };
        Kept {
            correlation: id.to_owned(),
            meaning: window.meaning.to_vec(),
            newest: window.newest,
            floor: window.floor.as_ref().map(|floor| self.order(floor)),
            told: window.told,
            suppressed: window.suppressed,
            saturated: window.saturated,
            touched: window.touched,
            events: window.items.iter().map(|item| self.number(&item.at)).collect(),
            parts: window.items.iter().map(|item| item.part.into()).collect(),
            values: window.items.iter().map(|item| item.value).collect(),
            chains: window.chains.iter().map(chain).collect(),
            done: window.done.concat(),
        }
    }
}

fn number(index: usize) -> u32 {
    // Windows hold far fewer.
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The windows of such bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<KeyState, Unreadable> {
    let (_, message) = Head::read(bytes)?;
    let State { topics, events, windows } = State::decode(message).map_err(|_| Unreadable::Damaged)?;
    let topics: Vec<Arc<str>> = topics.into_iter().map(Arc::from).collect();
    let mut state = KeyState::default();
    let mut known = Vec::with_capacity(events.len());
    for event in events {
        let order = event.order.as_ref().and_then(|order| order_key(&topics, order));
        let digest = event.digest.try_into().ok();
        let at = order.zip(digest).map(|(order, event)| At { order, event }).ok_or(Unreadable::Damaged)?;
        if let Some(detail) = event.detail {
            state.details.insert(at.clone(), detail.into());
        }
        known.push(at);
    }
    for kept in windows {
        let id = kept.correlation.clone();
        state.windows.insert(id, window(&topics, &known, kept).ok_or(Unreadable::Damaged)?);
    }
    Ok(state)
}

fn order_key(topics: &[Arc<str>], order: &Order) -> Option<OrderKey> {
    let Order { time, topic, partition, offset } = *order;
    Some(OrderKey { time, topic: Arc::clone(topics.get(topic as usize)?), partition, offset })
}

/// None if it names what is not there.
fn window(topics: &[Arc<str>], known: &[At], kept: Kept) -> Option<Window> {
    let event = |number: &u32| known.get(*number as usize).cloned();
    let items = kept.events.iter().zip(&kept.parts).zip(&kept.values).map(|((number, part), value)| {
        Some(Item { at: event(number)?, part: u16::try_from(*part).ok()?, value: *value })
    });
    let chain = |reached: &Reached| {
        let events = reached.events.iter().map(event).collect::<Option<Vec<At>>>()?;
        Some(Chain::new(events))
    };
    let meaning: Meaning = kept.meaning.try_into().ok()?;
    let floor = match &kept.floor {
        Some(floor) => Some(order_key(topics, floor)?),
        None => None,
    };
    let same = kept.events.len() == kept.parts.len() && kept.parts.len() == kept.values.len();
    same.then_some(())?;
    Some(Window {
        meaning,
        newest: kept.newest,
        floor,
        told: kept.told,
        suppressed: kept.suppressed,
        saturated: kept.saturated,
        touched: kept.touched,
        done: kept.done.as_chunks().0.to_vec(),
        items: items.collect::<Option<Vec<Item>>>()?,
        chains: kept.chains.iter().map(chain).collect::<Option<_>>()?,
    })
}
