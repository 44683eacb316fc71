//! What a flag of a correlation says of one event, as bytes: carried in hits and windows until there is such a flag to write.
//!
//! It is all that is kept of what people wrote who are not flagged, so it is short: of every rule a few pieces of evidence, each
//! with little text around the match. A Protocol Buffers message, whose fields keep their numbers for ever.

use super::wire::{Before, Cut, Entry, Evidence, Party, Place, Room, Session, Source, Span, Subjects};
use super::{CaseId, rfc3339};
use prost::Message;
use std::collections::BTreeSet;

/// How many pieces of a rule's evidence are kept.
pub const MOST_PIECES: usize = 4;

/// Of how many rules evidence is kept.
pub const MOST_FOUND: usize = 16;

/// How many bytes of a message before the event are kept.
pub const MOST_SAID: usize = 256;

/// What a flag says of an event.
#[derive(Clone, PartialEq, Message)]
pub struct Detail {
    /// The event's own id; empty if it is its position.
    #[prost(string, tag = "1")]
    pub event_id: String,
    /// The event's type.
    #[prost(string, tag = "2")]
    pub kind: String,
    /// Where its time comes from.
    #[prost(string, tag = "3")]
    pub time_source: String,
    /// Of its record the SHA-256, or where there are pseudonyms the HMAC.
    #[prost(bytes = "vec", tag = "4")]
    pub record: Vec<u8>,
    /// That is an HMAC.
    #[prost(bool, tag = "5")]
    pub keyed: bool,
    /// It was read with replacement characters.
    #[prost(bool, tag = "6")]
    pub lossy: bool,
    /// Its case.
    #[prost(bytes = "vec", tag = "7")]
    pub case: Vec<u8>,
    /// Whom it concerns.
    #[prost(message, optional, tag = "8")]
    pub subjects: Option<Concerned>,
    /// Language of its text; empty if unknown.
    #[prost(string, tag = "9")]
    pub lang: String,
    /// What is shorter than in the event.
    #[prost(uint32, repeated, tag = "10")]
    pub cut: Vec<u32>,
    /// What was found in it.
    #[prost(message, repeated, tag = "11")]
    pub found: Vec<Found>,
    /// What was written before, the oldest first.
    #[prost(message, repeated, tag = "12")]
    pub context: Vec<Said>,
    /// Of what a correlation found: what it is made of, in its order.
    #[prost(message, repeated, tag = "13")]
    pub steps: Vec<Past>,
}

/// An event that something else is made of.
#[derive(Clone, PartialEq, Message)]
pub struct Past {
    /// Its resolved time, in milliseconds since the epoch.
    #[prost(sint64, tag = "1")]
    pub time: i64,
    /// Topic of its record, or path of the file.
    #[prost(string, tag = "2")]
    pub topic: String,
    /// Partition of its record.
    #[prost(int32, tag = "3")]
    pub partition: i32,
    /// Offset of its record.
    #[prost(int64, tag = "4")]
    pub offset: i64,
    /// What a flag says of it.
    #[prost(message, optional, tag = "5")]
    pub detail: Option<Detail>,
    /// Id of the correlation that took it in as a part of what it found, if it is not taken in by itself; else empty.
    #[prost(string, tag = "6")]
    pub via: String,
}

/// What a rule found.
#[derive(Clone, PartialEq, Message)]
pub struct Found {
    /// The rule's id.
    #[prost(string, tag = "1")]
    pub rule: String,
    /// Digest of the rule's meaning.
    #[prost(string, tag = "2")]
    pub digest: String,
    /// Where it found it.
    #[prost(message, repeated, tag = "3")]
    pub evidence: Vec<Piece>,
}

/// A piece of evidence.
#[derive(Clone, PartialEq, Message)]
pub struct Piece {
    /// Dotted path of the field.
    #[prost(string, tag = "1")]
    pub field: String,
    /// Which of the field's values, from 0, if there are several.
    #[prost(uint32, optional, tag = "2")]
    pub index: Option<u32>,
    /// The view in which it was found.
    #[prost(string, tag = "3")]
    pub view: String,
    /// Slips of the fingers.
    #[prost(uint32, tag = "4")]
    pub edits: u32,
    /// First byte of the match.
    #[prost(uint32, tag = "5")]
    pub start: u32,
    /// The byte after its last.
    #[prost(uint32, tag = "6")]
    pub end: u32,
    /// The text around it.
    #[prost(string, optional, tag = "7")]
    pub excerpt: Option<String>,
    /// Where that begins.
    #[prost(uint32, tag = "8")]
    pub excerpt_offset: u32,
    /// The list of the entry that matched; empty if it came from none.
    #[prost(string, tag = "9")]
    pub list: String,
    /// That entry.
    #[prost(string, tag = "10")]
    pub entry: String,
    /// Of what was found over several messages the one that this is of, if it is another; its id, and its offset.
    #[prost(string, optional, tag = "11")]
    pub other_event: Option<String>,
    /// See there.
    #[prost(int64, tag = "12")]
    pub other_offset: i64,
}

