//! What the benchmarks on a real broker share: `wardline run` as a process of its own, with rules, topics and a
//! configuration, or a rival in its place, and readers of what they publish.

use super::{PARTITIONS, RULES, load};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, ToBytes};
use rdkafka::producer::{BaseProducer, BaseRecord};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fs, thread};
use wardline::kafka::settings::{Delivery, NewTopics, OutOfRange, Role, Settings, Start, Topics};
use wardline::kafka::topics::{self, Needs};

const WEB: &str = "127.0.0.1:19464";
/// Linux counts CPU time of processes in hundredths of a second, whatever the machine.
const TICKS: f64 = 100.0;

/// A name that no run had before.
pub(super) fn new_name(what: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    format!("wardline.bench.{what}.{now}")
}

/// The topic of the flags of a run.
pub(super) fn flags_of(name: &str) -> String {
    format!("{name}.flags")
}

/// An installation without its input.
pub(super) struct Site {
    pub(super) brokers: String,
    directory: tempfile::TempDir,
}

impl Site {
    pub(super) fn new(brokers: &str) -> Self {
        let load = load::load();
        let yaml: Vec<String> = (0..RULES).map(|index| load.yaml(index)).collect();
        Self::with_rules(brokers, &yaml.join("---\n"))
    }

    /// One with other rules.
    pub(super) fn with_rules(brokers: &str, yaml: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        fs::write(directory.path().join("rules.yml"), yaml).expect("rules are written");
        Self { brokers: brokers.to_owned(), directory }
    }

    /// Creates a topic that is missing.
    pub(super) fn create(&self, topic: &str) {
        topics::check(&settings(&self.brokers, topic, "setup"), Needs::matching(false))
            .expect("topics exist or are created");
    }

    /// Where files of a run go.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Starts the service on `input`, with a group and output topics of its own.
    pub(super) fn start(&self, input: &str, delivery: &str) -> Service {
        let name = new_name(delivery);
        let topics = Correlating::of(&name);
        self.start_as("all", name, (input, &topics), delivery)
    }

    /// Starts it in a role, under a name and on topics of hits and windows that may be there already.
    pub(super) fn start_as(
        &self,
        role: &str,
        name: String,
        (input, topics): (&str, &Correlating),
        delivery: &str,
    ) -> Service {
        let configuration = self.directory().join("bench.toml");
        fs::write(&configuration, self.configuration(&name, (input, topics), delivery)).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
        command.args(["run", "--role", role, "--config"]).arg(&configuration);
        self.launch(command, name)
    }

    /// Starts a program that reads as the group of that name and writes its flags to the topic of that name.
    pub(super) fn launch(&self, mut command: Command, name: String) -> Service {
        let log = self.directory().join("log");
        let file = fs::File::create(&log).expect("a log");
        command.stdout(file.try_clone().expect("a log")).stderr(file);
        let child = command.spawn().expect("the service starts");
        Service { child, flags: flags_of(&name), group: name, log }
    }

    fn configuration(&self, name: &str, (input, topics): (&str, &Correlating), delivery: &str) -> String {
        let Correlating { hits, windows } = topics;
        let (brokers, flags) = (&self.brokers, flags_of(name));
        let rules = self.directory().join("rules.yml");
        let rules = rules.display();
        format!(
            "[kafka]\nbrokers = [{brokers:?}]\ngroup = {name:?}\ninstance = \"bench\"\ndelivery = {delivery:?}\n\
             [topics]\ninput = {input:?}\nflags = {flags:?}\nshadow = \"{name}.shadow\"\n\
             dead_letters = \"{name}.dead\"\nhits = {hits:?}\nwindows = {windows:?}\ncreate = true\npartitions = {PARTITIONS}\n\
             [rules]\npaths = [\"{rules}\"]\nreload = false\n[workers]\ncount = 1\n[web]\nlisten = {WEB:?}\n\
             [log]\nlevel = \"info\"\n[limits]\nflags_per_minute = 0\n"
        )
    }
}

