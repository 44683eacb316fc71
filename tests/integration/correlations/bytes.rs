//! The bytes of hits and windows, which a later version has to read: golden files of every version there was, decoded.
//!
//! `tests/golden/hits-1.txt` and `windows-1.txt` hold what this version writes, a key and its bytes a line. A change of the bytes gets a
//! number of its own, and the old files stay. `hits-1-every-field.txt` was written once and is only read: a hit in which no field is
//! empty. That of windows is read beside their encoding (`src/correlate/encode`).
#![expect(clippy::disallowed_methods, reason = "reads the golden files")]

use super::{Event, Stream, a_then_b, at, correlation, count, program};
use crate::golden::assert_file;
use data_encoding::HEXLOWER;
use serde_json::json;
use std::sync::Arc;
use wardline::correlate::hit::{Contribution, Values};
use wardline::correlate::order::{At, OrderKey};
use wardline::correlate::{GroupKey, Hit};
use wardline::event::Record;
use wardline::flag::detail::{Concerned, Detail, Found, Past, Piece, Said, Someone};
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{OutHit, Outcome, Settings};

fn documents() -> String {
    let sum = "type: value_sum, rules: [a, b], group-by: [sender.id, recipient.id], timespan: 1h, \
               condition: {gte: 100, field: payment.amount_minor}";
    let values = "type: value_count, rules: [a], group-by: [sender.id], timespan: 1h, \
                  condition: {gte: 3, field: recipient.id}";
    let parts = "type: temporal, rules: [a, c, d], group-by: [sender.id, recipient.id], timespan: 1h";
    let above = "type: temporal_ordered, rules: [seq, c], group-by: [sender.id], timespan: 1h";
    [
        a_then_b("30m"),
        count(4, "1h"),
        correlation("sum", sum, ""),
        correlation("values", values, "review: {suppress: 24h}"),
        correlation("parts", parts, ""),
        correlation("above", above, ""),
    ]
    .concat()
}

fn events() -> Vec<Event> {
    vec![
        at(0.0, "a").with("id", json!("m1")).with("payment.amount_minor", json!(40.5)),
        at(61.0, "a").from("u1", "u3").with("id", json!("m2")).with("sender.age_band", json!("adult")),
        at(130.0, "ab").with("id", json!("m3")).with("room", json!({"id": "r1", "kind": "direct"})),
        at(200.0, "c").with("id", json!("m4")).with("sender.name", json!("Né")).with("lang", json!("en")),
    ]
}

fn line(key: &[u8], bytes: &[u8]) -> String {
    format!("{} {}\n", HEXLOWER.encode(key), HEXLOWER.encode(bytes))
}

fn lines(file: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let path = format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a golden file");
    let bytes = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
    let pair = |line: &str| line.split_once(' ').map(|(key, value)| (bytes(key), bytes(value))).unwrap();
    text.lines().map(pair).collect()
}

/// The hits of the events.
fn hits() -> Vec<Hit> {
    let mut stream = Stream::new(&documents());
    let topic = "chat.events".into();
    let of = |(offset, event): (i64, Event)| {
        let payload = serde_json::Value::Object(event.fields).to_string();
        let payload = Some(payload.as_bytes());
        let record = Record { topic: &topic, partition: 2, offset, timestamp: None, key: None, payload };
        stream.matching.run(&[record], i64::MAX).hits.iter().map(|out| out.hit.clone()).collect::<Vec<_>>()
    };
    (100..).zip(events()).flat_map(of).collect()
}

#[test]
fn the_bytes_of_this_version_are_pinned() {
    let hits = hits();
    let text: String = hits.iter().map(|hit| line(hit.key.bytes(), &hit.encode())).collect();
    assert_file("tests/golden/hits-1.txt", &text);
    let mut folder = Folder::new(program(&documents()), Settings::default());
    folder.fold_all(hits.into_iter().map(out), 0, &mut Outcome::default()).unwrap();
    let mut written: Vec<String> = Vec::new();
    let result = folder.write(|_, key, bytes| -> Result<(), ()> {
        written.extend(bytes.map(|bytes| line(key, bytes)));
        Ok(())
    });
    assert_eq!(result, Ok(()));
    written.sort();
    assert_file("tests/golden/windows-1.txt", &written.concat());
}

fn out(hit: Hit) -> OutHit {
    OutHit { record: 0, hit }
}

#[test]
fn hits_of_every_version_are_read() {
    let read: Vec<Hit> =
        lines("hits-1.txt").iter().map(|(key, bytes)| Hit::decode(Some(key), bytes).unwrap()).collect();
    assert_eq!(read, hits());
}

