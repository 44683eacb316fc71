//! The stage of workers that correlate.

use crate::event::Record;
use crate::worker::run::Stage;
use crate::worker::slot::ProgramSlot;
use crate::worker::stage::Settings;
use crate::worker::stats::BatchStats;
use crate::worker::{Failure, Message};

/// A stage that folds hits by the program in the slot.
pub(super) fn stage(programs: &ProgramSlot, settings: Settings) -> Box<dyn Stage + '_> {
    let _ = (programs, settings);
    Box::new(Unfolded)
}

/// Takes hits and makes nothing of them.
struct Unfolded;

impl Stage for Unfolded {
    fn run(
        &mut self,
        records: &[Record<'_>],
        _: i64,
        _: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        Ok(BatchStats { records: records.len() as u64, ..BatchStats::default() })
    }
}
