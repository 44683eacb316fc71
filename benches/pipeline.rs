//! The pipeline: `wardline run` on a real broker beside a consumer that only reads and counts the same topic.
//!
//! Both are processes of their own, take turns, and read the same generated events, of which 1 % hit one of
//! 1,000 phrase rules. What is compared is the CPU time of the process, librdkafka's threads included; the
//! yardstick uses the same batch call, librdkafka's cheapest. Every run's flags are read back and counted.
//!
//! `WARDLINE_BENCH_BROKERS=host:port cargo bench --bench pipeline`; `WARDLINE_BENCH_EVENTS` sets how many
//! events (default 2,000,000). It creates topics `wardline.bench.…` and leaves them. See `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark sets up processes, prints what it measures, and ends if it cannot"
)]

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};
use wardline::generate::{Generator, Label, LoadRules, LoadTraffic, Settings as Traffic};
use wardline::kafka::settings::{Delivery, NewTopics, OutOfRange, Settings, Start, Topics};
use wardline::kafka::{topics, yardstick};

const RULES: u32 = 1_000;
const SEED: u64 = 11;
const PARTITIONS: i32 = 4;
const ROUNDS: usize = 3;
const WEB: &str = "127.0.0.1:19464";
/// Linux counts CPU time of processes in hundredths of a second, whatever the machine.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, command, brokers, topic, events] = arguments.as_slice()
        && command == "count"
    {
        return count(brokers, topic, events.parse().expect("a number of events"));
    }
    let Ok(brokers) = env::var("WARDLINE_BENCH_BROKERS") else {
        println!("pipeline: skipped; set WARDLINE_BENCH_BROKERS=host:port of an Apache Kafka to run it");
        return;
    };
    let events = env::var("WARDLINE_BENCH_EVENTS").map_or(2_000_000, |n| n.parse().expect("a number"));
    let bench = Bench::prepare(&brokers, events);
    bench.run();
}

/// The child that only reads and counts; prints its own time, CPU time and peak memory.
fn count(brokers: &str, topic: &str, events: u64) {
    let settings = settings(brokers, topic, "yardstick");
    let begun = Instant::now();
    let counted = yardstick::count(&settings, PARTITIONS, events).expect("the topic can be read");
    assert_eq!(counted.records, events, "records read");
    println!("{} {} {}", begun.elapsed().as_secs_f64(), cpu_seconds("self"), peak_mib("self"));
}

/// One run's figures.
struct Figures {
    wall: f64,
    cpu: f64,
    peak_mib: u64,
}

struct Bench {
    brokers: String,
    topic: String,
    events: u64,
    /// Events that hit a rule: the flags to be expected.
    flagged: usize,
    directory: tempfile::TempDir,
}

impl Bench {
    /// Writes the rules, and the events unless the topic already holds them.
    fn prepare(brokers: &str, events: u64) -> Self {
        let topic = format!("wardline.bench.{events}");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let rules = LoadRules::new(RULES, SEED).expect("within bounds");
        let yaml: Vec<String> = (0..RULES).map(|index| rules.yaml(index)).collect();
        fs::write(directory.path().join("rules.yml"), yaml.join("---\n")).expect("rules are written");
        topics::check(&settings(brokers, &topic, "setup")).expect("topics exist or are created");
        let held: i64 = ends(brokers, &topic).values().sum();
        assert!(held == 0 || held == events.cast_signed(), "{topic} holds {held} records; delete it");
        let flagged = fill(brokers, &topic, events, rules, held == 0);
        Self { brokers: brokers.to_owned(), topic, events, flagged, directory }
    }

