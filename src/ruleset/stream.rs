//! The stream of skeletons: the one form of a text in which the literals of all views are looked up.
//!
//! Of each skeleton ([`crate::text::skeleton`]) the classes of its letters, a letter like the one before it left
//! out, words joined; beside it where each word begins and ends. A word's bytes are the same wherever it stands: if
//! its first letter was left out, it begins at the letter before, which is the same; so a word of the text is looked up
//! by its bytes alone, and a phrase whose letters are apart, joined or stretched by the bytes from where a word begins.
//!
//! A text is one segment for each reading that may differ, and one more, of the folded text, where folding moves the
//! bounds of words.

mod ascii;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod block;

use super::key;
use crate::text::skeleton::{self, Noted, Plain, Reading, Script, Sink};
use crate::text::slips::Seed;
use crate::text::{fold, position};
use ascii::{Before, Form};
use std::ops::Range;

/// The skeletons of a batch's texts, in one buffer.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    bytes: Vec<u8>,
    words: Vec<Word>,
    /// By segment: the word after its last.
    ends: Vec<u32>,
    /// What the folded text is written to where it is read too.
    folded: String,
    form: Form,
}

/// In which readings texts are looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// Symbols are separators: all that is in the raw and the folded view is in this one.
    Plain,
    /// Symbols are letters too, and letters have the shapes of others.
    Symbols,
    /// So are sequences of symbols.
    Sequences,
}

impl Depth {
    /// The first reading of a text, and the others that it may ask for.
    fn readings(self) -> (Reading, &'static [Reading]) {
        match self {
            Depth::Plain => (Reading::Plain, &[]),
            Depth::Symbols => (Reading::Symbols, &[Reading::Plain, Reading::Shapes]),
            Depth::Sequences => (Reading::Symbols, &[Reading::Plain, Reading::Shapes, Reading::Sequences]),
        }
    }
}

/// Where a word stands in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)] // two numbers one after the other, which a register writes
pub(crate) struct Word {
    /// Its first byte.
    pub(crate) start: u32,
    /// The byte after its last.
    pub(crate) end: u32,
}

impl Word {
    /// Its bytes as a number, of those of the stream.
    #[inline]
    pub(super) fn number(self, bytes: &[u8]) -> u64 {
        key::number(bytes, self.start as usize, (self.end - self.start) as usize)
    }
}

/// Stands between segments: no letter.
const SEPARATOR: u8 = 0;

impl Stream {
    /// Forgets the texts and keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.words.clear();
        self.ends.clear();
    }

    /// Appends the readings of a text that may differ; returns the number of segments.
    pub(crate) fn push(&mut self, text: &str, depth: Depth) -> usize {
        let before = self.ends.len();
        let (first, others) = depth.readings();
        let noted = self.push_first(text, first);
        for reading in others.iter().filter(|reading| noted.asks_for(**reading)) {
            self.push_reading(text, *reading, Script::Own);
        }
        if noted.moved {
            self.push_folded(text);
        }
        self.ends.len() - before
    }

    /// Appends the first reading of a text, which of most texts is the only one and plain from beginning to end.
    fn push_first(&mut self, text: &str, reading: Reading) -> Noted {
        let mut before = Before { last: 0, open: None };
        let taken = match text.as_bytes() {
            all @ [first, ..] if first.is_ascii() => self.push_plain_text(all, &mut before),
            _ => Plain::default(),
        };
        let mut writer = Writer { last: before.letter(), open: before.open, stream: self };
        let noted = if taken.length == text.len() {
            writer.close();
            Noted { sequences: taken.sequences, ..Noted::default() }
        } else {
            skeleton::read_after(taken, text, reading, Script::Own, &mut writer)
        };
        self.end_segment();
        noted
    }

    fn push_folded(&mut self, text: &str) {
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        fold::fold_into(text, &mut folded);
        self.push_reading(&folded, Reading::Plain, Script::Own);
        self.folded = folded;
    }

    /// Appends a reading of a text.
    fn push_reading(&mut self, text: &str, reading: Reading, script: Script) -> Noted {
        let mut writer = Writer { last: None, open: None, stream: self };
        let noted = skeleton::read(text, reading, script, &mut writer);
        self.end_segment();
        noted
    }

    fn end_segment(&mut self) {
        self.bytes.push(SEPARATOR);
        self.ends.push(position(self.words.len()));
    }

    /// The buffer.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The words of all segments.
    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }

    /// Number of segments.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Which words are of a segment, by its number.
    #[inline]
    pub(crate) fn segment(&self, number: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(start as usize..end as usize)
    }

    /// The words of each segment.
    #[cfg(test)]
    pub(crate) fn segments(&self) -> impl Iterator<Item = &[Word]> {
        (0..self.len()).filter_map(|number| Some(&self.words[self.segment(number)?]))
    }
}

