//! `wardline generate cases`: what it writes is read by the program itself, and its options do what they say.
#![expect(clippy::disallowed_methods, reason = "tests read the files that the command writes")]

use super::bench::Bench;
use std::collections::BTreeSet;
use std::fs;
use wardline::cli::exit;
use wardline::event::{Batch, Decoder, FieldSet, FieldType, Mapping};
use wardline::generate::cases::{Cases, Given, Length, Settings, Styles};
use wardline::truth::Reader;

#[test]
fn every_event_is_decoded() {
    let mut fields = FieldSet::default();
    let wanted = [
        ("type", FieldType::Keyword),
        ("time", FieldType::Time),
        ("sender.id", FieldType::Keyword),
        ("sender.account_age_days", FieldType::Number),
        ("payment.amount_minor", FieldType::Number),
        ("session.recording_enabled", FieldType::Bool),
        ("text", FieldType::Text),
    ];
    let ids = wanted.map(|(path, kind)| fields.intern(path, kind).expect("room for a field"));
    let decoder = Decoder::new(&fields, &Mapping::canonical(), None);
    let length = Length::Cases(600);
    let settings = Settings { length, risky: 0.5, styles: Styles::Any, ..Settings::default() };
    let mut cases = Cases::new(&settings, Given::default()).expect("in range");
    let (mut event, mut truth, mut batch) = (Vec::new(), Vec::new(), Batch::default());
    let mut found = BTreeSet::new();
    while cases.next_into(&mut event, &mut truth).is_some() {
        batch.clear();
        decoder.decode(0, &event, &mut batch).expect("an event");
        for ((path, _), id) in wanted.iter().zip(ids) {
            if batch.values(0, id).next().is_some() {
                found.insert(*path);
            }
        }
        event.clear();
    }
    assert_eq!(found, wanted.map(|(path, _)| path).into());
}

#[test]
fn the_same_options_write_the_same_files() {
    let bench = Bench::new();
    let options = ["--risky", "30%", "--seed", "5", "--style", "obfuscated", "--languages", "tl,ceb,taglish"];
    let mut written = Vec::new();
    for name in ["one", "two"] {
        let (events, truth) = (format!("{name}.jsonl"), format!("{name}-truth.jsonl"));
        let files = ["generate", "cases", "--cases", "80", "--out", &events, "--truth", &truth];
        let (ended, out, said) = bench.ran(&[&files[..], &options].concat());
        assert_eq!((ended, out.as_str(), said.as_str()), (exit::CLEAN, "", ""));
        written.push([events, truth].map(|name| fs::read(bench.path(&name)).expect("it was written")));
    }
    assert!(written[0] == written[1]);
    let mut reader = Reader::default();
    written[0][1].split(|byte| *byte == b'\n').for_each(|line| reader.line(line));
    let truth = reader.finish().expect("the truth is in order");
    assert_eq!(truth.cases().len(), 80);
    let languages: BTreeSet<_> = truth.cases().iter().map(|case| case.label.language.to_string()).collect();
    assert!(
        languages.is_subset(&["", "tl", "ceb", "tl-x-taglish"].map(str::to_owned).into()),
        "{languages:?}"
    );
}

#[test]
fn without_files_the_events_are_printed() {
    let (ended, out, said) = Bench::new().ran(&["generate", "cases", "--events", "50", "--risky", "0"]);
    assert_eq!((ended, said.as_str()), (exit::CLEAN, ""));
    assert!(out.lines().count() >= 50 && out.lines().all(|line| line.starts_with("{\"id\":\"e")));
}

#[test]
fn text_of_ones_own_is_mixed_in() {
    let bench = Bench::new();
    bench.file("chat.txt", b"quite \"another\" text\nand its answer\n\nalone\n");
    let options = ["--benign-from", "chat.txt", "--benign-share", "100%", "--cases", "3", "--risky", "0"];
    let (ended, out, said) = bench.ran(&[&["generate", "cases"][..], &options].concat());
    assert_eq!((ended, said.as_str()), (exit::CLEAN, ""));
    for text in [r#""text":"quite \"another\" text"}"#, r#""text":"alone"}"#] {
        assert!(out.contains(text), "{out}");
    }
    bench.file("empty.txt", b"\n");
    for file in ["empty.txt", "missing.txt"] {
        let (ended, _, said) = bench.ran(&["generate", "cases", "--benign-from", file]);
        assert_eq!(ended, exit::BAD_INPUT, "{said}");
        assert!(said.contains(file), "{said}");
    }
}

