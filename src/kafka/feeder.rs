//! A producer for made-up traces: records of one topic, by key, each of which every replica has acknowledged in the end.
#![expect(clippy::disallowed_methods, reason = "waits for room in the client's queue")]

use super::log_line;
use super::settings::Settings;
use crate::worker::Failure;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long brokers may take to answer at the start, and to acknowledge what is left at the end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes records to a topic.
pub struct Feeder {
    producer: BaseProducer<Outcome>,
    topic: String,
}

impl Feeder {
    /// Connects to the cluster, and asks whether the topic is there.
    pub fn connect(settings: &Settings, topic: &str) -> Result<Self, Failure> {
        let outcome = Outcome { failed: Mutex::new(None) };
        let producer: BaseProducer<Outcome> =
            settings.feeder().create_with_context(outcome).map_err(|error| super::unusable(&error))?;
        let feeder = Self { producer, topic: topic.to_owned() };
        feeder.find_topic().map_err(|error| feeder.failure(&error))?;
        Ok(feeder)
    }

    /// Sends a record, waiting for room in the client's queue.
    pub fn send(&self, key: &[u8], payload: &[u8]) -> Result<(), Failure> {
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(&self.topic).key(key).payload(payload);
        while let Err((error, rejected)) = self.producer.send(record) {
            if !matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) {
                return Err(self.failure(&error));
            }
            record = rejected;
            thread::sleep(Duration::from_millis(1));
            self.producer.poll(Duration::ZERO);
        }
        self.producer.poll(Duration::ZERO);
        self.look()
    }

    /// Waits until all that was sent is acknowledged.
    pub fn finish(&self) -> Result<(), Failure> {
        self.producer.flush(PATIENCE).map_err(|error| self.failure(&error))?;
        self.look()
    }

    fn find_topic(&self) -> Result<(), KafkaError> {
        let found = self.producer.client().fetch_metadata(Some(&self.topic), PATIENCE)?;
        let error = found.topics().iter().find_map(rdkafka::metadata::MetadataTopic::error);
        error.map_or(Ok(()), |error| Err(KafkaError::MetadataFetch(error.into())))
    }

    fn look(&self) -> Result<(), Failure> {
        let mut failed = self.producer.context().failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take().map_or(Ok(()), |error| Err(self.failure(&error)))
    }

    fn failure(&self, error: &KafkaError) -> Failure {
        Failure::stop(format!("the topic {} cannot be written: {error}", self.topic))
    }
}

impl fmt::Debug for Feeder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feeder").field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// The first record that could not be delivered since the last look.
struct Outcome {
    failed: Mutex<Option<KafkaError>>,
}

impl ClientContext for Outcome {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }
}

impl ProducerContext for Outcome {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.clone());
        }
    }
}
