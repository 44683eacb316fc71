//! The embedded broker of `demo`: librdkafka's mock cluster, in this process, for trying things out.
//!
//! It keeps at most 5 MiB a partition and drops the oldest silently, shows aborted records, forgets offsets
//! that are committed in transactions, and makes static members wait. What suits it is set here
//! ([`Embedded::suit`]); nothing about exactly-once can be learned from it.
#![expect(clippy::disallowed_methods, reason = "waits for room in the client's queue")]

use super::foreign::mock::no_join_delay;
use super::settings::{Delivery, Settings};
use crate::worker::Failure;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::fmt;
use std::thread;
use std::time::Duration;

/// Bytes that a partition keeps; more than that unread is lost.
pub const RETENTION_BYTES: u64 = 5 * 1024 * 1024;

/// A broker in this process, and a producer to feed it. It ends with this value.
pub struct Embedded {
    producer: BaseProducer,
    brokers: String,
}

impl Embedded {
    /// Starts it with these topics, by name and number of partitions.
    pub fn start(topics: &[(&str, i32)]) -> Result<Self, Failure> {
        let mut config = ClientConfig::new();
        config.set("test.mock.num.brokers", "1").set("client.id", "wardline-embedded");
        config.set("partitioner", "murmur2_random").set("linger.ms", "1");
        let producer: BaseProducer = config.create().map_err(|error| failed(&error))?;
        let brokers = create_topics(&producer, topics)?;
        if !no_join_delay(producer.client()) {
            return Err(failed(&"it cannot be configured"));
        }
        Ok(Self { producer, brokers })
    }

    /// Its address.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// Changes settings to what the embedded broker can do.
    pub fn suit(&self, settings: &mut Settings) {
        settings.brokers = vec![self.brokers.clone()];
        settings.delivery = Delivery::AtLeastOnce;
        settings.static_members = false;
        // A produce does not wake a waiting fetch here: an empty one waits its whole time.
        let properties = &mut settings.consumer_properties;
        properties.insert("fetch.wait.max.ms".to_owned(), "5".to_owned());
    }

    /// Writes a record, waiting for room in the producer's queue.
    pub fn send(&self, topic: &str, key: Option<&[u8]>, payload: &[u8]) -> Result<(), Failure> {
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).payload(payload);
        record.key = key;
        self.write(record)
    }

    /// Writes a record to a partition of one's own choice: who does only this knows each record's offset.
    pub fn send_to(
        &self,
        (topic, partition): (&str, i32),
        key: Option<&[u8]>,
        payload: &[u8],
    ) -> Result<(), Failure> {
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).payload(payload);
        record.key = key;
        self.write(record.partition(partition))
    }

    fn write(&self, mut record: BaseRecord<'_, [u8], [u8]>) -> Result<(), Failure> {
        loop {
            match self.producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), rejected)) => {
                    record = rejected;
                    thread::sleep(Duration::from_millis(1));
                    self.producer.poll(Duration::ZERO);
                }
                Err((error, _)) => return Err(failed(&error)),
            }
        }
        self.producer.poll(Duration::ZERO);
        Ok(())
    }

    /// Waits until all that was sent has arrived.
    pub fn flush(&self) -> Result<(), Failure> {
        self.producer.flush(Duration::from_secs(30)).map_err(|error| failed(&error))
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("brokers", &self.brokers).finish_non_exhaustive()
    }
}

fn create_topics(producer: &BaseProducer, topics: &[(&str, i32)]) -> Result<String, Failure> {
    let Some(cluster) = producer.client().mock_cluster() else {
        return Err(failed(&"it did not start"));
    };
    for (name, partitions) in topics {
        cluster.create_topic(name, *partitions, 1).map_err(|error| failed(&error))?;
    }
    Ok(cluster.bootstrap_servers())
}

fn failed(error: &dyn fmt::Display) -> Failure {
    Failure::stop(format!("the embedded broker failed: {error}"))
}
