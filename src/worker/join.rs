//! Joins each message with those before it of the same sender: what `text.joined` reads.
//!
//! Two messages are read as one where one of the two has few words, as who cuts a phrase into pieces does it: so of a
//! conversation in whole sentences nothing is read twice. Only messages of one sender in one room (and session, and to one
//! recipient) follow one another; edits are no messages of their own.
//!
//! A message is remembered with its last words, and read on with its first: a phrase that is cut is short.

use super::tail::{Said, Tail};
use crate::event::{Batch, FieldId, FieldSet, JOINED, Moment, Part, Record, Scalar, parse_time};
use crate::text::token;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// A message has few words if it has at most so many.
const FEW_WORDS: usize = 4;

/// Most bytes of a message's end that are remembered.
const MOST_LAST: usize = 256;

/// Most bytes of all messages before, and of the beginning of the message itself, that are read.
const MOST_READ: usize = 512;

/// Types of the events that follow one another.
const MESSAGES: [&str; 2] = ["chat.message", "transcript.segment"];

/// The fields that a joined text is made from, in a rule set that asks for one.
#[derive(Debug, Clone, Copy)]
struct Joining {
    joined: FieldId,
    id: FieldId,
    time: FieldId,
    sender: FieldId,
    /// What else has to be the same.
    places: [FieldId; 5],
}

impl Joining {
    /// None if no rule reads joined texts.
    fn of(fields: &FieldSet) -> Option<Joining> {
        let find = |path| fields.find(path);
        Some(Joining {
            joined: find(JOINED)?,
            id: find("id")?,
            time: find("time")?,
            sender: find("sender.id")?,
            places: [
                find("platform")?,
                find("tenant")?,
                find("room.id")?,
                find("session.id")?,
                find("recipient.id")?,
            ],
        })
    }

    /// The message in the batch's last row; none if it is none, or nobody is said to have written it.
    fn message<'b>(&self, batch: &'b Batch, moment: Moment) -> Option<Message<'b>> {
        let row = batch.len().checked_sub(1)?;
        let (mut kind, mut text, mut id, mut time, mut sender) = (None, None, None, None, None);
        let mut places = [None; 5];
        for (field, _, scalar) in batch.row_values(row).filter(|(_, _, scalar)| scalar.text().is_some()) {
            let place = match field {
                FieldId::TYPE => &mut kind,
                FieldId::TEXT => &mut text,
                _ if field == self.id => &mut id,
                _ if field == self.time => &mut time,
                _ if field == self.sender => &mut sender,
                _ => match self.places.iter().position(|place| *place == field) {
                    Some(index) => &mut places[index],
                    None => continue,
                },
            };
            *place = Some(scalar);
        }
        MESSAGES.contains(&kind?.text()?).then_some(())?;
        let (time, _) = moment.resolve(time.and_then(parse_time));
        let id = id.and_then(Scalar::text).unwrap_or_default();
        let text = text?.text()?;
        let short = token::tokens(text).nth(FEW_WORDS).is_none();
        Some(Message {
            sender: sender?.text()?,
            places: places.map(|place| place?.text()),
            id,
            time,
            text,
            short,
        })
    }
}

/// A message in hand.
#[derive(Debug)]
struct Message<'b> {
    sender: &'b str,
    places: [Option<&'b str>; 5],
    id: &'b str,
    time: i64,
    text: &'b str,
    short: bool,
}

impl Message<'_> {
    /// Writes what tells conversations apart.
    fn conversation(&self, out: &mut String) {
        out.clear();
        for part in self.places.into_iter().chain([Some(self.sender)]) {
            // Writing to a String cannot fail.
            let _infallible = match part {
                Some(part) => write!(out, "{}:{part}", part.len()),
                None => write!(out, "-"),
            };
        }
    }

    fn remembered(&self, offset: i64) -> Said {
        let text = last(self.text, MOST_LAST);
        let skipped = u32::try_from(self.text.len() - text.len()).unwrap_or(u32::MAX);
        Said { offset, time: self.time, id: self.id.into(), text: text.into(), skipped, short: self.short }
    }
}

/// Joins messages, and remembers them for it: the tails of a worker's partitions. Does nothing, and costs nothing, where no
/// rule asks for it.
#[derive(Debug)]
pub struct Joiner {
    joining: Option<Joining>,
    limit: usize,
    /// By topic and partition.
    tails: BTreeMap<(Arc<str>, i32), Tail>,
    conversation: String,
}

impl Joiner {
    /// For events that are read into these fields; of each partition, at most `limit` bytes are remembered.
    pub fn new(fields: &FieldSet, limit: usize) -> Joiner {
        let joining = Joining::of(fields);
        Joiner { joining, limit, tails: BTreeMap::new(), conversation: String::new() }
    }

    /// Goes on for events that are read into other fields.
    pub(super) fn follow(&mut self, fields: &FieldSet) {
        self.joining = Joining::of(fields);
        if !self.is_active() {
            self.tails.clear();
        }
    }

    /// Whether there is anything to do.
    pub(super) fn is_active(&self) -> bool {
        self.joining.is_some()
    }

    /// Takes in the message in the batch's last row, which was read from `record`, and joins it with those before it.
    pub fn take(&mut self, record: &Record<'_>, moment: Moment, batch: &mut Batch) {
        let Some(joining) = self.joining else { return };
        let Some(message) = joining.message(batch, moment) else { return };
        message.conversation(&mut self.conversation);
        let said = message.remembered(record.offset);
        let own = first(message.text, MOST_READ).to_owned();
        let id = message.id.to_owned();
        let place = (Arc::clone(record.topic), record.partition);
        let tail = self.tails.entry(place).or_insert_with(|| Tail::new(self.limit));
        let mut before = Vec::new();
        let (mut room, mut short) = (MOST_READ, message.short);
        for one in tail.before(&self.conversation, message.time) {
            if !(short || one.short) || one.text.len() > room {
                break;
            }
            (room, short) = (room - one.text.len(), one.short);
            before.push(one);
        }
        if !before.is_empty() {
            let part = |skipped, offset, id| Part { span: (0, 0), skipped, offset, id };
            let earlier =
                before.iter().rev().map(|one| (part(one.skipped, one.offset, &*one.id), &*one.text));
            let parts = earlier.chain([(part(0, record.offset, &*id), &*own)]);
            // A batch that is full gets no joined text; it holds 4 GiB.
            let _full = batch.join(joining.joined, parts);
        }
        tail.push(&self.conversation, said);
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
    }

    /// How many messages were forgotten for lack of room since this was asked last.
    pub(super) fn take_evicted(&mut self) -> u64 {
        self.tails.values_mut().map(Tail::take_evicted).sum()
    }
}

/// The end of a text, from the beginning of a word on. Nothing of a text that is too long and has no white space there.
fn last(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = text.get(text.ceil_char_boundary(text.len() - most)..).unwrap_or_default();
    end.find(char::is_whitespace).and_then(|space| end.get(space..)).unwrap_or_default()
}

/// The beginning of a text, up to the end of a word.
fn first(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let start = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
    start.rfind(char::is_whitespace).and_then(|space| start.get(..space)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_words() {
        assert_eq!((last("one two", 7), first("one two", 7)), ("one two", "one two"));
        assert_eq!((last("one two", 6), first("one two", 6)), (" two", "one"));
        assert_eq!((last("aé bé", 5), first("aé bé", 5)), (" bé", "aé"));
        assert_eq!((last("onetwo", 5), first("onetwo", 5)), ("", ""));
    }
}
