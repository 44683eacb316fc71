//! Entries of open tables: librdkafka properties, and the user's own names of fields and types.
//!
//! What delivery depends on is Wardline's own: a property that would break it is refused with the reason
//! and the key to use, instead of being overwritten in silence. A name that the client does not know is
//! refused here, although the client would do so too: only here are its place and the others' names known.

use super::keys::{self, Kind};
use crate::event::FieldType;
use toml::Value;

/// Properties that are refused, with the reason or the key to use instead.
const OWNED: &[(&str, &str)] = &[
    ("acks", "every flag is acknowledged by all in-sync replicas, or it could be lost"),
    ("allow.auto.create.topics", "topics are checked at start; use topics.create"),
    ("auto.commit.interval.ms", "offsets are committed with the flags they led to; see kafka.commit"),
    ("auto.offset.reset", "every start offset is explicit; use kafka.start and kafka.out_of_range"),
    ("bootstrap.servers", "use kafka.brokers"),
    ("client.id", "each worker has its own, made from kafka.instance"),
    ("delivery.timeout.ms", "use kafka.message_timeout"),
    ("enable.auto.commit", "offsets are committed with the flags they led to; see kafka.commit"),
    ("enable.auto.offset.store", "offsets are committed with the flags they led to; see kafka.commit"),
    ("enable.idempotence", "always on: without it a retry could double a flag"),
    ("enable.partition.eof", "end-of-partition notices would move the consumer's position"),
    ("group.id", "use kafka.group"),
    ("group.instance.id", "made from kafka.instance and the worker's number"),
    ("group.protocol", "the classic protocol is the one that recovery was proved with"),
    ("isolation.level", "always read_committed: an offset read from an open transaction may not come true"),
    ("message.max.bytes", "use limits.max_flag_size and limits.max_dead_letter_size"),
    ("message.timeout.ms", "use kafka.message_timeout"),
    ("metadata.broker.list", "use kafka.brokers"),
    (
        "partition.assignment.strategy",
        "always cooperative-sticky: others revoke every partition at each change",
    ),
    ("partitioner", "always as Kafka's own client: what belongs together must lie together"),
    ("request.required.acks", "every flag is acknowledged by all in-sync replicas, or it could be lost"),
    ("session.timeout.ms", "use kafka.session_timeout"),
    ("transaction.timeout.ms", "use kafka.transaction_timeout"),
    ("transactional.id", "made from kafka.instance and the worker's number"),
];

/// All properties of the linked client, a line each; made from its documentation by a test.
const KNOWN: &str = include_str!("client_properties.txt");

/// A refusal: what is wrong, and what to do.
pub(super) type Refusal = (String, Option<String>);

/// Checks one entry of an open table and gives its normal form.
pub(super) fn check(kind: Kind, table: &str, name: &str, value: &Value) -> Result<Value, Refusal> {
    if kind == Kind::Sources {
        return sources(value)
            .ok_or_else(|| (format!("{table}.{name}: expected a text or a list of texts"), None));
    }
    let text = as_text(kind, value).ok_or_else(|| (format!("{table}.{name}: expected a text"), None))?;
    match kind {
        Kind::Properties => property(table, name)?,
        Kind::FieldTypes => field_type(table, name, &text)?,
        _ => {}
    }
    Ok(Value::String(text))
}

/// Source paths: one, or several of which the first that is present wins.
fn sources(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(Value::Array(vec![value.clone()])),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_str) => Some(value.clone()),
        _ => None,
    }
}

/// Properties may be written as numbers and truth values; librdkafka takes text.
fn as_text(kind: Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (_, Value::String(text)) => Some(text.clone()),
        (Kind::Properties, Value::Integer(number)) => Some(number.to_string()),
        (Kind::Properties, Value::Float(number)) => Some(number.to_string()),
        (Kind::Properties, Value::Boolean(truth)) => Some(truth.to_string()),
        _ => None,
    }
}

fn property(table: &str, name: &str) -> Result<(), Refusal> {
    if let Some((_, reason)) = OWNED.iter().find(|(owned, _)| *owned == name) {
        return Err((format!("{table}.{name} is Wardline's own"), Some((*reason).to_owned())));
    }
    if KNOWN.lines().any(|known| known == name) {
        return Ok(());
    }
    let ours = |known: &str| OWNED.iter().any(|(owned, _)| *owned == known);
    let help = match keys::nearest(name, KNOWN.lines().filter(|known| !ours(known))) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => "librdkafka's CONFIGURATION.md lists them".to_owned(),
    };
    Err((format!("{table}.{name} is no property of the Kafka client"), Some(help)))
}

fn field_type(table: &str, name: &str, text: &str) -> Result<(), Refusal> {
    let types = FieldType::ALL.map(FieldType::name);
    if types.contains(&text) {
        return Ok(());
    }
    let help = keys::nearest(text, types.into_iter()).map(|meant| format!("did you mean {meant:?}?"));
    let expected = format!("{table}.{name}: unknown type {text:?}; expected one of {}", types.join(", "));
    Err((expected, help))
}

/// The first words of client properties that people set.
const FAMILIES: &[&str] = &["client", "enable", "fetch", "max", "queue", "sasl", "security", "socket", "ssl"];

/// Whether a name looks like a property of the client.
pub(super) fn is_likely(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    FAMILIES.contains(&first) || OWNED.iter().any(|(owned, _)| *owned == name)
}

/// The properties that may be set.
pub(super) fn free() -> impl Iterator<Item = &'static str> {
    KNOWN.lines().filter(|name| OWNED.iter().all(|(owned, _)| owned != name))
}

/// The refused properties with their reasons, for the reference page.
pub(super) fn owned() -> impl Iterator<Item = (&'static str, &'static str)> {
    OWNED.iter().copied()
}
