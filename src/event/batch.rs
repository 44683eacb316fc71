//! A batch of decoded events: one arena of text, the projected values, and a row of values per event.

use super::FieldId;
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
    /// The bytes were not valid UTF-8 and were read with replacement characters; spans index that reading.
    pub lossy: bool,
}

/// Decoded events. Cleared and refilled; its buffers are kept.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    arena: String,
    values: Vec<(FieldId, StoredValue)>,
    rows: Vec<Row>,
}

impl Batch {
    /// Forgets all events and keeps the buffers.
    pub fn clear(&mut self) {
        self.arena.clear();
        self.values.clear();
        self.rows.clear();
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
        match self.values[id.0 as usize].1 {
            StoredValue::Text(start, end) => Scalar::Text(self.slice(start, end)),
            StoredValue::Number(start, end) => Scalar::Number(self.slice(start, end)),
            StoredValue::Bool(value) => Scalar::Bool(value),
            StoredValue::Null => Scalar::Null,
            StoredValue::Composite => Scalar::Composite,
        }
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

    #[expect(clippy::string_slice, reason = "ranges were made by push_text from whole strings")]
    fn slice(&self, start: u32, end: u32) -> &str {
        &self.arena[start as usize..end as usize]
    }
}
