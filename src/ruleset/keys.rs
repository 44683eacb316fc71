//! The prefilter of the stream: at each word a few keys are looked up instead of reading every byte.
//!
//! Whatever the view, a phrase begins where a word of the text begins. A literal that is found as words has for
//! its *anchor* a word with the word before it, or the word alone where there is but one. A literal whose
//! letters may be apart or joined has its first eight bytes, or fewer if it is shorter. At each word of the stream the keys of those
//! kinds that any literal uses are formed and looked up, first in a bitmap that stays in the cache and nearly always says
//! that there is nothing, then in a table that says which literals would have to begin where; these are
//! compared whole, over the stream's bytes.
//!
//! A literal that may be joined needs no words: that it is found from a word's beginning on holds in every view. So
//! one kind of key serves most phrases, and the others cost nothing where no rule is short or asks for one view only.
//!
//! A literal that may hold a slip has for its anchor the letters that must be right: its first, from where a word begins, or its
//! last, up to where a word ends. What stands beside these is compared but for what a slip can change. One that was asked for
//! with slips by name stands under each of its seeds, and is compared on both sides of it.
//!
//! The anchor of several pairs is the one that fewest literals of the set hold, and of those the longest, since long words
//! are rare in a text.

mod kind;
mod segment;
mod slip;

use super::key::{HEAD, Literals, Posts, sharing};
use super::prefilter::{Candidate, Found, LiteralId};
use super::stream::{Part, Stream, StreamLiteral, Word};
use crate::text::slips::{Seed, Side};
use crate::text::spelling::seed;
use foldhash::fast::FixedState;
use kind::{Bytes, Kind};
use segment::{Segment, Segments};
use slip::Beside;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Lengths of heads, in bytes: a literal's is the longest that it has.
const HEADS: [usize; 5] = [HEAD, 6, 5, 4, 1];

/// Lengths of the heads and tails of literals that may hold a slip, each the longest of what has to be right ([`seed`]).
/// Fewer than there are, since each costs a look-up at every word.
const SEEDS: [usize; 2] = [HEAD, 5];

/// So many words are looked at together.
const CHUNK: usize = 256;

/// Finds literals in a stream.
#[derive(Debug)]
pub(crate) struct Keys {
    posts: Posts<Post>,
    /// Of each post the letters beside its anchor: by themselves, since most often nothing else of it is looked at.
    beside: Box<[Beside]>,
    literals: Literals,
    /// The kinds of keys that some literal is anchored by.
    kinds: Vec<Kind>,
}

/// A literal under its anchor's key.
#[derive(Debug, Clone, Copy)]
struct Post {
    literal: LiteralId,
    /// Words of the literal before the anchor's last.
    words_before: u32,
    part: Part,
}

/// What a literal is anchored by.
struct Anchor {
    kind: Kind,
    key: u64,
    words_before: u32,
    beside: Beside,
}

impl Keys {
    /// Anchors `literals`; a literal's index is its [`LiteralId`].
    pub(crate) fn new(literals: &[StreamLiteral]) -> Keys {
        let sharing = sharing(literals.iter().flat_map(pairs).map(|pair| pair.key));
        let mut kinds = Vec::new();
        let mut anchored: Vec<(u64, Beside, Post)> = Vec::with_capacity(literals.len());
        for (index, literal) in (0u32..).zip(literals) {
            let Anchor { kind, key, words_before, beside } = Anchor::of(literal, &sharing);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
            anchored.push((
                key,
                beside,
                Post { literal: LiteralId(index), words_before, part: literal.part },
            ));
        }
        // As the posts will be.
        anchored.sort_by_key(|(key, _, _)| *key);
        Keys {
            beside: anchored.iter().map(|(_, beside, _)| *beside).collect(),
            posts: Posts::new(anchored.into_iter().map(|(key, _, post)| (key, post)).collect()),
            literals: Literals::new(literals.iter().map(|literal| &literal.bytes)),
            kinds,
        }
    }

    /// Finds every literal that occurs in a segment, in the order of segments. It may propose too much: a literal's
    /// end need not be the end of a word.
    pub(crate) fn scan(&self, stream: &Stream, found: &mut Found) {
        found.begin(stream.len(), self.literals.len());
        let mut segments = Segments::new(stream);
        for first in (0..stream.words().len()).step_by(CHUNK) {
            let (hits, count) = self.hits(stream, first);
            for hit in &hits[..count] {
                let Some((segment, place)) = segments.segment_at(first + *hit as usize) else { return };
                for kind in &self.kinds {
                    self.look_up(*kind, place, &segment, found);
                }
            }
        }
    }

