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
//! The anchor of several pairs is the one that fewest literals of the set hold, and of those the longest, since long words
//! are rare in a text.

use super::key::{HEAD, Literals, Posts, eight, key, sharing};
use super::prefilter::{Candidate, Found, LiteralId};
use super::stream::{Part, Stream, StreamLiteral, Word};
use crate::text::position;
use crate::text::spelling::seed;
use foldhash::fast::FixedState;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Lengths of heads, in bytes: a literal's is the longest that it has. Those of one that may hold a slip are told by
/// [`seed`].
const HEADS: [usize; 5] = [HEAD, 6, 5, 4, 1];

/// Finds literals in a stream.
#[derive(Debug)]
pub(crate) struct Keys {
    posts: Posts<Post>,
    literals: Literals,
    uses: Uses,
}

/// The kinds of keys that some literal is anchored by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Uses {
    heads: Vec<Bytes>,
    tails: Vec<Bytes>,
    singles: bool,
    pairs: bool,
}

/// A kind of key: so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bytes {
    length: usize,
    /// Tells the kind from others.
    salt: u64,
}

impl Bytes {
    /// The first bytes from a word on.
    const fn head(length: usize) -> Bytes {
        Bytes { length, salt: length as u64 }
    }

    /// The last bytes of a word.
    const fn tail(length: usize) -> Bytes {
        Bytes { length, salt: (HEAD + length) as u64 }
    }

    #[inline]
    fn key(self, bytes: u64) -> u64 {
        key(bytes & (u64::MAX >> (64 - 8 * self.length)), self.salt)
    }
}

/// Tells the key of a word alone from others.
const SINGLE: u64 = 3 * HEAD as u64;

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
    Head(Bytes),
    Tail(Bytes),
    Single,
    Pair { words_before: u32 },
}

impl Uses {
    fn add(&mut self, anchor: Anchor) {
        let (kinds, bytes) = match anchor {
            Anchor::Head(bytes) => (&mut self.heads, bytes),
            Anchor::Tail(bytes) => (&mut self.tails, bytes),
            Anchor::Single => return self.singles = true,
            Anchor::Pair { .. } => return self.pairs = true,
        };
        if !kinds.contains(&bytes) {
            kinds.push(bytes);
        }
    }
}

