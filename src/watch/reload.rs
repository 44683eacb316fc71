//! Loading a rule set aside and putting it in the place of the one in use; or saying why not.

use super::{Baseline, Cause, Settings, Watcher, baseline};
use crate::clock::now_ms;
use crate::config::Rules;
use crate::library::{self, LibraryError, Sources};
use crate::rule::Diagnostic;
use crate::rule::diagnostic::Severity;
use crate::rule::model::Status;
use crate::ruleset::Limits;
use crate::telemetry::{FailedReload, Telemetry, events};
use crate::worker::slot::ProgramSlot;
use crate::worker::stage::{Program, Reading};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// When to try again to do without a list that has expired, in milliseconds.
const RETRY_MS: i64 = 10_000;

/// How many errors a failed reload names; `wardline check` shows all.
const NAMED: usize = 5;

/// Where rules come from and how they are made ready.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Files and directories with rules.
    pub paths: Vec<PathBuf>,
    /// Directory with lists, which replace those beside the rules.
    pub lists: Option<PathBuf>,
    /// How events are read.
    pub reading: Reading,
    /// Bounds of compiling.
    pub limits: Limits,
}

/// Why a rule set cannot be loaded.
#[derive(Debug)]
pub enum LoadError {
    /// Files cannot be found or read.
    Files(LibraryError),
    /// The rules are wrong: what was read, and all there is to say about it.
    Rules(Box<Sources>, Vec<Diagnostic>),
}

impl From<LibraryError> for LoadError {
    fn from(error: LibraryError) -> LoadError {
        LoadError::Files(error)
    }
}

impl Recipe {
    /// What to watch for these rules, as the configuration says.
    pub fn watching(&self, rules: &Rules) -> Settings {
        let beside = self.paths.iter().map(|path| match path.parent() {
            Some(parent) if path.is_file() => parent.join("lists"),
            _ => path.join("lists"),
        });
        let paths = self.paths.iter().cloned().chain(beside).chain(self.lists.clone());
        Settings { paths: paths.collect(), files: rules.reload, quiet: rules.reload_after }
    }

    /// Reads and compiles. Touches nothing that is in use; doubts about the rules go to the log.
    pub fn load(&self) -> Result<Arc<Program>, LoadError> {
        let sources = library::read(&self.paths, self.lists.as_deref())?;
        match library::compile(&sources, &self.reading, &self.limits) {
            Ok(library) => {
                for warning in &library.warnings {
                    // Its words may quote the rule; `wardline check` shows them.
                    tracing::warn!(place = place(&sources, warning), "a rule is doubtful");
                }
                Ok(Arc::new(library.program))
            }
            Err(diagnostics) => Err(LoadError::Rules(Box::new(sources), diagnostics)),
        }
    }

    /// The program to start with.
    pub fn first(&self, telemetry: &Telemetry) -> Result<Arc<Program>, LoadError> {
        let begun = Instant::now();
        let program = self.load()?;
        loaded(&program, begun, false, telemetry);
        Ok(program)
    }

    /// Loads anew, and on success puts the new program into the slot. On failure the old one stays; log,
    /// metrics and health say so. Says when to load again at the latest, in milliseconds since the epoch.
    pub fn reload(&self, slot: &ProgramSlot, telemetry: &Telemetry) -> Option<i64> {
        let begun = Instant::now();
        match self.load() {
            Ok(program) => {
                let expires = program.expires();
                slot.set(Arc::clone(&program));
                loaded(&program, begun, true, telemetry);
                expires
            }
            Err(error) => {
                events::ReloadFailed(&error.summary(now_ms())).emit(telemetry);
                again(slot)
            }
        }
    }

    /// Watches from `seen` on and reloads. `seen` was taken ([`baseline`]) before the first load.
    pub fn follow(
        self,
        seen: Baseline,
        slot: Arc<ProgramSlot>,
        telemetry: Arc<Telemetry>,
    ) -> std::io::Result<Watcher> {
        let due = slot.get().expires();
        seen.watch(due, move |cause: Cause| {
            tracing::debug!(?cause, "loading rules");
            reported(&telemetry, || self.reload(&slot, &telemetry), || again(&slot))
        })
    }

    /// The state of the files now: to be taken before the first load.
    pub fn baseline(&self, rules: &Rules) -> Baseline {
        baseline(self.watching(rules))
    }
}

impl LoadError {
    /// Codes and places of the first errors. Never the text of a rule.
    pub fn summary(&self, at_ms: i64) -> FailedReload {
        match self {
            LoadError::Files(error) => FailedReload { at_ms, errors: 1, first: vec![error.to_string()] },
            LoadError::Rules(sources, diagnostics) => {
                let errors = || diagnostics.iter().filter(|found| found.severity() == Severity::Error);
                let first = errors().take(NAMED).map(|found| place(sources, found));
                FailedReload { at_ms, errors: errors().count(), first: first.collect() }
            }
        }
    }
}

