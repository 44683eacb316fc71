//! The spanned syntax tree of a YAML document: what the parser reads, with the place of every part.
//!
//! Scalars keep the text that was written and how it was quoted. They are *not* turned into booleans and
//! numbers here: what `no` or `007` means depends on where it stands, and the reader of that place decides
//! ([`Scalar::plain`]). Maps keep the order of the file. Texts are shared, so that expanding an alias copies
//! pointers; [`super::yaml`] bounds how much of that a document may ask for.

use super::source::Span;
use std::ops::Range;
use std::sync::Arc;

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Where it stands; for an alias the alias itself.
    pub(super) span: Span,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) value: Node,
}

/// A key: always a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) text: Arc<str>,
    pub(super) span: Span,
    pub(super) style: Style,
}

/// A text as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scalar {
    pub(super) text: Arc<str>,
    pub(super) style: Style,
    /// It says `!!str`.
    pub(super) explicit: bool,
    /// It stands where an alias does: the place is not that of the text.
    pub(super) alias: bool,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

/// What YAML 1.2 takes an unquoted scalar for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Number,
    Text,
}

impl Node {
    /// What the node is, in words, for "expected …, found …".
    pub(super) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Sequence(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Scalar(scalar) => match scalar.plain() {
                Plain::Null => "nothing",
                Plain::Bool(_) => "true or false",
                Plain::Number => "a number",
                Plain::Text => "a text",
            },
        }
    }

    /// The scalar, if it is one.
    pub(super) fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// True for `~`, `null` and nothing at all.
    pub(super) fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.plain() == Plain::Null)
    }
}

impl Scalar {
    /// What YAML 1.2's core schema takes the scalar for.
    pub(super) fn plain(&self) -> Plain {
        if self.style != Style::Plain || self.explicit {
            return Plain::Text;
        }
        match &*self.text {
            "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
            "true" | "True" | "TRUE" => Plain::Bool(true),
            "false" | "False" | "FALSE" => Plain::Bool(false),
            text if is_number(text) => Plain::Number,
            _ => Plain::Text,
        }
    }

    /// What a YAML 1.1 reader, such as the one most Sigma tools use, takes the scalar for, where that is not
    /// the text itself.
    pub(super) fn misread(&self) -> Option<&'static str> {
        if self.style != Style::Plain || self.explicit || self.alias {
            return None;
        }
        let text = &*self.text;
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "yes" | "no" | "on" | "off" | "y" | "n" | "true" | "false" => Some("a boolean"),
            _ if is_sexagesimal(text) => Some("a number to the base 60"),
            _ if is_octal(text) => Some("an octal number"),
            _ if is_number(text) || is_number(&text.replace('_', "")) => Some("a number"),
            _ if is_date(text) => Some("a date"),
            _ => None,
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts = digits.strip_prefix('.').unwrap_or(digits).starts_with(|c: char| c.is_ascii_digit());
    let sound = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    starts && sound && text.parse::<f64>().is_ok()
}

fn is_octal(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_sexagesimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let minor = |part: &str| digits(part) && part.len() <= 2 && part.parse::<u8>().is_ok_and(|n| n < 60);
    text.split_once(':').is_some_and(|(first, rest)| digits(first) && rest.split(':').all(minor))
}

fn is_date(text: &str) -> bool {
    let lengths = text.split('-').map(|part| part.bytes().all(|b| b.is_ascii_digit()).then_some(part.len()));
    lengths.eq([Some(4), Some(2), Some(2)])
}

/// The bytes of `source`, a scalar as it was written, that the bytes `range` of its `value` come from.
/// None where the two cannot be laid side by side.
pub(super) fn locate(source: &str, style: Style, value: &str, range: Range<usize>) -> Option<Range<usize>> {
    let quote = usize::from(matches!(style, Style::Single | Style::Double));
    let mut walk = Walk { source, at: quote, style };
    let mut start = None;
    let mut last = quote..quote;
    for (index, character) in value.char_indices() {
        if index >= range.end && start.is_some() {
            break;
        }
        last = walk.step(character)?;
        if index >= range.start && start.is_none() {
            start = Some(last.start);
        }
    }
    let start = start.unwrap_or(last.end);
    let end = if range.is_empty() { start } else { last.end };
    Some(start..end.max(start))
}

