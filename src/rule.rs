//! The rule language: from YAML to checked rules, with diagnostics that point into the file.
//!
//! ```text
//!  file ─► source: map ─► syntax: spanned tree ─► document: parse, check ─► set: all documents together
//!                                                                             │  filter: added to rules ─► Rule
//!                                                                             └► correlation: resolved  ─► Correlation
//!           every step pushes Diagnostics and goes on (and lint: legal but doubtful)
//! ```
//!
//! A file is judged as a whole: all errors at once, each with a code, a span, a message and, where there
//! is one, a fix. Nothing here renders a diagnostic or reads a file.

pub mod codes;
mod condition;
pub mod correlation;
mod detection;
pub mod diagnostic;
mod document;
mod encode;
mod example;
pub mod exception;
mod filter;
mod head;
mod key;
mod legacy;
mod lint;
pub mod list;
mod logic;
mod logsource;
mod misplaced;
pub mod model;
pub(crate) mod network;
mod pattern;
pub mod policy;
mod reader;
pub mod regex;
mod relation;
mod review;
mod schema;
mod set;
mod shape;
mod silence;
mod slip;
pub mod source;
mod strange;
mod synonym;
mod syntax;
mod timespan;
mod value;
mod yaml;

pub use codes::Code;
pub use correlation::Correlation;
pub use diagnostic::Diagnostic;
pub(crate) use example::{untested, untested_correlations};
pub use list::Lists;
pub use logsource::CATEGORIES;
pub use model::Rule;
pub use policy::Policy;
pub use schema::schema;
pub use silence::Silences;
pub use source::SourceMap;

use crate::event::FieldTable;
use reader::Reader;
use source::{FileId, MAX_FILE_BYTES, SourceFile, Span};

/// What loading yields: every rule that could be understood, and everything there is to say about all of them.
///
/// Rules with errors are left out of `rules`; whoever needs all or nothing asks [`Loaded::has_errors`].
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The rules, by file and place; filters are already in them.
    pub rules: Vec<Rule>,
    /// The correlations, by file and place.
    pub correlations: Vec<Correlation>,
    /// Errors and warnings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// What authors accept, of what others will find, too.
    pub silences: Silences,
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
    let mut complete = true;
    for (id, file) in map.iter() {
        if !usable(&mut reader, id, file) {
            complete = false;
            continue;
        }
        let (documents, whole) = yaml::documents(id, file, &mut reader.out);
        complete &= whole;
        for document in documents {
            let before = reader.out.len();
            reader.document = Span::new(id, document.range.clone());
            let one = document::read(&mut reader, &document.node);
            complete &= one.as_ref().is_some_and(|one| one.identity.is_some());
            if let Some(document::Body::Rule(rule, _)) = one.as_ref().and_then(|one| one.body.as_ref()) {
                logic::lint(&mut reader, rule, &document.node);
            }
            silence::comments(&mut reader, id, file, &document);
            let about = reader.out.split_off(before);
            reader.out.extend(about.into_iter().filter(|found| !document.blotted(found.primary.span)));
            let kept =
                |one: document::Read| document::Read { body: one.body.filter(|_| document.sound), ..one };
            read.extend(one.map(kept));
        }
        silence::strays(&mut reader, id, file.text());
    }
    let loaded = set::join(&mut reader, read, complete);
    let Reader { out, mut silences, .. } = reader;
    Loaded { diagnostics: in_order(silences.sift(out)), silences, ..loaded }
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
