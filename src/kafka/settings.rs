//! What the Kafka shell has to know, as plain values, and the client properties that follow from it.
//!
//! Properties of librdkafka pass through, so that whatever a cluster asks for (TLS, SASL, proxies, buffer
//! sizes) can be set without our knowing it. Those on which delivery depends are ours, and the configuration
//! refuses them with their place: a well-meant `enable.auto.commit` would lose flags silently.

pub use crate::worker::Role;

use rdkafka::config::ClientConfig;
use std::collections::BTreeMap;
use std::time::Duration;

/// What to publish once and only once, or possibly twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Messages and consumed offsets commit in one transaction.
    ExactlyOnce,
    /// Offsets are committed after the messages are acknowledged; a crash repeats some messages.
    AtLeastOnce,
}

/// Where a partition begins that the group has never committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the oldest record.
    Earliest,
    /// At the next record to arrive.
    Latest,
    /// At the first record with at least this time stamp, in milliseconds since the epoch.
    Time(i64),
}

/// What to do when the offset to read no longer exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfRange {
    /// Stop, and say what is missing.
    Fail,
    /// Go on at the oldest record that is left, loudly.
    Continue,
}

/// Names of the topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// What is read: events, or by those who correlate the hits.
    pub input: String,
    /// Flags for reviewers.
    pub flags: String,
    /// Flags of shadow rules, and what the flood guard holds back.
    pub shadow: String,
    /// Records that could not be decoded.
    pub dead_letters: String,
    /// What events contribute to windows.
    pub hits: String,
    /// The windows, compacted.
    pub windows: String,
}

/// Shape of topics that are created; none of a figure means the cluster's own default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTopics {
    /// Number of partitions.
    pub partitions: Option<i32>,
    /// Number of replicas.
    pub replication: Option<i32>,
}

/// Between the names in a transactional id, and so in neither, which the configuration sees to: else groups whose
/// names begin alike could make the same id and fence each other.
const SEPARATOR: char = ':';

/// All that the Kafka shell has to know. Not to be shown as a whole: properties hold passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Brokers to ask first, `host:port`.
    pub brokers: Vec<String>,
    /// What the workers do, and so by which names they go and whether they have a state to come back to.
    pub role: Role,
    /// Consumer group.
    pub group: String,
    /// Name of this process, unique in its group and the same after a restart.
    pub instance: String,
    /// Exactly once or at least once.
    pub delivery: Delivery,
    /// Where partitions begin that were never committed.
    pub start: Start,
    /// What to do when the offset to read no longer exists.
    pub out_of_range: OutOfRange,
    /// Whether members are static, that is, known to the group by name across restarts.
    pub static_members: bool,
    /// Whether a stop gives up the membership.
    pub leave_on_stop: bool,
    /// How long the group waits for a silent member.
    pub session_timeout: Duration,
    /// How long a transaction may stay open.
    pub transaction_timeout: Duration,
    /// How long a message may wait for its delivery; less than the former.
    pub message_timeout: Duration,
    /// Bound of one request.
    pub request_timeout: Duration,
    /// How long to try to reach the cluster at the start.
    pub connect_timeout: Duration,
    /// How long one call may take before the process is ended.
    pub watchdog: Duration,
    /// Records that a worker takes at once.
    pub batch: usize,
    /// Greatest size in bytes of a message that is published, its headers and key included.
    pub max_message: usize,
    /// The same of a key's windows, which no limit of flags makes smaller.
    pub max_windows: usize,
    /// Topics.
    pub topics: Topics,
    /// Whether hits are published. A process that began without correlations has not looked at their topic, which may not
    /// even exist: it drops the hits of those that a reload brings.
    pub hits: bool,
    /// Shape of topics to create where they are missing; none: missing topics are an error.
    pub create: Option<NewTopics>,
    /// Properties for all clients.
    pub properties: BTreeMap<String, String>,
    /// Properties for consumers; win over those for all.
    pub consumer_properties: BTreeMap<String, String>,
    /// Properties for producers; win over those for all.
    pub producer_properties: BTreeMap<String, String>,
}

