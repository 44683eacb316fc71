//! Joins each message with those before it of the same sender: what `text.joined` reads. And shows what was written before in
//! the same room: what flags have as context.
//!
//! Two messages are read as one where one of the two has few words, as who cuts a phrase into pieces does it: so of a
//! conversation in whole sentences nothing is read twice. Only messages of one sender in one room (and session, and to one
//! recipient) follow one another; edits are no messages of their own.
//!
//! A message is remembered with its last words, and read on with its first: a phrase that is cut is short, and so are the
//! messages of a chat.

use super::tail::{Keys, Said, Seen, Tail};
use crate::event::{Batch, FieldId, FieldSet, JOINED, Moment, Part, Record, find_read, parse_time};
use crate::text::{position, token};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// A message has few words if it has at most so many.
const FEW_WORDS: usize = 4;

/// Most bytes of a message's end that are remembered.
const MOST_LAST: usize = 1_024;

/// Most bytes of all messages before, and of the beginning of the message itself, that are read.
const MOST_READ: usize = 1_024;

/// Types of the events that follow one another.
const MESSAGES: [&str; 2] = ["chat.message", "transcript.segment"];

/// The fields that say which messages follow one another.
#[derive(Debug, Clone, Copy)]
struct Following {
    /// The field of joined texts, in a rule set that asks for one.
    joined: Option<FieldId>,
    id: FieldId,
    time: FieldId,
    sender: FieldId,
    recipient: FieldId,
    /// What makes a room.
    places: [FieldId; 4],
}

impl Following {
    /// None if the set does not hold them.
    fn of(fields: &FieldSet) -> Option<Following> {
        let [id, time, platform, tenant, room, session, sender, recipient] = find_read(fields)?;
        let places = [platform, tenant, room, session];
        Some(Following { joined: fields.find(JOINED), id, time, sender, recipient, places })
    }

    /// What is read of the batch's last row.
    fn read<'b>(&self, batch: &'b Batch, moment: Moment) -> Option<Read<'b>> {
        let row = batch.len().checked_sub(1)?;
        let mut time = None;
        let mut read = Read::default();
        let given = batch.row_values(row).filter_map(|(field, _, value)| Some((field, value, value.text()?)));
        for (field, value, text) in given {
            let place = match field {
                FieldId::TYPE => &mut read.kind,
                FieldId::TEXT => &mut read.text,
                _ if field == self.id => &mut read.id,
                _ if field == self.sender => &mut read.sender,
                _ if field == self.recipient => &mut read.recipient,
                _ if field == self.time => {
                    time = Some(value);
                    continue;
                }
                _ => match self.places.iter().position(|place| *place == field) {
                    Some(index) => &mut read.places[index],
                    None => continue,
                },
            };
            *place = Some(text);
        }
        (read.time, _) = moment.resolve(time.and_then(parse_time));
        Some(read)
    }
}

/// What is read of an event.
#[derive(Debug, Default)]
struct Read<'b> {
    kind: Option<&'b str>,
    text: Option<&'b str>,
    id: Option<&'b str>,
    sender: Option<&'b str>,
    recipient: Option<&'b str>,
    places: [Option<&'b str>; 4],
    time: i64,
}

impl Read<'_> {
    /// Writes the key of what its sender writes in this place; false if nobody is said to have written it.
    fn sender_key(&self, out: &mut String) -> bool {
        write_key(self.places.into_iter().chain([self.recipient, self.sender]), out);
        self.sender.is_some()
    }

    /// Writes the key of its room: where it has neither room nor session, that of its two people. False if it has none.
    fn room_key(&self, out: &mut String) -> bool {
        let [_, _, room, session] = self.places;
        if room.or(session).is_some() {
            write_key(self.places.into_iter(), out);
            return true;
        }
        let people = [self.sender.min(self.recipient), self.sender.max(self.recipient)];
        write_key(self.places.into_iter().chain(people), out);
        people.iter().all(Option::is_some)
    }

    /// Its text, if it is a message.
    fn message(&self) -> Option<&str> {
        self.text.filter(|_| self.kind.is_some_and(|kind| MESSAGES.contains(&kind)))
    }

    /// What is remembered of it, with its text, that was read from a record at `offset`.
    fn said(&self, text: &str, offset: i64, logged: i64) -> Said {
        let owned = |text: Option<&str>| text.unwrap_or_default().into();
        let (skipped, last) = last(text, MOST_LAST);
        Said {
            offset,
            time: self.time,
            logged,
            id: owned(self.id),
            sender: owned(self.sender),
            text: last.into(),
            skipped: position(skipped),
            short: token::tokens(text).nth(FEW_WORDS).is_none(),
        }
    }
}

