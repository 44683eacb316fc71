//! The configuration as the program reads it: typed, complete, and consistent in itself.

use super::keys::{Kind, kind_of};
use super::layer::Layer;
use super::problem::Problem;
use super::{names, relations};
use crate::event::{FieldTable, FieldType, MappingSpec, Preset};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::{Table, Value};

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The cluster, and how to take part in it.
    pub kafka: Kafka,
    /// Names of topics.
    pub topics: Topics,
    /// Rules and lists.
    pub rules: Rules,
    /// How events are read.
    pub events: Events,
    /// Worker threads.
    pub workers: Workers,
    /// HTTP endpoints.
    pub web: Web,
    /// The log.
    pub log: Log,
    /// What flags show.
    pub flags: Flags,
    /// Guards.
    pub limits: Limits,
}

/// The cluster, and how to take part in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// `host:port` each; at least one.
    pub brokers: Vec<String>,
    /// Consumer group of match workers.
    pub group: String,
    /// That of correlate workers; none stands for a name made from `group`.
    #[serde(deserialize_with = "optional")]
    pub correlate_group: Option<String>,
    /// Stable name of this process in the group; none stands for the host name.
    #[serde(deserialize_with = "optional")]
    pub instance: Option<String>,
    /// Delivery guarantee.
    pub delivery: Delivery,
    /// Where a partition without a committed offset begins.
    pub start: Start,
    /// What to do when the committed offset is gone.
    pub out_of_range: OutOfRange,
    /// Whether a stop gives up the membership.
    pub leave_group_on_stop: bool,
    /// Time after which a silent member loses its partitions.
    #[serde(deserialize_with = "milliseconds")]
    pub session_timeout: Duration,
    /// Longest open transaction.
    #[serde(deserialize_with = "milliseconds")]
    pub transaction_timeout: Duration,
    /// Longest wait for one delivery; less than `transaction_timeout`.
    #[serde(deserialize_with = "milliseconds")]
    pub message_timeout: Duration,
    /// Bound of one request.
    #[serde(deserialize_with = "milliseconds")]
    pub request_timeout: Duration,
    /// How long to try to reach the cluster at start.
    #[serde(deserialize_with = "milliseconds")]
    pub connect_timeout: Duration,
    /// Longest time one client call may take before the process ends; more than `transaction_timeout`.
    #[serde(deserialize_with = "milliseconds")]
    pub watchdog: Duration,
    /// How long a stop may take.
    #[serde(deserialize_with = "milliseconds")]
    pub stop_timeout: Duration,
    /// When to commit.
    pub commit: Commit,
    /// librdkafka properties of every client.
    pub properties: Properties,
    /// librdkafka properties of consumers.
    pub consumer: Client,
    /// librdkafka properties of producers.
    pub producer: Client,
}

impl Kafka {
    /// Consumer group of correlate workers.
    pub fn correlate_group(&self) -> String {
        self.correlate_group.clone().unwrap_or_else(|| format!("{}-correlate", self.group))
    }
}

/// Properties of one kind of client.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// librdkafka properties; they win over those of every client.
    pub properties: Properties,
}

/// librdkafka properties by name. Their values may be secrets and are not shown by `Debug`.
#[derive(Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Properties(pub BTreeMap<String, String>);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// When to commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// With something to publish: not sooner after the last commit.
    #[serde(deserialize_with = "milliseconds")]
    pub after: Duration,
    /// With something to publish: not later after the last commit.
    #[serde(deserialize_with = "milliseconds")]
    pub at_latest: Duration,
    /// With nothing to publish.
    #[serde(deserialize_with = "milliseconds")]
    pub idle: Duration,
}

/// The delivery guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Flags and offsets in one transaction.
    ExactlyOnce,
    /// Offsets after the flags were acknowledged.
    AtLeastOnce,
}

