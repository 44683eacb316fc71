//! Message text and list entries appear in flags and nowhere else.
//!
//! Texts and list entries carry marks. Everything runs at the trace level, and all that comes out, flags and
//! dead letters excepted, is searched for the marks. Each test also makes sure that the marks were at work:
//! that flags were made of marked texts by way of marked entries, and that something was logged.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "lays out the files that it runs over")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tracing_subscriber::fmt::MakeWriter;
use wardline::event::Record;
use wardline::ruleset::Limits;
use wardline::telemetry::{Bounds, FailedReload, Telemetry, events};
use wardline::watch::{LoadError, Recipe};
use wardline::worker::slot::ProgramSlot;
use wardline::worker::stage::{MatchStage, Reading, Settings};

/// In every text, and nowhere else.
pub(crate) const TEXT: &str = "zqmarkedtextzq";
/// In every list entry, and in the texts that they match.
pub(crate) const ENTRY: &str = "zqmarkedentryzq";

const RULES: &str = "\
title: Names an entry
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a01
name: from_list
logsource: {product: chat, category: message}
detection:
  words:
    text|phrase|expand: '%words%'
  condition: words
level: high
---
title: Asks to keep it secret
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02
name: ask_secret
logsource: {product: chat, category: message}
detection:
  phrases:
    text|phrase: [keep this a secret]
  condition: phrases
level: medium
";

/// A directory with rules, lists beside them, and a file of events: good ones and every kind of bad one.
pub(crate) fn laid_out() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("rules/lists")).unwrap();
    fs::write(root.path().join("rules/a.yml"), RULES).unwrap();
    let entries = format!("{ENTRY} one\n{ENTRY} two\n");
    fs::write(root.path().join("rules/lists/words.txt"), entries).unwrap();
    fs::write(root.path().join("events.jsonl"), events_file()).unwrap();
    root
}

pub(crate) fn events_file() -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = [
        format!(r#"{{"id":"1","type":"chat.message","text":"{TEXT} keep this a secret"}}"#),
        format!(r#"{{"id":"2","type":"chat.message","text":"{TEXT} {ENTRY} two"}}"#),
        format!(r#"{{"id":"3","type":"chat.message","text":"{TEXT}"#),
        format!(r#"{{"id":"4","note":"{TEXT}"}}"#),
        format!(r#"["{TEXT}"]"#),
        format!(r#"{{"id":"5","type":"chat.message","time":"{TEXT}","text":"{TEXT} keep this a secret"}}"#),
        TEXT.to_owned(),
    ]
    .map(String::into_bytes)
    .into();
    lines.push(
        [br#"{"id":"6","type":"chat.message","text":""#, TEXT.as_bytes(), b" \xff keep this a secret\"}"]
            .concat(),
    );
    lines.join(&b'\n')
}

/// Everything logged while it is the subscriber's writer.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Captured;

    fn make_writer(&self) -> Captured {
        self.clone()
    }
}

impl Captured {
    /// What was logged while `work` ran, at the trace level.
    pub(crate) fn during(work: impl FnOnce()) -> String {
        let captured = Captured::default();
        let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let subscriber = lines.with_writer(captured.clone()).with_ansi(false).finish();
        tracing::subscriber::with_default(subscriber, work);
        let bytes = captured.0.lock().unwrap().clone();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Fails if a mark is in what must not hold one.
pub(crate) fn assert_unmarked(what: &str, output: &str) {
    for mark in [TEXT, ENTRY] {
        let leak = output.lines().find(|line| line.to_lowercase().contains(mark));
        assert_eq!(leak, None, "{what} holds {mark}");
    }
}

const BOUNDS: Bounds = Bounds {
    dead_letter_ratio: 0.01,
    dead_letter_window_ms: 1_000,
    dead_letter_minimum: 1,
    max_commit_age_ms: 1_000,
};

fn recipe(root: &Path) -> Recipe {
    let paths = vec![root.join("rules")];
    Recipe { paths, lists: None, reading: Reading::default(), limits: Limits::default() }
}

#[test]
fn the_engine_and_its_telemetry_log_no_text() {
    let root = laid_out();
    let telemetry = Telemetry::new(BOUNDS, 1, "none", 0).unwrap();
    let mut flags = String::new();
    let logged = Captured::during(|| {
        let slot = ProgramSlot::new(recipe(root.path()).first(&telemetry).unwrap());
        let mut stage = MatchStage::new(slot.get(), Settings::default());
        let bytes = events_file();
        let topic: Arc<str> = "chat.events".into();
        let records: Vec<_> = bytes
            .split(|byte| *byte == b'\n')
            .zip(0..)
            .map(|(line, offset)| Record {
                topic: &topic,
                partition: 0,
                offset,
                timestamp: Some(0),
                key: None,
                payload: Some(line),
            })
            .collect();
        let outcome = stage.run(&records, 1);
        flags = outcome.flags.iter().map(|flag| String::from_utf8_lossy(&flag.body).into_owned()).collect();
        let stats = outcome.stats.clone();
        wardline::telemetry::BatchDone { worker: 0, stats: &stats, now_ms: 1 }.emit(&telemetry);
        // A list that is gone is an error of the rules that name it.
        fs::remove_file(root.path().join("rules/lists/words.txt")).unwrap();
        recipe(root.path()).reload(&slot, &telemetry);
    });
    assert!(flags.contains(TEXT) && flags.contains("from_list") && flags.contains("ask_secret"), "{flags}");
    assert!(logged.contains("TRACE") && logged.contains("cannot be loaded"), "{logged}");
    assert_unmarked("the log", &logged);
    assert_unmarked("/metrics", &telemetry.render(2).unwrap());
    assert_unmarked("/readyz", &serde_json::to_string(&telemetry.readiness(2)).unwrap());
}

#[test]
fn a_failed_reload_names_places_and_no_text() {
    let root = laid_out();
    let broken = RULES.replace("condition: phrases", &format!("condition: {ENTRY}"));
    fs::write(root.path().join("rules/a.yml"), broken).unwrap();
    let summary: FailedReload = match recipe(root.path()).load() {
        Err(LoadError::Rules(sources, found)) => LoadError::Rules(sources, found).summary(0),
        other => panic!("must not load: {other:?}"),
    };
    let telemetry = Telemetry::new(BOUNDS, 1, "none", 0).unwrap();
    let logged = Captured::during(|| events::ReloadFailed(&summary).emit(&telemetry));
    assert!(logged.contains("a.yml:"), "{logged}");
    assert_unmarked("the log", &logged);
}

/// Runs the command at the trace level; standard output and standard error.
fn command(arguments: &[&str], directory: &Path) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    command.args(arguments).current_dir(directory).env("RUST_LOG", "trace");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(output.stdout), text(output.stderr))
}

#[test]
fn check_shows_no_list_entry() {
    let root = laid_out();
    let broken = RULES.replace("condition: words", "condition: word");
    fs::write(root.path().join("rules/b.yml"), broken).unwrap();
    let (shown, said) = command(&["check", "rules"], root.path());
    assert!(shown.contains("b.yml") || said.contains("b.yml"), "{shown}{said}");
    assert_unmarked("check", &shown);
    assert_unmarked("check", &said);
}

#[test]
fn scan_shows_text_in_flags_alone() {
    let root = laid_out();
    let (flags, said) = command(&["scan", "--rules", "rules", "events.jsonl"], root.path());
    assert!(flags.contains(TEXT) && flags.contains("from_list"), "{flags}{said}");
    assert!(said.contains("events.jsonl:3"), "the bad lines must be reported: {said}");
    assert_unmarked("scan", &said);
}
