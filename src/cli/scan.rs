//! `wardline scan`: rules over files or standard input; flags as JSON Lines on standard output.
//!
//! What is read is told by [`Input`], how it is evaluated by the [`pipeline`]; here is what the command says and returns in the end. Message text appears in flags alone, never in what goes to standard error;
//! so do entries of lists.

pub(super) mod print;
mod profile;

use super::exit;
use super::input::{Input, LevelName};
use super::pipeline::report::{self, Reporter};
use super::pipeline::{self, Folding, Job, Total};
use crate::clock;
use crate::file;
use crate::rule::model::Level;
use clap::Args;
use print::{Print, Printer};
use std::io::{self, BufWriter, ErrorKind};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs rules over files or standard input. Flags go to standard output as JSON Lines, in the order of the events;
/// progress, lines that cannot be read and a summary go to standard error.
///
/// An event without an id is known by file and line, so the ids of its flags tell it apart within one scan only.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Exit with code 1 if a rule of this level or a graver one made a flag.
    #[arg(long, value_name = "LEVEL", value_enum)]
    fail_on: Option<LevelName>,
    #[command(flatten)]
    input: Input,
    /// In the end, show on standard error what the slowest rules and patterns cost: 20 of each, or as many as said.
    ///
    /// Candidates: for how many events (of a pattern: values) something that all rules are searched for together
    /// proposed it. Verifications: on how many values a pattern was tried. Matches: of how many events (values) it was
    /// right. What rules share costs the first that asks for it. Times include what measuring takes; `-` is shown of a pattern that nothing proposes, so that it is
    /// tried whenever its test is asked for. rules/LANGUAGE.md says more under "What rules cost".
    #[arg(long, value_name = "ROWS", num_args = 0..=1, require_equals = true, default_missing_value = "20")]
    profile: Option<NonZeroUsize>,
    /// Say nothing but errors, and the profile: no progress, no lines that cannot be read, no summary.
    #[arg(long, short)]
    quiet: bool,
    /// Rule file, or directory of rule files, instead of the configured ones. May be repeated.
    #[arg(long, short, value_name = "PATH", required_unless_present = "config")]
    rules: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let (job, source) = match arguments.input.job(&arguments.rules) {
        Ok(read) => read,
        Err(code) => return code,
    };
    let stopwatch = arguments.profile.map(|_| clock::elapsed_ns as fn() -> u64);
    let job = Arc::new(Job { stopwatch, ..job });
    let mut reporter = Reporter::new(&job, &source, arguments.quiet);
    let out = BufWriter::with_capacity(file::BLOCK_BYTES, io::stdout().lock());
    let folding = Folding::new(&job.program, job.settings, arguments.input.order());
    let result = pipeline::run(&job, source, &Print, &mut Printer::new(out, folding), &mut reporter);
    let total = reporter.finish(!arguments.quiet);
    let fail_on = arguments.fail_on.map(Level::from);
    match result {
        Ok(profile) => {
            if let (Some(profile), Some(rows)) = (profile, arguments.profile) {
                report::say(&profile::text(&profile, job.program.rules(), rows.get()));
            }
            ExitCode::from(verdict(&total, fail_on))
        }
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            if arguments.profile.is_some() {
                report::say("no profile: the flags were not read to their end\n");
            }
            ExitCode::from(found(&total, fail_on))
        }
        Err(error) => exit::failed(exit::RUNTIME_FAILURE, format_args!("writing flags: {error}")),
    }
}

/// The exit code. Input that could not be read outweighs flags: the scan is not the whole of what was asked for.
fn verdict(total: &Total, fail_on: Option<Level>) -> u8 {
    if total.unreadable > 0 { exit::BAD_INPUT } else { found(total, fail_on) }
}

/// The exit code for what was found, also if nobody wanted to read all of it.
fn found(total: &Total, fail_on: Option<Level>) -> u8 {
    let grave = |least| total.stats.rules.values().any(|rule| rule.flags > 0 && rule.level >= least);
    if fail_on.is_some_and(grave) { exit::FINDINGS } else { exit::CLEAN }
}