/// A hit in which no field is empty, nor is one of its detail. A field that is added is empty in the file.
fn full() -> Hit {
    let order = OrderKey { time: 1_767_268_800_001, topic: "chat.events".into(), partition: 3, offset: 77 };
    let contribution = |rule: &str, paths: &[&str]| Contribution {
        rule: rule.into(),
        score: 70,
        paths: paths.iter().map(ToString::to_string).collect(),
    };
    let values = |name: &str, sum| Values { name: name.into(), digests: vec![-5, i64::MAX], sum };
    Hit {
        key: GroupKey::new("demo", "t1", [("room.id", "r1"), ("sender.id", "u1")]),
        at: At { order, event: [7; 16] },
        found: vec![contribution("id-a", &[]), contribution("id-b", &["session.id", "recipient.id"])],
        values: vec![values("payment.amount_minor", Some(-1_500_000)), values("text.skeleton", None)],
        detail: full_detail().encode().into(),
    }
}

fn full_detail() -> Detail {
    detail(vec![Past {
        time: 1_767_268_740_000,
        topic: "chat.events".into(),
        partition: 2,
        offset: 76,
        detail: Some(detail(Vec::new())),
        via: "id-c".into(),
    }])
}

fn detail(steps: Vec<Past>) -> Detail {
    let someone = |id: &str| Someone {
        id: id.into(),
        name: "Né".into(),
        age_band: "adult".into(),
        country: "PH".into(),
        account_age_days: "2.5".into(),
    };
    let piece = Piece {
        field: "text".into(),
        index: Some(1),
        view: "skeleton".into(),
        edits: 2,
        start: 3,
        end: 9,
        excerpt: Some("worda".into()),
        excerpt_offset: 4,
        list: "apps".into(),
        entry: "a2".into(),
        other_event: Some("m0".into()),
        other_offset: 75,
    };
    let said = Said {
        event_id: "m1".into(),
        offset: 74,
        time: "2026-01-01T12:00:00.000Z".into(),
        sender: "u2".into(),
        text: "hello".into(),
        text_offset: 6,
    };
    let subjects = Concerned {
        platform: "demo".into(),
        tenant: "t1".into(),
        sender: Some(someone("u1")),
        recipient: Some(someone("u2")),
        room: "r1".into(),
        room_kind: "direct".into(),
        room_topic: "music".into(),
        session: "s1".into(),
        host: Some(someone("u3")),
    };
    Detail {
        event_id: "m2".into(),
        kind: "chat.message".into(),
        time_source: "event".into(),
        record: vec![9; 32],
        keyed: true,
        lossy: true,
        case: vec![8; 16],
        subjects: Some(subjects),
        lang: "en".into(),
        cut: vec![0, 2],
        found: vec![Found { rule: "id-a".into(), digest: "d1".into(), evidence: vec![piece] }],
        context: vec![said],
        steps,
    }
}

#[test]
fn every_field_of_a_hit_stays_readable() {
    let lines = lines("hits-1-every-field.txt");
    let [(key, bytes)] = lines.as_slice() else { panic!("one line") };
    let hit = Hit::decode(Some(key), bytes).unwrap();
    assert_eq!(Detail::decode_or_empty(&hit.detail), full_detail());
    // How a detail is written may change.
    assert_eq!(hit, Hit { detail: Arc::clone(&hit.detail), ..full() });
}

#[test]
fn windows_of_every_version_go_on() {
    let mut folder = Folder::new(program(&documents()), Settings::default());
    for (key, bytes) in lines("windows-1.txt") {
        folder.restore(0, &key, Some(&bytes)).unwrap();
    }
    let mut stream = Stream { folder, ..Stream::new(&documents()) };
    stream.offset = 1_000;
    let next = at(260.0, "a").from("u1", "u4").with("id", json!("m5"));
    let last = at(300.0, "ad").with("id", json!("m6")).with("payment.amount_minor", json!(59.5));
    let flags: Vec<_> = [next, last].iter().flat_map(|event| stream.take(event)).collect();
    let text: String = flags.iter().map(|flag| serde_json::to_string(flag).unwrap() + "\n").collect();
    assert_file("tests/golden/correlated_flags.txt", &text);
    let names: Vec<_> = flags.iter().map(|flag| &*flag.rule.name).collect();
    assert_eq!(names, ["many", "values", "sum", "parts"]);
}

#[test]
fn what_is_damaged_or_of_a_later_version_is_refused() {
    let mut folder = Folder::new(program(&documents()), Settings::default());
    for (key, bytes) in lines("windows-1.txt") {
        let later = [&[9], &bytes[1..]].concat();
        let message = folder.restore(0, &key, Some(&later)).unwrap_err().to_string();
        assert!(message.contains("version 9"), "{message}");
        assert!(folder.restore(0, &key, Some(&bytes[..9])).is_err());
    }
    let (key, bytes) = &lines("hits-1.txt")[0];
    assert!(Hit::decode(None, bytes).is_err() && Hit::decode(Some(&key[..5]), bytes).is_err());
    for end in 0..bytes.len() {
        // Shorter bytes are another message or none; whichever, nothing panics.
        drop(Hit::decode(Some(key), &bytes[..end]));
    }
}