fn write_key<'k>(parts: impl Iterator<Item = Option<&'k str>>, out: &mut String) {
    out.clear();
    for part in parts {
        // Writing to a String cannot fail.
        let _infallible = match part {
            Some(part) => write!(out, "{}:{part}", part.len()),
            None => write!(out, "-"),
        };
    }
}

/// Where a partition's tail is kept: by topic and partition.
type Place = (Arc<str>, i32);

/// Remembers messages, and joins each with those before it where a rule asks for it. Does nothing, and costs nothing, where
/// neither a rule nor the flags need what was before.
#[derive(Debug)]
pub struct Joiner {
    following: Option<Following>,
    limit: usize,
    /// How many messages of its room are shown with an event.
    context: usize,
    tails: BTreeMap<Place, Tail>,
    /// Events of the batch, by row, whose rooms had messages before.
    seen: Vec<(usize, Place, Seen)>,
    sender: String,
    room: String,
}

impl Joiner {
    /// For events that are read into these fields; of each partition, at most `limit` bytes are remembered.
    pub fn new(fields: &FieldSet, context: usize, limit: usize) -> Joiner {
        Joiner {
            following: Following::of(fields).filter(|following| context > 0 || following.joined.is_some()),
            limit,
            context,
            tails: BTreeMap::new(),
            seen: Vec::new(),
            sender: String::new(),
            room: String::new(),
        }
    }

    /// Goes on for events that are read into other fields.
    pub(super) fn follow(&mut self, fields: &FieldSet, context: usize) {
        let tails = std::mem::take(&mut self.tails);
        *self = Joiner::new(fields, context, self.limit);
        if self.is_active() {
            self.tails = tails;
        }
    }

    /// Whether there is anything to do.
    pub(super) fn is_active(&self) -> bool {
        self.following.is_some()
    }

    /// Takes in the event in the batch's last row, which was read from `record`, and joins it with the messages before it.
    pub fn take(&mut self, record: &Record<'_>, moment: Moment, batch: &mut Batch) {
        let Some(following) = self.following else { return };
        let Some(read) = following.read(batch, moment) else { return };
        let logged = record.timestamp.unwrap_or_default();
        let room = self.context > 0 && read.room_key(&mut self.room);
        let sender = following.joined.is_some() && read.sender_key(&mut self.sender);
        let place = (Arc::clone(record.topic), record.partition);
        let known = || self.tails.get(&place)?.seen(&self.room, read.time);
        if let Some(seen) = room.then(known).flatten() {
            self.seen.push((batch.len() - 1, place.clone(), seen));
        }
        let Some(text) = read.message().filter(|_| sender || room) else {
            return self.tails.get_mut(&place).into_iter().for_each(|tail| tail.pass(logged));
        };
        let said = read.said(text, record.offset, logged);
        let tail = self.tails.entry(place).or_insert_with(|| Tail::new(self.limit));
        if let Some(joined) = following.joined.filter(|_| sender) {
            let before = read_as_one(tail, &self.sender, &said);
            if !before.is_empty() {
                let (skipped, own) = first(text, MOST_READ);
                let own = own.to_owned();
                let earlier = before.iter().rev().map(|one| (part(one, one.skipped), &*one.text));
                let parts = earlier.chain([(part(&said, position(skipped)), &*own)]);
                // A batch that is full gets no joined text; it holds 4 GiB.
                let _full = batch.join(joined, parts);
            }
        }
        let keys = Keys { sender: sender.then_some(&*self.sender), room: room.then_some(&*self.room) };
        tail.push(keys, said);
    }

