//! The wire forms, held by golden files: what is written today must be readable in years.
//!
//! `tests/golden/*` hold flags, dead letters and ids. With `BLESS=1` in the environment they are written instead
//! of compared; a difference in a flag's form is a new schema version, a difference in an id breaks deduplication.
#![expect(clippy::expect_used, reason = "a test may panic")]

use crate::golden::assert_file;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use wardline::event::{DecodeErrorCode, FieldTable, Mapping, Pseudonyms, Record};
use wardline::flag::id::CaseSubjects;
use wardline::flag::{CaseId, Cut, EventIdentity, Flag, FlagId};
use wardline::position::Position;
use wardline::rule::list::List;
use wardline::rule::{self, Lists, SourceMap};
use wardline::ruleset::{Limits, RuleSet};
use wardline::worker::Topic;
use wardline::worker::stage::{MatchStage, Outcome, Program, Reading, Settings};

const RULES: &str = "
title: Asks to keep the conversation secret
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02
name: ask_secret
detection:
  phrases: {text|phrase: [keep this a secret, don't tell anyone]}
  condition: phrases
level: medium
tags: [safety.isolation]
review: {score: 25}
---
title: Names another app to an under-age recipient
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03
name: move_app
status: shadow
detection:
  app: {'text|expand|word': '%apps%'}
  young: {recipient.age_band: ['13-15', '16-17']}
  condition: app and young
level: high
";

const EVENTS: [&str; 3] = [
    r#"{"id":"01J0000001","time":"2026-11-23T10:00:00.123Z","type":"chat.message","platform":"demo","tenant":"t1","room":{"id":"r1","kind":"direct","topic":"maths"},"session":{"id":"s1","host":{"id":"u9","name":"Host"}},"sender":{"id":"u1","name":"Ann","account_age_days":3,"age_band":"adult","country":"AU"},"recipient":{"id":"u2","age_band":"13-15","country":"PH"},"lang":"en","text":"Keep  this a SECRET, add me on AppTwo"}"#,
    r#"{"text":"don't tell anyone"}"#,
    r#"{"text":"don't tell"#,
];

/// 2026-11-23T10:00:01Z.
const NOW: i64 = 1_795_428_001_000;

fn golden(name: &str, found: &str) {
    assert_file(&format!("tests/golden/{name}"), found);
}

/// A phrase in two messages, with one of another sender between.
const PIECES: [&str; 3] = [
    r#"{"id":"01J0000011","time":"2026-11-23T09:59:20Z","type":"chat.message","room":{"id":"r1"},"sender":{"id":"u1"},"text":"ok so keep"}"#,
    r#"{"id":"01J0000012","time":"2026-11-23T09:59:21Z","type":"chat.message","room":{"id":"r1"},"sender":{"id":"u2"},"text":"what"}"#,
    r#"{"time":"2026-11-23T09:59:22Z","type":"chat.message","room":{"id":"r1"},"sender":{"id":"u1"},"text":"this a secret :)"}"#,
];

const IN_PIECES: &str = "
title: Asks to keep the conversation secret, in pieces
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04
name: ask_secret_pieces
detection:
  phrases: {text.joined|phrase: keep this a secret}
  condition: phrases
level: medium
";

fn outcome(reading: &Reading) -> Outcome {
    outcome_of(RULES, &EVENTS, reading)
}

/// A flag over several messages that shows those before it.
fn pieces() -> Outcome {
    outcome_of(IN_PIECES, &PIECES, &Reading { context: 8, ..Reading::default() })
}

fn outcome_of(rules: &str, events: &[&str], reading: &Reading) -> Outcome {
    let mut map = SourceMap::default();
    map.add("rules.yml", rules);
    let mut lists = Lists::default();
    lists.insert(List::parse("apps", "a1\tAppOne\na2\tAppTwo\n").expect("a list"));
    let loaded = rule::load(&map, &FieldTable::canonical(), &lists);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let rules = RuleSet::compile(loaded.rules, &Limits::default()).expect("the rules compile");
    let program = Program::new(rules, &lists, reading);
    let topic = Arc::from("chat.events");
    let records = events.iter().zip(41..).map(|(event, offset)| Record {
        topic: &topic,
        partition: 3,
        offset,
        timestamp: Some(NOW - 500),
        key: Some(b"r1"),
        payload: Some(event.as_bytes()),
    });
    let records: Vec<_> = records.collect();
    MatchStage::new(Arc::new(program), Settings::default()).run(&records, NOW).clone()
}

/// Messages of a topic: key, headers and body, a JSON body pretty.
fn messages(outcome: &Outcome, of: Topic) -> String {
    let mut out = String::new();
    for message in outcome.messages().filter(|message| message.topic == of) {
        let key = message.key.map(String::from_utf8_lossy).unwrap_or_default();
        writeln!(out, "key: {key}").expect("a String takes all");
        for (name, value) in message.headers {
            writeln!(out, "{name}: {value}").expect("a String takes all");
        }
        let body = message.body.unwrap_or_default();
        let pretty =
            serde_json::from_slice::<Flag>(body).and_then(|flag| serde_json::to_string_pretty(&flag));
        let shown = pretty.unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned());
        writeln!(out, "\n{shown}\n").expect("a String takes all");
    }
    out
}

#[test]
fn flags() {
    let outcome = outcome(&Reading::default());
    golden("flag.txt", &messages(&outcome, Topic::Review));
    golden("shadow_flag.txt", &messages(&outcome, Topic::Shadow));
    golden("joined_flag.txt", &messages(&pieces(), Topic::Review));
}

#[test]
fn flags_read_back_what_they_write() {
    for flag in &outcome(&Reading::default()).flags {
        let read: Flag = serde_json::from_slice(&flag.body).expect("a flag is JSON");
        assert_eq!(serde_json::to_vec(&read).expect("a flag can be written"), flag.body);
    }
}

/// A flag with every key that one can have.
fn full_flag() -> Flag {
    let mut flag: Flag = serde_json::from_slice(&outcome(&Reading::default()).flags[1].body).expect("a flag");
    flag.evidence[0].index = Some(1);
    flag.evidence_omitted = 1;
    flag.context = serde_json::from_slice::<Flag>(&pieces().flags[0].body).expect("a flag").context;
    flag.context[0].text_offset = 1;
    flag.cut = [Cut::Ids, Cut::Names, Cut::Context, Cut::Excerpts, Cut::Evidence].into();
    flag.source.record_hmac_sha256 = flag.source.record_sha256.clone();
    flag.source.lossy = true;
    flag.pseudonym_key = Some("k1".to_owned());
    flag
}

/// All keys in a value, at any depth.
fn keys(value: &serde_json::Value, out: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            out.extend(object.keys().cloned());
            object.values().for_each(|inner| keys(inner, out));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|inner| keys(inner, out)),
        _ => {}
    }
}

