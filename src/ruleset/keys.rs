//! The prefilter of the stream: at each word a few keys are looked up instead of reading every byte.
//!
//! Whatever the view, a phrase begins where a word of the text begins. A literal that is found as words has for
//! its *anchor* a word with the word before it, or the word alone where there is but one. A literal whose
//! letters may be apart or joined has its first eight bytes, or five, or fewer if it is shorter. At each word of the
//! stream the keys of those kinds that any literal uses are formed and looked up, first in a bitmap that stays in the
//! cache and nearly always says that there is nothing, then in a table that says which literals would have to begin
//! where; these are compared whole, over the stream's bytes.
//!
//! A literal that may be joined needs no words: that it is found from a word's beginning on holds in every view. So
//! one kind of key serves most phrases, and the others cost nothing where no rule is short or asks for one view only.
//!
//! Looking up eight bytes and five of each word would cost two look-ups where nearly nothing is found. So the first
//! five, or the last, are looked up for both, in a bitmap of their own; the others where those pass. Each step is taken for
//! many words before the next, so that none waits for a branch that was guessed wrong.
//!
//! Rejected: five bytes alone, since where phrases begin alike hundreds stand under them; and keys of six and seven bytes,
//! since the letters beside a key are asked of eight literals in the time of one more look-up.
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

use super::key::{Bitmap, HEAD, Literals, Posts, sharing};
use super::prefilter::{Candidate, Found, LiteralId};
use super::stream::{Part, Stream, StreamLiteral};
use crate::text::slips::Side;
use crate::text::spelling::seed;
use foldhash::fast::FixedState;
use kind::{Bytes, GATE, Kind, mixed};
use segment::{Segment, Segments};
use slip::{Beside, Letters, TOGETHER};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// Lengths of heads, in bytes: a literal's is the longest that it has.
const HEADS: [usize; 4] = [HEAD, GATE, 4, 1];

/// Lengths of the heads and tails of literals that may hold a slip, each the longest of what has to be right ([`seed`]).
const SEEDS: [usize; 2] = [HEAD, GATE];

/// So many words are looked at together.
const CHUNK: usize = 256;

/// Finds literals in a stream.
#[derive(Debug)]
pub(crate) struct Keys {
    gates: Vec<Gate>,
    /// The kinds that some literal is anchored by, those of a gate together: of all that there are thirteen.
    kinds: Vec<Kind>,
    /// The keys of gates.
    open: Bitmap,
    posts: Posts<Post>,
    /// Of each post which letters are beside its anchor, and which in what order: by themselves, since most often nothing else
    /// of it is looked at. Of letters there are some more, so that many can be asked at once from any.
    letters: Box<[Letters]>,
    beside: Box<[Beside]>,
    literals: Literals,
}

/// A kind of key that is looked up at every word.
#[derive(Debug)]
struct Gate {
    kind: Kind,
    /// Which of the kinds are looked up where this passes.
    behind: Range<usize>,
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
    /// [`mixed`].
    key: u64,
    /// The key of the kind's gate.
    gate: u64,
    words_before: u32,
    beside: Beside,
}

impl Keys {
    /// Anchors `literals`; a literal's index is its [`LiteralId`].
    pub(crate) fn new(literals: &[StreamLiteral]) -> Keys {
        let sharing = sharing(literals.iter().flat_map(pairs).map(|pair| pair.key));
        let mut kinds: Vec<Kind> = Vec::new();
        let mut anchored: Vec<(Anchor, Post)> = Vec::with_capacity(literals.len());
        for (index, literal) in (0u32..).zip(literals) {
            let anchor = Anchor::of(literal, &sharing);
            if !kinds.contains(&anchor.kind) {
                let like = kinds.iter().rposition(|kind| kind.gate() == anchor.kind.gate());
                kinds.insert(like.map_or(kinds.len(), |like| like + 1), anchor.kind);
            }
            let words_before = anchor.words_before;
            anchored.push((anchor, Post { literal: LiteralId(index), words_before, part: literal.part }));
        }
        // As the posts will be.
        anchored.sort_by_key(|(anchor, _)| anchor.key);
        let mut open: Vec<u64> = anchored.iter().map(|(anchor, _)| anchor.gate).collect();
        open.sort_unstable();
        open.dedup();
        let beside: Box<[Beside]> = anchored.iter().map(|(anchor, _)| anchor.beside).collect();
        Keys {
            gates: Gate::all(&kinds),
            kinds,
            open: Bitmap::new(open.iter().copied(), open.len()),
            letters: beside
                .iter()
                .map(|beside| beside.letters())
                .chain([Letters::default(); TOGETHER])
                .collect(),
            beside,
            posts: Posts::new(anchored.into_iter().map(|(anchor, post)| (anchor.key, post)).collect()),
            literals: Literals::new(literals.iter().map(|literal| &literal.bytes)),
        }
    }

