//! One source of settings, a file or the environment, as a flat map from key to value and place.
//!
//! Flat because everything asked of a configuration is asked by key: is it known, what may it hold, which
//! layer wins, where was it said. Reading continues past every problem, so that all are told at once;
//! serde alone was rejected, it stops at the first and loses the place of a value given in a variable.

use super::keys::{self, KEYS, Kind};
use super::problem::{Place, Problem};
use super::{properties, value};
use serde::Deserialize;
use serde::de::IntoDeserializer;

use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

/// A value in its normal form, and where it was given.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// Settings by key. Entries of open tables are kept apart: by table, then by their own name.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub(super) keys: BTreeMap<&'static str, Setting>,
    pub(super) open: BTreeMap<&'static str, BTreeMap<String, Setting>>,
}

impl Layer {
    /// The settings of `over` win over these.
    pub(super) fn overlay(&mut self, over: Layer) {
        self.keys.extend(over.keys);
        for (table, entries) in over.open {
            self.open.entry(table).or_default().extend(entries);
        }
    }

    fn set(&mut self, key: &'static str, kind: Kind, value: &Value, place: Place) -> Result<(), Problem> {
        match value::check(kind, value) {
            Ok(value) => drop(self.keys.insert(key, Setting { value, place })),
            Err(reason) => return Err(Problem::at(&place, format!("{key}: {reason}"))),
        }
        Ok(())
    }

    fn set_open(
        &mut self,
        table: &'static str,
        kind: Kind,
        name: &str,
        value: &Value,
        place: Place,
    ) -> Result<(), Problem> {
        let checked = properties::check(kind, table, name, value);
        let value =
            checked.map_err(|(message, help)| Problem { place: Some(place.clone()), message, help })?;
        self.open.entry(table).or_default().insert(name.to_owned(), Setting { value, place });
        Ok(())
    }
}

/// Reads a file's text. `name` is the file as the user named it.
pub(super) fn file(name: &str, text: &str, problems: &mut Vec<Problem>) -> Layer {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { name: name.into(), text, layer: Layer::default(), problems };
    for error in errors {
        let place = reader.place(error.span().map_or(0, |span| span.start));
        reader.problems.push(Problem::at(&place, error.message().to_owned()));
    }
    reader.table("", table.get_ref());
    let layer = reader.layer;
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    layer
}

struct Reader<'a> {
    name: Arc<str>,
    text: &'a str,
    layer: Layer,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Place::File(Arc::clone(&self.name), line, column)
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let place = self.place(key.span().start);
            let name =
                if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
            self.entry(&name, value, &place);
        }
    }

    fn entry(&mut self, path: &str, value: &Spanned<DeValue<'_>>, place: &Place) {
        let known = KEYS.iter().find(|(key, _)| *key == path);
        let outcome = match (known, value.get_ref()) {
            (Some((table, kind)), DeValue::Table(entries)) if kind.is_open() => {
                return self.open(table, *kind, "", entries);
            }
            (Some((key, kind)), _) if !kind.is_open() => plain(value, place)
                .and_then(|plain| self.layer.set(key, *kind, &plain, self.place(value.span().start))),
            (None, DeValue::Table(entries)) if keys::is_table(path) => return self.table(path, entries),
            (None, _) if !keys::is_table(path) => Err(unknown(path, place)),
            _ => Err(Problem::at(place, format!("{path}: expected a table"))),
        };
        self.problems.extend(outcome.err());
    }

    /// Entries of an open table; `ssl.ca.location = …` without quotes is a nest of tables to TOML and one
    /// name to us.
    fn open(&mut self, table: &'static str, kind: Kind, path: &str, entries: &DeTable<'_>) {
        for (key, value) in entries {
            let name =
                if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
            if let DeValue::Table(nested) = value.get_ref() {
                self.open(table, kind, &name, nested);
                continue;
            }
            let place = self.place(key.span().start);
            let outcome =
                plain(value, &place).and_then(|plain| self.layer.set_open(table, kind, &name, &plain, place));
            self.problems.extend(outcome.err());
        }
    }
}

fn plain(value: &Spanned<DeValue<'_>>, place: &Place) -> Result<Value, Problem> {
    let deserializer = value.clone().into_deserializer();
    Value::deserialize(deserializer).map_err(|error| Problem::at(place, error.message().to_owned()))
}

