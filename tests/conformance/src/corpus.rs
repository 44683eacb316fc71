//! Every active detection rule of the corpus: read, checked and compiled, each expression of it too.
//!
//! Rules that name lists get lists of one entry each, which is no network, name or address of anybody: the corpus leaves it to whoever
//! uses the rules to say what they hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use wardline::event::FieldTable;
use wardline::library::{self, Sources};
use wardline::rule::diagnostic::Severity;
use wardline::rule::list::List;
use wardline::rule::{Lists, SourceMap};
use wardline::ruleset::{Limits, RuleSet};

/// How many active rules the corpus has at the commit that `tests/conformance/run` fetches.
const RULES: usize = 3_780;

/// Rules that are refused on purpose, by their file's name, each with why. None is.
const REFUSED: &[(&str, &str)] = &[];

/// An entry of every list that a rule asks for.
const ENTRY: &str = "192.0.2.0/24";

/// The rules, if they compile; and true if all do, in time.
pub(crate) fn check(corpus: &Path, seconds: f64) -> (Option<RuleSet>, bool) {
    let map = read(corpus);
    let files = map.iter().count();
    let lists = lists(&map);
    let sources = Sources { map, lists, ..Sources::default() };
    let begun = cpu();
    let judged = library::judge(&sources, &FieldTable::canonical(), &Limits::default());
    let took = cpu() - begun;
    let errors = judged.diagnostics.iter().filter(|found| found.severity() == Severity::Error);
    let told: Vec<String> = errors.map(|found| told(&sources.map, found)).collect();
    for line in &told {
        println!("{line}");
    }
    let compiled = judged.rules.is_some();
    println!(
        "rules: {} of {files} files, {} errors, {} warnings, compiled: {compiled}, in {took:.2} s of CPU time",
        judged.usable,
        told.len(),
        judged.diagnostics.len() - told.len(),
    );
    let right = compiled && judged.usable + REFUSED.len() == RULES && took <= seconds;
    if !right {
        println!("FAILED: wanted {RULES} rules, compiled in {seconds} s");
    }
    (judged.rules, right)
}

fn told(map: &SourceMap, found: &wardline::rule::Diagnostic) -> String {
    let span = found.primary.span;
    let file = map.file(span.file).map(|file| file.name().to_string()).unwrap_or_default();
    format!("{}:{}: {} {}", file, map.position(span).line, found.code, found.message)
}

/// The active rules: everything in `rules` and the folders whose names begin so.
fn read(corpus: &Path) -> SourceMap {
    let mut files = Vec::new();
    for folder in entries(corpus) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if folder.is_dir() && (name == "rules" || name.starts_with("rules-")) {
            collect(&folder, "yml", &mut files);
        }
    }
    let mut map = SourceMap::default();
    for file in files {
        let name = file.strip_prefix(corpus).unwrap_or(&file).display().to_string();
        map.add_bytes(&name, &fs::read(&file).expect("the file was found"));
    }
    map
}

/// All files below a folder with that extension, in the order of their names.
pub(crate) fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in entries(folder) {
        if entry.is_dir() {
            collect(&entry, extension, found);
        } else if entry.extension().is_some_and(|own| own == extension) {
            found.push(entry);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = read.map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    entries
}

/// A list for each name between percent signs on a line below or beside an `expand`.
fn lists(map: &SourceMap) -> Lists {
    let mut lists = Lists::default();
    let loaded = wardline::rule::load(map, &FieldTable::canonical(), &Lists::default());
    let missing = loaded.diagnostics.iter().filter(|found| found.code == wardline::rule::Code::UnknownList);
    let names = missing.filter_map(|found| found.message.split('`').nth(1));
    for name in names.collect::<BTreeSet<_>>() {
        lists.insert(List::parse(name, ENTRY).expect("a list"));
    }
    lists
}

/// CPU time of this thread, in seconds.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    seconds
}
