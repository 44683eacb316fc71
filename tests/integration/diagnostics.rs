//! The messages about broken rules, held by golden files.
//!
//! Each `tests/rules/broken/NN-name.yml` holds a mistake that people make; `NN-name.out` is the whole of what
//! `wardline check` shows for it. With `BLESS=1` in the environment the files are written instead of
//! compared: read the difference as the rule's author would.
#![expect(clippy::disallowed_methods, reason = "tests read their golden files")]
#![expect(clippy::expect_used, reason = "a test may panic")]

use super::bench::Bench;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use wardline::cli::{exit, render};
use wardline::engine::lint;
use wardline::event::FieldTable;
use wardline::library::{self, Judged, Sources};
use wardline::rule::codes::{Code, Example};
use wardline::rule::diagnostic::{Fix, Severity};
use wardline::rule::list::List;
use wardline::rule::{Diagnostic, Lists, Policy, SourceMap};
use wardline::ruleset::Limits;
use wardline::text::ordinary::Sample;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/broken")
}

fn lists() -> Lists {
    let mut lists = Lists::default();
    for (name, text) in [
        ("messaging_apps", "AppOne\nAppTwo\n"),
        ("empty", "# nothing yet\n"),
        ("short", "AppOne\nn2\tab\n"),
        ("common", "c1\tthank you\nc2\tsee you\nc3\ttin\n"),
    ] {
        lists.insert(List::parse(name, text).expect("a list"));
    }
    lists
}

/// All that is said of rules, compiling included, but for what they find of ordinary chat.
fn judged(map: SourceMap) -> (SourceMap, Judged) {
    let sources = Sources { map, lists: lists(), ..Sources::default() };
    let judged = library::judge(&sources, &FieldTable::canonical(), &Limits::default());
    (sources.map, judged)
}

/// What is shown for a file.
fn shown(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).expect("names are plain");
    let mut map = SourceMap::default();
    map.add_bytes(name, &fs::read(path).expect("the file is there"));
    let (map, judged) = judged(map);
    let Judged { usable: rules, mut diagnostics, silences, rules: compiled, correlations } = judged;
    if let Some(compiled) = compiled {
        let by = (&Sample::english(), &Limits::default());
        diagnostics = lint::all((compiled.rules(), &correlations), &map, diagnostics, silences, by);
    }
    let diagnostics = Policy::default().apply(diagnostics);
    let mut out = render::text(&map, &diagnostics, false);
    let (errors, warnings) = render::counts(&diagnostics);
    writeln!(out, "usable rules: {rules}, errors: {errors}, warnings: {warnings}")
        .expect("a String takes all");
    out
}

#[test]
fn broken_rules_are_explained() {
    let mut files: Vec<_> = fs::read_dir(directory())
        .expect("the directory is there")
        .collect::<Result<_, _>>()
        .expect("readable");
    files.sort_by_key(fs::DirEntry::path);
    let rules =
        files.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|ext| ext == "yml"));
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
    assert!(
        wrong.is_empty(),
        "{} differ from their golden files (BLESS=1 rewrites):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn load(text: &str) -> (SourceMap, Judged) {
    let mut map = SourceMap::default();
    map.add("rules.yml", text);
    judged(map)
}

/// The broken rules by their names.
fn broken_rules() -> Vec<(String, String)> {
    let files = fs::read_dir(directory()).expect("the directory is there");
    let paths = files.map(|file| file.expect("readable").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ext| ext == "yml")).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("readable"))).collect()
}

fn fixed(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    text.replace_range(fix.span.range(), &fix.replacement);
    text
}

/// How many diagnostics say the same as `found`.
fn same(diagnostics: &[Diagnostic], found: &Diagnostic) -> usize {
    diagnostics.iter().filter(|other| other.code == found.code && other.message == found.message).count()
}

#[test]
fn many_comments_in_brackets_are_read_in_one_pass() {
    let lines = "[c, #x\n],\n".repeat(20_000);
    let (_, found) = load(&format!("detection:\n  a:\n    text|contains: [\n{lines}"));
    assert!(found.diagnostics.iter().any(|one| one.message.contains("bracket is not closed")));
}

/// Rules whose fixes uncover errors that were there before, each with the reason.
const UNCOVER: &[(&str, &str)] = &[
    ("14-misspelt-keys", "a misspelt `detections` hides what it lacks"),
    ("66-at-sign-in-bracket", "quoted, `@stable` is a text and still no status"),
];

/// Errors of `after` that `before` does not have, by what they say.
fn new_errors<'a>(before: &[Diagnostic], after: &'a [Diagnostic]) -> Vec<&'a str> {
    let errors = after.iter().filter(|found| found.severity() == Severity::Error);
    let new = errors.filter(|found| same(before, found) < same(after, found));
    new.map(|found| found.message.as_str()).collect()
}