impl Keys {
    /// Anchors `literals`; a literal's index is its [`LiteralId`].
    pub(crate) fn new(literals: &[StreamLiteral]) -> Keys {
        let sharing = sharing(literals.iter().flat_map(pairs).map(|pair| pair.key));
        let mut uses = Uses::default();
        let mut anchored: Vec<(u64, Post)> = Vec::with_capacity(literals.len());
        for (index, literal) in (0u32..).zip(literals) {
            let (key, anchor) = anchor(literal, &sharing);
            uses.add(anchor);
            let words_before = match anchor {
                Anchor::Pair { words_before } => words_before,
                _ => 0,
            };
            anchored.push((key, Post { literal: LiteralId(index), words_before, part: literal.part }));
        }
        Keys {
            posts: Posts::new(anchored),
            literals: Literals::new(literals.iter().map(|literal| &literal.bytes)),
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
        let mut last = Word { start: u32::MAX, end: u32::MAX };
        for (place, word) in segment.words.iter().enumerate() {
            let (start, end) = (word.start as usize, word.end as usize);
            // Squeezing makes any number of words begin or end at one letter: what stands there is looked up once.
            if word.start != last.start {
                let head = eight(segment.bytes, start);
                for bytes in &self.uses.heads {
                    self.look_up(bytes.key(head), place, segment, found);
                }
            }
            if word.end != last.end {
                for bytes in &self.uses.tails {
                    if let Some(tail) = end.checked_sub(bytes.length) {
                        self.look_up(bytes.key(eight(segment.bytes, tail)), place, segment, found);
                    }
                }
            }
            last = *word;
            if self.uses.singles || self.uses.pairs {
                let number = word.number(segment.bytes);
                if self.uses.singles {
                    self.look_up(key(SINGLE, number), place, segment, found);
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
        if self.posts.may_hold(key) {
            self.resolve(key, place, segment, found);
        }
    }

    /// Adds the literals that stand where the key says.
    #[cold]
    fn resolve(&self, key: u64, place: usize, segment: &Segment<'_>, found: &mut Found) {
        for post in self.posts.of(key) {
            let literal = self.literals.get(post.literal);
            let first = place.checked_sub(post.words_before as usize);
            let Some(word) = first.and_then(|first| segment.words.get(first)) else { continue };
            let stands = match post.part {
                Part::Whole => segment.from(word.start).starts_with(literal),
                Part::Head => segment.may_slip_from(word.start, literal),
                Part::Tail => segment.may_slip_up_to(word.end, literal),
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

/// How many squeezed letters in a row of the literal a slip replaces, and by how many: one taken for another, left out or put
/// in, two changed round; and where that parts two like letters or brings them together, two left out or put in.
const CHANGES: [(usize, usize); 6] = [(1, 1), (1, 0), (0, 1), (2, 2), (2, 0), (0, 2)];

/// How many more letters, or fewer, a text has with a slip.
const MOST: u32 = 2;

impl Segment<'_> {
    fn from(&self, start: u32) -> &[u8] {
        self.bytes.get(start as usize..).unwrap_or_default()
    }

    /// Whether the literal may stand from there to the end of a word, but for one slip.
    fn may_slip_from(&self, start: u32, literal: &[u8]) -> bool {
        let least = start + position(literal.len()).saturating_sub(MOST);
        let first = self.words.partition_point(|word| word.end < least);
        // Any number of words may end there; what they are compared with is the same.
        let ends = self.words[first..].chunk_by(|one, other| one.end == other.end).map(|words| words[0].end);
        let mut near = ends.take_while(|end| *end <= start + position(literal.len()) + MOST);
        near.any(|end| may_be(literal, self.bytes.get(start as usize..end as usize).unwrap_or_default()))
    }

    /// Whether the literal may stand from the beginning of a word up to there, but for one slip.
    fn may_slip_up_to(&self, end: u32, literal: &[u8]) -> bool {
        let most = (end + MOST).saturating_sub(position(literal.len()));
        let last = self.words.partition_point(|word| word.start <= most);
        let starts = self.words[..last].chunk_by(|one, other| one.start == other.start).rev();
        let starts = starts.map(|words| words[0].start);
        let mut near = starts.take_while(|start| *start + position(literal.len()) + MOST >= end);
        near.any(|start| may_be(literal, self.bytes.get(start as usize..end as usize).unwrap_or_default()))
    }
}

/// Whether a text is the literal but for one slip.
fn may_be(literal: &[u8], text: &[u8]) -> bool {
    let before = literal.iter().zip(text).take_while(|(one, other)| one == other).count();
    let ends = literal.iter().rev().zip(text.iter().rev());
    let after = ends.take_while(|(one, other)| one == other).count();
    CHANGES.into_iter().any(|(own, their)| {
        own + text.len() == their + literal.len()
            && before + own + after >= literal.len()
            && (own < 2 || their < 2 || changed_round(&literal[before..], &text[before..]))
    })
}

/// Whether the first two letters have changed round.
fn changed_round(wanted: &[u8], found: &[u8]) -> bool {
    matches!((wanted, found), ([one, two, ..], [three, four, ..]) if one == four && two == three)
}

/// A pair of neighbouring words of a literal.
struct Pair {
    key: u64,
    words_before: u32,
    length: u32,
}

fn pairs(literal: &StreamLiteral) -> impl Iterator<Item = Pair> + '_ {
    literal.words.windows(2).zip(1..).map(move |(pair, words_before)| Pair {
        key: key(pair[0].number(&literal.bytes), pair[1].number(&literal.bytes)),
        words_before,
        length: pair[1].end - pair[0].start,
    })
}

fn anchor(literal: &StreamLiteral, sharing: &HashMap<u64, u32, FixedState>) -> (u64, Anchor) {
    let seed = seed(literal.bytes.len());
    match literal.part {
        Part::Whole => {}
        Part::Head => {
            let bytes = Bytes::head(seed);
            return (bytes.key(eight(&literal.bytes, 0)), Anchor::Head(bytes));
        }
        Part::Tail => {
            let bytes = Bytes::tail(seed);
            return (bytes.key(eight(&literal.bytes, literal.bytes.len() - seed)), Anchor::Tail(bytes));
        }
    }
    if let [word] = literal.words[..] {
        return (key(SINGLE, word.number(&literal.bytes)), Anchor::Single);
    }
    if let Some(rarest) = pairs(literal).min_by_key(|pair| (sharing.get(&pair.key), Reverse(pair.length))) {
        return (rarest.key, Anchor::Pair { words_before: rarest.words_before });
    }
    let longest = HEADS.into_iter().find(|length| *length <= literal.bytes.len());
    let bytes = Bytes::head(longest.unwrap_or(1));
    (bytes.key(eight(&literal.bytes, 0)), Anchor::Head(bytes))
}

#[cfg(test)]
mod tests;
