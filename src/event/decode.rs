//! Decoding: one walk over a record's bytes, the projected values copied into a batch.
//!
//! What can be scanned is scanned. Settled here, each with a test:
//!
//! * Invalid UTF-8 is read with U+FFFD in its place, and the row marked; spans then index that reading.
//! * Keys given twice: neither wins, both values are read, as if the field were an array. Which of them a
//!   viewer's program showed depends on its JSON library, and a rule should see either. Where one value is
//!   needed (id, time) it is the last, as most libraries have it.
//! * Arrays give several values; of arrays in arrays all elements; objects in arrays are descended into.
//! * A field with several sources takes the first that is present; null, objects and empty arrays count as
//!   absent there, so that an empty first source does not hide a full second.
//! * No type but a text: `chat.message`. Neither: an error, unless the mapping takes any object.
//! * A byte order mark before and white space or NULs after the object are passed over. Anything else after
//!   it is an error, for a second object there would otherwise go unread.
//!
//! A failed decode leaves the batch as it was. Errors say where and what, never the text.
//!
//! The event's own members are held to the grammar, so that none goes unread; what stands inside an object or array
//! is not, if it cannot be read: the innermost member with the damage is passed over by its quotes and brackets
//! (`json/skip.rs`), what stands before the damage is kept, and the row is marked. Damage in one place hides
//! nothing in another, and whether a record is an event does not depend on the fields that are asked for.

use super::batch::Mark;
use super::derive::Derived;
use super::json::{Cursor, Key, RawString, Start};
use super::projection::{Node, Target, Treatment};
use super::{Batch, FieldId, FieldSet, Mapping, Moment, Pseudonyms, StoredValue, push_canonical_number};
use std::fmt;

/// Why a record is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code} at byte {offset}")]
pub struct DecodeError {
    /// What is wrong.
    pub code: DecodeErrorCode,
    /// Offset of the byte at which reading ended, in the record; its length where the end came too soon.
    pub offset: usize,
}

/// The kinds of decode errors, as metrics and dead letters name them.
///
/// As wide as the offset beside it: results that hold an error are else copied in odd pieces, which costs more than
/// reading the JSON.
#[repr(u64)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DecodeErrorCode {
    /// The record does not begin with an object.
    NotAnObject,
    /// The record ends inside the object.
    UnexpectedEnd,
    /// A byte that JSON does not allow there.
    UnexpectedByte,
    /// A number that is none.
    InvalidNumber,
    /// More than 128 nested objects and arrays.
    TooDeep,
    /// Something follows the object.
    TrailingBytes,
    /// The event has neither type nor text.
    NoTypeNoText,
    /// The batch cannot hold it: its texts would exceed 4 GiB.
    BatchFull,
}

impl DecodeErrorCode {
    /// All codes.
    pub const ALL: [DecodeErrorCode; 8] = [
        DecodeErrorCode::NotAnObject,
        DecodeErrorCode::UnexpectedEnd,
        DecodeErrorCode::UnexpectedByte,
        DecodeErrorCode::InvalidNumber,
        DecodeErrorCode::TooDeep,
        DecodeErrorCode::TrailingBytes,
        DecodeErrorCode::NoTypeNoText,
        DecodeErrorCode::BatchFull,
    ];

    /// The stable name used in metrics and headers.
    pub fn name(self) -> &'static str {
        match self {
            DecodeErrorCode::NotAnObject => "not_an_object",
            DecodeErrorCode::UnexpectedEnd => "unexpected_end",
            DecodeErrorCode::UnexpectedByte => "unexpected_byte",
            DecodeErrorCode::InvalidNumber => "invalid_number",
            DecodeErrorCode::TooDeep => "too_deep",
            DecodeErrorCode::TrailingBytes => "trailing_bytes",
            DecodeErrorCode::NoTypeNoText => "no_type_no_text",
            DecodeErrorCode::BatchFull => "batch_full",
        }
    }
}

impl fmt::Display for DecodeErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DecodeErrorCode::NotAnObject => "record is no JSON object",
            DecodeErrorCode::UnexpectedEnd => "JSON ends too soon",
            DecodeErrorCode::UnexpectedByte => "byte that JSON does not allow here",
            DecodeErrorCode::InvalidNumber => "number that JSON does not allow",
            DecodeErrorCode::TooDeep => "objects and arrays nested more than 128 deep",
            DecodeErrorCode::TrailingBytes => "bytes after the JSON object",
            DecodeErrorCode::NoTypeNoText => "event has neither type nor text",
            DecodeErrorCode::BatchFull => "batch is full",
        })
    }
}

