//! The bytes of hits and windows, which a later version has to read: golden files of every version there was, decoded.
//!
//! `tests/golden/hits-1.txt` and `windows-1.txt` hold what this version writes, a key and its bytes a line. A change of the bytes gets a
//! number of its own, and the old files stay.
#![expect(clippy::disallowed_methods, reason = "reads the golden files")]

use super::{Event, Stream, a_then_b, at, correlation, count, program};
use crate::golden::assert_file;
use data_encoding::HEXLOWER;
use serde_json::json;
use wardline::correlate::Hit;
use wardline::event::Record;
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
