//! The match stage: records in, messages out, and nothing else. No clock, no client, no file.

use super::stats::BatchStats;
use super::{Message, Topic};
use crate::event::Record;
use crate::flag::{DeadLetter, Headers, RuleHead};
use crate::worker::flood::FloodGuard;
use std::sync::Arc;

/// Everything a stage needs that does not change with the records: shared by all workers, swapped whole when
/// the rules change.
#[derive(Debug)]
pub struct Program {
    digest: String,
}

impl Program {
    /// Digest of the rule set, as flags state it.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// What the shell decides about a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Greatest size of a flag in bytes; a greater one is cut.
    pub flag_limit: usize,
    /// Greatest size of a dead letter's key and bytes; beyond it the record is referred to.
    pub dead_letter_limit: usize,
    /// Flags of one rule in one minute beyond which the rest goes to the shadow topic; none for no bound.
    pub flood_limit: Option<u32>,
    /// Also gives flags of rules that do not publish, as [`Destination::Unpublished`]: for tests of rules.
    pub unpublished: bool,
}

impl Default for Settings {
    /// Sizes that fit Kafka's default of a megabyte with headers on top; no flood limit.
    fn default() -> Settings {
        Settings { flag_limit: 900_000, dead_letter_limit: 900_000, flood_limit: None, unpublished: false }
    }
}

/// Where a flag goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// To the reviewers.
    Review,
    /// To the shadow topic.
    Shadow,
    /// Nowhere: made only because [`Settings::unpublished`] asks for it.
    Unpublished,
}

/// A flag ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutFlag {
    /// Index of the record among those given to the stage.
    pub record: u32,
    /// The rule that fired.
    pub rule: Arc<RuleHead>,
    /// Where it goes.
    pub destination: Destination,
    /// Key of the message: the case id.
    pub key: String,
    /// Headers of the message: `CloudEvents` in Kafka's binary mode.
    pub headers: Headers,
    /// The flag as one line of JSON, without a line end. [`crate::flag::Flag`] reads it.
    pub body: Vec<u8>,
}

/// What a batch of records gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Flags, in the order of records and then of rules.
    pub flags: Vec<OutFlag>,
    /// Dead letters, in the order of records.
    pub dead: Vec<DeadLetter>,
    /// What was done. The phases are the shell's to fill in.
    pub stats: BatchStats,
}

impl Outcome {
    /// All messages to be sent.
    pub fn messages(&self) -> impl Iterator<Item = Message<'_>> {
        let flags = self.flags.iter().filter_map(OutFlag::message);
        flags.chain(self.dead.iter().map(|letter| Message {
            topic: Topic::DeadLetter,
            key: letter.key.as_deref(),
            headers: &letter.headers,
            body: letter.body.as_deref(),
        }))
    }

    fn clear(&mut self) {
        self.flags.clear();
        self.dead.clear();
        self.stats = BatchStats::default();
    }
}

impl OutFlag {
    fn message(&self) -> Option<Message<'_>> {
        let topic = match self.destination {
            Destination::Review => Topic::Review,
            Destination::Shadow => Topic::Shadow,
            Destination::Unpublished => return None,
        };
        let (key, body) = (Some(self.key.as_bytes()), Some(&*self.body));
        Some(Message { topic, key, headers: &self.headers, body })
    }
}

/// One worker's stage: the shared program, and buffers of its own.
#[derive(Debug)]
pub struct MatchStage {
    program: Arc<Program>,
    settings: Settings,
    guard: FloodGuard,
    outcome: Outcome,
}

impl MatchStage {
    /// A stage that runs `program`.
    pub fn new(program: Arc<Program>, settings: Settings) -> MatchStage {
        let guard = FloodGuard::new(settings.flood_limit);
        MatchStage { program, settings, guard, outcome: Outcome::default() }
    }

    /// The program in use.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Changes the program, between batches; counts of the flood guard stay.
    pub fn replace(&mut self, program: Arc<Program>) {
        self.program = program;
    }

    /// Decodes and evaluates `records` at time `now_ms` (milliseconds since the epoch). The outcome is
    /// valid until the next run.
    pub fn run(&mut self, records: &[Record<'_>], now_ms: i64) -> &Outcome {
        self.outcome.clear();
        let _ = (records, now_ms, &self.settings);
        &self.outcome
    }

    /// What was given out is durable.
    pub fn committed(&mut self) {
        self.guard.committed();
    }

    /// What was given out since the last commit is void and its records come again.
    pub fn aborted(&mut self) {
        self.guard.aborted();
    }
}
