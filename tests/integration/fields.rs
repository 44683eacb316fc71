//! The page of event fields says what the program reads and what the generator writes.

use crate::golden::assert_file;
use std::collections::BTreeSet;
use wardline::event::{FieldTable, event_types, reference};
use wardline::generate::{Generator, Settings};
use wardline::rule::CATEGORIES;

#[test]
fn the_reference_page_is_the_tables() {
    assert_file("rules/FIELDS.md", &reference(CATEGORIES));
}

#[test]
fn the_page_has_every_field() {
    let page = reference(CATEGORIES);
    for (path, kind) in FieldTable::canonical().iter() {
        let of_person =
            ["sender.", "recipient.", "session.host."].iter().find_map(|role| path.strip_prefix(role));
        let row = |path: &str| page.contains(&format!("| `{path}` | {kind} |"));
        assert!(row(path) || of_person.is_some_and(row), "{path}");
    }
}

#[test]
fn categories_name_event_types() {
    let known: BTreeSet<_> = event_types().collect();
    let named: BTreeSet<_> = CATEGORIES.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect();
    assert!(named.is_subset(&known), "{:?}", named.difference(&known));
    assert_eq!(known.difference(&named).collect::<Vec<_>>(), [&"chat.deleted"], "in no category");
}

#[test]
fn the_example_on_the_page_has_known_fields() {
    let page = reference(CATEGORIES);
    let example = page.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for path in paths("", &serde_json::from_str(example).unwrap()) {
        assert!(FieldTable::canonical().contains(&path.0), "{path:?}");
    }
}

/// What the generator writes is in the table; where the page lists words, it lists those.
#[test]
fn generated_events_say_what_the_page_says() {
    let (page, table) = (reference(CATEGORIES), FieldTable::canonical());
    let mut generator = Generator::new(&Settings { flagged: 0.2, bad: 0.0, ..Settings::default() }).unwrap();
    let mut found = BTreeSet::new();
    let mut record = Vec::new();
    for _ in 0..5_000 {
        record.clear();
        generator.next_into(&mut record);
        found.extend(paths("", &serde_json::from_slice(&record).unwrap()));
    }
    for (path, value) in found {
        assert!(table.contains(&path), "{path}");
        let last = path.rsplit('.').next().unwrap();
        if ["kind", "age_band", "visibility", "paid", "rail", "type"].contains(&last) {
            assert!(page.contains(&format!("`{value}`")), "{path}: {value} is not on the page");
        }
    }
}

/// The dotted paths of an object's scalars, with their values.
fn paths(prefix: &str, value: &serde_json::Value) -> Vec<(String, String)> {
    let Some(object) = value.as_object() else {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return vec![(prefix.trim_end_matches('.').to_owned(), value)];
    };
    object.iter().flat_map(|(key, value)| paths(&format!("{prefix}{key}."), value)).collect()
}
