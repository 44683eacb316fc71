//! The kinds of keys: which bytes of the stream one is made of, at a word.

use super::segment::Segment;
use super::slip::Letters;
use crate::ruleset::key::{HEAD, eight, eight_before, key, lowest};
use crate::ruleset::stream::{Stream, Word};

/// Most bytes of a gate: by fewer, too many words would pass.
pub(super) const GATE: usize = 5;

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first bytes from a word on.
    Head(Bytes),
    /// The last bytes up to a word's end.
    Tail(Bytes),
    /// A word alone.
    Single,
    /// A word with the word before it.
    Pair,
}

/// So many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) length: usize,
    /// Odd, and another for each kind.
    factor: u64,
}

impl Bytes {
    pub(super) fn head(length: usize) -> Bytes {
        Bytes { length, factor: key(length as u64, 0) | 1 }
    }

    pub(super) fn tail(length: usize) -> Bytes {
        Bytes { length, factor: key((HEAD + length) as u64, 0) | 1 }
    }

    /// Their key, mixed well in the upper half of its bits; of more bytes than a gate has, the last have a say in few of them.
    #[inline]
    pub(super) fn key(self, bytes: &[u8], start: usize) -> u64 {
        (eight(bytes, start) & lowest(self.length)).wrapping_mul(self.factor)
    }

    /// Where those up to an end begin.
    #[inline]
    pub(super) fn start(self, end: u32) -> usize {
        (end as usize).wrapping_sub(self.length)
    }
}

/// A key mixed well whatever it is made of, for what is looked up only behind a gate.
#[inline]
pub(super) fn mixed(key: u64) -> u64 {
    (key ^ key >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Kind {
    /// The key of a word alone.
    #[inline]
    pub(super) fn single(word: u64) -> u64 {
        key(3 * HEAD as u64, word)
    }

    /// The key of a word with the word before it.
    #[inline]
    pub(super) fn pair(before: u64, word: u64) -> u64 {
        key(before, word)
    }

    /// What is looked up first, at every word, before this: of all kinds that begin or end with the same few bytes one.
    pub(super) fn gate(self) -> Kind {
        match self {
            Kind::Head(head) => Kind::Head(Bytes::head(head.length.min(GATE))),
            Kind::Tail(tail) => Kind::Tail(Bytes::tail(tail.length.min(GATE))),
            Kind::Single | Kind::Pair => self,
        }
    }

    /// The eight bytes beside those of the key, and which letters are beside them.
    #[inline]
    pub(super) fn beside(self, bytes: &[u8], word: Word) -> (u64, Letters) {
        match self {
            Kind::Head(head) => {
                let end = word.start as usize + head.length;
                (eight(bytes, end), Letters::after(bytes, end))
            }
            Kind::Tail(tail) => {
                let start = tail.start(word.end);
                (eight_before(bytes, start), Letters::before(bytes, start))
            }
            Kind::Single | Kind::Pair => (0, Letters::default()),
        }
    }

    /// The key of each of some words of a stream. A pair over the bounds of segments is none, and has one.
    #[inline]
    pub(super) fn each_key(
        self,
        stream: &Stream,
        places: impl Iterator<Item = usize>,
        mut take: impl FnMut(usize, u64),
    ) {
        let (bytes, words) = (stream.bytes(), stream.words());
        let word = |place: usize| words[place];
        match self {
            Kind::Head(head) => {
                places.for_each(|place| take(place, head.key(bytes, word(place).start as usize)));
            }
            Kind::Tail(tail) => {
                places.for_each(|place| take(place, tail.key(bytes, tail.start(word(place).end))));
            }
            Kind::Single => places.for_each(|place| take(place, Kind::single(word(place).number(bytes)))),
            Kind::Pair => {
                let number = |place: usize| words.get(place).map_or(0, |word| word.number(bytes));
                let mut last = (usize::MAX, 0);
                places.for_each(|place| {
                    let before = place.wrapping_sub(1);
                    let before = if last.0 == before { last.1 } else { number(before) };
                    last = (place, number(place));
                    take(place, Kind::pair(before, last.1));
                });
            }
        }
    }

    /// The key of a word of a segment. Squeezing makes any number of words begin or end at one letter: what stands there is
    /// looked up once.
    pub(super) fn key(self, segment: &Segment<'_>, place: usize) -> Option<u64> {
        let (bytes, word) = (segment.bytes, segment.words[place]);
        let before = place.checked_sub(1).map(|before| segment.words[before]);
        match self {
            Kind::Head(head) => before
                .is_none_or(|before| before.start != word.start)
                .then(|| head.key(bytes, word.start as usize)),
            Kind::Tail(tail) => before
                .is_none_or(|before| before.end != word.end)
                .then(|| tail.key(bytes, tail.start(word.end))),
            Kind::Single => Some(Kind::single(word.number(bytes))),
            Kind::Pair => Some(Kind::pair(before?.number(bytes), word.number(bytes))),
        }
    }
}
