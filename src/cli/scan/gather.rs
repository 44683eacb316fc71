//! What correlations make of a scan: hits folded one after another, their flags put between those of the rules.
//!
//! Matching goes on in many threads, folding in one: windows depend on the order of the hits. As recorded is the order in which
//! lines stand and files are named; in the order of time, hits wait until everything is read, because the files of several
//! sources each have their own.

use crate::correlate::OrderKey;
use crate::worker::correlate::Folder;
use crate::worker::stage::{Destination, OutFlag, OutHit, Outcome, Program, Settings};
use crate::worker::stats::BatchStats;
use std::io::{self, Write};
use std::sync::Arc;

/// So many hits are folded before windows that nothing comes for are put to sleep.
const AWAKE: usize = 20_000;

/// The order in which correlations are told of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As they stand in the files.
    Recorded,
    /// By their times.
    Time,
}

/// Folds the hits of a scan.
pub(super) struct Gatherer {
    folder: Folder,
    order: Order,
    waiting: Vec<OutHit>,
    folded: usize,
}

/// The flags of a block as lines, each with the record that it is of and where it ends.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    pub(super) ends: Vec<(u32, usize)>,
}

impl Lines {
    /// Adds a flag, if it is to be published.
    pub(super) fn push(&mut self, flag: &OutFlag) {
        if flag.destination != Destination::Unpublished {
            self.bytes.extend_from_slice(&flag.body);
            self.bytes.push(b'\n');
            self.ends.push((flag.record, self.bytes.len()));
        }
    }

    /// Writes them, and those of correlations behind the other ones of their records.
    fn write_with(&self, others: &[OutFlag], out: &mut impl Write) -> io::Result<()> {
        if others.is_empty() {
            return out.write_all(&self.bytes);
        }
        let mut others = others.iter().filter(|flag| flag.destination != Destination::Unpublished).peekable();
        let mut start = 0;
        for (record, end) in &self.ends {
            while let Some(other) = others.next_if(|other| other.record < *record) {
                write_line(other, out)?;
            }
            out.write_all(&self.bytes[start..*end])?;
            start = *end;
        }
        others.try_for_each(|other| write_line(other, out))
    }
}

fn write_line(flag: &OutFlag, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&flag.body)?;
    out.write_all(b"\n")
}

impl Gatherer {
    /// Folds for the correlations of a program, in that order.
    pub(super) fn new(program: &Arc<Program>, settings: Settings, order: Order) -> Gatherer {
        // Files may hold the events of one room after those of another: there is no clock that goes on with them.
        let settings = Settings { grace_ms: i64::MAX, ..settings };
        let folder = Folder::new(Arc::clone(program), settings);
        Gatherer { folder, order, waiting: Vec::new(), folded: 0 }
    }

    /// Writes the flags of a block and of what its hits complete, and yields what these did.
    pub(super) fn block(
        &mut self,
        lines: &Lines,
        hits: Vec<OutHit>,
        out: &mut impl Write,
    ) -> io::Result<BatchStats> {
        if self.order == Order::Time {
            self.waiting.extend(hits);
            out.write_all(&lines.bytes)?;
            return Ok(BatchStats::default());
        }
        let outcome = self.fold(hits)?;
        lines.write_with(&outcome.flags, out)?;
        Ok(outcome.stats)
    }

    /// Writes the flags of what hits complete that waited for the end of the input, and yields what these did.
    pub(super) fn finish(&mut self, out: &mut impl Write) -> io::Result<BatchStats> {
        let mut hits = std::mem::take(&mut self.waiting);
        hits.sort_by(|one, other| order(one).cmp(order(other)));
        let outcome = self.fold(hits)?;
        Lines::default().write_with(&outcome.flags, out)?;
        Ok(outcome.stats)
    }

    fn fold(&mut self, hits: Vec<OutHit>) -> io::Result<Outcome> {
        let mut outcome = Outcome::default();
        self.folded += hits.len();
        self.folder.fold_all(hits, 0, &mut outcome).map_err(io::Error::other)?;
        if self.folded > AWAKE {
            self.folder.rest();
            self.folded = 0;
        }
        Ok(outcome)
    }
}

fn order(hit: &OutHit) -> &OrderKey {
    &hit.hit.at.order
}