/// Walks a written scalar by the characters of its value.
struct Walk<'a> {
    source: &'a str,
    at: usize,
    style: Style,
}

impl Walk<'_> {
    /// The bytes that the next character of the value was written as.
    fn step(&mut self, expected: char) -> Option<Range<usize>> {
        let start = self.at;
        let length = match self.rest().chars().next()? {
            '\'' if self.style == Style::Single && self.rest().starts_with("''") => 2,
            '\\' if self.style == Style::Double => return self.escape(expected),
            _ if matches!(expected, ' ' | '\n') && self.at_break() => self.line_break(),
            found if found == expected => found.len_utf8(),
            _ => return None,
        };
        self.at += length;
        Some(start..self.at)
    }

    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn at_break(&self) -> bool {
        self.rest().trim_start_matches([' ', '\t', '\r']).starts_with('\n')
    }

    /// Bytes up to the next line's text. A literal block keeps its line breaks one by one.
    fn line_break(&self) -> usize {
        let rest = self.rest();
        if self.style != Style::Literal {
            return rest.len() - rest.trim_start().len();
        }
        let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
        line + self.indent(line)
    }

    /// The indentation of a literal block's line, which is that of its column in the first line: unknown
    /// here, so all leading blanks are taken, which is right unless a line is indented further.
    fn indent(&self, line: usize) -> usize {
        let rest = self.rest().get(line..).unwrap_or_default();
        rest.len() - rest.trim_start_matches(' ').len()
    }

    fn escape(&mut self, expected: char) -> Option<Range<usize>> {
        let rest = self.rest();
        let start = self.at;
        let length = match rest.chars().nth(1)? {
            '\n' | '\r' => {
                self.at += 1;
                self.at += self.rest().len() - self.rest().trim_start().len();
                return self.step(expected);
            }
            'x' => 4,
            'u' => 6,
            'U' => 10,
            other => 1 + other.len_utf8(),
        };
        self.at += length;
        Some(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_what_was_written() {
        use Style::{Double, Folded, Literal, Plain, Single};
        let cases = [
            (Plain, "abc def", "abc def", 4..7, Some(4..7)),
            (Plain, "abc\n   def", "abc def", 4..7, Some(7..10)),
            (Single, "'it''s (x'", "it's (x", 5..6, Some(7..8)),
            (Single, "'it''s'", "it's", 2..3, Some(3..5)),
            (Double, r#""a\tb\u00e9c""#, "a\tb\u{e9}c", 5..6, Some(11..12)),
            (Double, "\"a\\\n   b\"", "ab", 1..2, Some(7..8)),
            (Literal, "one\n  two\n", "one\ntwo\n", 4..7, Some(6..9)),
            (Literal, "one\r\n  two\r\n", "one\ntwo\n", 4..7, Some(7..10)),
            (Folded, "one\n  two\n", "one two\n", 4..7, Some(6..9)),
            (Plain, "é(", "é(", 2..3, Some(2..3)),
            (Plain, "ab", "ab", 2..2, Some(2..2)),
            (Plain, "xyz", "abc", 1..2, None),
        ];
        for (style, source, value, range, expected) in cases {
            assert_eq!(locate(source, style, value, range), expected, "{source:?}");
        }
    }

    #[test]
    fn unquoted_scalars_that_readers_differ_over() {
        let plain =
            |text: &str| Scalar { text: text.into(), style: Style::Plain, explicit: false, alias: false };
        let misread = ["no", "On", "12:30", "007", "42", "1_000", "1.5", "2026-11-23"];
        for text in misread {
            assert!(plain(text).misread().is_some(), "{text}");
        }
        for text in ["none", "12:75", "a1", "call me", "1-2", "v1.2", "e5", "."] {
            assert_eq!(plain(text).misread(), None, "{text}");
        }
    }

    #[test]
    fn the_core_schema() {
        let cases = [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("TRUE", Plain::Bool(true)),
            ("yes", Plain::Text),
            ("-1.5e3", Plain::Number),
            ("inf", Plain::Text),
            ("1.2.3", Plain::Text),
        ];
        for (text, expected) in cases {
            let scalar = Scalar { text: text.into(), style: Style::Plain, explicit: false, alias: false };
            assert_eq!(scalar.plain(), expected, "{text:?}");
        }
    }
}