/// Reads the fields of a rule set out of records. Immutable; shared by all workers.
#[derive(Debug, Clone)]
pub struct Decoder {
    root: Node,
    mapping: Mapping,
    pseudonyms: Option<Pseudonyms>,
    constants: Vec<(FieldId, String)>,
    derived: Derived,
    /// Fields of the set; those beyond it are read for the sake of derived ones only.
    visible: u16,
    slots: usize,
}

impl Decoder {
    /// A decoder of `fields` from events that `mapping` describes.
    pub fn new(fields: &FieldSet, mapping: &Mapping, pseudonyms: Option<&Pseudonyms>) -> Decoder {
        let mut all = fields.clone();
        let derived = Derived::compile(&mut all);
        let constants = mapping.constants();
        let constants = constants.filter_map(|(path, value)| Some((all.find(path)?, value.to_owned())));
        Decoder {
            root: Node::compile(&all, mapping, pseudonyms, &derived),
            constants: constants.collect(),
            derived,
            visible: u16::try_from(fields.iter().count()).unwrap_or(u16::MAX),
            slots: all.iter().count(),
            mapping: mapping.clone(),
            pseudonyms: pseudonyms.cloned(),
        }
    }

    /// Reads the event in `payload` into a new row of `batch`; `record` is remembered in the row. An event's own
    /// time is believed: who knows when the record was read uses [`Decoder::decode_at`].
    ///
    /// On error the batch is as it was.
    pub fn decode(&self, record: u32, payload: &[u8], batch: &mut Batch) -> Result<(), DecodeError> {
        self.decode_payload(record, payload, None, batch)
    }

    /// The same, of a record that was read at that moment.
    pub fn decode_at(
        &self,
        record: u32,
        payload: &[u8],
        moment: Moment,
        batch: &mut Batch,
    ) -> Result<(), DecodeError> {
        self.decode_payload(record, payload, Some(moment), batch)
    }

    fn decode_payload(
        &self,
        record: u32,
        payload: &[u8],
        moment: Option<Moment>,
        batch: &mut Batch,
    ) -> Result<(), DecodeError> {
        let (payload, skipped) = match payload.strip_prefix("\u{feff}".as_bytes()) {
            Some(rest) => (rest, '\u{feff}'.len_utf8()),
            None => (payload, 0),
        };
        let reading = Reading { record, lossy: false, moment };
        let result = match simdutf8::basic::from_utf8(payload) {
            Ok(text) => self.read(reading, text, batch),
            Err(_) => self.read_lossy(reading, payload, batch),
        };
        result.map_err(|error| DecodeError { offset: error.offset + skipped, ..error })
    }

    fn read_lossy(&self, reading: Reading, payload: &[u8], batch: &mut Batch) -> Result<(), DecodeError> {
        let mut text = std::mem::take(&mut batch.scratch().lossy);
        text.clear();
        for chunk in payload.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        let result = self.read(Reading { lossy: true, ..reading }, &text, batch);
        batch.scratch().lossy = text;
        result.map_err(|error| DecodeError { offset: original_offset(payload, error.offset), ..error })
    }

    fn read(&self, reading: Reading, text: &str, batch: &mut Batch) -> Result<(), DecodeError> {
        let mark = batch.mark();
        let scratch = batch.scratch();
        scratch.serial += 1;
        scratch.order.begin();
        if scratch.seen.len() < self.slots {
            scratch.seen.resize(self.slots, (0, 0));
        }
        let Reading { record, lossy, moment } = reading;
        let mut walk = Walk { decoder: self, batch, mark, lossy, moment };
        let mut cursor = Cursor::new(text);
        let result =
            if self.mapping.is_plain_text() { walk.message(&cursor, text) } else { walk.event(&mut cursor) };
        let lossy = walk.lossy;
        let full = DecodeError { code: DecodeErrorCode::BatchFull, offset: text.len() };
        let result = result.and_then(|()| batch.push_row(mark, record, lossy).ok_or(full));
        if result.is_err() {
            batch.rewind(mark);
        }
        result
    }
}

/// What is known of a record besides its text.
#[derive(Debug, Clone, Copy)]
struct Reading {
    record: u32,
    lossy: bool,
    moment: Option<Moment>,
}

/// Where in the record the byte at `offset` of its lossy reading stands.
fn original_offset(payload: &[u8], offset: usize) -> usize {
    let (mut read, mut original) = (0, 0);
    for chunk in payload.utf8_chunks() {
        if offset <= read + chunk.valid().len() {
            return original + (offset - read);
        }
        read += chunk.valid().len() + char::REPLACEMENT_CHARACTER.len_utf8();
        original += chunk.valid().len() + chunk.invalid().len();
        if offset < read {
            return original;
        }
    }
    payload.len()
}

