//! Kafka: a group member that reads, a producer that writes, and both committing as one.
//!
//! ```text
//!   group ──► rebalance ──► consumer: Source ──► worker ──► producer: Sink ──► transaction
//!                              ▲ batch                                            │
//!                              └──────────── verdict: again, rewind, end ◄────────┘
//! ```
//!
//! | module | what it is for |
//! |---|---|
//! | [`settings`] | what this shell has to know, and the client properties that follow |
//! | [`topics`] | the check at the start |
//! | `consumer`, `rebalance`, `starts` | the source: records, ownership, where partitions begin |
//! | `archive` | what is kept of partitions that come: the windows of the role that correlates |
//! | `producer`, `verdict` | the sink: transactions, and what an error means for them |
//! | `foreign` | the one place with foreign code: the batch call and three others |
//! | [`watchdog`] | ends the process when a call of the client does not return |
//! | [`feeder`] | writes made-up traces to a topic |
//! | [`embedded`], [`viewer`] | the broker inside the process, and what is on its topics, for `demo` |
//!
//! A worker slot owns one member and one producer. Their names are static, so that a restarted process is
//! the same member and ends the same producer's open transaction at once, instead of both being waited for.

mod archive;
mod consumer;
pub mod embedded;
pub mod feeder;
mod foreign;
pub mod history;
mod producer;
mod rebalance;
pub mod settings;
mod starts;
pub mod topics;
mod verdict;
pub mod viewer;
pub mod watchdog;
pub mod yardstick;

pub use consumer::Input;
pub use producer::Output;
pub use settings::Settings;
pub use watchdog::Watchdog;

use crate::worker::Failure;
use crate::worker::run::Observer;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseProducer;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What the two clients of a worker slot share.
#[derive(Clone)]
pub struct Shared {
    /// Settings of the process.
    pub settings: Arc<Settings>,
    /// Number of the worker in its process.
    pub slot: usize,
    /// Number of the worker in its role, by which its clients are named.
    pub number: usize,
    /// Watches the calls.
    pub watchdog: Watchdog,
    /// Is told what happens.
    pub observer: Arc<dyn Observer>,
    /// Set when the process is to end: what waits for the cluster gives up.
    pub stop: Arc<AtomicBool>,
}

/// Connects a worker slot: first the producer, which ends what a dead one of the same name left open, then
/// the member, whose start offsets would wait for that.
pub fn join(shared: &Shared) -> Result<(Input, Output), Failure> {
    let mut output = Output::connect(shared)?;
    match Input::join(shared) {
        Ok(input) => {
            output.attach(input.consumer());
            Ok((input, output))
        }
        Err(failure) => {
            output.close();
            Err(failure)
        }
    }
}

/// Says what is wrong with the client properties, alone or together, before anything is connected: makes the
/// clients, with no broker to turn to.
pub fn check_properties(settings: &Settings) -> Result<(), String> {
    let alone = |mut config: ClientConfig| {
        config.set("bootstrap.servers", "");
        config
    };
    alone(settings.consumer(0)).create::<BaseConsumer>().map_err(|error| refusal(&error))?;
    alone(settings.producer(0)).create::<BaseProducer>().map_err(|error| refusal(&error))?;
    Ok(())
}

fn refusal(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, reason, name, _) => {
            format!("the property {name} is refused: {reason}")
        }
        KafkaError::ClientCreation(reason) => format!("the Kafka client's properties do not fit: {reason}"),
        other => other.to_string(),
    }
}

/// Version of the librdkafka that is linked in.
pub fn client_version() -> String {
    rdkafka::util::get_rdkafka_version().1
}

/// A client that could not be made.
fn unusable(error: &KafkaError) -> Failure {
    Failure::stop(format!("the Kafka client cannot be set up: {error}"))
}

/// The client's own log, one level milder than it says: what it calls an error is a connection that it
/// will try again, and what is an error to us we say ourselves.
fn log_line(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error => {
            tracing::warn!(target: "wardline::kafka", facility, "{message}");
        }
        RDKafkaLogLevel::Warning | RDKafkaLogLevel::Notice => {
            tracing::info!(target: "wardline::kafka", facility, "{message}");
        }
        RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
            tracing::debug!(target: "wardline::kafka", facility, "{message}");
        }
    }
}