/// Where a partition without a committed offset begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The oldest record.
    Earliest,
    /// Behind the newest record.
    Latest,
    /// The first record at or after that time, in milliseconds since the epoch.
    Time(i64),
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Start, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "earliest" => Ok(Start::Earliest),
            "latest" => Ok(Start::Latest),
            time => {
                let time: Timestamp = time.parse().map_err(serde::de::Error::custom)?;
                Ok(Start::Time(time.as_millisecond()))
            }
        }
    }
}

/// What to do when the committed offset is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutOfRange {
    /// Stop and say what is missing.
    Fail,
    /// Go on at the oldest record, logged and counted.
    Continue,
}

/// Names of topics.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    /// Events.
    pub input: String,
    /// Flags.
    pub flags: String,
    /// Flags of shadow rules, and what the flood guard holds back.
    pub shadow: String,
    /// Records that cannot be decoded.
    pub dead_letters: String,
    /// What events contribute to windows.
    pub hits: String,
    /// The windows.
    pub windows: String,
    /// Whether missing topics are created.
    pub create: bool,
    /// Partitions of a created topic; 0 is the cluster's default.
    pub partitions: i32,
    /// Replicas of a created topic; 0 is the cluster's default.
    pub replication: i32,
}

/// Rules and lists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Files and directories with rules.
    pub paths: Vec<PathBuf>,
    /// Directory with lists, which replace those beside the rules.
    #[serde(deserialize_with = "optional_path")]
    pub lists: Option<PathBuf>,
    /// What `wardline check` makes of diagnostics.
    #[serde(deserialize_with = "optional_path")]
    pub policy: Option<PathBuf>,
    /// Table of ordinary messages, which rules are judged and looked up by in place of the one that ships.
    #[serde(deserialize_with = "optional_path")]
    pub sample: Option<PathBuf>,
    /// Whether to watch rules and lists.
    pub reload: bool,
    /// How long files must have been quiet.
    #[serde(deserialize_with = "milliseconds")]
    pub reload_after: Duration,
}

/// How events are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// The shape to start from.
    pub preset: Preset,
    /// Canonical path to the platform's own, the first that is present wins.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Canonical path to a value that every event gets.
    pub constants: BTreeMap<String, String>,
    /// The platform's own event type to the canonical.
    pub types: BTreeMap<String, String>,
    /// Path to its type.
    #[serde(deserialize_with = "field_types")]
    pub field_types: BTreeMap<String, FieldType>,
    /// Paths of objects that wrap the event; empty for the preset's.
    pub unwrap: Vec<String>,
    /// Identifying fields to replace.
    pub pseudonyms: Pseudonyms,
}

impl Events {
    /// The part that is the mapping of the platform's fields.
    pub fn mapping(&self) -> MappingSpec {
        MappingSpec {
            preset: self.preset,
            fields: self.fields.clone(),
            constants: self.constants.clone(),
            types: self.types.clone(),
            unwrap: Some(self.unwrap.clone()).filter(|paths| !paths.is_empty()),
        }
    }

    /// The canonical fields and those that the configuration adds, with their types.
    pub fn field_table(&self) -> FieldTable {
        let mut table = FieldTable::canonical();
        self.field_types.iter().for_each(|(path, kind)| table.insert(path, *kind));
        table
    }
}

/// Identifying fields to replace by keyed hashes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pseudonyms {
    /// Their paths; empty for none.
    pub fields: Vec<String>,
    /// The file with the key; set if there are fields.
    #[serde(deserialize_with = "optional_path")]
    pub key_file: Option<PathBuf>,
    /// The key's name; set if there are fields.
    #[serde(deserialize_with = "optional")]
    pub key_id: Option<String>,
}

/// Worker threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workers {
    /// How many; 0 for one each CPU.
    pub count: usize,
    /// Most records taken at once.
    pub batch: usize,
}

