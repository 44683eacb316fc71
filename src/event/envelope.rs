//! What a flag says about its event beyond the fields that rules read: identity, time, subjects.
//!
//! Read from the same bytes by the same decoder (the same mapping, the same pseudonyms), but only for events
//! that are flagged: one in a hundred or fewer, so it may allocate.

use super::batch::last_scalar;
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
    /// The record was not valid UTF-8 or held broken escapes; texts and spans are those of its lossy reading.
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
    fields: FieldSet,
    /// Whether an event's `id` is its own.
    identifies: bool,
}

/// Fields of an envelope besides those of persons.
const FIELDS: [&str; 9] =
    ["id", "platform", "tenant", "time", "room.id", "room.kind", "room.topic", "session.id", "lang"];
const PERSONS: [&str; 3] = ["sender", "recipient", "session.host"];
const PERSON_FIELDS: [&str; 5] = ["id", "name", "age_band", "country", "account_age_days"];

impl EnvelopeReader {
    /// A reader for events that `mapping` describes.
    pub fn new(mapping: &Mapping, pseudonyms: Option<&Pseudonyms>) -> EnvelopeReader {
        let persons =
            PERSONS.iter().flat_map(|person| PERSON_FIELDS.map(|field| format!("{person}.{field}")));
        let paths = FIELDS.iter().map(|path| (*path).to_owned()).chain(persons);
        let mut fields = FieldSet::default();
        for path in paths {
            // A few dozen fields cannot exceed the set's 65,536.
            let _id = fields.intern(&path, FieldType::Keyword);
        }
        let decoder = Decoder::new(&fields, mapping, pseudonyms);
        EnvelopeReader { decoder, fields, identifies: mapping.identifies() }
    }

    /// Reads the envelope of `payload`, of a record that was read at that moment. Fails on exactly the records on
    /// which the decoder fails.
    pub fn read(&self, payload: &[u8], moment: Moment) -> Result<Envelope, DecodeError> {
        let mut batch = Batch::default();
        self.decoder.decode(0, payload, &mut batch)?;
        let event = Event { batch: &batch, fields: &self.fields };
        let stated_time = event.value("time").and_then(parse_time);
        let (time, time_source) = moment.resolve(stated_time);
        Ok(Envelope {
            id: event.id("id").filter(|_| self.identifies),
            kind: event.text("type").unwrap_or_default(),
            platform: event.text("platform").unwrap_or_default(),
            tenant: event.text("tenant").unwrap_or_default(),
            stated_time,
            time,
            time_source,
            sender: event.person("sender"),
            recipient: event.person("recipient"),
            room: Room {
                id: event.id("room.id"),
                kind: event.text("room.kind"),
                topic: event.text("room.topic"),
            },
            session: event.id("session.id"),
            host: event.person("session.host"),
            lang: event.text("lang"),
            lossy: batch.rows().iter().any(|row| row.lossy),
        })
    }
}

/// The one event of a batch.
struct Event<'a> {
    batch: &'a Batch,
    fields: &'a FieldSet,
}

impl<'a> Event<'a> {
    /// The last value that is a scalar and not null.
    fn value(&self, path: &str) -> Option<Scalar<'a>> {
        last_scalar(self.values(), self.fields.find(path)?)
    }

    fn values(&self) -> impl Iterator<Item = (FieldId, Scalar<'a>)> {
        self.batch.row_values(0).map(|(field, _, value)| (field, value))
    }

    /// The last value of an id that names something: an empty one is none, or all who have one would be the same.
    fn id(&self, path: &str) -> Option<String> {
        let named = self.values().filter(|(_, value)| value.text() != Some(""));
        last_scalar(named, self.fields.find(path)?).and_then(Scalar::text).map(str::to_owned)
    }

    fn text(&self, path: &str) -> Option<String> {
        self.value(path).and_then(Scalar::text).map(str::to_owned)
    }

    fn person(&self, path: &str) -> Person {
        let field = |name: &str| self.text(&format!("{path}.{name}"));
        Person {
            id: self.id(&format!("{path}.id")),
            name: field("name"),
            age_band: field("age_band"),
            country: field("country"),
            account_age_days: field("account_age_days"),
        }
    }
}
