//! What the service costs: CPU time beside a consumer that only reads and counts the same topic.
//!
//! Both are processes of their own, take turns, and read the same generated events, of which 1 % hit one of
//! 1,000 phrase rules. What is compared is the CPU time of the process, librdkafka's threads included; the
//! yardstick uses the same batch call, librdkafka's cheapest. Every run's flags are read back and counted.

use super::site::{self, Read, Site, Usage};
use super::{PARTITIONS, RULES};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::env;
use std::process::Command;
use std::time::{Duration, Instant};
use wardline::generate::Label;
use wardline::kafka::yardstick;

const ROUNDS: usize = 5;

/// The argument that makes this program the yardstick.
pub(super) const COUNT: &str = "count";

/// Measures over `events` events and prints the figures.
pub(super) fn measure(brokers: &str, events: u64) {
    Bench::prepare(brokers, events).run();
}

/// The child that only reads and counts; prints its own time, CPU time and peak memory.
pub(super) fn count(brokers: &str, topic: &str, events: u64) {
    let settings = site::settings(brokers, topic, "yardstick");
    let begun = Instant::now();
    let counted = yardstick::count(&settings, PARTITIONS, events).expect("the topic can be read");
    assert_eq!(counted.records, events, "records read");
    let Usage { cpu, peak_mib } = site::usage_of("self");
    println!("{} {cpu} {peak_mib}", begun.elapsed().as_secs_f64());
}

/// One run's figures.
struct Figures {
    wall: f64,
    usage: Usage,
}

struct Bench {
    site: Site,
    topic: String,
    events: u64,
    /// Events that hit a rule: the flags to be expected.
    flagged: usize,
}

impl Bench {
    /// Writes the events, unless the topic already holds them.
    fn prepare(brokers: &str, events: u64) -> Self {
        let topic = format!("wardline.bench.{events}");
        let site = Site::new(brokers);
        site.create(&topic);
        let held: i64 = ends(brokers, &topic).sum();
        assert!(held == 0 || held == events.cast_signed(), "{topic} holds {held} records; delete it");
        let flagged = fill(brokers, &topic, events, held == 0);
        Self { site, topic, events, flagged }
    }

    fn run(&self) {
        println!(
            "{} events in {PARTITIONS} partitions, {} flagged, {RULES} rules; ratio of CPU to reading and counting",
            self.events, self.flagged
        );
        println!("{:<16}{:>10}{:>12}{:>8}{:>10}", "", "kmsg/s", "CPU-s/M", "ratio", "peak MiB");
        let mut ratios = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            let bare = self.count();
            self.show("read and count", &bare, 1.0);
            for (delivery, ratios) in ["at-least-once", "exactly-once"].into_iter().zip(&mut ratios) {
                let figures = self.work(delivery);
                let ratio = figures.usage.cpu / bare.usage.cpu;
                self.show(delivery, &figures, ratio);
                ratios.push(ratio);
            }
        }
        let [least, exactly] = ratios.map(median);
        println!("median ratios: at-least-once {least:.2}, exactly-once {exactly:.2}");
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn show(&self, name: &str, figures: &Figures, ratio: f64) {
        let millions = self.events as f64 / 1e6;
        println!(
            "{name:<16}{:>10.0}{:>12.3}{ratio:>8.2}{:>10}",
            millions * 1e3 / figures.wall,
            figures.usage.cpu / millions,
            figures.usage.peak_mib
        );
    }

    fn count(&self) -> Figures {
        let own = env::current_exe().expect("this program has a path");
        let mut command = Command::new(own);
        command.arg(COUNT).args([&self.site.brokers, &self.topic, &self.events.to_string()]);
        let output = command.output().expect("the yardstick runs");
        let printed = String::from_utf8(output.stdout).expect("figures");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let figures: Vec<&str> = printed.split_whitespace().collect();
        let figure = |index: usize| figures[index].parse().expect("a figure");
        let peak_mib = figures[2].parse().expect("a figure");
        Figures { wall: figure(0), usage: Usage { cpu: figure(1), peak_mib } }
    }

    /// Runs the service over the whole topic.
    fn work(&self, delivery: &str) -> Figures {
        let begun = Instant::now();
        let mut service = self.site.start(&self.topic, delivery);
        service.until("the last record", || {
            site::metric("wardline_input_records_total").is_some_and(|records| records >= self.events)
        });
        let wall = begun.elapsed().as_secs_f64();
        let flags = service.flags.clone();
        let usage = service.stop();
        assert_eq!(read(&self.site.brokers, &flags), self.flagged, "flags in {flags}");
        Figures { wall, usage }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Generates the events, writes them if `write`, and counts those that hit a rule.
fn fill(brokers: &str, topic: &str, events: u64, write: bool) -> usize {
    let mut generator = site::traffic();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("compression.type", "lz4").set("linger.ms", "20");
    let producer: BaseProducer = config.create().expect("a producer");
    let (mut flagged, mut payload) = (0, Vec::new());
    for (partition, _) in (0..PARTITIONS).cycle().zip(0..events) {
        payload.clear();
        flagged += usize::from(matches!(generator.next_into(&mut payload).label, Label::Load(_)));
        if write {
            send(&producer, topic, partition, &payload);
        }
    }
    producer.flush(Duration::from_mins(2)).expect("the broker takes the events");
    flagged
}

fn send(producer: &BaseProducer, topic: &str, partition: i32, payload: &[u8]) {
    let mut record: BaseRecord<'_, (), [u8]> = BaseRecord::to(topic).partition(partition).payload(payload);
    while let Err((error, rejected)) = producer.send(record) {
        assert!(matches!(error, KafkaError::MessageProduction(rdkafka::types::RDKafkaErrorCode::QueueFull)));
        producer.poll(Duration::from_millis(10));
        record = rejected;
    }
}

fn ends(brokers: &str, topic: &str) -> impl Iterator<Item = i64> {
    let reader = site::reader(brokers);
    (0..PARTITIONS).map(move |partition| end(&reader, topic, partition))
}

/// The end of a partition. One that was made just now has no leader yet, so it is asked for until it has.
fn end(reader: &BaseConsumer, topic: &str, partition: i32) -> i64 {
    const PATIENCE: Duration = Duration::from_secs(30);
    let begun = Instant::now();
    loop {
        match reader.fetch_watermarks(topic, partition, PATIENCE) {
            Ok((_, end)) => return end,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "the end of a partition: {error}"),
        }
        drop(reader.poll(Duration::from_millis(100)));
    }
}

/// Counts the committed records of a topic.
fn read(brokers: &str, topic: &str) -> usize {
    let reader = site::reader(brokers);
    site::read_from_start(&reader, topic);
    let (mut records, mut ended) = (0, 0);
    while ended < PARTITIONS {
        match site::next(&reader, topic, Duration::from_secs(30)) {
            Read::Message(_) => records += 1,
            Read::End => ended += 1,
            Read::Nothing => panic!("{topic} is not read to its end"),
        }
    }
    records
}
