//! The prefilter of the token lane: pairs of neighbouring words are looked up instead of reading every byte.
//!
//! A literal of that lane is a sequence of whole words, so wherever it occurs its words begin where words of the
//! text begin. Of each literal one key is kept, its *anchor*: a word with the word before it, or the word alone
//! where there is but one. At each word of a text both keys are formed and looked up, first in a bitmap that stays
//! in the cache and nearly always says that there is nothing, then in a table that says which literals would
//! have to begin where; these are compared whole. The result is what an automaton finds, exactly, at a cost that
//! hardly grows with the number of literals: an automaton of thousands misses the cache at every byte.
//!
//! A word is one number: up to eight bytes it is its bytes, which is one load; of a longer one the first and last
//! eight and the length are mixed. Words that share it are told apart by the comparison. The anchor is the key that
//! fewest literals of the set hold, since each of them is compared when it comes by, and of several the longest,
//! since long words are rare in a text.

use super::key::{Literals, Posts, key, number, sharing};
use super::prefilter::{Candidate, Found, LiteralId, Place, Prefilter, Segments};
use crate::text::position;
use foldhash::fast::FixedState;
use std::cmp::Reverse;
use std::collections::HashMap;
use wide::u8x16;

/// Finds literals that are words with one space before each and after the last.
#[derive(Debug)]
pub struct TokenPairs {
    posts: Posts<Post>,
    literals: Literals,
    /// Some anchors are words alone.
    singles: bool,
    /// Some anchors are pairs.
    pairs: bool,
}

/// A literal under its anchor's key.
#[derive(Debug, Clone, Copy)]
struct Post {
    literal: LiteralId,
    /// Bytes of the literal before the anchor's last word.
    before: u32,
}

/// A word of a text.
#[derive(Debug, Clone, Copy)]
struct Word {
    start: usize,
    length: usize,
    number: u64,
    /// The number of the word before it; none at the start of a text.
    before: Option<u64>,
}

impl Word {
    #[inline]
    fn single(self) -> u64 {
        key(0, self.number)
    }

    #[inline]
    fn pair(self) -> Option<u64> {
        self.before.map(|before| key(before, self.number))
    }
}

impl TokenPairs {
    /// Anchors `literals`; a literal's index is its [`LiteralId`]. One without a word is never found.
    pub fn new<L: AsRef<str>>(literals: &[L]) -> TokenPairs {
        let words = |literal: &L| words_of(literal.as_ref().as_bytes());
        let sharing = sharing(literals.iter().flat_map(words).filter_map(Word::pair));
        let mut anchored: Vec<(u64, Post)> = Vec::with_capacity(literals.len());
        let (mut singles, mut pairs) = (false, false);
        for (number, literal) in (0u32..).zip(literals) {
            let Some((key, word)) = anchor(&words(literal), &sharing) else { continue };
            let pair = word.pair() == Some(key);
            singles |= !pair;
            pairs |= pair;
            anchored.push((key, Post { literal: LiteralId(number), before: position(word.start) }));
        }
        TokenPairs {
            posts: Posts::new(anchored),
            literals: Literals::new(literals.iter().map(|literal| literal.as_ref().as_bytes())),
            singles,
            pairs,
        }
    }

    /// Adds the literals that stand where the key says.
    #[cold]
    fn resolve(&self, key: u64, start: usize, place: &mut Place<'_>, found: &mut Found) {
        for post in self.posts.of(key) {
            let literal = self.literals.get(post.literal);
            let begin = start.checked_sub(post.before as usize);
            let here = begin.and_then(|begin| place.bytes().get(begin..begin + literal.len()));
            if here == Some(literal) {
                found.add(Candidate { segment: place.segment(start), literal: post.literal });
            }
        }
    }
}

/// The rarest key of a literal, with the word that it ends at.
fn anchor(words: &[Word], sharing: &HashMap<u64, u32, FixedState>) -> Option<(u64, Word)> {
    let pairs = words.iter().zip(words.iter().skip(1));
    let pairs = pairs.filter_map(|(one, other)| Some((other.pair()?, *other, one.length + other.length)));
    let rarest = pairs.min_by_key(|(pair, _, length)| (sharing.get(pair), Reverse(*length)));
    let rarest = rarest.map(|(pair, word, _)| (pair, word));
    rarest.or_else(|| words.first().map(|word| (word.single(), *word)))
}

