//! The prefilter of the substring lane: at every byte of a text the four bytes there are looked up.
//!
//! A literal of that lane may begin within a word, so nothing says where to look for it but its own bytes. Of each
//! literal one *window* of four bytes is kept, its anchor; a literal of three bytes is one itself. A sweep loads the four
//! bytes at every place and looks them up in a bitmap that stays in the cache and nearly always says that there is
//! nothing; what it does not rule out is noted without a branch, so that the sweep costs the same whatever the
//! text. Then a table says which literals have the window; eight bytes beside it tell nearly all of them apart, and the
//! whole literal is compared. The result is what an Aho-Corasick automaton finds, exactly: the tests hold it to that.
//! Up to a thousand literals such an automaton, with a full table, is as fast; with ten thousand it leaves the
//! cache and takes two to three times as long. At any number it takes six to forty times as long to make.
//!
//! The anchor is the window that costs least: its occurrences in ordinary chat, by the literals of the set that hold it,
//! since each of them is compared wherever it comes by.

use super::key::{HEAD, Literals, Posts, eight, lowest, sharing};
use super::prefilter::{Candidate, Found, LiteralId, Place, Prefilter, Segments};
use crate::text::position;
use crate::text::windows::{WINDOW, Windows};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Finds literals of three bytes and more wherever they stand.
#[derive(Debug)]
pub struct Grams {
    posts: Posts<Post>,
    literals: Literals,
    /// Some literals have but three bytes.
    threes: bool,
}

/// A literal under its anchor's key.
#[derive(Debug, Clone, Copy)]
struct Post {
    /// Eight bytes of the literal, or all of it if it has fewer, the first lowest.
    check: u64,
    /// How many.
    checked: u32,
    /// Bytes of the literal before those.
    skipped: u32,
    /// Bytes of the literal before the anchor.
    before: u32,
    literal: LiteralId,
}

impl Post {
    fn new(literal: LiteralId, bytes: &[u8], before: usize) -> Post {
        let checked = bytes.len().min(HEAD);
        // Those that the anchor has not seen yet: the first, unless it is among them.
        let skipped = if before < WINDOW { bytes.len() - checked } else { 0 };
        let check = eight(bytes, skipped) & lowest(checked);
        let [checked, skipped, before] = [checked, skipped, before].map(position);
        Post { check, checked, skipped, before, literal }
    }

    /// Where the literal would begin whose anchor is there, unless the bytes beside it are others.
    #[inline]
    fn begin(&self, bytes: &[u8], anchor: usize) -> Option<usize> {
        let begin = anchor.checked_sub(self.before as usize)?;
        let beside = eight(bytes, begin + self.skipped as usize) & lowest(self.checked as usize);
        (beside == self.check).then_some(begin)
    }
}

impl Grams {
    /// Places looked at before what was noted is resolved.
    const BLOCK: usize = 1024;

    /// Anchors `literals` by what of them is rare; a literal's index is its [`LiteralId`]. One of less than three bytes is
    /// never found.
    pub fn new<L: AsRef<str>>(literals: &[L], common: &Windows) -> Grams {
        let texts = || literals.iter().map(|literal| literal.as_ref().as_bytes());
        let sharing = sharing(texts().flat_map(windows_of).map(key));
        let mut anchored = Vec::with_capacity(literals.len());
        for (number, bytes) in (0u32..).zip(texts()) {
            if let Some((window, before)) = anchor(bytes, &sharing, common) {
                anchored.push((key(window), Post::new(LiteralId(number), bytes, before)));
            }
        }
        Grams {
            posts: Posts::new(anchored),
            threes: texts().any(|bytes| bytes.len() == WINDOW - 1),
            literals: Literals::new(texts()),
        }
    }

    fn sweep<const THREES: bool>(&self, segments: &Segments, found: &mut Found) {
        let mut place = Place::new(segments);
        let mut noted = [0; Self::BLOCK];
        let bytes = segments.bytes();
        for start in (0..bytes.len()).step_by(Self::BLOCK) {
            let end = bytes.len().min(start + Self::BLOCK + WINDOW - 1);
            for at in self.note::<THREES>(&bytes[start..end], &mut noted) {
                self.resolve::<THREES>(start + usize::from(*at), &mut place, found);
            }
        }
    }

