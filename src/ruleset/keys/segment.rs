//! In which segment of a stream each word stands.

use crate::ruleset::stream::{Stream, Word};
use crate::text::position;

/// Tells the segments of words that rise.
pub(super) struct Segments<'s> {
    stream: &'s Stream,
    /// The segment of the word before.
    number: usize,
}

impl<'s> Segments<'s> {
    pub(super) fn new(stream: &'s Stream) -> Segments<'s> {
        Segments { stream, number: 0 }
    }

    /// The segment that a word stands in, and which of its words it is.
    #[inline]
    pub(super) fn segment_at(&mut self, place: usize) -> Option<(Segment<'s>, usize)> {
        let mut words = self.stream.segment(self.number)?;
        while words.end <= place {
            self.number += 1;
            words = self.stream.segment(self.number)?;
        }
        let first = words.start;
        let (bytes, number) = (self.stream.bytes(), position(self.number));
        Some((Segment { bytes, words: &self.stream.words()[words], number }, place - first))
    }
}

/// A segment that is swept.
pub(super) struct Segment<'s> {
    pub(super) bytes: &'s [u8],
    pub(super) words: &'s [Word],
    pub(super) number: u32,
}