/// Ranks beyond those of sources, in falling order of worth.
mod rank {
    pub(super) const CONSTANT: u8 = 253;
    pub(super) const DEFAULT: u8 = 254;
    pub(super) use super::super::projection::EMPTY;
}

/// One event being read.
struct Walk<'d, 'b> {
    decoder: &'d Decoder,
    batch: &'b mut Batch,
    mark: Mark,
    lossy: bool,
    moment: Option<Moment>,
}

type Read = Result<(), DecodeError>;

impl Walk<'_, '_> {
    fn event(&mut self, cursor: &mut Cursor<'_>) -> Read {
        if cursor.peek() != Some(b'{') {
            return Err(cursor.error(DecodeErrorCode::NotAnObject));
        }
        cursor.take(b'{');
        let decoder = self.decoder;
        self.object(cursor, &decoder.root, 1)?;
        cursor.finish()?;
        self.supply(cursor)
    }

    /// Reads a record that is no JSON but the text of a message.
    fn message(&mut self, cursor: &Cursor<'_>, text: &str) -> Read {
        let decoder = self.decoder;
        if let Some(node) = decoder.root.child("text") {
            self.store(cursor, node, Found::plain(text))?;
        }
        self.supply(cursor)
    }

    /// Reads the members of an object that was just opened, the `depth`th one open.
    fn object(&mut self, cursor: &mut Cursor<'_>, node: &Node, depth: u32) -> Read {
        cursor.check_depth(depth)?;
        let mut first = true;
        while let Some(key) = cursor.next_key(first, &mut self.batch.scratch().order)? {
            first = false;
            match self.child(cursor, node, key) {
                Some(child) => self.member(cursor, child, depth)?,
                None => cursor.skip(depth)?,
            }
        }
        Ok(())
    }

    /// Reads a member's value; of one that is damaged inside what stands before that, and passes the whole of it.
    #[inline]
    fn member(&mut self, cursor: &mut Cursor<'_>, node: &Node, depth: u32) -> Read {
        let start = cursor.clone();
        let Err(error) = self.value(cursor, node, depth) else { return Ok(()) };
        *cursor = start;
        if error.code == DecodeErrorCode::BatchFull || cursor.skip(depth).is_err() {
            return Err(error);
        }
        self.lossy = true;
        Ok(())
    }

    /// Where a key leads. Escapes in keys are undone at the end of the arena and taken back.
    #[inline]
    fn child<'n>(&mut self, cursor: &Cursor<'_>, node: &'n Node, key: Key) -> Option<&'n Node> {
        if key.is_plain() {
            return node.plain_child(key.head(), cursor.written(key));
        }
        let key = cursor.name(key);
        if let Some(key) = key.written() {
            return node.child(key);
        }
        let arena = self.batch.arena();
        let start = arena.len();
        key.unescape_into(arena);
        let child = arena.get(start..).and_then(|key| node.child(key));
        arena.truncate(start);
        child
    }

    /// Reads a value that feeds `node`'s targets. `depth` containers are open around it.
    fn value(&mut self, cursor: &mut Cursor<'_>, node: &Node, depth: u32) -> Read {
        match cursor.start()? {
            Start::Object => {
                self.store(cursor, node, Found::Composite)?;
                if node.has_children() {
                    return self.object(cursor, node, depth + 1);
                }
                cursor.skip_rest(Start::Object, depth)
            }
            Start::Array => self.array(cursor, node, depth + 1),
            Start::String(text) => self.store(cursor, node, Found::Text(text)),
            Start::Number(digits) => self.store(cursor, node, Found::Number(digits)),
            Start::Bool(value) => self.store(cursor, node, Found::Bool(value)),
            Start::Null => self.store(cursor, node, Found::Null),
        }
    }

    fn array(&mut self, cursor: &mut Cursor<'_>, node: &Node, depth: u32) -> Read {
        cursor.check_depth(depth)?;
        let mut first = true;
        while cursor.next_element(first)? {
            first = false;
            self.value(cursor, node, depth)?;
        }
        if first { self.store(cursor, node, Found::Composite) } else { Ok(()) }
    }

    fn store(&mut self, cursor: &Cursor<'_>, node: &Node, found: Found<'_>) -> Read {
        for target in &node.targets {
            let stored = self.store_one(*target, found);
            stored.ok_or_else(|| cursor.error(DecodeErrorCode::BatchFull))?;
        }
        Ok(())
    }

