//! A real Apache Kafka for the tests: a broker and its controller on free loopback ports, with their data in
//! the build directory.
//!
//! Transactions, read-committed readers, fencing and static members are what Wardline's promise rests
//! on, and every stand-in known gets some of them wrong (librdkafka's mock cluster shows aborted
//! records, embeddable brokers refuse transactional ids). So the tests run the real thing, from the jars
//! that `tests/run` fetches by `tests/kafka/pom.xml`. It takes a few seconds to start; therefore
//! tests share one ([`Broker::shared`]) and tell themselves apart by the names of their topics. Sharing
//! also makes them take turns: two cores carry one broker and a few workers, not several such groups.
//!
//! The controller is a process of its own that no test touches. In a single node for both, a broker that was
//! killed while it ended a transaction starts from a picture of the cluster in which it still leads all
//! partitions, takes up the transaction, is declared dead a moment later because its former session ends, and
//! then drops the end of the transaction: "these partitions are likely deleted". Here it is started again when
//! the controller has declared it dead, as a broker of a real cluster mostly is.
//!
//! Ready means that a metadata request naming no topic is answered (one that names a topic would create
//! it). Log lines are not looked at.

#![expect(clippy::disallowed_methods, reason = "writes the broker's configuration")]

mod client;
mod configuration;
mod secure;
mod transaction;

pub(crate) use client::{Client, Input, Member, Stored, Tail};
pub(crate) use secure::{Login, authority};
pub(crate) use transaction::Transaction;

use super::process::{self, Process, Signal};
use super::wait;
use std::net::TcpListener;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// A start takes a few seconds, on a machine busy with other tests some times that.
const START: Duration = Duration::from_secs(90);
/// The log's format wants an identity; any 16 bytes do.
const CLUSTER: &str = "d2FyZGxpbmUtdGVzdHMwMQ";

static SHARED: Mutex<Option<Broker>> = Mutex::new(None);

/// What differs from the plain broker.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// Also listen with TLS and SCRAM, and let only [`Login::admin`] and clear-text clients do
    /// everything; anyone else needs an access control list.
    pub(crate) secure: bool,
    /// Further lines of the broker's configuration.
    pub(crate) settings: Vec<String>,
}

/// A broker process, its controller, and their data. Killed, the data removed, when dropped.
#[derive(Debug)]
pub(crate) struct Broker {
    // Declared first, hence dropped first: the processes end before their directory goes.
    process: Option<Process>,
    controller: Option<Process>,
    directory: TempDir,
    ports: Ports,
    starts: u32,
}

