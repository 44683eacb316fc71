//! The rival: a program for Kafka Streams with an Aho-Corasick automaton, where `benches/pipeline/streams/build` has
//! built it.
//!
//! It gets the phrases of the rules as lines of a file.

use super::RULES;
use super::load;
use super::site::{self, Service, Site};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
        let load = load::load();
        let phrases: Vec<String> = (0..RULES).map(|index| load.phrase(index)).collect();
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
