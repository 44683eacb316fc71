//! The two clients of a restore.

use super::super::foreign::batch::Client;
use super::super::{Shared, log_line, unusable};
use super::CHUNK;
use crate::worker::Failure;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::KafkaError;
use std::collections::BTreeSet;

/// The one that reads, and one that asks where partitions end.
pub(super) struct Clients {
    pub(super) reader: Client<Quiet>,
    pub(super) ends: BaseConsumer<Quiet>,
    /// Partitions that were read; to read one again takes another client.
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
        Ok(Self { reader, ends, used: BTreeSet::new() })
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

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.observer.client_error(self.0.slot, &error.to_string(), reason);
    }
}

impl ConsumerContext for Quiet {}