/// The turn of one test at the shared broker.
pub(crate) struct Shared(MutexGuard<'static, Option<Broker>>);

#[derive(Debug, Clone, Copy)]
struct Ports {
    clear: u16,
    controller: u16,
    secure: u16,
}

impl Broker {
    /// The shared broker, running, once it is this test's turn.
    pub(crate) fn shared() -> Shared {
        // A test that failed has poisoned the lock, not the broker.
        let mut broker = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        match broker.as_mut() {
            Some(broker) => broker.revive(),
            None => *broker = Some(Self::start()),
        }
        Shared(broker)
    }

    /// Starts a broker of one's own.
    pub(crate) fn start() -> Self {
        Self::start_with(&Options::default())
    }

    /// Starts a broker of one's own that differs by `options`.
    pub(crate) fn start_with(options: &Options) -> Self {
        let directory = process::directory("kafka");
        let ports = Ports { clear: free_port(), controller: free_port(), secure: free_port() };
        configuration::write(directory.path(), ports, options);
        let mut broker = Self { process: None, controller: None, directory, ports, starts: 0 };
        broker.format(options);
        broker.controller = Some(broker.spawn("controller", configuration::CONTROLLER_FILE, &["-Xmx128m"]));
        broker.restart();
        broker
    }

    /// `host:port` of the clear-text listener.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.clear)
    }

    /// `host:port` of the TLS listener.
    pub(crate) fn secure_address(&self) -> String {
        format!("localhost:{}", self.ports.secure)
    }

    /// The directory of this broker's files; keys and passwords of the secure one lie there.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A client of this broker.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.address())
    }

    /// Ends it by `kill -9`, keeping data and ports. A clean stop is not offered: the only broker gives up its
    /// partitions while it still ends transactions, and then drops the ends, as above.
    pub(crate) fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Freezes it (SIGSTOP): connections stay open and nothing answers.
    pub(crate) fn freeze(&self) {
        self.running().signal(Signal::Stop);
    }

    /// Thaws it.
    pub(crate) fn thaw(&self) {
        self.running().signal(Signal::Cont);
    }

    /// Starts it again on the same ports and data, and waits until it answers.
    pub(crate) fn restart(&mut self) {
        self.kill();
        if self.starts > 0 {
            self.await_fenced();
        }
        self.starts += 1;
        let name = format!("broker-{}", self.starts);
        self.process = Some(self.spawn(&name, configuration::BROKER_FILE, &["-Xms256m", "-Xmx512m"]));
        self.await_ready();
    }

    fn spawn(&self, name: &str, configuration: &str, options: &[&str]) -> Process {
        let mut command = java(options);
        command
            .arg("-XX:+UseSerialGC")
            .arg(format!("-Dlog4j2.configurationFile={}", self.file(configuration::LOG_FILE).display()))
            .arg("kafka.Kafka")
            .arg(self.file(configuration));
        Process::spawn(name, command, self.directory(), Some(self.directory()))
    }

    /// Waits until the controller has declared the broker dead. Only its log tells: a controller is asked
    /// about brokers by brokers alone.
    fn await_fenced(&self) {
        let log = self.file("controller-data/__cluster_metadata-0/00000000000000000000.log");
        let log = log.display().to_string();
        let dump = ["--cluster-metadata-decoder", "--files", &log];
        wait::until_true("the end of the broker's session", START, || {
            is_fenced(&Self::tool("org.apache.kafka.tools.DumpLogSegments", &dump))
        });
    }

    /// Waits until it answers a metadata request.
    pub(crate) fn await_ready(&mut self) {
        let client = self.client();
        let process = self.process.as_mut().expect("the broker was launched");
        let answered = wait::try_until(START, || match process.ended() {
            Some(status) => Ok(Err(status)),
            None => client.brokers().map(Ok),
        });
        match answered {
            Ok(Ok(_)) => {}
            Ok(Err(status)) => panic!("the broker ended: {status}\n{}", process.tail()),
            Err(last) => panic!("the broker gives no answer in {START:?}: {last}\n{}", process.tail()),
        }
    }

    /// Runs one of Kafka's own tools, given by its class name, and gives its output.
    pub(crate) fn tool(class: &str, arguments: &[&str]) -> String {
        let mut command = java(&["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        process::run(class, command.arg(class).args(arguments))
    }

    /// The same for a tool that reads `input`.
    pub(crate) fn tool_fed(class: &str, arguments: &[&str], input: &Path) {
        let mut command = java(&["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        process::run_fed(class, command.arg(class).args(arguments), input);
    }

    fn format(&self, options: &Options) {
        let logins: Vec<String> = Login::all().iter().map(Login::scram).collect();
        for name in [configuration::CONTROLLER_FILE, configuration::BROKER_FILE] {
            let configuration = self.file(name).display().to_string();
            let mut arguments = vec!["format", "-t", CLUSTER, "-c", &configuration];
            if options.secure {
                arguments.extend(logins.iter().flat_map(|login| ["--add-scram", login]));
            }
            Self::tool("kafka.tools.StorageTool", &arguments);
        }
    }

    fn revive(&mut self) {
        let ended = self.process.as_mut().is_none_or(|process| process.ended().is_some());
        if ended {
            self.restart();
        } else {
            self.thaw();
        }
    }

    fn running(&self) -> &Process {
        self.process.as_ref().expect("the broker is running")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }
}

impl Deref for Shared {
    type Target = Broker;

    fn deref(&self) -> &Broker {
        self.0.as_ref().expect("set when the turn began")
    }
}

impl DerefMut for Shared {
    fn deref_mut(&mut self) -> &mut Broker {
        self.0.as_mut().expect("set when the turn began")
    }
}

/// A loopback port nobody listens on now. Another process may take it before the broker does; then the
/// broker ends and the test says so, which has been rare enough.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// Whether the last change of the broker's state in a dump of the controller's log declares it dead; 1 is
/// Kafka's code for that, -1 for its return, and other changes have none.
fn is_fenced(dump: &str) -> bool {
    let changes = dump.lines().filter(|line| line.contains("\"BROKER_REGISTRATION_CHANGE_RECORD\""));
    let last = changes.rev().find(|line| line.contains("\"fenced\":"));
    last.is_some_and(|line| line.contains("\"fenced\":1"))
}

/// `java` with Kafka's class path.
fn java(options: &[&str]) -> Command {
    let jars = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("kafka-4.3.0").join("lib");
    assert!(
        jars.join("kafka-tools-4.3.0.jar").exists(),
        "no Apache Kafka in {}: run `tests/run` once, it fetches it",
        jars.display()
    );
    let mut command = Command::new("java");
    command.args(options).arg("-cp").arg(jars.join("*"));
    command
}
