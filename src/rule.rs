//! The rule language: from YAML to checked rules, with diagnostics that point into the file.
//!
//! ```text
//!  file ─► source: map ─► syntax: spanned tree ─► parse ─► check ─► Rule   (and lint: legal but doubtful)
//!                                   every step pushes Diagnostics and goes on
//! ```
//!
//! A file is judged as a whole: all errors at once, each with a code, a span, a message and, where there
//! is one, a fix. Nothing here renders a diagnostic or reads a file.

pub mod codes;
mod condition;
mod detection;
pub mod diagnostic;
mod document;
mod example;
mod key;
mod lint;
pub mod list;
pub mod model;
mod pattern;
mod reader;
pub mod regex;
mod schema;
mod shape;
mod slip;
pub mod source;
mod syntax;
mod value;
mod yaml;

pub use codes::Code;
pub use diagnostic::Diagnostic;
pub use document::CATEGORIES;
pub use list::Lists;
pub use model::Rule;
pub use schema::schema;
pub use source::SourceMap;

use crate::event::FieldTable;
use document::Read;
use reader::Reader;
use source::{FileId, MAX_FILE_BYTES, SourceFile, Span};
use std::collections::BTreeMap;

/// What loading yields: every rule that could be understood, and everything there is to say about all of them.
///
/// Rules with errors are left out of `rules`; whoever needs all or nothing asks [`Loaded::has_errors`].
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The rules, by file and place.
    pub rules: Vec<Rule>,
    /// Errors and warnings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// True if a diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity() == diagnostic::Severity::Error)
    }
}

/// How many problems of one file are told one by one.
const MAX_SHOWN: usize = 500;

/// Reads the rules of all files and judges them as a whole. Never fails and never panics, whatever the text:
/// what is wrong is among the diagnostics.
pub fn load(map: &SourceMap, fields: &FieldTable, lists: &Lists) -> Loaded {
    let mut reader = Reader::new(map, fields, lists);
    let mut read = Vec::new();
    for (id, file) in map.iter() {
        if usable(&mut reader, id, file) {
            let documents = yaml::documents(id, file, &mut reader.out);
            for document in documents {
                let before = reader.out.len();
                let rule = document::read(&mut reader, &document.node);
                let about = reader.out.split_off(before);
                let allowed = |code| rule.as_ref().is_some_and(|read| read.rule.allow.contains(&code));
                let stays =
                    |found: &Diagnostic| !document.blotted(found.primary.span) && !allowed(found.code);
                reader.out.extend(about.into_iter().filter(stays));
                read.extend(rule.filter(|_| document.sound));
            }
        }
    }
    let read = unique(&mut reader, read);
    Loaded { rules: read, diagnostics: in_order(reader.out) }
}

/// Diagnostics by place; of a file with very many, errors before warnings, and the rest as a number.
pub(crate) fn in_order(mut all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    all.sort_by_key(|found| (found.primary.span.file, found.severity(), found.primary.span, found.code));
    let mut kept = Vec::new();
    for file in all.chunk_by(|one, other| one.primary.span.file == other.primary.span.file) {
        let (shown, rest) = file.split_at(file.len().min(MAX_SHOWN));
        kept.extend_from_slice(shown);
        if let Some(first) = rest.first() {
            let message = format!("{} more problems of this file are not shown", rest.len());
            let place = Span::new(first.primary.span.file, 0..0);
            kept.push(Diagnostic::new(Code::TooManyProblems, place, message));
        }
    }
    kept.sort_by_key(|found| (found.primary.span, found.code));
    kept
}

fn usable(reader: &mut Reader<'_>, id: FileId, file: &SourceFile) -> bool {
    let start = Span::new(id, 0..0);
    if file.text().len() > MAX_FILE_BYTES {
        let message = format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20);
        reader.error(Code::FileTooLarge, start, message);
        return false;
    }
    if let Some(at) = file.invalid_utf8() {
        let line = file.position(at).line;
        let message = format!("the file is not UTF-8: line {line} holds bytes that are no text");
        let found = Diagnostic::new(Code::NotUtf8, Span::new(id, at..at), message);
        reader.push(found.help("save it as UTF-8 in your editor"));
        return false;
    }
    true
}

/// Takes out rules whose id or name another rule already has.
fn unique(reader: &mut Reader<'_>, read: Vec<Read>) -> Vec<Rule> {
    let mut ids = BTreeMap::new();
    let mut names = BTreeMap::new();
    let mut rules = Vec::new();
    for Read { rule, id, name } in read {
        let mut sound = true;
        if let Some(first) = ids.insert(rule.id.clone(), id) {
            let message = format!("another rule has the id `{}`", rule.id);
            let found = Diagnostic::new(Code::DuplicateId, id, message).related(first, "first here");
            reader.push(found.help("a copied rule needs an id of its own: flags are told apart by it"));
            sound = false;
        } else if let Some(first) = names.insert(rule.name.clone(), name.unwrap_or(id)) {
            let message = format!("another rule has the name `{}`", rule.name);
            let found = Diagnostic::new(Code::DuplicateName, name.unwrap_or(id), message);
            reader.push(found.related(first, "first here"));
            sound = false;
        }
        if sound {
            rules.push(rule);
        }
    }
    rules
}