/// A message before the event.
#[derive(Clone, PartialEq, Message)]
pub struct Said {
    /// Its id; empty if it is its position.
    #[prost(string, tag = "1")]
    pub event_id: String,
    /// Offset of its record, in the event's partition.
    #[prost(int64, tag = "2")]
    pub offset: i64,
    /// Its time, as it is written.
    #[prost(string, tag = "3")]
    pub time: String,
    /// Id of who wrote it; empty if unknown.
    #[prost(string, tag = "4")]
    pub sender: String,
    /// The end of its text.
    #[prost(string, tag = "5")]
    pub text: String,
    /// Bytes of its text before that.
    #[prost(uint32, tag = "6")]
    pub text_offset: u32,
}

/// Whom an event concerns. What is empty is unknown.
#[derive(Clone, PartialEq, Message)]
pub struct Concerned {
    /// Its platform.
    #[prost(string, tag = "1")]
    pub platform: String,
    /// Its tenant.
    #[prost(string, tag = "2")]
    pub tenant: String,
    /// Who wrote or acted.
    #[prost(message, optional, tag = "3")]
    pub sender: Option<Someone>,
    /// To whom.
    #[prost(message, optional, tag = "4")]
    pub recipient: Option<Someone>,
    /// Id of the room.
    #[prost(string, tag = "5")]
    pub room: String,
    /// Kind of the room.
    #[prost(string, tag = "6")]
    pub room_kind: String,
    /// Topic of the room.
    #[prost(string, tag = "7")]
    pub room_topic: String,
    /// Id of the session.
    #[prost(string, tag = "8")]
    pub session: String,
    /// Who holds it.
    #[prost(message, optional, tag = "9")]
    pub host: Option<Someone>,
}

/// A person or an account. What is empty is unknown.
#[derive(Clone, PartialEq, Message)]
pub struct Someone {
    /// Its id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Its name.
    #[prost(string, tag = "2")]
    pub name: String,
    /// Its age band.
    #[prost(string, tag = "3")]
    pub age_band: String,
    /// Its country.
    #[prost(string, tag = "4")]
    pub country: String,
    /// Age of the account in days, as it is written.
    #[prost(string, tag = "5")]
    pub account_age_days: String,
}

impl Detail {
    /// What is to be kept of a flag's source, subjects and case; nothing found yet.
    pub(super) fn new(source: &Source, subjects: &Subjects, case: CaseId) -> Detail {
        // The position begins with the topic: nearly always it need not be written to be compared.
        let own_id =
            !source.event_id.starts_with(&source.topic) || source.event_id != Place::from(source).position();
        let digest = source.record_sha256.as_ref().or(source.record_hmac_sha256.as_ref());
        Detail {
            event_id: if own_id { source.event_id.clone() } else { String::new() },
            kind: source.kind.clone(),
            record: digest.and_then(|digest| super::id::bytes(digest)).unwrap_or_default(),
            keyed: source.record_hmac_sha256.is_some(),
            lossy: source.lossy,
            case: case.bytes().to_vec(),
            subjects: Some(Concerned::from(subjects)),
            ..Detail::default()
        }
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// The detail of such bytes. What cannot be read says nothing.
    pub fn decode_or_empty(bytes: &[u8]) -> Detail {
        Detail::decode(bytes).unwrap_or_default()
    }

    /// Where the event stands and what its record was.
    pub(super) fn source(&self, place: &Place) -> Source {
        let digest = (!self.record.is_empty()).then(|| super::id::hex(&self.record));
        Source {
            topic: place.topic.clone(),
            partition: place.partition,
            offset: place.offset,
            event_id: self.id_at(place),
            kind: self.kind.clone(),
            record_sha256: digest.clone().filter(|_| !self.keyed),
            record_hmac_sha256: digest.filter(|_| self.keyed),
            lossy: self.lossy,
        }
    }

    /// The event's id.
    pub(super) fn id_at(&self, place: &Place) -> String {
        if self.event_id.is_empty() { place.position() } else { self.event_id.clone() }
    }

    /// The event's case, if it is known.
    pub(super) fn case_id(&self) -> Option<CaseId> {
        CaseId::from_bytes(&self.case)
    }

    /// What is shorter than in the event.
    pub(super) fn cuts(&self) -> BTreeSet<Cut> {
        self.cut.iter().filter_map(|number| Cut::ALL.get(*number as usize).copied()).collect()
    }
}

/// What is shorter, by its number.
pub(super) fn cut_numbers(cut: &BTreeSet<Cut>) -> Vec<u32> {
    (0u32..).zip(Cut::ALL).filter(|(_, one)| cut.contains(one)).map(|(number, _)| number).collect()
}

impl Piece {
    /// What is kept of a piece of evidence in the event that stands there.
    pub(super) fn of(evidence: Evidence, place: &Place) -> Piece {
        let other = evidence.source != *place;
        let entry = evidence.entry.map(|Entry { list, entry }| (list, entry));
        let (list, entry) = entry.unwrap_or_default();
        Piece {
            field: evidence.field,
            index: evidence.index,
            view: evidence.view,
            edits: evidence.edits,
            start: evidence.span.start,
            end: evidence.span.end,
            excerpt: evidence.excerpt,
            excerpt_offset: evidence.excerpt_offset,
            list,
            entry,
            other_event: other.then_some(evidence.event_id),
            other_offset: if other { evidence.source.offset } else { 0 },
        }
    }

