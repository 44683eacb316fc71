//! What a test asks of a broker: topics, records in, records out, groups.
//!
//! Everything is read with `read_committed`, to the end as the broker states it, so that what a test sees
//! is what a reviewer's tool would see.

#![expect(clippy::disallowed_methods, reason = "stamps what is read with the time of its arrival")]

use super::super::wait;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{
    BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer,
};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::util::Timeout;
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// One request. Generous, since brokers are restarted under these clients' hands.
const REQUEST: Duration = Duration::from_secs(30);

/// A record to write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Input {
    /// The partition; tests choose it, so that they know each record's offset.
    pub(crate) partition: i32,
    /// The key.
    pub(crate) key: Option<Vec<u8>>,
    /// The value; none writes a tombstone.
    pub(crate) payload: Option<Vec<u8>>,
    /// Milliseconds since the epoch; none leaves it to the client.
    pub(crate) timestamp: Option<i64>,
    /// Headers in order.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
}

/// A record read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its partition.
    pub(crate) partition: i32,
    /// Its offset.
    pub(crate) offset: i64,
    /// Its time stamp in milliseconds.
    pub(crate) timestamp: Option<i64>,
    /// Its key.
    pub(crate) key: Option<Vec<u8>>,
    /// Its value.
    pub(crate) payload: Option<Vec<u8>>,
    /// Its headers by name; the last of several equal names.
    pub(crate) headers: BTreeMap<String, Vec<u8>>,
    /// When the reader had it.
    pub(crate) seen: Instant,
}

impl Stored {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The value as JSON; panics if it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        let payload = self.payload.as_deref().expect("a record with a value");
        serde_json::from_slice(payload).expect("a value in JSON")
    }
}

/// A member of a consumer group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    /// Its `client.id`.
    pub(crate) client: String,
    /// Its id, new at every join.
    pub(crate) id: String,
    /// The partitions it owns, by topic.
    pub(crate) partitions: Vec<(String, i32)>,
}

/// Talks to one broker.
pub(crate) struct Client {
    config: ClientConfig,
    consumer: BaseConsumer,
}

impl Client {
    /// A client of the broker at `address`.
    pub(crate) fn new(address: &str) -> Self {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", address);
        Self::with(config)
    }

    /// A client with further properties of librdkafka (such as those of a login).
    pub(crate) fn with(mut config: ClientConfig) -> Self {
        config.set("reconnect.backoff.ms", "20").set("reconnect.backoff.max.ms", "200");
        let consumer = reader(&config).create().expect("a consumer needs no connection");
        Self { config, consumer }
    }

    /// Its properties, for further clients of the same broker.
    pub(super) fn config(&self) -> ClientConfig {
        self.config.clone()
    }

    /// What a topic's configuration says under `key`.
    pub(crate) fn configuration(&self, topic: &str, key: &str) -> Option<String> {
        let admin: AdminClient<DefaultClientContext> = self.config.create().expect("an admin client");
        let described =
            block_on(admin.describe_configs([&ResourceSpecifier::Topic(topic)], &AdminOptions::new()));
        let mut described = described.unwrap_or_else(|error| panic!("describing {topic}: {error}"));
        let resource = described.pop()?.unwrap_or_else(|code| panic!("describing {topic}: {code}"));
        resource.get(key)?.value.clone()
    }

