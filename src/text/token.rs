//! Tokens: the one definition of a word that `word`, `phrase` and the matcher share.
//!
//! A token is a maximal run of letters, digits and marks. Apostrophes inside it are dropped, so that `don't`,
//! `don’t` and `dont` are one token, and so are invisible characters, by which words are split to hide
//! them; at its ends they do not belong to it. In scripts without word spaces (Chinese, Japanese, Thai …) each
//! letter with its marks is a token of its own, so that a phrase there is found anywhere: finding word boundaries needs
//! a dictionary, and what is written to evade has none.

use super::fold::{Class, class};
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
