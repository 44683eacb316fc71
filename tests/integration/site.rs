//! An installation under test: topics on a broker, rules in a directory, a configuration, and the
//! `wardline run` processes that use them.
//!
//! Each test has a site of its own on the shared broker, told apart by the topics' and the group's name.

#![expect(clippy::disallowed_methods, reason = "writes rules and configurations")]

use super::broker::{self, Broker, Client, Stored};
use super::process::{self, Process, Signal};
use super::wait;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Duration;
use tempfile::TempDir;

/// A start joins a group and rebuilds transactions; a stop commits a batch. Both take a second or two on a
/// machine at rest.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Exit code of bad rules or input.
pub(crate) const BAD_INPUT: i32 = 2;
/// Exit code of a bad configuration or bad arguments.
pub(crate) const BAD_CONFIGURATION: i32 = 3;
/// Exit code of a failure while running, the cluster's included.
pub(crate) const RUNTIME_FAILURE: i32 = 4;

/// An installation.
#[derive(Debug)]
pub(crate) struct Site {
    name: String,
    brokers: String,
    directory: TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Site {
    /// A site on `broker` with its topics: `partitions` of input, three of each output. Outputs bear the
    /// broker's time of appending.
    pub(crate) fn new(broker: &Broker, name: &str, partitions: i32, rules: &str) -> Self {
        let site = Self::without_topics(&broker.address(), name, rules);
        let client = broker.client();
        client.create_topic(&site.input(), partitions, &[]);
        for topic in [site.flags(), site.shadow(), site.dead_letters()] {
            client.create_topic(&topic, 3, &[("message.timestamp.type", "LogAppendTime")]);
        }
        site
    }

    /// A site whose topics are the test's affair.
    pub(crate) fn without_topics(brokers: &str, name: &str, rules: &str) -> Self {
        let directory = process::directory(name);
        let site =
            Self { name: name.to_owned(), brokers: brokers.to_owned(), directory, settings: Vec::new() };
        fs::create_dir(site.path("rules")).expect("the site's directory is writable");
        site.write_rules(rules);
        site
    }

    /// Adds a line to a table of every configuration made from now on.
    pub(crate) fn set(&mut self, table: &'static str, line: impl Into<String>) -> &mut Self {
        self.settings.push((table, line.into()));
        self
    }

    /// Reaches the brokers at another address from now on.
    pub(crate) fn use_brokers(&mut self, brokers: &str) {
        brokers.clone_into(&mut self.brokers);
    }

    /// The input topic.
    pub(crate) fn input(&self) -> String {
        format!("{}.events", self.name)
    }

    /// The topic of flags.
    pub(crate) fn flags(&self) -> String {
        format!("{}.flags", self.name)
    }

    /// The topic of shadow flags.
    pub(crate) fn shadow(&self) -> String {
        format!("{}.shadow", self.name)
    }

    /// The topic of dead letters.
    pub(crate) fn dead_letters(&self) -> String {
        format!("{}.dlq", self.name)
    }

    /// The topic of hits; not made unless a test makes it.
    pub(crate) fn hits(&self) -> String {
        format!("{}.hits", self.name)
    }

    /// The topic of windows, likewise.
    pub(crate) fn windows(&self) -> String {
        format!("{}.windows", self.name)
    }

    /// The consumer group.
    pub(crate) fn group(&self) -> &str {
        &self.name
    }

    /// A file of this site.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Replaces the rule file, all at once, as a careful editor does.
    pub(crate) fn write_rules(&self, text: &str) {
        let fresh = self.path("rules.new");
        fs::write(&fresh, text).expect("the site's directory is writable");
        fs::rename(fresh, self.path("rules/test.yml")).expect("the site's directory is writable");
    }

    /// Starts a process of that instance name.
    pub(crate) fn start(&self, instance: &str) -> Wardline {
        self.start_with(instance, &[])
    }

    /// Starts a process that only correlates.
    pub(crate) fn start_correlating(&self, instance: &str) -> Wardline {
        self.launch(instance, &[], &["--role", "correlate"])
    }

    /// Starts a process that only matches.
    pub(crate) fn start_matching(&self, instance: &str) -> Wardline {
        self.launch(instance, &[], &["--role", "match"])
    }

    /// Starts a process whose configuration has further lines of its own.
    pub(crate) fn start_with(&self, instance: &str, settings: &[(&str, &str)]) -> Wardline {
        self.launch(instance, settings, &[])
    }

    fn launch(
        &self,
        instance: &str,
        settings: &[(&str, &str)],
        arguments: &'static [&'static str],
    ) -> Wardline {
        let configuration = self.configure(instance, settings);
        let mut wardline = Wardline {
            instance: instance.to_owned(),
            directory: self.directory.path().to_owned(),
            configuration: configuration.file,
            arguments,
            web: configuration.web,
            process: None,
        };
        wardline.restart();
        wardline
    }

