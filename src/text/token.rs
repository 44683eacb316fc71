//! Tokens: the one definition of a word that `word`, `phrase` and the matcher share.
//!
//! A token is a maximal run of letters, digits and marks. Apostrophes inside it are dropped, so that `don't`,
//! `don’t` and `dont` are one token, and so are invisible characters, by which words are split to hide
//! them; at its ends they do not belong to it. In scripts without word spaces (Chinese, Japanese, Thai …) each
//! letter with its marks is a token of its own, so that a phrase there is found anywhere: finding word boundaries needs
//! a dictionary, and what is written to evade has none.

use super::fold::{Class, class, part};
use std::ops::Range;

/// Where a token stands in its text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl Token {
    /// The bytes it covers.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Appends the token to `out` without apostrophes and invisible characters, in its case. `text` is the text
    /// that it is a token of.
    pub fn push_normal(self, text: &str, out: &mut String) {
        let token = text.get(self.range()).unwrap_or_default();
        let dropped = |character| matches!(class(character), Class::Apostrophe | Class::Ignorable);
        out.extend(token.chars().filter(|character| !dropped(*character)));
    }
}

/// The tokens of a text, in order.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

/// The tokens of `text`, in order.
pub fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0 }
}

/// The tokens' normal forms, in order.
pub fn normals(text: &str) -> impl Iterator<Item = String> {
    tokens(text).map(move |token| {
        let mut normal = String::new();
        token.push_normal(text, &mut normal);
        normal
    })
}

/// Appends the tokens of `text`, each in its normal form and folded: a space before the first and after each. True
/// if the tokens of the folded text may be others.
///
/// What a search for whole words would read instead of the stream (`ruleset/stream.rs`), in one pass: the benchmarks hold
/// the stream against it.
pub fn push_folded(text: &str, out: &mut String) -> bool {
    out.push(' ');
    let (mut open, mut moved) = (Open::No, false);
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            open.word(out);
            out.push(character.to_ascii_lowercase());
            continue;
        }
        let (class, piece, other) = part(character);
        moved |= other;
        match class {
            Class::Word => open.word(out),
            Class::Single => {
                open.end(out);
                open = Open::Single;
            }
            Class::Mark if open != Open::No => {}
            Class::Separator => {
                open.end(out);
                continue;
            }
            Class::Mark | Class::Apostrophe | Class::Ignorable => continue,
        }
        piece.push_to(out);
    }
    open.end(out);
    moved
}

/// The token that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    Word,
    Single,
}

impl Open {
    /// A word begins, or goes on.
    #[inline]
    fn word(&mut self, out: &mut String) {
        if *self == Open::Single {
            out.push(' ');
        }
        *self = Open::Word;
    }

    #[inline]
    fn end(&mut self, out: &mut String) {
        if *self != Open::No {
            out.push(' ');
        }
        *self = Open::No;
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.text.get(self.at..)?;
        let mut characters = rest.char_indices();
        let first = characters.find_map(|(start, character)| match class(character) {
            class @ (Class::Word | Class::Single) => Some((start, start + character.len_utf8(), class)),
            _ => None,
        });
        let Some((start, mut end, first)) = first else {
            self.at = self.text.len();
            return None;
        };
        for (at, character) in characters {
            match class(character) {
                Class::Word if first == Class::Word => end = at + character.len_utf8(),
                Class::Mark => end = at + character.len_utf8(),
                Class::Apostrophe | Class::Ignorable => {}
                Class::Word | Class::Single | Class::Separator => break,
            }
        }
        let token = Token { start: self.at + start, end: self.at + end };
        self.at = token.end;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold::fold;

    /// The tokens' normal forms, with the bytes they cover where these differ.
    fn shown(text: &str) -> Vec<String> {
        let normal = |token: Token| {
            let mut normal = String::new();
            token.push_normal(text, &mut normal);
            assert!(text.get(token.range()).is_some(), "on character boundaries");
            normal
        };
        tokens(text).map(normal).collect()
    }

    #[test]
    fn words() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" .,!? ", &[]),
            ("Keep  this, a SECRET!", &["Keep", "this", "a", "SECRET"]),
            ("abc123 4u", &["abc123", "4u"]),
            ("snake_case a-b x/y", &["snake", "case", "a", "b", "x", "y"]),
            ("don't don’t don`t dont", &["dont", "dont", "dont", "dont"]),
            ("'quoted' ‘too’ rock'n'roll", &["quoted", "too", "rocknroll"]),
            ("cafe\u{301} na\u{ef}ve", &["cafe\u{301}", "na\u{ef}ve"]),
            ("se\u{200b}cret se\u{ad}cret", &["secret", "secret"]),
            ("a\u{200d} b", &["a", "b"]),
            ("\u{301}a", &["a"]),
            ("hi🙂there", &["hi", "there"]),
            ("привет мир", &["привет", "мир"]),
            ("हिन्दी में", &["हिन्दी", "में"]),
            ("한국어 텍스트", &["한국어", "텍스트"]),
            ("ⓗⓘ", &["ⓗⓘ"]),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), *expected, "{text:?}");
        }
    }

    /// Every character in the places where it could begin, go on with or end a token.
    #[test]
    fn folded_tokens_are_the_tokens_folded() {
        let mut others = 0;
        for character in '\0'..=char::MAX {
            let text = format!("{character}a{character}b'{character} {character}的{character}{character} '");
            let mut written = String::new();
            let moved = push_folded(&text, &mut written);
            let folded: Vec<_> = normals(&text).map(|token| fold(&token)).collect();
            let folded = if folded.is_empty() { String::new() } else { format!(" {}", folded.join(" ")) };
            assert_eq!(written, folded + " ", "{text:?}");
            let mut again = String::new();
            push_folded(&fold(&text), &mut again);
            assert!(moved || again == written, "{text:?} folded has other tokens");
            others += u32::from(moved && again == written);
        }
        assert!(others < 200, "{others} characters are said to move tokens and do not");
    }

    #[test]
    fn scripts_without_word_spaces() {
        let cases: &[(&str, &[&str])] = &[
            ("你好", &["你", "好"]),
            ("ok你好ok", &["ok", "你", "好", "ok"]),
            ("カラー", &["カ", "ラ", "ー"]),
            ("か\u{3099}き", &["か\u{3099}", "き"]),
            ("ที่นี่", &["ที่", "นี่"]),
            ("是'的", &["是", "的"]),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn a_token_ends_before_what_is_dropped_at_its_end() {
        let ranges: Vec<_> = tokens("'tis' \u{200b}x\u{200b}").map(Token::range).collect();
        assert_eq!(ranges, [1..4, 9..10]);
    }
}