/// `deploy/flags.md` is what people read who read flags.
#[test]
fn the_page_names_every_key_header_and_code() {
    let page = include_str!("../../deploy/flags.md");
    let flag = serde_json::to_value(full_flag()).expect("a flag can be written");
    let mut names = BTreeSet::new();
    keys(&flag, &mut names);
    let cuts = flag["cut"].as_array().expect("several").iter().filter_map(|cut| cut.as_str());
    names.extend(cuts.chain(["status", "flood"]).map(str::to_owned));
    let outcome = outcome(&Reading::default());
    let headers = outcome.messages().flat_map(|message| message.headers);
    names.extend(headers.map(|(name, _)| (*name).to_owned()));
    names.extend(["wardline.by_reference", "wardline.key_by_reference"].map(str::to_owned));
    names.extend(DecodeErrorCode::ALL.map(|code| code.name().to_owned()));
    let missing: Vec<_> = names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "deploy/flags.md does not name {missing:?}");
    let flags = messages(&outcome, Topic::Review);
    let example = flags.split("\n\nkey: ").next().expect("a flag");
    assert!(page.contains(&format!("```\n{example}\n```\n")), "the example is the first flag of flag.txt");
}

#[test]
fn dead_letters() {
    golden("dead_letter.txt", &messages(&outcome(&Reading::default()), Topic::DeadLetter));
}

#[test]
fn pseudonyms_replace_ids_everywhere_and_the_key_is_named() {
    let fields = ["sender.id", "recipient.id"].map(str::to_owned).to_vec();
    let pseudonyms = Pseudonyms::new("k1", &[7; 32], fields).expect("the key is long enough");
    let reading = Reading {
        context: 0,
        fields: FieldTable::canonical(),
        mapping: Mapping::canonical(),
        pseudonyms: Some(pseudonyms),
    };
    let (plain, hidden) = (outcome(&Reading::default()), outcome(&reading));
    let body = String::from_utf8_lossy(&hidden.flags[0].body).into_owned();
    assert!(body.contains(r#""pseudonym_key":"k1""#), "{body}");
    assert!(!body.contains(r#""u1""#) && !body.contains(r#""u2""#), "{body}");
    assert_ne!(plain.flags[0].key, hidden.flags[0].key);
    // A digest without the key would tell a guessed id: the record is short and all else of it is known.
    let digest = &serde_json::from_slice::<Flag>(&plain.flags[0].body).expect("a flag is JSON").source;
    assert!(!body.contains(digest.record_sha256.as_deref().expect("no pseudonyms, no key")), "{body}");
    assert!(!body.contains("record_sha256") && body.contains("record_hmac_sha256"), "{body}");
    golden("pseudonym_flag.txt", &messages(&hidden, Topic::Review));
}

#[test]
fn ids() {
    let position = Position { topic: "chat.events".into(), partition: 3, offset: 41 };
    let named =
        EventIdentity::Named { platform: "demo", tenant: "t1", kind: "chat.message", id: "m1", edited: None };
    let edit = EventIdentity::Named {
        platform: "demo",
        tenant: "t1",
        kind: "chat.edited",
        id: "m1",
        edited: Some(1_795_428_000_123),
    };
    let all = CaseSubjects {
        platform: "demo",
        tenant: "t1",
        sender: Some("u1"),
        recipient: Some("u2"),
        room: Some("r1"),
        session: Some("s1"),
    };
    let without_pair = CaseSubjects { recipient: None, ..all };
    let without_room = CaseSubjects { room: None, ..without_pair };
    let sender_only = CaseSubjects { session: None, ..without_room };
    let nobody = CaseSubjects { sender: None, ..sender_only };
    let cases = [
        ("flag, named event", FlagId::of_event("rule", &named).to_string()),
        ("flag, edit", FlagId::of_event("rule", &edit).to_string()),
        ("flag, event by position", FlagId::of_event("rule", &EventIdentity::At(&position)).to_string()),
        ("case, pair", CaseId::of(&all, &named).to_string()),
        ("case, room", CaseId::of(&without_pair, &named).to_string()),
        ("case, session", CaseId::of(&without_room, &named).to_string()),
        ("case, sender", CaseId::of(&sender_only, &named).to_string()),
        ("case, event", CaseId::of(&nobody, &named).to_string()),
    ];
    let lines: Vec<_> = cases.iter().map(|(what, id)| format!("{id} {what}\n")).collect();
    golden("ids.txt", &lines.concat());
}
