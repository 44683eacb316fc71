//! A text joined from consecutive messages: a value of an event that is in no record.
//!
//! It stands under a field of its own, [`JOINED`], so that what reads `text` does not see it. Each [`Part`] says which
//! message it comes from: a match over several messages is shown as a piece of each. The parts are a message's last
//! predecessors and the message itself, and only what begins before the last part and ends in it is new.

use super::{FieldId, FieldSet, FieldType, ValueId};
use std::ops::Range;

/// Path of the field under which joined texts stand.
pub const JOINED: &str = "text.joined";

/// The fields by which messages are told to follow one another, and by which parts are named.
const READ: [(&str, FieldType); 8] = [
    ("id", FieldType::Keyword),
    ("time", FieldType::Time),
    ("platform", FieldType::Keyword),
    ("tenant", FieldType::Keyword),
    ("room.id", FieldType::Keyword),
    ("session.id", FieldType::Keyword),
    ("sender.id", FieldType::Keyword),
    ("recipient.id", FieldType::Keyword),
];

/// Adds to a set of fields all by which messages are told to follow one another. None if the set is full.
pub(crate) fn intern_read(fields: &mut FieldSet) -> Option<()> {
    READ.iter().try_for_each(|(path, kind)| fields.intern(path, *kind).map(|_| ()))
}

/// Those fields of a set: id, time, platform, tenant, room, session, sender and recipient. None if it does not hold them.
pub(crate) fn find_read(fields: &FieldSet) -> Option<[FieldId; READ.len()]> {
    let mut found = [FieldId::TEXT; READ.len()];
    for (found, (path, _)) in found.iter_mut().zip(READ) {
        *found = fields.find(path)?;
    }
    Some(found)
}

/// A message's share of a joined text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'b> {
    /// Its bytes in the joined text.
    pub span: (u32, u32),
    /// Bytes of the message's own text that are left out before it.
    pub skipped: u32,
    /// Offset of the message's record in its partition.
    pub offset: i64,
    /// The message's own id; empty if it has none.
    pub id: &'b str,
}

/// The same as a batch stores it.
#[derive(Debug, Clone)]
pub(super) struct StoredPart {
    pub(super) span: (u32, u32),
    pub(super) skipped: u32,
    pub(super) offset: i64,
    /// Where the id stands in the arena.
    pub(super) id: (u32, u32),
}

/// A joined text of a batch.
#[derive(Debug, Clone)]
pub(super) struct Joint {
    pub(super) value: ValueId,
    /// Its parts, of the batch's.
    pub(super) parts: Range<usize>,
}