/// How often a condition is looked at. Some conditions are answered by `/metrics`, with several thousand lines for a
/// thousand rules: asked every few milliseconds, that took a third of what was measured.
const LOOK: Duration = Duration::from_millis(250);

/// Topics of correlations.
pub(super) struct Correlating {
    pub(super) hits: String,
    pub(super) windows: String,
}

impl Correlating {
    /// Those of a run.
    pub(super) fn of(name: &str) -> Self {
        Self { hits: format!("{name}.hits"), windows: format!("{name}.windows") }
    }
}

/// A running service.
pub(super) struct Service {
    child: Child,
    /// The topic of its flags.
    pub(super) flags: String,
    /// The consumer group that it is.
    pub(super) group: String,
    log: PathBuf,
}

/// What a process had used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    /// Seconds of CPU time, user and system.
    pub(super) cpu: f64,
    /// Greatest resident memory.
    pub(super) peak_mib: u64,
}

impl Service {
    /// Waits for a condition on what the service tells about itself.
    pub(super) fn until(&mut self, what: &str, mut reached: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_mins(5);
        while !reached() {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "the service ended: {}", self.log());
            assert!(Instant::now() < deadline, "the service does not reach {what}: {}", self.log());
            thread::sleep(LOOK);
        }
    }

    /// Waits for a line of its log that holds these words, and yields it.
    pub(super) fn told(&mut self, words: &str) -> String {
        let log = self.log.clone();
        let line = || {
            let log = fs::read_to_string(&log).ok()?;
            log.lines().find(|line| line.contains(words)).map(str::to_owned)
        };
        self.until(words, || line().is_some());
        line().unwrap_or_default()
    }

    /// What it has logged.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The process, as [`usage_of`] takes it.
    pub(super) fn process(&self) -> String {
        self.child.id().to_string()
    }

    /// Stops it, and gives what it had used just before its end: its last commit belongs to the work.
    pub(super) fn stop(mut self) -> Usage {
        let process = self.process();
        let stopped = Command::new("kill").args(["-TERM", &process]).status().expect("kill runs");
        assert!(stopped.success());
        let mut usage = Usage::default();
        loop {
            let now = usage_of(&process);
            usage.cpu = usage.cpu.max(now.cpu);
            usage.peak_mib = usage.peak_mib.max(now.peak_mib);
            if let Some(status) = self.child.try_wait().expect("a child") {
                assert!(status.success(), "the service ended with {status}");
                return usage;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Clients' settings, for what the benchmarks do themselves.
pub(super) fn settings(brokers: &str, topic: &str, name: &str) -> Settings {
    Settings {
        brokers: vec![brokers.to_owned()],
        role: Role::Match,
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
        max_windows: 1_000_000,
        topics: Topics {
            input: topic.to_owned(),
            flags: topic.to_owned(),
            shadow: topic.to_owned(),
            dead_letters: topic.to_owned(),
            hits: topic.to_owned(),
            windows: topic.to_owned(),
        },
        hits: false,
        create: Some(NewTopics { partitions: Some(PARTITIONS), replication: Some(1) }),
        properties: BTreeMap::new(),
        consumer_properties: BTreeMap::new(),
        producer_properties: BTreeMap::new(),
    }
}

/// A reader of committed records; reports the end of a partition.
pub(super) fn reader(brokers: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("group.id", "wardline.bench.reader");
    config.set("isolation.level", "read_committed").set("enable.partition.eof", "true");
    config.set("enable.auto.commit", "false").create().expect("a consumer")
}

/// Reads a topic from its start.
pub(super) fn read_from_start(reader: &BaseConsumer, topic: &str) {
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning).expect("a partition");
    }
    reader.assign(&list).expect("assigned");
}

/// Counts the committed records of a topic.
pub(super) fn count(brokers: &str, topic: &str) -> usize {
    let reader = reader(brokers);
    read_from_start(&reader, topic);
    let (mut records, mut ended) = (0, 0);
    while ended < PARTITIONS {
        match next(&reader, topic, Duration::from_secs(30)) {
            Read::Message(_) => records += 1,
            Read::End => ended += 1,
            Read::Nothing => panic!("{topic} is not read to its end"),
        }
    }
    records
}

/// Hands a record to a producer, waiting for room.
pub(super) fn hand_over<K: ToBytes + ?Sized>(producer: &BaseProducer, mut record: BaseRecord<'_, K, [u8]>) {
    while let Err((error, rejected)) = producer.send(record) {
        assert!(matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)), "{error}");
        producer.poll(Duration::from_millis(10));
        record = rejected;
    }
}