    /// Starts a process and waits until it is ready.
    pub(crate) fn start_ready(&self, instance: &str) -> Wardline {
        let mut wardline = self.start(instance);
        wardline.await_ready();
        wardline
    }

    /// Runs another command of the program over this site's rules; its output lies in files.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
        command.args(arguments).current_dir(self.directory.path());
        command
    }

    /// Reads what a reviewer would: flags, shadow flags, dead letters.
    pub(crate) fn outputs(&self, client: &Client) -> Outputs {
        Outputs {
            flags: client.read(&self.flags()),
            shadow: client.read(&self.shadow()),
            dead: client.read(&self.dead_letters()),
        }
    }

    fn configure(&self, instance: &str, settings: &[(&str, &str)]) -> Configuration {
        let web = broker::free_port();
        let Self { name, brokers, .. } = self;
        let group = format!("brokers = [\"{brokers}\"]\ngroup = \"{name}\"\ninstance = \"{instance}\"");
        let topics = [
            ("input", self.input()),
            ("flags", self.flags()),
            ("shadow", self.shadow()),
            ("dead_letters", self.dead_letters()),
            ("hits", self.hits()),
            ("windows", self.windows()),
        ];
        let topics: Vec<String> = topics.iter().map(|(key, topic)| format!("{key} = \"{topic}\"")).collect();
        let tables = [
            ("kafka", group),
            ("kafka.commit", String::new()),
            ("kafka.properties", String::new()),
            ("topics", topics.join("\n")),
            ("rules", "paths = [\"rules\"]\nreload_after = \"50ms\"".to_owned()),
            ("workers", "count = 1".to_owned()),
            ("web", format!("listen = \"127.0.0.1:{web}\"")),
            // A test's minute holds what is an hour's elsewhere.
            ("limits", "flags_per_minute = 0\ndead_letter_ratio = 1.0".to_owned()),
            ("log", String::new()),
        ];
        let of_site = self.settings.iter().map(|(table, line)| (*table, line.as_str()));
        let own: Vec<(&str, &str)> = of_site.chain(settings.iter().copied()).collect();
        let text: String = tables.iter().map(|(table, lines)| overlay(table, lines, &own)).collect();
        let file = self.path(&format!("{instance}.toml"));
        fs::write(&file, text).expect("the site's directory is writable");
        Configuration { file, web }
    }
}

struct Configuration {
    file: PathBuf,
    web: u16,
}

/// A table with its lines; the table's lines among `own` replace those of the same key.
fn overlay(table: &str, lines: &str, own: &[(&str, &str)]) -> String {
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let own = own.iter().filter(|(of, _)| *of == table).map(|(_, line)| *line);
    let mut body: Vec<(String, &str)> = Vec::new();
    for line in lines.lines().chain(own) {
        body.retain(|(other, _)| *other != key(line));
        body.push((key(line), line));
    }
    let body: Vec<&str> = body.into_iter().map(|(_, line)| line).collect();
    format!("[{table}]\n{}\n\n", body.join("\n"))
}

/// What a site has published.
#[derive(Debug)]
pub(crate) struct Outputs {
    /// Flags for reviewers.
    pub(crate) flags: Vec<Stored>,
    /// Flags of shadow rules.
    pub(crate) shadow: Vec<Stored>,
    /// Dead letters.
    pub(crate) dead: Vec<Stored>,
}

