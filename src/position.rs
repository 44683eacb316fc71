//! Topic, partition, offset: the algebra of where a record stands in the log.
//!
//! No I/O and no client types: a worker asks these values what to do with a record and where to resume,
//! the Kafka shell does it. Two rules live here and nowhere else. A record below the next expected offset
//! of its partition is *stale* and must be dropped: a client may deliver a stretch again after a quick
//! revoke and assign, and a transaction does not protect against a wrong start. And what is committed is
//! always the *next* offset to read, never the last one read.
//!
//! What is made of a record may depend on a few before it. So a partition may begin earlier than at its next offset: the
//! records in between are *recalled*, taken in once more without anything being made of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Where a record stands: its topic (or file), partition and offset (in a file, the line number from 1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Topic name, or the path of a file as the user wrote it.
    pub topic: Arc<str>,
    /// Partition of the topic; 0 in a file.
    pub partition: i32,
    /// Offset in the partition; in a file the line number, counted from 1.
    pub offset: i64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]@{}", self.topic, self.partition, self.offset)
    }
}

/// What a record's offset means to a partition whose next expected offset is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// At or above the next expected offset. Gaps are normal: compaction, transaction markers.
    Fresh,
    /// Already processed, and to be taken in once more for what later ones need of it.
    Recalled,
    /// Below the next expected offset: already processed, to be dropped and counted.
    Stale,
    /// Of a partition that is not assigned: to be dropped and counted.
    Foreign,
}

/// Where a partition begins for whoever takes it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begin {
    /// The partition.
    pub partition: i32,
    /// The first offset to process.
    pub offset: i64,
    /// Where to begin to read: there, or earlier.
    pub recall: i64,
    /// Whether `offset` is what was committed. If not, it has to be: "the latest" is another offset tomorrow, and
    /// what arrives in between would be skipped.
    pub committed: bool,
}

impl Begin {
    /// A beginning that needs nothing of what was before.
    pub fn at(partition: i32, offset: i64, committed: bool) -> Begin {
        Begin { partition, offset, recall: offset, committed }
    }

    /// The same beginning, read from `recall` on, of a log whose oldest record is at `oldest`: what is gone cannot be recalled.
    #[must_use]
    pub fn recalling(self, recall: i64, oldest: i64) -> Begin {
        Begin { recall: recall.max(oldest).min(self.offset), ..self }
    }
}

/// Where whoever reads a partition next has to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// The partition.
    pub partition: i32,
    /// The first offset to process.
    pub offset: i64,
    /// Where to begin to read, if that is earlier.
    pub recall: Option<i64>,
}

/// What stands before the offset to recall from, where an offset is committed.
const RECALL: &str = "wardline recall=";

impl Resume {
    /// What is committed beside the offset, as Kafka's metadata of an offset; empty if nothing has to be.
    pub fn metadata(&self) -> String {
        self.recall.map(|offset| format!("{RECALL}{offset}")).unwrap_or_default()
    }

    /// The offset to recall from in such metadata, which others may have written.
    pub fn recall_in(metadata: &str) -> Option<i64> {
        metadata.strip_prefix(RECALL)?.parse().ok().filter(|offset| *offset >= 0)
    }
}

/// The partitions of one topic that a worker owns, each with its next expected and its committed offset.
///
/// Offsets advance as records are taken ([`Progress::take`]), become durable when a transaction commits
/// ([`Progress::committed`]) and fall back when it aborts ([`Progress::rewind`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    partitions: BTreeMap<i32, Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    /// Where to go back to.
    committed: i64,
    /// Where to read from for that.
    recall: i64,
    next: i64,
    /// The next offset to be taken in at all: below `next` while records are recalled.
    seen: i64,
    /// `committed` is.
    durable: bool,
}

impl Progress {
    /// Begins to own a partition. Replaces what was known of it.
    pub fn assign(&mut self, begin: Begin) {
        let Begin { partition, offset, recall, committed: durable } = begin;
        let recall = recall.min(offset);
        let span = Span { committed: offset, recall, next: offset, seen: recall, durable };
        self.partitions.insert(partition, span);
    }

    /// Ceases to own `partition`.
    pub fn revoke(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    /// Judges a record at `offset` and, if it is fresh, moves the next expected offset past it.
    pub fn take(&mut self, partition: i32, offset: i64) -> Arrival {
        let Some(span) = self.partitions.get_mut(&partition) else {
            return Arrival::Foreign;
        };
        if offset < span.seen {
            return Arrival::Stale;
        }
        span.seen = offset + 1;
        if offset < span.next {
            return Arrival::Recalled;
        }
        span.next = offset + 1;
        Arrival::Fresh
    }

    /// The partitions with something to commit, each with the offset to resume from.
    pub fn pending(&self) -> impl Iterator<Item = (i32, i64)> + '_ {
        let open = |span: &Span| span.next > span.committed || !span.durable;
        let ahead = self.partitions.iter().filter(move |(_, span)| open(span));
        ahead.map(|(partition, span)| (*partition, span.next))
    }

