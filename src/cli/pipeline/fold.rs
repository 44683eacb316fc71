//! Hits of files folded one after another.
//!
//! Matching goes on in many threads, folding in one: windows depend on the order of the hits. As recorded is the order in which
//! lines stand and files are named; in the order of time, hits wait until everything is read, because the files of several
//! sources each have their own.

use crate::correlate::OrderKey;
use crate::worker::correlate::Folder;
use crate::worker::stage::{OutHit, Outcome, Program, Settings};
use clap::ValueEnum;
use std::io;
use std::sync::Arc;

/// So many hits are folded before windows that nothing comes for are put to sleep.
const AWAKE: usize = 20_000;

/// The order in which correlations are told of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Order {
    /// As they stand in the files, and the files as they are named.
    Recorded,
    /// By their times, whatever files they stand in.
    Time,
}

/// Folds hits in that order.
pub(in crate::cli) struct Folding {
    folder: Folder,
    order: Order,
    waiting: Vec<OutHit>,
    folded: usize,
}

impl Folding {
    /// Folds for the correlations of a program.
    pub(in crate::cli) fn new(program: &Arc<Program>, settings: Settings, order: Order) -> Folding {
        // Files may hold the events of one room after those of another: there is no clock that goes on with them.
        let settings = Settings { grace_ms: i64::MAX, ..settings };
        let folder = Folder::new(Arc::clone(program), settings);
        Folding { folder, order, waiting: Vec::new(), folded: 0 }
    }

    /// Takes the next hits, and yields what came of them, if it is their turn.
    pub(in crate::cli) fn take(&mut self, hits: Vec<OutHit>) -> io::Result<Outcome> {
        if self.order == Order::Time {
            self.waiting.extend(hits);
            return Ok(Outcome::default());
        }
        self.fold(hits)
    }

    /// What comes of the hits that waited for the end of the input.
    pub(in crate::cli) fn finish(&mut self) -> io::Result<Outcome> {
        let mut hits = std::mem::take(&mut self.waiting);
        hits.sort_by(|one, other| order(one).cmp(order(other)));
        self.fold(hits)
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
