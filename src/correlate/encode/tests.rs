//! The bytes are those that a generated message would be, and are read back.

use super::super::hit::Unreadable;
use super::super::set::{Correlations, Meaning};
use super::super::spare::Spare;
use super::super::state::KeyState;
use super::super::stretch::Stretch;
use super::super::testing::{Random, at};
use super::super::window::{Chain, Item, Window};
use super::{Head, Known, Numbers, decode};
use prost::Message;
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
    #[prost(bytes = "vec", tag = "13")]
    done: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Reached {
    #[prost(uint32, repeated, tag = "1")]
    events: Vec<u32>,
}

const HEAD: Head = Head { deadline: 1_700_000_000_000, touched: -1 };

fn encode(state: &KeyState) -> Vec<u8> {
    let mut bytes = Vec::new();
    super::encode(state, HEAD, &mut bytes);
    bytes
}

/// As they stand among those of other keys.
fn read_some(bytes: &[u8], known: &mut Known<'_>) -> Result<KeyState, Unreadable> {
    let all: Arc<[u8]> = [b"before", bytes, b"behind"].concat().into();
    decode(&all, &all[6..][..bytes.len()], known)
}

/// All but the windows.
fn wake(bytes: &[u8]) -> KeyState {
    let (set, topics) = (&Correlations::default(), &mut Vec::new());
    read_some(bytes, &mut Known { set, topics, spare: &mut Spare::default() }).unwrap()
}

fn read(bytes: &[u8], topics: &mut Vec<Arc<str>>) -> Result<KeyState, Unreadable> {
    let (set, mut spare) = (&Correlations::default(), Spare::default());
    // What was there before is gone.
    for _ in 0..2 {
        let state = read_some(bytes, &mut Known { set, topics, spare: &mut spare })?;
        spare.take(state);
    }
    let mut state = read_some(bytes, &mut Known { set, topics, spare: &mut spare })?;
    while state.unread.len() > 0 {
        let (id, window) = state.unread.pop(&mut spare).expect("what was looked through can be read");
        state.put(id, window);
    }
    Ok(state)
}

fn some(random: &mut Random) -> super::At {
    let mut at = at(random.below(40) * 1_000_000_007 - 9, random.below(300));
    at.order.topic = Arc::from(["t", "events", ""][usize::try_from(random.below(3)).unwrap()]);
    at.order.partition = i32::try_from(random.below(3)).unwrap() - 1;
    at
}

fn window(random: &mut Random) -> Window {
    let mut window = Window::new(Meaning::default());
    window.meaning[3] = 7;
    (window.newest, window.touched) = (random.below(3) - 1, random.below(1 << 50));
    window.floor = (random.below(2) == 0).then(|| some(random).order);
    window.told = (random.below(2) == 0).then(|| random.below(3));
    window.suppressed = u32::try_from(random.below(300)).unwrap();
    window.saturated = random.below(2) == 0;
    let item = |random: &mut Random| Item {
        at: some(random),
        part: u16::try_from(random.below(300)).unwrap(),
        value: random.below(1 << 60) - (1 << 59),
    };
    window.items = (0..random.below(70)).map(|_| item(random)).collect();
    let chain = |random: &mut Random| Chain::new((0..random.below(3)).map(|_| some(random)).collect());
    window.done = (0..random.below(4)).map(|_| some(random).event).collect();
    window.chains = (0..random.below(4)).map(|_| chain(random)).collect();
    window
}

fn states() -> impl Iterator<Item = KeyState> {
    (0..300).map(|seed| {
        let mut random = Random::new(seed);
        let mut state = KeyState::default();
        for id in 0..random.below(5) {
            state.put(format!("correlation {id}").into(), Box::new(window(&mut random)));
        }
        let events: Vec<super::At> =
            state.windows.iter().flat_map(|(_, window)| window.events()).cloned().collect();
        for at in events.iter().step_by(2) {
            let detail = vec![1; usize::try_from(random.below(300)).unwrap()];
            state.keep(at, || Stretch::from(&detail.into()));
        }
        state
    })
}

#[test]
fn the_bytes_are_those_of_a_generated_message() {
    for state in states() {
        let bytes = encode(&state);
        let message = State::decode(&bytes[17..]).unwrap();
        assert_eq!(message.encode_to_vec(), bytes[17..]);
        assert_eq!(message.windows.len(), state.windows.len());
    }
}

#[test]
fn what_is_written_is_read() {
    for state in states() {
        let bytes = encode(&state);
        let mut topics = Vec::new();
        assert_eq!(read(&bytes, &mut topics), Ok(state));
        assert!(topics.len() <= 3);
        assert_eq!(Head::read(&bytes).unwrap().0, HEAD);
    }
}

