//! `wardline diff` as people run it: what became of rules, and of what they find.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "the test writes the files that the command reads")]

use super::bench::Bench;
use super::golden::assert_file;
use serde_json::Value;
use std::fs;
use wardline::cli::exit;

/// Asks, secret, join: of these, `secret` changes what it finds, `join` its level, `gone` goes and `fresh` comes. `asks` is laid out
/// otherwise, which is no change.
const OLD: &str = r"
title: Asks an age
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a01
name: asks
level: low
tags: [indicator.g1]
detection: {phrases: {text|phrase: how old are you}, condition: phrases}
---
title: Asks for secrecy
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a02
name: secret
level: low
detection: {phrases: {text|phrase: keep this secret}, condition: phrases}
---
title: Names an app
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a03
name: gone
level: low
detection: {apps: {text|word|expand: '%apps%'}, condition: apps}
---
title: Names a service
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a04
name: service
level: low
detection: {services: {text|word|expand: '%apps%'}, condition: services}
---
title: Both
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a05
name: join
level: high
correlation: {type: temporal, rules: [asks, secret], group-by: [sender.id], timespan: 1h}
";

const NEW: &str = r"
# The same, in more lines.
title: Asks an age
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a01
name: asks
tags:
  - indicator.g1
level: low
detection:
  other_name:
    text|phrase: how old are you
  condition: other_name
---
title: Asks for secrecy
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a02
name: secret
level: low
detection: {phrases: {text|phrase: [keep this secret, tell nobody]}, condition: phrases}
---
title: Names a service
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a04
name: service
level: low
detection: {services: {text|word|expand: '%apps%'}, condition: services}
---
title: Both
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a05
name: join
level: critical
correlation: {type: temporal, rules: [asks, secret], group-by: [sender.id], timespan: 1h}
review: {suppress: 1h}
---
title: Offers a present
id: 00000000-3c55-4a8e-9f6e-0b7f7a1d1a06
name: fresh
level: low
detection: {phrases: {text|phrase: a present for you}, condition: phrases}
";

const EVENTS: &str = r#"
{"id":"e1","time":"2026-01-01T10:00:00Z","type":"chat.message","room":{"id":"r1"},"sender":{"id":"u1"},"text":"how old are you?"}
{"id":"e2","time":"2026-01-01T10:01:00Z","type":"chat.message","room":{"id":"r1"},"sender":{"id":"u1"},"text":"tell nobody"}
{"id":"e3","time":"2026-01-01T10:02:00Z","type":"chat.message","room":{"id":"r2"},"sender":{"id":"u2"},"text":"do you have AppOne"}
{"id":"e4","time":"2026-01-01T10:03:00Z","type":"chat.message","room":{"id":"r2"},"sender":{"id":"u2"},"text":"a present for you"}
{"id":"e5","time":"2026-01-01T10:04:00Z","type":"chat.message","room":{"id":"r3"},"sender":{"id":"u3"},"text":"keep this secret"}
{"id":"e6","time":"2026-01-01T10:05:00Z","type":"chat.message","room":{"id":"r3"},"sender":{"id":"u3"},"text":"write me on Chattle"}
"#;

const LABELS: &str = r#"
{"case":"one","risk":true,"kind":"stranger","language":"en","rooms":["r1"],"harm":"2026-01-01T11:00:00Z"}
{"case":"two","risk":false,"kind":"friends","language":"en","rooms":["r2"]}
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    for (name, rules, apps) in [("old", OLD, "AppOne\n"), ("new", NEW, "AppOne\nChattle\n")] {
        let folder = bench.path(name);
        fs::create_dir_all(folder.join("lists")).expect("a directory");
        fs::write(folder.join("rules.yml"), rules.trim_start()).expect("written");
        fs::write(folder.join("lists/apps.txt"), apps).expect("written");
    }
    fs::write(bench.path("events.jsonl"), EVENTS.trim_start()).expect("written");
    fs::write(bench.path("labels.jsonl"), LABELS).expect("written");
    bench
}

fn diff(bench: &Bench, arguments: &[&str]) -> (u8, String, String) {
    bench.ran(&[&["diff"], arguments].concat())
}

#[test]
fn the_comparison_is_as_on_record() {
    let bench = bench();
    let all = ["old", "new", "--corpus", "events.jsonl", "--truth", "labels.jsonl"];
    let (code, shown, told) = diff(&bench, &all);
    assert_eq!((code, told.as_str()), (exit::CLEAN, ""));
    assert_file("tests/golden/diff/comparison.md", &shown);
    let (_, shown, _) = diff(&bench, &[&all[..], &["--format", "json"]].concat());
    assert_file("tests/golden/diff/comparison.json", &shown);
}

#[test]
fn what_is_the_same_is_no_difference() {
    let bench = bench();
    let same = ["old", "old", "--exit-code", "--corpus", "events.jsonl"];
    let (code, shown, _) = diff(&bench, &same);
    assert_eq!(code, exit::CLEAN, "{shown}");
    let (code, ..) = diff(&bench, &["old", "new", "--exit-code"]);
    assert_eq!(code, exit::FINDINGS);
}

/// Without events nothing is said of flags, and without labels nothing of cases.
#[test]
fn what_is_not_known_is_not_said() {
    let bench = bench();
    let json = |arguments: &[&str]| -> Value {
        let (_, shown, _) = diff(&bench, &[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&shown).expect("JSON")
    };
    assert!(json(&["old", "new"]).get("flags").is_none());
    let flags = &json(&["old", "new", "--corpus", "events.jsonl"])["flags"];
    assert!(flags["added"]["count"].as_u64() > Some(0) && flags.get("cases").is_none(), "{flags}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let bench = bench();
    fs::write(bench.path("broken.yml"), "title: T\n").expect("written");
    for (arguments, code, words) in [
        (vec!["old", "missing"], exit::BAD_INPUT, "missing"),
        (vec!["old", "broken.yml"], exit::BAD_INPUT, "the rules cannot be used"),
        (vec!["old", "new", "--corpus", "-"], exit::BAD_CONFIGURATION, "can be read once only"),
        (vec!["old", "new", "--corpus", "nothing.jsonl"], exit::BAD_INPUT, "nothing.jsonl"),
        (vec!["old", "new", "--truth", "labels.jsonl"], exit::BAD_CONFIGURATION, "--corpus"),
        (
            vec!["old", "new", "--corpus", "events.jsonl", "--truth", "events.jsonl"],
            exit::BAD_INPUT,
            "line 1: neither a case",
        ),
    ] {
        let (found, _, told) = diff(&bench, &arguments);
        assert_eq!(found, code, "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
}
