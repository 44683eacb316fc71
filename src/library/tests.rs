//! Files in, rule sets and messages out.
#![expect(clippy::disallowed_methods, reason = "these tests write the files that are read")]

use super::*;
use sha2::Digest as _;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

const RULE: &str = "
title: Names an app
id: ID
name: NAME
logsource: {product: chat, category: message}
detection:
  app:
    text|expand|word: '%apps%'
  condition: app
level: low
";

fn rule(name: &str) -> String {
    RULE.replace("ID", &format!("6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a{:02}", name.len())).replace("NAME", name)
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, content) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    directory
}

fn build(directory: &TempDir, lists: Option<&Path>) -> Result<Library, Vec<Diagnostic>> {
    let sources = read(&[directory.path().to_owned()], lists).unwrap();
    compile(&sources, &Reading::default(), &Limits::default())
}

#[test]
fn files_are_found_in_the_order_of_their_names_and_hidden_ones_passed_over() {
    let files =
        [("b.yml", ""), ("a/z.YAML", ""), ("a/notes.txt", ""), (".git/x.yml", ""), ("..data/y.yml", "")];
    let directory = directory(&files);
    let sources = read(&[directory.path().to_owned()], None).unwrap();
    let names: Vec<_> =
        sources.files.iter().map(|file| file.strip_prefix(directory.path()).unwrap()).collect();
    assert_eq!(names, [Path::new("a/z.YAML"), Path::new("b.yml")]);
}

#[test]
fn a_list_beside_the_rules_is_found_and_another_directory_replaces_it() {
    let rules = directory(&[("sub/a.yml", &rule("a")), ("sub/lists/apps.txt", "AppOne\n")]);
    let other = outside(&[("apps.txt", "AppTwo\n")], 0o600);
    let digests =
        [None, Some(other.path())].map(|lists| build(&rules, lists).unwrap().program.digest().to_owned());
    assert_ne!(digests[0], digests[1]);
}

#[test]
fn one_directory_of_lists_is_one_by_every_road() {
    let rules = directory(&[("a.yml", &rule("a")), ("bb.yml", &rule("bb")), ("lists/apps.txt", "AppOne\n")]);
    let other = rules.path().join("lists/../bb.yml");
    let sources = read(&[rules.path().join("a.yml"), other], None).unwrap();
    assert!(compile(&sources, &Reading::default(), &Limits::default()).is_ok());
}

#[test]
fn two_lists_of_one_name_are_refused_in_any_directory() {
    let rules = directory(&[("a.yml", &rule("a"))]);
    let lists = directory(&[("apps.txt", "AppOne\n"), ("apps.TXT", "AppTwo\n")]);
    let error = read(&[rules.path().to_owned()], Some(lists.path())).unwrap_err();
    assert!(error.to_string().starts_with("list `apps` is both"), "{error}");
}

#[test]
fn a_rule_file_that_leads_nowhere_is_named_and_other_stray_links_are_not() {
    let rules = directory(&[("a.yml", &rule("a")), ("lists/apps.txt", "AppOne\n")]);
    std::os::unix::fs::symlink("nowhere", rules.path().join("zz")).unwrap();
    std::os::unix::fs::symlink(".", rules.path().join("self")).unwrap();
    let sources = read(&[rules.path().to_owned()], None).unwrap();
    assert!(compile(&sources, &Reading::default(), &Limits::default()).is_ok());
    std::os::unix::fs::symlink("nowhere", rules.path().join("zz.yml")).unwrap();
    let error = read(&[rules.path().to_owned()], None).unwrap_err();
    assert!(error.to_string().contains("zz.yml: No such file"), "{error}");
}

#[test]
fn every_error_of_every_file_is_given_at_its_place() {
    let unanchored = rule("bb").replace("text|expand|word: '%apps%'", "text|re: '[a-z]+'");
    let rules = directory(&[("a.yml", &rule("a")), ("b.yml", &unanchored)]);
    let codes: Vec<_> = build(&rules, None).unwrap_err().into_iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::UnknownList, Code::Unanchored]);
}

