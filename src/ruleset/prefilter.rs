//! The seam behind which all literals of a rule set are searched at once.
//!
//! A lane is one buffer per batch: the texts of all its events, one *segment* a value, with a separator
//! that no literal holds. A [`Prefilter`] sweeps the whole buffer in one call and says which literal occurs
//! in which segment. It may propose too much, never too little: everything it proposes is verified.
//!
//! One call a batch instead of one a text, because the set-up of a search costs as much as searching
//! fifty bytes. [`Automaton`] finds literals anywhere: an Aho-Corasick automaton, which is exact. Literals that are
//! whole words are found by [`TokenPairs`](super::TokenPairs).

use crate::text::position;
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use std::fmt;

/// A literal of a lane, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LiteralId(pub u32);

/// A literal proposed for a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Index of the segment.
    pub segment: u32,
    /// The literal that occurs there.
    pub literal: LiteralId,
}

/// The texts of one lane for one batch, in one buffer.
#[derive(Debug, Clone, Default)]
pub struct Segments {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Segments {
    /// Stands between segments. Folding turns every white space into a space, so no literal holds it.
    pub(super) const SEPARATOR: u8 = b'\n';

    /// Forgets the texts and keeps the buffers.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Appends a segment: what `fill` writes.
    pub fn push(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        fill(&mut self.bytes);
        self.ends.push(position(self.bytes.len()));
        self.bytes.push(Self::SEPARATOR);
    }

    /// The whole buffer.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of segments.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there is no segment.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Where each segment ends in the buffer, rising.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }
}

/// Proposes literals for segments.
pub trait Prefilter: Send + Sync + fmt::Debug {
    /// Finds every literal that occurs in a segment, in the order of segments.
    fn scan(&self, segments: &Segments, found: &mut Found);
}

/// What a scan found: each literal of a segment once, however often it occurs, so that what is kept of a text
/// is bounded by the literals and not by its repeats.
#[derive(Debug, Clone, Default)]
pub struct Found {
    candidates: Vec<Candidate>,
    /// By literal: the mark of the segment in which it was found last.
    marks: Vec<u64>,
    /// The mark of the scan's first segment; those of earlier scans are smaller.
    first: u64,
    /// The mark after the scan's last segment.
    next: u64,
}

impl Found {
    /// Makes ready for a scan over so many segments for so many literals.
    pub(super) fn begin(&mut self, segments: usize, literals: usize) {
        self.candidates.clear();
        self.first = self.next.max(1);
        self.next = self.first + segments as u64;
        if self.marks.len() < literals {
            self.marks.resize(literals, 0);
        }
    }

    /// Adds a candidate unless the segment has it.
    pub(super) fn add(&mut self, candidate: Candidate) {
        let mark = self.first + u64::from(candidate.segment);
        let last = &mut self.marks[candidate.literal.0 as usize];
        if std::mem::replace(last, mark) != mark {
            self.candidates.push(candidate);
        }
    }

    /// Forgets what was found and keeps the buffers.
    pub fn clear(&mut self) {
        self.candidates.clear();
    }

    /// What was found, in the order of segments.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }
}

/// An Aho-Corasick automaton over all literals.
#[derive(Debug)]
pub struct Automaton {
    automaton: AhoCorasick,
}

impl Automaton {
    /// Bytes of literals up to which a full transition table is built: beyond, it outgrows the cache and
    /// takes longer to build than it saves.
    const TABLE_BYTES: usize = 48 * 1024;

    /// Builds the automaton; a literal's index is its [`LiteralId`].
    pub fn new<L: AsRef<str>>(literals: &[L]) -> Result<Automaton, BuildError> {
        let bytes: usize = literals.iter().map(|literal| literal.as_ref().len()).sum();
        let kind =
            if bytes <= Self::TABLE_BYTES { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let mut builder = AhoCorasick::builder();
        // Its own prefilter looks for rare bytes; a thousand literals have none, and token literals all begin
        // with a space.
        builder.match_kind(MatchKind::Standard).kind(Some(kind)).prefilter(false);
        let automaton = builder.build(literals.iter().map(|literal| literal.as_ref().as_bytes()))?;
        Ok(Automaton { automaton })
    }
}

impl Prefilter for Automaton {
    fn scan(&self, segments: &Segments, found: &mut Found) {
        found.begin(segments.len(), self.automaton.patterns_len());
        let ends = segments.ends();
        let mut segment = 0;
        for hit in self.automaton.find_overlapping_iter(segments.bytes()) {
            while ends.get(segment).is_some_and(|end| (*end as usize) < hit.end()) {
                segment += 1;
            }
            found.add(Candidate { segment: position(segment), literal: LiteralId(hit.pattern().as_u32()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(literals: &[&str], texts: &[&str]) -> Vec<(u32, u32)> {
        let mut segments = Segments::default();
        for text in texts {
            segments.push(|buffer| buffer.extend_from_slice(text.as_bytes()));
        }
        let automaton = Automaton::new(literals).unwrap();
        let mut found = Found::default();
        // What an earlier scan left behind disturbs nothing.
        for _ in 0..2 {
            automaton.scan(&segments, &mut found);
        }
        let mut pairs: Vec<_> = found.candidates().iter().map(|one| (one.segment, one.literal.0)).collect();
        assert!(pairs.is_sorted_by_key(|(segment, _)| *segment));
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn every_literal_of_every_segment_is_proposed_once() {
        type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a [(u32, u32)]);
        let cases: &[Case<'_>] = &[
            (&["abc"], &[], &[]),
            (&["abc"], &["", "xabcx", ""], &[(1, 0)]),
            (&["abc", "bc", "c"], &["abc", "c"], &[(0, 0), (0, 1), (0, 2), (1, 2)]),
            (&["abc"], &["ab", "c"], &[]),
            (&["ab", "ba"], &["abababab", "b", "ba"], &[(0, 0), (0, 1), (2, 1)]),
        ];
        for (literals, texts, expected) in cases {
            assert_eq!(scan(literals, texts), *expected, "{literals:?} in {texts:?}");
        }
    }
}
