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
mod guard;
pub mod lists;
pub mod manifest;

use crate::clock::now_ms;
use crate::event::FieldTable;
use crate::file::{FindError, entries, walk};
use crate::rule::codes::Code;
use crate::rule::diagnostic::{Diagnostic, Severity};
use crate::rule::list::{List, Lists};
use crate::rule::model::Status;
use crate::rule::source::{FileId, SourceMap, Span};
use crate::rule::{Correlation, Silences};
use crate::ruleset::{CompileCode, CompileError, Limits, RuleSet};
use crate::worker::stage::{Program, Reading};
use manifest::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// By these names rule files are known.
const RULE_EXTENSIONS: &[&str] = &["yml", "yaml"];

/// By these names lists are known.
const LIST_EXTENSIONS: &[&str] = &["txt"];

/// By this ending of its name the manifest of a list is known.
const MANIFEST: &str = "manifest.toml";

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
    /// Where lists were looked for, whether or not there is such a directory.
    pub searched: Vec<PathBuf>,
}

/// Why rule files or lists could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// They could not be found.
    #[error(transparent)]
    Find(#[from] FindError),
    /// A list that cannot be used as it is.
    #[error("{}: {problem}", path.display())]
    BadList {
        /// The list's file.
        path: PathBuf,
        /// What is wrong with it, without its content.
        problem: String,
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
    read_at(paths, lists, now_ms())
}

/// The same at that time, in milliseconds since the epoch: whether an edition of a list may still be used depends on it.
pub fn read_at(paths: &[PathBuf], lists: Option<&Path>, now: i64) -> Result<Sources, LibraryError> {
    let mut sources = Sources::default();
    let beside = read_rules(paths, &mut sources)?;
    sources.searched = beside.iter().cloned().chain(lists.map(Path::to_owned)).collect();
    let mut named = lists_in(distinct(beside.clone()))?;
    named.extend(lists_in(lists.map(Path::to_owned))?);
    let own = own_folders(paths, &beside);
    for (name, file) in named {
        let real = fs::canonicalize(&file).map_err(|error| at(&file, error))?;
        let outside = !own.iter().any(|folder| real.starts_with(folder));
        sources.lists.insert(list(&name, (&file, &real), outside, now)?);
        sources.files.push(file);
    }
    add_purged(&mut sources, &beside, lists, now)?;
    Ok(sources)
}

/// Adds the lists of which only a manifest is left. Those in `lists` still replace others of their name.
fn add_purged(
    sources: &mut Sources,
    beside: &[PathBuf],
    lists: Option<&Path>,
    now: i64,
) -> Result<(), LibraryError> {
    let own: Vec<_> = lists.map(Path::to_owned).into_iter().collect();
    for (directories, replace) in [(beside, false), (&own, true)] {
        for (name, manifest, edition) in lists::purged(directories, now)? {
            if replace || sources.lists.get(&name).is_none() {
                sources.lists.insert(List::none_of(&name, edition));
                sources.files.push(manifest);
            }
        }
    }
    Ok(())
}

/// Reads the rule files at `paths`; returns the directories in which their lists may lie, each once.
fn read_rules(paths: &[PathBuf], sources: &mut Sources) -> Result<Vec<PathBuf>, LibraryError> {
    let mut beside = Vec::new();
    for path in paths {
        let found = rule_files(path)?;
        if path.is_dir() {
            beside.push(path.join("lists"));
        }
        for file in found {
            let bytes = fs::read(&file).map_err(|error| at(&file, error))?;
            sources.map.add_bytes(&file.display().to_string(), &bytes);
            beside.push(file.parent().unwrap_or(Path::new("")).join("lists"));
            sources.files.push(file);
        }
    }
    let mut seen = BTreeSet::new();
    beside.retain(|directory| seen.insert(directory.clone()));
    Ok(beside)
}

/// Folders of lists that are part of the rules, where they really lie: a link out of the rules does not make what it leads to
/// a part of them.
fn own_folders(paths: &[PathBuf], beside: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |path: &PathBuf| {
        let real = fs::canonicalize(path).ok()?;
        if real.is_dir() { Some(real) } else { real.parent().map(Path::to_owned) }
    };
    let rules: Vec<PathBuf> = paths.iter().filter_map(folder).collect();
    let real = beside.iter().filter_map(|folder| fs::canonicalize(folder).ok());
    real.filter(|folder| rules.iter().any(|rules| folder.starts_with(rules))).collect()
}

/// A list with what its manifest says. One that lies outside the rules is taken for confidential, unless that says otherwise.
fn list(name: &str, (file, real): (&Path, &Path), outside: bool, now: i64) -> Result<List, LibraryError> {
    let (bytes, metadata) = list_bytes(file)?;
    let manifest = match read_manifest(file)? {
        None => read_manifest(real)?,
        found => found,
    };
    let open = manifest.as_ref().is_some_and(|manifest| manifest.redistributable);
    if outside
        && !open
        && let Some(objection) = guard::objection(real, &metadata)
    {
        return Err(bad_list(file, &objection));
    }
    if !outside && manifest.is_some() && !open {
        let problem =
            "its manifest does not say that anybody may have it, so it must not lie beside the rules";
        return Err(bad_list(file, &problem));
    }
    let edition = manifest.map(|manifest| manifest.edition(&bytes, now)).transpose();
    let edition = edition.map_err(|problem| bad_list(file, &problem))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| bad_list(file, &"the list is not UTF-8; save it as UTF-8 in your editor"))?;
    let list = List::parse(name, &text).map_err(|error| bad_list(file, &error))?;
    Ok(match edition {
        Some(edition) => list.of_edition(edition),
        None if outside => list.unstated(),
        None => list,
    })
}

