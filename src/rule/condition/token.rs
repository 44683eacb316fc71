//! The words and signs of a condition.

use std::ops::Range;

/// A word or a sign, by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
}

/// Words, parentheses and whatever else stands there, without blanks.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open = false;
    for (at, character) in text.char_indices() {
        let range = at..at + character.len_utf8();
        let word = is_word(character) || matches!(character, '*' | '?');
        let doubled = matches!(character, '&' | '|')
            && tokens.last().is_some_and(|last| {
                last.range == (at.saturating_sub(1)..at)
                    && text.as_bytes().get(at - 1) == text.as_bytes().get(at)
            });
        match tokens.last_mut() {
            Some(last) if (word && open) || doubled => last.range.end = range.end,
            _ if character.is_whitespace() => {}
            _ => tokens.push(Token { range }),
        }
        open = word;
    }
    tokens
}

/// True for what a selection's name is made of.
pub(in crate::rule) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}
