//! `wardline scan` and `wardline test` as people run them: the binary, files, pipes, exit codes.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests write the files that the command reads, and wait for it"
)]

use super::bench::{Bench, RULES};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};
use wardline::cli::exit;
use wardline::flag::Flag;

/// A word that must never leave the flags.
const MARKED: &str = "zanzibarquux";

impl Bench {
    /// `wardline scan --rules rules` with more arguments.
    fn scan(&self, arguments: &[&str]) -> Ran {
        let all = [&["scan", "--rules", "rules"], arguments].concat();
        Ran::of(&self.command(&all).output().expect("the command runs"))
    }

    fn scan_stdin(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let all = [&["scan", "--rules", "rules"], arguments].concat();
        let mut command = self.command(&all);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(input).expect("the command reads");
        drop(stdin);
        Ran::of(&child.wait_with_output().expect("the command ends"))
    }
}

struct Ran {
    code: Option<i32>,
    flags: Vec<Flag>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Ran {
        let stdout = String::from_utf8(output.stdout.clone()).expect("UTF-8");
        let stderr = String::from_utf8(output.stderr.clone()).expect("UTF-8");
        let flags = stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ran { code: output.status.code(), flags, stdout, stderr }
    }

    /// Rule and line of each flag.
    fn places(&self) -> Vec<(&str, i64)> {
        self.flags.iter().map(|flag| (&*flag.rule.name, flag.source.offset)).collect()
    }

    fn exited(&self, code: u8) -> bool {
        self.code == Some(i32::from(code))
    }
}

const EVENTS: &str =
    "{\"text\":\"how old are you\"}\n{\"text\":\"fine, and you?\"}\n{\"text\":\"see you on AppTwo\"}\n";
const PLACES: [(&str, i64); 2] = [("ask_age", 1), ("names_app", 3)];

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn files_are_read_whatever_their_compression_and_line_ends() {
    let bench = Bench::new();
    let crlf = EVENTS.replace('\n', "\r\n");
    let zstd = zstd::encode_all(EVENTS.as_bytes(), 1).expect("memory");
    let cases = [
        ("plain.jsonl", EVENTS.as_bytes().to_vec()),
        ("events.jsonl.gz", gzip(EVENTS.as_bytes())),
        ("events.jsonl.zst", zstd),
        ("renamed.bin", gzip(EVENTS.as_bytes())),
        ("crlf.jsonl", crlf.into_bytes()),
        ("no-final-newline.jsonl", EVENTS.trim_end().as_bytes().to_vec()),
        ("byte-order-mark.jsonl", [b"\xef\xbb\xbf", EVENTS.as_bytes()].concat()),
        ("blank-last.jsonl", [EVENTS.as_bytes(), b"\n  \n\n"].concat()),
    ];
    for (name, content) in cases {
        bench.file(name, &content);
        let ran = bench.scan(&[name]);
        assert_eq!(ran.places(), PLACES, "{name}: {}", ran.stderr);
        assert!(ran.exited(exit::CLEAN), "{name}: {}", ran.stderr);
        assert_eq!(ran.flags[0].source.topic, name);
        assert!(ran.stderr.contains("3 events"), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains("2 flags: 1 high, 1 low"), "{name}: {}", ran.stderr);
    }
}

#[test]
fn standard_input_is_read_by_default_and_by_its_sign() {
    let bench = Bench::new();
    for arguments in [&[][..], &["-"]] {
        for input in [EVENTS.as_bytes().to_vec(), gzip(EVENTS.as_bytes())] {
            let ran = bench.scan_stdin(arguments, &input);
            assert_eq!(ran.places(), PLACES, "{}", ran.stderr);
            assert_eq!(ran.flags[0].source.topic, "stdin");
        }
    }
}

