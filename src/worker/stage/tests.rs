//! Records in, messages out.

use super::*;
use crate::event::FieldTable;
use crate::flag::Shadow;
use crate::flag::{Cut, Flag};
use crate::rule::model::Level;
use crate::rule::{self, Lists, SourceMap};
use crate::ruleset::{Limits, RuleSet};

mod joined;

const RULES: &str = "
title: Asks to keep a secret
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02
name: ask_secret
detection:
  phrases: {text|phrase: keep this a secret}
  condition: phrases
level: medium
---
title: Asks an age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03
name: ask_age
detection:
  phrases: {text|phrase: how old are you}
  condition: phrases
level: high
review: {score: 33, queue: minors}
---
title: Names an app, tried
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04
name: app_tried
status: shadow
detection:
  app: {text|word: appone}
  condition: app
---
title: Greets, for correlations only
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a05
name: greets
detection:
  hello: {text|word: hello}
  condition: hello
review: {publish: false}
";

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600_000;

fn program() -> Arc<Program> {
    program_of(RULES)
}

fn program_of(rules: &str) -> Arc<Program> {
    let mut map = SourceMap::default();
    map.add("rules.yml", rules);
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let rules = RuleSet::compile(loaded.rules, &Limits::default()).unwrap();
    Arc::new(Program::new(rules, &Lists::default(), &Reading::default()))
}

fn run(settings: Settings, payloads: &[Option<&[u8]>]) -> Outcome {
    let mut stage = MatchStage::new(program(), settings);
    with_records(payloads, |records| stage.run(records, NOW).clone())
}

