//! A text in one view, character by character, each with the bytes of the original that it comes from.

use crate::text::{fold, token};
use std::ops::Range;

/// A view of a text.
pub(super) struct Reading {
    pub(super) text: String,
    /// The view's characters.
    pub(super) characters: Vec<char>,
    /// Where each character comes from in the original.
    sources: Vec<Range<usize>>,
    /// Tokens: their characters in this view, and their normal forms.
    pub(super) tokens: Vec<(Range<usize>, String)>,
}

impl Reading {
    /// The text as it was written.
    pub(super) fn raw(text: &str) -> Reading {
        let each = text.char_indices().map(|(at, character)| (character, at..at + character.len_utf8()));
        Reading::new(each.collect())
    }

    /// The folded text: every character folded by itself; of white space in a row only the first gives a space.
    /// What gives nothing belongs to the character right before it.
    pub(super) fn folded(text: &str) -> Reading {
        let mut letters: Vec<(char, Range<usize>)> = Vec::new();
        let (mut after_space, mut attached) = (false, false);
        for (at, character) in text.char_indices() {
            let source = at..at + character.len_utf8();
            let mut piece = String::new();
            fold::fold_into(character.encode_utf8(&mut [0; 4]), &mut piece);
            match piece.as_str() {
                "" if attached => {
                    let same = letters.iter_mut().rev().take_while(|(_, before)| before.end == source.start);
                    same.for_each(|(_, before)| before.end = source.end);
                }
                " " if after_space => attached = false,
                _ => {
                    attached |= !piece.is_empty();
                    after_space = piece == " " || piece.is_empty() && after_space;
                    letters.extend(piece.chars().map(|one| (one, source.clone())));
                }
            }
        }
        Reading::new(letters)
    }

    fn new(letters: Vec<(char, Range<usize>)>) -> Reading {
        let text: String = letters.iter().map(|(character, _)| character).collect();
        let (characters, sources) = letters.into_iter().unzip();
        let tokens = tokens(&text);
        Reading { text, characters, sources, tokens }
    }

    /// The original's bytes of a range of characters.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let sources = &self.sources[range];
        let start = sources.iter().map(|source| source.start).min().unwrap_or(0);
        start..sources.iter().map(|source| source.end).max().unwrap_or(start)
    }

    /// The characters of a range of the view's bytes.
    pub(super) fn characters_of(&self, bytes: &Range<usize>) -> Range<usize> {
        characters_of(&self.text, bytes)
    }
}

fn characters_of(text: &str, bytes: &Range<usize>) -> Range<usize> {
    let before = |end: usize| text.char_indices().filter(|(at, _)| *at < end).count();
    before(bytes.start)..before(bytes.end)
}

fn tokens(text: &str) -> Vec<(Range<usize>, String)> {
    let normal = |token: token::Token| {
        let mut normal = String::new();
        token.push_normal(text, &mut normal);
        (characters_of(text, &token.range()), normal)
    };
    token::tokens(text).map(normal).collect()
}
