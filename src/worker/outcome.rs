//! What a stage makes of a batch of records: messages and counts, as values.

use super::stats::BatchStats;
use super::{Message, Topic};
use crate::correlate::Hit;
use crate::event::Record;
use crate::flag::dead::Reason;
use crate::flag::{DeadLetter, Headers, RuleHead};
use std::sync::Arc;

/// Where a flag goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// To the reviewers.
    Review,
    /// To the shadow topic.
    Shadow,
    /// Nowhere: made only because [`Settings::unpublished`](super::stage::Settings::unpublished) asks for it.
    Unpublished,
}

/// A flag ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutFlag {
    /// Index of the record among those given to the stage.
    pub record: u32,
    /// The rule or correlation that fired.
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
    /// What correlations are to be told, in the order of records.
    pub hits: Vec<OutHit>,
    /// What was done.
    pub stats: BatchStats,
}

/// A hit, and the record that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutHit {
    /// Index of the record among those given to the stage.
    pub record: u32,
    /// The hit.
    pub hit: Hit,
}

impl Outcome {
    /// All messages to be sent, but for hits.
    pub fn messages(&self) -> impl Iterator<Item = Message<'_>> {
        let flags = self.flags.iter().filter_map(OutFlag::message);
        flags.chain(self.dead.iter().map(|letter| Message {
            topic: Topic::DeadLetter,
            key: letter.key.as_deref(),
            headers: &letter.headers,
            body: letter.body.as_deref(),
            partition: None,
        }))
    }

    /// Forgets all of it, and keeps the buffers.
    pub(super) fn clear(&mut self) {
        self.flags.clear();
        self.dead.clear();
        self.hits.clear();
        self.stats = BatchStats::default();
    }

    /// Makes a dead letter of a record.
    pub(super) fn bury(
        &mut self,
        (index, record): (u32, &Record<'_>),
        reason: Reason,
        now_ms: i64,
        limit: usize,
    ) {
        *self.stats.decode_errors.entry(reason.code).or_default() += 1;
        let letter = DeadLetter::new(index, record, reason, now_ms, limit);
        self.stats.dead_by_reference += u64::from(letter.body.is_none());
        self.dead.push(letter);
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
        Some(Message { topic, key, headers: &self.headers, body, partition: None })
    }
}
