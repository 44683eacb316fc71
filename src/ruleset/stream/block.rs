//! Sixty-four bytes of a text at once: sets of them are bits of a number, so that a whole block is asked by a few
//! operations which of its letters are kept and where its words begin and end.
//!
//! A processor's own part is to classify the bytes and to compress the letters that are kept ([`super::avx2`],
//! [`super::avx512`]). What is here is inlined there, to be compiled for the processor too.

#![expect(clippy::inline_always, reason = "otherwise it is compiled for any processor, and called")]

use super::ascii::Before;
use super::{Stream, Word};
use crate::text::position;
use crate::text::skeleton::Plain;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// A set of a block's bytes: bit n says whether byte n is in it.
pub(super) type Set = u64;

/// [`Stream::push_plain`] by blocks. The processor's part: `classify` tells what the bytes of a block are, `compress`
/// writes the classes of a set, together, where there is room for a block.
#[inline(always)]
pub(super) fn push<R>(
    stream: &mut Stream,
    text: &[u8],
    before: &mut Before,
    classify: impl Fn(&[u8; BLOCK]) -> Block<R>,
    compress: impl Fn(&Block<R>, Set, &mut [u8]),
) -> Plain {
    let mut done = Plain::default();
    while done.length < text.len() {
        let rest = &text[done.length..];
        let block = match rest.first_chunk() {
            Some(bytes) => classify(bytes),
            None => classify(&padded(rest)),
        };
        push_block(stream, &block, before, &compress);
        done.length += block.length;
        done.sequences |= block.telling != 0;
        if block.length < BLOCK {
            break;
        }
    }
    done.open = before.open.is_some();
    done
}

/// Fewer bytes than a block's, and after them what is not plain.
#[inline(always)]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut bytes = [u8::MAX; BLOCK];
    bytes[..rest.len()].copy_from_slice(rest);
    bytes
}

#[inline(always)]
fn push_block<R>(
    stream: &mut Stream,
    block: &Block<R>,
    before: &mut Before,
    compress: impl Fn(&Block<R>, Set, &mut [u8]),
) {
    let start = stream.bytes.len();
    let kept = block.kept(&mut before.last);
    block.push_words(kept, position(start), &mut before.open, &mut stream.words);
    stream.bytes.extend_from_slice(&[0; BLOCK]);
    compress(block, kept, &mut stream.bytes[start..]);
    stream.bytes.truncate(start + kept.count_ones() as usize);
}

/// What the bytes of a block are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<R> {
    /// The class of each that is a letter.
    pub(super) classes: [u8; BLOCK],
    /// The same, if the processor holds a block in a register.
    pub(super) register: R,
    /// How many bytes there are, to the first that is not plain. The sets are of these.
    pub(super) length: usize,
    pub(super) letters: Set,
    pub(super) separators: Set,
    /// Tell of sequences.
    pub(super) telling: Set,
    /// The class is that of the byte before.
    pub(super) like_last: Set,
    /// The class is that of the byte before that.
    pub(super) like_last_but_one: Set,
}

impl<R> Block<R> {
    /// The letters that are not like the letter before, and what that is for the next block.
    #[inline(always)]
    fn kept(&self, last: &mut u8) -> Set {
        let letters = self.letters;
        let (near, next) = (letters << 1, letters << 2);
        // Nearly every letter has another beside it, or beyond one separator.
        let like = letters & (near & self.like_last | !near & next & self.like_last_but_one);
        let mut kept = letters & !like;
        let mut far = letters & !near & !next;
        while far != 0 {
            let first = far & far.wrapping_neg();
            if self.class(first) == self.last(letters & (first - 1)).unwrap_or(*last) {
                kept ^= first;
            }
            far ^= first;
        }
        *last = self.last(letters).unwrap_or(*last);
        kept
    }

    /// The class of the last of a set.
    #[inline(always)]
    fn last(&self, set: Set) -> Option<u8> {
        (set != 0).then(|| self.classes[63 - set.leading_zeros() as usize])
    }

    /// The class of the first of a set.
    #[inline(always)]
    fn class(&self, set: Set) -> u8 {
        self.classes[set.trailing_zeros() as usize % BLOCK]
    }

    /// Appends the words that end in the block, whose first kept letter is to stand at `base`; the one that is still open
    /// is left.
    #[inline(always)]
    fn push_words(&self, kept: Set, base: u32, open: &mut Option<u32>, words: &mut Vec<Word>) {
        let inside = self.inside(open.is_some());
        let mut starts = Places { set: self.letters & !inside, kept, base };
        let mut ends = Places { set: self.separators & inside, kept, base };
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

    /// The bytes before which a word is open, if one is open before the block or not.
    #[inline(always)]
    fn inside(&self, open: bool) -> Set {
        let open = Set::from(open);
        let dropped = !(self.letters | self.separators);
        // A carry runs through the dropped bytes that follow a letter.
        let first_dropped = (self.letters << 1 | open) & dropped;
        let within = dropped & !dropped.wrapping_add(first_dropped);
        (self.letters | within) << 1 | open
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
