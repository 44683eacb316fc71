//! Windows of a record that nothing came for: looked through, but not read.
//!
//! Few of a key's windows take in a given hit. The others stay the bytes that they were, and are written as these again if the events
//! that they name still have their numbers, which is so until one before them is forgotten. Where all were read and all written, that
//! took a third of a worker's time.
//!
//! Damage is told when they are looked through, so that to read one later cannot fail.

use super::super::order::At;
use super::super::protobuf::{Packed, Reader, Value, Writer};
use super::super::set::Meaning;
use super::super::spare::Spare;
use super::super::stretch;
use super::super::window::{Glance, Window};
use super::{Numbers, lists, order_key, window};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Windows that were not read, and what they name by numbers.
#[derive(Clone, Default)]
pub(in crate::correlate) struct Unread {
    /// What they are stretches of, and so are windows of other keys.
    all: Arc<[u8]>,
    topics: Vec<Arc<str>>,
    events: Vec<At>,
    windows: Vec<Closed>,
}

#[derive(Debug, Clone)]
struct Closed {
    /// Of which correlation.
    id: Arc<str>,
    bytes: Range<u32>,
    glance: Glance,
    named: Named,
    /// The topic that its floor names.
    floor: Option<Arc<str>>,
}

/// The events that a window names, by their numbers: one bit each, and those that have none.
#[derive(Debug, Clone, Default)]
struct Named {
    first: u64,
    others: Vec<u32>,
}

/// What is seen of a window without reading it.
pub(super) struct Seen<'b> {
    pub(super) id: &'b str,
    glance: Glance,
    named: Named,
    floor: Option<Arc<str>>,
    /// Digests of the events of its last completion.
    pub(super) done: &'b [[u8; 16]],
}

impl Unread {
    /// Those of a record in these bytes: as yet none.
    pub(super) fn begin(&mut self, all: &Arc<[u8]>) {
        self.all = Arc::clone(all);
    }

    /// A topic of the record, the next one.
    pub(super) fn push_topic(&mut self, topic: Arc<str>) {
        self.topics.push(topic);
    }

    pub(super) fn topics(&self) -> &[Arc<str>] {
        &self.topics
    }

    /// An event of the record, the next one.
    pub(super) fn push_event(&mut self, at: At) {
        self.events.push(at);
    }

