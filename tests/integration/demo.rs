//! `wardline demo`: what its summary says is what was in the trace, and what `backtest` says of it.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "writes the trace that it plays")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use wardline::flag::Flag;
use wardline::generate::cases::{Cases, Given, Length};
use wardline::generate::{Generator, Label, Settings, cases};

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    command.arg("demo").args(arguments).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The figures of a summary.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    events: u64,
    flags: u64,
    shadow: u64,
    dead: u64,
}

fn number(word: &str) -> u64 {
    word.replace(',', "").parse().expect("a number")
}

/// The words after a line's name.
fn words<'a>(summary: &'a str, name: &str) -> Vec<&'a str> {
    let line = summary.lines().find_map(|line| line.trim().strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in\n{summary}")).split_whitespace().collect()
}

/// Reads a summary, after checking that its parts add up.
fn figures(output: &str) -> Figures {
    let (_, summary) = output.split_once("\nSummary\n").unwrap_or_else(|| panic!("no summary in\n{output}"));
    let flags = words(summary, "flags ");
    let dead = words(summary, "dead letters");
    let figures = Figures {
        events: number(words(summary, "events")[0]),
        flags: number(flags[0]),
        shadow: number(flags[3]),
        dead: number(dead[0]),
    };
    let reasons = dead[1..].chunks(2).map(|pair| number(pair[1].trim_end_matches([',', ')']))).sum::<u64>();
    assert_eq!(figures.dead, reasons, "{summary}");
    let levels = words(summary, "by level").chunks(2).map(|pair| number(pair[1].trim_end_matches(','))).sum();
    let rows = summary.lines().skip_while(|line| !line.contains("rule  ")).skip(1);
    let rows = rows.take_while(|line| !line.is_empty());
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split_whitespace().collect()).collect();
    let column = |last: usize| rows.iter().map(|row| number(row[row.len() - last])).sum::<u64>();
    assert_eq!((figures.flags, figures.flags, figures.shadow), (levels, column(2), column(1)), "{summary}");
    assert!(!summary.contains("unfinished"), "{summary}");
    figures
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_played_trace_is_summed_up_rightly() {
    let settings = Settings { seed: 11, flagged: 0.05, bad: 0.02, ..Settings::default() };
    let mut generator = Generator::new(&settings).expect("valid");
    let mut trace = Vec::new();
    let (mut risky, mut broken) = (0, 0);
    for _ in 0..1_500 {
        match generator.next_into(&mut trace).label {
            Label::Risk(_) => risky += 1,
            Label::Broken => broken += 1,
            _ => {}
        }
        trace.push(b'\n');
    }
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("trace.jsonl");
    std::fs::write(&file, trace).expect("writable");
    let output = demo(&["--rate", "5000", "--trace"]).arg(&file).output().expect("runs");
    let output = succeeded(&output);
    assert!(output.contains("at-least-once"), "the banner says what it is:\n{output}");
    assert!(!output.contains("  found  "), "nothing is known of cases:\n{output}");
    let told = figures(&output);
    // No risky event goes unnoticed; and flags are those of a scan, but for a moment's lead of one partition.
    let scanned = scanned(&file);
    assert!(
        told.flags >= risky && told.flags.abs_diff(scanned) <= 3,
        "{told:?}, {risky} risky, {scanned} scanned"
    );
    assert_eq!((told.events, told.dead), (1_500, broken));
}

/// How many flags a scan by the bundled rules has for reviewers.
fn scanned(trace: &Path) -> u64 {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    let output = command.args(["scan", "--quiet", "--rules"]).arg(rules).arg(trace).output().expect("runs");
    let flags = text(&output.stdout);
    let flags = flags.lines().map(|line| serde_json::from_str::<Flag>(line).expect("a flag"));
    flags.filter(|flag| flag.shadow.is_none()).count() as u64
}