    /// Finds every literal that occurs in a segment, in the order of segments. It may propose too much: a literal's
    /// end need not be the end of a word.
    pub(crate) fn scan(&self, stream: &Stream, found: &mut Found) {
        found.begin(stream.len(), self.literals.len());
        let mut segments = Segments::new(stream);
        let (words, mut places) = (stream.words().len(), Places::default());
        for first in (0..words).step_by(CHUNK) {
            let chunk = first..words.min(first + CHUNK);
            let Some(asked) = self.asked(stream, chunk, &mut places) else { continue };
            places.clear();
            (first..).zip(asked).for_each(|(place, kinds)| places.add(place, kinds != 0));
            for place in places.all() {
                let Some((segment, at)) = segments.segment_at(*place) else { return };
                for kind in self.kinds_of(asked[*place % CHUNK]) {
                    self.look_up(kind, at, &segment, found);
                }
            }
        }
    }

    /// Of each of [`CHUNK`] words, or fewer, the kinds of keys under which something may stand: bit n says it of the n-th.
    /// None if nothing may anywhere. Kind by kind and without a branch for a word, since nearly nowhere is anything.
    fn asked(&self, stream: &Stream, chunk: Range<usize>, places: &mut Places) -> Option<[u32; CHUNK]> {
        let mut asked = None;
        for Gate { kind, behind } in &self.gates {
            places.clear();
            kind.each_key(stream, chunk.clone(), |place, key| places.add(place, self.open.may_hold(key)));
            if places.all().is_empty() {
                continue;
            }
            let asked = asked.get_or_insert([0; CHUNK]);
            for number in behind.clone() {
                let places = places.all().iter().copied();
                self.kinds[number].each_key(stream, places, |place, key| {
                    asked[place % CHUNK] |= u32::from(self.posts.may_hold(mixed(key))) << number;
                });
            }
        }
        asked
    }

    /// The kinds of which a number has the bits.
    fn kinds_of(&self, mut bits: u32) -> impl Iterator<Item = Kind> + '_ {
        std::iter::from_fn(move || {
            let number = bits.trailing_zeros() as usize;
            bits &= bits.wrapping_sub(1);
            self.kinds.get(number).copied()
        })
    }

    /// Adds the literals that stand where the key of a word says.
    fn look_up(&self, kind: Kind, place: usize, segment: &Segment<'_>, found: &mut Found) {
        let Some(key) = kind.key(segment, place).map(mixed) else { return };
        let (text, letters) = kind.beside(segment.bytes, segment.words[place]);
        let posts = self.posts.range(key);
        for first in posts.clone().step_by(TOGETHER) {
            let mut near = self.near(first, posts.end, letters);
            while near != 0 {
                let at = (first + near.trailing_zeros()) as usize;
                near &= near - 1;
                let post = &self.posts.all()[at];
                if self.beside[at].may_be(text) && self.stands(post, place, segment) {
                    found.add(Candidate { segment: segment.number, literal: post.literal });
                }
            }
        }
    }

    /// Which posts from the first on, so far as they and [`TOGETHER`] go, may have these letters beside their anchor: bit n
    /// says it of the n-th.
    #[inline]
    fn near(&self, first: u32, end: u32, letters: Letters) -> u32 {
        let together = self.letters.get(first as usize..).and_then(|rest| rest.first_chunk());
        let own = u32::MAX >> u32::BITS.saturating_sub(end - first);
        together.map_or(0, |together| letters.hold_nearly(together) & own)
    }

    fn stands(&self, post: &Post, place: usize, segment: &Segment<'_>) -> bool {
        let literal = self.literals.get(post.literal);
        let first = place.checked_sub(post.words_before as usize);
        let Some(word) = first.and_then(|first| segment.words.get(first)) else { return false };
        match post.part {
            Part::Whole => {
                segment.bytes.get(word.start as usize..).is_some_and(|rest| rest.starts_with(literal))
            }
            Part::Head { words } => segment.may_slip_from(place, words, literal),
            Part::Tail { words } => segment.may_slip_up_to(place, words, literal),
            Part::Seeded { seed, most } => segment.may_slip_around(seed, most, *word, literal),
        }
    }
}