    /// The messages before an event of the batch in its room, the last first.
    pub(super) fn context(&self, row: usize) -> impl Iterator<Item = &Said> {
        let found = self.seen.binary_search_by_key(&row, |(row, ..)| *row).ok();
        let found = found.and_then(|index| self.seen.get(index));
        let of = found.and_then(|(_, place, seen)| Some(self.tails.get(place)?.at(*seen)));
        of.into_iter().flatten().take(self.context)
    }

    /// The batch is done.
    pub fn release(&mut self) {
        self.seen.clear();
        self.tails.values_mut().for_each(Tail::release);
    }

    /// Where reading of a partition has to begin for the same tail; none if it is empty. A worker reads one topic.
    pub(super) fn first_offset(&self, partition: i32) -> Option<i64> {
        self.tails.iter().find(|((_, own), _)| *own == partition)?.1.first_offset()
    }

    /// Forgets a partition.
    pub(super) fn forget(&mut self, partition: i32) {
        self.tails.retain(|(_, own), _| *own != partition);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.tails.clear();
        self.seen.clear();
    }

    /// How many messages were forgotten for lack of room since this was asked last.
    pub(super) fn take_evicted(&mut self) -> u64 {
        self.tails.values_mut().map(Tail::take_evicted).sum()
    }
}

/// The messages before one of its sender that are read as one with it, the last first.
fn read_as_one<'t>(tail: &'t Tail, sender: &str, said: &Said) -> Vec<&'t Said> {
    let (mut room, mut short) = (MOST_READ, said.short);
    let goes_on = |one: &&Said| {
        let fits = (short || one.short) && one.text.len() <= room;
        (room, short) = (room.saturating_sub(one.text.len()), one.short);
        fits
    };
    tail.before(sender, said.time).take_while(goes_on).collect()
}

/// The end of a text up to its last letter, and how many bytes there are before: from the beginning of a word on, if one
/// begins there.
fn last(text: &str, most: usize) -> (usize, &str) {
    if text.len() <= most {
        return (0, text);
    }
    let text = text.trim_end_matches(|character: char| !character.is_alphanumeric());
    let cut = text.ceil_char_boundary(text.len().saturating_sub(most));
    let end = text.get(cut..).unwrap_or_default();
    let word = end.find(char::is_whitespace).filter(|_| cut > 0).unwrap_or_default();
    (cut + word, end.get(word..).unwrap_or_default())
}

/// The beginning of a text from its first letter on, and how many bytes there are before: up to the end of a word, if one
/// ends there.
fn first(text: &str, most: usize) -> (usize, &str) {
    if text.len() <= most {
        return (0, text);
    }
    let rest = text.trim_start_matches(|character: char| !character.is_alphanumeric());
    let start = rest.get(..rest.floor_char_boundary(most)).unwrap_or_default();
    let word = start.rfind(char::is_whitespace).filter(|_| start.len() < rest.len());
    (text.len() - rest.len(), start.get(..word.unwrap_or(start.len())).unwrap_or_default())
}

fn part(said: &Said, skipped: u32) -> Part<'_> {
    Part { span: (0, 0), skipped, offset: said.offset, id: &said.id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_words() {
        // text, bytes, the end, the beginning
        let cases = [
            ("one two", 7, (0, "one two"), (0, "one two")),
            ("one two", 6, (3, " two"), (0, "one")),
            ("aé bé", 5, (3, " bé"), (0, "aé")),
            ("onetwo", 5, (1, "netwo"), (0, "onetw")),
            ("one ....", 7, (0, "one"), (0, "one")),
            (".... one", 7, (4, " one"), (5, "one")),
            ("\u{200b}\u{200b}one\u{200b}\u{200b}", 8, (3, "\u{200b}one"), (6, "one\u{200b}")),
            (".........", 4, (0, ""), (9, "")),
        ];
        for (text, most, end, start) in cases {
            assert_eq!((last(text, most), first(text, most)), (end, start), "{text:?}");
        }
    }
}