    /// The number of brokers that the cluster names.
    pub(crate) fn brokers(&self) -> Result<usize, String> {
        let metadata = self.consumer.fetch_metadata(None, Duration::from_secs(1));
        match metadata.map(|metadata| metadata.brokers().len()) {
            Ok(0) => Err("no broker registered".to_owned()),
            Ok(brokers) => Ok(brokers),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Creates a topic; `settings` are the topic's own.
    pub(crate) fn create_topic(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let admin: AdminClient<DefaultClientContext> = self.config.create().expect("an admin client");
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        topic.config = settings.to_vec();
        let created = block_on(admin.create_topics([&topic], &AdminOptions::new()));
        let results = created.unwrap_or_else(|error| panic!("creating {name}: {error}"));
        for result in results {
            result.unwrap_or_else(|(topic, code)| panic!("creating {topic}: {code}"));
        }
        wait::until("the topic's leaders", REQUEST, || self.partitions(name).map(drop));
    }

    /// Removes the records of a partition before `offset`, as retention would.
    pub(crate) fn delete_before(&self, topic: &str, partition: i32, offset: i64) {
        let admin: AdminClient<DefaultClientContext> = self.config.create().expect("an admin client");
        let mut offsets = TopicPartitionList::new();
        let added = offsets.add_partition_offset(topic, partition, Offset::Offset(offset));
        added.expect("an offset that is none is no offset");
        let deleted = block_on(admin.delete_records(&offsets, &AdminOptions::new()));
        let deleted = deleted.unwrap_or_else(|error| panic!("deleting records of {topic}: {error}"));
        deleted.elements().iter().for_each(|element| element.error().expect("the broker deletes"));
    }

    /// The partitions of a topic, all of which have a leader.
    pub(crate) fn partitions(&self, topic: &str) -> Result<Vec<i32>, String> {
        let metadata = self.consumer.fetch_metadata(None, REQUEST).map_err(|error| error.to_string())?;
        let topic = metadata.topics().iter().find(|found| found.name() == topic).ok_or("no such topic")?;
        if topic.partitions().iter().any(|partition| partition.leader() < 0) {
            return Err("a partition has no leader".to_owned());
        }
        Ok(topic.partitions().iter().map(rdkafka::metadata::MetadataPartition::id).collect())
    }

    /// A producer that keeps order and writes each record once, restarts of the broker notwithstanding.
    pub(crate) fn producer(&self) -> Feeder {
        let mut config = self.config.clone();
        config
            .set("enable.idempotence", "true")
            .set("linger.ms", "2")
            .set("message.timeout.ms", "180000")
            .set("queue.buffering.max.messages", "1000000");
        let failures = Arc::new(AtomicU64::new(0));
        let context = Deliveries { failures: Arc::clone(&failures) };
        Feeder { producer: config.create_with_context(context).expect("a producer"), failures }
    }

    /// Writes the records and waits until the broker has them all.
    pub(crate) fn produce<'a>(&self, topic: &str, inputs: impl IntoIterator<Item = &'a Input>) {
        let feeder = self.producer();
        inputs.into_iter().for_each(|input| feeder.send(topic, input));
        feeder.flush();
    }

    /// All committed records of a topic up to its end at this moment, by partition and offset. Waits for
    /// the transactions that are open now: their records are there, and whether they count is not yet known.
    pub(crate) fn read(&self, topic: &str) -> Vec<Stored> {
        let written = wait::until("the topic's end", REQUEST, || self.written(topic));
        // The end before the reader: it then has read up to it when it reports an end of its own.
        let ends = wait::until("the end of open transactions", Duration::from_mins(2), || {
            let ends = self.ends(topic)?;
            match ends.iter().filter(|(partition, end)| **end < written[partition]).count() {
                0 => Ok(ends),
                partitions => Err(format!("{partitions} partitions of {topic} with an open one")),
            }
        });
        let mut tail = self.tail(topic);
        let mut records = Vec::new();
        wait::until("the records up to the topic's end", Duration::from_mins(2), || {
            records.extend(tail.take());
            match ends.iter().filter(|(partition, end)| !tail.has_reached(**partition, **end)).count() {
                0 => Ok(()),
                partitions => Err(format!("{partitions} partitions of {topic} not read to their end")),
            }
        });
        records.retain(|record: &Stored| record.offset < ends[&record.partition]);
        records.sort_by_key(|record| (record.partition, record.offset));
        records
    }

    /// A reader that follows a topic from its start.
    pub(crate) fn tail(&self, topic: &str) -> Tail {
        let consumer: BaseConsumer = reader(&self.config).create().expect("a consumer");
        let partitions = wait::until("the topic", REQUEST, || self.partitions(topic));
        let mut assignment = TopicPartitionList::new();
        for partition in &partitions {
            let start = assignment.add_partition_offset(topic, *partition, Offset::Beginning);
            start.expect("the beginning is an offset");
        }
        consumer.assign(&assignment).expect("partitions can be assigned");
        Tail { consumer, positions: BTreeMap::new(), ended: BTreeSet::new() }
    }

    /// The last stable offset of each partition: up to where a read-committed reader can read now.
    pub(crate) fn ends(&self, topic: &str) -> Result<BTreeMap<i32, i64>, String> {
        self.ends_for(&self.consumer, topic)
    }

    /// The end of each partition, what is not committed included.
    fn written(&self, topic: &str) -> Result<BTreeMap<i32, i64>, String> {
        let mut config = reader(&self.config);
        let consumer = config.set("isolation.level", "read_uncommitted").create();
        self.ends_for(&consumer.map_err(|error: KafkaError| error.to_string())?, topic)
    }

    fn ends_for(&self, reader: &BaseConsumer, topic: &str) -> Result<BTreeMap<i32, i64>, String> {
        let end = |partition| {
            let watermarks = reader.fetch_watermarks(topic, partition, REQUEST);
            watermarks.map(|(_, high)| (partition, high)).map_err(|error| error.to_string())
        };
        self.partitions(topic)?.into_iter().map(end).collect()
    }

    /// The offsets that `group` has committed, by partition; partitions without one are left out.
    pub(crate) fn committed(&self, group: &str, topic: &str) -> Result<BTreeMap<i32, i64>, String> {
        let mut config = reader(&self.config);
        let consumer: BaseConsumer = config.set("group.id", group).create().expect("a consumer");
        let mut wanted = TopicPartitionList::new();
        for partition in self.partitions(topic)? {
            wanted.add_partition(topic, partition);
        }
        let committed = consumer.committed_offsets(wanted, REQUEST).map_err(|error| error.to_string())?;
        let offsets = committed.elements().into_iter().filter_map(|element| match element.offset() {
            Offset::Offset(offset) => Some((element.partition(), offset)),
            _ => None,
        });
        Ok(offsets.collect())
    }

    /// Opens a transaction that commits these offsets of a group without members, and keeps it open.
    pub(crate) fn hold_offsets(&self, group: &str, topic: &str, offsets: &[(i32, i64)]) -> Holder {
        let mut config = reader(&self.config);
        let consumer: BaseConsumer = config.set("group.id", group).create().expect("a consumer");
        let metadata = consumer.group_metadata().expect("a consumer with a group has its metadata");
        let mut config = self.config.clone();
        config.set("transactional.id", format!("holder of {group}")).set("transaction.timeout.ms", "60000");
        let producer: BaseProducer = config.create().expect("a producer");
        producer.init_transactions(REQUEST).expect("transactions");
        producer.begin_transaction().expect("a transaction");
        let mut list = TopicPartitionList::new();
        for (partition, offset) in offsets {
            list.add_partition_offset(topic, *partition, Offset::Offset(*offset)).expect("an offset");
        }
        producer.send_offsets_to_transaction(&list, &metadata, REQUEST).expect("the group takes them");
        Holder { producer }
    }

    /// How many records of `topic` the group has not committed.
    pub(crate) fn unconsumed(&self, group: &str, topic: &str) -> Result<i64, String> {
        let (ends, committed) = (self.ends(topic)?, self.committed(group, topic)?);
        Ok(ends.iter().map(|(partition, end)| end - committed.get(partition).copied().unwrap_or(0)).sum())
    }

    /// Waits until `group` has committed everything that `topic` holds.
    pub(crate) fn await_consumed(&self, group: &str, topic: &str, limit: Duration) {
        wait::until("the group to commit all input", limit, || match self.unconsumed(group, topic)? {
            0 => Ok(()),
            left => Err(format!("{left} records of {topic} left")),
        });
    }

    /// The members of `group` with their partitions, sorted; an error unless the group is stable.
    pub(crate) fn members(&self, group: &str) -> Result<Vec<Member>, String> {
        let list = self.consumer.fetch_group_list(Some(group), REQUEST).map_err(|error| error.to_string())?;
        let found = list.groups().iter().find(|found| found.name() == group).ok_or("no such group")?;
        if found.state() != "Stable" {
            return Err(format!("the group is {}", found.state()));
        }
        let member = |member: &rdkafka::groups::GroupMemberInfo| Member {
            client: member.client_id().to_owned(),
            id: member.id().to_owned(),
            partitions: assignment(member.assignment().unwrap_or_default()).unwrap_or_default(),
        };
        let mut members: Vec<Member> = found.members().iter().map(member).collect();
        members.sort();
        Ok(members)
    }

    /// Waits until `group` is stable with `count` members, each of which owns something: a cooperative
    /// rebalance takes two steps, and between them the group is stable as well.
    pub(crate) fn await_members(&self, group: &str, count: usize, limit: Duration) -> Vec<Member> {
        wait::until("the members of the group", limit, || {
            let members = self.members(group)?;
            let settled = members.iter().all(|member| !member.partitions.is_empty());
            if members.len() == count && settled { Ok(members) } else { Err(format!("{members:?}")) }
        })
    }

    /// The ids of the members of `group`, new at every join, once it is stable.
    pub(crate) fn await_member_ids(&self, group: &str, limit: Duration) -> Vec<String> {
        wait::until("a stable group", limit, || {
            Ok(self.members(group)?.into_iter().map(|member| member.id).collect())
        })
    }

    /// How often `group` has been rebalanced: the generation in the broker's own record of the group.
    pub(crate) fn generation(&self, group: &str) -> Option<i32> {
        let records = self.read("__consumer_offsets");
        let of_group = records.iter().filter(|record| group_key(record.key.as_deref()) == Some(group));
        let generations = of_group.filter_map(|record| generation(record.payload.as_deref()?));
        generations.max()
    }
}

/// An open transaction with offsets in it.
pub(crate) struct Holder {
    producer: BaseProducer,
}

impl Holder {
    /// Commits it.
    pub(crate) fn commit(self) {
        self.producer.commit_transaction(REQUEST).expect("it commits");
    }
}

/// Follows a topic.
pub(crate) struct Tail {
    consumer: BaseConsumer,
    positions: BTreeMap<i32, i64>,
    ended: BTreeSet<i32>,
}

impl Tail {
    /// What has arrived since the last call. Transient errors (a broker restarting) are passed over.
    pub(crate) fn take(&mut self) -> Vec<Stored> {
        let mut records = Vec::new();
        let mut patience = Duration::from_millis(20);
        while let Some(polled) = self.consumer.poll(patience) {
            patience = Duration::ZERO;
            match polled {
                Ok(message) => {
                    self.positions.insert(message.partition(), message.offset() + 1);
                    records.push(store(&message));
                }
                Err(KafkaError::PartitionEOF(partition)) => {
                    self.ended.insert(partition);
                }
                Err(KafkaError::MessageConsumption(code)) if is_final(code) => panic!("reading: {code}"),
                Err(_) => {}
            }
        }
        records
    }

