//! `wardline generate cases --topic`: the trace on a Kafka topic, at a pace.
#![expect(clippy::disallowed_methods, reason = "waits for the time of the next event")]

use crate::cli::run::convert;
use crate::cli::{exit, rules};
use crate::clock;
use crate::generate::cases::Key;
use crate::kafka::feeder::Feeder;
use clap::{ArgGroup, Args};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// Events between two looks at the clock at the greatest rates.
const STEP: u64 = 64;

// Its name is that of a group of arguments, and so not that of the command's own.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("cluster").args(["brokers", "config"]).multiple(true))]
pub(super) struct Destination {
    /// With --topic: brokers to ask first, HOST:PORT, with commas between; by default the configuration's.
    #[arg(long, value_name = "BROKERS", value_delimiter = ',', requires = "topic")]
    brokers: Vec<String>,
    /// With --topic: configuration of the service, for its brokers and for access and encryption. Nothing else of it counts.
    #[arg(long, value_name = "FILE", requires = "topic")]
    config: Option<PathBuf>,
    /// Events a second to send; by default as fast as the brokers take them. Event time is that of the trace, not the clock's.
    #[arg(long, value_name = "EVENTS_PER_S", requires = "topic", value_parser = rate)]
    rate: Option<f64>,
    /// Kafka topic to write the events to instead of a file, keyed by their rooms' ids; it has to be there. It is reached as
    /// --brokers or --config says: what is made up goes to no cluster that nobody named.
    #[arg(long, value_name = "NAME", requires = "cluster", conflicts_with = "out")]
    topic: Option<String>,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (1e-3..=1e9).contains(rate));
    rate.ok_or_else(|| "expected a number of events a second, above 0".to_owned())
}

/// A topic that is written to.
pub(super) struct Stream {
    feeder: Feeder,
    rate: Option<f64>,
    begun_ns: u64,
    sent: u64,
}

impl Destination {
    /// Connects, if a topic is named.
    pub(super) fn connect(&self) -> Result<Option<Stream>, ExitCode> {
        let Some(topic) = &self.topic else { return Ok(None) };
        let config = rules::configuration(self.config.as_deref())?;
        let settings = convert::connection(config, &self.brokers)
            .map_err(|message| exit::failed(exit::BAD_CONFIGURATION, message))?;
        let feeder = Feeder::connect(&settings, topic)
            .map_err(|failure| exit::failed(exit::RUNTIME_FAILURE, failure))?;
        Ok(Some(Stream { feeder, rate: self.rate, begun_ns: clock::elapsed_ns(), sent: 0 }))
    }
}

impl Stream {
    /// Sends an event when its time has come.
    pub(super) fn send(&mut self, key: Key, event: &[u8]) -> io::Result<()> {
        self.pace();
        self.sent += 1;
        self.feeder.send(key.to_string().as_bytes(), event).map_err(io::Error::other)
    }

    /// Waits until everything is acknowledged.
    pub(super) fn finish(&self) -> io::Result<()> {
        self.feeder.finish().map_err(io::Error::other)
    }

    #[expect(clippy::cast_precision_loss, reason = "a pace need not be exact")]
    fn pace(&self) {
        let Some(rate) = self.rate else { return };
        if rate > 10_000.0 && !self.sent.is_multiple_of(STEP) {
            return;
        }
        let due = Duration::from_secs_f64(self.sent as f64 / rate);
        let elapsed = Duration::from_nanos(clock::elapsed_ns() - self.begun_ns);
        thread::sleep(due.saturating_sub(elapsed));
    }
}
