//! What the consumer's client tells outside of calls: changes of ownership, errors, logs.
//!
//! Ownership changes are only noted here and carried out by the worker right after the poll that brought
//! them, on the same thread: it commits or aborts what it has of a partition, and then lets go. Doing that
//! inside the callback would need the producer and the progress behind a lock that the callback and the
//! loop share; the client does not care, it waits for our assign or unassign either way.
//!
//! Which call answers which question the client does not look at: while it waits, any incremental assign or
//! unassign is its answer, also one that was made for another reason before we had heard the question. That is
//! harmless because nothing is taken between such a call and the question, which is heard first of all in the
//! next poll: what is asked for then is done, if late, and nothing was done for partitions that had gone.
//! And what is let go must be a part of what the client has assigned, or the whole call fails and the client
//! waits for ever; [`held`] sees to it.

use super::Shared;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{TopicPartitionList, TopicPartitionListElem};
use rdkafka::types::RDKafkaRespErr;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A change of ownership that waits to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rebalance {
    pub(super) direction: Direction,
    pub(super) partitions: Vec<i32>,
}

/// Which way partitions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// They come.
    Come,
    /// They go.
    Go,
    /// They are gone already, and must not be committed for.
    Gone,
}

/// The consumer's context.
pub(super) struct Events {
    shared: Shared,
    rebalances: Mutex<VecDeque<Rebalance>>,
    /// The worker has gone, and what the client still asks for is granted without it.
    abandoned: AtomicBool,
    /// Events that were dealt with here: the client's poll does not tell them from no event at all.
    served: AtomicU64,
}

impl Events {
    pub(super) fn new(shared: Shared) -> Self {
        Self {
            shared,
            rebalances: Mutex::default(),
            abandoned: AtomicBool::new(false),
            served: AtomicU64::new(0),
        }
    }

    /// How many events were dealt with here so far.
    pub(super) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
    }

    /// The oldest change that waits to be carried out.
    pub(super) fn first(&self) -> Option<Rebalance> {
        self.waiting().front().cloned()
    }

    /// The oldest change is carried out.
    pub(super) fn answered(&self) {
        self.waiting().pop_front();
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Rebalance>> {
        self.rebalances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on changes are granted at once, those that wait included: nobody is left to carry them
    /// out, and the client does not close before its question is answered.
    pub(super) fn abandon(&self, consumer: &BaseConsumer<Self>) {
        self.abandoned.store(true, Ordering::Release);
        let waiting = std::mem::take(&mut *self.waiting());
        for Rebalance { direction, partitions } in waiting {
            grant(consumer, direction, &blank_list(&self.shared.settings.topics.input, &partitions));
        }
    }
}

impl ClientContext for Events {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.count();
        super::log_line(level, facility, message);
    }

    // Statistics are not used, but a configuration may turn them on.
    fn stats_raw(&self, _: &[u8]) {
        self.count();
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.count();
        self.shared.observer.client_error(self.shared.slot, &error.to_string(), reason);
    }
}

impl ConsumerContext for Events {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, error: RDKafkaRespErr, list: &mut TopicPartitionList) {
        self.count();
        let direction = match error {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => Direction::Come,
            _ if consumer.assignment_lost() => Direction::Gone,
            _ => Direction::Go,
        };
        if self.abandoned.load(Ordering::Acquire) {
            grant(consumer, direction, list);
        } else {
            let partitions = list.elements().iter().map(TopicPartitionListElem::partition).collect();
            self.waiting().push_back(Rebalance { direction, partitions });
        }
    }
}

/// Answers a rebalance without further ado: what comes is not taken up.
fn grant(consumer: &BaseConsumer<Events>, direction: Direction, list: &TopicPartitionList) {
    let answer = match direction {
        Direction::Come => consumer.incremental_assign(&TopicPartitionList::new()),
        Direction::Go | Direction::Gone => {
            held(consumer, list).and_then(|held| consumer.incremental_unassign(&held))
        }
    };
    // Nothing can be done about a failure here: the client is about to be destroyed.
    drop(answer);
}

/// Those of the partitions that the client has assigned.
pub(super) fn held(
    consumer: &BaseConsumer<Events>,
    list: &TopicPartitionList,
) -> KafkaResult<TopicPartitionList> {
    let assigned = consumer.assignment()?;
    let mut held = TopicPartitionList::with_capacity(list.count());
    for element in list.elements() {
        if assigned.find_partition(element.topic(), element.partition()).is_some() {
            held.add_partition(element.topic(), element.partition());
        }
    }
    Ok(held)
}

/// Partitions of one topic without offsets.
pub(super) fn blank_list(topic: &str, partitions: &[i32]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        list.add_partition(topic, *partition);
    }
    list
}
