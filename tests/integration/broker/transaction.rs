//! A transaction that a test holds in its hands.

use super::client::{Client, Input};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::Duration;

const REQUEST: Duration = Duration::from_secs(30);

/// An open transaction with records in it.
pub(crate) struct Transaction(BaseProducer);

impl Transaction {
    /// Opens a transaction of a producer of that name.
    pub(crate) fn begin(client: &Client, name: &str) -> Self {
        let mut config = client.config();
        config.set("transactional.id", name).set("transaction.timeout.ms", "60000");
        let producer: BaseProducer = config.create().expect("a producer");
        producer.init_transactions(REQUEST).expect("transactions");
        producer.begin_transaction().expect("a transaction");
        Self(producer)
    }

    /// Writes a record and waits until the broker has it.
    pub(crate) fn write(&self, topic: &str, input: &Input) {
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).partition(input.partition);
        record.key = input.key.as_deref();
        record.payload = input.payload.as_deref();
        self.0.send(record).map_err(|(error, _)| error).expect("room in the queue");
        self.0.flush(REQUEST).expect("the broker takes it");
    }

    /// Commits it.
    pub(crate) fn commit(self) {
        self.0.commit_transaction(REQUEST).expect("it commits");
    }

    /// Gives it up.
    pub(crate) fn abort(self) {
        self.0.abort_transaction(REQUEST).expect("it aborts");
    }
}