impl Settings {
    /// The same for workers of the process that correlate, in a group of their own. They begin at the oldest hit that
    /// nobody has folded, whatever is configured for events.
    #[must_use]
    pub fn correlating(&self, group: String) -> Self {
        let topics = Topics { input: self.topics.hits.clone(), ..self.topics.clone() };
        Self { role: Role::Correlate, group, start: Start::Earliest, topics, ..self.clone() }
    }

    /// The name of a worker's member and, with the group's, of its transactions. By its number in its role: whether both
    /// roles share a process changes no name.
    fn member(&self, number: usize) -> String {
        match self.role {
            Role::Match => format!("{}-{number}", self.instance),
            Role::Correlate => format!("{}-{}-{number}", self.instance, self.role.name()),
        }
    }

    /// Properties of a client that only asks and creates, such as the check of topics.
    pub(super) fn admin(&self) -> ClientConfig {
        let mut config = self.client(&format!("{}-admin", self.instance));
        extend(&mut config, &self.properties);
        config
    }

    fn client(&self, name: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.brokers.join(","));
        config.set("client.id", format!("wardline-{name}"));
        // Small requests wait for nothing: a flag's way is latency, not throughput.
        config.set("socket.nagle.disable", "true");
        config
    }

    /// Properties of the consumer of a worker, by its number in its role.
    pub(super) fn consumer(&self, number: usize) -> ClientConfig {
        let mut config = self.reader(&self.member(number));
        if self.static_members {
            config.set("group.instance.id", self.member(number));
        }
        // Every start is a numeric offset that we chose; a reset behind our back would skip or repeat.
        config.set("auto.offset.reset", "error");
        config.set("enable.partition.eof", "false");
        config.set("partition.assignment.strategy", "cooperative-sticky");
        let third = (self.session_timeout / 3).min(Duration::from_secs(3));
        config.set("heartbeat.interval.ms", millis(third));
        self.passed_through(config)
    }

    /// Properties of the consumer that reads what is kept of partitions that come to a worker. It joins nothing: the
    /// client merely wants a group, and this is one that it may ask about.
    pub(super) fn archive(&self, number: usize) -> ClientConfig {
        let mut config = self.reader(&format!("{}-archive", self.member(number)));
        // The oldest record that is left is where all that is kept begins.
        config.set("auto.offset.reset", "earliest");
        config.set("enable.partition.eof", "true");
        // That the end is reached is told by a fetch in vain.
        config.set("fetch.wait.max.ms", "10");
        self.passed_through(config)
    }

    /// Properties of the consumer that reads a topic's past. It joins nothing, either.
    pub(super) fn history(&self) -> ClientConfig {
        let mut config = self.reader(&format!("{}-history", self.instance));
        config.set("auto.offset.reset", "earliest");
        config.set("enable.partition.eof", "true");
        self.passed_through(config)
    }

    /// The same for the client that asks where partitions end, open transactions included. It reads nothing, and so needs
    /// not even a group.
    pub(super) fn ends(&self, number: usize) -> ClientConfig {
        let mut config = self.reader(&format!("{}-ends", self.member(number)));
        config.remove("group.id");
        config.set("isolation.level", "read_uncommitted");
        self.passed_through(config)
    }

    fn passed_through(&self, mut config: ClientConfig) -> ClientConfig {
        extend(&mut config, &self.properties);
        extend(&mut config, &self.consumer_properties);
        config
    }

    fn reader(&self, name: &str) -> ClientConfig {
        let mut config = self.client(name);
        config.set("group.id", &self.group);
        config.set("enable.auto.commit", "false");
        config.set("enable.auto.offset.store", "false");
        // Also what makes the committed offset wait for a transaction that is still open.
        config.set("isolation.level", "read_committed");
        config.set("allow.auto.create.topics", "false");
        // The default of a second stalls the fetcher that long whenever we are slower than it.
        config.set("fetch.queue.backoff.ms", "5");
        // A fetch that waits at the end of a partition keeps the broker's connection, and a partition that
        // was just assigned or rewound waits behind it; the default lets it wait for half a second.
        config.set("fetch.wait.max.ms", "100");
        // Off in the client; without it a damaged record would be read as it is.
        config.set("check.crcs", "true");
        // Also of those that join nothing: the client compares it with other times.
        config.set("session.timeout.ms", millis(self.session_timeout));
        config
    }

    /// Properties of a producer of made-up traces: acknowledged by all in-sync replicas, and in order whatever is sent again.
    pub(super) fn feeder(&self) -> ClientConfig {
        let mut config = self.client("generate");
        config.set("enable.idempotence", "true").set("acks", "all");
        config.set("partitioner", "murmur2_random");
        config.set("linger.ms", "5").set("compression.type", "lz4");
        self.passed_to_producer(config)
    }

    /// Properties of the producer of a worker, by its number in its role.
    pub(super) fn producer(&self, number: usize) -> ClientConfig {
        let mut config = self.client(&self.member(number));
        config.set("enable.idempotence", "true");
        if self.delivery == Delivery::ExactlyOnce {
            config.set("transactional.id", format!("{}{SEPARATOR}{}", self.group, self.member(number)));
            config.set("transaction.timeout.ms", millis(self.transaction_timeout));
        }
        config.set("message.timeout.ms", millis(self.message_timeout));
        config.set("message.max.bytes", self.max_message.max(self.max_windows).to_string());
        // Kafka's own choice of a partition for a key: other producers and joins agree with ours.
        config.set("partitioner", "murmur2_random");
        // What a transaction writes is read when it is committed, which flushes: nobody waits for the half of the longest that a message
        // waits for a commit. With less, requests are smaller, and messages mostly due while others of their partition are on their way: as
        // long as these are, the client's thread looks without a pause whether it may send. Without transactions it is read at once.
        config.set("linger.ms", if self.delivery == Delivery::ExactlyOnce { "50" } else { "5" });
        config.set("compression.type", "lz4");
        self.passed_to_producer(config)
    }

    fn passed_to_producer(&self, mut config: ClientConfig) -> ClientConfig {
        extend(&mut config, &self.properties);
        extend(&mut config, &self.producer_properties);
        config
    }
}