#[test]
fn bad_settings_are_refused() {
    let bench = Bench::new();
    for options in [
        ["--risky", "101%"],
        ["--days", "0"],
        ["--style", "loud"],
        ["--languages", "en,xx"],
        ["--benign-share", "10%"],
        ["--cases", "1000000000001"],
        ["--start", "soon"],
        ["--truth", "-"],
    ] {
        let (ended, out, said) = bench.ran(&[&["generate", "cases"], &options[..]].concat());
        assert_eq!((ended, out.as_str()), (exit::BAD_CONFIGURATION, ""), "{options:?}: {said}");
    }
    let (ended, _, said) = bench.ran(&["generate", "cases", "--cases", "1", "--out", "no/such/directory"]);
    assert_eq!(ended, exit::RUNTIME_FAILURE);
    assert!(said.contains("no/such/directory"), "{said}");
}

#[cfg(feature = "kafka")]
#[test]
fn a_topic_gets_the_same_events() {
    use std::time::Duration;
    use wardline::kafka::embedded::Embedded;
    use wardline::kafka::viewer::Viewer;
    let topics = [("cases.in", 2)];
    let broker = Embedded::start(&topics).expect("it starts");
    let bench = Bench::new();
    let made = ["generate", "cases", "--cases", "8"];
    let (_, file, _) = bench.ran(&made);
    let options = ["--topic", "cases.in", "--rate", "50000", "--brokers", broker.brokers()];
    let (ended, out, said) = bench.ran(&[&made[..], &options].concat());
    assert_eq!((ended, out.as_str()), (exit::CLEAN, ""), "{said}");
    let viewer = Viewer::open(broker.brokers(), &topics).expect("it is open");
    let mut read = BTreeSet::new();
    let expected: BTreeSet<_> = file.lines().map(str::to_owned).collect();
    super::wait::until_true("all events", Duration::from_mins(1), || {
        let mut note = |_: &str, event: &[u8]| {
            read.insert(String::from_utf8_lossy(event).into_owned());
        };
        while viewer.next(Duration::from_millis(200), &mut note).expect("the topic can be read") {}
        read.len() >= expected.len()
    });
    assert!(read == expected);
    let (ended, _, said) = bench.ran(&[&made[..], &["--topic", "cases.in"]].concat());
    assert_eq!(ended, exit::BAD_CONFIGURATION, "{said}");
}

/// The configuration's brokers and properties are the client's, and what is wrong with them is told before anything is sent,
/// or a truth is written.
#[cfg(feature = "kafka")]
#[test]
fn a_topic_is_reached_as_the_configuration_says() {
    use std::time::Duration;
    use wardline::kafka::embedded::Embedded;
    use wardline::kafka::viewer::Viewer;
    let topics = [("cases.in", 1)];
    let broker = Embedded::start(&topics).expect("it starts");
    let bench = Bench::new();
    let ran = |properties: &str| {
        let kafka = format!("[kafka]\nbrokers = [\"{}\"]\n[kafka.properties]\n", broker.brokers());
        bench.file("wardline.toml", (kafka + properties).as_bytes());
        let options = ["--topic", "cases.in", "--config", "wardline.toml", "--truth", "truth.jsonl"];
        bench.ran(&[&["generate", "cases", "--cases", "1"][..], &options].concat())
    };
    for (properties, code, words) in [
        ("\"security.protocl\" = \"ssl\"", exit::BAD_CONFIGURATION, "\"security.protocol\""),
        ("\"security.protocol\" = \"tls\"", exit::RUNTIME_FAILURE, "security.protocol"),
        // The client reads the files of TLS before it reaches a broker.
        (
            "\"security.protocol\" = \"ssl\"\n\"ssl.ca.location\" = \"no/such.pem\"",
            exit::RUNTIME_FAILURE,
            "ssl.ca.location",
        ),
    ] {
        let (ended, out, said) = ran(properties);
        assert_eq!((ended, out.as_str()), (code, ""), "{properties}: {said}");
        assert!(said.contains(words), "{properties}: {said}");
        assert!(!bench.path("truth.jsonl").exists(), "{properties}");
    }
    let (ended, _, said) = ran("\"security.protocol\" = \"plaintext\"");
    assert_eq!(ended, exit::CLEAN, "{said}");
    let truth = fs::read_to_string(bench.path("truth.jsonl")).expect("it was written");
    assert!(!truth.is_empty());
    let viewer = Viewer::open(broker.brokers(), &topics).expect("it is open");
    let read = &mut |_: &str, event: &[u8]| assert!(event.starts_with(b"{\"id\":\"e"));
    let any = || viewer.next(Duration::from_millis(200), read).expect("the topic can be read");
    super::wait::until_true("an event", Duration::from_mins(1), any);
}