    /// At which of [`CHUNK`] words from the first on there may be something, and their number. Kind by kind and without a
    /// branch for a word, since nearly nowhere is anything.
    fn hits(&self, stream: &Stream, first: usize) -> ([u32; CHUNK], usize) {
        let (bytes, words) = (stream.bytes(), stream.words());
        let chunk = &words[first..words.len().min(first + CHUNK)];
        let mut marks = [false; CHUNK];
        for kind in &self.kinds {
            match kind {
                Kind::Head(head) => self.mark(&mut marks, chunk, |word| head.key(bytes, word.start as usize)),
                Kind::Tail(tail) => {
                    self.mark(&mut marks, chunk, |word| tail.key(bytes, tail.start(word.end)));
                }
                Kind::Single => self.mark(&mut marks, chunk, |word| Kind::single(word.number(bytes))),
                Kind::Pair => {
                    // One over the bounds of segments is none: its first word is not in the segment.
                    let mut before = first.checked_sub(1).map_or(0, |before| words[before].number(bytes));
                    self.mark(&mut marks, chunk, |word| {
                        let number = word.number(bytes);
                        Kind::pair(std::mem::replace(&mut before, number), number)
                    });
                }
            }
        }
        let (mut hits, mut count) = ([0; CHUNK], 0);
        for (place, mark) in (0..).zip(&marks[..chunk.len()]) {
            hits[count] = place;
            count += usize::from(*mark);
        }
        (hits, count)
    }

    #[inline]
    fn mark(&self, marks: &mut [bool; CHUNK], words: &[Word], mut key: impl FnMut(&Word) -> u64) {
        for (mark, word) in marks.iter_mut().zip(words) {
            *mark |= self.posts.may_hold(key(word));
        }
    }

    /// Adds the literals that stand where the key of a word says.
    fn look_up(&self, kind: Kind, place: usize, segment: &Segment<'_>, found: &mut Found) {
        let Some(key) = kind.key(segment, place).filter(|key| self.posts.may_hold(*key)) else { return };
        let text = kind.beside(segment.bytes, segment.words[place]);
        let posts = self.posts.range(key);
        let beside = &self.beside[posts.start as usize..posts.end as usize];
        for (post, _) in self.posts.among(&posts).iter().zip(beside).filter(|(_, one)| one.may_be(text)) {
            if self.stands(post, place, segment) {
                found.add(Candidate { segment: segment.number, literal: post.literal });
            }
        }
    }

    fn stands(&self, post: &Post, place: usize, segment: &Segment<'_>) -> bool {
        let literal = self.literals.get(post.literal);
        let first = place.checked_sub(post.words_before as usize);
        let Some(word) = first.and_then(|first| segment.words.get(first)) else { return false };
        match post.part {
            Part::Whole => {
                segment.bytes.get(word.start as usize..).is_some_and(|rest| rest.starts_with(literal))
            }
            Part::Head => segment.may_slip_from(word.start, literal),
            Part::Tail => segment.may_slip_up_to(word.end, literal),
            Part::Seeded { seed, most } => segment.may_slip_around(seed, most, *word, literal),
        }
    }
}

/// A pair of neighbouring words of a literal.
struct Pair {
    key: u64,
    words_before: u32,
    length: u32,
}

fn pairs(literal: &StreamLiteral) -> impl Iterator<Item = Pair> + '_ {
    literal.words.windows(2).zip(1..).map(move |(pair, words_before)| Pair {
        key: Kind::pair(pair[0].number(&literal.bytes), pair[1].number(&literal.bytes)),
        words_before,
        length: pair[1].end - pair[0].start,
    })
}

impl Anchor {
    fn of(literal: &StreamLiteral, sharing: &HashMap<u64, u32, FixedState>) -> Anchor {
        let bytes = &literal.bytes;
        let plain = |kind, key, words_before| Anchor { kind, key, words_before, beside: Beside::default() };
        match literal.part {
            Part::Whole => {}
            Part::Head => return Anchor::head(bytes, longest(&SEEDS, seed(bytes.len()))),
            Part::Tail => return Anchor::tail(bytes, longest(&SEEDS, seed(bytes.len()))),
            Part::Seeded { seed, .. } => return Anchor::seeded(bytes, seed),
        }
        if let [word] = literal.words[..] {
            return plain(Kind::Single, Kind::single(word.number(bytes)), 0);
        }
        let rarest = pairs(literal).min_by_key(|pair| (sharing.get(&pair.key), Reverse(pair.length)));
        match rarest {
            Some(pair) => plain(Kind::Pair, pair.key, pair.words_before),
            None => Anchor::head(bytes, longest(&HEADS, bytes.len())),
        }
    }

    /// By letters that are right wherever the others slip, and so with nothing beside them to be asked first.
    fn seeded(literal: &[u8], seed: Seed) -> Anchor {
        let (bytes, kind): (_, fn(Bytes) -> Kind) = match seed.side {
            Side::Start => (Bytes::head(seed.len()), Kind::Head),
            Side::End => (Bytes::tail(seed.len()), Kind::Tail),
        };
        let key = bytes.key(literal, seed.start as usize);
        Anchor { kind: kind(bytes), key, words_before: 0, beside: Beside::default() }
    }

    fn head(literal: &[u8], length: usize) -> Anchor {
        let bytes = Bytes::head(length);
        let beside = Beside::after(literal, length);
        Anchor { kind: Kind::Head(bytes), key: bytes.key(literal, 0), words_before: 0, beside }
    }

    fn tail(literal: &[u8], length: usize) -> Anchor {
        let (bytes, start) = (Bytes::tail(length), literal.len() - length);
        let beside = Beside::before(literal, start);
        Anchor { kind: Kind::Tail(bytes), key: bytes.key(literal, start), words_before: 0, beside }
    }
}

/// The longest of falling lengths that is no longer than that.
fn longest(lengths: &[usize], most: usize) -> usize {
    lengths.iter().copied().find(|length| *length <= most).unwrap_or(1)
}

#[cfg(test)]
mod tests;
