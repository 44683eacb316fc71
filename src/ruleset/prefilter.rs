//! The seam behind which all literals of a rule set that may stand anywhere are searched at once.
//!
//! A lane is one buffer per batch: the texts of all its events, one *segment* a value, with a separator
//! that no literal holds. A [`Prefilter`] sweeps the whole buffer in one call and says which literal occurs
//! in which segment. It may propose too much, never too little: everything it proposes is verified.
//!
//! One call a batch instead of one a text, because the set-up of a search costs as much as searching
//! fifty bytes. [`Grams`](super::Grams) finds literals anywhere; words are looked up in the stream, by
//! [`Keys`](super::Keys).

use crate::text::position;
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

/// How far a sweep has come in a buffer.
#[derive(Debug)]
pub(super) struct Place<'s> {
    segments: &'s Segments,
    segment: usize,
}

impl<'s> Place<'s> {
    pub(super) fn new(segments: &'s Segments) -> Place<'s> {
        Place { segments, segment: 0 }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &'s [u8] {
        self.segments.bytes()
    }

    /// The segment of a byte at or after those asked for before.
    #[inline]
    pub(super) fn segment(&mut self, at: usize) -> u32 {
        let ends = self.segments.ends();
        while ends.get(self.segment).is_some_and(|end| (*end as usize) < at) {
            self.segment += 1;
        }
        position(self.segment)
    }
}

#[cfg(test)]
pub(super) mod oracle;