/// Writes a skeleton's letters.
struct Writer<'s> {
    /// The letter before.
    last: Option<char>,
    /// Where the open word begins.
    open: Option<u32>,
    stream: &'s mut Stream,
}

impl Sink for Writer<'_> {
    fn plain(&mut self, rest: &[u8], _: usize, _: bool) -> Plain {
        let last =
            self.last.and_then(|last| u8::try_from(last).ok()).filter(u8::is_ascii).unwrap_or_default();
        let mut before = Before { last, open: self.open };
        let plain = self.stream.push_plain(rest, &mut before);
        self.last = before.letter().or(self.last);
        self.open = before.open;
        plain
    }

    fn letter(&mut self, class: char, _: char, _: Range<usize>) {
        let bytes = &mut self.stream.bytes;
        if self.last != Some(class) {
            bytes.extend_from_slice(class.encode_utf8(&mut [0; 4]).as_bytes());
            self.last = Some(class);
        }
        self.open = self.open.or_else(|| Some(position(bytes.len() - class.len_utf8())));
    }

    fn extend(&mut self, _: usize) {}

    fn close(&mut self) {
        if let Some(start) = self.open.take() {
            self.stream.words.push(Word { start, end: position(self.stream.bytes.len()) });
        }
    }
}

/// A literal as the stream holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StreamLiteral {
    pub(super) bytes: Vec<u8>,
    /// Its words. Empty if it may begin and end within words other than its own.
    pub(super) words: Vec<Word>,
    /// How much of it has to be there.
    pub(super) part: Part,
}

/// How much of a literal has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// All.
    Whole,
    /// Its first letters, and the others but for one slip, in as many words.
    Head {
        /// So many.
        words: u32,
    },
    /// Its last letters, and the others but for one slip, in as many words.
    Tail {
        /// So many.
        words: u32,
    },
    /// Those letters, from where a word begins or up to where one ends, and the others but for so many slips.
    Seeded {
        /// Those letters.
        seed: Seed,
        /// So many.
        most: u8,
    },
}

impl StreamLiteral {
    /// The words of a text, found only as words.
    pub(crate) fn words(text: &str, script: Script) -> Option<StreamLiteral> {
        let mut stream = Stream::default();
        stream.push_reading(text, Reading::Plain, script);
        stream.bytes.pop();
        let Stream { bytes, words, .. } = stream;
        (!bytes.is_empty()).then_some(StreamLiteral { bytes, words, part: Part::Whole })
    }

    /// A word, found only as a word.
    pub(crate) fn word(squeezed: impl Iterator<Item = char>) -> StreamLiteral {
        let literal = StreamLiteral::letters(squeezed, Part::Whole);
        let word = Word { start: 0, end: position(literal.bytes.len()) };
        StreamLiteral { words: vec![word], ..literal }
    }

    /// Bytes of the literal.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True if this one is found wherever the other is.
    pub(super) fn covers(&self, other: &StreamLiteral) -> bool {
        self.part == Part::Whole
            && self.bytes == other.bytes
            && (self.words.is_empty() || self.words == other.words)
    }

    /// Letters, found from the beginning of any word on, or up to the end of any.
    pub(crate) fn letters(squeezed: impl Iterator<Item = char>, part: Part) -> StreamLiteral {
        StreamLiteral { bytes: squeezed.collect::<String>().into_bytes(), words: Vec::new(), part }
    }
}

#[cfg(test)]
mod tests;