    /// The piece as a flag shows it; `event_id` and `place` are the event's.
    pub(super) fn evidence(&self, event_id: &str, place: &Place) -> Evidence {
        let other = self.other_event.as_ref();
        let offset = if other.is_some() { self.other_offset } else { place.offset };
        Evidence {
            event_id: other.map_or(event_id, String::as_str).to_owned(),
            source: Place { offset, ..place.clone() },
            field: self.field.clone(),
            index: self.index,
            view: self.view.clone(),
            edits: self.edits,
            span: Span { start: self.start, end: self.end },
            excerpt: self.excerpt.clone(),
            excerpt_offset: self.excerpt_offset,
            entry: (!self.list.is_empty())
                .then(|| Entry { list: self.list.clone(), entry: self.entry.clone() }),
        }
    }
}

impl Said {
    /// What is kept of a message before the event.
    pub(super) fn of(before: &Before) -> Said {
        let own_id = before.event_id != before.source.position();
        let start = before.text.ceil_char_boundary(before.text.len().saturating_sub(MOST_SAID));
        let skipped = u32::try_from(start).unwrap_or(u32::MAX);
        Said {
            event_id: if own_id { before.event_id.clone() } else { String::new() },
            offset: before.source.offset,
            time: before.time.clone(),
            sender: before.sender.clone().unwrap_or_default(),
            text: before.text.get(start..).unwrap_or_default().to_owned(),
            text_offset: before.text_offset.saturating_add(skipped),
        }
    }

    /// The message as a flag shows it.
    pub(super) fn before(&self, place: &Place) -> Before {
        let source = Place { offset: self.offset, ..place.clone() };
        Before {
            event_id: if self.event_id.is_empty() { source.position() } else { self.event_id.clone() },
            source,
            time: self.time.clone(),
            sender: known(&self.sender),
            text: self.text.clone(),
            text_offset: self.text_offset,
        }
    }
}

impl Past {
    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place { topic: self.topic.clone(), partition: self.partition, offset: self.offset }
    }

    /// Its time, as it is written.
    pub(super) fn written_time(&self) -> String {
        rfc3339(self.time)
    }
}

impl From<&Subjects> for Concerned {
    fn from(subjects: &Subjects) -> Concerned {
        let Subjects { platform, tenant, sender, recipient, room, session } = subjects;
        let room = room.clone().unwrap_or_default();
        let session = session.clone().unwrap_or_default();
        Concerned {
            platform: platform.clone().unwrap_or_default(),
            tenant: tenant.clone().unwrap_or_default(),
            sender: sender.as_ref().map(Someone::from),
            recipient: recipient.as_ref().map(Someone::from),
            room: room.id.unwrap_or_default(),
            room_kind: room.kind.unwrap_or_default(),
            room_topic: room.topic.unwrap_or_default(),
            session: session.id.unwrap_or_default(),
            host: session.host.as_ref().map(Someone::from),
        }
    }
}

impl From<&Concerned> for Subjects {
    fn from(concerned: &Concerned) -> Subjects {
        let (id, kind, topic) =
            (known(&concerned.room), known(&concerned.room_kind), known(&concerned.room_topic));
        let room = Room { id, kind, topic };
        let host = concerned.host.as_ref().map(Party::from);
        let session = Session { id: known(&concerned.session), host };
        Subjects {
            platform: known(&concerned.platform),
            tenant: known(&concerned.tenant),
            sender: concerned.sender.as_ref().map(Party::from),
            recipient: concerned.recipient.as_ref().map(Party::from),
            room: (room != Room::default()).then_some(room),
            session: (session != Session::default()).then_some(session),
        }
    }
}

impl From<&Party> for Someone {
    fn from(party: &Party) -> Someone {
        let Party { id, name, age_band, country, account_age_days } = party;
        Someone {
            id: id.clone().unwrap_or_default(),
            name: name.clone().unwrap_or_default(),
            age_band: age_band.clone().unwrap_or_default(),
            country: country.clone().unwrap_or_default(),
            account_age_days: account_age_days.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl From<&Someone> for Party {
    fn from(someone: &Someone) -> Party {
        Party {
            id: known(&someone.id),
            name: known(&someone.name),
            age_band: known(&someone.age_band),
            country: known(&someone.country),
            account_age_days: someone.account_age_days.parse().ok(),
        }
    }
}

fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
