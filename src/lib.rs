//! Wardline reads chat messages and livestream-metadata events, runs a whole set of pattern rules over
//! each one, and writes self-sufficient flags for human moderators.
//!
//! ```text
//!  rules/*.yml ──► rule: parse, check ──► ruleset: compile ──► RuleSet (immutable, shared)
//!                                                                  │
//!  Record ──► event: decode ──► Batch ──► engine: candidates, verify, decide ──► Finding ──► flag: Flag
//!                                                                                    │            ▲
//!                                                                                    └► correlate: windows
//! ```
//!
//! The core decides, the shell performs: the core has no clock, environment, file system, async,
//! global state or iteration over hash order, so that what an analyst tests is what runs.
//!
//! | module | what it is for | may use |
//! |---|---|---|
//! | [`position`] | topic, partition, offset: the algebra | |
//! | [`schema`] | the words in which modules describe what they read and write, as JSON Schema | |
//! | [`text`] | tokens, folding, views and spans back to the original | |
//! | [`event`] | records, field paths and types, decoding by projection | `text` `schema` |
//! | [`rule`] | the rule language: source map, syntax, parse, check, diagnostics | `event` `text` `schema` |
//! | [`ruleset`] | compile rules: literals, prefilter, conditions, digest | `rule` `event` `text` |
//! | [`engine`] | evaluate a batch: findings with evidence; explain one, tell what rules cost | `ruleset` `rule` `event` `text` |
//! | [`flag`] | flags, dead letters and decisions: wire forms and their ids | `engine` `ruleset` `rule` `event` `text` `position` `schema` |
//! | [`correlate`] | what several events of one group key mean together: hits, windows, and what fires | `flag` `rule` `ruleset` `event` `text` |
//! | [`worker`] | what becomes of a batch of records; the loop over its source and sink seams | `correlate` `flag` `engine` `ruleset` `rule` `event` `text` `position` |
//! | [`truth`] | what a labelled trace says of its events: which case each belongs to, and what the case was | `schema` |
//! | [`backtest`] | what a rule set does on a labelled trace: recall, precision, time, and what a reviewer would read | `truth` `flag` `rule` `event` `text` `schema` |
//! | [`diff`] | two rule sets side by side: what became of the rules, and of what they find | `backtest` `correlate` `truth` `flag` `ruleset` `rule` |
//! | [`generate`] | synthetic traffic, labelled cases and neutral rule sets, from a seed | `truth` |
//!
//! The shell, which alone does I/O:
//!
//! | module | what it is for | may use |
//! |---|---|---|
//! | [`clock`] | the wall clock | |
//! | [`config`] | one TOML file over a complete, commented default | `event` `schema` |
//! | [`mod@file`] | events in files: found, uncompressed, cut into blocks of lines | `event` |
//! | [`library`] | finds rules and lists on disk and compiles them | `file` `clock` `worker` `ruleset` `rule` `event` |
//! | [`telemetry`] | metrics, health and the log, from one table and typed events | `clock` `config` `worker` `event` `flag` `rule` |
//! | `kafka` | source and sink on Kafka: group member, transactions, topics | `worker` `flag` `event` `position` |
//! | `web` | `/metrics`, `/healthz`, `/readyz` | `telemetry` `config` `clock` |
//! | [`watch`] | reloads rules when their files change or a signal asks | `library` `file` `telemetry` `clock` `worker` `config` `ruleset` `rule` |
//! | [`cli`] | one module a command | `watch` `web` `kafka` `telemetry` `library` `file` `config` `clock` `backtest` `diff` `generate` `truth` `worker` `correlate` `flag` `engine` `ruleset` `rule` `event` `text` `position` |
//!
//! A test (`tests/integration/architecture.rs`) reads this table and holds the code to it.

pub mod backtest;
pub mod cli;
pub mod clock;
pub mod config;
pub mod correlate;
pub mod diff;
pub mod engine;
pub mod event;
pub mod file;
pub mod flag;
pub mod generate;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod library;
pub mod position;
pub mod rule;
pub mod ruleset;
pub mod schema;
pub mod telemetry;
pub mod text;
pub mod truth;
pub mod watch;
#[cfg(feature = "web")]
pub mod web;
pub mod worker;
