//! Where partitions that come to a worker are read from: the committed offset, else the configured start.
//!
//! An open transaction of a dead member keeps its offsets back until it ends, which takes up to the
//! transaction's time-out. So an attempt is short, and between two of them the worker goes on with the
//! partitions that it has, and can be told to stop.
#![expect(clippy::disallowed_methods, reason = "paces and bounds the attempts")]

use super::Shared;
use super::producer::offset_list;
use super::rebalance::{Events, blank_list};
use super::settings::Start;
use crate::worker::Failure;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::time::{Duration, Instant};

/// Bound of one question to the cluster.
const ATTEMPT: Duration = Duration::from_millis(500);

/// From an attempt that failed to the next.
const PAUSE: Duration = Duration::from_millis(100);

/// Partitions with the offset that each is read from.
pub(super) type Starts = Vec<(i32, i64)>;

/// How a start is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The committed offset, else the configured start.
    Committed,
    /// The oldest record that is left, because the committed offset does not exist any more.
    Oldest,
}

/// Partitions whose starts are being found.
#[derive(Debug)]
pub(super) struct Search {
    partitions: Vec<i32>,
    from: From,
    begun: Instant,
    /// No attempt before.
    next: Instant,
}

impl Search {
    pub(super) fn begin(partitions: Vec<i32>, from: From) -> Self {
        let now = Instant::now();
        Self { partitions, from, begun: now, next: now }
    }

    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    /// One attempt.
    pub(super) fn attempt(&self, consumer: &BaseConsumer<Events>, shared: &Shared) -> KafkaResult<Starts> {
        let asker = Asker { consumer, shared };
        match self.from {
            From::Committed => asker.starts(&self.partitions),
            From::Oldest => asker.oldest(&self.partitions),
        }
    }

    /// After an attempt that failed: when to try again, or that it has taken too long. A transaction that
    /// holds offsets back is ended by the cluster after its time-out; after twice that it hangs for good.
    pub(super) fn put_off(&mut self, shared: &Shared, error: &KafkaError) -> Result<(), Failure> {
        let now = Instant::now();
        if now.duration_since(self.begun) > 2 * shared.settings.transaction_timeout {
            return Err(Failure::stop(format!(
                "the cluster does not tell where to begin in {}{:?}: {error}; if the group's committed \
                 offsets are held back by a transaction that hangs, Kafka's kafka-transactions tool finds and \
                 aborts it",
                shared.settings.topics.input, self.partitions
            )));
        }
        self.next = now + PAUSE;
        Ok(())
    }
}

struct Asker<'a> {
    consumer: &'a BaseConsumer<Events>,
    shared: &'a Shared,
}

impl Asker<'_> {
    fn topic(&self) -> &str {
        &self.shared.settings.topics.input
    }

    fn starts(&self, partitions: &[i32]) -> KafkaResult<Starts> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let committed = self.watched("committed_offsets", || {
            let list = blank_list(self.topic(), partitions);
            offsets_of(&self.consumer.committed_offsets(list, ATTEMPT)?)
        })?;
        let (mut starts, fresh) = parted(&committed);
        starts.extend(self.configured(&fresh)?);
        starts.sort_unstable();
        Ok(starts)
    }

    fn configured(&self, partitions: &[i32]) -> KafkaResult<Starts> {
        match self.shared.settings.start {
            Start::Earliest => self.oldest(partitions),
            Start::Latest => self.ends(partitions, |(_, end)| end),
            Start::Time(millis) => self.since(partitions, millis),
        }
    }

    fn oldest(&self, partitions: &[i32]) -> KafkaResult<Starts> {
        self.ends(partitions, |(start, _)| start)
    }

    fn ends(&self, partitions: &[i32], choose: fn((i64, i64)) -> i64) -> KafkaResult<Starts> {
        let of = |partition: &i32| {
            let ends = self.watched("fetch_watermarks", || {
                self.consumer.fetch_watermarks(self.topic(), *partition, ATTEMPT)
            })?;
            Ok((*partition, choose(ends)))
        };
        partitions.iter().map(of).collect()
    }

    /// By time; a partition without a record that late begins at its end.
    fn since(&self, partitions: &[i32], millis: i64) -> KafkaResult<Starts> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let times: Vec<_> = partitions.iter().map(|partition| (*partition, millis.max(0))).collect();
        let found = self.watched("offsets_for_times", || {
            offsets_of(&self.consumer.offsets_for_times(offset_list(self.topic(), &times), ATTEMPT)?)
        })?;
        let (mut starts, none) = parted(&found);
        starts.extend(self.ends(&none, |(_, end)| end)?);
        Ok(starts)
    }

    fn watched<T>(&self, call: &'static str, ask: impl FnOnce() -> KafkaResult<T>) -> KafkaResult<T> {
        let _watched = self.shared.watchdog.watch(call);
        ask()
    }
}

/// Partitions with an offset, and those without one.
fn parted(offsets: &[(i32, Option<i64>)]) -> (Starts, Vec<i32>) {
    let known = offsets.iter().filter_map(|(partition, offset)| Some((*partition, (*offset)?)));
    let unknown = offsets.iter().filter(|(_, offset)| offset.is_none()).map(|(partition, _)| *partition);
    (known.collect(), unknown.collect())
}

/// The numeric offsets of an answer; none where there is no number.
fn offsets_of(list: &TopicPartitionList) -> KafkaResult<Vec<(i32, Option<i64>)>> {
    let elements = list.elements();
    let offsets = elements.iter().map(|element| {
        element.error()?;
        let offset = match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        };
        Ok((element.partition(), offset))
    });
    offsets.collect()
}
