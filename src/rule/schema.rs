//! A document of a rule file as JSON Schema, for editors: what they complete and check as one types.
//!
//! Made from the tables that the parser reads by, and from the table of fields, which a configuration extends. A
//! file may hold several documents; the schema is of one, and by its keys decides which kind it is: an editor that
//! tries all kinds and shows the complaints of each says nothing. What needs more than the shape (names in a
//! condition, lists, expressions, costs) is `wardline check`'s.

mod correlation;
mod test;

use super::codes::Code;
use super::detection::RESERVED;
use super::diagnostic::Severity;
use super::document::KEYS;
use super::logsource::{self, CATEGORIES};
use super::model::Level;
use super::shape::{Key, Takes};
use super::{example, exception, review};
use crate::event::{FieldTable, examples};
use crate::schema::{alternatives, closed, described, document, joined, one_or_more, part};
use serde_json::{Map, Value, json};

/// Characters that no name has, as part of a class: what is left is as good as letters and digits.
const NO_NAME: &str = r##"\s!"#$%&'()*+,/:;<=>?@\[\\\]^`{|}~"##;
/// A text: scalars are taken as they stand.
const TEXT: [&str; 3] = ["string", "number", "boolean"];

/// The schema of one document of a rule file, for events with these fields.
pub fn schema(fields: &FieldTable) -> Value {
    let rule = |name: &str| json!({"required": [name]});
    let kinds = json!({
        "type": "object",
        "properties": {
            "correlation": described(json!({}), correlation::ABOUT),
            "filter": described(json!({}), correlation::ABOUT_FILTER),
        },
        "if": rule("correlation"),
        "then": part("correlation_rule"),
        "else": {"if": rule("filter"), "then": part("filter_rule"), "else": part("detection_rule")},
        "$defs": parts(fields),
    });
    let about = "One document of a Wardline rule file: a detection rule, a correlation or a filter. `wardline check` says \
                 everything that a schema cannot.";
    document("rule", "Wardline rule", about, kinds)
}

fn parts(fields: &FieldTable) -> Map<String, Value> {
    let own = [
        (
            "detection_rule",
            named(joined(map(&KEYS), json!({"title": "detection rule", "required": ["title", "detection"]}))),
        ),
        ("logsource", logsource()),
        ("category", category()),
        ("detection", detection()),
        ("condition", condition()),
        ("review", map(review::KEYS)),
        ("exceptions", exceptions()),
        ("tests", json!({"type": "array", "items": example()})),
        ("event", json!({"type": "object", "properties": examples()})),
        ("events", json!({"type": "array", "minItems": 1, "items": part("event")})),
        ("allow", allow()),
    ];
    let mut parts: Map<_, _> = own.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    parts.extend(test::parts(fields));
    parts.extend(correlation::parts());
    parts
}

/// A map with the keys of a table.
fn map(keys: &[Key]) -> Value {
    closed(
        &keys
            .iter()
            .map(|(name, takes, about)| ((*name).to_owned(), described(taken(*takes), about)))
            .collect(),
    )
}

/// A rule that says who it is.
fn named(rule: Value) -> Value {
    joined(rule, json!({"anyOf": [{"required": ["id"]}, {"required": ["name"]}]}))
}

fn taken(takes: Takes) -> Value {
    match takes {
        Takes::Anything => json!({}),
        Takes::Text => text(),
        Takes::Name => {
            let told = "letters, digits, `_`, `-` and `.` only";
            json!({"type": TEXT, "pattern": name_pattern(), "maxLength": 200, "patternErrorMessage": told})
        }
        Takes::Texts => json!({"type": "array", "items": text()}),
        Takes::Bool => json!({"type": "boolean"}),
        Takes::Whole { least, most } => {
            json!({"type": ["integer", "string"], "minimum": least, "maximum": most, "pattern": r"^\+?[0-9]+$"})
        }
        Takes::Choice(words) => json!({"enum": words}),
        Takes::Level => json!({"enum": Level::ALL.map(Level::name)}),
        Takes::Part(name) => part(name),
    }
}

fn text() -> Value {
    json!({"type": TEXT, "pattern": r"\S"})
}

fn name_pattern() -> String {
    format!("^[^{NO_NAME}]+$")
}

/// Another product's categories are its own.
fn logsource() -> Value {
    let chat = json!({"required": ["product"], "properties": {"product": {"const": "chat"}}});
    let known = json!({"properties": {"category": {"enum": categories()}}});
    joined(map(logsource::KEYS), json!({"if": chat, "then": known}))
}

fn category() -> Value {
    joined(text(), json!({"examples": categories()}))
}

fn categories() -> Vec<&'static str> {
    CATEGORIES.iter().map(|(name, _)| *name).collect()
}

fn detection() -> Value {
    let no_name: Vec<_> = RESERVED.iter().chain(&["timeframe"]).collect();
    json!({
        "type": "object",
        "minProperties": 2,
        "required": ["condition"],
        "properties": {"condition": part("condition")},
        "propertyNames": {
            // What stands behind `|` is a mistake that is only warned of.
            "pattern": format!("^[^{NO_NAME}]+([|][^{NO_NAME}]+)*$"),
            "patternErrorMessage": "a selection's name has letters, digits, `_`, `-` and `.` only; fields stand one level deeper",
            "not": {"enum": no_name},
        },
        "additionalProperties": part("selection"),
    })
}

fn condition() -> Value {
    let about = "Names of selections with `and`, `or`, `not`, parentheses, and `1 of asks_*`, `all of them` and the like; \
                 of several conditions any has to hold.";
    described(one_or_more(&TEXT, &json!({"pattern": r"\S"})), about)
}

fn exceptions() -> Value {
    let all = json!({"required": exception::KEYS.iter().map(|(name, ..)| *name).collect::<Vec<_>>()});
    json!({"type": "array", "items": joined(map(exception::KEYS), all)})
}

fn example() -> Value {
    let one_of_them = json!({
        "required": ["expect"],
        "anyOf": [{"required": ["event"]}, {"required": ["events"]}],
        "if": {"required": ["event"]},
        "then": {"properties": {"events": false}},
    });
    joined(map(example::KEYS), one_of_them)
}

/// Warnings by name or number, numbers in any case; the names are completed.
fn allow() -> Value {
    let warnings = || Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    let names: Vec<_> = warnings().map(|code| code.name()).collect();
    let numbers = alternatives(warnings().filter_map(|code| code.number().get(1..)));
    let item = json!({
        "type": "string",
        "pattern": format!("^({}|[Rr]{numbers})$", alternatives(names.iter().copied())),
        "patternErrorMessage": "it takes the numbers or names of warnings, as `wardline check` shows them",
        "examples": names,
    });
    json!({"type": "array", "items": item})
}
