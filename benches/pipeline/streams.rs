//! The rival: a program for Kafka Streams with an Aho-Corasick automaton, where `benches/pipeline/streams/build` has
//! built it.
//!
//! It gets the phrases of the rules as lines of a file. That it is done is seen in the offsets that it has committed.

use super::site::{self, Service, Site};
use super::{PARTITIONS, RULES};
use rdkafka::TopicPartitionList;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// More heap than it needs, and the collector without threads of its own.
const JVM: [&str; 3] = ["-Xms256m", "-Xmx256m", "-XX:+UseSerialGC"];

/// The rival, as it was built.
pub(super) struct Streams {
    folder: PathBuf,
}

impl Streams {
    /// The rival, if it was built: in the build directory, to which the service's own file is the way.
    pub(super) fn built(site: &Site) -> Option<Self> {
        let folder = Path::new(env!("CARGO_BIN_EXE_wardline")).ancestors().nth(2)?.join("streams");
        if !folder.join("classes/Streams.class").exists() {
            println!("Kafka Streams is left out: benches/pipeline/streams/build");
            return None;
        }
        let phrases: Vec<String> = (0..RULES).map(|index| site::load_rules().phrase(index)).collect();
        fs::write(phrases_of(site), phrases.join("\n")).expect("phrases are written");
        Some(Self { folder })
    }

    /// Starts it on `input`, with a group and a topic of flags of its own.
    pub(super) fn start(&self, site: &Site, input: &str) -> Service {
        let name = site::new_name("streams");
        let flags = site::flags_of(&name);
        site.create(&flags);
        let classes = ["classes", "lib/*"].map(|part| self.folder.join(part).display().to_string());
        let mut command = Command::new("java");
        command.args(JVM).args(["-cp", &classes.join(":")]);
        command.args(["Streams", &site.brokers, &name, input, &flags]);
        command.arg(phrases_of(site)).arg(site.directory().join("state"));
        site.launch(command, name)
    }
}

fn phrases_of(site: &Site) -> PathBuf {
    site.directory().join("phrases.txt")
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
