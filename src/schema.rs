//! JSON Schema (draft 2020-12) in a handful of words.
//!
//! What an editor completes and checks as one types is made from the tables that the program itself reads by, so each
//! schema is made where its tables are: in `event`, `rule`, `flag` and `config`. Here is what they have in common.
//!
//! A schema refuses nothing that the program accepts: an editor that marks what is right is worse than none. The
//! other way it sees less than the program does, which says the rest (`wardline check`).
//!
//! For messages that say what is wrong, keywords that apply to one type of value stand side by side (`minItems` means
//! nothing to a text) and choices (`anyOf`) are few: of a choice that fails, an editor cannot tell which was meant.
//! Patterns are in the part of regular expressions that every validator reads: no look-around, no classes of Unicode.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The dialect of all schemas.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A whole schema: `body` and the head that tools ask for.
pub fn document(name: &str, title: &str, about: &str, body: Value) -> Value {
    let id = format!("urn:wardline:schema:{name}");
    joined(body, json!({"$schema": DIALECT, "$id": id, "title": title, "description": about}))
}

/// The schema of a type as it is written.
pub fn of<T: JsonSchema>(name: &str, title: &str, about: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    document(name, title, about, schema)
}

/// Without what is Rust's own (widths of numbers), and without null, which is never written: what has no value is
/// left out.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let width = |format: &Value| format.as_str().is_some_and(|name| name.contains("int"));
            if object.get("format").is_some_and(width) {
                object.remove("format");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// What both say; where both say something, the second.
pub fn joined(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (_, other) => other,
    }
}

/// `schema` with what it is for.
pub fn described(schema: Value, about: &str) -> Value {
    joined(schema, json!({"description": about}))
}

/// The part of that name among the document's `$defs`.
pub fn part(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// A map of these keys and no other.
pub fn closed(properties: &Map<String, Value>) -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// A value of these types, or a list of such values that is not empty; `more` is said of each value.
pub fn one_or_more(types: &[&str], more: &Value) -> Value {
    let with_list: Vec<_> = types.iter().chain(&["array"]).collect();
    let items = joined(json!({"type": types}), more.clone());
    joined(json!({"type": with_list, "minItems": 1, "items": items}), more.clone())
}

/// An expression for any of the names.
pub fn alternatives<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let escaped = names.into_iter().map(|name| name.replace('.', "\\."));
    format!("({})", escaped.collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_statements_the_second_wins() {
        let one = json!({"type": "string", "minLength": 1});
        assert_eq!(joined(one, json!({"minLength": 2})), json!({"type": "string", "minLength": 2}));
    }

    #[test]
    fn what_holds_of_a_value_holds_of_each_in_a_list() {
        let expected = json!({
            "type": ["string", "array"], "pattern": "a",
            "minItems": 1, "items": {"type": ["string"], "pattern": "a"},
        });
        assert_eq!(one_or_more(&["string"], &json!({"pattern": "a"})), expected);
    }

    #[test]
    fn dots_of_names_are_dots() {
        assert_eq!(alternatives(["sender.id", "text"]), r"(sender\.id|text)");
    }
}
