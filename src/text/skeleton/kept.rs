//! A skeleton that is kept: its letters with where they come from, and its words.

use super::byte::{Byte, byte};
use super::{Noted, Plain, Reading, Script, Sink, is_telling, read};
use crate::text::position;
use std::ops::Range;

/// A letter of a skeleton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letter {
    /// The class that it is read for.
    pub(crate) class: char,
    /// What was written, folded.
    pub(crate) written: char,
    /// The bytes of the text that it comes from.
    pub(crate) start: u32,
    /// The byte after them.
    pub(crate) end: u32,
}

impl Letter {
    /// Whether it was written as a digit.
    pub(crate) fn is_digit(&self) -> bool {
        self.written.is_ascii_digit()
    }
}

/// A whole skeleton, kept.
#[derive(Debug, Default, Clone)]
pub(crate) struct Skeleton {
    letters: Vec<Letter>,
    /// The words, as ranges of letters, rising; none is empty.
    words: Vec<Range<u32>>,
}

impl Skeleton {
    /// The skeleton of a text.
    pub(crate) fn of(text: &str, reading: Reading, script: Script) -> Skeleton {
        let mut skeleton = Skeleton::default();
        skeleton.fill(text, reading, script);
        skeleton
    }

    /// Replaces what it holds by the skeleton of a text.
    pub(crate) fn fill(&mut self, text: &str, reading: Reading, script: Script) -> Noted {
        self.letters.clear();
        self.words.clear();
        read(text, reading, script, self)
    }

    /// Its letters.
    pub(crate) fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// Its words, as ranges of its letters.
    pub(crate) fn words(&self) -> &[Range<u32>] {
        &self.words
    }

    /// The letters of a word, or of another stretch.
    pub(crate) fn letters_of(&self, word: &Range<u32>) -> &[Letter] {
        self.letters.get(word.start as usize..word.end as usize).unwrap_or_default()
    }

    /// The skeleton read backwards.
    pub(crate) fn backwards(&self) -> Skeleton {
        let count = position(self.letters.len());
        let words = self.words.iter().rev().map(|word| count - word.end..count - word.start);
        Skeleton { letters: self.letters.iter().rev().copied().collect(), words: words.collect() }
    }

    /// The skeleton with every word read backwards.
    pub(crate) fn words_backwards(&self) -> Skeleton {
        let word = |word: &Range<u32>| self.letters_of(word).iter().rev().copied();
        Skeleton { letters: self.words.iter().flat_map(word).collect(), words: self.words.clone() }
    }

    /// The skeleton with other letters: what is written instead of each.
    pub(crate) fn each(&self, instead: impl Fn(char) -> char) -> Skeleton {
        let letters = self.letters.iter().map(|letter| match instead(letter.written) {
            other if other != letter.written => Letter { class: other, written: other, ..*letter },
            _ => *letter,
        });
        Skeleton { letters: letters.collect(), words: self.words.clone() }
    }

    /// The bytes of the text that some of its letters come from.
    pub(crate) fn source(&self, letters: Range<usize>) -> Range<usize> {
        let letters = self.letters.get(letters).unwrap_or_default();
        match (letters.first(), letters.last()) {
            (Some(first), Some(last)) => first.start as usize..last.end as usize,
            _ => 0..0,
        }
    }
}

impl Sink for Skeleton {
    fn plain(&mut self, rest: &[u8], at: usize, open: bool) -> Plain {
        let mut plain = Plain { open, ..Plain::default() };
        for (at, written) in (at..).zip(rest).take_while(|(_, written)| written.is_ascii()) {
            match byte(*written) {
                Byte::Letter(class) => {
                    plain.open = true;
                    let written = char::from(written.to_ascii_lowercase());
                    self.letter(char::from(class), written, at..at + 1);
                }
                Byte::Separator if plain.open => {
                    plain.open = false;
                    self.close();
                }
                Byte::Separator | Byte::Dropped => {}
                Byte::Symbol(_) => break,
            }
            plain.length += 1;
            plain.sequences |= is_telling(*written);
        }
        plain
    }

    fn letter(&mut self, class: char, written: char, source: Range<usize>) {
        let (start, end) = (position(source.start), position(source.end));
        self.letters.push(Letter { class, written, start, end });
    }

    fn extend(&mut self, end: usize) {
        if let Some(last) = self.letters.last_mut() {
            last.end = position(end);
        }
    }

    fn close(&mut self) {
        let start = self.words.last().map_or(0, |word| word.end);
        let end = position(self.letters.len());
        if start < end {
            self.words.push(start..end);
        }
    }
}
