//! Selections and the tests in them: keys of a field, a view and modifiers, and what their values have to be.
//!
//! Any dotted path is a field, so the maps are open. The fields of the table are listed with the modifiers that go
//! with their types, to be completed; the rest is said by patterns over keys.

use super::super::key::{Values, modifiers};
use super::TEXT;
use crate::event::{FieldTable, FieldType, meaning};
use crate::schema::{alternatives, joined, one_or_more, part};
use crate::text::View;
use FieldType::{Bool, Keyword, Number, Text};
use serde_json::{Map, Value, json};

/// What is completed behind a field: the rest of the key, for fields of which types, what it means.
const COMMON: &[(&str, &[FieldType], &str)] = &[
    ("", &FieldType::ALL, "is exactly this, or one of these; `*` stands for anything, `?` for one character"),
    ("|phrase", &[Text, Keyword], "has these words, next to each other"),
    ("|word", &[Text, Keyword], "has this word, not within another"),
    ("|phrase|expand", &[Text], "has the words of an entry of the list `%name%`"),
    ("|word|expand", &[Text], "has the words of an entry of the list `%name%`"),
    ("|near3", &[Text], "has these words in any order, any two at most 3 words apart"),
    ("|near8", &[Text], "has these words in any order, any two at most 8 words apart"),
    ("|phrase|fuzzy1", &[Text], "has these words, with one slip of the fingers (from 5 letters on)"),
    ("|phrase|fuzzy2", &[Text], "has these words, with several slips of the fingers (from 8 letters on)"),
    ("|contains", &[Text, Keyword], "has this anywhere, also inside a word"),
    ("|contains|all", &[Text], "has each of these somewhere"),
    ("|startswith", &[Text, Keyword], "begins with this"),
    ("|endswith", &[Text, Keyword], "ends with this"),
    ("|re", &[Text, Keyword], "has a match of this regular expression"),
    ("|expand", &[Keyword], "is an entry of the list `%name%`"),
    ("|gt", &[Number], "is greater than this"),
    ("|gte", &[Number], "is this or greater"),
    ("|lt", &[Number], "is less than this"),
    ("|lte", &[Number], "is this or less"),
    ("|exists", &FieldType::ALL, "is in the event (`true`) or is not (`false`)"),
];

