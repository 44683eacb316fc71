//! `wardline lists`: which lists rules can take in and until when they may be used; and `--purge`, which deletes those that are
//! over. Of a list's entries it shows how many there are.

use super::{exit, rules};
use crate::library::lists::{self, Listed, Standing};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Shows the lists that rules can take in: name, version, number of entries, last day of use and state, never an entry. With
/// `--purge` deletes the files of those that have expired.
///
/// States: `open` (part of the rules), `current`, `stale` (issued more than 35 days ago), `expired`, `purged` (expired, and only
/// its manifest is left), `unstated` (outside the rules, without a manifest), `unusable`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Arguments {
    /// Configuration of the service, for its rules and its lists.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// With `--purge`: says what would be deleted, and deletes nothing.
    #[arg(long, requires = "purge")]
    dry_run: bool,
    /// Directory of lists (`name.txt`), beside those in `lists` beside the rules.
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
    /// Deletes the files of lists whose last day is over, after naming them, and their manifests; where a rule names the list,
    /// its manifest stays, for without it the rule could not be loaded.
    #[arg(long)]
    purge: bool,
    /// Rule files, or directories of them; without any, those of the configuration.
    #[arg(required_unless_present = "config", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// What the help says of exit codes.
const CODES: &str = "\
Exit codes:
  0  shown, and with --purge everything that has expired is deleted
  2  rules that cannot be read, or a list that cannot be used (shown all the same)
  3  arguments or a configuration that cannot be used
  4  a file that could not be deleted, or output that cannot be written";

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let config = match rules::configuration(arguments.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let (paths, lists) = rules::places(&arguments.paths, arguments.lists.as_deref(), config.as_ref());
    let found = match lists::survey(paths, lists) {
        Ok(found) => found,
        Err(error) => return exit::failed(exit::BAD_INPUT, error),
    };
    let mut out = anstream::stdout().lock();
    let mut code = if found.iter().any(is_unusable) { exit::BAD_INPUT } else { exit::CLEAN };
    let mut shown = show(&found, &mut out);
    if arguments.purge && shown.is_ok() {
        shown = purge(&found, arguments.dry_run, &mut out).map(|failed| {
            if failed {
                code = exit::RUNTIME_FAILURE;
            }
        });
    }
    exit::written(shown.and_then(|()| out.flush()), "the lists", code)
}

fn is_unusable(list: &Listed) -> bool {
    matches!(list.standing, Standing::Unusable(_))
}

/// Writes the lists as a table, and below it what is wrong with any.
fn show(found: &[Listed], out: &mut impl Write) -> io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "no lists");
    }
    let head = ["name", "version", "entries", "expires", "state", "file"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(found.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..5).map(width).collect();
    for row in &rows {
        for (cell, width) in row.iter().zip(&widths) {
            write!(out, "{cell:width$}  ")?;
        }
        writeln!(out, "{}", row[5])?;
    }
    for list in found {
        if let Standing::Unusable(problem) = &list.standing {
            writeln!(out, "{}: {problem}", list.name)?;
        }
    }
    Ok(())
}

fn row(list: &Listed) -> [String; 6] {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let entries = list.entries.map(|entries| entries.to_string());
    let state = list.standing.name().to_owned();
    let file = list.file.display().to_string();
    [list.name.clone(), or_none(&list.version), or_none(&entries), or_none(&list.expires), state, file]
}

/// Deletes what is over; true if something could not be.
fn purge(found: &[Listed], dry: bool, out: &mut impl Write) -> io::Result<bool> {
    let mut failed = false;
    for list in found {
        for file in list.doomed() {
            writeln!(out, "{} {}", if dry { "would delete" } else { "deleting" }, file.display())?;
            out.flush()?;
            if !dry && let Err(error) = lists::delete(&file) {
                anstream::eprintln!("error: {error}");
                failed = true;
            }
        }
        if let (Standing::Expired, Some(rules)) = (&list.standing, &list.named_in) {
            writeln!(out, "the manifest of {} stays, for {rules} names the list", list.name)?;
        }
    }
    Ok(failed)
}
