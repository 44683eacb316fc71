//! Correlations and filters: what their documents may hold, by the Sigma specification and this language's own terms.
//!
//! The parser does not read these documents yet, so their keys stand here; they belong where they are read, as those
//! of detection rules do.

use super::super::shape::{Key, Takes};
use super::{KEYS, TEXT, map, name_pattern, named, part};
use crate::schema::{described, joined, one_or_more};
use serde_json::{Value, json};

/// What `correlation` is for.
pub(super) const ABOUT: &str =
    "How events that other rules find have to go together: a correlation has this in place of `detection`.";
/// What `filter` is for.
pub(super) const ABOUT_FILTER: &str =
    "What is demanded besides of rules that are written elsewhere; an exclusion says `not` in its condition.";

const TYPES: &[&str] = &["event_count", "value_count", "value_sum", "temporal", "temporal_ordered"];

/// The keys of `correlation`.
const CORRELATION_KEYS: &[Key] = &[
    (
        "type",
        Takes::Choice(TYPES),
        "What is counted: events, distinct values of a field, the sum of a field; or which rules have to fire, in any \
         order (`temporal`) or in this one (`temporal_ordered`).",
    ),
    ("rules", Takes::Part("rules"), "The rules whose findings are put together, by name or id."),
    (
        "group-by",
        Takes::Part("group_by"),
        "Fields that have to be equal; without one of them an event counts nowhere.",
    ),
    ("timespan", Takes::Part("timespan"), "How long it may take, first to last: `30m`; at most `30d`."),
    (
        "condition",
        Takes::Part("correlation_condition"),
        "How many, or how much; of `temporal`, which of the rules.",
    ),
    ("aliases", Takes::Part("aliases"), "Names for fields that are called otherwise in each rule."),
    (
        "generate",
        Takes::Bool,
        "Whether the rules' own findings become flags too (Sigma; `review.publish` decides).",
    ),
];

const SUPPRESS: Key = (
    "suppress",
    Takes::Part("timespan"),
    "For how long after a finding the same key makes no further flag: `24h`.",
);

/// The parts of the schema that these documents are made of.
pub(super) fn parts() -> Vec<(String, Value)> {
    let parts = [
        (
            "correlation_rule",
            named(joined(
                document(&["detection", "logsource"], ("correlation", ABOUT)),
                json!({"required": ["title", "correlation"]}),
            )),
        ),
        (
            "filter_rule",
            joined(
                document(&["detection"], ("filter", ABOUT_FILTER)),
                json!({"required": ["title", "filter"]}),
            ),
        ),
        ("correlation", correlation()),
        ("filter", filter()),
        ("correlation_review", map(&[super::REVIEW_KEYS, &[SUPPRESS]].concat())),
        ("rules", json!({"type": "array", "minItems": 1, "uniqueItems": true, "items": name()})),
        (
            "group_by",
            described(one_or_more(&["string"], &json!({"pattern": r"^\S+$"})), "Dotted paths of fields."),
        ),
        ("timespan", timespan()),
        ("correlation_condition", condition()),
        ("aliases", aliases()),
    ];
    parts.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// A document with the keys of a rule but for some, and with one of its own.
fn document(without: &[&str], (own, about): (&'static str, &'static str)) -> Value {
    let own = (own, Takes::Part(own), about);
    let kept = KEYS.iter().filter(|(name, ..)| !without.contains(name)).chain([&own]);
    let keys: Vec<Key> = kept
        .map(|key| match key {
            ("review", _, about) => ("review", Takes::Part("correlation_review"), *about),
            other => *other,
        })
        .collect();
    map(&keys)
}

fn name() -> Value {
    json!({"type": TEXT, "pattern": name_pattern()})
}

/// What is counted decides what else has to be said.
fn correlation() -> Value {
    let of_type = |types: &[&str], then: Value| json!({"if": {"required": ["type"], "properties": {"type": {"enum": types}}}, "then": then});
    let counted = json!({"required": ["condition"], "properties": {"condition": {"type": "object"}}});
    let of_values = json!({"required": ["condition"], "properties": {"condition": {"type": "object", "required": ["field"]}}});
    let rules = json!({
        "required": ["type", "rules", "timespan"],
        "allOf": [
            of_type(&["event_count"], counted),
            of_type(&["value_count", "value_sum"], of_values),
        ],
    });
    joined(map(CORRELATION_KEYS), rules)
}

fn timespan() -> Value {
    json!({
        "type": "string",
        "pattern": "^[0-9]+[smhdw]$",
        "patternErrorMessage": "a whole number and one unit: s, m, h, d or w, such as `30m`",
    })
}

/// At least so many, or in words which rules. A window never closes, so "fewer than" is never known.
fn condition() -> Value {
    json!({
        "type": ["object", "string"],
        "additionalProperties": false,
        "minProperties": 1,
        "properties": {
            "gt": {"type": "number", "description": "More than so many."},
            "gte": {"type": "number", "description": "At least so many."},
            "field": {"type": "string", "description": "Whose values are counted or added up."},
        },
        "anyOf": [{"required": ["gt"]}, {"required": ["gte"]}],
        "if": {"required": ["gt"]},
        "then": {"properties": {"gte": false}},
    })
}

fn aliases() -> Value {
    let fields = json!({"type": "object", "additionalProperties": {"type": "string"}});
    json!({"type": "object", "additionalProperties": described(fields, "For each rule, by name or id, the field that is meant.")})
}

/// Selections and a condition as in a rule, and which rules are meant.
fn filter() -> Value {
    joined(
        super::detection(),
        json!({
            "minProperties": 3,
            "required": ["rules", "condition"],
            "properties": {
                "condition": part("condition"),
                "rules": described(one_or_more(&TEXT, &json!({"pattern": name_pattern()})), "The rules that it is about, by name or id."),
            },
        }),
    )
}
