//! `wardline backtest` as people run it: the report in each of its forms, conditions, exit codes, what is wrong with labels.
//!
//! `tests/golden/backtest/*` pin the reports of `tests/events/labelled.jsonl`, of which `tests/rules/backtest` catches one case soon, one in
//! disguise and late, misses one, and flags a harmless one.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "tests read and write the files of the command")]

use super::bench::Bench;
use super::golden::assert_file;
use serde_json::Value;
use std::fs;
use std::process::Stdio;
use wardline::cli::exit;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/events/labelled.jsonl");
const TRUTH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/events/labelled.truth.jsonl");
const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rules/backtest");

impl Bench {
    /// `wardline backtest` of the rules and labels, with more arguments.
    fn backtest(&self, arguments: &[&str]) -> (u8, String, String) {
        self.ran(&[&["backtest", "--quiet", "--rules", RULES, "--truth", TRUTH], arguments].concat())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it was written")
    }

    /// The report as programs read it.
    fn report(&self, arguments: &[&str]) -> Value {
        let (code, stdout, stderr) = self.backtest(&[&["--format", "json"], arguments].concat());
        assert_eq!((code, stderr.as_str()), (exit::CLEAN, ""));
        serde_json::from_str(&stdout).expect("JSON")
    }
}

#[test]
fn the_reports_are_those_on_record() {
    let bench = Bench::new();
    let names = ["report.md", "report.json", "report.csv", "report.html"];
    let mut arguments =
        vec![EVENTS, "--shadow", "--require", "recall(case) >= 60%", "--require", "wrong(case) <= 0.1"];
    arguments.extend(names.iter().flat_map(|name| ["--out", name]));
    let (code, stdout, stderr) = bench.backtest(&arguments);
    assert_eq!((code, stderr.as_str()), (exit::FINDINGS, ""), "{stdout}");
    for name in names {
        assert_file(&format!("tests/golden/backtest/{name}"), &bench.read(name));
    }
    // Where files take the whole of it, the summary and the conditions are shown.
    let whole = bench.read("report.md");
    assert!(stdout.lines().all(|line| whole.contains(line)) && stdout.contains("**not met**"), "{stdout}");
    assert!(!stdout.contains("## Rules") && whole.contains("## Rules"), "{stdout}");
}

#[test]
fn every_form_is_shown_as_it_is_written() {
    let bench = Bench::new();
    for (form, name) in [("markdown", "a.md"), ("json", "a.json"), ("csv", "a.csv"), ("html", "a.html")] {
        let (code, shown, _) = bench.backtest(&[EVENTS, "--format", form]);
        assert_eq!(code, exit::CLEAN);
        bench.backtest(&[EVENTS, "--out", name]);
        assert_eq!(shown, bench.read(name), "{form}");
    }
}