/// One `wardline run` process, which may be ended and started again.
#[derive(Debug)]
pub(crate) struct Wardline {
    instance: String,
    directory: PathBuf,
    configuration: PathBuf,
    arguments: &'static [&'static str],
    web: u16,
    process: Option<Process>,
}

impl Wardline {
    /// Starts it (again), without waiting.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
        command.arg("run").arg("--config").arg(&self.configuration).args(self.arguments);
        command.current_dir(&self.directory);
        self.process = Some(Process::spawn(&self.instance, command, &self.directory, None));
    }

    /// Waits until `/readyz` says yes; panics with the process's log if it ends instead.
    pub(crate) fn await_ready(&mut self) {
        let ready = wait::try_until(PATIENCE, || {
            if let Some(status) = self.running().ended() {
                return Ok(Err(status));
            }
            match self.get("/readyz") {
                Ok((200, _)) => Ok(Ok(())),
                Ok((status, body)) => Err(format!("{status} {body}")),
                Err(error) => Err(error.to_string()),
            }
        });
        match ready {
            Ok(Ok(())) => {}
            Ok(Err(status)) => panic!("wardline ended: {status}\n{}", self.tail()),
            Err(last) => panic!("not ready in {PATIENCE:?}: {last}\n{}", self.tail()),
        }
    }

    /// Ends it by `kill -9`.
    pub(crate) fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Sends it a signal.
    pub(crate) fn signal(&mut self, signal: Signal) {
        self.running().signal(signal);
    }

    /// Stops it by SIGTERM and gives its end.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::Term);
        self.wait(PATIENCE)
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        self.running().wait(limit)
    }

    /// Whether it has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.running().ended()
    }

    /// Waits for its end, which must have that exit code and one message, naming each of `naming`.
    pub(crate) fn fails(&mut self, code: i32, naming: &[&str]) {
        let end = self.wait(PATIENCE);
        let log = self.log();
        assert_eq!(end.code(), Some(code), "{log}");
        let lines: Vec<&str> = log.lines().skip_while(|line| !line.starts_with("error: ")).collect();
        let messages = lines.iter().filter(|line| line.starts_with("error: "));
        assert_eq!(messages.count(), 1, "one message:\n{log}");
        for part in naming {
            assert!(lines.iter().any(|line| line.contains(part)), "names {part}:\n{log}");
        }
        assert!(!log.contains("panicked"), "{log}");
    }

    /// Starts it again if it has ended, as a supervisor does; yields how it had ended.
    ///
    /// After an outage of the broker that outlasts the session, a worker may find itself fenced, and being
    /// fenced ends the process by design.
    pub(crate) fn revive(&mut self) -> Option<ExitStatus> {
        let end = self.ended()?;
        let log = self.log();
        assert_eq!(end.code(), Some(RUNTIME_FAILURE), "{log}");
        assert!(!log.contains("panicked"), "{log}");
        println!("{} ended ({end}) and is started again", self.instance);
        self.restart();
        Some(end)
    }

    /// Its log so far, all starts of this instance together.
    pub(crate) fn log(&mut self) -> String {
        self.running().stderr()
    }

    /// The end of its log, for messages.
    pub(crate) fn tail(&mut self) -> String {
        self.running().tail()
    }

    /// Status and body of one of its HTTP endpoints.
    pub(crate) fn get(&self, path: &str) -> io::Result<(u16, String)> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.web));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Ok((status.ok_or(io::ErrorKind::InvalidData)?, body.to_owned()))
    }

    /// The sum of a metric over those of its label sets that contain `labels`; none if it shows none.
    pub(crate) fn metric(&self, name: &str, labels: &str) -> Option<f64> {
        let (_, body) = self.get("/metrics").ok()?;
        let value = |line: &str| {
            let (series, value) = line.rsplit_once(' ')?;
            let (metric, set) = series.split_once('{').unwrap_or((series, ""));
            if metric == name && set.contains(labels) { value.parse::<f64>().ok() } else { None }
        };
        body.lines().filter_map(value).reduce(|sum, value| sum + value)
    }

    fn running(&mut self) -> &mut Process {
        self.process.as_mut().expect("the process was started")
    }
}