/// Places among [`CHUNK`].
struct Places {
    all: [usize; CHUNK],
    count: usize,
}

impl Default for Places {
    fn default() -> Places {
        Places { all: [0; CHUNK], count: 0 }
    }
}

impl Places {
    fn clear(&mut self) {
        self.count = 0;
    }

    /// Adds a place if that is said, without a branch.
    #[inline]
    fn add(&mut self, place: usize, is_wanted: bool) {
        self.all[self.count % CHUNK] = place;
        self.count += usize::from(is_wanted);
    }

    fn all(&self) -> &[usize] {
        &self.all[..self.count]
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
        let (bytes, end) = (&literal.bytes, literal.bytes.len());
        let right = longest(&SEEDS, seed(end));
        match literal.part {
            Part::Whole => Anchor::whole(literal, sharing),
            Part::Head { .. } => {
                Anchor { beside: Beside::after(bytes, right), ..Anchor::head(bytes, 0, right) }
            }
            Part::Tail { .. } => {
                Anchor { beside: Beside::before(bytes, end - right), ..Anchor::tail(bytes, end, right) }
            }
            // Letters that are right wherever the others slip.
            Part::Seeded { seed, .. } => match seed.side {
                Side::Start => Anchor::head(bytes, seed.start as usize, seed.len()),
                Side::End => Anchor::tail(bytes, seed.end as usize, seed.len()),
            },
        }
    }

    fn whole(literal: &StreamLiteral, sharing: &HashMap<u64, u32, FixedState>) -> Anchor {
        let bytes = &literal.bytes;
        if let [word] = literal.words[..] {
            return Anchor::word(Kind::Single, Kind::single(word.number(bytes)), 0);
        }
        let rarest = pairs(literal).min_by_key(|pair| (sharing.get(&pair.key), Reverse(pair.length)));
        if let Some(pair) = rarest {
            return Anchor::word(Kind::Pair, pair.key, pair.words_before);
        }
        let length = longest(&HEADS, bytes.len());
        Anchor { beside: Beside::exactly(bytes, length), ..Anchor::head(bytes, 0, length) }
    }

    /// By what is its own gate, and with nothing beside it to be asked first.
    fn word(kind: Kind, key: u64, words_before: u32) -> Anchor {
        Anchor { kind, key: mixed(key), gate: key, words_before, beside: Beside::default() }
    }

    /// By so many letters from a place on.
    fn head(literal: &[u8], start: usize, length: usize) -> Anchor {
        let (own, gate) = (Bytes::head(length), Bytes::head(length.min(GATE)));
        Anchor { gate: gate.key(literal, start), ..Anchor::word(Kind::Head(own), own.key(literal, start), 0) }
    }

    /// By so many letters up to a place.
    fn tail(literal: &[u8], end: usize, length: usize) -> Anchor {
        let (own, gate) = (Bytes::tail(length), Bytes::tail(length.min(GATE)));
        let key = |bytes: Bytes| bytes.key(literal, end - bytes.length);
        Anchor { gate: key(gate), ..Anchor::word(Kind::Tail(own), key(own), 0) }
    }
}

impl Gate {
    /// The gates of kinds, which stand by their gates.
    fn all(kinds: &[Kind]) -> Vec<Gate> {
        let mut end = 0;
        let gate = |behind: &[Kind]| {
            let first = end;
            end += behind.len();
            Gate { kind: behind[0].gate(), behind: first..end }
        };
        kinds.chunk_by(|one, other| one.gate() == other.gate()).map(gate).collect()
    }
}

/// The longest of falling lengths that is no longer than that.
fn longest(lengths: &[usize], most: usize) -> usize {
    lengths.iter().copied().find(|length| *length <= most).unwrap_or(1)
}

#[cfg(test)]
mod tests;
