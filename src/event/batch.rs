//! A batch of decoded events: one arena of text, the projected values, and a row of values per event.

use super::FieldId;
use super::joined::{Joint, Part, StoredPart};
use super::json::Order;
use std::ops::Range;

/// A value as a rule compares it, borrowed from a batch's arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// A string, unescaped.
    Text(&'a str),
    /// A number by its canonical text: integers keep their digits.
    Number(&'a str),
    /// True or false.
    Bool(bool),
    /// Present and null.
    Null,
    /// Present, an object or an empty array: exists, and equals nothing.
    Composite,
}

impl<'a> Scalar<'a> {
    /// The canonical text by which scalars compare and become keys; none for null and composites.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Scalar::Text(text) | Scalar::Number(text) => Some(text),
            Scalar::Bool(true) => Some("true"),
            Scalar::Bool(false) => Some("false"),
            Scalar::Null | Scalar::Composite => None,
        }
    }
}

/// What kind of value an arena range holds; the storable form of [`Scalar`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredValue {
    /// A string: its range in the arena.
    Text(u32, u32),
    /// A number: the range of its canonical text in the arena.
    Number(u32, u32),
    /// True or false.
    Bool(bool),
    /// Null.
    Null,
    /// An object or an empty array.
    Composite,
}

/// A value of a batch, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

/// One event of a batch: which values are its own, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The event's values, as a range of the batch's values.
    pub values: Range<u32>,
    /// Index of the record that the event came from, among the records given to the decoder.
    pub record: u32,
    /// Not all of it could be read: bytes that are no UTF-8 or broken escapes, read with replacement characters
    /// (spans index that reading), or a member that is no JSON inside.
    pub lossy: bool,
}

/// Decoded events. Cleared and refilled; its buffers are kept.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    arena: String,
    values: Vec<(FieldId, StoredValue)>,
    rows: Vec<Row>,
    /// By value.
    joints: Vec<Joint>,
    parts: Vec<StoredPart>,
    scratch: Scratch,
}

/// What a decoder needs while it reads one event; here, so that decoding allocates nothing after warm-up.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// The record being read, if its bytes were not valid UTF-8: with replacement characters.
    pub(super) lossy: String,
    /// In which keys of the events before came.
    pub(super) order: Order,
    /// For each field: the last event that had it, by its serial number, and the rank of that value's source.
    pub(super) seen: Vec<(u64, u8)>,
    /// Serial number of the event being read.
    pub(super) serial: u64,
}

/// How full a batch was, to return to after a failed decode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    arena: usize,
    pub(super) values: usize,
}

/// The last value of a field that is a scalar and not null: where one is needed and several were given, that is
/// the one taken, as most JSON libraries have it.
pub(super) fn last_scalar<'a>(
    values: impl Iterator<Item = (FieldId, Scalar<'a>)>,
    field: FieldId,
) -> Option<Scalar<'a>> {
    values.filter(|(of, value)| *of == field && value.text().is_some()).last().map(|(_, value)| value)
}

impl Batch {
    /// Forgets all events and keeps the buffers.
    pub fn clear(&mut self) {
        self.arena.clear();
        self.values.clear();
        self.rows.clear();
        self.joints.clear();
        self.parts.clear();
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if there is no event.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The events in the order of their records.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The value of that id.
    pub fn value(&self, id: ValueId) -> Scalar<'_> {
        self.scalar(self.values[id.0 as usize].1)
    }

    /// All values of an event with their fields, in the order of the event's bytes.
    pub fn row_values(&self, row: usize) -> impl Iterator<Item = (FieldId, ValueId, Scalar<'_>)> {
        self.rows[row].values.clone().map(move |index| {
            let id = ValueId(index);
            (self.values[index as usize].0, id, self.value(id))
        })
    }

    /// The values of one field of an event: several if it is an array, none if it is absent.
    pub fn values(&self, row: usize, field: FieldId) -> impl Iterator<Item = (ValueId, Scalar<'_>)> {
        let own = self.row_values(row).filter(move |(of, _, _)| *of == field);
        own.map(|(_, id, scalar)| (id, scalar))
    }

