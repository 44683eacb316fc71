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
//! The anchor of several is the key that fewest literals of the set hold, and of those the longest, since long words are
//! rare in a text.

use super::key::{Bitmap, HEAD, eight, key, number};
use super::prefilter::{Candidate, Found, LiteralId};
use super::stream::{Stream, StreamLiteral, Word};
use foldhash::fast::FixedState;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// Lengths of heads, in bytes: a literal's is the longest that it has.
const HEADS: [usize; 4] = [HEAD, 6, 4, 1];

/// Finds literals in a stream.
#[derive(Debug)]
pub(crate) struct Keys {
    bitmap: Bitmap,
    /// By key: which posts.
    table: HashMap<u64, Range<u32>, FixedState>,
    posts: Vec<Post>,
    literals: Vec<Box<[u8]>>,
    uses: Uses,
}

/// The kinds of keys that some literal is anchored by.
#[derive(Debug, Clone, Copy, Default)]
struct Uses {
    /// By [`HEADS`].
    heads: [bool; HEADS.len()],
    singles: bool,
    pairs: bool,
}

/// A literal under its anchor's key.
#[derive(Debug, Clone, Copy)]
struct Post {
    literal: LiteralId,
    /// Words of the literal before the anchor's last.
    words_before: u32,
}

/// What a literal is anchored by.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Head { kind: usize },
    Single,
    Pair { words_before: u32 },
}

impl Keys {
    /// Anchors `literals`; a literal's index is its [`LiteralId`].
    pub(crate) fn new(literals: &[StreamLiteral]) -> Keys {
        let mut sharing: HashMap<u64, u32, FixedState> = HashMap::default();
        for pair in literals.iter().flat_map(pairs) {
            *sharing.entry(pair.key).or_default() += 1;
        }
        let mut uses = Uses::default();
        let mut anchored: Vec<(u64, Post)> = Vec::with_capacity(literals.len());
        for (index, literal) in (0u32..).zip(literals) {
            let (key, anchor) = anchor(literal, &sharing);
            let words_before = match anchor {
                Anchor::Head { kind } => {
                    uses.heads[kind] = true;
                    0
                }
                Anchor::Single => {
                    uses.singles = true;
                    0
                }
                Anchor::Pair { words_before } => {
                    uses.pairs = true;
                    words_before
                }
            };
            anchored.push((key, Post { literal: LiteralId(index), words_before }));
        }
        anchored.sort_by_key(|(key, _)| *key);
        let mut table: HashMap<u64, Range<u32>, FixedState> = HashMap::default();
        for (place, (key, _)) in (0u32..).zip(&anchored) {
            table.entry(*key).or_insert(place..place).end = place + 1;
        }
        Keys {
            bitmap: Bitmap::new(table.keys().copied(), table.len()),
            table,
            posts: anchored.into_iter().map(|(_, post)| post).collect(),
            literals: literals.iter().map(|literal| literal.bytes.clone().into()).collect(),
            uses,
        }
    }

    /// Finds every literal that occurs in a segment, in the order of segments. It may propose too much: a literal's
    /// end need not be the end of a word.
    pub(crate) fn scan(&self, stream: &Stream, found: &mut Found) {
        found.begin(stream.len(), self.literals.len());
        for (segment, words) in (0..).zip(stream.segments()) {
            self.scan_segment(&Segment { bytes: stream.bytes(), words, number: segment }, found);
        }
    }

    fn scan_segment(&self, segment: &Segment<'_>, found: &mut Found) {
        let mut before = None;
        for (place, word) in segment.words.iter().enumerate() {
            let (start, head) = (word.start as usize, eight(segment.bytes, word.start as usize));
            for (kind, _) in self.uses.heads.iter().enumerate().filter(|(_, used)| **used) {
                self.look_up(head_key(head, kind), place, segment, found);
            }
            if self.uses.singles || self.uses.pairs {
                let number = number(segment.bytes, start, word.end as usize - start);
                if self.uses.singles {
                    self.look_up(single_key(number), place, segment, found);
                }
                if let (true, Some(before)) = (self.uses.pairs, before) {
                    self.look_up(key(before, number), place, segment, found);
                }
                before = Some(number);
            }
        }
    }

    #[inline]
    fn look_up(&self, key: u64, place: usize, segment: &Segment<'_>, found: &mut Found) {
        if self.bitmap.may_hold(key) {
            self.resolve(key, place, segment, found);
        }
    }

    /// Adds the literals that stand where the key says.
    #[cold]
    fn resolve(&self, key: u64, place: usize, segment: &Segment<'_>, found: &mut Found) {
        let Some(posts) = self.table.get(&key) else { return };
        for post in &self.posts[posts.start as usize..posts.end as usize] {
            let literal = &self.literals[post.literal.0 as usize];
            let first = place.checked_sub(post.words_before as usize);
            let start = first.and_then(|first| segment.words.get(first)).map(|word| word.start as usize);
            let here = start.and_then(|start| segment.bytes.get(start..start + literal.len()));
            if here == Some(literal) {
                found.add(Candidate { segment: segment.number, literal: post.literal });
            }
        }
    }
}

/// A segment that is swept.
struct Segment<'s> {
    bytes: &'s [u8],
    words: &'s [Word],
    number: u32,
}

/// The key of the first bytes from a word on.
#[inline]
fn head_key(head: u64, kind: usize) -> u64 {
    key(head & (u64::MAX >> (64 - 8 * HEADS[kind])), kind as u64)
}

#[inline]
fn single_key(number: u64) -> u64 {
    key(HEADS.len() as u64, number)
}

/// A pair of neighbouring words of a literal.
struct Pair {
    key: u64,
    words_before: u32,
    length: u32,
}

fn pairs(literal: &StreamLiteral) -> impl Iterator<Item = Pair> + '_ {
    let number = |(start, end): (u32, u32)| number(&literal.bytes, start as usize, (end - start) as usize);
    literal.words.windows(2).zip(1..).map(move |(pair, words_before)| Pair {
        key: key(number(pair[0]), number(pair[1])),
        words_before,
        length: pair[1].1 - pair[0].0,
    })
}

fn anchor(literal: &StreamLiteral, sharing: &HashMap<u64, u32, FixedState>) -> (u64, Anchor) {
    if let [(start, end)] = literal.words[..] {
        let number = number(&literal.bytes, start as usize, (end - start) as usize);
        return (single_key(number), Anchor::Single);
    }
    if let Some(rarest) = pairs(literal).min_by_key(|pair| (sharing.get(&pair.key), Reverse(pair.length))) {
        return (rarest.key, Anchor::Pair { words_before: rarest.words_before });
    }
    let longest = HEADS.iter().position(|length| *length <= literal.bytes.len());
    let kind = longest.unwrap_or(HEADS.len() - 1);
    (head_key(eight(&literal.bytes, 0), kind), Anchor::Head { kind })
}

#[cfg(test)]
mod tests;
