//! Where partitions that come to a worker are read from: the committed offset, else the configured start.
//!
//! An open transaction of a dead member keeps its offsets back until it ends, which takes up to the
//! transaction's time-out. So an attempt is short, and between two of them the worker goes on with the
//! partitions that it has, and can be told to stop.
//!
//! An offset that no longer exists has two causes that must not be confused. Behind the log's start, retention
//! was faster than we: if the configuration allows it, the oldest record left is the next. Beyond the log's end,
//! the log lost what we had read: nobody but the operator can say what is to be read again, so that ends the
//! process whatever the configuration says.
#![expect(clippy::disallowed_methods, reason = "paces and bounds the attempts")]

use super::Shared;
use super::producer::offset_list;
use super::rebalance::{Events, blank_list};
use super::settings::Start;
use crate::position::Begin;
use crate::worker::Failure;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Bound of one question to the cluster.
const ATTEMPT: Duration = Duration::from_millis(500);

/// From an attempt that failed to the next.
const PAUSE: Duration = Duration::from_millis(100);

/// How a start is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The committed offset, else the configured start.
    Committed,
    /// The committed offset or the oldest record that is left, whichever comes later: records were removed
    /// before they were read.
    Left,
}

/// Why starts are not known.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The cluster gives no answer.
    Unanswered(KafkaError),
    /// The committed offset lies beyond the partition's end.
    Beyond { partition: i32, committed: i64, end: i64 },
}

impl From<KafkaError> for Trouble {
    fn from(error: KafkaError) -> Self {
        Self::Unanswered(error)
    }
}

type Answer<T> = Result<T, Trouble>;

/// The partitions whose starts are to be found.
#[derive(Debug)]
pub(super) struct Search {
    coming: BTreeMap<i32, Rule>,
    /// Since when something has been looked for.
    begun: Instant,
    /// No attempt before.
    next: Instant,
}

impl Search {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { coming: BTreeMap::new(), begun: now, next: now }
    }

    pub(super) fn add(&mut self, partitions: &[i32], rule: Rule) {
        let now = Instant::now();
        if self.coming.is_empty() {
            self.begun = now;
        }
        self.next = now;
        self.coming.extend(partitions.iter().map(|partition| (*partition, rule)));
    }

    pub(super) fn remove(&mut self, partitions: &[i32]) {
        self.coming.retain(|partition, _| !partitions.contains(partition));
    }

    pub(super) fn clear(&mut self) {
        self.coming.clear();
    }

    /// True if there is something to look for, and an attempt is due.
    pub(super) fn is_due(&self) -> bool {
        !self.coming.is_empty() && Instant::now() >= self.next
    }

    /// One attempt.
    pub(super) fn attempt(&self, consumer: &BaseConsumer<Events>, shared: &Shared) -> Answer<Vec<Begin>> {
        Asker { consumer, shared }.starts(&self.coming)
    }

    /// After an attempt that failed: when to try again, or that it is of no use. A transaction that holds
    /// offsets back is ended by the cluster after its time-out; after twice that it hangs for good.
    pub(super) fn put_off(&mut self, shared: &Shared, trouble: &Trouble) -> Result<(), Failure> {
        let topic = &shared.settings.topics.input;
        match trouble {
            Trouble::Beyond { partition, committed, end } => Err(Failure::stop(format!(
                "the offset {committed} to read next in {topic}[{partition}] lies beyond its end {end}: the log was \
                 cut or the topic made anew; set the offset of group {} with Kafka's own tools",
                shared.settings.group
            ))),
            Trouble::Unanswered(error) if self.begun.elapsed() > 2 * shared.settings.transaction_timeout => {
                Err(Failure::stop(format!(
                    "the cluster does not tell where to begin in {topic}, partitions {:?}: {error}; if the group's \
                     committed offsets are held back by a transaction that hangs, Kafka's kafka-transactions tool \
                     finds and aborts it",
                    self.coming.keys()
                )))
            }
            Trouble::Unanswered(_) => {
                self.next = Instant::now() + PAUSE;
                Ok(())
            }
        }
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

    fn starts(&self, coming: &BTreeMap<i32, Rule>) -> Answer<Vec<Begin>> {
        let partitions: Vec<i32> = coming.keys().copied().collect();
        let committed = self.watched("committed_offsets", || {
            let list = blank_list(self.topic(), &partitions);
            offsets_of(&self.consumer.committed_offsets(list, ATTEMPT)?)
        })?;
        let mut starts = Vec::with_capacity(committed.len());
        for (partition, committed) in committed {
            starts.push(match (coming.get(&partition), committed) {
                (Some(Rule::Left), committed) => self.left(partition, committed)?,
                (_, Some(offset)) => Begin { partition, offset, committed: true },
                (_, None) => Begin { partition, offset: self.configured(partition)?, committed: false },
            });
        }
        Ok(starts)
    }

    /// Where to go on after an offset that does not exist any more.
    fn left(&self, partition: i32, committed: Option<i64>) -> Answer<Begin> {
        let (oldest, end) = self.ends(partition)?;
        match committed {
            Some(committed) if committed > end => Err(Trouble::Beyond { partition, committed, end }),
            Some(offset) if offset >= oldest => Ok(Begin { partition, offset, committed: true }),
            _ => Ok(Begin { partition, offset: oldest, committed: false }),
        }
    }

    fn configured(&self, partition: i32) -> Answer<i64> {
        match self.shared.settings.start {
            Start::Earliest => Ok(self.ends(partition)?.0),
            Start::Latest => Ok(self.ends(partition)?.1),
            Start::Time(millis) => self.since(partition, millis),
        }
    }

    /// The oldest offset of a partition, and the one after its newest.
    fn ends(&self, partition: i32) -> Answer<(i64, i64)> {
        let ends = self
            .watched("fetch_watermarks", || self.consumer.fetch_watermarks(self.topic(), partition, ATTEMPT));
        Ok(ends?)
    }

    /// By time; a partition without a record that late begins at its end.
    fn since(&self, partition: i32, millis: i64) -> Answer<i64> {
        let times = offset_list(self.topic(), &[(partition, millis.max(0))]);
        let found = self
            .watched("offsets_for_times", || offsets_of(&self.consumer.offsets_for_times(times, ATTEMPT)?))?;
        match found.first() {
            Some((_, Some(offset))) => Ok(*offset),
            _ => Ok(self.ends(partition)?.1),
        }
    }

    fn watched<T>(&self, call: &'static str, ask: impl FnOnce() -> KafkaResult<T>) -> KafkaResult<T> {
        let _watched = self.shared.watchdog.watch(call);
        ask()
    }
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
