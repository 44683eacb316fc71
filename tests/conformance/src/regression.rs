//! The corpus's regression tests: recorded events, and on how many of them, at least, a rule has to fire: its own runner only warns
//! of more.
//!
//! An event is flattened as the collectors that the rules are written for do it: what is in `System` and in `EventData` (or in the one
//! element of `UserData`) by its own name, attributes as `Name_Attribute`, and names without spaces.

use crate::corpus;
use crate::matcher::Matcher;
use serde_json::{Deserializer, Map, Value};
use std::fs;
use std::path::{Path, PathBuf};
use wardline::ruleset::RuleSet;

/// How many regression tests the corpus has at the commit that `tests/conformance/run` fetches.
const CASES: usize = 202;

/// True if every test behaves as it states, by the corpus's own rules.
pub(crate) fn check(corpus: &Path, rules: RuleSet) -> bool {
    let mut matcher = Matcher::new(rules);
    let mut files = Vec::new();
    corpus::collect(&corpus.join("regression_data"), "json", &mut files);
    let failures: Vec<String> = files.iter().filter_map(|file| case(&mut matcher, file)).collect();
    for failure in &failures {
        println!("{failure}");
    }
    println!("regression tests: {} of {} behave as they state", files.len() - failures.len(), files.len());
    let right = failures.is_empty() && files.len() == CASES;
    if !right {
        println!("FAILED: wanted {CASES} tests");
    }
    right
}

/// Why a test fails, if it does. Its file is called after the rule.
fn case(matcher: &mut Matcher, file: &Path) -> Option<String> {
    let rule = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let events = events(file);
    let found = events.iter().filter(|event| matcher.fired(event).contains(&&*rule)).count();
    let wanted = wanted(&file.with_file_name("info.yml")).unwrap_or(1);
    (found < wanted)
        .then(|| format!("{}: fired on {found} of {} events, wanted {wanted}", file.display(), events.len()))
}

/// The number of matches that a test states, if it does.
fn wanted(info: &PathBuf) -> Option<usize> {
    let text = fs::read_to_string(info).expect("each test says what it is");
    text.lines().find_map(|line| line.trim().strip_prefix("match_count:")?.trim().parse().ok())
}

fn events(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("the file was found");
    let records = Deserializer::from_str(&text).into_iter::<Value>();
    records.map(|record| flat(&record.expect("JSON")["Event"])).collect()
}

/// A Windows event as its fields.
fn flat(event: &Value) -> Value {
    let mut fields = Map::new();
    take(&event["System"], &mut fields);
    take(&event["EventData"], &mut fields);
    for inner in event["UserData"].as_object().into_iter().flat_map(Map::values) {
        take(inner, &mut fields);
    }
    Value::Object(fields)
}

fn take(section: &Value, fields: &mut Map<String, Value>) {
    for (name, value) in section.as_object().into_iter().flatten() {
        let name: String = name.split_whitespace().collect();
        match value.get("#attributes") {
            Some(attributes) => {
                for (attribute, value) in attributes.as_object().into_iter().flatten() {
                    fields.insert(format!("{name}_{attribute}"), value.clone());
                }
                // An element with attributes has its text beside them.
                if let Some(text) = value.get("#text") {
                    fields.insert(name, text.clone());
                }
            }
            None if name != "#attributes" => drop(fields.insert(name, value.clone())),
            None => {}
        }
    }
}
