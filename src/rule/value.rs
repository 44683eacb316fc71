//! Values of a test: plain texts with wildcards and escapes, words and phrases, numbers, list names.
//!
//! Escaping is Sigma's: `*` is any characters, `?` exactly one, and a backslash before `*`, `?` or another
//! backslash takes their meaning away. Before anything else a backslash is itself.

use super::model::{GlobPart, ListEntry, Pattern, PatternKind, Place};
use crate::event::push_canonical_number;

/// Reads a text with wildcards.
pub(super) fn glob(text: &str) -> Vec<GlobPart> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let wildcard = match character {
            '*' => GlobPart::AnyCharacters,
            '?' => GlobPart::AnyCharacter,
            '\\' => {
                let escaped = characters.next_if(|next| matches!(next, '*' | '?' | '\\'));
                literal.push(escaped.unwrap_or('\\'));
                continue;
            }
            _ => {
                literal.push(character);
                continue;
            }
        };
        flush(&mut literal, &mut parts);
        if wildcard != GlobPart::AnyCharacters || parts.last() != Some(&wildcard) {
            parts.push(wildcard);
        }
    }
    flush(&mut literal, &mut parts);
    parts
}

fn flush(literal: &mut String, parts: &mut Vec<GlobPart>) {
    if !literal.is_empty() {
        parts.push(GlobPart::Literal(std::mem::take(literal)));
    }
}

/// A text as it is read, for people: the literal in quotes, wildcards in words.
pub(super) fn show(parts: &[GlobPart]) -> String {
    let shown = parts.iter().map(|part| match part {
        GlobPart::Literal(text) => format!("‘{text}’"),
        GlobPart::AnyCharacter => "any one character".to_owned(),
        GlobPart::AnyCharacters => "anything".to_owned(),
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "nothing".to_owned() } else { shown.join(", then ") }
}

/// A pattern of a literal or of wildcards.
pub(super) fn glob_pattern(
    place: Place,
    parts: Vec<GlobPart>,
    cased: bool,
    entry: Option<ListEntry>,
) -> Pattern {
    Pattern { kind: PatternKind::Glob { place, parts }, cased, entry }
}

/// A literal text as glob parts.
pub(super) fn literal(text: &str) -> Vec<GlobPart> {
    if text.is_empty() { Vec::new() } else { vec![GlobPart::Literal(text.to_owned())] }
}

/// A number as the values of events are written: `1.50` and `+1.5` are `1.5`.
pub(super) fn number(text: &str) -> String {
    let text = text.trim();
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let (sign, digits) = unsigned.strip_prefix('-').map_or(("", unsigned), |digits| ("-", digits));
    let zero = if digits.starts_with('.') { "0" } else { "" };
    let mut number = String::new();
    push_canonical_number(&format!("{sign}{zero}{digits}"), &mut number);
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_escapes() {
        let cases: &[(&str, &str)] = &[
            ("", "nothing"),
            ("abc", "‘abc’"),
            ("*abc*", "anything, then ‘abc’, then anything"),
            ("a?c", "‘a’, then any one character, then ‘c’"),
            ("a**b", "‘a’, then anything, then ‘b’"),
            ("a??", "‘a’, then any one character, then any one character"),
            (r"a\*b", "‘a*b’"),
            (r"a\?", "‘a?’"),
            (r"a\\*", r"‘a\’, then anything"),
            (r"a\\\*", r"‘a\*’"),
            (r"a\b", r"‘a\b’"),
            (r"a\", r"‘a\’"),
            (r"\\", r"‘\’"),
            ("é*ü", "‘é’, then anything, then ‘ü’"),
        ];
        for (text, expected) in cases {
            assert_eq!(show(&glob(text)), *expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_written_as_events_have_them() {
        let cases = [
            ("1.50", "1.5"),
            ("30.0", "30"),
            ("1e3", "1000"),
            ("+5", "5"),
            ("-.5", "-0.5"),
            ("5.", "5"),
            (" 1 ", "1"),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
