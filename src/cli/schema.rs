//! `wardline schema`: what Wardline reads and writes, as JSON Schema for editors and other programs.
//!
//! Each schema is made from the tables that the program reads by, in the module that owns them.

use super::{exit, rules};
use crate::backtest::report;
use crate::config;
use crate::event::{self, FieldTable};
use crate::{flag, rule, truth};
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints what rules, events, flags, decisions, labels of a trace, reports of a backtest or the configuration may hold, as JSON Schema (draft 2020-12), so that
/// editors complete and check while you type. rules/EDITORS.md says how.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Configuration of the service: the schema of rules then has the service's own fields too.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What to describe; without it, a list of what there is.
    #[arg(value_enum)]
    what: Option<What>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// An event, as Wardline's own format has it.
    Event,
    /// A flag, as it is written to the review topic.
    Flag,
    /// A reviewer's verdict on a flag.
    Decision,
    /// A document of a rule file.
    Rule,
    /// A line of what is known of a trace.
    Truth,
    /// What `backtest` reports, as JSON.
    Backtest,
    /// The configuration of the service.
    Config,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let fields = match rules::configuration(arguments.config.as_deref()) {
        Ok(config) => config.map_or_else(FieldTable::canonical, |config| config.events.field_table()),
        Err(code) => return code,
    };
    let shown = match arguments.what {
        None => list(),
        Some(what) => show(&schema(what, &fields)),
    };
    exit::written(shown, "the schema", exit::CLEAN)
}

fn schema(what: What, fields: &FieldTable) -> Value {
    match what {
        What::Event => event::schema(),
        What::Flag => flag::schema(),
        What::Decision => flag::decision::schema(),
        What::Rule => rule::schema(fields),
        What::Truth => truth::schema(),
        What::Backtest => report::schema(),
        What::Config => config::schema(),
    }
}

fn show(schema: &Value) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    serde_json::to_writer_pretty(&mut out, schema)?;
    writeln!(out)?;
    out.flush()
}

fn list() -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    for what in What::value_variants() {
        let Some(value) = what.to_possible_value() else { continue };
        let about = value.get_help().map(ToString::to_string).unwrap_or_default();
        writeln!(out, "wardline schema {:<10}{about}", value.get_name())?;
    }
    out.flush()
}
