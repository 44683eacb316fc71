//! What every part of the rule parser works with: the tables it looks names up in, and where errors go.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::list::Lists;
use super::model::Pattern;
use super::pattern::Expanded;
use super::silence::Silences;
use super::slip::quote;
use super::source::{SourceMap, Span};
use super::syntax::{Entry, Kind, Node, Plain, Scalar, locate};
use crate::event::FieldTable;
use std::ops::Range;
use std::sync::Arc;

/// Reads parts of rules and collects what there is to say about them.
pub(super) struct Reader<'a> {
    pub(super) map: &'a SourceMap,
    pub(super) fields: &'a FieldTable,
    pub(super) lists: &'a Lists,
    pub(super) out: Vec<Diagnostic>,
    /// Warnings that authors accept.
    pub(super) silences: Silences,
    /// The document that is being read.
    pub(super) document: Span,
    /// The document says that it is about chat.
    pub(super) chat: bool,
    /// Patterns of the rule so far: bounds what aliases and lists multiply to.
    pub(super) patterns: usize,
    /// Lists as they were taken in so far.
    pub(super) expanded: Vec<(Expanded, Arc<[Pattern]>)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(map: &'a SourceMap, fields: &'a FieldTable, lists: &'a Lists) -> Reader<'a> {
        let (out, silences, document) = (Vec::new(), Silences::default(), Span::default());
        let expanded = Vec::new();
        Reader { map, fields, lists, out, silences, document, chat: false, patterns: 0, expanded }
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.out.push(Diagnostic::new(code, span, message));
    }

    fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        let message = format!("{what} takes {expected}, found {}", node.describe());
        self.error(Code::WrongType, node.span, message);
    }

    /// The entries of a map.
    pub(super) fn map<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Entry]> {
        if let Kind::Map(entries) = &node.kind {
            return Some(entries);
        }
        self.wrong_type(node, what, "a map");
        None
    }

    /// The items of a list.
    pub(super) fn items<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        if let Kind::Sequence(items) = &node.kind {
            return Some(items);
        }
        let message = format!("{what} takes a list, found {}", node.describe());
        let found = Diagnostic::new(Code::WrongType, node.span, message);
        let one_line =
            node.scalar().is_some_and(|scalar| !scalar.text.is_empty() && !scalar.text.contains('\n'));
        let listed = format!("[{}]", self.map.text(node.span));
        self.push(if one_line { found.fix(node.span, listed, "make it a list of one") } else { found });
        None
    }

    /// A text that is there and not empty. Numbers and booleans are taken as they stand.
    pub(super) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match node.scalar() {
            Some(scalar) if scalar.plain() != Plain::Null && !scalar.text.trim().is_empty() => {
                Some(&scalar.text)
            }
            Some(_) => {
                self.error(Code::WrongType, node.span, format!("{what} takes a text, found nothing"));
                None
            }
            None => {
                self.wrong_type(node, what, "a text");
                None
            }
        }
    }

    /// True or false.
    pub(super) fn bool(&mut self, node: &Node, what: &str, code: Code) -> Option<bool> {
        if let Some(Plain::Bool(value)) = node.scalar().map(Scalar::plain) {
            return Some(value);
        }
        let message = format!("{what} takes true or false, found {}", node.describe());
        let mut found = Diagnostic::new(code, node.span, message);
        if let Some(value) = node.scalar().and_then(|scalar| as_bool(&scalar.text)) {
            found = found.fix(node.span, value, "write it so");
        }
        self.push(found);
        None
    }

    /// One of a closed set of words.
    pub(super) fn choice<T>(
        &mut self,
        node: &Node,
        what: &str,
        names: &[&str],
        find: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(node, what)?;
        let found = find(text);
        if found.is_none() {
            let message = format!("{what} cannot be `{text}`");
            let diagnostic = Diagnostic::new(Code::BadValue, node.span, message);
            let diagnostic = diagnostic.help(format!("it is one of {}", listed(names)));
            let diagnostic = suggest(diagnostic, node.span, text, names.iter().copied());
            self.push(diagnostic);
        }
        found
    }

    /// An unknown key of a map.
    pub(super) fn unknown_key(&mut self, entry: &Entry, place: &str, known: &[&str]) {
        let key = &entry.key;
        let message = format!("{place} has no key `{}`", key.text);
        let found = Diagnostic::new(Code::UnknownKey, key.span, message);
        let found = match nearest(&key.text, known.iter().copied()) {
            Some(_) => suggest(found, key.span, &key.text, known.iter().copied()),
            None => found.help(format!("its keys are {}", listed(known))),
        };
        self.push(found);
    }

    /// The place in the file of a part of a scalar's value; the whole scalar where it cannot be told.
    pub(super) fn part(&self, node: &Node, range: Range<usize>) -> Span {
        let Some(scalar) = node.scalar() else { return node.span };
        let written = self.map.text(node.span);
        locate(written, scalar.style, &scalar.text, range).map_or(node.span, |range| node.span.within(range))
    }

    /// A line to be put before the key at `span`, indented like it; none if something else stands before the key.
    pub(super) fn line_before(&self, span: Span, line: &str) -> Option<String> {
        let before = self.map.file(span.file)?.text().get(..span.start as usize)?;
        let indent = before.rsplit('\n').next()?.trim_start_matches('\u{feff}');
        indent.chars().all(|character| character == ' ').then(|| format!("{line}\n{indent}"))
    }

    /// A node as it is written, in quotes.
    pub(super) fn quoted(&self, span: Span) -> String {
        quote(self.map.text(span))
    }
}

fn as_bool(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "on" | "1" | "true" => Some("true"),
        "no" | "n" | "off" | "0" | "false" => Some("false"),
        _ => None,
    }
}

/// All of the parts, joined if they are several; none if one could not be read.
pub(super) fn joined<T>(parts: Vec<Option<T>>, join: fn(Vec<T>) -> T) -> Option<T> {
    let mut parts: Vec<_> = parts.into_iter().collect::<Option<_>>()?;
    if parts.len() == 1 { parts.pop() } else { Some(join(parts)) }
}

/// Names in backquotes, with commas.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The known name that `text` most probably means.
pub(super) fn nearest<'n>(text: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if text.len() > 64 {
        return None;
    }
    let lower = text.to_lowercase();
    let scored = known.map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name));
    let close = scored.filter(|(distance, name)| *distance <= name.chars().count() / 3);
    close.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Adds the fix "did you mean" where a known name is near.
pub(super) fn suggest<'n>(
    found: Diagnostic,
    span: Span,
    text: &str,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    match nearest(text, known) {
        Some(name) => found.fix(span, name, format!("did you mean `{name}`?")),
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["contains", "startswith", "all", "re", "gt", "gte"];
        let cases = [
            ("contain", Some("contains")),
            ("StartsWith", Some("startswith")),
            ("al", Some("all")),
            ("ge", Some("gte")),
            ("ra", None),
            ("banana", None),
            ("x", None),
        ];
        for (text, expected) in cases {
            assert_eq!(nearest(text, known.into_iter()), expected, "{text}");
        }
    }
}