#[test]
fn a_list_that_is_not_found_is_told_with_the_directories_that_were_searched() {
    let rules = directory(&[("en/a.yml", &rule("a")), ("lists/apps.txt", "AppOne\n")]);
    let (file, other) = (rules.path().join("en/a.yml"), rules.path().join("other"));
    fs::create_dir(&other).unwrap();
    let sources = read(&[file], Some(&other)).unwrap();
    let found = compile(&sources, &Reading::default(), &Limits::default()).unwrap_err();
    let advice = found[0].help.last().unwrap();
    let expected = format!("searched: `{0}/en/lists`, `{0}/other`; `--lists DIR`", rules.path().display());
    assert!(advice.starts_with(&expected), "{advice}");
    let many: Vec<_> = ["a", "b", "c", "d", "e"].map(PathBuf::from).into();
    assert!(searched(&many).unwrap().starts_with("searched: `a`, `b`, `c` and 2 more; "));
}

#[test]
fn what_cannot_be_read_is_named() {
    let twice =
        directory(&[("a.yml", ""), ("lists/apps.txt", ""), ("b/b.yml", ""), ("b/lists/apps.txt", "")]);
    let binary = directory(&[("a.yml", "")]);
    fs::create_dir(binary.path().join("lists")).unwrap();
    fs::write(binary.path().join("lists/marked.txt"), b"marked\xff").unwrap();
    let empty = directory(&[("notes.txt", "")]);
    let cases = [
        (twice.path().to_owned(), "list `apps` is both"),
        (binary.path().to_owned(), "lists/marked.txt: the list is not UTF-8"),
        (empty.path().to_owned(), "no rule file found (*.yml, *.yaml)"),
        (PathBuf::from("/nowhere/rules"), "/nowhere/rules: No such file"),
    ];
    for (path, expected) in cases {
        let message = read(&[path], None).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn rules_of_which_none_is_in_use_are_refused() {
    let retired = rule("a").replace("level: low", "level: low\nstatus: deprecated");
    let beside = [("a.yml", "# nothing yet"), ("b.yml", &retired), ("lists/apps.txt", "AppOne\n")];
    for files in [&[("a.yml", "")][..], &beside] {
        let codes: Vec<_> =
            build(&directory(files), None).unwrap_err().into_iter().map(|found| found.code).collect();
        assert_eq!(codes, [Code::NoRules], "{files:?}");
    }
}

#[test]
fn what_is_said_of_them_all_stands_before_what_is_said_of_one() {
    let retired = rule("a")
        .replace("level: low", "level: low\nstatus: deprecated")
        .replace("detection:", "detection:\n  spare: {text: spare words}");
    let found = build(&directory(&[("a.yml", &retired), ("lists/apps.txt", "AppOne\n")]), None).unwrap_err();
    assert_eq!(found[0].code, Code::NoRules);
    assert!(found.len() > 1 && found.is_sorted_by_key(|found| found.primary.span), "{found:?}");
}

/// A directory of lists outside the rules, its files its owner's alone.
fn outside(files: &[(&str, &str)], mode: u32) -> TempDir {
    let directory = directory(files);
    for (name, _) in files {
        let path = directory.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    directory
}

/// A manifest of the nonsense list `blorf`.
fn manifest(more: &str) -> String {
    let digest = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(b"blorf\n"));
    format!(
        "source = \"a\"\nversion = \"7\"\nissued = \"2026-10-01\"\nsha256 = \"{digest}\"\nlicence = \"l\"\n{more}"
    )
}

const OCTOBER: i64 = 1_791_244_800_000;
const DAY: i64 = 86_400_000;

fn read_outside(lists: &TempDir, now: i64) -> Result<Sources, String> {
    let rules = directory(&[("a.yml", &rule("a"))]);
    read_at(&[rules.path().to_owned()], Some(lists.path()), now).map_err(|error| error.to_string())
}

#[test]
fn a_list_outside_the_rules_is_its_owners_alone_unless_anybody_may_have_it() {
    type Case<'a> = (&'a [(&'a str, &'a str)], u32, Option<&'a str>);
    let open = manifest("redistributable = true\n");
    let closed = manifest("");
    let cases: &[Case<'_>] = &[
        (&[("apps.txt", "blorf\n")], 0o600, None),
        (&[("apps.txt", "blorf\n")], 0o640, Some("(mode 640); take that away with `chmod 600`")),
        (&[("apps.txt", "blorf\n")], 0o604, Some("(mode 604)")),
        (&[("apps.txt", "blorf\n"), ("apps.manifest.toml", &closed)], 0o644, Some("(mode 644)")),
        (&[("apps.txt", "blorf\n"), ("apps.manifest.toml", &open)], 0o644, None),
        (&[("apps.txt", "blorf\n"), (".git/HEAD", "")], 0o600, Some("lies in the git work tree")),
        (&[("apps.txt", "other\n"), ("apps.manifest.toml", &closed)], 0o600, Some("its SHA-256 is another")),
        (&[("apps.txt", "blorf\n"), ("apps.manifest.toml", "x = 1\n")], 0o600, Some("apps.manifest.toml: ")),
    ];
    for (files, mode, expected) in cases {
        let read = read_outside(&outside(files, *mode), OCTOBER);
        match (read, expected) {
            (Ok(_), None) => {}
            (Err(error), Some(expected)) => {
                assert!(error.contains(expected) && !error.contains("blorf"), "{error}");
            }
            (read, expected) => panic!("{files:?} {mode:o}: {expected:?}, {:?}", read.err()),
        }
    }
}

#[test]
fn a_list_beside_the_rules_is_open() {
    let files =
        [("a.yml", &*rule("a")), ("lists/apps.txt", "blorf\n"), ("lists/apps.manifest.toml", &*manifest(""))];
    let rules = directory(&files);
    let error = read_at(&[rules.path().to_owned()], None, OCTOBER).unwrap_err().to_string();
    assert!(error.contains("must not lie beside the rules"), "{error}");
}

#[test]
fn an_edition_that_has_expired_is_looked_for_no_more() {
    let text = manifest("expires = \"2026-12-31\"\n");
    let lists = outside(&[("apps.txt", "blorf\n"), ("apps.manifest.toml", &text)], 0o600);
    let at = |now| {
        let sources = read_outside(&lists, now).unwrap();
        let library = compile(&sources, &Reading::default(), &Limits::default()).unwrap();
        let codes: Vec<_> = library.warnings.iter().map(|found| found.code).collect();
        let list = library.program.lists()[0].clone();
        (codes, list.entries, list.version, library.program.expires().is_some())
    };
    let version = Some("7".to_owned());
    assert_eq!(at(OCTOBER), (vec![], 1, version.clone(), true));
    assert_eq!(at(OCTOBER + 40 * DAY), (vec![Code::StaleList], 1, version.clone(), true));
    assert_eq!(at(OCTOBER + 100 * DAY), (vec![Code::ExpiredList], 0, version, false));
    let silent = outside(&[("apps.txt", "blorf\n")], 0o600);
    let sources = read_outside(&silent, OCTOBER).unwrap();
    let library = compile(&sources, &Reading::default(), &Limits::default()).unwrap();
    assert_eq!(library.warnings.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::NoManifest]);
}

#[test]
fn a_link_out_of_the_rules_makes_no_list_a_part_of_them() {
    let closed = manifest("expires = \"2026-12-31\"\n");
    let secret = outside(&[("apps.txt", "blorf\n"), ("apps.manifest.toml", &closed)], 0o600);
    let rules = directory(&[("a.yml", &rule("a")), ("lists/keep.txt", "x\n")]);
    let link = rules.path().join("lists/apps.txt");
    std::os::unix::fs::symlink(secret.path().join("apps.txt"), &link).unwrap();
    let read = |now| read_at(&[rules.path().to_owned()], None, now).map_err(|error| error.to_string());
    let edition = read(OCTOBER + 100 * DAY).unwrap().lists.get("apps").unwrap().state();
    assert_eq!(edition, crate::rule::list::State::Expired, "the manifest beside the real file counts");
    fs::set_permissions(secret.path().join("apps.txt"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(read(OCTOBER).unwrap_err().contains("(mode 644)"));
    fs::remove_dir_all(rules.path().join("lists")).unwrap();
    std::os::unix::fs::symlink(secret.path(), rules.path().join("lists")).unwrap();
    assert!(read(OCTOBER).unwrap_err().contains("(mode 644)"), "a folder of lists that is a link");
}

#[test]
fn what_is_no_file_is_refused_before_it_is_waited_for() {
    let rules = directory(&[("a.yml", &rule("a")), ("lists/keep.txt", "x\n")]);
    std::os::unix::fs::symlink("/dev/null", rules.path().join("lists/apps.txt")).unwrap();
    let error = read_at(&[rules.path().to_owned()], None, OCTOBER).unwrap_err().to_string();
    assert!(error.contains("it is no file"), "{error}");
}
