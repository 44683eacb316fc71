//! Names of fields and event types that a configuration gives: misspelt, they would do nothing and say so
//! to nobody. Pseudonyms above all: a misspelt field would leave ids as they are.

use super::keys::nearest;
use super::layer::{Layer, Setting};
use super::problem::Problem;
use super::typed::Events;
use crate::event::{DERIVED, FieldTable, FieldType, event_types};
use std::collections::BTreeMap;

/// Slips of the pen that a field of one's own is asked about.
const NEAR: usize = 2;
/// Fields that a message about a group of them names.
const NAMED: usize = 8;

/// Checks all names.
pub(super) fn check(events: &Events, settings: &Layer, problems: &mut Vec<Problem>) {
    let table = events.field_table();
    for open in ["events.fields", "events.constants"] {
        let found = entries(settings, open).filter_map(|(name, setting)| {
            let (message, help) = mapped(&table, name)?;
            Some(Problem::at(&setting.place, format!("{open}.{name}: {message}")).help(help))
        });
        problems.extend(found);
    }
    for (name, setting) in entries(settings, "events.types") {
        let kind = setting.value.as_str().unwrap_or_default();
        if !event_types().any(|known| known == kind) {
            let problem =
                Problem::at(&setting.place, format!("events.types.{name}: {kind:?} is no type of event"));
            problems.push(problem.help(meant(kind, event_types())));
        }
    }
    let found = events.pseudonyms.fields.iter().filter_map(|path| hidden(&table, &events.fields, path));
    problems.extend(found.map(|(message, help)| Problem {
        place: settings.keys.get("events.pseudonyms.fields").map(|setting| setting.place.clone()),
        message: format!("events.pseudonyms.fields: {message}"),
        help,
    }));
}

fn entries<'a>(settings: &'a Layer, table: &str) -> impl Iterator<Item = (&'a String, &'a Setting)> {
    settings.open.get(table).into_iter().flatten()
}

/// Why nothing would come of mapping to `path`.
fn mapped(table: &FieldTable, path: &str) -> Option<(String, String)> {
    if is_derived(path) {
        return Some((
            "is made from other fields".to_owned(),
            "map the fields that it is made from".to_owned(),
        ));
    }
    if table.contains(path) {
        return None;
    }
    if let Some(fields) = below(table, path, |_| true) {
        return Some(("holds fields and is none itself".to_owned(), format!("map one by one: {fields}")));
    }
    let known = table.iter().map(|(known, _)| known);
    let near = known.filter(|known| strsim::osa_distance(known, path) <= NEAR).min()?;
    let help =
        format!("did you mean {near:?}? If it is a field of your own, give its type in [events.field_types]");
    Some(("is no known field".to_owned(), help))
}

/// Why the values of `path` would not be replaced.
fn hidden(
    table: &FieldTable,
    mapped: &BTreeMap<String, Vec<String>>,
    path: &str,
) -> Option<(String, Option<String>)> {
    let kind = table.type_of(path);
    if is_derived(path) {
        let help = "name the fields that it is made from";
        return Some((format!("{path:?} is made from other fields"), Some(help.to_owned())));
    }
    if matches!(path, "type" | "text") || !identifies(kind) {
        let message = format!("{path:?} identifies nobody: ids and names do, this is of type {kind}");
        return Some((message, None));
    }
    if table.contains(path) || mapped.contains_key(path) {
        return None;
    }
    if let Some(fields) = below(table, path, identifies) {
        let message = format!("{path:?} holds fields and is none itself");
        return Some((message, Some(format!("name those that identify people: {fields}"))));
    }
    let known = table.iter().filter(|(_, kind)| identifies(*kind)).map(|(known, _)| known);
    let help = nearest(path, known).map_or_else(
        || "if it is a field of your own, give its type in [events.field_types]".to_owned(),
        |near| format!("did you mean {near:?}?"),
    );
    Some((format!("{path:?} is no known field, so nothing would be replaced"), Some(help)))
}

fn is_derived(path: &str) -> bool {
    DERIVED.iter().any(|(derived, _)| *derived == path)
}

fn identifies(kind: FieldType) -> bool {
    matches!(kind, FieldType::Keyword | FieldType::Text)
}

/// The first of the fields below `path`, if there are any.
fn below(table: &FieldTable, path: &str, wanted: fn(FieldType) -> bool) -> Option<String> {
    let inside = |known: &str| known.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    let mut fields = table.iter().filter(|(known, kind)| inside(known) && wanted(*kind));
    let first: Vec<_> = fields.by_ref().take(NAMED).map(|(known, _)| known).collect();
    let more = if fields.next().is_some() { " …" } else { "" };
    (!first.is_empty()).then(|| format!("{}{more}", first.join(", ")))
}

fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("there are {}", known.collect::<Vec<_>>().join(", ")),
    }
}
