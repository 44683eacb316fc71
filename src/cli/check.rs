//! `wardline check`: everything there is to say about rule files, at once.
//!
//! A file is read, judged and compiled as `run` would do it; errors are shown with their place and, where
//! there is one, a fix. Nothing is evaluated. For tools `--format json` gives the same as one object.
#![expect(clippy::disallowed_methods, reason = "the shell reads rule files and lists")]

use super::{exit, render};
use crate::event::FieldTable;
use crate::rule::codes::Code;
use crate::rule::list::List;
use crate::rule::source::Span;
use crate::rule::{self, Diagnostic, Lists, Loaded, SourceMap};
use crate::ruleset::{CompileCode, CompileError, Limits, RuleSet};
use anyhow::Context;
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Checks rule files: all errors and doubts at once, each with its place and, where there is one, a fix.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How diagnostics are shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Directory of lists (`name.txt`); otherwise `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    list_dir: Option<PathBuf>,
    /// Warnings, too, make the command fail.
    #[arg(long)]
    strict: bool,
    /// Rule files, or directories of them.
    #[arg(required = true, value_name = "PATH")]
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
    let checked = match check(arguments) {
        Ok(checked) => checked,
        Err(error) => {
            drop(writeln!(anstream::stderr(), "error: {error:#}"));
            return ExitCode::from(exit::BAD_INPUT);
        }
    };
    match show(arguments.format, &checked) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            drop(writeln!(anstream::stderr(), "error: writing the result: {error}"));
            ExitCode::from(exit::RUNTIME_FAILURE)
        }
        _ => ExitCode::from(outcome(&checked.diagnostics, arguments.strict)),
    }
}

fn outcome(diagnostics: &[Diagnostic], strict: bool) -> u8 {
    match render::counts(diagnostics) {
        (0, 0) => exit::CLEAN,
        (0, _) if strict => exit::FINDINGS,
        (0, _) => exit::CLEAN,
        _ => exit::BAD_INPUT,
    }
}

/// What was read, and what there is to say about it.
struct Checked {
    map: SourceMap,
    rules: usize,
    diagnostics: Vec<Diagnostic>,
}

fn check(arguments: &Arguments) -> anyhow::Result<Checked> {
    let mut map = SourceMap::default();
    let mut lists = Lists::default();
    for path in &arguments.paths {
        for file in files(path, &["yml", "yaml"])? {
            let bytes = fs::read(&file).with_context(|| format!("{}: cannot be read", file.display()))?;
            map.add_bytes(&file.display().to_string(), &bytes);
        }
        let beside = if path.is_dir() { Some(&**path) } else { path.parent() };
        let beside = beside.map(|directory| directory.join("lists")).filter(|lists| lists.is_dir());
        for directory in arguments.list_dir.iter().chain(&beside) {
            read_lists(directory, &mut lists)?;
        }
    }
    let loaded = rule::load(&map, &FieldTable::canonical(), &lists);
    let (rules, diagnostics) = compiled(loaded);
    Ok(Checked { map, rules, diagnostics })
}

fn read_lists(directory: &Path, lists: &mut Lists) -> anyhow::Result<()> {
    for file in files(directory, &["txt"])? {
        let text =
            fs::read_to_string(&file).with_context(|| format!("{}: cannot be read", file.display()))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        lists.insert(List::parse(&name, &text));
    }
    Ok(())
}

/// The file itself, or the files below a directory with one of the extensions, by name.
fn files(path: &Path, extensions: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut entries = fs::read_dir(path)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
        if path.is_dir() {
            found.extend(files(&path, extensions)?);
        } else if extension.is_some_and(|extension| extensions.contains(&extension.as_str())) {
            found.push(path);
        }
    }
    Ok(found)
}

/// How many rules can be used; the diagnostics of reading, and those that only compiling finds.
fn compiled(loaded: Loaded) -> (usize, Vec<Diagnostic>) {
    let Loaded { rules, mut diagnostics } = loaded;
    let origins: Vec<_> = rules.iter().map(|rule| rule.origin.span).collect();
    let errors = RuleSet::compile(rules, &Limits::default()).err().unwrap_or_default();
    let bad: BTreeSet<_> = errors.iter().map(|error| error.rule).collect();
    let usable = origins.len() - bad.len();
    let found = errors.into_iter().filter_map(|error| Some(diagnostic(*origins.get(error.rule)?, &error)));
    diagnostics.extend(found);
    diagnostics.sort_by_key(|found| (found.primary.span, found.code));
    (usable, diagnostics)
}

/// An error of compiling, at the rule's `detection`. What stands behind a colon is advice.
fn diagnostic(place: Span, error: &CompileError) -> Diagnostic {
    let code = match error.code {
        CompileCode::Unanchored => Code::Unanchored,
        CompileCode::View => Code::NotSupportedYet,
        CompileCode::Regex => Code::RegexTooLarge,
        CompileCode::TooMany => Code::CannotCompile,
    };
    match error.message.split_once(": ") {
        Some((message, help)) => Diagnostic::new(code, place, message).help(help),
        None => Diagnostic::new(code, place, error.message.as_str()),
    }
}

fn show(format: Format, checked: &Checked) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Text => {
            out.write_all(render::text(&checked.map, &checked.diagnostics, true).as_bytes())?;
            writeln!(out, "{}", summary(checked))?;
        }
        Format::Json => {
            let value = render::json(&checked.map, &checked.diagnostics, checked.rules);
            serde_json::to_writer(&mut out, &value)?;
            writeln!(out)?;
        }
    }
    out.flush()
}

fn summary(checked: &Checked) -> String {
    let (errors, warnings) = render::counts(&checked.diagnostics);
    let files = checked.map.iter().count();
    let counted =
        |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let found = match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (errors, warnings) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    format!("{} in {}: {found}", counted(checked.rules, "usable rule"), counted(files, "file"))
}