#[test]
fn a_fix_removes_what_it_is_offered_for_and_breaks_nothing() {
    let mut fixes = 0;
    let mut wrong = Vec::new();
    for (name, text) in broken_rules() {
        let (_, before) = load(&text);
        for found in &before.diagnostics {
            let Some(fix) = &found.fix else { continue };
            fixes += 1;
            let after = fixed(&text, fix);
            let (_, judged) = load(&after);
            let removed = same(&judged.diagnostics, found) < same(&before.diagnostics, found);
            let mut new = new_errors(&before.diagnostics, &judged.diagnostics);
            if UNCOVER.iter().any(|(excepted, _)| *excepted == name) {
                new.clear();
            }
            if !removed || !new.is_empty() {
                let (code, message) = (found.code, &found.message);
                wrong.push(format!("{name}: {code}: {message}\nremoved: {removed}, new: {new:?}\n{after}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(fixes > 40, "only {fixes} fixes were offered");
}

/// Runs `wardline check` over a file; its exit code and standard output.
fn check(name: &str, options: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wardline"));
    let run =
        command.arg("check").args(options).arg(directory().join(name)).output().expect("the program runs");
    (run.status.code(), String::from_utf8(run.stdout).expect("text"))
}

#[test]
fn the_command_tells_outcomes_apart() {
    let cases: &[(&str, &[&str], i32)] = &[
        ("60-decomposed-and-contains.yml", &[], 0),
        ("60-decomposed-and-contains.yml", &["--strict"], 0),
        ("37-whole-field.yml", &[], 0),
        ("37-whole-field.yml", &["--strict"], 1),
        ("01-at-sign.yml", &[], 2),
        ("no-such-file.yml", &[], 2),
        ("01-at-sign.yml", &["--format", "yaml"], 3),
    ];
    for (name, options, code) in cases {
        assert_eq!(check(name, options).0, Some(*code), "{name} {options:?}");
    }
}

#[test]
fn a_policy_says_what_is_told_and_how_grave_it_is() {
    let bench = Bench::new();
    let check = |policy: &str, more: &[&str]| {
        bench.file("policy.toml", policy.as_bytes());
        bench.ran(&[&["check", "--policy", "policy.toml"], more, &["rules"]].concat())
    };
    let (code, text, _) = check("", &["--strict"]);
    assert_eq!(code, exit::FINDINGS);
    assert!(text.starts_with("warning[R912]: ") && text.ends_with("0 errors, 1 warning\n"), "{text}");
    let (code, text, _) = check("[levels]\ncommon-text = \"off\"\n", &["--strict"]);
    assert_eq!((code, text.as_str()), (exit::CLEAN, "2 rules in 1 file: no problems\n"));
    let (code, text, _) = check("[levels]\nno-tests = \"warning\"\nR912 = \"off\"\n", &[]);
    assert_eq!(code, exit::CLEAN);
    assert!(text.starts_with("warning[R916]: the rule `names_app` has no tests\n"), "{text}");
    assert!(text.ends_with("2 rules in 1 file: 0 errors, 1 warning\n"), "{text}");
    let both = "[levels]\nR916 = \"error\"\ncommon-text = \"off\"\n";
    let (code, json, _) = check(both, &["--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((code, &value["errors"], &value["rules"]), (exit::FINDINGS, &1.into(), &2.into()));
    assert_eq!(value["diagnostics"][0]["severity"], "error");
    let (code, _, said) = check("[levels]\nno-test = \"error\"\n", &[]);
    assert_eq!(code, exit::BAD_CONFIGURATION);
    assert_eq!(
        said,
        "error: policy.toml:2:1: there is no diagnostic code `no-test`; did you mean `no-tests`?\n"
    );
    // The configuration's, which arguments overrule.
    bench.file("own.toml", b"[levels]\nno-tests = \"error\"\n");
    bench.file("w.toml", b"[rules]\npaths = [\"rules\"]\npolicy = \"own.toml\"\n");
    assert_eq!(bench.ran(&["check", "--config", "w.toml"]).0, exit::FINDINGS);
    assert_eq!(check("", &["--config", "w.toml"]).0, exit::CLEAN);
}

#[test]
fn correlations_are_counted_and_ought_to_have_tests() {
    let bench = Bench::new();
    let own = "title: Twice\nid: c1\nname: twice\ncorrelation: {type: event_count, rules: [ask_age], group-by: [sender.id], timespan: 1h, condition: {gte: 2}}\n";
    bench.file("rules/b.yml", own.as_bytes());
    bench.file("policy.toml", b"[levels]\nno-tests = \"warning\"\ncommon-text = \"off\"\n");
    let (_, text, _) = bench.ran(&["check", "--policy", "policy.toml", "rules"]);
    assert!(text.contains("warning[R916]: the correlation `twice` has no tests\n"), "{text}");
    assert!(text.ends_with("2 rules and 1 correlation in 2 files: 0 errors, 2 warnings\n"), "{text}");
    let (_, json, _) = bench.ran(&["check", "--format", "json", "rules"]);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&value["rules"], &value["correlations"]), (&2.into(), &1.into()));
}

#[test]
fn the_command_shows_text_without_colour_in_a_pipe_and_json_for_tools() {
    let (_, text) = check("01-at-sign.yml", &[]);
    assert!(text.contains("01-at-sign.yml:7:9") && !text.contains('\u{1b}'), "{text}");
    assert!(text.ends_with("1 file: 2 errors, 0 warnings\n"), "{text}");
    let (_, json) = check("01-at-sign.yml", &["--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let found = &value["diagnostics"][0];
    assert_eq!((&value["errors"], &found["code"]), (&2.into(), &"R003".into()));
    assert_eq!((&found["at"]["line"], &found["at"]["column"]), (&7.into(), &9.into()));
    assert_eq!(found["fix"]["replacement"], "'@friend'");
}

/// A change of a text: at a place (in thousandths of its length) so many characters are replaced.
type Change = (usize, usize, String);

fn changed(text: &str, changes: &[Change]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (place, length, new) in changes {
        let start = place * characters.len() / 1000;
        let end = (start + length).min(characters.len());
        characters.splice(start..end, new.chars());
    }
    characters.into_iter().collect()
}

fn a_change() -> impl Strategy<Value = Change> {
    let pieces = prop::sample::select(vec![
        "",
        "\n",
        ":",
        ": ",
        "- ",
        "\t",
        "\"",
        "'",
        "|",
        "|\n",
        "[",
        "]",
        "{",
        "}",
        "*a",
        "&a ",
        "!",
        "#",
        " #",
        "%",
        "@",
        "\\",
        "(",
        ")",
        "not ",
        " and ",
        "1 of ",
        "*",
        "?",
        "~",
        "\u{feff}",
        "\u{e9}",
        "\u{200b}",
        "\r\n",
        "---\n",
        "\0",
        "\u{1F600}",
        "text|re: ",
        "(?i)",
        "{9999}",
        "<<: *a",
        "...\n",
        ">-\n",
        "%apps%",
        "\"\\x",
        "\"\\u12",
    ]);
    (0..=1000usize, 0..12usize, pieces.prop_map(str::to_owned))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_loading_or_rendering_panic(
        seed in prop::sample::select(broken_rules()),
        changes in prop::collection::vec(a_change(), 1..6),
    ) {
        let text = changed(&seed.1, &changes);
        let (map, loaded) = load(&text);
        for found in &loaded.diagnostics {
            let fix = found.fix.as_ref().map(|fix| fix.span);
            for span in found.related.iter().map(|label| label.span).chain([found.primary.span]).chain(fix) {
                prop_assert!(text.get(span.range()).is_some(), "{}: {span:?}", found.message);
            }
            let applied = found.fix.as_ref().map(|fix| fixed(&text, fix));
            drop(applied.map(|text| load(&text)));
        }
        prop_assert!(loaded.diagnostics.is_sorted_by_key(|found| found.primary.span));
        let shown = render::text(&map, &loaded.diagnostics, false);
        prop_assert_eq!(shown.is_empty(), loaded.diagnostics.is_empty());
        render::json(&map, &loaded.diagnostics, None);
    }
}

/// An example with what it leaves out.
fn completed(example: &str, whole: bool) -> String {
    let mut rule = example.to_owned();
    let usual = [
        ("title:", "title: Example\n"),
        ("name:", "name: example\n"),
        ("detection:", "detection:\n  asks: {text|phrase: our secret}\n  condition: asks\n"),
    ];
    for (key, lines) in usual.into_iter().filter(|_| !whole) {
        if !example.lines().any(|line| line.starts_with(key)) {
            rule.push_str(lines);
        }
    }
    rule
}

/// All that is told of a rule by a table of messages, without a policy.
fn all_told(rule: &str, sample: &Sample<'_>) -> Vec<Diagnostic> {
    let (map, Judged { diagnostics, silences, rules, correlations, .. }) = load(rule);
    let by = (sample, &Limits::default());
    match rules {
        Some(rules) => lint::all((rules.rules(), &correlations), &map, diagnostics, silences, by),
        None => diagnostics,
    }
}

#[test]
fn every_code_has_an_example_that_is_wrong_and_one_that_is_right() {
    // Those that need files, sizes, limits or a day.
    let in_words = ["R001", "R002", "R005", "R007", "R411", "R504", "R505", "R506", "R602", "R931"];
    // The others need no messages to be counted, which takes its time.
    let counted = [Code::CommonText, Code::Collision, Code::Slow];
    let (english, few) = (Sample::english(), Sample::parse("# messages\t50\nhi\t20\t15\n").expect("a table"));
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let number = code.number();
        let (bad, good, whole) = match code.example() {
            Some(Example::Rules { wrong, right, whole }) => (wrong, right, whole),
            Some(Example::Words(_)) if in_words.contains(&number) => continue,
            other => {
                wrong.push(format!("{number}: {other:?}"));
                continue;
            }
        };
        let sample = if counted.contains(code) { &english } else { &few };
        let told = |example| all_told(&completed(example, whole), sample);
        let (bad, good) = (told(bad), told(good));
        if !bad.iter().any(|found| found.code == *code) {
            wrong.push(format!("{number}: the wrong example gives {bad:#?}"));
        }
        if let Some(found) =
            good.iter().find(|found| found.code == *code || found.severity() == Severity::Error)
        {
            wrong.push(format!("{number}: the right example gives {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
