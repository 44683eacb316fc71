//! The command line: one module a command, each with its arguments and its `run`.

mod backtest;
mod check;
#[cfg(feature = "kafka")]
mod demo;
mod diff;
pub mod exit;
mod explain;
mod generate;
mod input;
mod labels;
mod lists;
mod pipeline;
mod reader;
pub mod render;
mod rules;
#[cfg(feature = "kafka")]
mod run;
mod sample;
mod scan;
mod schema;
mod sequence;
mod test;
mod written;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Finds child-exploitation indicators in chat and livestream events and flags them for human moderators.
#[derive(Debug, Parser)]
#[command(name = "wardline", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    Backtest(backtest::Arguments),
    Check(check::Arguments),
    #[cfg(feature = "kafka")]
    Demo(demo::Arguments),
    Diff(diff::Arguments),
    Explain(explain::Arguments),
    Generate(generate::Arguments),
    Lists(lists::Arguments),
    #[cfg(feature = "kafka")]
    Run(run::Arguments),
    Sample(sample::Arguments),
    Scan(scan::Arguments),
    Schema(schema::Arguments),
    Test(test::Arguments),
}

/// Parses the arguments, runs the command and turns its outcome into an exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    match arguments.command {
        Command::Backtest(arguments) => backtest::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        #[cfg(feature = "kafka")]
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Lists(arguments) => lists::run(&arguments),
        #[cfg(feature = "kafka")]
        Command::Run(arguments) => run::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
    }
}
