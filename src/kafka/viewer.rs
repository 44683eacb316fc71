//! Reads whole topics to show what is on them, for `demo`: no group, no commits, from the beginning.

use super::Failure;
use rdkafka::TopicPartitionList;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::topic_partition_list::Offset;
use std::fmt;
use std::time::Duration;

/// A reader of topics.
pub struct Viewer {
    consumer: BaseConsumer,
}

impl Viewer {
    /// Reads these topics, by name and number of partitions, from their beginnings.
    pub fn open(brokers: &str, topics: &[(&str, i32)]) -> Result<Viewer, Failure> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers).set("client.id", "wardline-viewer");
        // The client wants a group even where none is joined.
        config.set("group.id", "wardline-viewer").set("enable.auto.commit", "false");
        config.set("fetch.wait.max.ms", "5").set("auto.offset.reset", "earliest");
        let consumer: BaseConsumer = config.create().map_err(|error| failed(&error))?;
        let mut list = TopicPartitionList::new();
        for (topic, partitions) in topics {
            for partition in 0..*partitions {
                let added = list.add_partition_offset(topic, partition, Offset::Beginning);
                added.map_err(|error| failed(&error))?;
            }
        }
        consumer.assign(&list).map_err(|error| failed(&error))?;
        Ok(Viewer { consumer })
    }

    /// Waits at most `wait` for the next message and shows `see` its topic and bytes. True if there was one.
    pub fn next(&self, wait: Duration, see: &mut dyn FnMut(&str, &[u8])) -> Result<bool, Failure> {
        let show =
            |message: &BorrowedMessage<'_>| see(message.topic(), message.payload().unwrap_or_default());
        match self.consumer.poll(wait) {
            None => Ok(false),
            Some(message) => message.as_ref().map(show).map(|()| true).map_err(|error| failed(error)),
        }
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Viewer").finish_non_exhaustive()
    }
}

fn failed(error: &dyn fmt::Display) -> Failure {
    Failure::stop(format!("the topics cannot be shown: {error}"))
}
