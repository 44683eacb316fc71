//! Flags of a scan as lines: those of rules, and behind each record's own those of correlations.

use crate::cli::pipeline::{Folding, Gatherer, Taker};
use crate::event::Record;
use crate::worker::stage::{Destination, OutFlag, OutHit, Outcome};
use crate::worker::stats::BatchStats;
use std::io::{self, Write};

/// Takes flags.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Print;

impl Taker for Print {
    type Taken = Lines;

    fn take(&mut self, _: &[Record<'_>], outcome: &Outcome) -> Lines {
        let mut lines = Lines::default();
        outcome.flags.iter().for_each(|flag| lines.push(flag));
        lines
    }
}

/// Prints them.
pub(in crate::cli) struct Printer<W> {
    out: W,
    folding: Folding,
}

/// The flags of a block as lines, each with the record that it is of and where it ends.
#[derive(Default)]
pub(in crate::cli) struct Lines {
    bytes: Vec<u8>,
    ends: Vec<(u32, usize)>,
}

impl Lines {
    /// Adds a flag, if it is to be published.
    fn push(&mut self, flag: &OutFlag) {
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

impl<W: Write> Printer<W> {
    /// Prints to `out`.
    pub(in crate::cli) fn new(out: W, folding: Folding) -> Printer<W> {
        Printer { out, folding }
    }
}

impl<W: Write> Gatherer<Lines> for Printer<W> {
    fn block(&mut self, lines: Lines, hits: Vec<OutHit>) -> io::Result<BatchStats> {
        let outcome = self.folding.take(hits)?;
        lines.write_with(&outcome.flags, &mut self.out)?;
        Ok(outcome.stats)
    }

    fn finish(&mut self) -> io::Result<BatchStats> {
        let outcome = self.folding.finish()?;
        Lines::default().write_with(&outcome.flags, &mut self.out)?;
        Ok(outcome.stats)
    }

    fn pause(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
