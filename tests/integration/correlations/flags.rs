//! What flags of correlations say besides their steps, and what is kept for them.

use super::{Stream, a_then_b, at, correlation, sources, step_seconds};
use serde_json::json;
use std::sync::Arc;
use wardline::event::Pseudonyms;
use wardline::flag::{Cut, Flag};
use wardline::library;
use wardline::ruleset::Limits;
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{MatchStage, Outcome, Program, Reading, Settings};

fn read_as(documents: &str, reading: &Reading) -> Arc<Program> {
    Arc::new(library::compile(&sources(documents), reading, &Limits::default()).unwrap().program)
}

#[test]
fn context_is_what_was_written_before_the_last_step() {
    let program = read_as(&a_then_b("30m"), &Reading { context: 3, ..Reading::default() });
    let mut stream = Stream::of(program);
    let said = |second, fires: &str, text: &str| {
        let event = at(second, fires).with("room.id", json!("r1")).with("id", json!(format!("m{second}")));
        if text.is_empty() { event } else { event.with("text", json!(text)) }
    };
    for event in
        [said(0.0, "", "hello"), said(1.0, "a", ""), said(2.0, "", "well"), said(3.0, "", "you know")]
    {
        assert_eq!(stream.take(&event).len(), 0);
    }
    let flags = stream.take(&said(4.0, "b", ""));
    let context: Vec<&str> = flags[0].context.iter().map(|said| &*said.text).collect();
    assert_eq!(context, ["well", "you know"], "not the first step, which is shown as one");
    assert_eq!(step_seconds(&flags[0]), [1, 4]);
}

/// What comes out of the two stages, all of it: hits, windows, flags.
fn everything(program: &Arc<Program>, settings: Settings) -> (Vec<Flag>, Vec<u8>) {
    let mut matching = MatchStage::new(Arc::clone(program), settings);
    let mut folder = Folder::new(Arc::clone(program), settings);
    let (mut outcome, mut bytes) = (Outcome::default(), Vec::new());
    let topic: Arc<str> = Arc::from("t");
    for (offset, event) in (0i64..).zip([at(0.0, "a"), at(1.0, "b"), at(2.0, "a")]) {
        let event = event.from("Somebody-4711", "Another-0815").with("sender.name", json!("Zed".repeat(90)));
        let payload = serde_json::Value::Object(event.fields).to_string();
        let payload = Some(payload.as_bytes());
        let record = wardline::event::Record {
            topic: &topic,
            partition: 0,
            offset,
            timestamp: None,
            key: None,
            payload,
        };
        let hits = matching.run(&[record], i64::MAX).hits.clone();
        bytes.extend(hits.iter().flat_map(|out| [out.hit.key.bytes(), &out.hit.encode()].concat()));
        folder.fold_all(hits, 0, &mut outcome).unwrap();
    }
    let kept = folder.write(|_, key, value| -> Result<(), ()> {
        bytes.extend([key, value.unwrap_or_default()].concat());
        Ok(())
    });
    assert_eq!(kept, Ok(()));
    bytes.extend(outcome.flags.iter().flat_map(|flag| flag.body.clone()));
    (outcome.flags.iter().map(|flag| serde_json::from_slice(&flag.body).unwrap()).collect(), bytes)
}

#[test]
fn pseudonyms_are_all_that_is_kept_of_ids() {
    let fields = ["sender.id".to_owned(), "recipient.id".to_owned()];
    let pseudonyms = Pseudonyms::new("k1", &[7; 32], fields).expect("the key is long enough");
    let documents = [
        a_then_b("30m"),
        correlation(
            "many",
            "type: value_count, rules: [a], group-by: [pair.id], timespan: 1h, condition: {gte: 1, field: recipient.id}",
            "",
        ),
    ]
    .concat();
    let program = read_as(&documents, &Reading { pseudonyms: Some(pseudonyms), ..Reading::default() });
    let (flags, bytes) = everything(&program, Settings::default());
    assert_eq!(flags.len(), 3);
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("Somebody-4711") && !text.contains("Another-0815"));
    let key = &flags.iter().find(|flag| &*flag.rule.name == "seq").unwrap().correlation.as_ref().unwrap().key;
    assert_eq!(key.iter().map(|key| &*key.name).collect::<Vec<_>>(), ["recipient.id", "sender.id"]);
}

