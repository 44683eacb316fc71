//! What is shared with the rest of the world: the public corpus of Sigma rules, and another evaluator of them.
//!
//! ```text
//!  sigma         every active rule of the corpus compiles; each of its regression tests behaves as it states
//!  differential  generated rules over generated events: ours and rsigma-eval find the same, but for what `known` names
//! ```
//!
//! `tests/conformance/run` fetches the corpus and runs both. What is wanted of each stands beside it, so that a run that finds less ends with
//! an error.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test reads files and the clock, and ends if it cannot be set up"
)]

mod corpus;
mod differential;
mod generate;
mod known;
mod lower;
mod matcher;
mod regression;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Holds Wardline against the public corpus of Sigma rules, and against another evaluator.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The corpus: its rules compile, its regression tests behave as they state.
    Sigma {
        /// A clone of SigmaHQ/sigma.
        corpus: PathBuf,
        /// How long reading, checking and compiling all rules may take, in seconds of this thread's CPU time.
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
    },
    /// Generated rules and events, through Wardline and rsigma-eval.
    Differential {
        /// How many pairs of a rule and an event, at least.
        #[arg(long, default_value_t = 20_000)]
        pairs: usize,
        /// Another seed makes other rules and events.
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
}

fn main() -> ExitCode {
    let passed = match Options::parse().command {
        Command::Sigma { corpus, seconds } => {
            let (rules, right) = corpus::check(&corpus, seconds);
            rules.is_some_and(|rules| regression::check(&corpus, rules)) && right
        }
        Command::Differential { pairs, seed } => differential::check(pairs, seed),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
