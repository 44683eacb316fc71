//! The canonical event as JSON Schema: a tree of the fields in the table, open to any further field.
//!
//! It says how the canonical form is meant to be written, so it is narrower than the decoder, which reads what it
//! can of whatever comes. Words that fields usually hold are told and not demanded, as everywhere.

use super::canonical::{ROLES, TYPES, fields};
use super::{DERIVED, FieldType};
use crate::schema::{described, document, joined};
use serde_json::{Map, Value, json};

/// The schema of an event.
pub fn schema() -> Value {
    let either = [json!({"required": ["type"]}), json!({"required": ["text"]})];
    let body = json!({"type": "object", "properties": properties(typed), "anyOf": either});
    let about = "One JSON object: a message, or a record of a stream, a payment, an account. Every field may be missing; \
                 an event needs a type or a text. Any further field can be named in a rule by its dotted path.";
    document("event", "Wardline event", about, body)
}

/// The fields of an event with what they say, and nothing of their types: a rule's test may say whatever it likes.
pub(crate) fn examples() -> Map<String, Value> {
    properties(|_| json!({}))
}

/// What the table says of a field, if it has it.
pub(crate) fn meaning(path: &str) -> Option<&'static str> {
    fields().find(|(known, ..)| known == path).map(|(_, _, meaning)| meaning)
}

fn properties(of: fn(FieldType) -> Value) -> Map<String, Value> {
    let mut tree = Map::new();
    let stated = fields().filter(|(path, ..)| DERIVED.iter().all(|(derived, _)| derived != path));
    for (path, kind, meaning) in stated {
        let names =
            |schema| if path == "type" { joined(schema, json!({"examples": types()})) } else { schema };
        insert(&mut tree, "", &path, described(names(of(kind)), meaning));
    }
    tree
}

fn types() -> Vec<&'static str> {
    TYPES.iter().map(|(kind, _)| *kind).collect()
}

/// Puts a field at its place below `above`.
fn insert(tree: &mut Map<String, Value>, above: &str, path: &str, schema: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        tree.insert(path.to_owned(), schema);
        return;
    };
    let whole = if above.is_empty() { first.to_owned() } else { format!("{above}.{first}") };
    let inner = tree.entry(first).or_insert_with(|| object(&whole));
    if let Some(Value::Object(properties)) = inner.get_mut("properties") {
        insert(properties, &whole, rest, schema);
    }
}

fn object(path: &str) -> Value {
    let empty = json!({"type": ["object", "null"], "properties": {}});
    match ROLES.iter().find(|(role, _)| *role == path) {
        Some((_, meaning)) => described(empty, &format!("Person: {meaning}.")),
        None => empty,
    }
}

/// What a field of that type holds; of a list any item counts, null is as if it were missing.
fn typed(kind: FieldType) -> Value {
    let own: &[&str] = match kind {
        FieldType::Text => &["string"],
        FieldType::Keyword => &["string", "number", "boolean"],
        FieldType::Number => &["number", "string"],
        FieldType::Bool => &["boolean"],
        FieldType::Time => &["string", "number"],
    };
    let with =
        |more: &str| own.iter().map(|name| (*name).to_owned()).chain([more.to_owned()]).collect::<Vec<_>>();
    let number = json!({"pattern": r"^\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*$"});
    let more = if kind == FieldType::Number { number } else { json!({}) };
    let item = joined(json!({"type": with("null")}), more.clone());
    let mut whole = with("null");
    whole.push("array".to_owned());
    joined(json!({"type": whole, "items": item}), more)
}
