//! What the consumer's client tells outside of calls: changes of ownership, errors, logs.
//!
//! Ownership changes are only noted here and carried out by the worker right after the poll that brought
//! them, on the same thread: it commits or aborts what it has of a partition, and then lets go. Doing that
//! inside the callback would need the producer and the progress behind a lock that the callback and the
//! loop share; the client does not care, it waits for our assign or unassign either way.

use super::Shared;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{TopicPartitionList, TopicPartitionListElem};
use rdkafka::types::RDKafkaRespErr;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A change of ownership that waits to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rebalance {
    pub(super) direction: Direction,
    /// Rising.
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

impl Rebalance {
    fn new(direction: Direction, list: &TopicPartitionList) -> Self {
        let mut partitions: Vec<i32> =
            list.elements().iter().map(TopicPartitionListElem::partition).collect();
        partitions.sort_unstable();
        Self { direction, partitions }
    }

    /// True if taking these over, or letting them go, is what it asks for.
    fn is_answered(&self, taken: bool, partitions: &[i32]) -> bool {
        let mut partitions = partitions.to_vec();
        partitions.sort_unstable();
        (self.direction == Direction::Come) == taken && self.partitions == partitions
    }
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

    /// Partitions were taken over, or let go; if the oldest change asked for that, it waits no longer.
    pub(super) fn answered(&self, taken: bool, partitions: &[i32]) {
        let mut waiting = self.waiting();
        if waiting.front().is_some_and(|first| first.is_answered(taken, partitions)) {
            waiting.pop_front();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Rebalance>> {
        self.rebalances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on changes are granted at once, those that wait included: nobody is left to carry them
    /// out, and the client does not close before its question is answered.
    pub(super) fn abandon(&self, consumer: &BaseConsumer<Self>) {
        self.abandoned.store(true, Ordering::Release);
        let waiting = std::mem::take(&mut *self.waiting());
        for change in waiting {
            let list = blank_list(&self.shared.settings.topics.input, &change.partitions);
            grant(consumer, change.direction, &list);
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
            self.waiting().push_back(Rebalance::new(direction, list));
        }
    }
}

/// Answers a rebalance without further ado.
fn grant(consumer: &BaseConsumer<Events>, direction: Direction, list: &TopicPartitionList) {
    let answer = match direction {
        Direction::Come => consumer.incremental_assign(list),
        Direction::Go | Direction::Gone => consumer.incremental_unassign(list),
    };
    // Nothing can be done about a failure here: the client is about to be destroyed.
    drop(answer);
}

/// Partitions of one topic without offsets.
pub(super) fn blank_list(topic: &str, partitions: &[i32]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        list.add_partition(topic, *partition);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_an_answer() {
        use Direction::{Come, Go, Gone};
        // asked for, taken (or let go), partitions, whether that answers it
        let cases: [(Direction, bool, &[i32], bool); 6] = [
            (Come, true, &[2, 1], true),
            (Come, false, &[1, 2], false),
            (Come, true, &[1], false),
            (Go, false, &[2, 1], true),
            (Gone, false, &[1, 2], true),
            (Gone, true, &[1, 2], false),
        ];
        for (direction, taken, partitions, answers) in cases {
            let rebalance = Rebalance::new(direction, &blank_list("t", &[2, 1]));
            assert_eq!(rebalance.is_answered(taken, partitions), answers, "{direction:?} {partitions:?}");
        }
    }
}
