//! `wardline sample`, and `wardline check` by the table that it writes.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "tests read the file that the command writes")]

use super::bench::Bench;
use super::golden::assert_file;
use std::fmt::Write;
use wardline::cli::exit;

/// Messages, each text said by so many senders in turn.
fn traffic(rooms: bool) -> String {
    let mut events = String::new();
    // What is said, how often, by how many.
    let said = [
        ("Kumusta ka na?", 40, 20),
        ("kumusta, Inay", 30, 20),
        ("Don't tell", 30, 20),
        ("ÇA VA", 25, 20),
        ("tell nobody", 24, 20),
        ("my lantern is here", 200, 1),
        ("call 0917 555 1234", 40, 20),
    ];
    for (text, times, senders) in said {
        for number in 0..times {
            let sender = number % senders;
            let room = if rooms { format!(",\"room\":{{\"id\":\"r{sender}\"}}") } else { String::new() };
            writeln!(events, "{{\"text\":\"{text}\",\"sender\":{{\"id\":\"u{sender}\"}}{room}}}")
                .expect("memory");
        }
    }
    let other = r#"{"type":"chat.edited","text":"never counted","sender":{"id":"u1"},"room":{"id":"r1"}}"#;
    events + other + "\nno event\n"
}

#[test]
fn what_many_say_is_counted_and_written() {
    let bench = Bench::new();
    bench.file("chat.jsonl", traffic(true).as_bytes());
    let (ended, table, said) = bench.ran(&["sample", "chat.jsonl"]);
    assert_eq!(ended, exit::CLEAN, "{said}");
    assert_file("tests/golden/sample.txt", &table);
    assert!(said.contains("389 chat messages counted, of 390 events"), "{said}");
    assert!(said.contains("the first chat.jsonl:391: ") && said.contains("counts are exact"), "{said}");
    let (ended, out, said) = bench.ran(&["sample", "--out", "own.txt", "chat.jsonl"]);
    assert_eq!((ended, out.as_str()), (exit::CLEAN, ""), "{said}");
    assert_eq!(std::fs::read_to_string(bench.path("own.txt")).expect("the table"), table);
}

#[test]
fn without_names_there_is_no_table() {
    let bench = Bench::new();
    bench.file("chat.jsonl", traffic(false).as_bytes());
    let (ended, table, said) = bench.ran(&["sample", "chat.jsonl"]);
    assert_eq!((ended, table.as_str()), (exit::BAD_INPUT, ""));
    assert!(
        said.contains("389 of 389 messages name no `room.id`") && !said.contains("`sender.id`;"),
        "{said}"
    );
    for few in [["--least", "4"], ["--senders", "1"], ["--rooms", "0"]] {
        let (ended, _, _) = bench.ran(&[&["sample"], &few[..], &["chat.jsonl"]].concat());
        assert_eq!(ended, exit::BAD_CONFIGURATION, "{few:?}");
    }
}

const RULE: &[u8] = b"
title: Greets
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a05
detection: {s: {text|phrase: kumusta ka}, condition: s}
";

#[test]
fn rules_are_checked_by_the_table() {
    let bench = Bench::new();
    bench.file("chat.jsonl", traffic(true).as_bytes());
    bench.file("own/greets.yml", RULE);
    bench.file("w.toml", b"[rules]\npaths = [\"own\"]\nsample = \"own.txt\"\n");
    assert_eq!(bench.ran(&["sample", "--out", "own.txt", "chat.jsonl"]).0, exit::CLEAN);
    let strict = |more: &[&str]| bench.ran(&[&["check", "--strict"], more].concat());
    assert_eq!(strict(&["own"]).0, exit::CLEAN);
    for more in [&["--sample", "own.txt", "own"][..], &["--config", "w.toml"]] {
        let (ended, out, _) = strict(more);
        assert_eq!(ended, exit::FINDINGS, "{out}");
        assert!(out.contains("R912") && out.contains("in 40 of 389 messages"), "{out}");
    }
}

#[test]
fn a_table_that_is_none_is_refused_with_its_place() {
    let bench = Bench::new();
    bench.file("bad.txt", b"# messages\t50\nhi\t20\nMarked\t20\n");
    let (ended, out, said) = bench.ran(&["check", "--sample", "bad.txt", "rules"]);
    assert_eq!((ended, out.as_str()), (exit::BAD_INPUT, ""));
    assert!(said.starts_with("error: bad.txt: line 3: expected ") && !said.contains("Marked"), "{said}");
    let (ended, _, said) = bench.ran(&["check", "--sample", "none.txt", "rules"]);
    assert!(ended == exit::BAD_INPUT && said.contains("none.txt"), "{said}");
    bench.file("own/greets.yml", RULE);
    bench.file("chat.jsonl", b"");
    bench.file("w.toml", b"[rules]\npaths = [\"own\"]\nsample = \"bad.txt\"\n");
    for command in [&["check"][..], &["scan", "chat.jsonl"]] {
        let (ended, _, said) = bench.ran(&[command, &["--config", "w.toml"]].concat());
        assert_eq!(ended, exit::BAD_CONFIGURATION, "{said}");
        assert!(said.starts_with("error: rules.sample: bad.txt: line 3: expected "), "{said}");
    }
    // What rules find does not depend on it.
    assert_eq!(bench.ran(&["test", "--config", "w.toml"]).0, exit::CLEAN);
}
