//! What is on a topic already, read once: from a time on, to the end that each partition had when reading began.
//!
//! For analysts who try rules on what really happened. No group is joined and nothing is committed, so that a service that reads the
//! same topic does not notice. Partitions come as the cluster sends them: in each the order is kept, among them there is none.
#![expect(clippy::disallowed_methods, reason = "gives up on a cluster that does not answer")]

use super::producer::offset_list;
use super::settings::Settings;
use super::unusable;
use super::verdict::is_refused;
use crate::event::Record;
use crate::worker::Failure;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::topic_partition_list::Offset;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bound of one question to the cluster.
const ANSWER: Duration = Duration::from_secs(10);
/// Longest wait for the next record, in one go.
const WAIT: Duration = Duration::from_millis(100);
/// So long nothing comes, and it is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A topic's past.
pub struct History {
    consumer: BaseConsumer,
    topic: Arc<str>,
    /// Of partitions that are not read to their ends yet, where these are.
    ends: BTreeMap<i32, i64>,
    /// When something came last.
    heard: Instant,
    /// What the client said of trouble since then.
    trouble: Option<KafkaError>,
}

impl History {
    /// Begins to read a topic, from its oldest record or from the first with at least that time stamp, in milliseconds since the epoch.
    pub fn open(settings: &Settings, topic: &str, since_ms: Option<i64>) -> Result<History, Failure> {
        let consumer: BaseConsumer = settings.history().create().map_err(|error| unusable(&error))?;
        let asked = |error: KafkaError| Failure::stop(format!("topic {topic} cannot be read: {error}"));
        let partitions = partitions(&consumer, topic).map_err(asked)?;
        if partitions.is_empty() {
            return Err(Failure::stop(format!("there is no topic {topic}")));
        }
        let (mut starts, mut ends) = (Vec::new(), BTreeMap::new());
        for partition in partitions {
            let (oldest, end) = consumer.fetch_watermarks(topic, partition, ANSWER).map_err(asked)?;
            let since = since_ms.map(|since| start(&consumer, (topic, partition), since));
            let start = since.transpose().map_err(asked)?.map_or(oldest, |found| found.unwrap_or(end));
            if start < end {
                starts.push((partition, start));
                ends.insert(partition, end);
            }
        }
        consumer.assign(&offset_list(topic, &starts)).map_err(asked)?;
        Ok(History { consumer, topic: topic.into(), ends, heard: Instant::now(), trouble: None })
    }

    /// The topic's name.
    pub fn topic(&self) -> &Arc<str> {
        &self.topic
    }

    /// Waits a moment for the next record and shows it to `see`. False when all is read.
    pub fn next(&mut self, see: &mut dyn FnMut(&Record<'_>)) -> Result<bool, Failure> {
        if self.ends.is_empty() {
            return Ok(false);
        }
        let History { consumer, topic, ends, heard, trouble } = self;
        match consumer.poll(WAIT) {
            None => {}
            Some(Ok(message)) => {
                (*heard, *trouble) = (Instant::now(), None);
                take(&message, (topic, ends), see);
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                *heard = Instant::now();
                ends.remove(&partition);
            }
            Some(Err(error)) if error.rdkafka_error_code().is_some_and(is_refused) => {
                return Err(Failure::stop(format!(
                    "topic {topic} cannot be read: {error}; grant Read and Describe"
                )));
            }
            // Brokers come and go: the client tries again by itself.
            Some(Err(error)) => *trouble = Some(error),
        }
        self.weigh()
    }

    fn weigh(&self) -> Result<bool, Failure> {
        if self.heard.elapsed() < PATIENCE {
            return Ok(!self.ends.is_empty());
        }
        let reason = self.trouble.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let left: Vec<_> = self.ends.keys().collect();
        Err(Failure::stop(format!("nothing more came of topic {}, partitions {left:?}{reason}", self.topic)))
    }
}

/// Shows a record, if it is none that came after reading began.
fn take(
    message: &BorrowedMessage<'_>,
    (topic, ends): (&Arc<str>, &mut BTreeMap<i32, i64>),
    see: &mut dyn FnMut(&Record<'_>),
) {
    let (partition, offset) = (message.partition(), message.offset());
    let Some(end) = ends.get(&partition).copied() else { return };
    if offset < end {
        see(&Record {
            topic,
            partition,
            offset,
            timestamp: message.timestamp().to_millis(),
            key: message.key(),
            payload: message.payload(),
        });
    }
    if offset + 1 >= end {
        ends.remove(&partition);
    }
}

fn partitions(consumer: &BaseConsumer, topic: &str) -> KafkaResult<Vec<i32>> {
    let metadata = consumer.fetch_metadata(Some(topic), ANSWER)?;
    let partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions);
    Ok(partitions.map(MetadataPartition::id).collect())
}

/// The first offset of a partition with at least that time stamp, if there is one.
fn start(
    consumer: &BaseConsumer,
    (topic, partition): (&str, i32),
    since_ms: i64,
) -> KafkaResult<Option<i64>> {
    let times = offset_list(topic, &[(partition, since_ms.max(0))]);
    let found = consumer.offsets_for_times(times, ANSWER)?;
    let elements = found.elements();
    let Some(element) = elements.first() else { return Ok(None) };
    element.error()?;
    Ok(match element.offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    })
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("topic", &self.topic).finish_non_exhaustive()
    }
}
