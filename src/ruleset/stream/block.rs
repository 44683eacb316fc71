//! Sixty-four bytes of a text at once: sets of them are bits of a number, so that a whole block is asked by a few
//! operations which of its letters are kept and where its words begin and end.
//!
//! A processor's own part is to classify the bytes and to write the letters that are kept ([`super::avx2`],
//! [`super::avx512`]). What is here is inlined there, to be compiled for the processor too.

#![expect(clippy::inline_always, reason = "otherwise it is compiled for any processor, and called")]

use super::ascii::Before;
use super::{Stream, Word};
use crate::text::skeleton::{Byte, Plain, byte, is_telling};

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// A set of a block's bytes: bit n says whether byte n is in it.
pub(super) type Set = u64;

/// [`Stream::push_plain`] by blocks: `push_block` takes one, of which the text may have less.
#[inline(always)]
pub(super) fn push(
    stream: &mut Stream,
    text: &[u8],
    before: &mut Before,
    push_block: impl Fn(&mut Stream, &[u8], &mut Before) -> Done,
) -> Plain {
    let mut done = Plain::default();
    while done.length < text.len() {
        let Done { length, telling } = push_block(stream, &text[done.length..], before);
        done.length += length;
        done.sequences |= telling != 0;
        if length < BLOCK {
            break;
        }
    }
    done.open = before.open.is_some();
    done
}

/// What was taken of a block.
pub(super) struct Done {
    /// So many bytes, to the first that is not plain.
    pub(super) length: usize,
    /// Those that tell of sequences.
    pub(super) telling: Set,
}

/// Stands for a letter only before one, and tells of no sequence.
pub(super) const EXCLAMATION: u8 = b'!';
const _: () =
    assert!(matches!(byte(EXCLAMATION), Byte::Symbol(symbol) if symbol.weak) && !is_telling(EXCLAMATION));

/// The bytes of a block that are plain, one after another from the first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// So many.
    pub(super) length: u32,
    /// These.
    pub(super) within: Set,
}

impl Run {
    /// Those before the first of `others`. Exclamation marks that a separator or the end of the text follows are plain
    /// too: they most often end a sentence, where they are separators in every reading. `there` are the bytes of the text.
    /// A row of them up to the end of the block is left: what follows is not seen.
    #[inline(always)]
    pub(super) fn of(others: Set, exclamations: Set, separators: Set, there: Set) -> Run {
        let firsts = exclamations & !(exclamations << 1);
        // The bytes after each row of them: what is added is carried there.
        let (after, beyond) = exclamations.overflowing_add(firsts);
        let before_others = after & !separators & there;
        let mut ends = others | before_others;
        if before_others != 0 || beyond {
            // From the first of the row on, not from what is after it.
            let row = firsts & (before_others & before_others.wrapping_neg()).wrapping_sub(1);
            ends |= 1 << (row | 1).ilog2();
        }
        Run { length: ends.trailing_zeros(), within: !ends & ends.wrapping_sub(1) }
    }
}

/// Where the words of a block begin and end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Their first letters.
    pub(super) starts: Set,
    /// The separators after them; of a word that is open before the block too.
    pub(super) ends: Set,
}

impl Bounds {
    /// Those of a block with these letters and separators, before which a word is open or not.
    #[inline(always)]
    pub(super) fn of(letters: Set, separators: Set, open: bool) -> Bounds {
        let open = Set::from(open);
        let dropped = !(letters | separators);
        // A carry runs through the dropped bytes that follow a letter.
        let first_dropped = (letters << 1 | open) & dropped;
        let within = dropped & !dropped.wrapping_add(first_dropped);
        // The bytes before which a word is open.
        let inside = (letters | within) << 1 | open;
        Bounds { starts: letters & !inside, ends: separators & inside }
    }

    /// Appends the words that end in the block, whose first kept letter stands at `base`; the one that is still open
    /// is left.
    #[inline(always)]
    pub(super) fn push_words(self, kept: Set, base: u32, open: &mut Option<u32>, words: &mut Vec<Word>) {
        let mut starts = Places { set: self.starts, kept, base };
        let mut ends = Places { set: self.ends, kept, base };
        if ends.set != 0
            && let Some(start) = open.take()
        {
            words.push(Word { start, end: ends.next() });
        }
        let closed = ends.set.count_ones();
        // A letter that is not kept begins its word at the one before.
        words.extend((0..closed).map(|_| Word { start: starts.next() - 1, end: ends.next() }));
        if starts.set != 0 {
            *open = Some(starts.next() - 1);
        }
    }
}

/// Goes through a set.
struct Places {
    set: Set,
    kept: Set,
    base: u32,
}

impl Places {
    /// Takes the next out: where the stream goes on after it.
    #[inline(always)]
    fn next(&mut self) -> u32 {
        let through = self.set ^ self.set.wrapping_sub(1);
        self.set &= self.set.wrapping_sub(1);
        self.base + (self.kept & through).count_ones()
    }
}