/// The manifest beside a list, if there is one.
fn read_manifest(list: &Path) -> Result<Option<Manifest>, LibraryError> {
    let path = list.with_extension(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&path, error)),
    };
    Manifest::parse(&text).map(Some).map_err(|problem| bad_list(&path, &problem))
}

/// What compiling says of everything that was read.
#[derive(Debug)]
pub struct Judged {
    /// Rules that can be used.
    pub usable: usize,
    /// Errors and warnings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// What authors accept.
    pub silences: Silences,
    /// The compiled rules, if there is no error.
    pub rules: Option<RuleSet>,
    /// The correlations of what they find.
    pub correlations: Vec<Correlation>,
}

/// A compiled rule set, and what there is to say about it.
#[derive(Debug)]
pub struct Library {
    /// The rules, ready to run.
    pub program: Program,
    /// Warnings: legal, but doubtful.
    pub warnings: Vec<Diagnostic>,
    /// What authors accept, for those who find more.
    pub silences: Silences,
}

/// Checks and compiles what was read. All or nothing: one error, and the diagnostics are all there is.
pub fn compile(sources: &Sources, reading: &Reading, limits: &Limits) -> Result<Library, Vec<Diagnostic>> {
    let Judged { mut diagnostics, rules, silences, correlations, .. } =
        judge(sources, &reading.fields, limits);
    let Some(rules) = rules else { return Err(diagnostics) };
    match Program::correlating(rules, correlations, &sources.lists, reading) {
        Ok(program) => Ok(Library { program, warnings: diagnostics, silences }),
        Err(error) => {
            let first = sources.map.iter().next().map(|(file, _)| Span::new(file, 0..0));
            let place = first.unwrap_or_default();
            add(&mut diagnostics, [Diagnostic::new(Code::CannotCompile, place, error.to_string())]);
            Err(diagnostics)
        }
    }
}

/// Checks what was read, compiling included, and says all that is wrong or doubtful about it.
pub fn judge(sources: &Sources, fields: &FieldTable, limits: &Limits) -> Judged {
    let loaded = crate::rule::load(&sources.map, fields, &sources.lists);
    let (mut diagnostics, silences, correlations) =
        (loaded.diagnostics, loaded.silences, loaded.correlations);
    for found in diagnostics.iter_mut().filter(|found| found.code == Code::UnknownList) {
        found.help.extend(searched(&sources.searched));
    }
    let sound = !diagnostics.iter().any(|found| found.severity() == Severity::Error);
    if sound && !loaded.rules.iter().any(|rule| rule.status != Status::Retired) {
        add(&mut diagnostics, sources.map.iter().next().map(|(file, _)| nothing_in_use(file)));
        return Judged { usable: 0, diagnostics, silences, rules: None, correlations };
    }
    let places: Vec<_> = loaded.rules.iter().map(|rule| rule.origin.span).collect();
    let errors = match RuleSet::compile(loaded.rules, limits) {
        Ok(rules) => {
            let rules = sound.then_some(rules);
            return Judged { usable: places.len(), diagnostics, silences, rules, correlations };
        }
        Err(errors) => errors,
    };
    let bad: BTreeSet<_> = errors.iter().filter_map(|error| error.rule).collect();
    let place = |error: &CompileError| {
        let rule = error.rule.and_then(|rule| places.get(rule)).or(places.first());
        error.place.or(rule.copied()).unwrap_or_default()
    };
    add(&mut diagnostics, errors.iter().map(|error| diagnostic(place(error), error)));
    Judged { usable: places.len() - bad.len(), diagnostics, silences, rules: None, correlations }
}

/// Adds what was found later, each where it is.
fn add(diagnostics: &mut Vec<Diagnostic>, found: impl IntoIterator<Item = Diagnostic>) {
    diagnostics.extend(found);
    diagnostics.sort_by_key(|found| (found.primary.span, found.code));
}

