//! Plain ASCII into the stream: nearly all of nearly all texts, so without a branch for a byte.

use super::{Stream, Word};
use crate::text::position;
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
        let (mut at, mut done) = (0, 0);
        let (mut last, mut open) = (before.last, usize::from(before.open.is_some()));
        let mut word = words[0].start;
        for written in run {
            let entry = ENTRIES[usize::from(written & 0x7F)];
            let class = entry.to_le_bytes()[0];
            let (letter, separator) = (usize::from(entry >> 8 & 1), usize::from(entry >> 9 & 1));
            bytes[at] = class;
            at += letter & usize::from(class != last);
            last = if letter == 1 { class } else { last };
            let here = base + position(at);
            word = if letter & !open == 1 { here - 1 } else { word };
            // Written at every byte, so that nothing depends on where words end.
            words[done] = Word { start: word, end: here };
            done += separator & open;
            open = (open | letter) & !separator;
        }
        self.bytes.truncate(start + at);
        self.words.truncate(first_word + done);
        Before { last, open: (open == 1).then_some(word) }
    }
}

/// What a byte is: its class, bit 8 if it is a letter, bit 9 if it ends words.
static ENTRIES: [u16; 128] = entries();

const fn entries() -> [u16; 128] {
    let mut entries = [0; 128];
    let mut at = 0u8;
    while at < 128 {
        entries[at as usize] = match byte(at) {
            Byte::Letter(class) => 1 << 8 | class as u16,
            Byte::Separator => 1 << 9,
            Byte::Dropped | Byte::Symbol(_) => 0,
        };
        at += 1;
    }
    entries
}
