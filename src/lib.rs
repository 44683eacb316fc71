//! Wardline reads chat messages and livestream-metadata events, runs a whole set of pattern rules over
//! each one, and writes self-sufficient flags for human moderators.
//!
//! ```text
//!  rules/*.yml ──► rule: parse, check ──► ruleset: compile ──► RuleSet (immutable, shared)
//!                                                                  │
//!  Record ──► event: decode ──► Batch ──► engine: candidates, verify, decide ──► Finding ──► flag: Flag
//! ```
//!
//! The core decides, the shell performs: the core has no clock, environment, file system, async,
//! global state or iteration over hash order, so that what an analyst tests is what runs.
//!
//! | module | what it is for | may use |
//! |---|---|---|
//! | [`position`] | topic, partition, offset: the algebra | – |
//! | [`text`] | tokens, folding, views and spans back to the original | – |
//! | [`event`] | records, field paths and types, decoding by projection | `text` |
//! | [`rule`] | the rule language: source map, syntax, parse, check, diagnostics | `event`, `text` |
//! | [`ruleset`] | compile rules: literals, prefilter, conditions, digest | `rule` and before |
//! | [`engine`] | evaluate a batch: findings with evidence | `ruleset` and before |
//! | [`flag`] | flags and dead letters: wire forms and their ids | `engine` and before |
//! | [`generate`] | synthetic traffic and neutral rule sets, from a seed | – |
//! | [`worker`] | the match loop over its source and sink seams | `flag` and before |
//! | `kafka` | source and sink on Kafka: group member, transactions, topics | `worker` and before |
//!
//! A test (`tests/integration/architecture.rs`) reads this table and holds the code to it.

pub mod cli;
pub mod config;
pub mod engine;
pub mod event;
pub mod flag;
pub mod generate;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod position;
pub mod rule;
pub mod ruleset;
pub mod telemetry;
pub mod text;
pub mod watch;
#[cfg(feature = "web")]
pub mod web;
pub mod worker;
