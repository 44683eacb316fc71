//! The wire forms as JSON Schema, made from their definitions: types, names and what the comments on them say.

use super::{Flag, SCHEMA};
use crate::schema::document;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of a flag.
pub fn schema() -> Value {
    let about = "A finding made self-sufficient, as it is written to the review topic. Readers should expect further keys: \
                 `schema` grows when a reader of the old form would misread the new one.";
    of::<Flag>(&format!("flag:{SCHEMA}"), "Wardline flag", about)
}

/// The schema of a type as it is written.
pub(super) fn of<T: JsonSchema>(name: &str, title: &str, about: &str) -> Value {
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
