//! Where rsigma-eval 0.23 is known to find something else, each with its reason.
//!
//! An entry says of which tests and values it speaks, so that it explains no more than it has to: a difference in any other rule
//! or event fails.

use serde_json::Value;

/// A difference that is explained.
pub(crate) struct Known {
    /// What it is called in the report.
    pub(crate) name: &'static str,
    /// True of a test (its key and one of its values) and an event that it may concern.
    concerns: fn(key: &str, value: &str, event: &Value) -> bool,
}

/// All of them.
const KNOWN: &[Known] = &[
    // `startswith: what?` is anchored at both ends, `endswith: x*y` at the start.
    Known {
        name: "a wildcard in a value of `startswith` or `endswith` anchors it elsewhere",
        concerns: |key, value, _| {
            ["|startswith", "|endswith"].iter().any(|part| key.contains(part)) && value.contains(['*', '?'])
        },
    },
    // The specification: the check "only verifies the presence of a field, not its value, be it empty or null".
    Known {
        name: "a field that is null is there, for `exists` and `neq`",
        concerns: |key, _, event| {
            ["|exists", "|neq"].iter().any(|part| key.contains(part)) && event[field(key)].is_null()
        },
    },
    // Ours holds an empty value to be a part of none: a field that is empty would make the rule fire on everything.
    Known {
        name: "an empty value of another field is a part of every value",
        concerns: |key, value, event| key.contains("|fieldref|") && holds_empty(&event[value]),
    },
    Known {
        name: "`fieldref` compares no items of lists",
        concerns: |key, value, event| {
            key.contains("|fieldref") && (event[value].is_array() || event[field(key)].is_array())
        },
    },
    // The specification has all permutations of `-`, `/` and the longer dashes.
    Known {
        name: "`windash` leaves a slash of the rule as it is",
        concerns: |key, value, _| key.contains("|windash") && value.contains('/'),
    },
];

/// What explains a difference in what a rule finds of an event.
pub(crate) fn explained(rule: &Value, event: &Value) -> Option<&'static str> {
    let selections = rule["detection"].as_object()?;
    let tests = selections
        .values()
        .flat_map(|selection| selection.as_array().cloned().unwrap_or_else(|| vec![selection.clone()]));
    let tests: Vec<(String, String)> = tests.flat_map(|map| pairs(&map)).collect();
    let concerned = |known: &&Known| tests.iter().any(|(key, value)| (known.concerns)(key, value, event));
    KNOWN.iter().find(concerned).map(|known| known.name)
}

/// Each key of a map with each of its values.
fn pairs(map: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (key, values) in map.as_object().into_iter().flatten() {
        let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        pairs.extend(values.iter().map(|value| (key.clone(), text(value))));
    }
    pairs
}

fn field(key: &str) -> &str {
    key.split('|').next().unwrap_or_default()
}

fn holds_empty(value: &Value) -> bool {
    value.as_str() == Some("")
        || value.as_array().is_some_and(|values| values.iter().any(|value| value == ""))
}