#[test]
fn flags_come_while_standard_input_is_still_open() {
    let bench = Bench::new();
    let mut command = bench.command(&["scan", "--rules", "rules", "--quiet"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(EVENTS.as_bytes()).expect("the command reads");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut line).expect("a flag comes");
    assert!(line.contains("ask_age"), "{line}");
    drop(stdin);
    assert!(child.wait().expect("the command ends").success());
}

#[test]
fn directories_are_read_in_the_order_of_names() {
    let bench = Bench::new();
    bench.file("in/b/2.jsonl.gz", &gzip(EVENTS.as_bytes()));
    bench.file("in/a.ndjson", EVENTS.as_bytes());
    bench.file("in/notes.txt", b"how old are you");
    bench.file("in/.hidden.jsonl", EVENTS.as_bytes());
    symlink("nowhere", bench.path("in/zz")).expect("a link");
    symlink(".", bench.path("in/self")).expect("a link");
    let ran = bench.scan(&["in"]);
    let files: Vec<_> = ran.flags.iter().map(|flag| flag.source.topic.as_str()).collect();
    assert_eq!(files, ["in/a.ndjson", "in/a.ndjson", "in/b/2.jsonl.gz", "in/b/2.jsonl.gz"]);
    assert!(ran.exited(exit::CLEAN), "{}", ran.stderr);
}

#[test]
fn lines_of_text_are_messages() {
    let bench = Bench::new();
    let lines = "\u{feff}so \"how old\" are you \\ hm\nnothing\n\nAppOne\ttoo\n";
    bench.file("log.txt", lines.as_bytes());
    bench.file("bytes.txt", b"how old are you \xff\n");
    let ran = bench.scan(&["--text", "log.txt", "bytes.txt"]);
    assert_eq!(ran.places(), [("ask_age", 1), ("names_app", 4), ("ask_age", 1)], "{}", ran.stderr);
    let evidence = &ran.flags[0].evidence[0];
    assert_eq!(evidence.excerpt.as_deref(), Some("so \"how old\" are you \\ hm"));
    assert_eq!((evidence.span.start, evidence.span.end), (4, 20));
    assert_eq!(ran.flags.iter().map(|flag| flag.source.lossy).collect::<Vec<_>>(), [false, false, true]);
    // Of `AppOne\ttoo`, the line as it stands in the file.
    let digest = "9c57e5496148a8804f6a55b8a6a9ea005efb36dfaa25a5fdb1a7d9e3eab950bc";
    assert_eq!(ran.flags[1].source.record_sha256.as_deref(), Some(digest));
    assert!(ran.stderr.contains("4 events (62 B)"), "{}", ran.stderr);
    assert!(ran.exited(exit::CLEAN));
}

#[test]
fn presets_read_other_shapes() {
    let bench = Bench::new();
    bench.file(
        "discord.jsonl",
        br#"{"id":"7","channel_id":"r","author":{"id":"u1"},"content":"how old are you"}"#,
    );
    let ran = bench.scan(&["--preset", "discord", "discord.jsonl"]);
    assert_eq!(ran.places(), [("ask_age", 1)], "{}", ran.stderr);
    let sender = ran.flags[0].subjects.sender.as_ref().and_then(|sender| sender.id.as_deref());
    assert_eq!(sender, Some("u1"));
}

#[test]
fn bad_lines_are_named_counted_and_passed_over() {
    let bench = Bench::new();
    let bad = format!("{{\"text\":\"{MARKED}\n").repeat(30);
    let lines = [&bad, EVENTS].concat();
    bench.file("bad.jsonl", lines.as_bytes());
    let ran = bench.scan(&["bad.jsonl"]);
    assert!(ran.exited(exit::CLEAN), "{}", ran.stderr);
    assert_eq!(ran.places(), [("ask_age", 31), ("names_app", 33)]);
    assert!(ran.stderr.contains("bad.jsonl:1: JSON ends too soon at byte 21\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("30 lines could not be read as events"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("bad.jsonl:").count(), 20, "{}", ran.stderr);
    assert!(!ran.stderr.contains(MARKED), "{}", ran.stderr);
    for (lines, more) in [(20, false), (21, true)] {
        bench.file("bad.jsonl", [&"{\n".repeat(lines), EVENTS].concat().as_bytes());
        assert_eq!(bench.scan(&["bad.jsonl"]).stderr.contains("further lines"), more, "{lines}");
    }
}

#[test]
fn a_line_without_end_is_bounded() {
    let bench = Bench::new();
    let path = bench.path("long.jsonl");
    let mut file = File::create(&path).expect("a file");
    file.write_all(EVENTS.as_bytes()).expect("disk");
    for _ in 0..20 {
        file.write_all(&vec![b'x'; 1 << 20]).expect("disk");
    }
    file.write_all(b"\n").expect("disk");
    file.write_all(EVENTS.as_bytes()).expect("disk");
    let ran = bench.scan(&["long.jsonl"]);
    assert_eq!(ran.places(), [("ask_age", 1), ("names_app", 3), ("ask_age", 5), ("names_app", 7)]);
    assert!(ran.stderr.contains("long.jsonl:4: line longer than 16 MiB"), "{}", ran.stderr);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let bench = Bench::new();
    let line = |number: usize| {
        let text = if number.is_multiple_of(7) { "how old are you" } else { "see you tomorrow then" };
        let bad = if number.is_multiple_of(1_000) { "{\n" } else { "" };
        format!("{bad}{{\"id\":\"m{number}\",\"time\":\"2026-01-01T00:00:00Z\",\"text\":\"{text}\"}}\n")
    };
    let lines: String = (0..40_000).map(line).collect();
    bench.file("many.jsonl", lines.as_bytes());
    let one = bench.scan(&["--jobs", "1", "many.jsonl"]);
    let four = bench.scan(&["--jobs", "4", "many.jsonl"]);
    assert_eq!(one.flags.len(), 40_000usize.div_ceil(7));
    assert!(one.stdout == four.stdout, "the flags differ");
    let reported = |ran: &Ran| {
        ran.stderr.lines().filter(|line| line.starts_with("many")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(reported(&one), reported(&four));
    assert_eq!(reported(&one).len(), 20);
}

#[test]
fn exit_codes_say_how_it_went() {
    let bench = Bench::new();
    bench.file("events.jsonl", EVENTS.as_bytes());
    bench.file("calm.jsonl", b"{\"text\":\"see you on AppTwo\"}\n");
    bench.file("all-bad.jsonl", b"one\ntwo\n");
    bench.file("other-shape.jsonl", b"{\"body\":\"one\"}\ntorn\n");
    bench.file("mark.jsonl", b"\xef\xbb\xbf\n");
    bench.file("torn.jsonl.gz", &gzip(EVENTS.as_bytes())[..30]);
    bench.file("wide.jsonl", b"\xff\xfe{\0}\0");
    bench.file("broken/a.yml", b"title: no detection\n");
    fs::create_dir(bench.path("empty")).expect("a directory");
    // arguments, code, what standard error says
    let cases: [(&[&str], u8, &str); 17] = [
        (&["events.jsonl"], exit::CLEAN, "2 flags"),
        (&["--fail-on", "high", "events.jsonl"], exit::FINDINGS, "2 flags"),
        (&["--fail-on", "high", "calm.jsonl"], exit::CLEAN, "1 flag: 1 low"),
        (&["--fail-on", "low", "calm.jsonl"], exit::FINDINGS, "1 flag"),
        (&["all-bad.jsonl"], exit::BAD_INPUT, "`--text` takes lines of plain text"),
        (&["--quiet", "all-bad.jsonl", "calm.jsonl"], exit::BAD_INPUT, "error: all-bad.jsonl: no line could"),
        (&["--text", "all-bad.jsonl"], exit::CLEAN, "2 events"),
        (
            &["other-shape.jsonl"],
            exit::BAD_INPUT,
            "`--preset` names another shape, `--config` a configuration",
        ),
        (&["events.jsonl", "other-shape.jsonl"], exit::BAD_INPUT, "error: other-shape.jsonl: no line could"),
        (&["mark.jsonl"], exit::CLEAN, "0 events"),
        (&["--jobs", "100000", "calm.jsonl"], exit::BAD_CONFIGURATION, "100000 is not in 1..=512"),
        (&["nowhere.jsonl"], exit::BAD_INPUT, "error: nowhere.jsonl: No such file"),
        (&["torn.jsonl.gz", "calm.jsonl"], exit::BAD_INPUT, "error: torn.jsonl.gz: "),
        (&["wide.jsonl"], exit::BAD_INPUT, "wide.jsonl: the file is UTF-16"),
        (&["empty"], exit::BAD_INPUT, "empty: no file of events found"),
        (&["--rules", "broken", "events.jsonl"], exit::BAD_INPUT, "the rules cannot be used: "),
        (&["--fail-on", "worst", "events.jsonl"], exit::BAD_CONFIGURATION, "invalid value 'worst'"),
    ];
    for (arguments, code, said) in cases {
        let ran = bench.scan(arguments);
        assert!(ran.exited(code), "{arguments:?}: {:?}: {}", ran.code, ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
    assert_eq!(
        bench.scan(&["torn.jsonl.gz", "calm.jsonl"]).flags.last().map(|flag| flag.source.topic.clone()),
        Some("calm.jsonl".to_owned())
    );
}

#[test]
fn a_reader_that_goes_away_is_a_clean_end_but_for_what_was_found() {
    let bench = Bench::new();
    let lines = "{\"text\":\"how old are you\"}\n".repeat(50_000);
    bench.file("many.jsonl", lines.as_bytes());
    let cases: [(&[&str], u8); 4] = [
        (&[], exit::CLEAN),
        (&["--profile"], exit::CLEAN),
        (&["--fail-on", "critical"], exit::CLEAN),
        (&["--fail-on", "high"], exit::FINDINGS),
    ];
    for (arguments, code) in cases {
        let mut command = bench.command(&[&["scan", "--rules", "rules", "many.jsonl"], arguments].concat());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs");
        let mut first = [0; 1];
        child.stdout.take().expect("a pipe").read_exact(&mut first).expect("a flag comes");
        let output = child.wait_with_output().expect("the command ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(i32::from(code)), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("error") && !stderr.contains("panicked"), "{stderr}");
        assert_eq!(stderr.contains("no profile: "), arguments == ["--profile"], "{stderr}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_a_scan_whose_input_stays_open() {
    let bench = Bench::new();
    let mut command = bench.command(&["scan", "--rules", "rules", "--quiet"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(EVENTS.as_bytes()).expect("the command reads");
    child.stdout.take().expect("a pipe").read_exact(&mut [0; 1]).expect("a flag comes");
    stdin.write_all(EVENTS.as_bytes()).expect("the command reads");
    let deadline = Instant::now() + Duration::from_secs(20);
    let status = loop {
        match child.try_wait().expect("the command can be watched") {
            None if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            status => break status,
        }
    };
    drop(stdin);
    assert_eq!(status.and_then(|status| status.code()), Some(i32::from(exit::CLEAN)));
}

#[test]
fn quiet_says_nothing_but_errors() {
    let bench = Bench::new();
    bench.file("events.jsonl", [EVENTS, "{\n"].concat().as_bytes());
    let loud = bench.scan(&["events.jsonl"]);
    assert!(loud.stderr.contains("1 line could not be read as an event\n"), "{}", loud.stderr);
    let ran = bench.scan(&["--quiet", "events.jsonl"]);
    assert_eq!((ran.places(), ran.stderr.as_str()), (PLACES.to_vec(), ""));
    assert!(bench.scan(&["--quiet", "nowhere"]).stderr.contains("nowhere"));
}

/// An event a line: who writes, at which minute, and what.
fn chat(lines: &[(&str, u32, &str)]) -> String {
    let line = |(sender, minute, text): &(&str, u32, &str)| {
        let time = format!("2026-01-01T12:{minute:02}:00Z");
        let event = json!({"type": "chat.message", "id": format!("{sender}-{minute}"), "time": time,
            "platform": "demo", "sender": {"id": sender}, "recipient": {"id": "r"}, "text": text});
        format!("{event}\n")
    };
    lines.iter().map(line).collect()
}

const IN_ORDER: &str = "title: Asks an age, then moves\nid: c1\nname: moves\nlevel: high\ncorrelation: {type: temporal_ordered, \
                        rules: [ask_age, names_app], group-by: [sender.id], timespan: 30m}\n";

#[test]
fn correlations_are_flagged_behind_the_event_that_completes_them() {
    let bench = Bench::new();
    bench.file("rules/moves.yml", IN_ORDER.as_bytes());
    let events = chat(&[
        ("u1", 1, "how old are you"),
        ("u2", 2, "add me on AppOne"),
        ("u1", 9, "add me on AppOne"),
        ("u2", 10, "how old are you"),
    ]);
    bench.file("events.jsonl", events.as_bytes());
    let ran = bench.scan(&["events.jsonl"]);
    let flags: Vec<Flag> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("a flag")).collect();
    let names: Vec<&str> = flags.iter().map(|flag| &*flag.rule.name).collect();
    assert_eq!(names, ["ask_age", "names_app", "names_app", "moves", "ask_age"]);
    let flag = &flags[3];
    let correlation = flag.correlation.as_ref().expect("what came together");
    let steps: Vec<_> =
        correlation.steps.iter().map(|step| (&*step.event_id, &*step.rules[0].name)).collect();
    assert_eq!(steps, [("u1-1", "ask_age"), ("u1-9", "names_app")]);
    assert_eq!(correlation.steps[0].evidence[0].excerpt.as_deref(), Some("how old are you"));
    assert_eq!(
        (&*correlation.first_seen, &*correlation.last_seen),
        ("2026-01-01T12:01:00.000Z", &*flag.time)
    );
    assert_eq!((flag.case_id, &*flag.source.event_id), (flags[2].case_id, "u1-9"));
    assert!(ran.stderr.contains("           1  high           moves\n"), "{}", ran.stderr);
}

#[test]
fn correlations_follow_the_files_or_the_times() {
    let bench = Bench::new();
    bench.file("rules/moves.yml", IN_ORDER.as_bytes());
    bench.file("a.jsonl", chat(&[("u1", 10, "add me on AppOne"), ("u1", 59, "add me on AppOne")]).as_bytes());
    bench.file("b.jsonl", chat(&[("u1", 5, "how old are you")]).as_bytes());
    let moves = |arguments: &[&str]| {
        let ran = bench.scan(arguments);
        ran.stdout.lines().filter(|line| line.contains("\"name\":\"moves\"")).count()
    };
    assert_eq!(moves(&["a.jsonl", "b.jsonl"]), 0, "the question comes when its answer is long gone");
    assert_eq!(moves(&["--order", "time", "a.jsonl", "b.jsonl"]), 1);
}

#[test]
fn what_stands_between_two_events_of_a_room_does_not_part_them() {
    let bench = Bench::new();
    bench.file("rules/moves.yml", IN_ORDER.as_bytes());
    let far = chat(&[("u2", 3, "how old are you")]).replace("2026-01-01", "2026-03-01");
    let events =
        [chat(&[("u1", 1, "how old are you")]), far, chat(&[("u1", 9, "add me on AppOne")])].concat();
    bench.file("events.jsonl", events.as_bytes());
    let ran = bench.scan(&["events.jsonl"]);
    assert!(ran.flags.iter().any(|flag| &*flag.rule.name == "moves"), "{}", ran.stderr);
}

#[test]
fn shadow_flags_are_marked_and_do_not_fail_the_scan() {
    let bench = Bench::new();
    bench.file("events.jsonl", EVENTS.as_bytes());
    bench.file("rules/a.yml", RULES.replace("level: high", "level: high\nstatus: shadow").as_bytes());
    let ran = bench.scan(&["--fail-on", "high", "events.jsonl"]);
    assert!(ran.exited(exit::CLEAN), "{}", ran.stderr);
    assert_eq!(ran.places(), PLACES);
    assert!(ran.flags[0].shadow.is_some() && ran.flags[1].shadow.is_none());
    assert!(ran.stderr.contains("1 flag for moderators: 1 low; 1 in shadow"), "{}", ran.stderr);
}

/// The rows of a profile by their names, each with its counts of candidates, verifications and matches.
fn profile(stderr: &str) -> BTreeMap<&str, Vec<&str>> {
    fn row(line: &str) -> Option<(&str, Vec<&str>)> {
        let (_, counted) = line.split_once(" %  ")?;
        let (counts, name) = counted.rsplit_once("  ")?;
        Some((name, counts.split_whitespace().collect()))
    }
    stderr.lines().skip_while(|line| !line.starts_with("profile: ")).filter_map(row).collect()
}

#[test]
fn a_profile_says_how_often_rules_and_patterns_were_proposed_tried_and_right() {
    let bench = Bench::new();
    bench.file("events.jsonl", EVENTS.as_bytes());
    let ran = bench.scan(&["--profile", "events.jsonl"]);
    assert_eq!(ran.places(), PLACES, "{}", ran.stderr);
    let once = || vec!["1"; 3];
    let expected = BTreeMap::from([
        ("ask_age", once()),
        ("names_app", once()),
        ("ask_age: text: the words `how old are you`", once()),
        ("names_app: text: apps#a2", once()),
    ]);
    assert_eq!(profile(&ran.stderr), expected, "{}", ran.stderr);
    assert!(ran.stderr.contains(" shared by all rules: "), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("  1 pattern never asked for\n"), "{}", ran.stderr);

    let ran = bench.scan(&["--quiet", "--profile=1", "events.jsonl"]);
    assert!(ran.stderr.starts_with("profile: "), "{}", ran.stderr);
    assert_eq!(profile(&ran.stderr).len(), 2, "{}", ran.stderr);
    assert!(bench.scan(&["--profile=0", "events.jsonl"]).exited(exit::BAD_CONFIGURATION));
}

#[test]
fn the_profiles_of_all_threads_add_up() {
    let bench = Bench::new();
    bench.file("many.jsonl", EVENTS.repeat(30_000).as_bytes());
    for jobs in ["1", "3"] {
        let ran = bench.scan(&["--profile", "--jobs", jobs, "many.jsonl"]);
        let all = profile(&ran.stderr);
        assert_eq!(all.len(), 4, "{}", ran.stderr);
        assert!(all.values().all(|counts| *counts == ["30,000"; 3]), "{}", ran.stderr);
    }
}

#[test]
fn message_text_and_list_entries_appear_in_flags_alone() {
    let bench = Bench::new();
    bench.file("rules/lists/apps.txt", format!("{MARKED}\n").as_bytes());
    let lines = format!(
        "{{\"text\":\"how old are you {MARKED}\"}}\n{{\"text\":\"{MARKED}\" {MARKED}\n{{\"{MARKED}\":1}}\n{MARKED}\n\"{MARKED}\"\n"
    );
    bench.file("events.jsonl", lines.as_bytes());
    bench.file("broken/a.yml", RULES.replace("text|expand|word", "text|expand|wrd").as_bytes());
    bench.file("broken/lists/apps.txt", format!("{MARKED}\n").as_bytes());
    bench.file("bad-list/a.yml", RULES.as_bytes());
    bench.file("bad-list/lists/apps.txt", format!("{MARKED}\u{0}\n").as_bytes());
    fs::write(bench.path("bad-list/lists/other.txt"), [MARKED.as_bytes(), b"\xff"].concat()).expect("a file");
    let runs: [&[&str]; 5] = [
        &["events.jsonl"],
        &["--profile", "events.jsonl"],
        &["--text", "events.jsonl"],
        &["--rules", "broken", "events.jsonl"],
        &["--rules", "bad-list", "events.jsonl"],
    ];
    for arguments in runs {
        for jobs in ["1", "3"] {
            let mut command =
                bench.command(&[&["scan", "--rules", "rules", "--jobs", jobs], arguments].concat());
            let ran = Ran::of(
                &command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1").output().expect("it runs"),
            );
            assert!(!ran.stderr.contains(MARKED), "{arguments:?}: {}", ran.stderr);
            assert!(!ran.stderr.is_empty());
        }
    }
    assert!(bench.scan(&["events.jsonl"]).stdout.contains(MARKED), "the flag shows what was written");
}

#[test]
fn the_help_names_the_exit_codes() {
    let bench = Bench::new();
    for command in ["check", "scan", "test"] {
        let ran = Ran::of(&bench.command(&[command, "--help"]).output().expect("the command runs"));
        for code in
            [exit::CLEAN, exit::FINDINGS, exit::BAD_INPUT, exit::BAD_CONFIGURATION, exit::RUNTIME_FAILURE]
        {
            assert!(ran.stdout.contains(&format!("\n  {code}  ")), "{command}: {}", ran.stdout);
        }
    }
}

#[test]
fn the_rules_own_tests_run() {
    let bench = Bench::new();
    let run = || Ran::of(&bench.command(&["test", "rules"]).output().expect("the command runs"));
    let passed = run();
    assert!(passed.exited(exit::CLEAN), "{}{}", passed.stdout, passed.stderr);
    assert_eq!(passed.stdout, "1 test passed, 0 failed; 2 rules, 1 without tests\n");
    bench.file("rules/a.yml", RULES.replace("expect: match", "expect: no-match").as_bytes());
    let failed = run();
    assert!(failed.exited(exit::FINDINGS));
    assert!(failed.stdout.contains("FAIL ask_age / hit"), "{}", failed.stdout);
    assert!(failed.stdout.contains("found \"HOW old are you\" at bytes 4..19, raw"), "{}", failed.stdout);
    let xml = Ran::of(&bench.command(&["test", "--format", "junit", "rules"]).output().expect("it runs"));
    assert!(
        xml.exited(exit::FINDINGS) && xml.stdout.contains("<failure type=\"no-match\""),
        "{}",
        xml.stdout
    );
    let unknown = Ran::of(&bench.command(&["test", "--rule", "ask_aje", "rules"]).output().expect("it runs"));
    assert!(unknown.exited(exit::BAD_CONFIGURATION), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("did you mean \"ask_age\"?"), "{}", unknown.stderr);
    let broken = Ran::of(&bench.command(&["test", "nowhere"]).output().expect("the command runs"));
    assert!(broken.exited(exit::BAD_INPUT), "{}", broken.stderr);
}

/// A site whose events have their own shape and fields of their own, and whose lists lie elsewhere.
const CONFIGURATION: &str = r#"
[rules]
paths = ["site-rules"]
lists = "secret-lists"
[events]
preset = "generic"
[events.fields]
text = "said"
"sender.id" = "who"
[events.field_types]
"form.note" = "text"
"form.score" = "number"
[events.pseudonyms]
fields = ["sender.id"]
key_id = "k1"
key_file = "key"
"#;

const SITE_RULES: &str = "
title: Names an app in a note
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a05
name: note_app
detection:
  app: {'form.note.folded|expand|word': '%apps%'}
  strong: {form.score|gt: 5}
  condition: app and strong
level: low
tests:
  - {name: hit, expect: match, event: {form.note: 'on appthree then', form.score: 9}}
---
title: Asks an age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a06
name: ask_age
detection:
  phrases: {text|phrase: how old are you}
  condition: phrases
level: high
tests:
  - {name: hit, expect: match, event: {text: how old are you}}
";

#[test]
fn a_configuration_makes_the_commands_read_as_the_service_does() {
    let bench = Bench::new();
    bench.file("site/wardline.toml", CONFIGURATION.as_bytes());
    bench.file("site/site-rules/a.yml", SITE_RULES.as_bytes());
    let list = bench.file("site/secret-lists/apps.txt", b"AppThree\n");
    let key = bench.file("site/key", &[b'k'; 32]);
    for secret in [list, key] {
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("own file");
    }
    let own = br#"{"said":"how old are you","who":"u1","form":{"note":"AppThree","score":9}}"#;
    bench.file("own.jsonl", own);
    bench.file("other.jsonl", EVENTS.as_bytes());
    let run = |arguments: &[&str]| Ran::of(&bench.command(arguments).output().expect("the command runs"));
    let config = ["--config", "site/wardline.toml"];
    let with = |command: &[&str], more: &[&str]| run(&[command, &config, more].concat());

    let ran = with(&["scan"], &["own.jsonl"]);
    assert_eq!(ran.places(), [("note_app", 1), ("ask_age", 1)], "{}", ran.stderr);
    assert_eq!(ran.flags[0].pseudonym_key.as_deref(), Some("k1"));
    assert!(!ran.stdout.contains(r#""u1""#), "{}", ran.stdout);
    // What the arguments say wins.
    let ran = with(&["scan"], &["--preset", "canonical", "other.jsonl"]);
    assert_eq!(ran.places(), [("ask_age", 1)], "{}", ran.stderr);
    let ran = with(&["scan"], &["--rules", "rules", "--lists", "rules/lists", "--text", "other.jsonl"]);
    assert_eq!(ran.places(), PLACES, "{}", ran.stderr);

    for command in ["check", "test"] {
        assert!(with(&[command], &[]).exited(exit::CLEAN), "{command}: {}", with(&[command], &[]).stdout);
        assert!(run(&[command, "site/site-rules"]).exited(exit::BAD_INPUT), "{command}: without the lists");
        let ran = run(&[command]);
        assert!(ran.exited(exit::BAD_CONFIGURATION), "{command}: {}", ran.stderr);
    }
    let ran = run(&["test", "--lists", "site/secret-lists", "site/site-rules"]);
    assert!(ran.exited(exit::FINDINGS), "a note is no text, and has no views, without the configuration");
    bench.file("bad.toml", b"[events]\nprest = \"generic\"\n");
    let ran = run(&["scan", "--config", "bad.toml", "own.jsonl"]);
    assert!(ran.exited(exit::BAD_CONFIGURATION) && ran.stderr.contains("bad.toml:2"), "{}", ran.stderr);
}
