//! The two clients of a restore.

use super::super::foreign::batch::Client;
use super::super::foreign::c_name;
use super::super::producer::offset_list;
use super::super::rebalance::blank_list;
use super::super::{Shared, log_line, unusable};
use super::CHUNK;
use crate::worker::Failure;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use std::collections::BTreeSet;

/// The one that reads, and one that asks where partitions end.
pub(super) struct Clients {
    pub(super) reader: Client<Quiet>,
    pub(super) ends: BaseConsumer<Quiet>,
    /// Partitions that are being read.
    reading: BTreeSet<i32>,
    /// Those that were ever; to read one again takes another client.
    pub(super) used: BTreeSet<i32>,
}

impl Clients {
    pub(super) fn connect(shared: &Shared) -> Result<Self, Failure> {
        let (settings, number) = (&shared.settings, shared.number);
        let quiet = || Quiet(shared.clone());
        let reader: BaseConsumer<Quiet> =
            settings.archive(number).create_with_context(quiet()).map_err(|error| unusable(&error))?;
        let reader = Client::new(reader, CHUNK)
            .ok_or_else(|| Failure::stop("the reader of windows has no queue for its worker"))?;
        let ends = settings.ends(number).create_with_context(quiet()).map_err(|error| unusable(&error))?;
        Ok(Self { reader, ends, reading: BTreeSet::new(), used: BTreeSet::new() })
    }

    /// Begins to read these partitions from their offsets on; yields one that has no queue.
    pub(super) fn begin(&mut self, topic: &str, starts: &[(i32, i64)]) -> KafkaResult<Option<i32>> {
        let name = c_name(topic);
        let partitions = || starts.iter().map(|(partition, _)| *partition);
        // Before they are assigned: what is fetched earlier would arrive on the main queue.
        let stuck = partitions().find(|partition| !self.reader.forward(&name, *partition));
        if stuck.is_none() {
            self.reader.consumer().incremental_assign(&offset_list(topic, starts))?;
            self.reading.extend(partitions());
            self.used.extend(partitions());
        }
        Ok(stuck)
    }

    /// Reads those of the partitions that are being read no longer.
    pub(super) fn release(&mut self, topic: &str, partitions: &[i32]) -> KafkaResult<()> {
        let read: Vec<i32> =
            partitions.iter().copied().filter(|partition| self.reading.remove(partition)).collect();
        if read.is_empty() {
            return Ok(());
        }
        self.reader.consumer().incremental_unassign(&blank_list(topic, &read))
    }

    pub(super) fn both(&self) -> [&BaseConsumer<Quiet>; 2] {
        [self.reader.consumer(), &self.ends]
    }
}

/// Tells the observer of errors, and nothing else.
pub(super) struct Quiet(Shared);

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    // Statistics are not used, but a configuration may turn them on.
    fn stats_raw(&self, _: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.observer.client_error(self.0.slot, &error.to_string(), reason);
    }
}

impl ConsumerContext for Quiet {}
