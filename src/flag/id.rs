//! Deterministic ids: of an event, of a flag, of a case.
//!
//! Every id is the first 128 bits of SHA-256 over parts, each with its length before it, so that no two lists
//! of parts give the same bytes; the first part is a version and names what is identified. Random ids were
//! rejected: a worker that repeats a batch after a crash must give a flag the id that it had.

use crate::position::Position;
use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Which event it is: by the platform's own id, or by where its record stands if it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventIdentity<'a> {
    /// The platform gave it an id.
    Named {
        /// Platform, empty if unknown.
        platform: &'a str,
        /// Tenant, empty if there is none.
        tenant: &'a str,
        /// The event's type.
        kind: &'a str,
        /// The event's own id.
        id: &'a str,
        /// Of an edit the time that it states, in milliseconds since the epoch: edits share their message's id.
        edited: Option<i64>,
    },
    /// It has no id of its own. Of a file that is path and line, so such ids say which event it is within one scan
    /// only.
    At(&'a Position),
}

/// 128 bits that name a flag: the same rule on the same event gives the same id, wherever and whenever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9a-f]{32}$"))]
pub struct FlagId([u8; 16]);

/// 128 bits that name a case: what belongs together for a reviewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9a-f]{32}$"))]
pub struct CaseId([u8; 16]);

/// Whom an event concerns, as far as it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaseSubjects<'a> {
    /// Platform, empty if unknown.
    pub platform: &'a str,
    /// Tenant, empty if there is none.
    pub tenant: &'a str,
    /// Id of the sender.
    pub sender: Option<&'a str>,
    /// Id of the recipient.
    pub recipient: Option<&'a str>,
    /// Id of the room.
    pub room: Option<&'a str>,
    /// Id of the session.
    pub session: Option<&'a str>,
}

impl EventIdentity<'_> {
    /// 128 bits that tell the event from all others.
    pub fn digest(&self) -> [u8; 16] {
        let mut parts = Parts::new("event.1");
        parts.event(self);
        parts.finish()
    }
}

impl FlagId {
    /// The id of what the correlation with `rule_id` found under the group key with these bytes, when the event of that digest
    /// completed it.
    pub fn of_group(rule_id: &str, key: &[u8], completing: &[u8; 16]) -> FlagId {
        let mut parts = Parts::new("flag.group.1");
        parts.push(rule_id);
        parts.push(key);
        parts.push(completing);
        FlagId(parts.finish())
    }

    /// The id of what the rule with `rule_id` found in `event`.
    pub fn of_event(rule_id: &str, event: &EventIdentity<'_>) -> FlagId {
        let mut parts = Parts::new("flag.1");
        parts.push(rule_id);
        parts.event(event);
        FlagId(parts.finish())
    }
}

impl CaseId {
    /// The case of what concerns nobody in particular, but has a group key of these bytes.
    pub fn of_group(key: &[u8]) -> CaseId {
        let mut parts = Parts::new("case.group.1");
        parts.push(key);
        CaseId(parts.finish())
    }

    /// The case of an event: its pair of people in either order, else its room, else its session, else its
    /// sender, else the event itself.
    pub fn of(subjects: &CaseSubjects<'_>, event: &EventIdentity<'_>) -> CaseId {
        let mut parts = Parts::new("case.1");
        let pair = subjects.sender.zip(subjects.recipient);
        let mut named = |kind, ids: &[&str]| {
            for part in [kind, subjects.platform, subjects.tenant].iter().chain(ids) {
                parts.push(part);
            }
        };
        match (pair, subjects.room, subjects.session, subjects.sender) {
            (Some((one, other)), ..) => named("pair", &[one.min(other), one.max(other)]),
            (_, Some(room), ..) => named("room", &[room]),
            (_, _, Some(session), _) => named("session", &[session]),
            (_, _, _, Some(sender)) => named("sender", &[sender]),
            _ => parts.event(event),
        }
        CaseId(parts.finish())
    }
}

/// Hashes parts, each with its length before it.
struct Parts(Sha256);

impl Parts {
    fn new(version: &str) -> Parts {
        let mut parts = Parts(Sha256::new());
        parts.push(version);
        parts
    }