/// A trace and its labels as files.
fn labelled(directory: &Path) -> [PathBuf; 2] {
    let settings =
        cases::Settings { seed: 3, length: Length::Cases(150), risky: 0.2, ..cases::Settings::default() };
    let mut cases = Cases::new(&settings, Given::default()).expect("valid");
    let (mut trace, mut labels) = (Vec::new(), Vec::new());
    while cases.next_into(&mut trace, &mut labels).is_some() {
        trace.push(b'\n');
    }
    let files = ["trace.jsonl", "truth.jsonl"].map(|name| directory.join(name));
    for (file, bytes) in files.iter().zip([trace, labels]) {
        std::fs::write(file, bytes).expect("writable");
    }
    files
}

/// What `backtest` says of all cases.
fn backtest(trace: &Path, truth: &Path) -> serde_json::Value {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    command.args(["backtest", "--format", "json", "--quiet", "--rules"]).arg(rules);
    let output = command.arg("--truth").arg(truth).arg(trace).output().expect("runs");
    let report: serde_json::Value = serde_json::from_str(&succeeded(&output)).expect("JSON");
    report["groups"][0].clone()
}

#[test]
fn the_cases_are_summed_up_as_backtest_does() {
    let directory = tempfile::tempdir().expect("a directory");
    let [trace, truth] = labelled(directory.path());
    let all = backtest(&trace, &truth);
    let output = demo(&["--rate", "2000", "--trace"]).arg(&trace).arg("--truth").arg(&truth).output();
    let output = succeeded(&output.expect("runs"));
    let told = figures(&output);
    let (_, summary) = output.split_once("\nSummary\n").expect("a summary");
    let of = |name: &str| (number(words(summary, name)[0]), number(words(summary, name)[2]));
    let expected = |share: &str| {
        let number = |key: &str| all[share][key].as_u64().expect("a number");
        (number("count"), number("of"))
    };
    // Correlations of correlations come a moment later than in `backtest`, which is a while in the trace's time.
    let near = |(count, of): (u64, u64), other: (u64, u64)| of == other.1 && count.abs_diff(other.0) <= 1;
    assert!(near(of("found"), expected("recall")), "{all}\n{summary}");
    assert!(near(of("false"), expected("wrong")), "{all}\n{summary}");
    assert!(told.flags.abs_diff(all["flags"].as_u64().expect("a number")) <= 3, "{all}\n{summary}");
    assert_eq!(number(words(summary, "cases")[0]) + number(words(summary, "cases")[3]), 150, "{summary}");
    assert!(!summary.contains("not counted"), "{summary}");
}

#[test]
fn of_a_story_that_is_cut_short_only_what_was_told_counts() {
    let output = demo(&["--for", "3s", "--rate", "600"]).output().expect("runs");
    let output = succeeded(&output);
    let told = figures(&output);
    assert!((300..=2_400).contains(&told.events) && told.dead > 0, "{told:?}");
    let (_, summary) = output.split_once("\nSummary\n").expect("a summary");
    let counted = number(words(summary, "cases")[0]) + number(words(summary, "cases")[3]);
    assert_eq!(counted + number(words(summary, "not counted")[0]), 240, "{summary}");
    assert!(summary.contains("wardline generate cases "), "{summary}");
}

#[test]
fn an_interrupt_ends_it_with_the_summary() {
    let mut child = demo(&["--for", "10m", "--rate", "100"]).stdout(Stdio::piped()).spawn().expect("starts");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    while !line.starts_with("  day ") {
        line.clear();
        assert_ne!(output.read_line(&mut line).expect("readable"), 0, "it ended by itself");
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("runs");
    assert!(killed.success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("readable");
    assert!(child.wait().expect("ends").success());
    assert!(figures(&rest).flags > 0);
}

#[test]
fn what_cannot_be_played_is_told_with_its_exit_code() {
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--rules", "no/such/rules"], 2, "no/such/rules"),
        (&["--trace", "no/such/trace"], 2, "no/such/trace"),
        (&["--trace", "no/such/trace", "--truth", "no/such/truth"], 2, "no/such/truth"),
        (&["--truth", "no/such/truth"], 3, "--trace"),
        (&["--rate", "0"], 3, "--rate"),
        (&["--for", "soon"], 3, "--for"),
    ];
    for (arguments, code, told) in cases {
        let output = demo(arguments).output().expect("runs");
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {errors}");
        assert!(errors.contains(told), "{arguments:?}: {errors}");
    }
}
