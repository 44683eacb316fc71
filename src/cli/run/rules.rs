//! The rules of the service: the first load, which must succeed, and every later one, which may fail.

#![expect(clippy::disallowed_methods, reason = "measures how long loading takes")]

use super::{Ending, now_ms};
use crate::cli::{exit, render};
use crate::config::Config;
use crate::event::Mapping;
use crate::library::{self, Library, LibraryError, Sources};
use crate::rule::Diagnostic;
use crate::rule::diagnostic::Severity;
use crate::ruleset::Limits;
use crate::telemetry::events::{ReloadFailed, RulesLoaded};
use crate::telemetry::{FailedReload, Telemetry};
use crate::watch::Cause;
use crate::worker::slot::ProgramSlot;
use crate::worker::stage::{Program, Reading};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// So many errors of a failed reload are named in the log and by `/readyz`.
const NAMED: usize = 5;

/// Loads the rules that the configuration names.
pub(super) struct Loader {
    paths: Vec<PathBuf>,
    lists: Option<PathBuf>,
    reading: Reading,
    telemetry: Arc<Telemetry>,
}

/// Why rules cannot be loaded.
enum Refusal {
    Unreadable(LibraryError),
    Wrong(Sources, Vec<Diagnostic>),
}

impl Loader {
    pub(super) fn new(config: &Config, telemetry: Arc<Telemetry>) -> Result<Self, String> {
        let mapping = Mapping::from_spec(&config.events.mapping()).map_err(|error| error.to_string())?;
        let pseudonyms = config.pseudonyms().map_err(|problems| problems.to_string())?;
        let reading = Reading { fields: config.events.field_table(), mapping, pseudonyms };
        let (paths, lists) = (config.rules.paths.clone(), config.rules.lists.clone());
        Ok(Self { paths, lists, reading, telemetry })
    }

    fn load(&self) -> Result<(Sources, Library), Refusal> {
        let sources = library::read(&self.paths, self.lists.as_deref()).map_err(Refusal::Unreadable)?;
        match library::compile(&sources, &self.reading, &Limits::default()) {
            Ok(library) => Ok((sources, library)),
            Err(diagnostics) => Err(Refusal::Wrong(sources, diagnostics)),
        }
    }

    /// The rules to start with.
    pub(super) fn first(&self) -> Result<Arc<Program>, Ending> {
        let begun = Instant::now();
        match self.load() {
            Ok((sources, library)) => Ok(self.loaded(&sources, library, begun, false)),
            Err(Refusal::Unreadable(error)) => Err(Ending::new(exit::BAD_INPUT, error)),
            Err(Refusal::Wrong(sources, diagnostics)) => {
                let errors = errors(&diagnostics).count();
                let shown = render::text(&sources.map, &diagnostics, false);
                let message = format!("the rules have {errors} errors\n\n{}", shown.trim_end());
                Err(Ending::new(exit::BAD_INPUT, message))
            }
        }
    }

    /// What to do when rules may have changed.
    pub(super) fn reloading(self, slot: Arc<ProgramSlot>) -> impl FnMut(Cause) + Send + 'static {
        move |_| {
            let begun = Instant::now();
            match self.load() {
                Ok((sources, library)) => slot.set(self.loaded(&sources, library, begun, true)),
                Err(refusal) => self.refused(&refusal),
            }
        }
    }

    fn loaded(&self, sources: &Sources, library: Library, begun: Instant, reload: bool) -> Arc<Program> {
        for warning in &library.warnings {
            let (code, place) = (warning.code.number(), place(sources, warning));
            tracing::warn!(code, place, "a rule is doubtful: {}", warning.message);
        }
        let program = Arc::new(library.program);
        let (digest, rules) = (program.digest(), program.heads().count());
        RulesLoaded { digest, rules, reload, took: begun.elapsed(), now_ms: now_ms() }.emit(&self.telemetry);
        program
    }

    fn refused(&self, refusal: &Refusal) {
        let (errors, first) = match refusal {
            Refusal::Unreadable(error) => (1, vec![error.to_string()]),
            Refusal::Wrong(sources, diagnostics) => {
                let named = errors(diagnostics).take(NAMED);
                let named = named.map(|error| format!("{} {}", error.code.number(), place(sources, error)));
                (errors(diagnostics).count(), named.collect())
            }
        };
        ReloadFailed(&FailedReload { at_ms: now_ms(), errors, first }).emit(&self.telemetry);
    }
}

fn errors(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error)
}

/// `file:line:column`.
fn place(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary.span;
    let file = sources.map.file(span.file).map_or("", |file| file.name());
    let at = sources.map.position(span);
    format!("{file}:{}:{}", at.line, at.column)
}
