//! Hits: what one event, or one result of a correlation, contributes to the windows of one group key.
//!
//! One record on the hits topic; its key is the group key. What the windows need stands beside the details that only a flag
//! needs: these are bytes here, carried along and read when there is a flag to write.
//!
//! The first byte is the version; a Protocol Buffers message follows. Its fields keep their numbers for ever, so that an older
//! version reads what a newer one wrote, and a golden file holds a hit of every version.

use super::key::GroupKey;
use super::order::{At, EventDigest, OrderKey};
use super::protobuf::{Reader, Value, Writer, zigzag};
use prost::Message;
use std::sync::Arc;

/// Version of the bytes; grows when a reader of the old ones would misread the new.
const VERSION: u8 = 1;

/// Bytes of a hit beside its detail, mostly.
const ROOM: usize = 256;

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
    /// What flags say of the event, a [`crate::flag::detail::Detail`]: shared by the hits of an event and by the windows that keep it.
    pub detail: Arc<[u8]>,
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
        let mut bytes = Vec::with_capacity(self.detail.len() + ROOM);
        bytes.push(VERSION);
        let mut writer = Writer(&mut bytes);
        writer.number(1, zigzag(*time));
        writer.bytes(2, topic.as_bytes());
        writer.number(3, i64::from(*partition).cast_unsigned());
        writer.number(4, offset.cast_unsigned());
        writer.bytes(5, &self.at.event);
        self.found.iter().for_each(|found| writer.generated(6, found));
        self.values.iter().for_each(|values| writer.generated(7, values));
        writer.bytes(8, &self.detail);
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
        read(key, message).ok_or(Unreadable::Damaged)
    }
}

fn read(key: GroupKey, message: &[u8]) -> Option<Hit> {
    let (mut time, mut topic, mut partition, mut offset) = (0, "", 0, 0);
    let (mut event, mut detail) = (None::<EventDigest>, &[][..]);
    let (mut found, mut values) = (Vec::new(), Vec::new());
    for field in Reader::new(message) {
        match field? {
            (1, number @ Value::Number(_)) => time = number.signed(),
            (2, Value::Bytes(bytes)) => topic = str::from_utf8(bytes).ok()?,
            (3, number @ Value::Number(_)) => partition = number.short().cast_signed(),
            (4, Value::Number(number)) => offset = number.cast_signed(),
            (5, Value::Bytes(bytes)) => event = bytes.try_into().ok(),
            (6, Value::Bytes(bytes)) => found.push(Contribution::decode(bytes).ok()?),
            (7, Value::Bytes(bytes)) => values.push(Values::decode(bytes).ok()?),
            (8, Value::Bytes(bytes)) => detail = bytes,
            (1..=8, _) => return None,
            _ => {}
        }
    }
    let at = At { order: OrderKey { time, topic: topic.into(), partition, offset }, event: event? };
    Some(Hit { key, at, found, values, detail: detail.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The message as it would be generated.
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

    impl From<Hit> for Wire {
        fn from(hit: Hit) -> Wire {
            let Hit { key: _, at: At { order, event }, found, values, detail } = hit;
            let OrderKey { time, topic, partition, offset } = order;
            let (topic, event, detail) = (topic.to_string(), event.to_vec(), detail.to_vec());
            Wire { time, topic, partition, offset, event, found, values, detail }
        }
    }

    fn hits() -> impl Strategy<Value = Hit> {
        let order = (any::<i64>(), "[a-z.]{0,9}", any::<i32>(), any::<i64>());
        let paths = prop::collection::vec("[a-z.]{0,9}", 0..3);
        let found = prop::collection::vec(("[a-z]{0,9}", any::<u32>(), paths), 0..3);
        let digests = prop::collection::vec(any::<i64>(), 0..20);
        let values = prop::collection::vec(("[a-z]{0,9}", digests, any::<Option<i64>>()), 0..3);
        let detail = prop::collection::vec(any::<u8>(), 0..400);
        (order, any::<[u8; 16]>(), found, values, detail).prop_map(|(order, event, found, values, detail)| {
            let (time, topic, partition, offset) = order;
            let order = OrderKey { time, topic: topic.into(), partition, offset };
            let found = found.into_iter().map(|(rule, score, paths)| Contribution { rule, score, paths });
            let values = values.into_iter().map(|(name, digests, sum)| Values { name, digests, sum });
            Hit {
                key: GroupKey::new("demo", "", [("sender.id", "u1")]),
                at: At { order, event },
                found: found.collect(),
                values: values.collect(),
                detail: detail.into(),
            }
        })
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_the_message_and_are_read_back(hit in hits()) {
            let bytes = hit.encode();
            let wire = Wire::decode(&bytes[1..]).unwrap();
            prop_assert_eq!(&bytes[1..], wire.encode_to_vec());
            prop_assert_eq!(Hit::decode(Some(hit.key.bytes()), &bytes).unwrap(), hit);
        }

        #[test]
        fn damage_is_read_as_the_message_reads_it(hit in hits(), place in any::<prop::sample::Index>(), bit in 0..8_u32) {
            let mut bytes = hit.encode();
            let place = place.index(bytes.len() - 1) + 1;
            bytes[place] ^= 1 << bit;
            for bytes in [&bytes[..], &bytes[..place]] {
                let read = Hit::decode(Some(hit.key.bytes()), bytes).ok();
                let wire = Wire::decode(&bytes[1..]).ok().filter(|wire| wire.event.len() == 16);
                // Groups, which nothing writes, are passed over by the message.
                prop_assert!(wire.is_some() || read.is_none());
                if let (Some(read), Some(wire)) = (read, wire) {
                    prop_assert_eq!(Wire::from(read), wire);
                }
            }
        }
    }
}
