//! What a flag says about its event beyond the fields that rules read: identity, time, subjects.
//!
//! Read from the same bytes by the same decoder (the same mapping, the same pseudonyms), but only for events
//! that are flagged: one in a hundred or fewer, so it may allocate.

use super::time::{Moment, TimeSource, parse_time};
use super::{Batch, DecodeError, Decoder, FieldId, FieldSet, FieldType, Mapping, Pseudonyms, Scalar};

/// What is said about a person: sender, recipient or host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The platform's id, or its pseudonym.
    pub id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// `under13`, `13-15`, `16-17`, `adult`, `unknown`.
    pub age_band: Option<String>,
    /// Country, coarse.
    pub country: Option<String>,
    /// Age of the account in days, as canonical number text.
    pub account_age_days: Option<String>,
}

/// What is said about a room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Room {
    /// The platform's id, or its pseudonym.
    pub id: Option<String>,
    /// `direct`, `group`, `live_chat`.
    pub kind: Option<String>,
    /// Its topic.
    pub topic: Option<String>,
}

/// Everything about an event that a flag needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The event's own id; without one, its position identifies it.
    pub id: Option<String>,
    /// Canonical type, `chat.message` where the event has only a text; empty for a generic event without one.
    pub kind: String,
    /// The platform; empty if the event does not say.
    pub platform: String,
    /// The tenant; empty if the event does not say.
    pub tenant: String,
    /// The time that the event states, believed or not, in milliseconds since the epoch.
    pub stated_time: Option<i64>,
    /// Resolved time in milliseconds since the epoch.
    pub time: i64,
    /// Where `time` comes from.
    pub time_source: TimeSource,
    /// Author, viewer or payer.
    pub sender: Person,
    /// Addressee, host or payee.
    pub recipient: Person,
    /// The room.
    pub room: Room,
    /// The session's id.
    pub session: Option<String>,
    /// The session's host.
    pub host: Person,
    /// Language of the text.
    pub lang: Option<String>,
    /// The record was not valid UTF-8 or held broken escapes, and texts and spans are those of its lossy reading; or
    /// what is said here of people or places was no JSON, and only what stands before the damage was read.
    pub lossy: bool,
}

/// What identifies an event: its own id within platform, tenant and type, or its position in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity<'a> {
    /// The event has an id.
    Own {
        /// The platform.
        platform: &'a str,
        /// The tenant.
        tenant: &'a str,
        /// The canonical type.
        kind: &'a str,
        /// The event's id.
        id: &'a str,
        /// Of an edit the time that it states: all edits of a message have the message's id.
        edited: Option<i64>,
    },
    /// It has none, or is an edit without a time: topic, partition and offset of its record identify it.
    Position,
}

impl Envelope {
    /// What identifies the event.
    pub fn identity(&self) -> Identity<'_> {
        let Envelope { platform, tenant, kind, .. } = self;
        let edit = kind == "chat.edited";
        match &self.id {
            // What the event states, not the resolved time: that depends on when the record was read.
            Some(id) if !edit || self.stated_time.is_some() => {
                Identity::Own { platform, tenant, kind, id, edited: self.stated_time.filter(|_| edit) }
            }
            _ => Identity::Position,
        }
    }
}

/// Reads [`Envelope`]s. Immutable; shared by all workers.
#[derive(Debug, Clone)]
pub struct EnvelopeReader {
    decoder: Decoder,
    places: Places,
    /// By field: it is an id.
    ids: Vec<bool>,
    /// Whether an event's `id` is its own.
    identifies: bool,
}

/// The fields of an envelope besides `type`.
#[derive(Debug, Clone)]
struct Places {
    id: FieldId,
    platform: FieldId,
    tenant: FieldId,
    time: FieldId,
    lang: FieldId,
    session: FieldId,
    room: RoomPlaces,
    sender: PersonPlaces,
    recipient: PersonPlaces,
    host: PersonPlaces,
}

#[derive(Debug, Clone)]
struct RoomPlaces {
    id: FieldId,
    kind: FieldId,
    topic: FieldId,
}

#[derive(Debug, Clone)]
struct PersonPlaces {
    id: FieldId,
    name: FieldId,
    age_band: FieldId,
    country: FieldId,
    account_age_days: FieldId,
}