/// Windows in which no field is empty.
fn full() -> KeyState {
    let events: Vec<super::At> = (1i32..=4)
        .map(|number| {
            let mut at = at(1_767_268_800_000 + i64::from(number), i64::from(number));
            at.order.topic = ["chat.events", "other"][usize::try_from(number % 2).unwrap()].into();
            at.order.partition = number;
            at
        })
        .collect();
    let item = |number: usize, part, value| Item { at: events[number].clone(), part, value };
    let window = Window {
        meaning: [5; 16],
        newest: events[3].time(),
        floor: Some(events[0].order.clone()),
        told: Some(events[0].time()),
        suppressed: 3,
        saturated: true,
        touched: events[3].time() + 9,
        done: vec![[1; 16], [2; 16]],
        items: vec![item(1, 0, -7), item(2, 300, 1_500_000), item(3, 1, 0)],
        chains: vec![Chain::new(vec![events[1].clone()]), None, Chain::new(events[1..4].to_vec())],
    };
    let mut state = KeyState::default();
    state.put("id-a".into(), Box::new(Window { meaning: [6; 16], saturated: false, ..window.clone() }));
    state.put("id-b".into(), Box::new(window));
    state.keep(&events[2], || Stretch::from(&[3, 4, 5].into()));
    state
}

/// Written once, and only read: also a later version reads it so.
const EVERY_FIELD: &str = include_str!("../../../tests/golden/windows-1-every-field.txt");

#[test]
fn every_field_of_windows_stays_readable() {
    let bytes = data_encoding::HEXLOWER.decode(EVERY_FIELD.trim().as_bytes()).unwrap();
    assert_eq!(read(&bytes, &mut Vec::new()), Ok(full()));
    assert_eq!(Head::read(&bytes).unwrap().0, HEAD);
}

#[test]
fn windows_that_nothing_came_for_are_written_as_they_were() {
    for state in states() {
        let bytes = encode(&state);
        assert_eq!(encode(&wake(&bytes)), bytes);
    }
}

#[test]
fn windows_that_nothing_came_for_name_the_same_events_whatever_became_of_the_others() {
    let mut random = Random::new(9);
    let mut renumbered = 0;
    for mut state in states() {
        let mut woken = wake(&encode(&state));
        let ids: Vec<Arc<str>> = state.windows.iter().map(|(id, _)| Arc::clone(id)).collect();
        for id in ids {
            let mut window = match random.below(4) {
                0 => woken.unread.take(&id, &mut Spare::default()).unwrap(),
                1 => Box::new(window(&mut random)),
                _ => continue,
            };
            // It is forgotten, or was hit; perhaps from elsewhere.
            drop(woken.unread.take(&id, &mut Spare::default()));
            window.items.drain(..window.items.len().min(3));
            let topic = ["s", "t", "u"][usize::try_from(random.below(3)).unwrap()];
            window.items.extend(window.items.last().cloned().map(|mut item| {
                item.at.order.topic = topic.into();
                item
            }));
            state.put(Arc::clone(&id), window.clone());
            woken.put(id, window);
        }
        let numbers = Numbers::of(&woken);
        renumbered += usize::from(woken.unread.len() > 0 && !woken.unread.are_numbered_as(&numbers));
        let written = read(&encode(&woken), &mut Vec::new()).unwrap();
        let mut expected = read(&encode(&state), &mut Vec::new()).unwrap();
        // Details of events whose windows were lost with them.
        expected.details.retain(|(at, _)| written.detail(at).is_some());
        assert_eq!(written.windows, expected.windows);
        assert_eq!(written.details, expected.details);
    }
    assert!(renumbered > 50, "{renumbered}");
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let state = states().last().unwrap();
    let more = [0xa0, 1, 5, 0xa9, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0xaa, 1, 1, 9, 0xad, 1, 1, 2, 3, 4];
    let bytes = [&*encode(&state), &more].concat();
    assert_eq!(read(&bytes, &mut Vec::new()), Ok(state));
}

#[test]
fn damage_is_told_and_never_a_panic() {
    let mut random = Random::new(5);
    for state in states().take(40) {
        let bytes = encode(&state);
        for _ in 0..50 {
            let mut damaged = bytes.clone();
            let place = usize::try_from(random.below(i64::try_from(bytes.len()).unwrap())).unwrap();
            damaged[place] ^= 1 << random.below(8);
            for bytes in [&damaged[..], &bytes[..place]] {
                let read = read(bytes, &mut Vec::new());
                drop(read);
            }
        }
    }
}
