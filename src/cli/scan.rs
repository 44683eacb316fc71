//! `wardline scan`: rules over files or standard input; flags as JSON Lines on standard output.
//!
//! What is read, evaluated and written is the pipeline's ([`pipeline`]); here are the arguments, the threads' number, and what
//! the command says and returns in the end. Message text appears in flags alone, never in what goes to standard error;
//! so do entries of lists.

pub(super) mod print;
mod profile;

use super::pipeline::report::{self, Reporter};
use super::pipeline::{self, Folding, Job, Order, Total};
use super::{exit, rules};
use crate::clock;
use crate::config::Config;
use crate::event::Preset;
use crate::file::{self, Content};
use crate::rule::model::Level;
use crate::worker::stage::Settings;
use clap::{Args, ValueEnum, value_parser};
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
    /// Configuration of the service: how it reads events, its rules, lists and greatest size of a flag. What other
    /// options say wins.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Exit with code 1 if a rule of this level or a graver one made a flag.
    #[arg(long, value_name = "LEVEL", value_enum)]
    fail_on: Option<LevelName>,
    /// Number of threads that decode and match; by default one a core. Always one if a rule reads `text.joined`, or
    /// flags show context.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=512))]
    jobs: Option<u16>,
    /// Directory of lists (`name.txt`), which replace those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// The order in which correlations are told of events: as they stand in the files, or by their times, when everything is
    /// read.
    #[arg(long, value_enum, default_value_t = Order::Recorded)]
    order: Order,
    /// Shape of the events; by default the configuration's, or canonical.
    #[arg(long, value_enum, conflicts_with = "text")]
    preset: Option<PresetName>,
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
    /// Every line is the text of a message, not JSON.
    #[arg(long)]
    text: bool,
    /// Files, directories or `-` for standard input; JSON Lines, plain or compressed by gzip or zstd.
    #[arg(value_name = "PATH", default_value = "-")]
    paths: Vec<PathBuf>,
}

/// [`Level`] as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum LevelName {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// [`Preset`] as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PresetName {
    /// Wardline's own event.
    Canonical,
    /// A message object of Discord's API, bare or in a gateway dispatch.
    Discord,
    /// An `EventSub` notification of Twitch.
    Twitch,
    /// Any JSON object.
    Generic,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Level {
        match name {
            LevelName::Informational => Level::Informational,
            LevelName::Low => Level::Low,
            LevelName::Medium => Level::Medium,
            LevelName::High => Level::High,
            LevelName::Critical => Level::Critical,
        }
    }
}

impl From<PresetName> for Preset {
    fn from(name: PresetName) -> Preset {
        match name {
            PresetName::Canonical => Preset::Canonical,
            PresetName::Discord => Preset::Discord,
            PresetName::Twitch => Preset::Twitch,
            PresetName::Generic => Preset::Generic,
        }
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let job = match arguments.job() {
        Ok(job) => Arc::new(job),
        Err(code) => return code,
    };
    let mut reporter = Reporter::new(&job, arguments.quiet);
    let out = BufWriter::with_capacity(file::BLOCK_BYTES, io::stdout().lock());
    let folding = Folding::new(&job.program, job.settings, arguments.order);
    let result = pipeline::run(&job, &Print, &mut Printer::new(out, folding), &mut reporter);
    let total = reporter.finish();
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

impl Arguments {
    fn job(&self) -> Result<Job, ExitCode> {
        let config = rules::configuration(self.config.as_deref())?;
        let config = config.as_ref();
        let reading = rules::reading_as(config, self.text, self.preset.map(Preset::from))?;
        let (paths, lists) = rules::places(&self.rules, self.lists.as_deref(), config);
        let limits =
            rules::limits(config).map_err(|message| exit::failed(exit::BAD_CONFIGURATION, message))?;
        let library = rules::load(paths, lists, &reading, &limits)?;
        let content = if self.text { Content::Text } else { Content::Json };
        let inputs =
            file::find(&self.paths, content).map_err(|error| exit::failed(exit::BAD_INPUT, error))?;
        Ok(Job {
            settings: settings(config),
            inputs,
            // Messages are joined in their order.
            threads: if library.program.remembers() { NonZeroUsize::MIN } else { self.threads() },
            program: Arc::new(library.program),
            clock: clock::now_ms,
            stopwatch: self.profile.map(|_| clock::elapsed_ns as fn() -> u64),
        })
    }

    fn threads(&self) -> NonZeroUsize {
        let asked = self.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
        asked.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

/// What the stage guards: flags fit as they do in the service, but a scan has no minutes in which a rule could flood.
fn settings(config: Option<&Config>) -> Settings {
    let usual = Settings::default();
    match config {
        Some(Config { limits, .. }) => {
            let grace_ms = i64::try_from(limits.window_grace.as_millis()).unwrap_or(usual.grace_ms);
            let (flag_limit, tail_limit) = (limits.max_flag_size, limits.max_tail_size);
            Settings { flag_limit, tail_limit, grace_ms, ..usual }
        }
        None => usual,
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