    /// Notes the places of a block where there may be an anchor. A function by itself, so that it has all registers.
    #[inline(never)]
    fn note<'n, const THREES: bool>(&self, block: &[u8], noted: &'n mut [u16; Self::BLOCK]) -> &'n [u16] {
        let mut count = 0;
        for (at, window) in (0..).zip(block.array_windows()) {
            let window = u32::from_le_bytes(*window);
            let three = THREES && self.posts.may_hold(key(three(window)));
            noted[count % Self::BLOCK] = at;
            count += usize::from(self.posts.may_hold(key(window)) | three);
        }
        &noted[..count]
    }

    /// Adds the literals whose anchor is there.
    fn resolve<const THREES: bool>(&self, at: usize, place: &mut Place<'_>, found: &mut Found) {
        let bytes = place.bytes();
        let Some(window) = bytes.get(at..).and_then(<[u8]>::first_chunk) else { return };
        let window = u32::from_le_bytes(*window);
        let threes = if THREES { self.posts.of(key(three(window))) } else { &[] };
        for post in self.posts.of(key(window)).iter().chain(threes) {
            let Some(begin) = post.begin(bytes, at) else { continue };
            let literal = self.literals.get(post.literal);
            if bytes.get(begin..begin + literal.len()) == Some(literal) {
                found.add(Candidate { segment: place.segment(at), literal: post.literal });
            }
        }
    }
}

impl Prefilter for Grams {
    fn scan(&self, segments: &Segments, found: &mut Found) {
        found.begin(segments.len(), self.literals.len());
        if self.threes {
            self.sweep::<true>(segments, found);
        } else {
            self.sweep::<false>(segments, found);
        }
    }
}

/// A window's key: multiplied by an odd number no two are equal, and each of its bits has a say in the highest.
#[inline]
fn key(window: u32) -> u64 {
    u64::from(window).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The first three bytes of a window as a window of their own: no text has the fourth.
#[inline]
fn three(window: u32) -> u32 {
    window | 0xFF00_0000
}

/// The windows of a literal, in order.
fn windows_of(literal: &[u8]) -> impl Iterator<Item = u32> {
    let short = match literal {
        [one, two, last] => Some(three(u32::from_le_bytes([*one, *two, *last, 0]))),
        _ => None,
    };
    literal.array_windows().map(|window| u32::from_le_bytes(*window)).chain(short)
}

/// The window of a literal that costs least, with the bytes before it.
fn anchor(literal: &[u8], sharing: &HashMap<u64, u32, FixedState>, common: &Windows) -> Option<(u32, usize)> {
    let cost = |window: u32| {
        let literals = sharing.get(&key(window)).copied().unwrap_or(1);
        common.occurrences(window).saturating_mul(u64::from(literals))
    };
    windows_of(literal).zip(0..).min_by_key(|(window, _)| cost(*window))
}

#[cfg(test)]
mod tests {
    use super::super::prefilter::oracle::{Automaton, found};
    use super::*;
    use proptest::prelude::*;

    fn of<L: AsRef<str>>(literals: &[L]) -> Grams {
        Grams::new(literals, &Windows::default())
    }

    /// Pieces that literals and texts are made of, so that literals overlap, repeat and hold each other.
    const PIECES: [&str; 12] =
        ["a", "b", "ab", "aaa", " ", "abc", "secretly", "ß", "ключ", "的", "\0", "cret"];

    fn pieces(least: usize, most: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(&PIECES[..]), least..most).prop_map(|all| all.concat())
    }

    proptest! {
        #[test]
        fn finds_what_an_automaton_finds(
            literals in prop::collection::btree_set(pieces(1, 9), 1..24),
            texts in prop::collection::vec(pieces(0, 40), 0..6),
        ) {
            let literals: Vec<_> = literals.into_iter().filter(|literal| literal.len() > 2).collect();
            let (grams, automaton) = (of(&literals), Automaton::new(&literals));
            prop_assert_eq!(found(&grams, &texts), found(&automaton, &texts));
        }
    }

    #[test]
    fn a_literal_is_found_wherever_it_stands_in_a_block() {
        let literals = ["needle", "eed"];
        let (grams, automaton) = (of(&literals), Automaton::new(&literals));
        for before in 0..2 * Grams::BLOCK {
            let texts = [".".repeat(before) + "needle", "needle".to_owned()];
            assert_eq!(found(&grams, &texts).len(), 4, "{before}");
            assert_eq!(found(&grams, &texts), found(&automaton, &texts));
        }
    }

    #[test]
    fn thousands_of_literals_are_told_apart() {
        let literals: Vec<String> = (0..5_000).map(|number| format!("item {number:04} of it")).collect();
        let grams = of(&literals);
        let expected = (0..5_000).map(|number| Candidate { segment: number, literal: LiteralId(number) });
        assert_eq!(found(&grams, &literals), expected.collect());
    }

    #[test]
    fn the_anchor_is_rare_and_held_by_few() {
        let grams = of(&["xyz and the thing"]);
        assert!(grams.posts.all()[0].before < 3, "a window with `z`");
        let literal = b"and the thing";
        let (rarest, before) = anchor(literal, &HashMap::default(), &Windows::default()).unwrap();
        let shared = [(key(rarest), u32::MAX)].into_iter().collect();
        assert_ne!(anchor(literal, &shared, &Windows::default()).unwrap().1, before);
    }
}