    /// Gives the last event a text that is joined from these parts, with their texts. None, and nothing done, if the
    /// batch is full.
    pub(crate) fn join<'p>(
        &mut self,
        field: FieldId,
        parts: impl Iterator<Item = (Part<'p>, &'p str)> + Clone,
    ) -> Option<()> {
        let (mark, first) = (self.mark(), self.parts.len());
        let joined = self.push_parts(parts).and_then(|text| {
            let value = ValueId(u32::try_from(self.values.len()).ok()?);
            let row = self.rows.last_mut()?;
            row.values.end = value.0.checked_add(1)?;
            self.push(field, StoredValue::Text(text.0, text.1));
            self.joints.push(Joint { value, parts: first..self.parts.len() });
            Some(())
        });
        if joined.is_none() {
            self.rewind(mark);
            self.parts.truncate(first);
        }
        joined
    }

    /// Appends parts, their ids and, one line each, their texts; yields where the whole text stands.
    fn push_parts<'p>(
        &mut self,
        parts: impl Iterator<Item = (Part<'p>, &'p str)> + Clone,
    ) -> Option<(u32, u32)> {
        let first = self.parts.len();
        for (part, _) in parts.clone() {
            let Part { skipped, offset, id, .. } = part;
            let id = self.push_text(id)?;
            self.parts.push(StoredPart { span: (0, 0), skipped, offset, id });
        }
        let whole = self.end()?;
        for (index, (_, text)) in (first..).zip(parts) {
            if index > first {
                self.arena.push('\n');
            }
            let (start, end) = self.push_text(text)?;
            self.parts[index].span = (start - whole, end - whole);
        }
        Some((whole, self.end()?))
    }

    fn push_text(&mut self, text: &str) -> Option<(u32, u32)> {
        let start = self.end()?;
        self.arena.push_str(text);
        Some((start, self.end()?))
    }

    /// The parts of a joined text; none of a value that is none.
    pub fn parts(&self, value: ValueId) -> impl DoubleEndedIterator<Item = Part<'_>> {
        let found = self.joints.binary_search_by_key(&value, |joint| joint.value).ok();
        let parts = found.map(|index| self.joints[index].parts.clone()).unwrap_or_default();
        self.parts[parts].iter().map(|part| Part {
            span: part.span,
            skipped: part.skipped,
            offset: part.offset,
            id: self.slice(part.id.0, part.id.1),
        })
    }

    /// Where the last part of a joined text begins, in bytes of it: an occurrence has to begin before and end behind.
    pub(crate) fn cut(&self, value: ValueId) -> Option<u32> {
        if self.joints.is_empty() {
            return None;
        }
        self.parts(value).next_back().map(|part| part.span.0)
    }

    /// How full the batch is.
    pub(super) fn mark(&self) -> Mark {
        Mark { arena: self.arena.len(), values: self.values.len() }
    }

    /// Forgets what was added since `mark`.
    pub(super) fn rewind(&mut self, mark: Mark) {
        self.arena.truncate(mark.arena);
        self.values.truncate(mark.values);
    }

    /// The arena, to append to. What is appended becomes a value by [`Batch::push`].
    pub(super) fn arena(&mut self) -> &mut String {
        &mut self.arena
    }

    /// The end of the arena, where the next text begins. None if it is full: 4 GiB.
    pub(super) fn end(&self) -> Option<u32> {
        u32::try_from(self.arena.len()).ok()
    }

    /// Adds a value to the event being read.
    pub(super) fn push(&mut self, field: FieldId, value: StoredValue) {
        self.values.push((field, value));
    }

    /// Drops the values since `mark` that `keep` does not want.
    pub(super) fn retain_since(&mut self, mark: Mark, keep: impl Fn(FieldId) -> bool) {
        let mut kept = mark.values;
        for index in mark.values..self.values.len() {
            if keep(self.values[index].0) {
                self.values.swap(kept, index);
                kept += 1;
            }
        }
        self.values.truncate(kept);
    }

    /// The values since `mark`, as those of one event not yet in [`Batch::rows`].
    pub(super) fn values_since(&self, mark: Mark) -> impl Iterator<Item = (FieldId, Scalar<'_>)> {
        let stored = self.values.get(mark.values..).unwrap_or_default();
        stored.iter().map(|(field, value)| (*field, self.scalar(*value)))
    }

    /// Where the last text or number of a field stands in the arena, among the values since `mark`; empty texts
    /// do not count.
    pub(super) fn last_range(&self, mark: Mark, field: FieldId) -> Option<Range<usize>> {
        let stored = self.values.get(mark.values..).unwrap_or_default();
        stored.iter().rev().find_map(|(of, value)| match value {
            StoredValue::Text(start, end) | StoredValue::Number(start, end)
                if *of == field && start < end =>
            {
                Some(*start as usize..*end as usize)
            }
            _ => None,
        })
    }

    /// Closes the event whose values were pushed since `mark`. None, and nothing done, if there are too many.
    pub(super) fn push_row(&mut self, mark: Mark, record: u32, lossy: bool) -> Option<()> {
        let (start, end) = (u32::try_from(mark.values).ok()?, u32::try_from(self.values.len()).ok()?);
        self.rows.push(Row { values: start..end, record, lossy });
        Some(())
    }

    /// The decoder's working memory.
    pub(super) fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
    }

    fn scalar(&self, value: StoredValue) -> Scalar<'_> {
        match value {
            StoredValue::Text(start, end) => Scalar::Text(self.slice(start, end)),
            StoredValue::Number(start, end) => Scalar::Number(self.slice(start, end)),
            StoredValue::Bool(value) => Scalar::Bool(value),
            StoredValue::Null => Scalar::Null,
            StoredValue::Composite => Scalar::Composite,
        }
    }

    /// Every range was made of a whole string. Were one not, a panic would show the text that it cuts.
    fn slice(&self, start: u32, end: u32) -> &str {
        self.arena.get(start as usize..end as usize).unwrap_or_default()
    }
}