    /// Whether all up to `end` has been read. What lies before it may be markers and aborted records only,
    /// which no message stands for; so to have been at some end since this reader began is enough, if
    /// `end` was known before.
    fn has_reached(&self, partition: i32, end: i64) -> bool {
        self.ended.contains(&partition) || self.positions.get(&partition).is_some_and(|at| *at >= end)
    }
}

/// Writes records in order.
pub(crate) struct Feeder {
    producer: ThreadedProducer<Deliveries>,
    failures: Arc<AtomicU64>,
}

impl Feeder {
    /// Queues one record; waits while the queue is full.
    pub(crate) fn send(&self, topic: &str, input: &Input) {
        let mut headers = OwnedHeaders::new_with_capacity(input.headers.len());
        for (key, value) in &input.headers {
            headers = headers.insert(Header { key, value: Some(value) });
        }
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).partition(input.partition);
        record.headers = Some(headers);
        record.key = input.key.as_deref();
        record.payload = input.payload.as_deref();
        record.timestamp = input.timestamp;
        let mut next = Some(record);
        wait::until("room in the producer's queue", REQUEST, || {
            match self.producer.send(next.take().expect("given back by a refusal")) {
                Ok(()) => Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), record)) => {
                    next = Some(record);
                    Err("the queue is full".to_owned())
                }
                Err((error, _)) => panic!("producing: {error}"),
            }
        });
    }

    /// Waits until the broker has everything; panics if it refused anything.
    pub(crate) fn flush(&self) {
        self.producer.flush(Timeout::After(Duration::from_mins(3))).expect("the broker takes all records");
        assert_eq!(self.failures.load(Ordering::SeqCst), 0, "records that the broker refused");
    }
}

