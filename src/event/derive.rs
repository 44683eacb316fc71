//! Fields that the decoder computes from others of the same event, if a rule asks for them.
//!
//! They are never read from an event: whoever writes events could otherwise write them too. What they are
//! computed from is read even if no rule names it, and dropped afterwards. Fields that need earlier events
//! are correlations, not derived fields.

use super::batch::{Mark, last_scalar};
use super::time::{Moment, parse_time};
use super::{Batch, FieldId, FieldSet, FieldType, JOINED, Scalar, StoredValue};
use crate::text::disguise::is_disguised;
use std::fmt::{Display, Write as _};

/// Paths of all derived fields and their types.
pub const DERIVED: [(&str, FieldType); 5] = [
    ("pair.id", FieldType::Keyword),
    ("sender.hour_local", FieldType::Number),
    ("text.length", FieldType::Number),
    (OBFUSCATED, FieldType::Bool),
    (RESOLVED, FieldType::Time),
];

/// Path of the time that an event is taken to have: its own, unless that cannot be believed.
pub const RESOLVED: &str = "time.resolved";

/// Path of whether a text is disguised.
const OBFUSCATED: &str = "text.obfuscated";

/// The derived fields that a field set asks for, with the fields that they are computed from.
#[derive(Debug, Clone, Default)]
pub(super) struct Derived {
    pair: Option<(FieldId, FieldId, FieldId)>,
    hour: Option<(FieldId, FieldId, FieldId)>,
    length: Option<FieldId>,
    obfuscated: Option<FieldId>,
    /// And the field that the event's own time is in.
    resolved: Option<(FieldId, FieldId)>,
    /// Not supplied here: it takes other events.
    joined: Option<FieldId>,
}

impl Derived {
    /// Finds the derived fields of `fields` and adds to it what they are computed from.
    pub(super) fn compile(fields: &mut FieldSet) -> Derived {
        let mut ask = |path: &str, a: &str, b: &str| {
            let field = fields.find(path)?;
            let first = fields.intern(a, FieldType::Keyword)?;
            Some((field, first, fields.intern(b, FieldType::Keyword)?))
        };
        let pair = ask("pair.id", "sender.id", "recipient.id");
        let hour = ask("sender.hour_local", "time", "sender.tz_offset_min");
        let time = |fields: &mut FieldSet| {
            Some((fields.find(RESOLVED)?, fields.intern("time", FieldType::Keyword)?))
        };
        let resolved = time(fields);
        let (length, obfuscated) = (fields.find("text.length"), fields.find(OBFUSCATED));
        Derived { pair, hour, length, obfuscated, resolved, joined: fields.find(JOINED) }
    }

    /// Whether the field is one of these.
    pub(super) fn supplies(&self, field: FieldId) -> bool {
        let of = |asked: Option<(FieldId, FieldId, FieldId)>| asked.is_some_and(|(own, ..)| own == field);
        let resolved = self.resolved.is_some_and(|(own, _)| own == field);
        let alone = [self.length, self.obfuscated, self.joined].contains(&Some(field));
        of(self.pair) || of(self.hour) || resolved || alone
    }

    /// Adds the derived values to the event whose values were pushed since `mark`, read at that moment. None if the
    /// batch is full.
    pub(super) fn supply(&self, batch: &mut Batch, mark: Mark, moment: Option<Moment>) -> Option<()> {
        if let Some(field) = self.length {
            let texts = batch.values_since(mark).filter(|(of, _)| *of == FieldId::TEXT);
            let length = texts.filter_map(|(_, value)| value.text()).map(|text| text.chars().count()).max();
            push_number(batch, field, length)?;
        }
        if let Some(field) = self.obfuscated {
            let texts = batch.values_since(mark).filter(|(of, _)| *of == FieldId::TEXT);
            let disguised = texts.filter_map(|(_, value)| value.text()).map(is_disguised);
            if let Some(any) = disguised.reduce(|one, other| one || other) {
                batch.push(field, StoredValue::Bool(any));
            }
        }
        if let Some((field, time, offset)) = self.hour {
            let resolved = resolved(batch, mark, time, moment);
            let hour = hour_local(resolved, last_scalar(batch.values_since(mark), offset));
            push_number(batch, field, hour)?;
        }
        if let Some((field, time)) = self.resolved {
            let resolved = resolved(batch, mark, time, moment);
            push_number(batch, field, resolved.map(seconds))?;
        }
        if let Some((field, sender, recipient)) = self.pair {
            push_pair(batch, mark, field, (sender, recipient))?;
        }
        Some(())
    }
}

/// The event's time in milliseconds since the epoch: its own, or what replaces it at that moment.
fn resolved(batch: &Batch, mark: Mark, time: FieldId, moment: Option<Moment>) -> Option<i64> {
    let own = last_scalar(batch.values_since(mark), time).and_then(parse_time);
    moment.map_or(own, |moment| Some(moment.resolve(own).0))
}

/// Milliseconds as seconds: what a time's unit is told by is how large it is.
fn seconds(millis: i64) -> String {
    let (sign, millis) = (if millis < 0 { "-" } else { "" }, millis.unsigned_abs());
    format!("{sign}{}.{:03}", millis / 1000, millis % 1000)
}

/// The id of the pair that two people form, in either order: the length of the smaller id in bytes, both ids.
///
/// The length keeps pairs apart whose ids only look alike when joined.
pub fn pair_id(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("{}:{first}:{second}", first.len())
}

/// The same, written to the arena from the arena. Nothing if one of the two has no id.
fn push_pair(batch: &mut Batch, mark: Mark, field: FieldId, of: (FieldId, FieldId)) -> Option<()> {
    let (Some(one), Some(other)) = (batch.last_range(mark, of.0), batch.last_range(mark, of.1)) else {
        return Some(());
    };
    let arena = batch.arena();
    let (first, second) =
        if arena.get(one.clone()) <= arena.get(other.clone()) { (one, other) } else { (other, one) };
    let start = u32::try_from(arena.len()).ok()?;
    // Writing to a String cannot fail.
    let _infallible = write!(arena, "{}:", first.len());
    arena.extend_from_within(first);
    arena.push(':');
    arena.extend_from_within(second);
    let end = batch.end()?;
    batch.push(field, StoredValue::Text(start, end));
    Some(())
}

/// Minutes that a place's time may be off UTC, either way: four hours more than any zone ever was, as RFC 9557's
/// parsers have it.
const MAX_OFFSET_MIN: u64 = 18 * 60;

/// The hour of the day, 0 to 23, where the sender is. None if the offset is none of any place.
fn hour_local(time: Option<i64>, offset_minutes: Option<Scalar<'_>>) -> Option<usize> {
    let minutes = time?.div_euclid(60_000);
    let offset: i64 = offset_minutes?.text()?.parse().ok()?;
    let of_a_place = offset.unsigned_abs() <= MAX_OFFSET_MIN;
    let local = minutes.checked_add(offset).filter(|_| of_a_place)?;
    usize::try_from(local.div_euclid(60).rem_euclid(24)).ok()
}

fn push_number(batch: &mut Batch, field: FieldId, number: Option<impl Display>) -> Option<()> {
    let Some(number) = number else { return Some(()) };
    let start = batch.end()?;
    // Writing to a String cannot fail.
    let _infallible = write!(batch.arena(), "{number}");
    let end = batch.end()?;
    batch.push(field, StoredValue::Number(start, end));
    Some(())
}
