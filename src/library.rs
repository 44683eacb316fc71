//! Rules and lists on disk: finding, reading and compiling them.
//!
//! Rule files are `*.yml` and `*.yaml`, named or found in directories, in the order of their names, so that
//! the same files give the same rule set everywhere. Lists are `lists/name.txt` beside the rules, or in a directory of their own,
//! which may be confidential and outside the repository; the latter win. Hidden entries are passed over, which also
//! makes directories work that a Kubernetes config map is mounted into.
//!
//! Reading ([`read`]) touches the disk; compiling ([`compile`]) is a pure function of what was read. `scan`,
//! `check`, `test` and `run` all go this way.
#![expect(clippy::disallowed_methods, reason = "the shell reads rule files and lists")]

pub mod bundled;

use crate::rule::codes::Code;
use crate::rule::diagnostic::{Diagnostic, Severity};
use crate::rule::list::{List, Lists};
use crate::rule::source::{SourceMap, Span};
use crate::ruleset::{CompileCode, CompileError, Limits, RuleSet};
use crate::worker::stage::{Program, Reading};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Deepest nesting of directories that is searched; ends loops of symbolic links.
const MAX_DEPTH: u32 = 32;

/// Largest list, in bytes.
const MAX_LIST_BYTES: u64 = 256 << 20;

/// Rule files and lists as they were read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The rule files.
    pub map: SourceMap,
    /// The lists.
    pub lists: Lists,
    /// All files that were read.
    pub files: Vec<PathBuf>,
}

/// Why rule files, lists or files of events could not be found or read.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The system says no.
    #[error("{}: {error}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// No rule file anywhere.
    #[error("{}: no rule file (*.yml, *.yaml) found", path.display())]
    NoRules {
        /// Where was searched.
        path: PathBuf,
    },
    /// No file of events anywhere.
    #[error("{}: no file of events found (*.{}, with or without .gz or .zst)", path.display(), extensions.join(", *."))]
    NoEvents {
        /// Where was searched.
        path: PathBuf,
        /// What was searched for.
        extensions: &'static [&'static str],
    },
    /// Directories nested beyond the bound.
    #[error("{}: directories nested more than {MAX_DEPTH} deep; a link that leads back?", path.display())]
    TooDeep {
        /// The deepest.
        path: PathBuf,
    },
    /// A list that cannot be used as it is.
    #[error("{}: {problem}", path.display())]
    BadList {
        /// The list's file.
        path: PathBuf,
        /// What is wrong with it, without its content.
        problem: &'static str,
    },
    /// Two lists of one name.
    #[error("list `{name}` is both {} and {}; rename one", first.display(), second.display())]
    ListTwice {
        /// The name.
        name: String,
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
}

/// Reads the rule files at `paths` (files or directories) and the lists that they may name: those beside the
/// rules, and those in the directory `lists`, which replace others of their name.
pub fn read(paths: &[PathBuf], lists: Option<&Path>) -> Result<Sources, LibraryError> {
    let mut sources = Sources::default();
    let mut beside = BTreeSet::new();
    for path in paths {
        let found = rule_files(path)?;
        if path.is_dir() {
            beside.insert(path.join("lists"));
        }
        for file in found {
            let bytes = fs::read(&file).map_err(|error| at(&file, error))?;
            sources.map.add_bytes(&file.display().to_string(), &bytes);
            beside.insert(file.parent().unwrap_or(Path::new("")).join("lists"));
            sources.files.push(file);
        }
    }
    let mut named = BTreeMap::new();
    for directory in beside.iter().filter(|directory| directory.is_dir()) {
        for file in list_files(directory)? {
            if let Some(first) = named.insert(list_name(&file), file.clone()) {
                return Err(LibraryError::ListTwice { name: list_name(&file), first, second: file });
            }
        }
    }
    if let Some(directory) = lists {
        named.extend(list_files(directory)?.into_iter().map(|file| (list_name(&file), file)));
    }
    for (name, file) in named {
        sources.lists.insert(List::parse(&name, &list_text(&file)?));
        sources.files.push(file);
    }
    Ok(sources)
}

/// A compiled rule set, and what there is to say about it.
#[derive(Debug)]
pub struct Library {
    /// The rules, ready to run.
    pub program: Program,
    /// Warnings: legal, but doubtful.
    pub warnings: Vec<Diagnostic>,
}