fn with_records<R>(payloads: &[Option<&[u8]>], body: impl FnOnce(&[Record<'_>]) -> R) -> R {
    let topic = Arc::from("chat.events");
    let records = payloads.iter().zip(10..).map(|(payload, offset)| Record {
        topic: &topic,
        partition: 1,
        offset,
        timestamp: Some(NOW - 250),
        key: Some(b"k"),
        payload: *payload,
    });
    body(&records.collect::<Vec<_>>())
}

/// Name of the rule, record, destination.
fn places(outcome: &Outcome) -> Vec<(&str, u32, Destination)> {
    outcome.flags.iter().map(|flag| (&*flag.rule.name, flag.record, flag.destination)).collect()
}

fn flag(out: &OutFlag) -> Flag {
    serde_json::from_slice(&out.body).unwrap()
}

const MIXED: &[Option<&[u8]>] = &[
    Some(br#"{"id":"m1","text":"keep this a SECRET, and how old are you"}"#),
    None,
    Some(b"{\"text\":"),
    Some(br#"{"id":"m3","text":"hello from AppOne"}"#),
    Some(b"{\"id\":\"m4\",\"text\":\"how old are you \xff\"}"),
    Some(b"[]"),
];

#[test]
fn findings_go_where_their_rules_say_in_the_order_of_records() {
    use Destination::{Review, Unpublished};
    let outcome = run(Settings::default(), MIXED);
    let published = [
        ("ask_secret", 0, Review),
        ("ask_age", 0, Review),
        ("app_tried", 3, Destination::Shadow),
        ("ask_age", 4, Review),
    ];
    assert_eq!(places(&outcome), published);
    let all = run(Settings { unpublished: true, ..Settings::default() }, MIXED);
    assert!(places(&all).contains(&("greets", 3, Unpublished)));
    assert_eq!(all.messages().count(), outcome.messages().count());
    assert_eq!(flag(&outcome.flags[2]).shadow, Some(Shadow::Status));
}

#[test]
fn every_record_is_counted_once() {
    let stats = run(Settings::default(), MIXED).stats;
    assert_eq!((stats.records, stats.events, stats.tombstones, stats.lossy), (6, 3, 1, 1));
    assert_eq!(stats.dead_letters(), 2);
    assert_eq!(stats.decode_errors.keys().copied().collect::<Vec<_>>(), ["not_an_object", "unexpected_end"]);
    assert_eq!(stats.bytes, MIXED.iter().flatten().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert_eq!(stats.delay_ms, Some(250));
    assert_eq!((stats.findings(), stats.flags()), (5, 3));
    assert_eq!((stats.rules["greets"].unpublished, stats.rules["app_tried"].shadow), (1, 1));
    assert_eq!(stats.rules["ask_age"].level, Level::High);
}

#[test]
fn a_dead_letter_keeps_the_record() {
    let outcome = run(Settings::default(), MIXED);
    let letter = &outcome.dead[1];
    assert_eq!((letter.record, letter.position.offset, letter.code), (5, 15, "not_an_object"));
    assert_eq!((letter.key.as_deref(), letter.body.as_deref()), (Some(&b"k"[..]), Some(&b"[]"[..])));
}

#[test]
fn one_run_or_many_make_the_same_messages() {
    let whole = run(Settings::default(), MIXED);
    let mut stage = MatchStage::new(program(), Settings::default());
    let mut flags = Vec::new();
    let mut stats = BatchStats::default();
    with_records(MIXED, |records| {
        for record in records {
            let outcome = stage.run(std::slice::from_ref(record), NOW);
            flags.extend(outcome.flags.iter().map(|flag| flag.body.clone()));
            stats += &outcome.stats;
        }
    });
    assert_eq!(flags, whole.flags.iter().map(|flag| flag.body.clone()).collect::<Vec<_>>());
    assert_eq!(stats, whole.stats);
}

#[test]
fn more_records_than_a_batch_holds_are_all_evaluated() {
    let payloads: Vec<Option<&[u8]>> = MIXED.iter().copied().cycle().take(6 * 1_000).collect();
    let outcome = run(Settings::default(), &payloads);
    assert_eq!((outcome.stats.events, outcome.stats.flags()), (3_000, 3_000));
    assert!(outcome.flags.is_sorted_by_key(|flag| flag.record));
}

#[test]
fn a_flood_goes_to_the_shadow_topic_marked_and_is_reported_once() {
    let payloads = vec![Some(&br#"{"text":"how old are you"}"#[..]); 5];
    let settings = Settings { flood_limit: Some(2), ..Settings::default() };
    let outcome = run(settings, &payloads);
    let marks: Vec<_> = outcome.flags.iter().map(|out| (out.destination, flag(out).shadow)).collect();
    let review = (Destination::Review, None);
    let diverted = (Destination::Shadow, Some(Shadow::Flood));
    assert_eq!(marks, [review, review, diverted, diverted, diverted]);
    assert_eq!(outcome.stats.floods, [Arc::from("ask_age")]);
    let counts = outcome.stats.rules["ask_age"];
    assert_eq!((counts.flags, counts.diverted, counts.findings), (2, 3, 5));
}

#[test]
fn an_aborted_run_gives_the_same_flags_again() {
    let payloads = vec![Some(&br#"{"text":"how old are you"}"#[..]); 2];
    let settings = Settings { flood_limit: Some(2), ..Settings::default() };
    let mut stage = MatchStage::new(program(), settings);
    with_records(&payloads, |records| {
        let first = stage.run(records, NOW).clone();
        stage.aborted();
        assert_eq!(*stage.run(records, NOW), first);
        stage.committed();
        assert_eq!(stage.run(records, NOW).stats.flags(), 0);
    });
}

#[test]
fn a_program_is_swapped_between_runs() {
    let mut stage = MatchStage::new(program(), Settings::default());
    with_records(MIXED, |records| {
        let before = stage.run(records, NOW).clone();
        stage.replace(program());
        assert_eq!(*stage.run(records, NOW), before);
    });
}

#[test]
fn a_flag_too_large_is_cut_and_never_dropped() {
    let filler = "é".repeat(3_000);
    let text = format!("{filler} how old are you {filler}");
    let texts = serde_json::json!({ "id": "i".repeat(200), "sender": {"name": "n".repeat(200)}, "text": vec![text; 31] });
    let payload = texts.to_string();
    let whole = run(Settings::default(), &[Some(payload.as_bytes())]);
    let (size, original) = (whole.flags[0].body.len(), flag(&whole.flags[0]));
    assert_eq!((original.evidence.len(), original.cut.is_empty()), (31, true));
    // limit, pieces of evidence, excerpts of at most, bytes of the id
    let cases = [
        (size, 31, 1_024, 200),
        (size - 1, 31, 96, 200),
        (8_000, 8, 96, 200),
        (2_000, 1, 96, 200),
        (1_400, 1, 96, 64),
        (1_140, 1, 0, 64),
    ];
    for (limit, pieces, excerpt, id) in cases {
        let settings = Settings { flag_limit: limit, ..Settings::default() };
        let outcome = run(settings, &[Some(payload.as_bytes())]);
        let body = &outcome.flags[0].body;
        assert!(body.len() <= limit, "{limit}: {}", body.len());
        let cut = flag(&outcome.flags[0]);
        assert_eq!((cut.evidence.len(), cut.source.event_id.len()), (pieces, id), "{limit}");
        assert_eq!(cut.evidence_omitted as usize, 31 - pieces, "{limit}");
        let shown = cut.evidence[0].excerpt.as_deref().unwrap_or_default();
        assert!(
            shown.len() <= excerpt && (excerpt == 0 || shown.contains("how old are you")),
            "{limit}: {shown}"
        );
        assert_eq!((cut.flag_id, cut.case_id), (original.flag_id, original.case_id));
        assert_eq!(outcome.stats.flags_cut, u64::from(limit < size));
    }
}

#[test]
fn no_length_of_an_id_takes_the_text_from_a_flag() {
    let text = vec!["how old are you"; 40];
    let long = "x".repeat(900_000);
    let events = [
        serde_json::json!({ "id": "x".repeat(28_000), "text": text }),
        serde_json::json!({ "id": long, "type": "chat.message", "text": text }),
        serde_json::json!({ "sender": {"id": long, "name": long}, "recipient": {"id": long}, "text": text }),
        serde_json::json!({ "room": {"id": long, "topic": long}, "session": {"id": long, "host": {"id": long}}, "text": text }),
        serde_json::json!({ "platform": long, "tenant": long, "lang": long, "text": text }),
    ];
    for event in events {
        let payload = event.to_string();
        let outcome = run(Settings::default(), &[Some(payload.as_bytes())]);
        let flag = flag(&outcome.flags[0]);
        assert_eq!(flag.evidence.len(), 32);
        assert!(flag.cut.contains(&Cut::Evidence), "there may be more");
        assert!(flag.evidence.iter().all(|found| found.excerpt.as_deref() == Some("how old are you")));
        assert!(flag.cut.len() > 1 && outcome.flags[0].body.len() < 60_000);
        assert_eq!(outcome.stats.flags_cut, 0, "it fits as it is");
    }
}

#[test]
fn the_smallest_limit_holds_whatever_characters_are_written() {
    // JSON writes each of these as six bytes.
    let bells = "\u{7}".repeat(2_000);
    let person = serde_json::json!({"id": bells, "name": bells, "age_band": bells, "country": bells});
    let event = serde_json::json!({
        "id": bells, "type": "chat.message", "platform": bells, "tenant": bells, "lang": bells, "sender": person,
        "recipient": person, "session": {"id": bells, "host": person},
        "room": {"id": bells, "kind": bells, "topic": bells}, "text": format!("{bells} how old are you {bells}"),
    });
    let settings = Settings { flag_limit: 16 << 10, ..Settings::default() };
    let outcome = run(settings, &[Some(event.to_string().as_bytes())]);
    assert!(outcome.flags[0].body.len() <= 16 << 10, "{}", outcome.flags[0].body.len());
    let excerpt = flag(&outcome.flags[0]).evidence[0].excerpt.clone();
    assert!(excerpt.is_some_and(|text| text.contains("how old are you")));
}

#[test]
fn a_flag_says_whether_something_could_not_be_read() {
    // event, lossy
    let cases = [
        (r#"{"text":"how old are you \ufffd"}"#, false),
        (r#"{"text":"how old are you \ud800"}"#, true),
        (r#"{"text":"how old are you","room":{"topic":"\ud800"}}"#, true),
        // A field that is in the envelope alone.
        (r#"{"text":"how old are you","sender":{"name":"\ud800"}}"#, true),
        (r#"{"text":"how old are you","other":{"name":-}}"#, false),
        (r#"{"text":"how old are you","sender":{"id":"u1","name":-}}"#, true),
    ];
    for (event, lossy) in cases {
        let outcome = run(Settings::default(), &[Some(event.as_bytes())]);
        assert_eq!(flag(&outcome.flags[0]).source.lossy, lossy, "{event}");
    }
    // What stands before the damage is said.
    let outcome = run(Settings::default(), &[Some(cases[5].0.as_bytes())]);
    let sender = flag(&outcome.flags[0]).subjects.sender;
    assert_eq!(sender.and_then(|sender| sender.id).as_deref(), Some("u1"));
    // A field that a rule alone reads.
    let rules = RULES.replace(
        "condition: phrases\nlevel: high",
        "note: {note|contains: '!'}\n  condition: phrases and note\nlevel: high",
    );
    let mut stage = MatchStage::new(program_of(&rules), Settings::default());
    let event = r#"{"text":"how old are you","note":"\ud800!"}"#;
    let lossy = with_records(&[Some(event.as_bytes())], |records| {
        flag(&stage.run(records, NOW).flags[0]).source.lossy
    });
    assert!(lossy);
}

#[test]
fn empty_ids_join_nobody() {
    let case = |event: &str| run(Settings::default(), &[Some(event.as_bytes())]).flags[0].key.clone();
    let text = r#""text":"how old are you""#;
    let nobody = format!(r#"{{"sender":{{"id":""}},"recipient":{{"id":""}},"room":{{"id":""}},{text}}}"#);
    let other = format!(r#"{{"sender":{{"id":""}},"recipient":{{"id":""}},"session":{{"id":""}},{text}}}"#);
    assert_eq!(case(&nobody), case(&other), "the case of a position");
    let one = format!(r#"{{"id":"m1","sender":{{"id":""}},"recipient":{{"id":""}},{text}}}"#);
    assert_ne!(case(&one), case(&nobody), "the case of an event");
}

#[test]
fn spans_and_excerpts_index_the_text_as_it_was_written() {
    let text = "  Ünï — HOW  old\tare yoU?";
    let payload = serde_json::json!({ "text": text }).to_string();
    let outcome = run(Settings::default(), &[Some(payload.as_bytes())]);
    let evidence = &flag(&outcome.flags[0]).evidence[0];
    let span = evidence.span.start as usize..evidence.span.end as usize;
    assert_eq!(text.get(span), Some("HOW  old\tare yoU"));
    assert_eq!(evidence.excerpt.as_deref(), Some(text));
    assert_eq!((evidence.field.as_str(), evidence.excerpt_offset), ("text", 0));
}

#[test]
fn of_several_values_the_evidence_says_which() {
    let indexes = |event: &str| {
        let outcome = run(Settings::default(), &[Some(event.as_bytes())]);
        flag(&outcome.flags[0]).evidence.iter().map(|found| found.index).collect::<Vec<_>>()
    };
    assert_eq!(indexes(r#"{"text":"how old are you"}"#), [None]);
    let list = r#"{"text":["hm","how old are you",null,"so how old are you"],"room":{"topic":"x"}}"#;
    assert_eq!(indexes(list), [Some(1), Some(2)]);
    assert_eq!(
        indexes(r#"{"text":"hm","id":"m1","text":"how old are you"}"#),
        [Some(1)],
        "a key given twice"
    );
}
