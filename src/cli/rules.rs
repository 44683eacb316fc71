//! The arguments that name rules, and loading them: shared by the commands that evaluate.

use super::{exit, render};
use crate::library::{self, Library};
use crate::ruleset::Limits;
use crate::worker::stage::Reading;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Loads the rules at `paths`. If they cannot be used, all that is wrong is shown on standard error, and the
/// exit code is given back. Warnings are shown only by `check`.
pub(super) fn load(paths: &[PathBuf], lists: Option<&Path>, reading: &Reading) -> Result<Library, ExitCode> {
    let sources = library::read(paths, lists).map_err(|error| exit::failed(exit::BAD_INPUT, error))?;
    library::compile(&sources, reading, &Limits::default()).map_err(|diagnostics| {
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

/// `1 rule`, `2 rules`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
