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
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// A change of ownership that waits to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rebalance {
    /// These partitions come.
    Assign(Vec<i32>),
    /// These go; if they are lost, without a commit.
    Revoke { partitions: Vec<i32>, lost: bool },
}

/// The consumer's context.
pub(super) struct Events {
    shared: Shared,
    rebalances: Mutex<VecDeque<Rebalance>>,
    /// The worker has gone, and what the client still asks for is granted without it.
    abandoned: AtomicBool,
}

impl Events {
    pub(super) fn new(shared: Shared) -> Self {
        Self { shared, rebalances: Mutex::default(), abandoned: AtomicBool::new(false) }
    }

    /// The oldest change that waits.
    pub(super) fn next(&self) -> Option<Rebalance> {
        self.rebalances.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// From here on changes are granted at once, those that wait included: nobody is left to carry them
    /// out, and the client does not close before its question is answered.
    pub(super) fn abandon(&self, consumer: &BaseConsumer<Self>) {
        self.abandoned.store(true, Ordering::Release);
        while let Some(change) = self.next() {
            let (assign, partitions) = match change {
                Rebalance::Assign(partitions) => (true, partitions),
                Rebalance::Revoke { partitions, .. } => (false, partitions),
            };
            grant(consumer, assign, &blank_list(&self.shared.settings.topics.input, &partitions));
        }
    }
}

impl ClientContext for Events {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        super::log_line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.shared.observer.client_error(self.shared.slot, &error.to_string(), reason);
    }
}

impl ConsumerContext for Events {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, error: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let assign = error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.abandoned.load(Ordering::Acquire) {
            grant(consumer, assign, list);
            return;
        }
        let partitions = list.elements().iter().map(TopicPartitionListElem::partition).collect();
        let change = if assign {
            Rebalance::Assign(partitions)
        } else {
            Rebalance::Revoke { partitions, lost: consumer.assignment_lost() }
        };
        self.rebalances.lock().unwrap_or_else(PoisonError::into_inner).push_back(change);
    }
}

/// Answers a rebalance without further ado.
fn grant(consumer: &BaseConsumer<Events>, assign: bool, list: &TopicPartitionList) {
    let answer = if assign { consumer.incremental_assign(list) } else { consumer.incremental_unassign(list) };
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
