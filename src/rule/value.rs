//! Values of a test: plain texts with wildcards and escapes, words and phrases, numbers, list names.
//!
//! Escaping is Sigma's: `*` is any characters, `?` exactly one, and a backslash before `*`, `?` or another
//! backslash takes their meaning away. Before anything else a backslash is itself.

use super::model::{GlobPart, ListEntry, Pattern, PatternKind, Place};

/// Reads a text with wildcards. `pieces` tells which parts came from which bytes of `text`.
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
}
