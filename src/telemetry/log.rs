//! The log: lines on standard error, as text or JSON.
//!
//! Standard output belongs to results. Nobody logs message text, rule text or list entries; a test runs
//! everything at the trace level over marked texts and searches the output for them.
#![expect(clippy::disallowed_methods, reason = "RUST_LOG is read here, once, at start")]

use crate::config::{Format, Log, filter};
use std::io::IsTerminal;
use tracing_subscriber::fmt;

/// Starts logging for the process. `RUST_LOG`, where it is set, wins over the configured level.
///
/// Fails with a message if a directive cannot be read or logging has been started before.
pub fn start(log: &Log) -> Result<(), String> {
    let directives = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let directives = directives.unwrap_or_else(|| log.level.clone());
    let filter = filter::parse(&directives).map_err(|error| format!("RUST_LOG: {error}"))?;
    // The trace of file events would answer each of its own lines, if the log lies beside the rules.
    let quiet = "notify=warn".parse().map_err(|error| format!("cannot read a log directive: {error}"))?;
    let filter = filter.add_directive(quiet);
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        Format::Json => lines.json().flatten_event(true).try_init(),
        Format::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    started.map_err(|error| format!("cannot start the log: {error}"))
}