    fn push(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn event(&mut self, event: &EventIdentity<'_>) {
        match event {
            EventIdentity::Named { platform, tenant, kind, id, edited } => {
                for part in ["id", platform, tenant, kind, id] {
                    self.push(part);
                }
                if let Some(time) = edited {
                    self.push(time.to_be_bytes());
                }
            }
            EventIdentity::At(position) => {
                self.push("position");
                self.push(&*position.topic);
                self.push(position.partition.to_be_bytes());
                self.push(position.offset.to_be_bytes());
            }
        }
    }

    fn finish(self) -> [u8; 16] {
        let digest = self.0.finalize();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        first
    }
}

/// One digest of several.
pub fn joined(digests: &[&[u8; 16]]) -> [u8; 16] {
    let mut parts = Parts::new("joined.1");
    for digest in digests {
        parts.push(digest);
    }
    parts.finish()
}

/// The bytes of hexadecimal digits in lower case.
pub(super) fn bytes(hex: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(hex.as_bytes()).ok()
}

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    bytes(text)?.try_into().ok()
}

macro_rules! as_hex {
    ($name:ident) => {
        impl $name {
            /// Its bytes.
            pub fn bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// The id of these bytes, if they are as many.
            pub fn from_bytes(bytes: &[u8]) -> Option<$name> {
                bytes.try_into().ok().map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                HEXLOWER.encode_display(&self.0).fmt(f)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                hex(&id.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = &'static str;
            fn try_from(text: String) -> Result<$name, &'static str> {
                unhex(&text).map($name).ok_or("an id is 32 lower-case hexadecimal digits")
            }
        }
    };
}

as_hex!(FlagId);
as_hex!(CaseId);

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: EventIdentity<'_> =
        EventIdentity::Named { platform: "demo", tenant: "", kind: "chat.message", id: "m1", edited: None };

    fn people<'a>(sender: &'a str, recipient: &'a str) -> CaseSubjects<'a> {
        let (sender, recipient) = (Some(sender), Some(recipient));
        CaseSubjects { platform: "demo", sender, recipient, room: Some("r1"), ..CaseSubjects::default() }
    }

    #[test]
    fn the_bounds_of_parts_count() {
        let other = EventIdentity::Named {
            platform: "dem",
            tenant: "o",
            kind: "chat.message",
            id: "m1",
            edited: None,
        };
        assert_ne!(FlagId::of_event("r", &EVENT), FlagId::of_event("r", &other));
        assert_ne!(FlagId::of_event("r", &EVENT), FlagId::of_event("s", &EVENT));
        assert_eq!(FlagId::of_event("r", &EVENT), FlagId::of_event("r", &EVENT));
    }

    #[test]
    fn without_an_id_the_position_tells_events_apart() {
        let at = |offset| Position { topic: "t".into(), partition: 0, offset };
        let id = |offset| FlagId::of_event("r", &EventIdentity::At(&at(offset)));
        assert_ne!(id(1), id(2));
        assert_eq!(id(1), id(1));
    }

    #[test]
    fn both_sides_of_a_conversation_are_one_case() {
        assert_eq!(CaseId::of(&people("a", "b"), &EVENT), CaseId::of(&people("b", "a"), &EVENT));
        assert_ne!(CaseId::of(&people("a", "b"), &EVENT), CaseId::of(&people("a", "c"), &EVENT));
    }

    #[test]
    fn a_case_falls_back_from_pair_to_room_to_session_to_sender_to_event() {
        let mut subjects = CaseSubjects { session: Some("s1"), ..people("a", "b") };
        let mut seen = vec![CaseId::of(&subjects, &EVENT)];
        subjects.recipient = None;
        seen.push(CaseId::of(&subjects, &EVENT));
        subjects.room = None;
        seen.push(CaseId::of(&subjects, &EVENT));
        subjects.session = None;
        seen.push(CaseId::of(&subjects, &EVENT));
        subjects.sender = None;
        seen.push(CaseId::of(&subjects, &EVENT));
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), 5);
    }

    #[test]
    fn ids_read_back_what_they_write() {
        let id = FlagId::of_event("r", &EVENT);
        assert_eq!(FlagId::try_from(id.to_string()), Ok(id));
        for wrong in ["", "0f", "0F0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f", "+f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"] {
            assert!(FlagId::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
