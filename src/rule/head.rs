//! What every document begins with, be it a rule, a correlation or a filter: who it is, its stage, its level, its tags.
//!
//! Keys are looked up in the document's own [`Shape`], so that a slip is told with the keys that this kind has, and
//! keys of Sigma that carry no meaning for matching are accepted and left alone.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::model::{Level, Origin, Status};
use super::reader::{Reader, nearest};
use super::silence;
use super::source::Span;
use super::syntax::{Entry, Node};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;

/// The stages that a document may be in.
pub(super) const STATUSES: &[&str] =
    &["stable", "test", "experimental", "shadow", "deprecated", "unsupported"];

/// A kind of document, as messages name it, and its keys.
pub(super) struct Shape {
    /// Such as `rule`.
    pub(super) noun: &'static str,
    /// All keys that it may have, in groups.
    pub(super) keys: &'static [&'static [&'static str]],
    /// Those that it must have, beside `id` or `name`.
    pub(super) required: &'static [&'static str],
    /// What its id is for.
    pub(super) id_serves: &'static str,
}

impl Shape {
    /// Its keys, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.iter().copied().flatten().copied()
    }
}

/// What each document may say of itself first: Sigma's own keys.
pub(super) const FIRST: &[&str] = &[
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
];

/// By what a document is known: an id, and a name that is the id where it gives none; and where they stand.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) id_span: Span,
    pub(super) name_span: Option<Span>,
}

/// What is known of a document while it is read.
pub(super) struct Head {
    id: Option<(String, Span)>,
    name: Option<(String, Span)>,
    pub(super) title: Option<String>,
    pub(super) status: Status,
    pub(super) level: Level,
    pub(super) tags: Vec<String>,
    /// Keys that are there, whether or not their values could be read.
    seen: Vec<&'static str>,
    /// Keys that mean nothing, and were reported.
    unknown: Vec<Arc<str>>,
    /// The first key.
    start: Span,
}

impl Head {
    /// Reads a document's entries: what is common here, the rest by `own`.
    pub(super) fn read<'n>(
        reader: &mut Reader<'_>,
        shape: &Shape,
        entries: &'n [Entry],
        whole: Span,
        mut own: impl FnMut(&mut Reader<'_>, &'static str, &'n Entry),
    ) -> Head {
        let mut head = Head {
            id: None,
            name: None,
            title: None,
            status: Status::default(),
            level: Level::default(),
            tags: Vec::new(),
            seen: Vec::new(),
            unknown: Vec::new(),
            start: entries.first().map_or(whole, |entry| entry.key.span),
        };
        for entry in entries {
            let Some(key) = shape.names().find(|known| *known == &*entry.key.text) else {
                head.unknown.push(entry.key.text.clone());
                unknown_key(reader, shape, entry);
                continue;
            };
            head.seen.push(key);
            if !head.common(reader, key, &entry.value) {
                own(reader, key, entry);
            }
        }
        head
    }

    /// Reads a key that every kind has. False if it is none.
    fn common(&mut self, reader: &mut Reader<'_>, key: &str, value: &Node) -> bool {
        match key {
            "title" => self.title = reader.text(value, "`title`").map(str::to_owned),
            "id" => self.id = identifier(reader, value, "`id`"),
            "name" => self.name = identifier(reader, value, "`name`"),
            "status" => {
                self.status = reader.choice(value, "`status`", STATUSES, status).unwrap_or_default();
            }
            "level" => {
                let names = Level::ALL.map(Level::name);
                self.level = reader.choice(value, "`level`", &names, Level::from_name).unwrap_or_default();
            }
            "tags" => self.tags = texts(reader, value, "`tags`"),
            "allow" => silence::key(reader, value),
            _ => return false,
        }
        true
    }