#[test]
fn a_flag_of_a_correlation_is_made_to_fit() {
    let program = read_as(&a_then_b("30m"), &Reading::default());
    let whole = everything(&program, Settings::default()).0;
    let size = serde_json::to_vec(&whole[0]).unwrap().len();
    let limit = size - 150;
    let (flags, _) = everything(&program, Settings { flag_limit: limit, ..Settings::default() });
    assert!(serde_json::to_vec(&flags[0]).unwrap().len() <= limit);
    assert!(flags[0].cut.contains(&Cut::Ids) || flags[0].cut.contains(&Cut::Names), "{:?}", flags[0].cut);
    assert_eq!((flags[0].flag_id, flags[0].case_id), (whole[0].flag_id, whole[0].case_id));
}

#[test]
fn many_steps_are_shown_in_part() {
    let mut stream = Stream::new(&super::count(100, "1h"));
    let flags: Vec<Flag> = (0..100).flat_map(|second| stream.take(&at(f64::from(second), "a"))).collect();
    let correlation = flags[0].correlation.as_ref().unwrap();
    assert_eq!((correlation.events, correlation.steps.len(), correlation.steps_omitted), (100, 32, 68));
    assert!(
        correlation.steps.iter().all(|step| step.evidence.len() == 1) && flags[0].cut.contains(&Cut::Steps)
    );
    assert_eq!((step_seconds(&flags[0])[0], &*correlation.first_seen), (68, "2026-01-01T12:00:00.000Z"));
    assert_eq!((step_seconds(&flags[0])[31], &*correlation.last_seen), (99, "2026-01-01T12:01:39.000Z"));
}

#[test]
fn hits_and_windows_fit_a_record_whatever_is_sent() {
    let values = "type: value_count, rules: [a], group-by: [sender.id], timespan: 1h, \
                  condition: {gte: 1000, field: session.viewers}";
    let parts = |name: &str, rules: &str| {
        let section =
            format!("type: temporal_ordered, rules: [{rules}], group-by: [sender.id], timespan: 1h");
        correlation(name, &section, "")
    };
    let wide = ["c, b, a, e, d", "d, c, b, a, e", "e, d, c, b, a"];
    let wide: String =
        wide.iter().zip(0..).map(|(rules, number)| parts(&format!("w{number}"), rules)).collect();
    let documents = [correlation("many", values, ""), wide].concat();
    let program = read_as(&documents, &Reading { context: 8, ..Reading::default() });
    let mut stream = Stream::of(program);
    let long = "x".repeat(400_000);
    let viewers: Vec<String> = (0..40_000).map(|number| format!("v{number}")).collect();
    let event = at(0.0, "a").from(&long, "u2").with("session.viewers", json!(viewers));
    let hits = stream.hits_of(&event);
    assert_eq!(hits.len(), 1);
    assert!(hits.iter().all(|hit| hit.key.bytes().len() + hit.encode().len() < 100_000));
    for number in 0..800i32 {
        let fires = ["a", "b", "c", "d", "e"][usize::try_from(number % 5).unwrap()];
        let text = format!("word{fires} {}", "so it goes ".repeat(100));
        let event = at(f64::from(number) / 16.0, "").with("text", json!(text)).with("room.id", json!("r"));
        stream.take(&event);
    }
    let mut largest = 0;
    let written = stream.folder.write(|_, _, bytes| -> Result<(), ()> {
        largest = largest.max(bytes.map_or(0, <[u8]>::len));
        Ok(())
    });
    assert_eq!(written, Ok(()));
    assert!((10_000..500_000).contains(&largest), "{largest}");
}

#[test]
fn a_chain_that_began_long_before_other_starts_keeps_what_was_written() {
    let section = "type: temporal_ordered, rules: [a, b, c], group-by: [sender.id], timespan: 30m";
    let program = read_as(&correlation("seq", section, ""), &Reading::default());
    let mut stream = Stream::of(program);
    let begun = [at(0.0, "a"), at(1.0, "b")];
    let others = (2..50).map(|second| at(f64::from(second), "a"));
    for event in begun.into_iter().chain(others) {
        assert_eq!(stream.take(&event).len(), 0);
        stream.folder.rest();
    }
    let flags = stream.take(&at(50.0, "c"));
    assert_eq!(step_seconds(&flags[0]), [0, 1, 50]);
    assert!(flags[0].correlation.as_ref().unwrap().steps.iter().all(|step| step.evidence.len() == 1));
}