/// Checks and compiles what was read. All or nothing: one error, and the diagnostics are all there is.
pub fn compile(sources: &Sources, reading: &Reading, limits: &Limits) -> Result<Library, Vec<Diagnostic>> {
    let loaded = crate::rule::load(&sources.map, &reading.fields, &sources.lists);
    let mut diagnostics = loaded.diagnostics;
    let places: Vec<_> = loaded.rules.iter().map(|rule| rule.origin.span).collect();
    let compiled = RuleSet::compile(loaded.rules, limits);
    let is_error = |found: &Diagnostic| found.severity() == Severity::Error;
    match compiled {
        Ok(rules) if !diagnostics.iter().any(is_error) => {
            let program = Program::new(rules, &sources.lists, reading);
            Ok(Library { program, warnings: diagnostics })
        }
        compiled => {
            let errors = compiled.err().unwrap_or_default();
            diagnostics.extend(errors.into_iter().filter_map(|error| {
                let place = *places.get(error.rule)?;
                Some(placed(place, &error))
            }));
            diagnostics.sort_by_key(|found| (found.primary.span, found.code));
            Err(diagnostics)
        }
    }
}

/// An error of compiling at its rule; what stands behind a colon is advice.
fn placed(place: Span, error: &CompileError) -> Diagnostic {
    match error.message.split_once(": ") {
        Some((message, help)) => Diagnostic::new(code(error), place, message).help(help),
        None => Diagnostic::new(code(error), place, error.message.as_str()),
    }
}

fn code(error: &CompileError) -> Code {
    match error.code {
        CompileCode::Unanchored => Code::Unanchored,
        CompileCode::View => Code::NotSupportedYet,
        CompileCode::Regex => Code::RegexTooLarge,
        CompileCode::TooMany => Code::CannotCompile,
    }
}

fn at(path: &Path, error: io::Error) -> LibraryError {
    LibraryError::Read { path: path.to_owned(), error }
}

/// The rule files at a path: itself if it is a file, whatever its name.
fn rule_files(path: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let metadata = fs::metadata(path).map_err(|error| at(path, error))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    walk(path, &mut |file| {
        if has_extension(file, &["yml", "yaml"]) {
            found.push(file.to_owned());
        }
    })?;
    if found.is_empty() {
        return Err(LibraryError::NoRules { path: path.to_owned() });
    }
    Ok(found)
}

/// Shows every file below `directory` to `visit`, by name, hidden ones excepted.
pub(crate) fn walk(directory: &Path, visit: &mut dyn FnMut(&Path)) -> Result<(), LibraryError> {
    descend(directory, MAX_DEPTH, visit)
}

fn descend(directory: &Path, depth: u32, visit: &mut dyn FnMut(&Path)) -> Result<(), LibraryError> {
    if depth == 0 {
        return Err(LibraryError::TooDeep { path: directory.to_owned() });
    }
    for path in entries(directory)? {
        let metadata = fs::metadata(&path).map_err(|error| at(&path, error))?;
        if metadata.is_dir() {
            descend(&path, depth - 1, visit)?;
        } else {
            visit(&path);
        }
    }
    Ok(())
}

/// The entries of a directory by name, hidden ones excepted.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let fail = |error| at(directory, error);
    let all = fs::read_dir(directory).map_err(fail)?;
    let mut paths =
        all.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(fail)?;
    paths.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    Ok(paths)
}

/// Whether the name of a file ends in one of these extensions, in any case.
fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let own = path.extension().and_then(|extension| extension.to_str());
    own.is_some_and(|own| extensions.iter().any(|known| own.eq_ignore_ascii_case(known)))
}

fn list_files(directory: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let mut files = entries(directory)?;
    files.retain(|path| has_extension(path, &["txt"]) && !path.is_dir());
    Ok(files)
}

fn list_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn list_text(path: &Path) -> Result<String, LibraryError> {
    let bad = |problem| LibraryError::BadList { path: path.to_owned(), problem };
    let size = fs::metadata(path).map_err(|error| at(path, error))?.len();
    if size > MAX_LIST_BYTES {
        return Err(bad("the list is larger than 256 MiB"));
    }
    let bytes = fs::read(path).map_err(|error| at(path, error))?;
    String::from_utf8(bytes).map_err(|_| bad("the list is not UTF-8; save it as UTF-8 in your editor"))
}

#[cfg(test)]
mod tests;