    /// Stores a value of a field. None if the batch is full.
    fn store_one(&mut self, target: Target, found: Found<'_>) -> Option<()> {
        if !self.admit(target.field, if found.is_empty() { target.empty_rank } else { target.rank }) {
            return Some(());
        }
        let value = match found {
            Found::Null => StoredValue::Null,
            Found::Composite => StoredValue::Composite,
            Found::Bool(value) if target.treatment == Treatment::Plain => StoredValue::Bool(value),
            Found::Bool(value) => {
                return self.store_one(target, Found::plain(if value { "true" } else { "false" }));
            }
            Found::Number(digits) => {
                let start = self.batch.end()?;
                push_canonical_number(digits, self.batch.arena());
                self.treat(start, target.treatment);
                let end = self.batch.end()?;
                match target.treatment {
                    Treatment::Plain => StoredValue::Number(start, end),
                    Treatment::Rename | Treatment::Pseudonym => StoredValue::Text(start, end),
                }
            }
            Found::Text(text) => {
                let start = self.batch.end()?;
                self.lossy |= text.unescape_into(self.batch.arena());
                self.treat(start, target.treatment);
                StoredValue::Text(start, self.batch.end()?)
            }
        };
        self.batch.push(target.field, value);
        Some(())
    }

    /// Whether a value of that rank counts; if so, those of worse ranks that came before it are dropped.
    fn admit(&mut self, field: FieldId, rank: u8) -> bool {
        let mark = self.mark;
        let scratch = self.batch.scratch();
        let serial = scratch.serial;
        let seen = &mut scratch.seen[usize::from(field.0)];
        let (event, best) = *seen;
        if event == serial && best < rank {
            return false;
        }
        *seen = (serial, rank);
        if event == serial && best > rank {
            self.batch.retain_since(mark, |other| other != field);
        }
        true
    }

    /// Replaces the text from `start` to the arena's end, as its treatment demands.
    fn treat(&mut self, start: u32, treatment: Treatment) {
        let decoder = self.decoder;
        let arena = self.batch.arena();
        let start = start as usize;
        match (treatment, &decoder.pseudonyms) {
            (Treatment::Rename, _) => {
                let renamed = arena.get(start..).and_then(|kind| decoder.mapping.rename_type(kind));
                if let Some(renamed) = renamed {
                    arena.truncate(start);
                    arena.push_str(renamed);
                }
            }
            // An empty id names nobody; its pseudonym would.
            (Treatment::Pseudonym, Some(pseudonyms)) if start < arena.len() => {
                let pseudonym = arena.get(start..).map(|id| pseudonyms.of(id)).unwrap_or_default();
                arena.truncate(start);
                arena.extend(pseudonym.map(char::from));
            }
            (Treatment::Plain | Treatment::Pseudonym, _) => {}
        }
    }

    /// After the walk: constants, the type if it is missing, and derived fields.
    fn supply(&mut self, cursor: &Cursor<'_>) -> Read {
        let decoder = self.decoder;
        let full = || cursor.error(DecodeErrorCode::BatchFull);
        for (field, value) in &decoder.constants {
            let target = Target::plain(*field, rank::CONSTANT);
            self.store_one(target, Found::plain(value)).ok_or_else(full)?;
        }
        if !self.has(FieldId::TYPE) && self.has(FieldId::TEXT) {
            let target = Target::plain(FieldId::TYPE, rank::DEFAULT);
            self.store_one(target, Found::plain("chat.message")).ok_or_else(full)?;
        } else if !self.has(FieldId::TYPE) && !decoder.mapping.takes_any_object() {
            return Err(DecodeError { code: DecodeErrorCode::NoTypeNoText, offset: cursor.offset() });
        }
        decoder.derived.supply(self.batch, self.mark, self.moment).ok_or_else(full)?;
        if decoder.slots > usize::from(decoder.visible) {
            self.batch.retain_since(self.mark, |field| field.0 < decoder.visible);
        }
        Ok(())
    }

    fn has(&mut self, field: FieldId) -> bool {
        let scratch = self.batch.scratch();
        let (event, best) = scratch.seen[usize::from(field.0)];
        event == scratch.serial && best < rank::EMPTY
    }
}

/// A value as it stands in the record.
#[derive(Debug, Clone, Copy)]
enum Found<'a> {
    Text(RawString<'a>),
    Number(&'a str),
    Bool(bool),
    Null,
    Composite,
}

impl<'a> Found<'a> {
    fn plain(raw: &'a str) -> Found<'a> {
        Found::Text(RawString::unescaped(raw))
    }

    fn is_empty(self) -> bool {
        matches!(self, Found::Null | Found::Composite)
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