impl Places {
    fn of(fields: &mut FieldSet) -> Places {
        // A few dozen fields cannot exceed the set's 65,536.
        let mut field = |path: &str| fields.intern(path, FieldType::Keyword).unwrap_or(FieldId::TYPE);
        let mut person = |path: &str| PersonPlaces {
            id: field(&format!("{path}.id")),
            name: field(&format!("{path}.name")),
            age_band: field(&format!("{path}.age_band")),
            country: field(&format!("{path}.country")),
            account_age_days: field(&format!("{path}.account_age_days")),
        };
        Places {
            sender: person("sender"),
            recipient: person("recipient"),
            host: person("session.host"),
            id: field("id"),
            platform: field("platform"),
            tenant: field("tenant"),
            time: field("time"),
            lang: field("lang"),
            session: field("session.id"),
            room: RoomPlaces { id: field("room.id"), kind: field("room.kind"), topic: field("room.topic") },
        }
    }

    fn ids(&self) -> [FieldId; 6] {
        let Places { id, session, room, sender, recipient, host, .. } = self;
        [*id, *session, room.id, sender.id, recipient.id, host.id]
    }
}

impl EnvelopeReader {
    /// A reader for events that `mapping` describes.
    pub fn new(mapping: &Mapping, pseudonyms: Option<&Pseudonyms>) -> EnvelopeReader {
        let mut fields = FieldSet::default();
        let places = Places::of(&mut fields);
        let decoder = Decoder::new(&fields, mapping, pseudonyms);
        let ids = fields.iter().map(|(field, ..)| places.ids().contains(&field)).collect();
        EnvelopeReader { decoder, places, ids, identifies: mapping.identifies() }
    }

    /// Reads the envelope of `payload`, of a record that was read at that moment. Fails on exactly the records on
    /// which a decoder of the same mapping fails.
    pub fn read(&self, payload: &[u8], moment: Moment) -> Result<Envelope, DecodeError> {
        let mut batch = Batch::default();
        self.decoder.decode(0, payload, &mut batch)?;
        let values = self.values(&batch);
        let stated_time = values.of(self.places.time).and_then(parse_time);
        let (time, time_source) = moment.resolve(stated_time);
        let Places { id, platform, tenant, lang, session, room, sender, recipient, host, .. } = &self.places;
        Ok(Envelope {
            id: values.text(*id).filter(|_| self.identifies),
            kind: values.text(FieldId::TYPE).unwrap_or_default(),
            platform: values.text(*platform).unwrap_or_default(),
            tenant: values.text(*tenant).unwrap_or_default(),
            stated_time,
            time,
            time_source,
            sender: values.person(sender),
            recipient: values.person(recipient),
            room: Room {
                id: values.text(room.id),
                kind: values.text(room.kind),
                topic: values.text(room.topic),
            },
            session: values.text(*session),
            host: values.person(host),
            lang: values.text(*lang),
            lossy: batch.rows().iter().any(|row| row.lossy),
        })
    }

    /// Of each field the value that counts: the last that is a scalar and not null. An id names something: an empty
    /// one is none, or all who have one would be the same.
    fn values<'b>(&self, batch: &'b Batch) -> Values<'b> {
        let mut last = vec![None; self.ids.len()];
        for (field, _, value) in batch.row_values(0) {
            let field = usize::from(field.0);
            if value.text().is_some_and(|text| !(self.ids[field] && text.is_empty())) {
                last[field] = Some(value);
            }
        }
        Values(last)
    }
}

/// By field: its value in the one event of a batch.
struct Values<'b>(Vec<Option<Scalar<'b>>>);

impl<'b> Values<'b> {
    fn of(&self, field: FieldId) -> Option<Scalar<'b>> {
        self.0[usize::from(field.0)]
    }

    fn text(&self, field: FieldId) -> Option<String> {
        self.of(field).and_then(Scalar::text).map(str::to_owned)
    }

    fn person(&self, places: &PersonPlaces) -> Person {
        Person {
            id: self.text(places.id),
            name: self.text(places.name),
            age_band: self.text(places.age_band),
            country: self.text(places.country),
            account_age_days: self.text(places.account_age_days),
        }
    }
}
