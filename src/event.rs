//! Events as the engine sees them: records, typed fields, and batches of decoded values.
//!
//! A rule set reads few of an event's fields, so decoding is a *projection*: the [`FieldSet`] of a rule
//! set names the fields, the decoder walks each record's bytes once and copies just those values into the
//! arena of a [`Batch`]. What a flag needs beyond them (ids, time, subjects) is read from the same bytes
//! when there is a flag to write, which is rare.
//!
//! Copying, not borrowing, because the values of a thousand events then lie side by side (what a matcher
//! wants to sweep), a batch carries no lifetime, and its buffers are reused: after warm-up decoding
//! allocates nothing. Borrowing was rejected: it saves one copy of about fifty bytes an event and ties
//! every later stage to the client's message buffers.

mod batch;
mod canonical;
mod decode;
mod derive;
mod envelope;
mod field;
mod joined;
mod json;
mod mapping;
mod number;
mod page;
mod projection;
mod pseudonym;
mod schema;
mod time;

pub use batch::{Batch, Row, Scalar, StoredValue, ValueId};
pub use canonical::event_types;
pub(crate) use canonical::vocabulary;
pub use decode::{DecodeError, DecodeErrorCode, Decoder};
pub use derive::{DERIVED, RESOLVED, pair_id};
pub use envelope::{Envelope, EnvelopeReader, Identity, Person, Room};
pub use field::{FieldId, FieldSet, FieldTable, FieldType};
pub use joined::{JOINED, Part};
pub(crate) use joined::{find_read, intern_read};
pub use mapping::{Mapping, MappingError, MappingSpec, Preset};
pub use number::push_canonical_number;
pub use page::reference;
pub use pseudonym::{Pseudonyms, ShortKey};
pub use schema::schema;
pub(crate) use schema::{examples, meaning};
pub use time::{DAY_MS, FUTURE_TOLERANCE_MS, Moment, TimePart, TimeSource, parse_day, parse_time};

use std::sync::Arc;

/// An event's raw bytes and where they stand, borrowed from whoever read them.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Topic, or the path of a file.
    pub topic: &'a Arc<str>,
    /// Partition; 0 in a file.
    pub partition: i32,
    /// Offset; in a file the line number, from 1.
    pub offset: i64,
    /// The record's own time stamp in milliseconds since the epoch, where it has one.
    pub timestamp: Option<i64>,
    /// The record's key.
    pub key: Option<&'a [u8]>,
    /// The event's bytes; none in a tombstone.
    pub payload: Option<&'a [u8]>,
}