    fn run(&self) {
        println!(
            "{} events in {PARTITIONS} partitions, {} flagged, {RULES} rules",
            self.events, self.flagged
        );
        println!("{:<16}{:>10}{:>12}{:>8}{:>10}", "", "kmsg/s", "CPU-s/M", "ratio", "peak MiB");
        for _ in 0..ROUNDS {
            let bare = self.count();
            self.show("read and count", &bare, &bare);
            for delivery in ["at-least-once", "exactly-once"] {
                self.show(delivery, &self.work(delivery), &bare);
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn show(&self, name: &str, figures: &Figures, bare: &Figures) {
        let millions = self.events as f64 / 1e6;
        println!(
            "{name:<16}{:>10.0}{:>12.3}{:>8.2}{:>10}",
            millions * 1e3 / figures.wall,
            figures.cpu / millions,
            figures.cpu / bare.cpu,
            figures.peak_mib
        );
    }

    fn count(&self) -> Figures {
        let own = env::current_exe().expect("this program has a path");
        let mut command = Command::new(own);
        command.arg("count").args([&self.brokers, &self.topic, &self.events.to_string()]);
        let output = command.output().expect("the yardstick runs");
        let printed = String::from_utf8(output.stdout).expect("figures");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let figures: Vec<&str> = printed.split_whitespace().collect();
        let figure = |index: usize| figures[index].parse().expect("a figure");
        let peak_mib = figures[2].parse().expect("a figure");
        Figures { wall: figure(0), cpu: figure(1), peak_mib }
    }

    /// Runs the service over the whole topic, in a group and with output topics of its own.
    fn work(&self, delivery: &str) -> Figures {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        let name = format!("wardline.bench.{delivery}.{now}");
        let configuration = self.directory.path().join("bench.toml");
        fs::write(&configuration, self.configuration(&name, delivery)).expect("written");
        let begun = Instant::now();
        let log = fs::File::create(self.directory.path().join("log")).expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
        command.arg("run").arg("--config").arg(&configuration).stderr(log);
        let mut child = command.stdout(Stdio::null()).spawn().expect("the service starts");
        self.await_records(&mut child);
        let wall = begun.elapsed().as_secs_f64();
        let process = child.id().to_string();
        let stopped = Command::new("kill").args(["-TERM", &process]).status().expect("kill runs");
        assert!(stopped.success());
        // After the signal: the last commit belongs to the work.
        let figures = await_end(&mut child, wall);
        assert_eq!(read(&self.brokers, &format!("{name}.flags")), self.flagged, "flags of {name}");
        figures
    }

    fn configuration(&self, name: &str, delivery: &str) -> String {
        let (brokers, topic) = (&self.brokers, &self.topic);
        let rules = self.directory.path().join("rules.yml");
        let rules = rules.display();
        format!(
            "[kafka]\nbrokers = [{brokers:?}]\ngroup = {name:?}\ninstance = \"bench\"\ndelivery = {delivery:?}\n\
             [topics]\ninput = {topic:?}\nflags = \"{name}.flags\"\nshadow = \"{name}.shadow\"\n\
             dead_letters = \"{name}.dead\"\ncreate = true\npartitions = {PARTITIONS}\n\
             [rules]\npaths = [\"{rules}\"]\nreload = false\n[web]\nlisten = {WEB:?}\n[log]\nlevel = \"warn\"\n\
             [limits]\nflags_per_minute = 0\n"
        )
    }

    fn await_records(&self, child: &mut Child) {
        let deadline = Instant::now() + Duration::from_mins(5);
        while metric("wardline_input_records_total").is_none_or(|records| records < self.events) {
            let ended = child.try_wait().expect("a child");
            let log = || fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
            assert!(ended.is_none(), "the service ended: {}", log());
            assert!(Instant::now() < deadline, "the service does not get through: {}", log());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Waits for the end of the service, and gives what it had used just before it.
fn await_end(child: &mut Child, wall: f64) -> Figures {
    let process = child.id().to_string();
    let mut figures = Figures { wall, cpu: 0.0, peak_mib: 0 };
    loop {
        let (cpu, peak) = (cpu_seconds(&process), peak_mib(&process));
        figures.cpu = figures.cpu.max(cpu);
        figures.peak_mib = figures.peak_mib.max(peak);
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success(), "the service ended with {status}");
            return figures;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn settings(brokers: &str, topic: &str, name: &str) -> Settings {
    Settings {
        brokers: vec![brokers.to_owned()],
        group: format!("wardline.bench.{name}"),
        instance: "bench".to_owned(),
        delivery: Delivery::AtLeastOnce,
        start: Start::Earliest,
        out_of_range: OutOfRange::Fail,
        static_members: false,
        leave_on_stop: true,
        session_timeout: Duration::from_secs(6),
        transaction_timeout: Duration::from_secs(30),
        message_timeout: Duration::from_secs(28),
        request_timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(30),
        watchdog: Duration::from_secs(45),
        batch: 1_000,
        max_message: 1_000_000,
        topics: Topics {
            input: topic.to_owned(),
            flags: topic.to_owned(),
            shadow: topic.to_owned(),
            dead_letters: topic.to_owned(),
        },
        create: Some(NewTopics { partitions: Some(PARTITIONS), replication: Some(1) }),
        properties: BTreeMap::new(),
        consumer_properties: BTreeMap::new(),
        producer_properties: BTreeMap::new(),
    }
}

/// Generates the events, writes them if `write`, and counts those that hit a rule.
fn fill(brokers: &str, topic: &str, events: u64, rules: LoadRules, write: bool) -> usize {
    let load = Some(LoadTraffic { rules, share: 0.01 });
    let traffic = Traffic { seed: SEED, flagged: 0.0, bad: 0.0, load, ..Traffic::default() };
    let mut generator = Generator::new(&traffic).expect("within bounds");
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("compression.type", "lz4").set("linger.ms", "20");
    let producer: BaseProducer = config.create().expect("a producer");
    let (mut flagged, mut payload) = (0, Vec::new());
    for index in 0..events {
        payload.clear();
        flagged += usize::from(matches!(generator.next_into(&mut payload).label, Label::Load(_)));
        if write {
            send(
                &producer,
                topic,
                i32::try_from(index % u64::from(PARTITIONS.unsigned_abs())).unwrap_or(0),
                &payload,
            );
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

fn reader(brokers: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("group.id", "wardline.bench.reader");
    config.set("isolation.level", "read_committed").set("enable.partition.eof", "true");
    config.set("enable.auto.commit", "false").create().expect("a consumer")
}

fn ends(brokers: &str, topic: &str) -> BTreeMap<i32, i64> {
    let reader = reader(brokers);
    let end = |partition| {
        let (_, end) = reader.fetch_watermarks(topic, partition, Duration::from_secs(30)).expect("an end");
        (partition, end)
    };
    (0..PARTITIONS).map(end).collect()
}

/// Counts the committed records of a topic.
fn read(brokers: &str, topic: &str) -> usize {
    let reader = reader(brokers);
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning).expect("a partition");
    }
    reader.assign(&list).expect("assigned");
    let (mut records, mut ended) = (0, 0);
    while ended < PARTITIONS {
        match reader.poll(Duration::from_secs(30)).expect("records or the end") {
            Ok(_) => records += 1,
            Err(KafkaError::PartitionEOF(_)) => ended += 1,
            Err(error) => panic!("reading {topic}: {error}"),
        }
    }
    records
}

/// A counter of the service, once it serves it.
fn metric(name: &str) -> Option<u64> {
    let mut stream = TcpStream::connect(WEB).ok()?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())?;
    Some(line)
}

/// CPU time of a process so far, user and system.
fn cpu_seconds(process: &str) -> f64 {
    let Ok(stat) = fs::read_to_string(Path::new("/proc").join(process).join("stat")) else { return 0.0 };
    // The command's name, in parentheses, may hold spaces.
    let Some((_, rest)) = stat.rsplit_once(')') else { return 0.0 };
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS
}

/// Greatest resident memory of a process so far.
fn peak_mib(process: &str) -> u64 {
    let status = fs::read_to_string(Path::new("/proc").join(process).join("status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
