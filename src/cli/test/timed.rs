//! Tests of correlations: the hits of their events, folded test by test.
//!
//! Windows are forgotten after each: what one test did is nothing to another, whatever ids they name.

use super::trial::{CLOCK_MS, Subject, Trial};
use crate::cli::explain::show;
use crate::cli::explain::windows::Windows;
use crate::cli::sequence::Sequence;
use crate::correlate::CorrelationIndex;
use crate::event::Record;
use crate::worker::correlate::Folder;
use crate::worker::stage::{OutHit, Outcome, Program, Reading, Settings};
use crate::worker::supply::Supplier;
use std::sync::Arc;

/// For each test which correlations fired on its last event, by id and name, so that a flag comes of it. None of tests of rules.
pub(super) fn completed(
    program: &Arc<Program>,
    reading: &Reading,
    trials: &[Trial<'_>],
    records: &[Record<'_>],
    hits: &[OutHit],
) -> Result<Vec<Vec<(String, String)>>, String> {
    if !program.has_correlations() {
        return Ok(vec![Vec::new(); trials.len()]);
    }
    let supplier = Supplier::new(program, reading).map_err(|error| error.to_string())?;
    let settings = Settings { unpublished: true, ..Settings::default() };
    let mut folding = Folding { folder: Folder::new(Arc::clone(program), settings), supplier, records, hits };
    let mut first = 0;
    let of_trial = trials.iter().map(|trial| {
        let start = first;
        first += trial.events.len();
        match trial.subject {
            Subject::Rule(_) => Ok(Vec::new()),
            Subject::Correlation(..) => folding.completed(trial, start),
        }
    });
    of_trial.collect()
}

struct Folding<'a> {
    folder: Folder,
    supplier: Supplier<'a>,
    records: &'a [Record<'a>],
    /// By record.
    hits: &'a [OutHit],
}

impl Folding<'_> {
    /// What fired on the last event of a test, whose records begin there.
    fn completed(&mut self, trial: &Trial<'_>, start: usize) -> Result<Vec<(String, String)>, String> {
        let Subject::Correlation(_, own) = trial.subject else { return Ok(Vec::new()) };
        let mut outcome = Outcome::default();
        for (event, index) in trial.events.iter().zip(start..) {
            let record = u32::try_from(index).unwrap_or(u32::MAX);
            let part = event.part.and_then(|part| own.parts.get(part));
            let hits = match part {
                None => self.of_record(record).to_vec(),
                // What cannot be read has its dead letter.
                Some(part) => {
                    let hits =
                        self.supplier.hits(&self.records[index], CLOCK_MS, &part.id).unwrap_or_default();
                    hits.into_iter().map(|hit| OutHit { record, hit }).collect()
                }
            };
            // Of all that came before only the windows are left.
            outcome.flags.clear();
            let folded = self.folder.fold_all(hits, CLOCK_MS, &mut outcome);
            folded.map_err(|error| error.to_string())?;
        }
        self.folder.forget(0);
        Ok(outcome.flags.iter().map(|flag| (flag.rule.id.clone(), flag.rule.name.to_string())).collect())
    }

    fn of_record(&self, record: u32) -> &[OutHit] {
        let start = self.hits.partition_point(|hit| hit.record < record);
        let end = self.hits.partition_point(|hit| hit.record <= record);
        &self.hits[start..end]
    }
}

/// What each event of a test did to the windows of its correlation, and how they stand in the end.
pub(super) fn explained(
    program: &Arc<Program>,
    reading: &Reading,
    index: CorrelationIndex,
    trial: &Trial<'_>,
) -> Vec<String> {
    let Ok(mut sequence) = Sequence::new(program, reading, index, CLOCK_MS) else { return Vec::new() };
    let labels = (1..=trial.events.len()).map(|number| format!("event {number}")).collect();
    let windows = Windows::new(program, index, labels);
    let mut lines = Vec::new();
    for (event, offset) in trial.events.iter().zip(1..) {
        let label = windows.label(offset);
        match sequence.next(event.json.as_bytes(), offset, event.part) {
            Ok(met) => lines.extend(windows.event(&label, &met)),
            Err(error) => lines.push(show::no_event(&label, error).trim().to_owned()),
        }
    }
    lines
}
