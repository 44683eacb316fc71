//! The flag as it is written: one JSON object.
//!
//! The order of fields is that of these definitions: first what a reviewer reads, last what evidence needs. A field
//! without a value is left out.

use super::correlated::Correlated;
use super::{CaseId, FlagId};
use crate::position::Position;
use crate::rule::model::{Level, ListEntry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A finding made self-sufficient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// Version of this form.
    pub schema: u32,
    /// The same for the same rule and event, always.
    pub flag_id: FlagId,
    /// What belongs together for a reviewer.
    pub case_id: CaseId,
    /// The event's time, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub time: String,
    /// Where that time comes from.
    pub time_source: String,
    /// The rule that fired, as it was.
    pub rule: RuleHead,
    /// Weight, 0 to 100.
    pub score: u32,
    /// The reviewers' queue.
    pub queue: String,
    /// Why the flag is on the shadow topic, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
    /// Whom the event concerns.
    pub subjects: Subjects,
    /// Language of the text, as the platform states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// What was found, where. Of a correlation's finding that stands in its steps.
    pub evidence: Vec<Evidence>,
    /// Of a correlation's finding: what came together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Correlated>,
    /// What was written before in the same room, the oldest first, if the configuration asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Before>,
    /// Pieces of evidence left out so that the flag fits its topic.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub evidence_omitted: u32,
    /// What is shorter here than in the event.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cut: BTreeSet<Cut>,
    /// Where the event stands.
    pub source: Source,
    /// Digest of the whole rule set.
    pub ruleset: String,
    /// Digest of the tables by which texts are folded.
    pub text_tables: String,
    /// Versions of the lists that the rule takes in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ListVersion>,
    /// Id of the key by which people's ids were replaced by pseudonyms, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym_key: Option<String>,
}

/// The part of a rule that a flag names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleHead {
    /// Unique id.
    pub id: String,
    /// Short unique name.
    #[serde(with = "shared_text")]
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// What people read.
    pub title: String,
    /// How grave it is.
    #[serde(with = "level_name")]
    #[schemars(with = "String", extend("enum" = Level::ALL.map(Level::name)))]
    pub level: Level,
    /// Free tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Digest of the rule's meaning.
    pub digest: String,
}

/// Why a flag is on the shadow topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shadow {
    /// The rule is a shadow rule.
    Status,
    /// The rule published too much in that minute.
    Flood,
}

/// What of a flag is shorter than in the event, for its own length or for the flag's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Ids: of a long one there is the start, `~`, and 16 hexadecimal digits that tell it from others.
    Ids,
    /// Names, topics and other statements: of a long one there is the start.
    Names,
    /// Context: the messages before are left out.
    Context,
    /// Excerpts: less text around a match than usual, or none.
    Excerpts,
    /// Pieces of evidence: some are left out so that the flag fits (`evidence_omitted`), or there are as many as
    /// are looked for, and there may be more in the event.
    Evidence,
    /// Steps of a correlation: some are left out (`steps_omitted`).
    Steps,
}

impl Cut {
    /// All of them, in an order that never changes.
    pub const ALL: [Cut; 6] = [Cut::Ids, Cut::Names, Cut::Context, Cut::Excerpts, Cut::Evidence, Cut::Steps];
}

/// Whom an event concerns, as far as it says so.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Subjects {
    /// Platform of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Tenant of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Who wrote or acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Party>,
    /// To whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Party>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<Room>,
    /// In which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
}

/// A person or an account, as far as the platform states it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Party {
    /// Its id on the platform, or a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Age band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_band: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Age of the account in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_age_days: Option<serde_json::Number>,
}

/// A room.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// Its id on the platform, or a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Direct, group or live chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

/// A session, such as a live stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Its id on the platform, or a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Party>,
}

/// One match; of one that goes over several messages, the share of one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Id of the event that it was found in.
    pub event_id: String,
    /// Where that event stands.
    pub source: Place,
    /// Dotted path of the field.
    pub field: String,
    /// Which of the field's values it is, from 0, if the event gives it several: a list, or a key more than once. Nulls
    /// and what is no scalar are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// The reading of the field in which it was found.
    pub view: String,
    /// Slips of the fingers between what was looked for and what is there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub edits: u32,
    /// The match, in bytes of that value's text.
    pub span: Span,
    /// The text around the match, or the value; at most 1,024 bytes. None if the flag had to be cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// Where the excerpt begins, in bytes of that value's text.
    #[serde(default)]
    pub excerpt_offset: u32,
    /// The list entry that matched, where it came from a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
}

/// A message that was written before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Before {
    /// Its id.
    pub event_id: String,
    /// Where it stands.
    pub source: Place,
    /// Its time, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub time: String,
    /// Id of who wrote it, or a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Its text; of a long one the end, at most 1,024 bytes.
    pub text: String,
    /// Bytes of its text that are left out before that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub text_offset: u32,
}

/// A range of bytes that lies on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A list's entry by its id, never by its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The list's name.
    pub list: String,
    /// The entry's id, or its line.
    pub entry: String,
}

/// A list and the version of it that was in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListVersion {
    /// The list's name.
    pub list: String,
    /// Digest of its entries.
    pub digest: String,
    /// The issuer's name of the edition, if the list's manifest gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The event that was flagged: where it stands, which it is, and what its record was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Topic, or path of the file.
    pub topic: String,
    /// Partition; 0 in a file.
    pub partition: i32,
    /// Offset; in a file the line, from 1.
    pub offset: i64,
    /// The event's own id; its position where it has none.
    pub event_id: String,
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// SHA-256 of the record's bytes as they came, if there are no pseudonyms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_sha256: Option<String>,
    /// The same keyed (HMAC-SHA256), where people's ids were replaced by pseudonyms: a plain digest of a short
    /// record would let anyone try ids until it fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_hmac_sha256: Option<String>,
    /// The record held bytes that are no UTF-8, or broken escapes; spans index the text as it was read, with
    /// replacement characters.
    #[serde(default, skip_serializing_if = "is_false")]
    pub lossy: bool,
}

/// Where an event stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Topic, or path of the file.
    pub topic: String,
    /// Partition; 0 in a file.
    pub partition: i32,
    /// Offset; in a file the line, from 1.
    pub offset: i64,
}

impl Place {
    /// As a text, by which events without an id of their own are known.
    pub(super) fn position(&self) -> String {
        let Place { topic, partition, offset } = self;
        let topic = topic.as_str().into();
        Position { topic, partition: *partition, offset: *offset }.to_string()
    }
}

impl From<&Source> for Place {
    fn from(source: &Source) -> Place {
        Place { topic: source.topic.clone(), partition: source.partition, offset: source.offset }
    }
}

impl From<&Position> for Place {
    fn from(position: &Position) -> Place {
        let Position { topic, partition, offset } = position;
        Place { topic: topic.to_string(), partition: *partition, offset: *offset }
    }
}

impl From<&ListEntry> for Entry {
    fn from(entry: &ListEntry) -> Entry {
        Entry { list: entry.list.to_string(), entry: entry.entry.to_string() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A shared text as a plain one; serde's own support for it is behind a feature that nothing else needs.
mod shared_text {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(deserializer).map(Arc::from)
    }
}

/// A level by its name.
mod level_name {
    use crate::rule::model::Level;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(level.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Level, D::Error> {
        let name = String::deserialize(deserializer)?;
        Level::from_name(&name).ok_or_else(|| D::Error::custom("unknown level"))
    }
}
