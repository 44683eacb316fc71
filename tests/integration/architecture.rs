//! Holds the code to the tour in `src/lib.rs`: which module may name which, and how large things may grow.
//!
//! The table in `lib.rs` is the only statement of the edges; this test reads it, so that the picture a
//! newcomer sees cannot drift from the code. It reads source text, not a syntax tree: a `crate::name`
//! anywhere outside comments and tests is an edge.
#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that reads its own source, all ASCII where it cuts"
)]

use super::files::below;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines a file may have before its tests.
const FILE_LINES: usize = 500;
/// Lines a function may have.
const FUNCTION_LINES: usize = 80;

fn source_files() -> Vec<PathBuf> {
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "rs")
}

/// The top-level module a file belongs to; `main.rs` and `lib.rs` stand above all.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// A file's lines without what is for tests alone: an item behind `#[cfg(test)]` ends at its own indentation,
/// as rustfmt sets it.
fn without_tests(text: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut skipped = None;
    for line in text.lines() {
        let indentation = line.len() - line.trim_start().len();
        match skipped {
            None if line.trim() == "#[cfg(test)]" => skipped = Some(indentation),
            None => kept.push(line),
            Some(own) => {
                let ends = line.ends_with([';', '}']) && !line.trim_start().starts_with(['#', '/']);
                if ends && indentation == own {
                    skipped = None;
                }
            }
        }
    }
    kept
}

/// The same without comments.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    without_tests(text).into_iter().filter(|line| !line.trim_start().starts_with("//"))
}

/// The allowed edges: module → modules it may name, from the table in `lib.rs`.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let tour = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut edges = BTreeMap::new();
    for line in tour.lines().filter(|line| line.starts_with("//! | [`") || line.starts_with("//! | `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        // rustdoc wants `mod@` where a macro has the module's name.
        let name = cells[1].trim_matches(['[', ']', '`']).trim_start_matches("mod@").to_owned();
        let may: BTreeSet<String> = cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert!(may.iter().all(|used| used != &name), "{name} is listed as using itself");
        edges.insert(name, may);
    }
    assert!(edges.len() >= 8, "the table in src/lib.rs was not understood");
    edges
}

/// The modules named after `crate::` in code, those of a group in braces each.
fn named(code: &str) -> Vec<&str> {
    let name = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => found.push(&rest[..name(rest)]),
            Some(group) => found.extend(members(group).into_iter().map(|member| &member[..name(member)])),
        }
    }
    found
}

/// The members of a group whose brace has been opened.
fn members(group: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 1, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            found.push(group[start..at].trim());
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    found.retain(|member| !member.is_empty());
    found
}

#[test]
fn the_reader_of_sources_misses_nothing() {
    let source = "\
use crate::{event::{A, B}, text};
#[cfg(test)]
const DERIVED: [u8; 2] = [
    1, 2,
];
#[cfg(test)]
use crate::only_for_tests;
use crate::rule::Rule;
#[cfg(test)]
mod tests {
    use crate::only_for_tests;
}
// crate::in_a_comment
use crate::{
    flag,
    engine::{self, C},
};
";
    let code: Vec<_> = code_lines(source).collect();
    assert_eq!(named(&code.join("\n")), ["event", "text", "rule", "flag", "engine"]);
}

#[test]
fn modules_use_only_what_the_tour_allows() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for path in source_files() {
        let module = module_of(&path);
        if module == "main" || module == "lib" {
            continue;
        }
        let Some(may) = allowed.get(&module) else {
            wrong.push(format!("{}: module `{module}` is not in the table of src/lib.rs", path.display()));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        let code = code_lines(&text).collect::<Vec<_>>().join("\n");
        for used in named(&code) {
            if used != module && allowed.contains_key(used) && !may.contains(used) {
                wrong.push(format!("{}: `{module}` may not use `{used}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_tour_has_no_cycle() {
    let mut left = allowed();
    while !left.is_empty() {
        let free: Vec<String> =
            left.iter().filter(|(_, may)| may.is_empty()).map(|(name, _)| name.clone()).collect();
        assert!(!free.is_empty(), "these modules form a cycle: {:?}", left.keys());
        for name in free {
            left.remove(&name);
            for may in left.values_mut() {
                may.remove(&name);
            }
        }
    }
}

#[test]
fn files_say_what_they_are_for_and_stay_small() {
    let mut wrong = Vec::new();
    for path in source_files() {
        let text = fs::read_to_string(&path).unwrap();
        let generated = text.lines().take(5).any(|line| line.contains("@generated"));
        let lines = without_tests(&text).len();
        if !text.starts_with("//!") {
            wrong.push(format!("{}: does not begin with //!", path.display()));
        }
        if lines > FILE_LINES && !generated {
            wrong.push(format!("{}: {lines} lines without tests", path.display()));
        }
        wrong.extend(long_functions(&text).map(|name| format!("{}: {name}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Functions above the limit: found by the closing brace at the indentation of their `fn`, as rustfmt sets it.
fn long_functions(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let is_function = code
            .split(['(', '<'])
            .next()
            .is_some_and(|head| head.split(' ').rev().nth(1) == Some("fn") && !code.starts_with("//"));
        let close = format!("{}}}", &line[..line.len() - code.len()]);
        let length = lines[start..].iter().position(|line| *line == close).unwrap_or(0) + 1;
        if is_function && !line.ends_with(';') && length > FUNCTION_LINES {
            found.push(format!("line {}: a function of {length} lines", start + 1));
        }
    }
    found.into_iter()
}

/// The systemd unit shows the service nothing of these but its own processes.
#[test]
fn nothing_is_read_from_where_the_unit_hides_it() {
    for path in source_files() {
        let text = fs::read_to_string(&path).unwrap();
        let hidden = code_lines(&text).find(|line| line.contains("\"/proc") || line.contains("\"/sys/"));
        assert_eq!(hidden, None, "{}", path.display());
    }
}