/// HTTP endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// Where to listen, if at all.
    #[serde(deserialize_with = "optional_address")]
    pub listen: Option<SocketAddr>,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Level or directives.
    pub level: String,
    /// How a line is written.
    pub format: Format,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What flags show besides what was found.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flags {
    /// How many of the messages before it in the same room; 0 to 8.
    pub context: usize,
}

/// Guards.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Most flags of one rule in a minute; 0 for no bound.
    pub flags_per_minute: u32,
    /// Share of dead letters, 0 to 1, from which on the process is not ready.
    pub dead_letter_ratio: f64,
    /// The time over which that share is taken.
    #[serde(deserialize_with = "milliseconds")]
    pub dead_letter_window: Duration,
    /// Fewest records in the window for the share to count.
    pub dead_letter_minimum: u64,
    /// Most bytes of a flag.
    pub max_flag_size: usize,
    /// Most bytes of a dead letter that carries its original.
    pub max_dead_letter_size: usize,
    /// Most bytes that are remembered of the last messages of a partition.
    pub max_tail_size: usize,
    /// For how long windows of correlations are kept after their events ceased to count.
    #[serde(deserialize_with = "milliseconds")]
    pub window_grace: Duration,
    /// Age of the oldest uncommitted record from which on the process is not ready.
    #[serde(deserialize_with = "milliseconds")]
    pub max_commit_age: Duration,
}

fn field_types<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, FieldType>, D::Error> {
    let names = BTreeMap::<String, String>::deserialize(deserializer)?;
    let typed = names.into_iter().map(|(path, name)| {
        let kind = FieldType::ALL.into_iter().find(|kind| kind.name() == name);
        Ok((path, kind.ok_or_else(|| serde::de::Error::custom(format!("unknown type {name:?}")))?))
    });
    typed.collect()
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(String::deserialize(deserializer)?).filter(|text| !text.is_empty()))
}

fn optional_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(optional(deserializer)?.map(PathBuf::from))
}

fn optional_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = optional(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// Makes the relative paths of a file count from its directory.
pub(super) fn anchor_paths(layer: &mut Layer, directory: Option<&Path>) {
    let Some(directory) = directory.filter(|directory| !directory.as_os_str().is_empty()) else { return };
    let anchored = |text: &str| directory.join(text).to_string_lossy().into_owned();
    for (key, setting) in &mut layer.keys {
        match (kind_of(key), &mut setting.value) {
            (Some(Kind::Path), Value::String(text)) if !text.is_empty() => *text = anchored(text),
            (Some(Kind::Paths), Value::Array(items)) => items.iter_mut().for_each(|item| {
                *item = Value::from(anchored(item.as_str().unwrap_or_default()));
            }),
            _ => {}
        }
    }
}

/// The typed configuration of merged settings. Also checks what no key can check alone.
pub(super) fn build(settings: &Layer, problems: &mut Vec<Problem>) -> Option<Config> {
    let config = Config::deserialize(Value::Table(nested(settings)));
    match config {
        Ok(config) => {
            relations::check(&config, settings, problems);
            names::check(&config.events, settings, problems);
            Some(config)
        }
        Err(error) => {
            problems.push(Problem::general(format!("cannot read the configuration: {}", error.message())));
            None
        }
    }
}

fn nested(settings: &Layer) -> Table {
    let mut root = Table::new();
    for (table, kind) in super::keys::KEYS {
        if kind.is_open() {
            insert(&mut root, table, Value::Table(Table::new()));
        }
    }
    for (key, setting) in &settings.keys {
        insert(&mut root, key, setting.value.clone());
    }
    for (table, entries) in &settings.open {
        // An empty text means "not set", also over a file that sets it.
        let is_set = |value: &Value| kind_of(table) != Some(Kind::Properties) || value.as_str() != Some("");
        let entries = entries.iter().filter(|(_, setting)| is_set(&setting.value));
        let entries = entries.map(|(name, setting)| (name.clone(), setting.value.clone()));
        insert(&mut root, table, Value::Table(entries.collect()));
    }
    root
}

fn insert(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(table.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