    /// Looks through a window, which must name no other topics and events.
    pub(super) fn look<'b>(&self, bytes: &'b [u8]) -> Option<Seen<'b>> {
        let mut meaning = None::<Meaning>;
        let glance = Glance { newest: 0, touched: 0, told: None, items: 0, vacant: true };
        let mut seen = Seen { id: "", glance, named: Named::default(), floor: None, done: &[] };
        let (mut parts, mut values) = (0, 0);
        for field in Reader::new(bytes) {
            let (tag, value) = field?;
            match tag {
                1 => seen.id = str::from_utf8(value.bytes()).ok()?,
                2 => meaning = value.bytes().try_into().ok(),
                3 => seen.glance.newest = value.signed(),
                4 => seen.floor = Some(order_key(&self.topics, value.bytes())?.topic),
                5 => seen.glance.told = Some(value.signed()),
                8 => seen.glance.touched = value.signed(),
                // In pieces, which no version wrote, it would be read otherwise.
                9 if seen.glance.items > 0 => return None,
                9 => seen.glance.items = self.named(value.bytes(), &mut seen.named)?,
                10 => parts = count(value.bytes(), |part| u16::try_from(part.short()).is_ok())?,
                11 => values = count(value.bytes(), |_| true)?,
                12 => lists(value.bytes()).try_for_each(|one| self.named(one?, &mut seen.named).map(drop))?,
                13 => seen.done = value.bytes().as_chunks().0,
                _ => {}
            }
        }
        seen.glance.vacant = seen.floor.is_none() && seen.named.is_empty();
        let items = seen.glance.items;
        (meaning.is_some() && parts == items && values == items).then_some(seen)
    }

    /// Notes the events of these numbers, and tells how many numbers there are. None if one is that of no event.
    fn named(&self, packed: &[u8], named: &mut Named) -> Option<usize> {
        count(packed, |number| {
            named.push(number.short());
            (number.short() as usize) < self.events.len()
        })
    }

    /// Keeps a window that was looked through.
    pub(super) fn keep(&mut self, id: Arc<str>, bytes: &[u8], seen: Seen<'_>) -> Option<()> {
        let bytes = stretch::range(&self.all, bytes)?;
        let Seen { glance, named, floor, .. } = seen;
        self.windows.push(Closed { id, bytes, glance, named, floor });
        Some(())
    }

    fn bytes(&self, window: &Closed) -> &[u8] {
        &self.all[window.bytes.start as usize..window.bytes.end as usize]
    }

    /// How many there are.
    pub(in crate::correlate) fn len(&self) -> usize {
        self.windows.len()
    }

    /// Room of its lists.
    pub(in crate::correlate) fn room(&self) -> usize {
        self.events.capacity().max(self.windows.capacity())
    }

    /// Forgets all, but keeps the room.
    pub(in crate::correlate) fn clear(&mut self) {
        self.all = Arc::default();
        self.topics.clear();
        self.events.clear();
        self.windows.clear();
    }

    /// Forgets those that are not wanted.
    pub(in crate::correlate) fn retain(&mut self, mut wanted: impl FnMut(&str, Glance) -> bool) {
        self.windows.retain(|window| wanted(&window.id, window.glance));
    }

    /// Takes out the window of a correlation, and reads it.
    pub(in crate::correlate) fn take(&mut self, id: &str, spare: &mut Spare) -> Option<Box<Window>> {
        let index = self.windows.iter().position(|window| *window.id == *id)?;
        let window = self.windows.swap_remove(index);
        self.read(&window, spare)
    }

    /// Takes out any one, and reads it.
    pub(in crate::correlate) fn pop(&mut self, spare: &mut Spare) -> Option<(Arc<str>, Box<Window>)> {
        let window = self.windows.pop()?;
        let read = self.read(&window, spare)?;
        Some((window.id, read))
    }

    fn read(&self, closed: &Closed, spare: &mut Spare) -> Option<Box<Window>> {
        let read = window(&self.topics, &self.events, self.bytes(closed), spare);
        debug_assert_eq!(
            read.as_ref().map(|read| read.glance()),
            Some(closed.glance),
            "it was looked through"
        );
        read
    }

    /// The events that they name, in their order.
    pub(super) fn events(&self) -> impl Iterator<Item = &At> {
        let first = self.windows.iter().fold(0, |all, window| all | window.named.first);
        let mut others: Vec<u32> =
            self.windows.iter().flat_map(|window| &window.named.others).copied().collect();
        others.sort_unstable();
        others.dedup();
        let first = (0..u64::BITS).filter(move |number| first >> number & 1 == 1);
        first.chain(others).filter_map(|number| self.events.get(number as usize))
    }

    /// The topics that their floors name, some perhaps several times.
    pub(super) fn floors(&self) -> impl Iterator<Item = &Arc<str>> {
        self.windows.iter().filter_map(|window| window.floor.as_ref())
    }

    /// Writes them, with the numbers that events and topics have now.
    pub(super) fn write(&self, names: &Numbers<'_>, writer: &mut Writer<'_>) {
        let same = self.are_numbered_as(names);
        for window in &self.windows {
            match self.bytes(window) {
                bytes if same => writer.some_bytes(3, bytes),
                bytes => writer.message(3, |writer| {
                    let whole = self.write_anew(bytes, names, writer);
                    debug_assert!(whole.is_some(), "it was looked through");
                }),
            }
        }
    }

    /// Whether all that they name has the number that it had.
    pub(super) fn are_numbered_as(&self, names: &Numbers<'_>) -> bool {
        let until = self.windows.iter().map(|window| window.named.end()).max().unwrap_or(0);
        let same = |(own, new): (&At, &&At)| std::ptr::eq(own, *new) || own == *new;
        let same = self.events.iter().zip(&names.events).take(until).filter(|both| same(*both)).count();
        same == until && names.topics.iter().copied().eq(&self.topics)
    }

    /// Writes a window again, all that it names by other numbers.
    fn write_anew(&self, bytes: &[u8], names: &Numbers<'_>, writer: &mut Writer<'_>) -> Option<()> {
        let renamed = |bytes| {
            let events = Packed::new(bytes).map_while(|number| self.events.get(number?.short() as usize));
            events.map(|at| names.number(at))
        };
        for field in Reader::new(bytes) {
            match field? {
                (4, value) => {
                    let floor = order_key(&self.topics, value.bytes())?;
                    writer.message(4, |writer| names.order(writer, &floor));
                }
                (9, value) => writer.numbers(9, renamed(value.bytes())),
                (12, value) => writer.message(12, |writer| {
                    let events = lists(value.bytes()).flatten();
                    events.for_each(|events| writer.numbers(1, renamed(events)));
                }),
                (tag, Value::Number(number)) => writer.some_number(tag, number),
                (tag, Value::Bytes(bytes)) => writer.some_bytes(tag, bytes),
                (_, Value::Fixed) => {}
            }
        }
        Some(())
    }
}

impl fmt::Debug for Unread {
    // Never what is in them, which people wrote.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} windows not read", self.windows.len())
    }
}

impl Named {
    fn push(&mut self, number: u32) {
        match 1_u64.checked_shl(number) {
            Some(bit) => self.first |= bit,
            None => self.others.push(number),
        }
    }

    fn is_empty(&self) -> bool {
        self.first == 0 && self.others.is_empty()
    }

    /// The number behind the greatest.
    fn end(&self) -> usize {
        let last = self.others.iter().max().map_or(u64::BITS - self.first.leading_zeros(), |last| last + 1);
        last as usize
    }
}

/// How many packed numbers there are. None if one is damaged, or not as it has to be.
fn count(packed: &[u8], mut is_right: impl FnMut(Value<'_>) -> bool) -> Option<usize> {
    Packed::new(packed).try_fold(0, |count, number| is_right(number?).then_some(count + 1))
}
