//! The correlate stage as a worker runs it: records of the hits topic in, messages out, windows written once a transaction.

use super::correlate::Folder;
use super::outcome::{OutHit, Outcome};
use super::program::Program;
use super::run::Stage;
use super::slot::{Following, ProgramSlot, send_hit};
use super::stage::Settings;
use super::stats::BatchStats;
use super::{Chunk, Failure, Kept, Message, Topic};
use crate::correlate::hit::Unreadable;
use crate::correlate::{AHEAD, Hit};
use crate::event::Record;
use crate::flag::dead::Reason;

/// A correlate stage that follows a slot.
#[derive(Debug)]
pub struct FoldingStage<'a> {
    following: Following<'a>,
    folder: Folder,
    settings: Settings,
    outcome: Outcome,
}

impl<'a> FoldingStage<'a> {
    /// A stage that runs the correlations of the program in the slot, whichever that is.
    pub fn new(slot: &'a ProgramSlot, settings: Settings) -> FoldingStage<'a> {
        let (following, program) = Following::new(slot);
        let folder = Folder::new(program, settings);
        FoldingStage { following, folder, settings, outcome: Outcome::default() }
    }

    /// The hit of a record. What is no hit is a dead letter.
    fn read(&mut self, index: u32, record: &Record<'_>, now_ms: i64) -> Result<Option<OutHit>, Failure> {
        let stats = &mut self.outcome.stats;
        stats.records += 1;
        let Some(payload) = record.payload else {
            stats.tombstones += 1;
            return Ok(None);
        };
        stats.bytes += payload.len() as u64;
        let delay = record.timestamp.map(|time| now_ms.saturating_sub(time).max(0));
        stats.delay_ms = stats.delay_ms.max(delay);
        match Hit::decode(record.key, payload) {
            Ok(hit) => Ok(Some(OutHit { record: index, hit })),
            // Whoever runs that version will read it.
            Err(error @ Unreadable::Version(_)) => {
                let (partition, offset) = (record.partition, record.offset);
                Err(Failure::stop(format!(
                    "the hit at offset {offset} of partition {partition} cannot be read: {error}"
                )))
            }
            Err(error) => {
                let reason = Reason { code: error.name(), message: format!("the record is no hit: {error}") };
                let limit = self.settings.dead_letter_limit;
                self.outcome.bury((index, record), reason, now_ms, limit);
                Ok(None)
            }
        }
    }
}

fn unreadable(partition: i32, error: Unreadable) -> Failure {
    Failure::stop(format!("windows of partition {partition} cannot be read: {error}"))
}

impl Stage for FoldingStage<'_> {
    fn renew(&mut self) -> Option<&Program> {
        self.folder.replace(self.following.next()?);
        Some(self.folder.program())
    }

    fn run(
        &mut self,
        records: &[Record<'_>],
        now_ms: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        self.outcome.clear();
        let (mut indices, mut hits) = (0u32.., Vec::with_capacity(AHEAD));
        for some in records.chunks(AHEAD) {
            for (record, index) in some.iter().zip(&mut indices) {
                hits.extend(self.read(index, record, now_ms)?.map(|hit| (record.partition, hit)));
            }
            let folded = self.folder.fold_each(&mut hits, now_ms, &mut self.outcome);
            // To go on would be to forget the windows.
            folded.map_err(|(partition, error)| unreadable(partition, error))?;
        }
        self.outcome.stats.hits += self.outcome.hits.len() as u64;
        self.outcome.stats.window_keys = Some(self.folder.keys() as u64);
        self.outcome.messages().try_for_each(&mut *send)?;
        self.outcome.hits.iter().try_for_each(|out| send_hit(&out.hit, send))?;
        Ok(self.outcome.stats.clone())
    }

    fn pending(&self) -> bool {
        self.folder.is_changed()
    }

    fn flush(&mut self, send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        self.folder.write(|partition, key, body| {
            let (key, partition) = (Some(key), Some(partition));
            send(Message { topic: Topic::Windows, key, headers: &[], body, partition })
        })
    }

    fn restore(&mut self, kept: &Chunk) -> Result<(), Failure> {
        kept.iter().try_for_each(|Kept { partition, key, value }| {
            let restored = self.folder.restore(partition, key, value);
            restored.map_err(|error| unreadable(partition, error))
        })
    }

    fn committed(&mut self) {
        self.folder.committed();
    }

    fn aborted(&mut self) {
        self.folder.aborted();
    }

    fn forget(&mut self, partition: i32) {
        self.folder.forget(partition);
    }
}
