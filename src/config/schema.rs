//! The configuration as JSON Schema: the table of keys, nested as TOML nests them, with the default file's words.
//!
//! A key that nobody knows is refused, as the program refuses it. Bounds of durations and sizes cannot be said in
//! a schema, so they stand in the description.

use super::keys::{KEYS, Kind};
use super::page::bounds;
use super::told::{Told, told};
use super::{DEFAULT, properties};
use crate::event::{FieldType, event_types};
use crate::schema::{closed, described, document, joined, part};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The schema of a configuration file.
pub fn schema() -> Value {
    let (about, defaults) = (words(), defaults());
    let mut root = closed(&Map::new());
    for (key, kind) in KEYS {
        let schema = with_default(of_key(key, *kind), *kind, defaults.pointer(&pointer(key)));
        insert(&mut root, key, key, described(schema, &text(key, *kind, &about)), &about);
    }
    let body = joined(root, json!({"$defs": parts()}));
    let file = "The configuration of `wardline run`, in TOML. A key that is left out has its default.";
    document("config", "Wardline configuration", file, body)
}

/// Tables of the user's own names, by what they hold.
fn parts() -> Map<String, Value> {
    let sources = json!({"type": ["string", "array"], "minItems": 1, "items": {"type": "string"}});
    let types = json!({"enum": FieldType::ALL.map(FieldType::name)});
    let events: Vec<_> = event_types().collect();
    let parts = [
        names("names", &json!({"type": "string"})),
        names("sources", &sources),
        names("field_types", &types),
        names("event_types", &json!({"enum": events})),
        ("properties".to_owned(), client()),
    ];
    parts.into_iter().collect()
}

/// Every key and table with what the default file says of it.
fn words() -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let mut table = None;
    for piece in told() {
        match piece {
            Told::Table(name) => table = Some(name),
            Told::Paragraphs(paragraphs, _) => {
                if let Some(table) = table.take() {
                    words.insert(table.to_owned(), paragraphs.join("\n\n"));
                }
            }
            Told::Key(path, _, about) => drop(words.insert(path, about)),
        }
    }
    words
}

fn text(key: &str, kind: Kind, words: &BTreeMap<String, String>) -> String {
    let about = words.get(key).cloned().unwrap_or_default();
    match bounds(kind) {
        Some(bounds) => format!("{about} ({bounds})"),
        None => about,
    }
}

fn defaults() -> Value {
    // The default file is TOML, which a test proves.
    let table: toml::Table = DEFAULT.parse().unwrap_or_default();
    serde_json::to_value(table).unwrap_or_default()
}

fn pointer(key: &str) -> String {
    format!("/{}", key.replace('.', "/"))
}

/// Puts a key at its place, with the tables above it.
fn insert(table: &mut Value, whole: &str, rest: &str, schema: Value, words: &BTreeMap<String, String>) {
    let properties = &mut table["properties"];
    let Some((first, rest)) = rest.split_once('.') else {
        properties[rest] = schema;
        return;
    };
    if properties[first].is_null() {
        let above = whole.strip_suffix(rest).unwrap_or(whole).trim_end_matches('.');
        let inner = closed(&Map::new());
        properties[first] =
            words.get(above).map_or_else(|| inner.clone(), |about| described(inner.clone(), about));
    }
    insert(&mut properties[first], whole, rest, schema, words);
}

fn with_default(schema: Value, kind: Kind, default: Option<&Value>) -> Value {
    match default {
        Some(default) if !kind.is_open() => joined(schema, json!({"default": default})),
        _ => schema,
    }
}

/// The platform's own types stand for those of Wardline, and for nothing else.
fn of_key(key: &str, kind: Kind) -> Value {
    if key == "events.types" { part("event_types") } else { of(kind) }
}

fn of(kind: Kind) -> Value {
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let texts = |least: usize| json!({"type": "array", "minItems": least, "items": {"type": "string", "minLength": 1}});
    match kind {
        Kind::Text | Kind::Path => json!({"type": "string"}),
        Kind::Filter => text(r"\S"),
        Kind::Group { needed: true } => text("^[^:]+$"),
        Kind::Group { needed: false } => text("^[^:]*$"),
        Kind::Instance => text("^[A-Za-z0-9._-]{0,249}$"),
        Kind::Topic => text("^[A-Za-z0-9._-]{1,249}$"),
        Kind::Address => text("^$|.:[0-9]+$"),
        Kind::Start => text("^(earliest|latest|[+-]?[0-9]{4}.*)$"),
        Kind::Duration { .. } => text(r"^[0-9]+\s*(ms|s|m|h|d)$"),
        Kind::Size { .. } => text(r"^[0-9]+\s*(B|KiB|MiB)$"),
        Kind::Paths => texts(1),
        Kind::Texts { least } => texts(least),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Integer { least, most } => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Ratio => json!({"type": "number", "minimum": 0, "maximum": 1}),
        Kind::Names => part("names"),
        Kind::Sources => part("sources"),
        Kind::FieldTypes => part("field_types"),
        Kind::Properties => part("properties"),
    }
}

/// A table of the user's own names. A name with dots and without quotes is a nest of tables to TOML.
fn names(own: &str, value: &Value) -> (String, Value) {
    let either = json!({"anyOf": [value, part(own)]});
    (own.to_owned(), json!({"type": "object", "additionalProperties": either}))
}

/// Properties of the Kafka client, by name; those that are refused with the reason.
fn client() -> Value {
    let scalar = json!({"type": ["string", "number", "boolean"]});
    let known = properties::free().map(|name| (name.to_owned(), scalar.clone()));
    let refused = |(name, reason): (&str, &str)| {
        (name.to_owned(), json!({"not": {}, "description": format!("Refused: {reason}.")}))
    };
    let all: Map<_, _> = known.chain(properties::owned().map(refused)).collect();
    let (_, open) = names("properties", &scalar);
    joined(open, json!({"properties": all}))
}
