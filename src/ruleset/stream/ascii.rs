//! Plain ASCII into the stream: nearly all of nearly all texts, so without a branch for a byte.

use super::{Stream, Word};
use crate::ruleset::prefilter::position;
use crate::text::skeleton::{Byte, byte};

/// What the bytes before have left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    /// The letter before; 0 if there is none in ASCII.
    pub(super) last: u8,
    /// Where the open word begins.
    pub(super) open: Option<u32>,
}

impl Stream {
    /// Appends a run of letters, digits, apostrophes and separators. Returns what it leaves.
    pub(super) fn push_plain(&mut self, run: &[u8], before: Before) -> Before {
        let (start, first_word) = (self.bytes.len(), self.words.len());
        // One word more than there can be: the one that is open before.
        self.bytes.resize(start + run.len(), 0);
        self.words.resize(first_word + run.len().div_ceil(2) + 1, Word { start: 0, end: 0 });
        let (bytes, words) = (&mut self.bytes[start..], &mut self.words[first_word..]);
        words[0].start = before.open.unwrap_or_default();
        let base = position(start);
        let (mut at, mut last, mut open) = (0, before.last, before.open.is_some());
        // The word that is open, or the next; how many are done.
        let mut done = 0;
        for written in run {
            let Flags { class, letter, separator } = FLAGS[usize::from(written & 0x7F)];
            bytes[at] = class;
            at += usize::from(letter && class != last);
            last = if letter { class } else { last };
            let here = base + position(at);
            let word = &mut words[done];
            word.start = if letter && !open { here - 1 } else { word.start };
            word.end = here;
            done += usize::from(separator & open);
            open = (open | letter) && !separator;
        }
        let left = open.then(|| words[done].start);
        self.bytes.truncate(start + at);
        self.words.truncate(first_word + done);
        Before { last, open: left }
    }
}

#[derive(Debug, Clone, Copy)]
struct Flags {
    class: u8,
    letter: bool,
    separator: bool,
}

static FLAGS: [Flags; 128] = flags();

const fn flags() -> [Flags; 128] {
    let mut flags = [Flags { class: 0, letter: false, separator: false }; 128];
    let mut at = 0u8;
    while at < 128 {
        match byte(at) {
            Byte::Letter(class) => flags[at as usize] = Flags { class, letter: true, separator: false },
            Byte::Separator => flags[at as usize].separator = true,
            Byte::Dropped | Byte::Symbol(_) => {}
        }
        at += 1;
    }
    flags
}
