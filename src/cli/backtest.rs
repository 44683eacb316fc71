//! `wardline backtest`: rules over a labelled trace, and how they did.
//!
//! Here are the arguments, the labels' files and where reports go; what rules find is put to cases by [`mod@judge`], and all figures are
//! the core's ([`crate::backtest`]).
#![expect(clippy::disallowed_methods, reason = "the shell reads labels and writes reports")]

pub(super) mod judge;

use super::input::{Input, LevelName};
use super::pipeline::report::Reporter;
use super::pipeline::{self, Folding, Job, Order, Source};
use super::{exit, rules};
use crate::backtest::gate::{Gate, Verdict};
use crate::backtest::{Findings, Question, Report, csv, html, markdown};
use crate::rule::model::Level;
use crate::truth::{self, Truth};
use crate::worker::stage::Settings;
use clap::{Args, ValueEnum};
use judge::{Docket, Judge};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs rules over a labelled trace: what they catch and how early, what they wrongly flag, and what would have to be read. Labels
/// stand in a file of their own (`wardline schema truth`); `wardline generate cases` writes traces with labels.
///
/// A case is caught by its first flag of --level or a graver one. Shares are given with the numbers that they are made of, and the
/// interval that holds the true one in 95 of 100 cases.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Form of the report on standard output.
    #[arg(long, value_enum, default_value_t = Form::Markdown)]
    format: Form,
    #[command(flatten)]
    input: Input,
    /// A flag of this level or a graver one catches a case.
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = LevelName::High)]
    level: LevelName,
    /// So many missed and so many wrongly flagged cases are listed.
    #[arg(long, value_name = "CASES", default_value_t = 20)]
    list: usize,
    /// Writes the whole report to a file as well, in the form that its ending names: .md, .json, .csv or .html. Standard
    /// output is then given the summary alone. May be repeated.
    #[arg(long, value_name = "FILE", value_parser = out_file)]
    out: Vec<OutFile>,
    /// Say nothing on standard error but errors: no progress, no lines that cannot be read.
    #[arg(long, short)]
    quiet: bool,
    /// Exit with code 1 unless the report meets this condition, such as `recall(case) >= 0.9` or `precision(high) >= 80%`. May be
    /// repeated; what is wrong with a condition says which figures there are.
    #[arg(long, value_name = "CONDITION")]
    require: Vec<Gate>,
    /// Rule file, or directory of rule files, instead of the configured ones. May be repeated.
    #[arg(long, short, value_name = "PATH", required_unless_present = "config")]
    rules: Vec<PathBuf>,
    /// Compare what live rules do with what they and rules in shadow would do together.
    #[arg(long)]
    shadow: bool,
    /// File of labels. May be repeated.
    #[arg(long, value_name = "FILE", required = true)]
    truth: Vec<PathBuf>,
}

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Tables for people.
    Markdown,
    /// All figures, for programs (`wardline schema backtest`).
    Json,
    /// One table of all figures, for spreadsheets.
    Csv,
    /// A page with plots, in one file that needs no other.
    Html,
}

/// A file to write, in the form that its ending names.
#[derive(Debug, Clone)]
struct OutFile(PathBuf, Form);

fn out_file(path: &str) -> Result<OutFile, String> {
    let path = PathBuf::from(path);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let form = match ending {
        "md" => Form::Markdown,
        "json" => Form::Json,
        "csv" => Form::Csv,
        "html" => Form::Html,
        _ => return Err("expected a name that ends in .md, .json, .csv or .html".to_owned()),
    };
    Ok(OutFile(path, form))
}

