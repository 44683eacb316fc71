//! Rules, and how events are read for them, as arguments and configuration say: shared by the commands that evaluate.
//!
//! `--config` gives them the configuration of the service, so that what an analyst tries is what runs. What
//! arguments say themselves wins.
#![expect(clippy::disallowed_methods, reason = "the shell reads the table")]

use super::{exit, render};
use crate::config::{self, Config};
use crate::event::{FieldTable, Mapping, Preset};
use crate::library::{self, Library};
use crate::ruleset::Limits;
use crate::text::ordinary::Sample;
use crate::text::windows::Windows;
use crate::worker::stage::Reading;
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The configuration that `--config` names, if it does; or all that is wrong with it is shown, and the exit code
/// given back.
pub(super) fn configuration(path: Option<&Path>) -> Result<Option<Config>, ExitCode> {
    let load =
        |path| config::load(Some(path)).map_err(|problems| exit::failed(exit::BAD_CONFIGURATION, problems));
    path.map(load).transpose()
}

/// How the service reads events.
pub(super) fn reading(config: &Config) -> Result<Reading, String> {
    let mapping = Mapping::from_spec(&config.events.mapping()).map_err(|error| error.to_string())?;
    let pseudonyms = config.pseudonyms().map_err(|problems| problems.to_string())?;
    let context = config.flags.context;
    Ok(Reading { fields: config.events.field_table(), mapping, pseudonyms, context })
}

/// The same, but for a shape that arguments ask for: texts that are no JSON, or a preset.
pub(super) fn reading_as(
    config: Option<&Config>,
    text: bool,
    preset: Option<Preset>,
) -> Result<Reading, ExitCode> {
    let reading = config.map_or_else(|| Ok(Reading::default()), reading);
    let mut reading = reading.map_err(|message| exit::failed(exit::BAD_CONFIGURATION, message))?;
    if text {
        reading.mapping = Mapping::plain_text();
    } else if let Some(preset) = preset {
        reading.mapping = Mapping::preset(preset);
    }
    Ok(reading)
}

/// The same for events in rules' own names, such as the examples in rules: of the configuration only types of fields.
pub(super) fn canonical_reading(config: Option<&Config>) -> Reading {
    let fields = config.map(|config| config.events.field_table());
    Reading { fields: fields.unwrap_or_else(FieldTable::canonical), ..Reading::default() }
}

/// The rules and lists that arguments name, else those that the configuration does.
pub(super) fn places<'a>(
    paths: &'a [PathBuf],
    lists: Option<&'a Path>,
    config: Option<&'a Config>,
) -> (&'a [PathBuf], Option<&'a Path>) {
    let rules = config.map(|config| &config.rules);
    let paths = if paths.is_empty() { rules.map_or(paths, |rules| &rules.paths) } else { paths };
    (paths, lists.or_else(|| rules?.lists.as_deref()))
}

/// The table of messages at `path`: how it is read, and what is wrong with it.
pub(super) fn read_sample<T>(path: &Path, read: impl FnOnce(&Sample<'_>) -> T) -> Result<T, String> {
    let at = |error: &dyn Display| format!("{}: {error}", path.display());
    let unread = |error| at(&format_args!("{error}; `wardline sample` writes such tables"));
    let table = fs::read_to_string(path).map_err(unread)?;
    Sample::parse(&table).map(|sample| read(&sample)).map_err(|error| at(&error))
}

/// The same of the table that the configuration names, if it does.
pub(super) fn own_sample<T>(
    config: Option<&Config>,
    read: impl FnOnce(&Sample<'_>) -> T,
) -> Result<Option<T>, String> {
    let path = config.and_then(|config| config.rules.sample.as_deref());
    let read = path.map(|path| read_sample(path, read)).transpose();
    read.map_err(|message| format!("rules.sample: {message}"))
}

/// What rules may cost, and what that is reckoned by: the platform's own messages, if the configuration names their table. It
/// changes how fast rules are, never what they find.
pub(super) fn limits(config: Option<&Config>) -> Result<Limits, String> {
    let windows = own_sample(config, Windows::of)?;
    Ok(Limits { windows: windows.unwrap_or_default(), ..Limits::default() })
}

/// Loads the rules at `paths`. If they cannot be used, all that is wrong is shown on standard error, and the
/// exit code is given back. Warnings are shown only by `check`.
pub(super) fn load(
    paths: &[PathBuf],
    lists: Option<&Path>,
    reading: &Reading,
    limits: &Limits,
) -> Result<Library, ExitCode> {
    let sources = library::read(paths, lists).map_err(|error| exit::failed(exit::BAD_INPUT, error))?;
    library::compile(&sources, reading, limits).map_err(|diagnostics| {
        let shown = render::text(&sources.map, &diagnostics, true);
        let (errors, _) = render::counts(&diagnostics);
        // If standard error is closed, nobody is left to tell.
        drop(show(&shown));
        exit::failed(exit::BAD_INPUT, format_args!("the rules cannot be used: {}", count(errors, "error")))
    })
}

fn show(text: &str) -> io::Result<()> {
    anstream::stderr().lock().write_all(text.as_bytes())
}

/// That no rule or correlation has the name or id that was asked for, and which was probably meant.
pub(super) fn unknown_rule<'n>(asked: &str, names: impl Iterator<Item = &'n str>) -> String {
    let near = config::nearest(asked, names);
    let near = near.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default();
    format!("no rule is called {asked:?}{near}")
}

/// `1 rule`, `2 rules`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
