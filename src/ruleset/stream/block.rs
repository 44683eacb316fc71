//! Sixty-four bytes of a text at once: sets of them are bits of a number, so that a whole block is asked by a few
//! operations which of its letters are kept and where its words begin and end.
//!
//! A processor's own part is to classify the bytes and to compress the letters that are kept ([`super::avx2`]).
//! What is here is inlined there, to be compiled for the processor too.

use super::Word;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// A set of a block's bytes: bit n says whether byte n is in it.
pub(super) type Set = u64;

/// What the bytes of a block are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// The class of each that is a letter.
    pub(super) classes: [u8; BLOCK],
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

impl Block {
    /// The letters that are not like the letter before, and what that is for the next block.
    #[inline]
    pub(super) fn kept(&self, last: &mut u8) -> Set {
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
    #[inline]
    fn last(&self, set: Set) -> Option<u8> {
        (set != 0).then(|| self.classes[63 - set.leading_zeros() as usize])
    }

    /// The class of the first of a set.
    #[inline]
    fn class(&self, set: Set) -> u8 {
        self.classes[set.trailing_zeros() as usize % BLOCK]
    }

    /// Appends the words that end in the block, whose first kept letter is to stand at `base`; the one that is still open
    /// is left.
    #[inline]
    pub(super) fn push_words(&self, kept: Set, base: u32, open: &mut Option<u32>, words: &mut Vec<Word>) {
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
    #[inline]
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
    #[inline]
    fn next(&mut self) -> u32 {
        let through = self.set ^ self.set.wrapping_sub(1);
        self.set &= self.set.wrapping_sub(1);
        self.base + (self.kept & through).count_ones()
    }
}
