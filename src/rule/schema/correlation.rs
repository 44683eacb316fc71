//! Correlations and filters: what their documents may hold, by the Sigma specification and this language's own terms.
//!
//! Their keys stand where they are read, as those of detection rules do.

use super::super::correlation as correlations;
use super::super::head::Shape;
use super::super::shape::{Key, Takes};
use super::super::{filter as filters, review};
use super::{KEYS, TEXT, map, name_pattern, named, part};
use crate::schema::{described, joined, one_or_more};
use serde_json::{Value, json};

/// What `correlation` is for.
pub(super) const ABOUT: &str =
    "How events that other rules find have to go together: a correlation has this in place of `detection`.";
/// What `filter` is for.
pub(super) const ABOUT_FILTER: &str =
    "What is demanded besides of rules that are written elsewhere; an exclusion says `not` in its condition.";

/// The parts of the schema that these documents are made of.
pub(super) fn parts() -> Vec<(String, Value)> {
    let parts = [
        (
            "correlation_rule",
            named(joined(
                document(&correlations::SHAPE, ("correlation", ABOUT)),
                json!({"required": ["title", "correlation"]}),
            )),
        ),
        (
            "filter_rule",
            joined(
                document(&filters::SHAPE, ("filter", ABOUT_FILTER)),
                json!({"required": ["title", "filter"]}),
            ),
        ),
        ("correlation", correlation()),
        ("filter", filter()),
        ("correlation_review", map(&[review::KEYS, &[review::SUPPRESS]].concat())),
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

/// A document with those of a rule's keys that it may have, and with some of its own.
fn document(shape: &Shape, (own, about): (&'static str, &'static str)) -> Value {
    let generate = correlations::KEYS.iter().filter(|(name, ..)| *name == "generate");
    let own = (own, Takes::Part(own), about);
    let known = KEYS
        .iter()
        .chain(generate)
        .chain([&own])
        .filter(|(name, ..)| shape.names().any(|known| known == *name));
    let keys: Vec<Key> = known
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
    joined(map(&correlations::KEYS), rules)
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