fn words_of(literal: &[u8]) -> Vec<Word> {
    let mut words = Vec::new();
    each_word(literal, |word| words.push(word));
    words
}

impl Prefilter for TokenPairs {
    fn scan(&self, segments: &Segments, found: &mut Found) {
        found.begin(segments.len(), self.literals.len());
        let mut place = Place::new(segments);
        each_word(segments.bytes(), |word| {
            let single = self.singles.then(|| word.single());
            let pair = word.pair().filter(|_| self.pairs);
            for key in [single, pair].into_iter().flatten().filter(|key| self.posts.may_hold(*key)) {
                self.resolve(key, word.start, &mut place, found);
            }
        });
    }
}

/// Hands out the words of a lane: what stands between single spaces. A text begins with a space, so that two
/// delimiters in a row begin a new one.
#[inline]
fn each_word(bytes: &[u8], mut take: impl FnMut(Word)) {
    let (mut start, mut before) = (0, None);
    each_delimiter(bytes, |end| {
        let length = end - start;
        let number = (length > 0).then(|| number(bytes, start, length));
        if let Some(number) = number {
            take(Word { start, length, number, before });
        }
        before = number;
        start = end + 1;
    });
}

/// Hands out the places of spaces and separators, rising.
#[inline]
fn each_delimiter(bytes: &[u8], mut take: impl FnMut(usize)) {
    const BLOCK: usize = 64;
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..tail.len()].copy_from_slice(tail);
    for (start, block) in (0..).step_by(BLOCK).zip(blocks.iter().chain([&last])) {
        let mut mask = delimiters(block);
        while mask != 0 {
            take(start + mask.trailing_zeros() as usize);
            mask &= mask - 1;
        }
    }
}

/// Bit n says whether byte n is a space or a separator.
#[inline]
fn delimiters(block: &[u8; 64]) -> u64 {
    let (space, separator) = (u8x16::splat(b' '), u8x16::splat(Segments::SEPARATOR));
    let (chunks, _) = block.as_chunks::<16>();
    (0..).step_by(16).zip(chunks).fold(0, |mask, (shift, chunk)| {
        let chunk = u8x16::new(*chunk);
        let equal = chunk.simd_eq(space) | chunk.simd_eq(separator);
        mask | u64::from(equal.to_bitmask()) << shift
    })
}

#[cfg(test)]
mod tests {
    use super::super::prefilter::oracle::{Automaton, found};
    use super::*;
    use proptest::prelude::*;

    /// A lane's form of some words.
    fn lane(words: &[&str]) -> String {
        words.iter().fold(" ".to_owned(), |lane, word| lane + word + " ")
    }

    /// Words that are equal in their first or last eight bytes, or nearly, or not ASCII, or none.
    const WORDS: [&str; 14] = [
        "a",
        "b",
        "keep",
        "keeper",
        "sentence",
        "sentences",
        "sentencing",
        "resentence",
        "的",
        "ключ",
        "ключик",
        "aaaaaaaabaaaaaaaa",
        "aaaaaaaacaaaaaaaa",
        "",
    ];

    fn words(least: usize, most: usize) -> impl Strategy<Value = String> {
        let word = prop::sample::select(&WORDS[..]);
        prop::collection::vec(word, least..most).prop_map(|words| lane(&words))
    }

    proptest! {
        #[test]
        fn finds_what_an_automaton_finds(
            literals in prop::collection::btree_set(words(1, 4), 1..12),
            texts in prop::collection::vec(words(0, 24), 0..6),
        ) {
            let literals: Vec<_> = literals.into_iter().filter(|literal| literal.trim() != "").collect();
            prop_assume!(!literals.is_empty());
            let (pairs, automaton) = (TokenPairs::new(&literals), Automaton::new(&literals));
            prop_assert_eq!(found(&pairs, &texts), found(&automaton, &texts));
        }
    }

    #[test]
    fn the_rarest_pair_is_the_anchor() {
        let literals = [lane(&["do", "you", "know"]), lane(&["do", "you", "like", "it"]), lane(&["you"])];
        let pairs = TokenPairs::new(&literals);
        let before: Vec<_> = (0..3)
            .map(|literal| {
                pairs.posts.all().iter().find(|post| post.literal == LiteralId(literal)).unwrap().before
            })
            .collect();
        assert_eq!(before, [8, 8, 1], "`you know` and `you like`, and the word alone");
        assert!(pairs.singles && pairs.pairs);
    }
}