/// What a reader got.
pub(super) enum Read<'r> {
    Message(BorrowedMessage<'r>),
    /// The end of a partition.
    End,
    /// Nothing in time.
    Nothing,
}

/// Waits for a message.
pub(super) fn next<'r>(reader: &'r BaseConsumer, topic: &str, wait: Duration) -> Read<'r> {
    match reader.poll(wait) {
        None => Read::Nothing,
        Some(Ok(message)) => Read::Message(message),
        Some(Err(KafkaError::PartitionEOF(_))) => Read::End,
        Some(Err(error)) => panic!("reading {topic}: {error}"),
    }
}

/// What asks for the offsets that a group has committed.
pub(super) fn member(brokers: &str, group: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("group.id", group).create().expect("a consumer")
}

/// How many records of a topic the group has committed.
pub(super) fn committed(member: &BaseConsumer, topic: &str) -> u64 {
    let mut list = TopicPartitionList::new();
    list.add_partition_range(topic, 0, PARTITIONS - 1);
    let offsets = member.committed_offsets(list, Duration::from_secs(10)).expect("the broker answers");
    offsets.elements().iter().filter_map(|one| u64::try_from(one.offset().to_raw()?).ok()).sum()
}

/// A counter of the service, once it serves it.
pub(super) fn metric(name: &str) -> Option<u64> {
    let (_, body) = get("/metrics")?;
    body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// True once the service says that it is ready.
pub(super) fn is_ready() -> bool {
    get("/readyz").is_some_and(|(head, _)| head.contains(" 200 "))
}

fn get(path: &str) -> Option<(String, String)> {
    let mut stream = TcpStream::connect(WEB).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.to_owned(), body.to_owned()))
}

/// What a process has used so far; `self` is this one.
pub(super) fn usage_of(process: &str) -> Usage {
    Usage { cpu: cpu_seconds(process), peak_mib: peak_mib(process) }
}

/// CPU seconds of the busiest thread of a process.
pub(super) fn busiest_thread(process: &str) -> f64 {
    let threads = fs::read_dir(Path::new("/proc").join(process).join("task")).into_iter().flatten().flatten();
    threads.map(|thread| ticks_of(&thread.path().join("stat"))).fold(0.0, f64::max)
}

fn cpu_seconds(process: &str) -> f64 {
    ticks_of(&Path::new("/proc").join(process).join("stat"))
}

fn ticks_of(stat: &Path) -> f64 {
    let Ok(stat) = fs::read_to_string(stat) else { return 0.0 };
    // The command's name, in parentheses, may hold spaces.
    let Some((_, rest)) = stat.rsplit_once(')') else { return 0.0 };
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS
}

fn peak_mib(process: &str) -> u64 {
    memory_mib(process, "VmHWM:")
}

/// Resident memory of a process.
pub(super) fn resident_mib(process: &str) -> u64 {
    memory_mib(process, "VmRSS:")
}

fn memory_mib(process: &str, what: &str) -> u64 {
    let status = fs::read_to_string(Path::new("/proc").join(process).join("status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