/// Most directories that advice names.
const MAX_NAMED: usize = 3;

/// Where a list was looked for, and how to have it looked for elsewhere.
fn searched(directories: &[PathBuf]) -> Option<String> {
    let named = directories.iter().take(MAX_NAMED).map(|path| format!("`{}`", path.display()));
    let named: Vec<_> = named.collect();
    let more = directories.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let searched = format!("searched: {}{more}", named.join(", "));
    let advice = "`--lists DIR`, or `rules.lists` in the configuration, names a directory of lists elsewhere";
    (!named.is_empty()).then(|| format!("{searched}; {advice}"))
}

/// At the beginning of the first file: it stands for all that were read.
fn nothing_in_use(first: FileId) -> Diagnostic {
    Diagnostic::new(Code::NoRules, Span::new(first, 0..0), "no rule is in use, so nothing would be flagged")
        .help("a file may have been cut short; a rule whose status is `deprecated` or `unsupported` does not count")
}

/// An error of compiling.
fn diagnostic(place: Span, error: &CompileError) -> Diagnostic {
    let code = match error.code {
        CompileCode::Unanchored => Code::Unanchored,
        CompileCode::View => Code::NotSupportedYet,
        CompileCode::Regex => Code::RegexTooLarge,
        CompileCode::TooMany => Code::CannotCompile,
    };
    let found = Diagnostic::new(code, place, error.message.as_str());
    match &error.help {
        Some(help) => found.help(help.as_str()),
        None => found,
    }
}

fn at(path: &Path, error: io::Error) -> LibraryError {
    FindError::Read { path: path.to_owned(), error }.into()
}

/// The rule files at a path: itself if it is a file, whatever its name.
fn rule_files(path: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let metadata = fs::metadata(path).map_err(|error| at(path, error))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    walk(path, &mut |file| {
        if has_extension(file, RULE_EXTENSIONS) {
            found.push(file.to_owned());
        }
    })?;
    if found.is_empty() {
        let (path, extensions) = (path.to_owned(), RULE_EXTENSIONS);
        return Err(FindError::Nothing { path, what: "rule file", extensions }.into());
    }
    Ok(found)
}

/// Whether a file in a directory of rules or lists may be one of them, by its name.
pub fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let manifest = name.strip_suffix(MANIFEST).is_some_and(|name| name.ends_with('.'));
    manifest || has_extension(path, RULE_EXTENSIONS) || has_extension(path, LIST_EXTENSIONS)
}

/// Whether the name of a file ends in one of these extensions, in any case.
fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let own = path.extension().and_then(|extension| extension.to_str());
    own.is_some_and(|own| extensions.iter().any(|known| own.eq_ignore_ascii_case(known)))
}

/// Those of the directories that exist, each once, whatever roads lead to it.
fn distinct(directories: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let is_new = |path: &PathBuf| path.is_dir() && fs::canonicalize(path).is_ok_and(|own| seen.insert(own));
    directories.into_iter().filter(is_new).collect()
}

/// The lists in directories, by name, of which each has one.
fn lists_in(
    directories: impl IntoIterator<Item = PathBuf>,
) -> Result<BTreeMap<String, PathBuf>, LibraryError> {
    let mut named = BTreeMap::new();
    for directory in directories {
        for file in list_files(&directory)? {
            if let Some(first) = named.insert(list_name(&file), file.clone()) {
                return Err(LibraryError::ListTwice { name: list_name(&file), first, second: file });
            }
        }
    }
    Ok(named)
}

fn list_files(directory: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let mut files = entries(directory)?;
    files.retain(|path| has_extension(path, LIST_EXTENSIONS) && !path.is_dir());
    Ok(files)
}

fn list_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn bad_list(path: &Path, problem: &dyn std::fmt::Display) -> LibraryError {
    LibraryError::BadList { path: path.to_owned(), problem: problem.to_string() }
}

/// What a list's file holds, and what the system says of that very file.
fn list_bytes(path: &Path) -> Result<(Vec<u8>, fs::Metadata), LibraryError> {
    // Before it is opened: a pipe would wait for a writer.
    if !fs::metadata(path).map_err(|error| at(path, error))?.is_file() {
        return Err(bad_list(path, &"it is no file"));
    }
    let mut file = fs::File::open(path).map_err(|error| at(path, error))?;
    let metadata = file.metadata().map_err(|error| at(path, error))?;
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| at(path, error))?;
    if bytes.len() as u64 > MAX_LIST_BYTES {
        return Err(bad_list(path, &"the list is larger than 256 MiB"));
    }
    Ok((bytes, metadata))
}

#[cfg(test)]
mod tests;