/// The parts of the schema that selections are made of.
pub(super) fn parts(fields: &FieldTable) -> Vec<(String, Value)> {
    let parts = [("selection", selection()), ("tests_of_fields", tests(fields)), ("field", key(fields))];
    parts.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// A map of tests, a list of alternatives, or keywords.
fn selection() -> Value {
    let types: Vec<_> = TEXT.iter().chain(&["object", "array"]).collect();
    let item: Vec<_> = TEXT.iter().chain(&["object"]).collect();
    json!({
        "description": "A map demands all of its entries, a list of maps any of them; texts without a field are looked for in every text field.",
        "type": types,
        "minItems": 1,
        "items": {"type": item, "$ref": "#/$defs/tests_of_fields"},
        "$ref": "#/$defs/tests_of_fields",
    })
}

/// What is said of a map of tests, and of nothing else.
fn tests(fields: &FieldTable) -> Value {
    json!({
        "minProperties": 1,
        "propertyNames": part("field"),
        "properties": completed(fields),
        "additionalProperties": true,
        "allOf": values(fields),
    })
}

/// A path, and modifiers; keywords have modifiers alone.
fn key(fields: &FieldTable) -> Value {
    let names: Vec<_> = modifiers().map(|(name, _)| name).collect();
    let known = alternatives(names.iter().copied());
    let path = r"[^\s.|]+(\.[^\s.|]+)*";
    let told =
        format!("a key is a field's dotted path and perhaps modifiers; these are {}", names.join(", "));
    json!({
        "pattern": format!(r"^({path}(\|{known})*|(\|{known})+)$"),
        "patternErrorMessage": told,
        "if": {"pattern": format!(r"^{}\.", of_type(fields, Text))},
        "then": below_text(fields),
    })
}

/// Below a text stand its views, and other fields of the table.
fn below_text(fields: &FieldTable) -> Value {
    let texts = of_type(fields, Text);
    let all: Vec<_> = fields.iter().map(|(path, _)| path).collect();
    let views = alternatives(View::ALL.map(View::name));
    let told = format!("a text has the views {}", View::ALL.map(View::name).join(", "));
    let pattern = format!(r"^({texts}\.{views}|{})(\||$)", alternatives(all));
    json!({"pattern": pattern, "patternErrorMessage": told})
}

/// An expression for the fields of that type.
fn of_type(fields: &FieldTable, kind: FieldType) -> String {
    alternatives(fields.iter().filter(|(_, own)| *own == kind).map(|(path, _)| path))
}

/// Each field of the table with each modifier that is common for its type.
fn completed(fields: &FieldTable) -> Map<String, Value> {
    let mut all = Map::new();
    for (path, kind) in fields.iter() {
        let about = meaning(path).map_or_else(|| format!("A field of your own, a {kind}."), str::to_owned);
        for (rest, _, says) in COMMON.iter().filter(|(_, kinds, _)| kinds.contains(&kind)) {
            let description = json!({"description": format!("The field {says}. {about}")});
            let truth = *rest == "|exists" || (kind == Bool && rest.is_empty());
            let examples = if truth { json!({"examples": [true, false]}) } else { json!({}) };
            all.insert(format!("{path}{rest}"), joined(description, examples));
        }
        for view in views(path, kind) {
            let says = format!("The view `{view}` of the text has these words, next to each other. {about}");
            all.insert(format!("{path}.{view}|phrase"), json!({"description": says}));
        }
    }
    all
}

fn views(path: &str, kind: FieldType) -> impl Iterator<Item = View> {
    let has = move |view: &View| kind == Text && (*view != View::Joined || path == "text");
    View::ALL.into_iter().filter(has)
}

/// By what keys look like: what their values have to be. Each stands by itself, for editors hold a key to no pattern
/// beside its own property, nor to a second one.
fn values(fields: &FieldTable) -> Vec<Value> {
    let with = |wanted: Values| {
        let names = modifiers().filter(|(_, values)| *values == wanted).map(|(name, _)| name);
        format!(r"\|{}(\||$)", alternatives(names))
    };
    let one = |types: &[&str]| joined(one_or_more(types, &json!({})), json!({"maxItems": 1}));
    let any: Vec<_> = TEXT.into_iter().chain(["null"]).collect();
    let digits = json!({"pattern": "[0-9]", "patternErrorMessage": "it is compared with a number"});
    let compared = format!(r"^{}\|(gt|gte|lt|lte)$", of_type(fields, Number));
    let network = json!({"pattern": r"^(%[^%]+%|\s*[0-9A-Fa-f.:]+(/[0-9]+)?\s*)$", "patternErrorMessage": "a network is written like 10.0.0.0/8"});
    let whole = json!({"pattern": r"^\s*[-+]?[0-9]+\s*$", "patternErrorMessage": "a part of a time is a whole number"});
    let list =
        json!({"pattern": "^%[^%]+%$", "patternErrorMessage": "`expand` takes a list's name: '%name%'"});
    let rows = [
        (String::new(), one_or_more(&any, &json!({}))),
        (with(Values::Pieces), one_or_more(&TEXT, &json!({}))),
        (with(Values::Texts), one_or_more(&TEXT, &json!({"minLength": 1}))),
        (with(Values::Networks), one_or_more(&["string"], &network)),
        (with(Values::Numbers), one_or_more(&["integer", "string"], &whole)),
        (with(Values::Lists), one_or_more(&["string"], &list)),
        (with(Values::One), one(&TEXT)),
        (with(Values::Bool), one(&["boolean"])),
        (compared, joined(one(&["number", "string"]), digits)),
        (format!("^{}$", of_type(fields, Number)), number()),
        (format!("^{}$", of_type(fields, Bool)), truth()),
    ];
    rows.into_iter().map(|(pattern, schema)| json!({"patternProperties": {pattern: schema}})).collect()
}

/// A plain value of a number field.
fn number() -> Value {
    one_or_more(
        &["number", "string", "null"],
        &json!({"pattern": "[0-9*?]", "patternErrorMessage": "the field holds a number"}),
    )
}

/// A plain value of a boolean field.
fn truth() -> Value {
    one_or_more(
        &["boolean", "string", "null"],
        &json!({"pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$|[*?]"}),
    )
}
