//! Hits: what one event, or one result of a correlation, contributes to the windows of one group key.
//!
//! One record on the hits topic; its key is the group key. What the windows need stands beside the details that only a flag
//! needs: these are bytes here, carried along and read when there is a flag to write.
//!
//! The first byte is the version; a Protocol Buffers message follows. Its fields keep their numbers for ever, so that an older
//! version reads what a newer one wrote, and a golden file holds a hit of every version.

use super::key::GroupKey;
use super::order::{At, EventDigest, OrderKey};
use prost::Message;
use std::sync::Arc;

/// Version of the bytes; grows when a reader of the old ones would misread the new.
const VERSION: u8 = 1;

/// What an event contributes to one group key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The group key.
    pub key: GroupKey,
    /// The event.
    pub at: At,
    /// What found something in it.
    pub found: Vec<Contribution>,
    /// Values that correlations count or add.
    pub values: Vec<Values>,
    /// What flags say of the event: a [`crate::flag::detail::Detail`].
    pub detail: Vec<u8>,
}

/// What one rule or correlation contributes.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Contribution {
    /// Id of the rule or correlation.
    #[prost(string, tag = "1")]
    pub rule: String,
    /// Its score, 0 to 100.
    #[prost(uint32, tag = "2")]
    pub score: u32,
    /// For each name of the group key the path that its value was read from. Empty if each is its name.
    #[prost(string, repeated, tag = "3")]
    pub paths: Vec<String>,
}

/// The values of a field.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Values {
    /// The field's path; of a text with the view that it is read in.
    #[prost(string, tag = "1")]
    pub name: String,
    /// By these 64 bits different values are told apart.
    #[prost(sfixed64, repeated, tag = "2")]
    pub digests: Vec<i64>,
    /// All of them added up, in millionths; none if they are no numbers.
    #[prost(sint64, optional, tag = "3")]
    pub sum: Option<i64>,
}

/// The message as it is written.
#[derive(Clone, PartialEq, Message)]
struct Wire {
    #[prost(sint64, tag = "1")]
    time: i64,
    #[prost(string, tag = "2")]
    topic: String,
    #[prost(int32, tag = "3")]
    partition: i32,
    #[prost(int64, tag = "4")]
    offset: i64,
    #[prost(bytes = "vec", tag = "5")]
    event: Vec<u8>,
    #[prost(message, repeated, tag = "6")]
    found: Vec<Contribution>,
    #[prost(message, repeated, tag = "7")]
    values: Vec<Values>,
    #[prost(bytes = "vec", tag = "8")]
    detail: Vec<u8>,
}

/// Why bytes are no hit, or no windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// They are of another version.
    #[error("it is of version {0}, which this program does not know: run the newest one everywhere")]
    Version(u8),
    /// They hold no message.
    #[error("its bytes are damaged")]
    Damaged,
    /// The group key's bytes are none.
    #[error("its key is no group key")]
    Key,
}

impl Unreadable {
    /// The name used in dead letters and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Unreadable::Version(_) => "unknown_version",
            Unreadable::Damaged => "damaged",
            Unreadable::Key => "no_group_key",
        }
    }
}

impl Hit {
    /// The record's bytes; its key is the group key's.
    pub fn encode(&self) -> Vec<u8> {
        let OrderKey { time, topic, partition, offset } = &self.at.order;
        let wire = Wire {
            time: *time,
            topic: topic.to_string(),
            partition: *partition,
            offset: *offset,
            event: self.at.event.to_vec(),
            found: self.found.clone(),
            values: self.values.clone(),
            detail: self.detail.clone(),
        };
        let mut bytes = Vec::with_capacity(1 + wire.encoded_len());
        bytes.push(VERSION);
        // The buffer grows as it has to.
        let _infallible = wire.encode(&mut bytes);
        bytes
    }

    /// The hit of a record.
    pub fn decode(key: Option<&[u8]>, bytes: &[u8]) -> Result<Hit, Unreadable> {
        let key = key.and_then(GroupKey::from_bytes).ok_or(Unreadable::Key)?;
        let message = match bytes.split_first() {
            Some((&VERSION, message)) => message,
            Some((version, _)) => return Err(Unreadable::Version(*version)),
            None => return Err(Unreadable::Damaged),
        };
        let Wire { time, topic, partition, offset, event, found, values, detail } =
            Wire::decode(message).map_err(|_| Unreadable::Damaged)?;
        let order = OrderKey { time, topic: Arc::from(topic), partition, offset };
        let event: EventDigest = event.try_into().map_err(|_| Unreadable::Damaged)?;
        Ok(Hit { key, at: At { order, event }, found, values, detail })
    }
}