    /// What was taken before these offsets is durable now.
    pub fn committed(&mut self, resumes: &[Resume]) {
        for Resume { partition, offset, recall } in resumes {
            if let Some(span) = self.partitions.get_mut(partition) {
                (span.committed, span.durable) = (*offset, true);
                span.recall = recall.map_or(*offset, |recall| recall.min(*offset));
            }
        }
    }

    /// The transaction was aborted: forgets what was taken since the last commit and yields, for every
    /// owned partition, the offset to seek to.
    pub fn rewind(&mut self) -> Vec<(i32, i64)> {
        let spans = self.partitions.iter_mut();
        spans
            .map(|(partition, span)| {
                (span.next, span.seen) = (span.committed, span.recall);
                (*partition, span.recall)
            })
            .collect()
    }

    /// The owned partitions with their next expected offsets, by partition number.
    pub fn next_offsets(&self) -> impl Iterator<Item = (i32, i64)> + '_ {
        self.partitions.iter().map(|(partition, span)| (*partition, span.next))
    }

    /// True if no partition is owned.
    pub fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Arrival::{Fresh, Recalled, Stale};
    use super::*;

    fn owning(partition: i32, offset: i64, committed: bool) -> Progress {
        let mut progress = Progress::default();
        progress.assign(Begin::at(partition, offset, committed));
        progress
    }

    #[test]
    fn a_stretch_delivered_again_is_stale() {
        let mut progress = owning(3, 10, true);
        let arrivals: Vec<_> = [9, 10, 12, 11, 12, 13].map(|o| progress.take(3, o)).to_vec();
        assert_eq!(arrivals, [Stale, Fresh, Fresh, Stale, Stale, Fresh]);
        assert_eq!(progress.pending().collect::<Vec<_>>(), [(3, 14)]);
    }

    #[test]
    fn records_of_partitions_not_owned_are_foreign() {
        let mut progress = owning(0, 0, true);
        progress.revoke(0);
        assert_eq!(progress.take(0, 5), Arrival::Foreign);
        assert!(progress.is_empty());
    }

    fn commit(progress: &mut Progress, recall: Option<i64>) {
        let resumes: Vec<_> =
            progress.pending().map(|(partition, offset)| Resume { partition, offset, recall }).collect();
        progress.committed(&resumes);
    }

    #[test]
    fn what_is_recalled_is_read_again_after_an_abort_too() {
        let mut progress = Progress::default();
        progress.assign(Begin { partition: 0, offset: 5, recall: 3, committed: true });
        let arrivals: Vec<_> = [2, 3, 4, 4, 5].map(|o| progress.take(0, o)).to_vec();
        assert_eq!(arrivals, [Stale, Recalled, Recalled, Stale, Fresh]);
        assert_eq!(progress.rewind(), [(0, 3)]);
        assert_eq!([3, 4, 5, 6].map(|o| progress.take(0, o)), [Recalled, Recalled, Fresh, Fresh]);
        commit(&mut progress, Some(6));
        progress.take(0, 7);
        assert_eq!(progress.rewind(), [(0, 6)]);
        assert_eq!([6, 7].map(|o| progress.take(0, o)), [Recalled, Fresh]);
        commit(&mut progress, None);
        assert_eq!(progress.rewind(), [(0, 8)]);
    }

    #[test]
    fn what_is_gone_is_not_recalled() {
        let cases = [(3, 0, 3), (3, 4, 4), (3, 9, 5), (7, 0, 5)];
        for (recall, oldest, expected) in cases {
            assert_eq!(Begin::at(0, 5, true).recalling(recall, oldest).recall, expected, "{recall} {oldest}");
        }
    }

    #[test]
    fn the_offset_to_recall_from_survives_being_committed() {
        let resume = Resume { partition: 0, offset: 9, recall: Some(7) };
        assert_eq!(Resume::recall_in(&resume.metadata()), Some(7));
        assert_eq!(Resume { recall: None, ..resume }.metadata(), "");
        for strange in ["", "somebody else's", "wardline recall=", "wardline recall=-1", "wardline recall=7 "]
        {
            assert_eq!(Resume::recall_in(strange), None, "{strange:?}");
        }
    }

    #[test]
    fn an_abort_rewinds_to_the_last_commit() {
        let mut progress = owning(0, 5, true);
        progress.take(0, 5);
        commit(&mut progress, None);
        assert_eq!(progress.pending().count(), 0);
        progress.take(0, 6);
        progress.take(0, 7);
        assert_eq!(progress.rewind(), [(0, 6)]);
        assert_eq!(progress.take(0, 6), Fresh);
    }

    #[test]
    fn a_start_that_nobody_has_committed_is_to_be_committed() {
        let mut progress = owning(0, 5, false);
        assert_eq!(progress.pending().collect::<Vec<_>>(), [(0, 5)]);
        progress.take(0, 5);
        assert_eq!(progress.rewind(), [(0, 5)]);
        assert_eq!(progress.pending().collect::<Vec<_>>(), [(0, 5)]);
        commit(&mut progress, None);
        assert_eq!(progress.pending().count(), 0);
        assert_eq!(owning(0, 5, true).pending().count(), 0);
    }
}