    /// Reports what is missing. By what the document is known, if it says so.
    pub(super) fn finish(&self, reader: &mut Reader<'_>, shape: &Shape) -> Option<Identity> {
        for required in shape.required {
            let misspelt = |key: &Arc<str>| nearest(key, shape.names()) == Some(*required);
            if !self.seen.contains(required) && !self.unknown.iter().any(misspelt) {
                let message = format!("the {} has no `{required}`", shape.noun);
                reader.error(Code::MissingKey, self.start, message);
            }
        }
        if self.id.is_none() && !self.seen.iter().any(|key| matches!(*key, "id" | "name")) {
            let found = missing_id(reader, shape, self.title.as_deref().unwrap_or_default(), self.start);
            reader.push(found);
        }
        let (id, id_span) = self.id.clone().or_else(|| self.name.clone())?;
        let name_span = self.name.as_ref().map(|(_, span)| *span);
        let name = self.name.as_ref().map_or_else(|| id.clone(), |(name, _)| name.clone());
        Some(Identity { id, name, id_span, name_span })
    }

    /// Where the document stands; `span` is the key that says what it is.
    pub(super) fn origin(&self, reader: &Reader<'_>, span: Span) -> Origin {
        let file = reader.map.file(self.start.file).map(|file| file.name().clone()).unwrap_or_default();
        Origin { file, line: reader.map.position(self.start).line, span }
    }
}

/// A key that this kind of document does not have; another may.
fn unknown_key(reader: &mut Reader<'_>, shape: &Shape, entry: &Entry) {
    let place = format!("a {}", shape.noun);
    if matches!(&*entry.key.text, "detection" | "correlation" | "filter") {
        let message = format!("{place} has no `{}`", entry.key.text);
        let found = Diagnostic::new(Code::UnknownKey, entry.key.span, message);
        reader.push(found.help("it is a document of its own: put a line of `---` between the two"));
    } else if &*entry.key.text == "condition" {
        let message = format!("{place} has no key `condition`");
        let found = Diagnostic::new(Code::UnknownKey, entry.key.span, message);
        reader.push(found.help("it belongs to the selections: indent it as they are"));
    } else {
        reader.unknown_key(entry, &place, &shape.names().collect::<Vec<_>>());
    }
}

/// A document without id and name; the fix is a line of its own before the first key, which `start` marks.
fn missing_id(reader: &Reader<'_>, shape: &Shape, title: &str, start: Span) -> Diagnostic {
    let message = format!("the {} has neither `id` nor `name`", shape.noun);
    let found = Diagnostic::new(Code::MissingKey, start, message).help(shape.id_serves);
    let id = suggested_id(reader.map.text(start), title, start);
    match reader.line_before(start, &format!("id: {id}")) {
        Some(line) => found.fix(start.start_point(), line, "give it an id"),
        None => found,
    }
}

/// A UUID (version 8) made from the rule itself: the same rule gets the same suggestion every time.
fn suggested_id(first_key: &str, title: &str, start: Span) -> String {
    let mut hasher = Sha256::new();
    for part in ["wardline rule id", first_key, title] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(start.start.to_le_bytes());
    let mut bytes = hasher.finalize();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut id = String::with_capacity(36);
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        // Writing to a String cannot fail.
        write!(id, "{byte:02x}").unwrap_or_default();
    }
    id
}

fn identifier(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<(String, Span)> {
    let text = reader.text(node, what)?;
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if text.chars().all(sound) && text.len() <= 200 {
        return Some((text.to_owned(), node.span));
    }
    let message = format!("{what} can only hold letters, digits, `_`, `-` and `.`, at most 200 bytes");
    let fixed: String = text.chars().map(|c| if sound(c) { c } else { '_' }).take(200).collect();
    reader.push(Diagnostic::new(Code::BadName, node.span, message).fix(node.span, fixed, "write it so"));
    None
}

fn status(name: &str) -> Option<Status> {
    Some(match name {
        "stable" => Status::Stable,
        "test" => Status::Test,
        "experimental" => Status::Experimental,
        "shadow" => Status::Shadow,
        "deprecated" | "unsupported" => Status::Retired,
        _ => return None,
    })
}

fn texts(reader: &mut Reader<'_>, node: &Node, what: &str) -> Vec<String> {
    let Some(items) = reader.items(node, what) else { return Vec::new() };
    let item = format!("an item of {what}");
    items.iter().filter_map(|node| reader.text(node, &item).map(str::to_owned)).collect()
}
