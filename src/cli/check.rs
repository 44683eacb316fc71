//! `wardline check`: everything there is to say about rule files, at once.
//!
//! A file is read, judged and compiled as `run` does it ([`crate::library`]); errors are shown with their
//! place and, where there is one, a fix. If there is none, the texts of the rules are looked for in what is said in
//! ordinary chat ([`lint`]), which `run` does not do: by the table that ships, or one of the platform's own messages. What
//! authors accept is left out, and a policy has the last word on what is told and how grave it is. For tools
//! `--format json` gives the same as one object.

mod policy;

use super::rules::count;
use super::{exit, render, rules};
use crate::clock::now_ms;
use crate::config::{Config, Problems};
use crate::engine::lint;
use crate::library::{self, Library};
use crate::rule::diagnostic::Severity;
use crate::rule::{Diagnostic, Policy, SourceMap, exception};
use crate::ruleset::Limits;
use crate::text::ordinary::Sample;
use crate::text::windows::Windows;
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks rule files: all errors and doubts at once, each with its place and, where there is one, a fix. Warns, too, of
/// texts that are in many ordinary messages, or that a view also finds in other words, and of rules that would be slow.
#[derive(Debug, Args)]
#[command(after_help = exit::CODES)]
pub(super) struct Arguments {
    /// Configuration of the service, for the types of its own fields, its rules, its lists and its table of messages.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How diagnostics are shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Directory of lists (`name.txt`), which replace those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// Policy (TOML): which diagnostics are told, and which are errors.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Table of what your own messages say, made by `wardline sample`, in place of the one that ships.
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// Warnings, too, make the command fail; a comment `# wardline: allow CODE reason` in a rule spares it one.
    #[arg(long)]
    strict: bool,
    /// Rule files, or directories of them; without any, those of the configuration.
    #[arg(required_unless_present = "config", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people: the source line with the place marked.
    Text,
    /// For tools: one JSON object.
    Json,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let config = match rules::configuration(arguments.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let policy = match own_policy(arguments, config.as_ref()) {
        Ok(policy) => policy,
        Err(problems) => return exit::failed(exit::BAD_CONFIGURATION, problems),
    };
    let mut checked = match judged(arguments, config.as_ref()) {
        Ok(checked) => checked,
        Err((code, error)) => return exit::failed(code, error),
    };
    checked.diagnostics = policy.apply(checked.diagnostics);
    let shown = show(arguments.format, &checked);
    exit::written(shown, "the result", outcome(&checked.diagnostics, arguments.strict))
}

/// The policy that arguments name, else that of the configuration, else none.
fn own_policy(arguments: &Arguments, config: Option<&Config>) -> Result<Policy, Problems> {
    let configured = config.and_then(|config| config.rules.policy.as_ref());
    arguments.policy.as_ref().or(configured).map_or_else(|| Ok(Policy::default()), |path| policy::read(path))
}

fn outcome(diagnostics: &[Diagnostic], strict: bool) -> u8 {
    let unusable = |found: &Diagnostic| found.code.severity() == Severity::Error;
    match render::counts(diagnostics) {
        (0, 0) => exit::CLEAN,
        (0, _) if !strict => exit::CLEAN,
        // An error by a policy alone: the rules could be used.
        _ if !diagnostics.iter().any(unusable) => exit::FINDINGS,
        _ => exit::BAD_INPUT,
    }
}

/// What was read, and what there is to say about it.
struct Checked {
    map: SourceMap,
    /// Numbers of rules and of correlations, if all can be used.
    counts: Option<(usize, usize)>,
    diagnostics: Vec<Diagnostic>,
}

/// By the table that arguments or the configuration name, else by the one that ships.
fn judged(arguments: &Arguments, config: Option<&Config>) -> Result<Checked, (u8, String)> {
    let bad_input = |error| (exit::BAD_INPUT, error);
    let judge = |sample: &Sample<'_>| {
        let limits = Limits { windows: Windows::of(sample), ..Limits::default() };
        check(arguments, config, sample, &limits)
    };
    if let Some(path) = &arguments.sample {
        return rules::read_sample(path, judge).flatten().map_err(bad_input);
    }
    let own = rules::own_sample(config, judge).map_err(|error| (exit::BAD_CONFIGURATION, error))?;
    let judged = own.unwrap_or_else(|| check(arguments, config, &Sample::english(), &Limits::default()));
    judged.map_err(bad_input)
}

fn check(
    arguments: &Arguments,
    config: Option<&Config>,
    sample: &Sample<'_>,
    limits: &Limits,
) -> Result<Checked, String> {
    let (paths, lists) = rules::places(&arguments.paths, arguments.lists.as_deref(), config);
    let sources = library::read(paths, lists).map_err(|error| error.to_string())?;
    let reading = rules::canonical_reading(config);
    let (counts, diagnostics) = match library::compile(&sources, &reading, limits) {
        Ok(Library { program, mut warnings, silences }) => {
            let rules = program.rules().rules().to_vec();
            let correlations = program.correlations().iter();
            let correlations: Vec<_> =
                correlations.map(|(_, compiled)| compiled.correlation.clone()).collect();
            // A long list takes much memory when compiled, and the next step compiles it again.
            drop(program);
            warnings.extend(exception::expired(&rules, now_ms()));
            let both = (&*rules, &*correlations);
            let all = lint::all(both, &sources.map, warnings, silences, (sample, limits));
            (Some((rules.len(), correlations.len())), all)
        }
        Err(diagnostics) => (None, diagnostics),
    };
    Ok(Checked { map: sources.map, counts, diagnostics })
}

fn show(format: Format, checked: &Checked) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Text => {
            out.write_all(render::text(&checked.map, &checked.diagnostics, true).as_bytes())?;
            writeln!(out, "{}", summary(checked))?;
        }
        Format::Json => {
            let value = render::json(&checked.map, &checked.diagnostics, checked.counts);
            serde_json::to_writer(&mut out, &value)?;
            writeln!(out)?;
        }
    }
    out.flush()
}

fn summary(checked: &Checked) -> String {
    let (errors, warnings) = render::counts(&checked.diagnostics);
    let files = count(checked.map.iter().count(), "file");
    let rules = match checked.counts {
        None => String::new(),
        Some((rules, 0)) => format!("{} in ", count(rules, "rule")),
        Some((rules, correlations)) => {
            format!("{} and {} in ", count(rules, "rule"), count(correlations, "correlation"))
        }
    };
    match (errors, warnings) {
        (0, 0) => format!("{rules}{files}: no problems"),
        (errors, warnings) => {
            format!("{rules}{files}: {}, {}", count(errors, "error"), count(warnings, "warning"))
        }
    }
}
