//! `wardline lists`: what it shows of lists, and which of their files `--purge` deletes.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "tests look at the files that are left")]

use super::bench::Bench;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use wardline::cli::exit;

const ENTRIES: &[u8] = b"e1\tblorf\ne2\tzibble\n";

/// What a manifest says of that list; one that anybody may have may lie in any directory.
fn manifest(entries: &[u8], expires: &str) -> String {
    let sum = HEXLOWER.encode(&Sha256::digest(entries));
    format!(
        "source = \"An organisation\"\nversion = \"v7\"\nissued = \"2020-01-01\"\nexpires = \"{expires}\"\n\
         sha256 = \"{sum}\"\nlicence = \"members\"\nredistributable = true\n"
    )
}

/// Rules that name `apps`, and in `held` four lists: two that are over, one that is not, one that is another than is stated.
fn bench() -> Bench {
    let bench = Bench::new();
    let lists = [
        ("apps", ENTRIES, "2021-01-31"),
        ("old", ENTRIES, "2021-01-31"),
        ("good", ENTRIES, "2999-12-31"),
        ("other", b"another\n", "2021-01-31"),
    ];
    for (name, stated, expires) in lists {
        bench.file(&format!("held/{name}.txt"), ENTRIES);
        bench.file(&format!("held/{name}.manifest.toml"), manifest(stated, expires).as_bytes());
    }
    bench
}

fn there(bench: &Bench) -> Vec<String> {
    let found = std::fs::read_dir(bench.path("held")).expect("the directory is there");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("readable").file_name();
    let mut names: Vec<_> = found.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The line of a list in the table.
fn line<'o>(out: &'o str, file: &str) -> Vec<&'o str> {
    out.lines().find(|line| line.ends_with(file)).unwrap_or_default().split_whitespace().collect()
}

#[test]
fn lists_are_shown_without_their_entries() {
    let bench = bench();
    let (ended, out, said) = bench.ran(&["lists", "--lists", "held", "rules"]);
    assert_eq!(ended, exit::BAD_INPUT, "a list is another than is stated: {said}");
    assert_eq!(line(&out, "rules/lists/apps.txt")[..5], ["apps", "-", "2", "-", "open"], "{out}");
    assert_eq!(line(&out, "held/apps.txt")[..5], ["apps", "v7", "2", "2021-01-31", "expired"], "{out}");
    assert_eq!(line(&out, "held/good.txt")[..5], ["good", "v7", "2", "2999-12-31", "stale"], "{out}");
    assert_eq!(line(&out, "held/other.txt")[4], "unusable", "{out}");
    assert!(out.contains("other: ") && out.contains("its SHA-256 is another"), "{out}");
    assert!(!out.contains("blorf") && !said.contains("blorf"), "{out}{said}");
    assert_eq!(there(&bench).len(), 8);
}

#[test]
fn what_is_over_is_deleted_and_nothing_else() {
    let bench = bench();
    let (_, told, _) = bench.ran(&["lists", "--lists", "held", "--purge", "--dry-run", "rules"]);
    assert!(told.contains("would delete") && told.contains("held/old.txt"), "{told}");
    assert_eq!(there(&bench).len(), 8);
    let (ended, out, said) = bench.ran(&["lists", "--lists", "held", "--purge", "rules"]);
    assert_eq!(ended, exit::BAD_INPUT, "{said}");
    assert_eq!(out, told.replace("would delete", "deleting"));
    let left = ["apps.manifest.toml", "good.manifest.toml", "good.txt", "other.manifest.toml", "other.txt"];
    assert_eq!(there(&bench), left);
    assert!(out.contains("the manifest of apps stays"), "{out}");
    assert!(bench.path("rules/lists/apps.txt").exists());
}

#[test]
fn rules_go_on_without_a_list_that_is_purged() {
    let bench = bench();
    for name in ["other.txt", "other.manifest.toml"] {
        std::fs::remove_file(bench.path("held").join(name)).expect("the file is there");
    }
    let (ended, out, said) = bench.ran(&["lists", "--lists", "held", "--purge", "rules"]);
    assert_eq!(ended, exit::CLEAN, "{out}{said}");
    let (ended, out, said) = bench.ran(&["check", "--lists", "held", "rules"]);
    assert_eq!(ended, exit::CLEAN, "{out}{said}");
    assert!(out.contains("the list `apps` has expired"), "{out}");
    let (ended, out, _) = bench.ran(&["lists", "--lists", "held", "--purge", "rules"]);
    assert_eq!(ended, exit::CLEAN);
    assert_eq!(line(&out, "held/apps.manifest.toml")[4], "purged", "{out}");
    assert!(!out.contains("deleting"), "{out}");
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_deleted_too() {
    let bench = bench();
    bench.file("vault/far.txt", ENTRIES);
    bench.file("vault/far.manifest.toml", manifest(ENTRIES, "2021-01-31").as_bytes());
    std::os::unix::fs::symlink(bench.path("vault/far.txt"), bench.path("held/far.txt")).expect("a link");
    let (_, out, said) = bench.ran(&["lists", "--lists", "held", "--purge", "rules"]);
    assert!(!bench.path("vault/far.txt").exists(), "{out}{said}");
    assert!(!bench.path("vault/far.manifest.toml").exists(), "{out}{said}");
    assert!(std::fs::symlink_metadata(bench.path("held/far.txt")).is_err(), "{out}{said}");
}

#[test]
fn wrong_arguments_are_told() {
    let bench = bench();
    assert_eq!(bench.ran(&["lists"]).0, exit::BAD_CONFIGURATION);
    assert_eq!(bench.ran(&["lists", "--dry-run", "rules"]).0, exit::BAD_CONFIGURATION);
    assert_eq!(bench.ran(&["lists", "nowhere"]).0, exit::BAD_INPUT);
}