fn loaded(program: &Program, begun: Instant, reload: bool, telemetry: &Telemetry) {
    let rules = program.rules().rules().iter().filter(|rule| rule.status != Status::Retired).count();
    let (digest, took) = (program.digest(), begun.elapsed());
    events::RulesLoaded { digest, rules, reload, took, now_ms: now_ms() }.emit(telemetry);
    events::ListsInUse(program.lists()).emit(telemetry);
    events::CorrelationsLoaded(program.has_correlations()).emit(telemetry);
}

/// When to try again to do without a list that has expired or will, after a load that failed.
fn again(slot: &ProgramSlot) -> Option<i64> {
    slot.get().expires().map(|expires| expires.max(now_ms() + RETRY_MS))
}

/// Loads; if that panics, it is a reload that failed, and the next change is heard all the same. Otherwise
/// the watcher's thread would end and no change be seen from then on, without a sign.
fn reported(
    telemetry: &Telemetry,
    reload: impl FnOnce() -> Option<i64>,
    failed: impl FnOnce() -> Option<i64>,
) -> Option<i64> {
    catch_unwind(AssertUnwindSafe(reload)).unwrap_or_else(|_| {
        let first = vec!["loading ended in a panic, which the log shows; please report it".to_owned()];
        events::ReloadFailed(&FailedReload { at_ms: now_ms(), errors: 1, first }).emit(telemetry);
        failed()
    })
}

/// `CODE file:line:column`.
fn place(sources: &Sources, found: &Diagnostic) -> String {
    let span = found.primary.span;
    let at = sources.map.position(span);
    let name = sources.map.file(span.file).map(|file| Arc::clone(file.name())).unwrap_or_default();
    format!("{} {name}:{}:{}", found.code, at.line, at.column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Bounds;
    use std::fs;

    fn rule(phrase: &str) -> String {
        format!(
            "title: Asks to keep it secret\nid: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02\nname: ask_secret\n\
             logsource: {{product: chat, category: message}}\n\
             detection:\n  phrases:\n    text|phrase: [\"{phrase}\"]\n  condition: phrases\nlevel: medium\n"
        )
    }

    #[test]
    fn a_broken_file_leaves_the_old_rules_and_a_good_one_replaces_them() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.yml");
        fs::write(&file, rule("keep this a secret")).unwrap();
        let paths = vec![directory.path().to_owned()];
        let reading = Reading::default();
        let recipe = Recipe { paths, lists: None, reading, limits: Limits::default() };
        let telemetry = Telemetry::new(Bounds::LOOSE, 1, "none", 0).unwrap();
        let slot = ProgramSlot::new(recipe.first(&telemetry).unwrap());
        let first = slot.get().digest().to_owned();

        fs::write(&file, "title: x\ndetection: {sel: {text|nosuch: secret-entry}, condition: sel}\n")
            .unwrap();
        recipe.reload(&slot, &telemetry);
        assert_eq!(slot.get().digest(), first);
        let failed = telemetry.readiness(0).failed_reload.unwrap();
        assert!(failed.errors > 0 && failed.first[0].contains("a.yml:"), "{failed:?}");
        assert!(!format!("{failed:?}").contains("secret-entry"), "{failed:?}");

        fs::write(&file, "").unwrap();
        recipe.reload(&slot, &telemetry);
        assert_eq!(
            telemetry.readiness(0).failed_reload.unwrap().first,
            [format!("R603 {}:1:1", file.display())]
        );
        assert_eq!(slot.get().digest(), first);

        fs::remove_file(&file).unwrap();
        recipe.reload(&slot, &telemetry);
        assert!(telemetry.readiness(0).failed_reload.is_some());
        assert_eq!(slot.get().digest(), first);

        fs::write(&file, rule("do not tell anyone")).unwrap();
        recipe.reload(&slot, &telemetry);
        assert_ne!(slot.get().digest(), first);
        assert_eq!(telemetry.readiness(0).failed_reload, None);
        let metrics = telemetry.render(0).unwrap();
        assert!(metrics.contains("wardline_reloads_failed_total 3\n"), "{metrics}");
        assert!(metrics.contains("wardline_reloads_total 1\n"), "{metrics}");
    }

    #[test]
    fn a_panic_while_loading_is_a_reload_that_failed() {
        let telemetry = Telemetry::new(Bounds::LOOSE, 1, "none", 0).unwrap();
        let next = reported(&telemetry, || panic!("on purpose"), || Some(7));
        assert_eq!(next, Some(7));
        assert_eq!(telemetry.readiness(0).failed_reload.unwrap().errors, 1);
    }
}