/// Other names of properties that are set here. The client would take both, in an order that nobody knows.
const ALIASES: [(&str, &str); 2] =
    [("compression.codec", "compression.type"), ("queue.buffering.max.ms", "linger.ms")];

fn extend(config: &mut ClientConfig, properties: &BTreeMap<String, String>) {
    for (name, value) in properties {
        let named = ALIASES.iter().find(|(alias, _)| alias == name);
        config.set(named.map_or(name.as_str(), |(_, name)| name), value);
    }
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn settings(brokers: &str) -> Settings {
        Settings {
            brokers: vec![brokers.to_owned()],
            role: Role::Match,
            group: "g".to_owned(),
            instance: "i".to_owned(),
            delivery: Delivery::ExactlyOnce,
            start: Start::Earliest,
            out_of_range: OutOfRange::Fail,
            static_members: true,
            leave_on_stop: false,
            session_timeout: Duration::from_secs(6),
            transaction_timeout: Duration::from_secs(30),
            message_timeout: Duration::from_secs(28),
            request_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(30),
            watchdog: Duration::from_secs(45),
            batch: 1_000,
            max_message: 1_000_000,
            max_windows: 950_000,
            topics: Topics {
                input: "in".to_owned(),
                flags: "flags".to_owned(),
                shadow: "shadow".to_owned(),
                dead_letters: "dead".to_owned(),
                hits: "hits".to_owned(),
                windows: "windows".to_owned(),
            },
            hits: true,
            create: None,
            properties: BTreeMap::new(),
            consumer_properties: BTreeMap::new(),
            producer_properties: BTreeMap::new(),
        }
    }

    #[test]
    fn members_and_transactions_are_named_by_slot() {
        let settings = settings("b:1");
        assert_eq!(settings.consumer(2).get("group.instance.id"), Some("i-2"));
        assert_eq!(settings.producer(2).get("transactional.id"), Some("g:i-2"));
        let loose = Settings { static_members: false, delivery: Delivery::AtLeastOnce, ..settings };
        assert_eq!(loose.consumer(2).get("group.instance.id"), None);
        assert_eq!(loose.producer(2).get("transactional.id"), None);
    }

    /// Those who correlate share neither a member's name nor a transaction's with those who match, in one process or two.
    #[test]
    fn roles_have_names_of_their_own() {
        let matching = settings("b:1");
        let correlating = matching.correlating("g-correlate".to_owned());
        assert_eq!(correlating.topics.input, "hits");
        let names = |settings: &Settings| {
            let (consumer, producer) = (settings.consumer(0), settings.producer(0));
            let name = |config: &ClientConfig, key| config.get(key).map(str::to_owned).unwrap_or_default();
            [
                name(&consumer, "client.id"),
                name(&consumer, "group.id"),
                name(&consumer, "group.instance.id"),
                name(&producer, "transactional.id"),
            ]
        };
        assert_eq!(names(&matching), ["wardline-i-0", "g", "i-0", "g:i-0"]);
        let correlate =
            ["wardline-i-correlate-0", "g-correlate", "i-correlate-0", "g-correlate:i-correlate-0"];
        assert_eq!(names(&correlating), correlate);
    }

    /// Flags may be kept small; windows are as large as they are, and a client that refused them would refuse them for ever.
    #[test]
    fn windows_are_sent_however_small_flags_are() {
        let small = Settings { max_message: 80_000, ..settings("b:1") };
        assert_eq!(small.producer(0).get("message.max.bytes"), Some("950000"));
        assert_eq!(settings("b:1").producer(0).get("message.max.bytes"), Some("1000000"));
    }

    #[test]
    fn what_is_kept_is_read_whole_and_committed_by_nobody() {
        let settings = settings("b:1").correlating("c".to_owned());
        let (archive, ends) = (settings.archive(0), settings.ends(0));
        for config in [&archive, &ends] {
            assert_eq!(config.get("group.instance.id"), None);
            assert_eq!(config.get("enable.auto.commit"), Some("false"));
            assert_eq!(config.get("session.timeout.ms"), Some("6000"));
        }
        assert_eq!(archive.get("isolation.level"), Some("read_committed"));
        assert_eq!(ends.get("isolation.level"), Some("read_uncommitted"));
    }

    #[test]
    fn properties_pass_through_and_the_narrower_wins() {
        let mut settings = settings("b:1");
        let pair = |value: &str| BTreeMap::from([("socket.timeout.ms".to_owned(), value.to_owned())]);
        settings.properties = pair("1");
        settings.consumer_properties = pair("2");
        settings.producer_properties = BTreeMap::from([("linger.ms".to_owned(), "7".to_owned())]);
        assert_eq!(settings.consumer(0).get("socket.timeout.ms"), Some("2"));
        assert_eq!(settings.producer(0).get("socket.timeout.ms"), Some("1"));
        assert_eq!(settings.admin().get("socket.timeout.ms"), Some("1"));
        assert_eq!(settings.feeder().get("socket.timeout.ms"), Some("1"));
        assert_eq!(settings.feeder().get("linger.ms"), Some("7"));
        settings.producer_properties =
            BTreeMap::from([("queue.buffering.max.ms".to_owned(), "9".to_owned())]);
        assert_eq!(settings.producer(0).get("linger.ms"), Some("9"));
        assert_eq!(settings.producer(0).get("queue.buffering.max.ms"), None);
    }
}
