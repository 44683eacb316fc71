//! The work on a stream of records: a pure stage between two seams.
//!
//! ```text
//!  Source ──► &[Record] ──► stage: decode, evaluate, build ──► Outcome ──► Message ──► Sink
//!    ▲                                                                                  │
//!    └────────────── offsets to resume from ◄── commit policy: is a commit due? ◄───────┘
//! ```
//!
//! [`stage`] turns records into messages and knows neither Kafka nor files nor the time; [`commit`] decides
//! when to commit and [`flood`] when a rule publishes too much, both as plain functions of facts. The loop
//! that performs all this lives between [`Source`] and [`Sink`], so that it runs unchanged over Kafka, over
//! the demo's embedded broker and over vectors in tests. `scan` and `test` use the stages alone; what a test says to be
//! found, [`supply`] makes hits of.
//!
//! One worker owns one source, one sink and one stage. Nothing is shared between workers but the
//! [`stage::Program`], and there are no channels between them.

pub mod commit;
pub mod correlate;
pub mod flood;
mod folding;
pub mod join;
mod outcome;
mod program;
mod route;
pub mod run;
pub mod slot;
pub mod stage;
pub mod stats;
pub mod supply;
pub mod tail;

use crate::event::Record;
use crate::flag::Header;
use crate::position::{Begin, Resume};
use std::fmt;
use std::time::Duration;

/// Where records come from: the partitions of one topic that this worker owns.
///
/// Changes of ownership are told, not done behind the worker's back: the worker commits or aborts what it
/// has of a partition and then lets go ([`Source::release`]), in that order.
pub trait Source {
    /// Waits at most `wait` for records and gives them to `take` in one slice, in the order of each
    /// partition. Yields what changed; changes come alone, without records, because they are to be carried out
    /// before any is taken.
    fn poll(&mut self, wait: Duration, take: &mut dyn FnMut(&[Record<'_>])) -> Result<Vec<Change>, Failure>;

    /// Continues each of these partitions at its offset, after an aborted transaction. Records taken but not
    /// committed come again.
    fn rewind(&mut self, offsets: &[(i32, i64)]) -> Result<(), Failure>;

    /// Lets go of partitions that [`Change::Revoked`] or [`Change::Lost`] named.
    fn release(&mut self, partitions: &[i32]) -> Result<(), Failure>;

    /// For each partition with its next offset, how many records are known to wait; partitions of which
    /// nothing is known are left out.
    fn lag(&self, next: &[(i32, i64)]) -> Vec<(i32, i64)> {
        let _ = next;
        Vec::new()
    }
}

/// A change of ownership, or what belongs to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// These partitions are ours now, each read from where it begins.
    Assigned(Vec<Begin>),
    /// These go to another worker once we let go: commit first.
    Revoked(Vec<i32>),
    /// These are no longer ours, and committing for them is no longer allowed: abort.
    Lost(Vec<i32>),
    /// A part of what is kept of partitions that come, in order: the stage takes it in. Whatever comes of a partition
    /// comes before it is [`Change::Assigned`], unless it goes again first.
    Restored(Chunk),
}

/// What is kept of a partition under a key: a record of the topic of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept<'c> {
    /// The partition, of both topics.
    pub partition: i32,
    /// Whose state it is.
    pub key: &'c [u8],
    /// The state; none if there is none any more.
    pub value: Option<&'c [u8]>,
}

/// Several of them, in order. Their bytes stand together: millions are restored, and most of them are replaced at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    bytes: Vec<u8>,
    /// Of each its partition, and where its key and its value end.
    kept: Vec<(i32, usize, Option<usize>)>,
}

impl Chunk {
    /// Room for so many, with so many bytes.
    pub fn with_capacity(records: usize, bytes: usize) -> Chunk {
        Chunk { bytes: Vec::with_capacity(bytes), kept: Vec::with_capacity(records) }
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Another one, after those that are there.
    pub fn push(&mut self, Kept { partition, key, value }: Kept<'_>) {
        self.bytes.extend_from_slice(key);
        let end = self.bytes.len();
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.kept.push((partition, end, value.map(|_| self.bytes.len())));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Kept<'_>> {
        let mut start = 0;
        self.kept.iter().map(move |(partition, end, value_end)| {
            let key = &self.bytes[start..*end];
            let value = value_end.map(|value_end| &self.bytes[*end..value_end]);
            start = value_end.unwrap_or(*end);
            Kept { partition: *partition, key, value }
        })
    }
}

/// Where messages go, and where the offsets to resume from are kept.
pub trait Sink {
    /// Sends a message, within the open transaction if there are transactions; opens one if none is open.
    /// It is durable after the next successful [`Sink::commit`].
    fn send(&mut self, message: Message<'_>) -> Result<(), Failure>;

    /// Makes all that was sent durable together with `offsets`, where each partition is to be read on.
    fn commit(&mut self, offsets: &[Resume]) -> Result<(), Failure>;

    /// Called before every batch: lets the sink learn what became of what it was given, and fails if a
    /// message is known not to arrive.
    fn serve(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Forgets all that was sent since the last commit, as far as the sink can.
    fn abort(&mut self) -> Result<(), Failure>;
}

/// What a worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs detection rules over events.
    Match,
    /// Folds hits into windows, which it reads again from their topic when partitions come.
    Correlate,
}

impl Role {
    /// Its name, in metrics and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Role::Match => "match",
            Role::Correlate => "correlate",
        }
    }
}

/// Which of the topics a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Flags for reviewers.
    Review,
    /// Flags of shadow rules, and of rules that publish too much.
    Shadow,
    /// Records that could not be decoded.
    DeadLetter,
    /// What correlations are told, by group key.
    Hits,
    /// The windows of correlations, by group key.
    Windows,
}

/// A message to be sent, borrowed from the stage's outcome.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The topic by its role; the sink knows its name.
    pub topic: Topic,
    /// Decides the partition, unless it is named.
    pub key: Option<&'a [u8]>,
    /// Headers in order.
    pub headers: &'a [Header],
    /// The body; none for a dead letter whose record had to be referred to, and for windows that are to be removed.
    pub body: Option<&'a [u8]>,
    /// The partition; none to let the key decide.
    pub partition: Option<i32>,
}

/// What a source or a sink could not do, and what the worker has to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// How far it reaches.
    pub remedy: Remedy,
    /// What failed, where, and what may help; never any content of a message.
    pub message: String,
}

/// What a worker does about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Abort the transaction, rewind the source to the last commit, go on.
    Rewind,
    /// Give up this source and sink; the supervisor starts the process anew.
    Stop,
}

impl Failure {
    /// A failure that aborting and reading again repairs.
    pub fn rewind(message: impl fmt::Display) -> Failure {
        Failure { remedy: Remedy::Rewind, message: message.to_string() }
    }

    /// A failure that only a fresh start repairs.
    pub fn stop(message: impl fmt::Display) -> Failure {
        Failure { remedy: Remedy::Stop, message: message.to_string() }
    }
}
