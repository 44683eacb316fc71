//! Workers that correlate: how many hits one takes in a second, all that belongs to it included, and how long a million keys' windows
//! take to be restored.
//!
//! The hits are those of `benches/correlate`, on a topic as the match workers write it; a single worker folds them, exactly once. Flags
//! are counted, and must be as many as folding the same hits in this process yields. For the restore the topic of windows holds
//! ten versions of each key, ten million records, and is kept from being compacted.

use super::site::{self, Correlating, Service, Site};
use super::traffic::{self, Matching, Traffic};
use super::versions::{self, COPIES};
use super::{PARTITIONS, number};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{OutHit, Outcome, Settings};

const ROUNDS: usize = 3;
/// Most keys with a few events, and all keys with many, in a dozen windows.
const TRAFFIC: [(&str, Traffic); 2] = [
    ("few events a key", Traffic { senders: 200_000, words: 4, pace: 5_000 }),
    ("many events a key", Traffic { senders: 50_000, words: 16, pace: 5_000 }),
];
const PARTS: [u64; 3] = [0, 1, 2];
/// Events whose hits are written at a time.
const CHUNK: u64 = 10_000;

/// Measures both.
pub(super) fn measure(brokers: &str) {
    for (name, traffic) in TRAFFIC {
        throughput(brokers, (name, traffic), number("WARDLINE_BENCH_EVENTS", 750_000));
    }
    restore(brokers);
}

fn throughput(brokers: &str, (what, traffic): (&str, Traffic), events: u64) {
    let rules = traffic::rules(&PARTS);
    let site = Site::with_rules(brokers, &rules);
    let hits = format!("wardline.bench.hits.{}", site::new_name("correlate"));
    make(brokers, &hits, &[]);
    let (count, flags) = fill(brokers, &hits, (&rules, traffic), events);
    println!(
        "{what}: {count} hits in {PARTITIONS} partitions, {flags} flags, one worker, exactly once; of the second half"
    );
    for _ in 0..ROUNDS {
        let name = site::new_name("correlate");
        let topics = Correlating { hits: hits.clone(), windows: format!("{name}.windows") };
        let service = site.start_as("correlate", name, ("wardline.bench.none", &topics), "exactly-once");
        finish(&site, service, count, flags);
    }
}

/// Waits until all hits are committed, and prints what that took.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn finish(site: &Site, mut service: Service, count: u64, expected: usize) {
    let process = service.process();
    let now =
        |done: u64| (done, Instant::now(), site::usage_of(&process).cpu, site::busiest_thread(&process));
    let done = || site::metric("wardline_hits_read_total").unwrap_or(0);
    let mut half = None;
    let mut end = None;
    service.until("the last hit", || {
        let at = now(done());
        if at.0 >= count / 2 {
            half.get_or_insert(at);
        }
        end = Some(at);
        at.0 >= count
    });
    let (half, end) = half.zip(end).expect("both were reached");
    let flags = service.flags.clone();
    let usage = service.stop();
    assert_eq!(site::count(&site.brokers, &flags), expected, "flags in {flags}");
    let hits = (end.0 - half.0) as f64;
    println!(
        "{:>8.0} hits/s{:>8.2} CPU us a hit{:>8.2} of its busiest thread{:>6} MiB at most",
        hits / (end.1 - half.1).as_secs_f64(),
        (end.2 - half.2) * 1e6 / hits,
        (end.3 - half.3) * 1e6 / hits,
        usage.peak_mib
    );
}

/// Writes the hits of so many events; how many they are, and how many flags come of them.
fn fill(brokers: &str, topic: &str, (rules, traffic): (&str, Traffic), events: u64) -> (u64, usize) {
    let program = traffic::program(rules);
    let mut matching = Matching::new(Arc::clone(&program));
    let mut folder = Folder::new(program, Settings::default());
    let (mut outcome, mut count, mut flags) = (Outcome::default(), 0, 0);
    let producer = producer(brokers);
    for first in (0..events).step_by(usize::try_from(CHUNK).expect("small")) {
        for hit in matching.of(traffic, first..(first + CHUNK).min(events)) {
            site::hand_over(&producer, BaseRecord::to(topic).key(hit.key.bytes()).payload(&*hit.encode()));
            folder.fold(0, OutHit { record: 0, hit }, 0, &mut outcome).expect("windows of this version");
            count += 1;
        }
        flags += std::mem::take(&mut outcome.flags).len();
        folder.rest();
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_mins(2)).expect("the broker takes the hits");
    (count, flags)
}

fn restore(brokers: &str) {
    let site = Site::with_rules(brokers, &traffic::rules(&versions::PARTS));
    let name = site::new_name("restore");
    let topics = Correlating::of(&name);
    make(brokers, &topics.hits, &[]);
    make(brokers, &topics.windows, &[("cleanup.policy", "compact"), ("min.cleanable.dirty.ratio", "1.0")]);
    let (records, bytes) = fill_windows(brokers, &topics.windows);
    println!(
        "{records} records of windows, {} bytes on average, in {PARTITIONS} partitions",
        bytes / records
    );
    for _ in 0..ROUNDS {
        let name = site::new_name("restore");
        let mut service = site.start_as("correlate", name, ("wardline.bench.none", &topics), "exactly-once");
        let process = service.process();
        // It is ready without any partition, too.
        let told = service.told("windows restored");
        service.until("readiness", site::is_ready);
        let resident = site::resident_mib(&process);
        let usage = service.stop();
        assert!(told.contains(&records.to_string()), "records in {told}");
        println!(
            "{told}\n{:>8.1} CPU s{resident:>8} MiB resident{:>8} MiB at most",
            usage.cpu, usage.peak_mib
        );
    }
}

fn fill_windows(brokers: &str, topic: &str) -> (u64, u64) {
    let producer = producer(brokers);
    let (mut records, mut bytes) = (0, 0);
    versions::versions(|key, windows| {
        for number in 0..COPIES {
            let key = versions::copy(key, number);
            let mut record = BaseRecord::to(topic).key(&key[..]);
            record.payload = windows;
            site::hand_over(&producer, record);
            records += 1;
            bytes += (key.len() + windows.map_or(0, <[u8]>::len)) as u64;
        }
        producer.poll(Duration::ZERO);
    });
    producer.flush(Duration::from_mins(2)).expect("the broker takes the windows");
    (records, bytes)
}

/// One that writes as the service does, but for its transactions.
fn producer(brokers: &str) -> BaseProducer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("compression.type", "lz4").set("linger.ms", "20");
    config.set("partitioner", "murmur2_random").set("queue.buffering.max.kbytes", "262144");
    config.create().expect("a producer")
}

/// Creates a topic.
fn make(brokers: &str, topic: &str, properties: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create().expect("an admin client");
    let new = NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1));
    let new = properties.iter().fold(new, |new, (key, value)| new.set(key, value));
    let made = admin.create_topics([&new], &AdminOptions::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let made = runtime.block_on(made).expect("the broker answers");
    assert!(made.iter().all(Result::is_ok), "{made:?}");
}
