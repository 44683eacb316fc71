//! A real Apache Kafka for the tests: one `KRaft` node on free loopback ports with its data in the build
//! directory.
//!
//! Transactions, read-committed readers, fencing and static members are what Wardline's promise rests
//! on, and every stand-in known gets some of them wrong (librdkafka's mock cluster shows aborted
//! records, embeddable brokers refuse transactional ids). So the tests run the real thing, from the jars
//! that `tests/run` fetches by `tests/kafka/pom.xml`. It takes about two seconds to start; therefore
//! tests share one ([`Broker::shared`]) and tell themselves apart by the names of their topics. Sharing
//! also makes them take turns: two cores carry one broker and a few workers, not several such groups.
//!
//! Ready means that a metadata request naming no topic is answered (one that names a topic would create
//! it). Log lines are not looked at.

#![expect(clippy::disallowed_methods, reason = "writes the broker's configuration")]

mod client;
mod secure;

pub(crate) use client::{Client, Input, Member, Stored, Tail};
pub(crate) use secure::{Login, authority};

use super::process::{self, Process, Signal};
use super::wait;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// A start takes two to three seconds, on a machine busy with other tests some times that.
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

/// One broker process and its data. Killed, its data removed, when dropped.
#[derive(Debug)]
pub(crate) struct Broker {
    // Declared first, hence dropped first: the process ends before its directory goes.
    process: Option<Process>,
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
        configure(directory.path(), ports, options);
        let mut broker = Self { process: None, directory, ports, starts: 0 };
        broker.format(options);
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

    /// Stops it cleanly (SIGTERM), keeping data and ports.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(Signal::Term);
            process.wait(START);
        }
    }

    /// Ends it by `kill -9`, keeping data and ports.
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
        self.launch();
        self.await_ready();
    }

    /// Starts it again without waiting.
    pub(crate) fn launch(&mut self) {
        self.kill();
        self.starts += 1;
        let mut command = java(&["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC"]);
        command
            .arg(format!("-Dlog4j2.configurationFile={}", self.file("log4j2.properties").display()))
            .arg("kafka.Kafka")
            .arg(self.file("server.properties"));
        let name = format!("broker-{}", self.starts);
        self.process = Some(Process::spawn(&name, command, self.directory(), Some(self.directory())));
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

    fn format(&self, options: &Options) {
        let configuration = self.file("server.properties").display().to_string();
        let mut arguments = vec!["format", "-t", CLUSTER, "-c", &configuration];
        let logins: Vec<String> = Login::all().iter().map(Login::scram).collect();
        if options.secure {
            arguments.extend(logins.iter().flat_map(|login| ["--add-scram", login]));
        }
        Self::tool("kafka.tools.StorageTool", &arguments);
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

fn configure(directory: &Path, ports: Ports, options: &Options) {
    let Ports { clear, controller, .. } = ports;
    let mut listeners = format!("PLAINTEXT://127.0.0.1:{clear}");
    let mut text = format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         inter.broker.listener.name=PLAINTEXT\n\
         controller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL\n\
         log.dirs={}\n{NODE}",
        directory.join("data").display(),
    );
    if options.secure {
        write!(listeners, ",SASL_SSL://localhost:{}", ports.secure).expect("a string takes it");
        text.push_str(&secure::prepare(directory));
    }
    writeln!(text, "listeners={listeners},CONTROLLER://127.0.0.1:{controller}").expect("a string takes it");
    writeln!(text, "advertised.listeners={listeners}").expect("a string takes it");
    text.extend(options.settings.iter().map(|line| format!("{line}\n")));
    fs::write(directory.join("server.properties"), text).expect("the broker's directory is writable");
    fs::write(directory.join("log4j2.properties"), LOG).expect("the broker's directory is writable");
}

/// One node must hold the internal topics alone; topics exist when a test makes them, never by accident;
/// and groups form without the delay that gathers members after a cluster's start.
///
/// A session of the broker itself outlasts every hang that a test makes ([`Broker::freeze`]): otherwise the
/// only node declares itself dead as it wakes up, and the end of a transaction that it is just writing is
/// lost. Such a transaction stays open for good, with the offsets and records behind it. A cluster of several
/// nodes has another leader by then. The price is that long a wait after [`Broker::kill`].
const NODE: &str = "\
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=4
broker.session.timeout.ms=14000
";

const LOG: &str = "\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
";
