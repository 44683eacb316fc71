//! What the service costs: CPU time beside a consumer that only reads and counts the same topic, and beside a rival.
//!
//! All are processes of their own, take turns, and read the same generated events, of which 1 % hit one of
//! 1,000 phrase rules. What is compared is the CPU time of the process, librdkafka's or the JVM's threads included; the
//! yardstick uses the same batch call, librdkafka's cheapest. Every run's flags are read back and counted.

use super::site::{self, Service, Site, Usage};
use super::streams::Streams;
use super::{PARTITIONS, RULES};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::env;
use std::process::Command;
use std::time::{Duration, Instant};
use wardline::generate::Label;
use wardline::kafka::yardstick;

const ROUNDS: usize = 5;

/// What is compared, each with its median and its range.
const RATIOS: [&str; 4] = [
    "at-least-once ÷ read and count",
    "exactly-once ÷ read and count",
    "Kafka Streams ÷ exactly-once",
    "the same in the second half",
];

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

/// What a service did: its figures, and CPU seconds a record after about half of the records, when its start is behind
/// it, and a JVM is warm.
type Work = (Figures, f64);

struct Bench {
    site: Site,
    topic: String,
    events: u64,
    /// Events that hit a rule: the flags to be expected.
    flagged: usize,
    rival: Option<Streams>,
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
        let rival = Streams::built(&site);
        Self { site, topic, events, flagged, rival }
    }

    fn run(&self) {
        println!(
            "{} events in {PARTITIONS} partitions, {} flagged, {RULES} rules; ratio of CPU to reading and counting",
            self.events, self.flagged
        );
        println!("{:<16}{:>10}{:>12}{:>8}{:>10}", "", "kmsg/s", "CPU-s/M", "ratio", "peak MiB");
        let mut ratios = RATIOS.map(|what| (what, Vec::new()));
        for _ in 0..ROUNDS {
            for ((_, all), ratio) in ratios.iter_mut().zip(self.round()) {
                all.push(ratio);
            }
        }
        for (what, mut all) in ratios.into_iter().filter(|(_, all)| !all.is_empty()) {
            all.sort_by(f64::total_cmp);
            println!("{what}: median {:.2}, {:.2} to {:.2}", all[all.len() / 2], all[0], all[all.len() - 1]);
        }
    }

    /// Everybody's turn, and their [`RATIOS`].
    fn round(&self) -> Vec<f64> {
        let bare = self.count();
        self.show("read and count", &bare, &bare);
        let [(least, _), (exactly, exactly_later)] = ["at-least-once", "exactly-once"].map(|delivery| {
            let work = self.own(delivery);
            self.show(delivery, &work.0, &bare);
            work
        });
        let mut ratios = vec![least.usage.cpu / bare.usage.cpu, exactly.usage.cpu / bare.usage.cpu];
        if let Some(streams) = &self.rival {
            let (rival, rival_later) = self.rival(streams);
            self.show("Kafka Streams", &rival, &bare);
            ratios.extend([rival.usage.cpu / exactly.usage.cpu, rival_later / exactly_later]);
        }
        ratios
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn show(&self, name: &str, figures: &Figures, bare: &Figures) {
        let (millions, ratio) = (self.events as f64 / 1e6, figures.usage.cpu / bare.usage.cpu);
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
    fn own(&self, delivery: &str) -> Work {
        let begun = Instant::now();
        let service = self.site.start(&self.topic, delivery);
        self.finish(begun, service)
    }

    /// Runs the rival over the whole topic.
    fn rival(&self, streams: &Streams) -> Work {
        let begun = Instant::now();
        let service = streams.start(&self.site, &self.topic);
        self.finish(begun, service)
    }

    /// Waits until the last record is committed, which the broker is asked and costs the service nothing, and counts the flags.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn finish(&self, begun: Instant, mut service: Service) -> Work {
        let process = service.process();
        let member = site::member(&self.site.brokers, &service.group);
        // Records and CPU seconds when half of the records were committed.
        let mut half = (0, 0.0);
        service.until("the last record", || {
            let done = site::committed(&member, &self.topic);
            if half.0 == 0 && (self.events / 2..self.events).contains(&done) {
                half = (done, site::usage_of(&process).cpu);
            }
            done >= self.events
        });
        let wall = begun.elapsed().as_secs_f64();
        let flags = service.flags.clone();
        let usage = service.stop();
        assert_eq!(site::count(&self.site.brokers, &flags), self.flagged, "flags in {flags}");
        let second_half = (usage.cpu - half.1) / (self.events - half.0) as f64;
        (Figures { wall, usage }, second_half)
    }
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
    let record: BaseRecord<'_, (), [u8]> = BaseRecord::to(topic).partition(partition).payload(payload);
    site::hand_over(producer, record);
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
