//! The messages about broken rules, held by golden files.
//!
//! Each `tests/rules/broken/NN-name.yml` holds a mistake that people make; `NN-name.out` is the whole of what
//! `wardline check` shows for it. With `BLESS=1` in the environment the files are written instead of
//! compared: read the difference as the rule's author would.
#![expect(clippy::disallowed_methods, reason = "tests read their golden files")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use wardline::cli::render;
use wardline::event::FieldTable;
use wardline::rule::list::List;
use wardline::rule::{self, Lists, SourceMap};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/broken")
}

fn lists() -> Lists {
    let mut lists = Lists::default();
    for (name, text) in [("messaging_apps", "AppOne\nAppTwo\n"), ("empty", "# nothing yet\n")] {
        lists.insert(List::parse(name, text));
    }
    lists
}

/// What is shown for a file.
fn shown(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).expect("names are plain");
    let mut map = SourceMap::default();
    map.add_bytes(name, &fs::read(path).expect("the file is there"));
    let loaded = rule::load(&map, &FieldTable::canonical(), &lists());
    let mut out = render::text(&map, &loaded.diagnostics, false);
    let (errors, warnings) = render::counts(&loaded.diagnostics);
    writeln!(out, "{} rules, {errors} errors, {warnings} warnings", loaded.rules.len()).expect("a String takes all");
    out
}

#[test]
fn broken_rules_are_explained() {
    let mut files: Vec<_> = fs::read_dir(directory()).expect("the directory is there").collect::<Result<_, _>>().expect("readable");
    files.sort_by_key(fs::DirEntry::path);
    let rules = files.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|ext| ext == "yml"));
    let bless = std::env::var("BLESS").is_ok();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in rules {
        seen += 1;
        let (expected, found) = (path.with_extension("out"), shown(&path));
        if bless {
            fs::write(&expected, &found).expect("writable");
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(seen >= 40, "only {seen} broken rules were found");
    assert!(wrong.is_empty(), "{} differ from their golden files (BLESS=1 rewrites):\n{}", wrong.len(), wrong.join("\n"));
}