fn unknown(path: &str, place: &Place) -> Problem {
    let problem = Problem::at(place, format!("unknown key {path:?}"));
    if let Some(property) = path.strip_prefix("kafka.").filter(|rest| properties::is_likely(rest)) {
        return problem
            .help(format!("properties of the Kafka client belong in [kafka.properties]: {property:?}"));
    }
    match nearest_key(path) {
        Some(meant) => problem.help(format!("did you mean {meant:?}?")),
        None => problem,
    }
}

/// The key or table that `path` was perhaps meant to be. A last name that exists elsewhere counts as near.
fn nearest_key(path: &str) -> Option<&'static str> {
    let tables = ["kafka", "topics", "rules", "events", "workers", "web", "log", "limits"];
    let known = KEYS.iter().map(|(key, _)| *key);
    let last = path.rsplit('.').next().unwrap_or(path);
    let mut same_name = known.clone().filter(|key| key.rsplit('.').next() == Some(last));
    same_name.next().or_else(|| keys::nearest(path, known.chain(tables)))
}

/// The prefix of environment variables that set keys.
pub(super) const PREFIX: &str = "WARDLINE__";

/// Reads the variables that carry the prefix, and refuses those that were meant to; others are none of our
/// business.
pub(super) fn environment(
    variables: impl Iterator<Item = (String, String)>,
    problems: &mut Vec<Problem>,
) -> Layer {
    let mut layer = Layer::default();
    let sorted: BTreeMap<String, String> = variables.collect();
    for (name, text) in sorted {
        match name.strip_prefix(PREFIX) {
            Some(_) => problems.extend(variable(&mut layer, name, &text).err()),
            None => problems.extend(nearly_ours(name)),
        }
    }
    layer
}

fn variable(layer: &mut Layer, name: String, text: &str) -> Result<(), Problem> {
    let path = name.get(PREFIX.len()..).unwrap_or_default().to_lowercase().replace("__", ".");
    let place = Place::Environment(name);
    if let Some((table, kind, rest)) = keys::open_table(&path) {
        if table == "events.types" {
            let problem = Problem::at(&place, "events.types cannot be set in the environment");
            return Err(problem.help("names of types have capitals, which are lost here: set it in the file"));
        }
        let text = if kind == Kind::Sources { list(text) } else { Value::from(text) };
        let own = if kind == Kind::Properties { rest.replace('_', ".") } else { rest.to_owned() };
        return layer.set_open(table, kind, &own, &text, place);
    }
    match KEYS.iter().find(|(key, kind)| *key == path && !kind.is_open()) {
        Some((key, kind)) => layer.set(key, *kind, &typed(*kind, text), place),
        None if keys::is_table(&path) => {
            let problem = Problem::at(&place, format!("{path} is a table, which has no value of its own"));
            Err(problem.help(format!("append the entry to the name: {place}__NAME", place = written(&path))))
        }
        None => Err(unknown(&path, &place)),
    }
}

/// A key as a variable is named.
fn written(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

/// A variable that would be a key if its underscores were doubled: it was meant to do something. Others
/// with our name are not ours: Kubernetes makes some for a service that is called so.
fn nearly_ours(name: String) -> Option<Problem> {
    let plain = |text: &str| text.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let given = plain(&name.to_uppercase());
    let meant = KEYS.iter().find_map(|(key, kind)| {
        let rest = given.strip_prefix(&plain(&written(key)))?;
        match (kind.is_open(), rest.strip_prefix('_')) {
            (true, Some(entry)) => Some(format!("{}__{entry}", written(key))),
            _ => rest.is_empty().then(|| written(key)),
        }
    })?;
    let problem = Problem::at(&Place::Environment(name), "its levels are not joined by two underscores");
    Some(problem.help(format!("did you mean {meant}?")))
}

/// A variable's text as the type of its key. What cannot be read stays text, and the check says so.
fn typed(kind: Kind, text: &str) -> Value {
    let read = match kind {
        Kind::Bool => text.parse().ok().map(Value::Boolean),
        Kind::Integer { .. } => text.parse().ok().map(Value::Integer),
        Kind::Ratio => text.parse().ok().map(Value::Float),
        Kind::Texts { .. } | Kind::Paths => Some(list(text)),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

fn list(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(Value::from).collect())
}
