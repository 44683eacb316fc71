//! The yardstick of the pipeline benchmark: a consumer that only reads and counts, by the same batch call.
//!
//! It lives beside what it measures so that both use the same call with the same settings, and no second
//! module needs foreign code.

use super::foreign::batch::Client;
use super::foreign::c_name;
use super::settings::Settings;
use super::{producer, unusable};
use crate::worker::Failure;
use rdkafka::consumer::{BaseConsumer, Consumer, DefaultConsumerContext};
use std::time::Duration;

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Records.
    pub records: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
}

/// Reads partitions `0..partitions` of the input topic from offset 0 until `expected` records were read.
pub fn count(settings: &Settings, partitions: i32, expected: u64) -> Result<Count, Failure> {
    let consumer: BaseConsumer<DefaultConsumerContext> =
        settings.consumer(0).create().map_err(|error| unusable(&error))?;
    let mut client = Client::new(consumer, settings.batch)
        .ok_or_else(|| Failure::stop("the consumer has no queue for its worker"))?;
    let topic = &settings.topics.input;
    let starts: Vec<(i32, i64)> = (0..partitions).map(|partition| (partition, 0)).collect();
    for (partition, _) in &starts {
        client.forward(&c_name(topic), *partition);
    }
    let list = producer::offset_list(topic, &starts);
    client.consumer().assign(&list).map_err(|error| unusable(&error))?;
    let mut count = Count::default();
    while count.records < expected {
        drop(client.consumer().poll(Duration::ZERO));
        let batch = client.take(Duration::from_millis(50));
        for message in batch.iter().filter(|message| message.error().is_none()) {
            count.records += 1;
            count.bytes += message.payload().map_or(0, <[u8]>::len) as u64;
        }
    }
    Ok(count)
}
