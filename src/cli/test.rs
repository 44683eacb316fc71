//! `wardline test`: the rules' own tests, through the same stage that `run` uses.
//!
//! All of them are evaluated as one batch against the whole rule set, and a test looks only at its own rule: what an
//! author sees here is what happens in the stream. What correlations need is then folded, test by test. Of one that fails is told
//! what fired and why, or what was missing.

mod choice;
mod junit;
mod report;
mod timed;
mod trial;
mod verdict;

use super::{exit, rules};
use crate::library::Library;
use crate::ruleset::Limits;
use crate::worker::stage::{Program, Reading};
use choice::Choice;
use clap::{Args, ValueEnum};
use report::Report;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use trial::{Stage, Subject};

/// Runs the tests that rules carry.
///
/// A test expects `match`, `no-match`, `known-miss` (ought to match, does not yet) or `known-false-positive` (ought not to
/// match, does). The last two pass while the rule is wrong, and fail once it is right. Of the events of a correlation's test the
/// last is judged: it matches if a flag comes of it.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Configuration of the service, for the types of its own fields, its rules and its lists. Examples in
    /// rules are written in the rules' own names of fields, whatever the platform calls them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Runs only tests whose full name, `rule / test`, holds this text, in any case.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How the outcome is shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Directory of lists (`name.txt`), which replace those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// Runs only the tests of the rule or correlation of that name or id; `*` stands for anything. May be repeated.
    #[arg(long, value_name = "NAME")]
    rule: Vec<String>,
    /// Rule files, or directories of them; without any, those of the configuration.
    #[arg(required_unless_present = "config", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people: what failed, and why.
    Text,
    /// For tools: one JSON object.
    Json,
    /// For CI servers: XML as `JUnit` writes it.
    Junit,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let (program, reading) = match load(arguments) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let report = match test(&program, &reading, arguments) {
        Ok(report) => report,
        Err(message) => return exit::failed(exit::BAD_CONFIGURATION, message),
    };
    let code = if report.failed() == 0 { exit::CLEAN } else { exit::FINDINGS };
    exit::written(show(arguments.format, &report), "the result", code)
}

fn load(arguments: &Arguments) -> Result<(Arc<Program>, Reading), ExitCode> {
    let config = rules::configuration(arguments.config.as_deref())?;
    let (paths, lists) = rules::places(&arguments.paths, arguments.lists.as_deref(), config.as_ref());
    let reading = rules::canonical_reading(config.as_ref());
    let Library { program, .. } = rules::load(paths, lists, &reading, &Limits::default())?;
    Ok((Arc::new(program), reading))
}

fn show(format: Format, report: &Report<'_>) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Text => out.write_all(report.text().as_bytes())?,
        Format::Json => {
            serde_json::to_writer(&mut out, &report.json())?;
            writeln!(out)?;
        }
        Format::Junit => out.write_all(report.junit().as_bytes())?,
    }
    out.flush()
}

/// Runs the tests that are asked for.
fn test<'p>(
    program: &'p Arc<Program>,
    reading: &Reading,
    arguments: &Arguments,
) -> Result<Report<'p>, String> {
    let (rules, set) = (program.rules().rules(), program.correlations());
    let subjects = subjects(program);
    let choice = Choice::new(arguments, &subjects)?;
    let chosen: Vec<Subject<'p>> = subjects.into_iter().filter(|subject| choice.subject(*subject)).collect();
    let tests = chosen.iter().flat_map(|subject| subject.tests().into_iter().map(|test| (*subject, test)));
    let tests = tests.filter(|(subject, test)| choice.test(*subject, *test));
    let stage = Stage::new(rules, set);
    let trials: Vec<_> =
        tests.zip(1..).map(|((subject, test), number)| stage.trial(subject, test, number)).collect();
    if trials.is_empty() && !choice.is_all() {
        return Err("no test is asked for: the rule has none, or `--filter` fits none".to_owned());
    }
    let correlations = chosen.iter().filter(|subject| matches!(subject, Subject::Correlation(..))).count();
    Ok(Report {
        verdicts: verdict::judge(program, reading, trials)?,
        rules: chosen.len() - correlations,
        correlations,
        untested: chosen.iter().filter(|subject| subject.tests().is_empty()).count(),
    })
}

/// The rules and then the correlations, but those of one file together.
fn subjects(program: &Program) -> Vec<Subject<'_>> {
    let rules = program.rules().rules().iter().map(Subject::Rule);
    let correlations = program.correlations().iter();
    let correlations = correlations.map(|(index, own)| Subject::Correlation(index, &own.correlation));
    let mut subjects: Vec<Subject<'_>> = rules.chain(correlations).collect();
    let mut files: HashMap<&str, usize> = HashMap::new();
    for subject in &subjects {
        let next = files.len();
        files.entry(subject.file()).or_insert(next);
    }
    subjects.sort_by_key(|subject| files.get(subject.file()).copied());
    subjects
}

#[cfg(test)]
mod tests;