#[test]
fn the_exit_code_says_whether_conditions_are_met() {
    let bench = Bench::new();
    let cases = [
        (&["--require", "recall(case) >= 0.6"][..], exit::CLEAN, ""),
        (&["--require", "recall(case) >= 0.6", "--require", "precision(high) > 99%"], exit::FINDINGS, ""),
        (&["--require", "recall(case, language=ceb) >= 0"], exit::FINDINGS, ""),
        (
            &["--require", "recall(everything) >= 0"],
            exit::BAD_CONFIGURATION,
            "`recall(everything)` is no figure",
        ),
        (&["--out", "report.pdf"], exit::BAD_CONFIGURATION, "ends in .md, .json, .csv or .html"),
        (&["--out", "nowhere/report.md"], exit::RUNTIME_FAILURE, "nowhere/report.md"),
        (&["no-such.jsonl"], exit::BAD_INPUT, "no-such.jsonl"),
    ];
    for (arguments, expected, said) in cases {
        let (code, _, stderr) = bench.backtest(&[&[EVENTS], arguments].concat());
        assert_eq!(code, expected, "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn all_that_is_wrong_with_labels_is_said_at_once() {
    let bench = Bench::new();
    let broken = "{\"case\":\"a\",\"risk\":true,\"harm\":\"tomorrow\"}\n{\"case\":\"a\",\"risk\":false}\nwords of a message\n\
                  {\"event\":\"e1\",\"case\":\"z\"}\n";
    bench.file("broken.jsonl", broken.as_bytes());
    let (code, stdout, stderr) =
        bench.ran(&["backtest", "--rules", RULES, "--truth", "broken.jsonl", EVENTS]);
    assert_eq!((code, stdout.as_str()), (exit::BAD_INPUT, ""));
    for said in ["line 1: `harm`", "line 2:", "line 3:", "line 4:", "broken.jsonl", "4 errors"] {
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
    assert!(!stderr.contains("words of a message"), "{stderr}");
    // Lines are those of their file, whichever was read before.
    bench.file("sound.jsonl", b"{\"case\":\"s\",\"risk\":true}\n{\"case\":\"t\",\"risk\":true}\n");
    let (_, _, stderr) = bench.ran(&[
        "backtest",
        "--rules",
        RULES,
        "--truth",
        "sound.jsonl",
        "--truth",
        "broken.jsonl",
        EVENTS,
    ]);
    assert!(stderr.contains("broken.jsonl: line 4: ") && !stderr.contains("line 5"), "{stderr}");
    let (code, _, stderr) = bench.ran(&["backtest", "--rules", RULES, "--truth", "none.jsonl", EVENTS]);
    assert_eq!(code, exit::BAD_INPUT);
    assert!(stderr.contains("none.jsonl"), "{stderr}");
}

#[test]
fn shadow_and_lists_are_shown_as_far_as_is_asked() {
    let bench = Bench::new();
    let usual = bench.report(&[EVENTS]);
    assert!(usual.get("shadow").is_none());
    assert_eq!(
        (&usual["missed"]["count"], usual["missed"]["first"][0]["case"].as_str()),
        (&1.into(), Some("stream-1"))
    );
    let asked = bench.report(&[EVENTS, "--shadow", "--list", "0"]);
    assert_eq!(
        (&asked["shadow"]["live_recall"]["count"], &asked["shadow"]["both_recall"]["count"]),
        (&2.into(), &3.into())
    );
    for list in ["missed", "wrong"] {
        assert_eq!(
            (&asked[list]["count"], asked[list]["first"].as_array().map(Vec::len)),
            (&1.into(), Some(0)),
            "{list}"
        );
    }
    // With another level, other cases are caught.
    let low = bench.report(&[EVENTS, "--level", "low"]);
    assert_eq!((&low["groups"][0]["recall"]["count"], &low["wrong"]["count"]), (&3.into(), &2.into()));
    assert_eq!(low["thresholds"], usual["thresholds"]);
}

/// Two files of one time, as two partitions would be: in the order of their times, it is one trace again.
#[test]
fn files_of_one_time_are_one_trace_in_the_order_of_time() {
    let bench = Bench::new();
    let events = fs::read_to_string(EVENTS).expect("readable");
    let half = |odd: usize| -> String {
        let lines = events.lines().enumerate().filter(|(index, _)| index % 2 == odd);
        lines.map(|(_, line)| [line, "\n"].concat()).collect()
    };
    let [one, other] = [half(0), half(1)];
    bench.file("one.jsonl", one.as_bytes());
    bench.file("other.jsonl", other.as_bytes());
    let together = bench.report(&["--order", "time", "--shadow", "other.jsonl", "one.jsonl"]);
    assert_eq!(together, bench.report(&["--shadow", EVENTS]));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let bench = Bench::new();
    let mut command =
        bench.command(&["backtest", "--rules", RULES, "--truth", TRUTH, "--format", "html", EVENTS]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(i32::from(exit::CLEAN)), "{stderr}");
    assert!(!stderr.contains("error") && !stderr.contains("panicked"), "{stderr}");
}
