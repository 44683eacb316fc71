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
//! last, up to where a word ends. What stands beside these is compared but for what a slip can change.
//!
//! The anchor of several is the key that fewest literals of the set hold, and of those the longest, since long words are
//! rare in a text.

use super::key::{Bitmap, HEAD, eight, key, number};
use super::prefilter::{Candidate, Found, LiteralId};
use super::stream::{Part, Stream, StreamLiteral, Word};
use crate::text::spelling::seed;
use foldhash::fast::FixedState;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// Lengths of heads, in bytes: a literal's is the longest that it has.
const HEADS: [usize; 4] = [HEAD, 6, 4, 1];
/// Lengths of tails.
const TAILS: [usize; 2] = [6, 4];

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
    /// By [`TAILS`].
    tails: [bool; TAILS.len()],
    singles: bool,
    pairs: bool,
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
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Head { kind: usize },
    Tail { kind: usize },
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
                Anchor::Tail { kind } => {
                    uses.tails[kind] = true;
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
            anchored.push((key, Post { literal: LiteralId(index), words_before, part: literal.part }));
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
            for (kind, _) in self.uses.tails.iter().enumerate().filter(|(_, used)| **used) {
                if let Some(tail) = (word.end as usize).checked_sub(TAILS[kind]) {
                    self.look_up(tail_key(eight(segment.bytes, tail), kind), place, segment, found);
                }
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
            let Some(word) = first.and_then(|first| segment.words.get(first)) else { continue };
            let (before, after) = segment.bytes.split_at(match post.part {
                Part::Whole | Part::Head => word.start as usize,
                Part::Tail => word.end as usize,
            });
            let stands = match post.part {
                Part::Whole => after.starts_with(literal),
                Part::Head => may_slip(literal, after),
                Part::Tail => may_slip_backwards(literal, before),
            };
            if stands {
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

/// The key of the last bytes of a word.
#[inline]
fn tail_key(tail: u64, kind: usize) -> u64 {
    key(tail & (u64::MAX >> (64 - 8 * TAILS[kind])), (HEADS.len() + 1 + kind) as u64)
}

/// How far a slip can move the squeezed letters after it: two letters that it brings together or parts are one.
const MOVES: usize = 2;
/// A slip changes no more letters than these.
const CHANGES: usize = 3;

/// Whether `text` may begin with the literal but for one slip: what follows the first letters that differ is the same, at
/// most [`MOVES`] letters away.
fn may_slip(literal: &[u8], text: &[u8]) -> bool {
    let same = literal.iter().zip(text).take_while(|(one, other)| one == other).count();
    let rest = literal.get(same + CHANGES..).unwrap_or_default();
    let least = (same + CHANGES).saturating_sub(MOVES);
    rest.is_empty()
        || (least..=least + 2 * MOVES).any(|at| text.get(at..).is_some_and(|text| text.starts_with(rest)))
}

/// The same from the end.
fn may_slip_backwards(literal: &[u8], text: &[u8]) -> bool {
    let pairs = literal.iter().rev().zip(text.iter().rev());
    let same = pairs.take_while(|(one, other)| one == other).count();
    let rest =
        literal.len().checked_sub(same + CHANGES).and_then(|end| literal.get(..end)).unwrap_or_default();
    let least = (same + CHANGES).saturating_sub(MOVES);
    let ends = (least..=least + 2 * MOVES).filter_map(|back| text.len().checked_sub(back));
    rest.is_empty() || ends.into_iter().any(|end| text.get(..end).is_some_and(|text| text.ends_with(rest)))
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
    let seed = seed(literal.bytes.len());
    match literal.part {
        Part::Whole => {}
        Part::Head => {
            let kind = HEADS.iter().position(|length| *length == seed).unwrap_or(HEADS.len() - 1);
            return (head_key(eight(&literal.bytes, 0), kind), Anchor::Head { kind });
        }
        Part::Tail => {
            let kind = TAILS.iter().position(|length| *length == seed).unwrap_or(TAILS.len() - 1);
            let tail = literal.bytes.len().saturating_sub(TAILS[kind]);
            return (tail_key(eight(&literal.bytes, tail), kind), Anchor::Tail { kind });
        }
    }
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