/// Counts what could not be delivered.
struct Deliveries {
    failures: Arc<AtomicU64>,
}

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.failures.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn store(message: &BorrowedMessage<'_>) -> Stored {
    let headers = message.headers().map(|headers| {
        let owned = headers.iter().map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec()));
        owned.collect()
    });
    Stored {
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis(),
        key: message.key().map(<[u8]>::to_vec),
        payload: message.payload().map(<[u8]>::to_vec),
        headers: headers.unwrap_or_default(),
        seen: Instant::now(),
    }
}

fn reader(base: &ClientConfig) -> ClientConfig {
    let mut config = base.clone();
    config
        .set("group.id", "test-reader")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", "read_committed")
        .set("fetch.wait.max.ms", "20")
        .set("fetch.queue.backoff.ms", "5");
    config
}

fn is_final(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{OffsetOutOfRange, TopicAuthorizationFailed, UnknownTopicOrPartition};
    matches!(code, OffsetOutOfRange | TopicAuthorizationFailed | UnknownTopicOrPartition)
}

/// The bytes of Kafka's own formats, read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn short(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn int(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.short()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }
}

/// The partitions in a member's assignment (version, then topics with their partitions).
fn assignment(bytes: &[u8]) -> Option<Vec<(String, i32)>> {
    let mut bytes = Bytes(bytes);
    bytes.short()?;
    let mut partitions = Vec::new();
    for _ in 0..bytes.int()? {
        let topic = bytes.string()?;
        for _ in 0..bytes.int()? {
            partitions.push((topic.to_owned(), bytes.int()?));
        }
    }
    partitions.sort();
    Some(partitions)
}

/// The group that a record of `__consumer_offsets` describes; keys of version 2 describe groups.
fn group_key(key: Option<&[u8]>) -> Option<&str> {
    let mut bytes = Bytes(key?);
    if bytes.short()? == 2 { bytes.string() } else { None }
}

/// The generation in a group's description (version, protocol type, generation).
fn generation(value: &[u8]) -> Option<i32> {
    let mut bytes = Bytes(value);
    bytes.short()?;
    bytes.string()?;
    bytes.int()
}

/// Runs a future to its end on this thread; the admin calls are the only futures here.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