impl Form {
    fn text(self, report: &Report, gates: &[(Gate, Verdict)]) -> io::Result<String> {
        Ok(match self {
            Form::Markdown => markdown::text(report, gates),
            Form::Json => serde_json::to_string_pretty(report)? + "\n",
            Form::Csv => csv::text(report),
            Form::Html => html::text(report, gates),
        })
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let level = Level::from(arguments.level);
    let prepared =
        read_truth(&arguments.truth).and_then(|truth| Ok((truth, arguments.input.job(&arguments.rules)?)));
    let (truth, read) = match prepared {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    let how = How { shown: level, quiet: arguments.quiet, order: arguments.input.order() };
    let (findings, unreadable) = match judge(read, &truth, how) {
        Ok(judged) => judged,
        Err(code) => return code,
    };
    let question = Question { level, shadow: arguments.shadow, listed: arguments.list };
    let report = Report::of(&findings, &truth, &question);
    let gates: Vec<_> = arguments.require.iter().map(|gate| (gate.clone(), gate.judge(&report))).collect();
    let all_met = gates.iter().all(|(_, verdict)| verdict.met);
    let code = match (unreadable, all_met) {
        (true, _) => exit::BAD_INPUT,
        (false, false) => exit::FINDINGS,
        (false, true) => exit::CLEAN,
    };
    exit::written(arguments.write(&report, &gates), "the report", code)
}

impl Arguments {
    fn write(&self, report: &Report, gates: &[(Gate, Verdict)]) -> io::Result<()> {
        for OutFile(path, form) in &self.out {
            fs::write(path, form.text(report, gates)?).map_err(|error| exit::at(path, &error))?;
        }
        let shown = match (self.format, self.out.is_empty()) {
            (Form::Markdown, false) => markdown::brief(report, gates),
            (form, _) => form.text(report, gates)?,
        };
        let mut out = anstream::stdout().lock();
        out.write_all(shown.as_bytes())?;
        out.flush()
    }
}

/// The truth that files tell; or all that is wrong with them is shown, and the exit code given back.
pub(super) fn read_truth(paths: &[PathBuf]) -> Result<Arc<Truth>, ExitCode> {
    let mut reader = truth::Reader::default();
    let mut begins = Vec::new();
    for path in paths {
        let text = fs::read(path).map_err(|error| {
            let name = path.display();
            exit::failed(exit::BAD_INPUT, format_args!("{name}: {error}; --truth names a file of labels"))
        })?;
        begins.push((reader.lines(), path));
        text.split(|byte| *byte == b'\n').for_each(|line| reader.line(line));
    }
    reader.finish().map(Arc::new).map_err(|wrong| {
        let count = rules::count(wrong.len(), "error");
        for wrong in wrong {
            let begin = begins.iter().rev().find(|(before, _)| wrong.line() > *before);
            let Some((before, path)) = begin else { continue };
            anstream::eprintln!("error: {}: {}", path.display(), wrong.after(*before));
        }
        exit::failed(exit::BAD_INPUT, format_args!("the labels cannot be used: {count}"))
    })
}

/// How events are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// Of flags of this level or a graver one, what was read is kept.
    pub(super) shown: Level,
    /// No progress is shown, and no lines that cannot be read.
    pub(super) quiet: bool,
    /// The order in which correlations are told of events.
    pub(super) order: Order,
}

/// What the rules of `job` find, and whether there was something that could not be read.
pub(super) fn judge(
    (job, source): (Job, Source),
    truth: &Arc<Truth>,
    how: How,
) -> Result<(Findings, bool), ExitCode> {
    // Also of rules that publish nothing: what they saw of a missed case.
    let job = Arc::new(Job { settings: Settings { unpublished: true, ..job.settings }, ..job });
    let judge = Judge::new(&job.program, &job.mapping, Arc::clone(truth), how.shown);
    let folding = Folding::new(&job.program, job.settings, how.order);
    let mut docket = Docket::new(judge.clone(), &job.program, folding);
    let mut reporter = Reporter::new(&job, &source, how.quiet);
    let result = pipeline::run(&job, source, &judge, &mut docket, &mut reporter);
    let total = reporter.finish(false);
    result.map_err(|error| exit::failed(exit::RUNTIME_FAILURE, format_args!("correlating: {error}")))?;
    Ok((docket.findings(total.stats.events, total.bad_lines), total.unreadable > 0))
}
