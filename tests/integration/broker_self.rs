//! The harness itself: a broker that starts, keeps its data over a crash, and a reader that sees what is
//! committed. Were this wrong, every other test on a broker would prove nothing.

use super::broker::{Broker, Input};
use super::wait;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::Duration;

fn input(partition: i32, payload: &str) -> Input {
    Input {
        partition,
        key: Some(b"key".to_vec()),
        payload: Some(payload.into()),
        timestamp: Some(1_700_000_000_000),
        headers: vec![("kind".to_owned(), b"test".to_vec())],
    }
}

#[test]
fn records_come_back_as_written_and_survive_a_crash() {
    let mut broker = Broker::start();
    let client = broker.client();
    client.create_topic("plain", 2, &[]);
    client.produce("plain", &[input(0, "a"), input(1, "b"), input(0, "c")]);
    broker.kill();
    broker.restart();
    let read = broker.client().read("plain");
    let seen: Vec<_> = read.iter().map(|r| (r.partition, r.offset, r.payload.clone().unwrap())).collect();
    assert_eq!(seen, [(0, 0, b"a".to_vec()), (0, 1, b"c".to_vec()), (1, 0, b"b".to_vec())]);
    assert_eq!(read[0].header("kind"), Some("test"));
    assert_eq!(read[0].timestamp, Some(1_700_000_000_000));
    assert_eq!(read[0].key.as_deref(), Some(&b"key"[..]));
}

#[test]
fn a_reader_sees_committed_records_only() {
    let broker = Broker::shared();
    let client = broker.client();
    client.create_topic("harness.transactions", 1, &[]);
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.address()).set("transactional.id", "harness");
    let producer: BaseProducer = config.create().unwrap();
    let limit = Duration::from_secs(30);
    producer.init_transactions(limit).unwrap();
    for (payload, commit) in [("first", true), ("hidden", false), ("second", true), ("hidden too", false)] {
        producer.begin_transaction().unwrap();
        producer.send(BaseRecord::<(), str>::to("harness.transactions").payload(payload)).unwrap();
        producer.flush(limit).unwrap();
        if commit { producer.commit_transaction(limit) } else { producer.abort_transaction(limit) }.unwrap();
    }
    let read = client.read("harness.transactions");
    let seen: Vec<_> = read.iter().map(|record| record.payload.as_deref().unwrap()).collect();
    assert_eq!(seen, [&b"first"[..], b"second"]);
}

#[test]
fn a_group_shows_its_members_offsets_and_generation() {
    use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
    let broker = Broker::shared();
    let client = broker.client();
    client.create_topic("harness.group", 2, &[]);
    client.produce("harness.group", &[input(0, "a"), input(1, "b")]);
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", broker.address())
        .set("group.id", "harness")
        .set("client.id", "member")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false");
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&["harness.group"]).unwrap();
    let mut read = 0;
    wait::until_true("both records", Duration::from_secs(30), || {
        read += usize::from(consumer.poll(Duration::ZERO).is_some_and(|message| message.is_ok()));
        read == 2
    });
    consumer.commit_consumer_state(CommitMode::Sync).unwrap();
    client.await_consumed("harness", "harness.group", Duration::from_secs(10));
    let members = client.await_members("harness", 1, Duration::from_secs(10));
    assert_eq!(members[0].client, "member");
    let both = ["harness.group"; 2].map(str::to_owned).into_iter().zip([0, 1]);
    assert_eq!(members[0].partitions, both.collect::<Vec<_>>());
    assert_eq!(client.generation("harness"), Some(1));
}
