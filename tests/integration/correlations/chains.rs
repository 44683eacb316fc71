//! Composition: C25 to C27.

use super::{Stream, at, codes, correlation, fired, rules, step_seconds};
use serde_json::json;
use std::collections::{BTreeSet, VecDeque};
use wardline::event::Record;
use wardline::flag::Flag;
use wardline::worker::stage::{OutFlag, OutHit, Outcome};

fn child(more: &str) -> String {
    correlation(
        "child",
        "type: temporal, rules: [a, b], group-by: [sender.id, recipient.id], timespan: 1h",
        more,
    )
}

fn parent(keys: &str, more: &str) -> String {
    let section = format!("type: temporal_ordered, rules: [child, c], group-by: [{keys}], timespan: 1h");
    correlation("parent", &section, more)
}

#[test]
fn c25_whether_a_rule_publishes_is_its_own() {
    let events = [at(0.0, "a"), at(1.0, "b"), at(2.0, "c")];
    let published = [child(""), parent("sender.id, recipient.id", "")].concat();
    assert_eq!(fired(&published, &events), ["", "child", "parent"]);
    let silent = [child("review: {publish: false}"), parent("sender.id, recipient.id", "")].concat();
    assert_eq!(fired(&silent, &events), ["", "", "parent"]);
}

#[test]
fn c25_a_shadow_part_makes_a_correlation_shadow() {
    let documents = [child("status: shadow"), parent("sender.id, recipient.id", "")].concat();
    let mut stream = Stream::new(&documents);
    let flags: Vec<_> =
        [at(0.0, "a"), at(1.0, "b"), at(2.0, "c")].iter().flat_map(|event| stream.take(event)).collect();
    assert!(flags.len() == 2 && flags.iter().all(|flag| flag.shadow.is_some()));
}

#[test]
fn c18_what_is_suppressed_still_feeds_those_above() {
    let documents = [child("review: {suppress: 24h}"), parent("sender.id, recipient.id", "")].concat();
    let events = [at(0.0, "a"), at(1.0, "b"), at(2.0, "c"), at(3.0, "a"), at(4.0, "b"), at(5.0, "c")];
    assert_eq!(fired(&documents, &events), ["", "child", "parent", "", "", "parent"]);
}

#[test]
fn c26_a_result_carries_its_keys_and_nothing_else() {
    let wider = [child(""), parent("sender.id, room.id", "")].concat();
    assert!(codes(&wider).contains(&"R712"), "{:?}", codes(&wider));
    // Those above may be grouped by fewer.
    let documents = [child("review: {publish: false}"), parent("sender.id", "")].concat();
    let events = [at(0.0, "a"), at(1.0, "b"), at(2.0, "c").from("u1", "somebody else")];
    let mut stream = Stream::new(&documents);
    let flags: Vec<_> = events.iter().flat_map(|event| stream.take(event)).collect();
    let [flag] = flags.as_slice() else { panic!("{} flags", flags.len()) };
    assert_eq!(step_seconds(flag), [0, 1, 2], "the steps of the child are shown, not its name");
    let steps = &flag.correlation.as_ref().unwrap().steps;
    assert_eq!(
        steps.iter().map(|step| step.via.as_deref()).collect::<Vec<_>>(),
        [Some("child"), Some("child"), None]
    );
    assert!(flag.subjects.recipient.is_none() && flag.subjects.sender.is_some(), "what all have in common");
}

#[test]
fn chains_of_many_levels_show_what_was_written_and_do_not_grow() {
    let level = |number: u32| {
        let rule = if number == 0 { "a".to_owned() } else { format!("l{}", number - 1) };
        let section = format!(
            "type: event_count, rules: [{rule}], group-by: [sender.id], timespan: 30d, condition: {{gte: 3}}"
        );
        correlation(&format!("l{number}"), &section, if number < 3 { "review: {publish: false}" } else { "" })
    };
    let mut stream = Stream::new(&(0..4).map(level).collect::<String>());
    let flags: Vec<_> = (0..81).flat_map(|second| stream.take(&at(f64::from(second), "a"))).collect();
    let [flag] = flags.as_slice() else { panic!("{} flags", flags.len()) };
    let correlation = flag.correlation.as_ref().unwrap();
    assert_eq!((&*flag.source.kind, &*flag.time_source, correlation.events), ("chat.message", "event", 3));
    assert!(
        flag.source.record_sha256.is_some() && correlation.steps.len() <= 24,
        "{}",
        correlation.steps.len()
    );
    assert!(
        correlation.steps.iter().all(|step| step.via.as_deref() == Some("l2") && step.evidence.len() == 1)
    );
    assert!(serde_json::to_vec(flag).unwrap().len() < 20_000);
}

#[test]
fn a_result_comes_in_the_order_of_what_completed_it() {
    // The child is completed by the second event, the parent's other part is before it.
    let documents = [child("review: {publish: false}"), parent("sender.id, recipient.id", "")].concat();
    assert_eq!(fired(&documents, &[at(0.0, "a"), at(1.0, "c"), at(2.0, "b")]), ["", "", ""]);
    assert_eq!(
        fired(&documents, &[at(0.0, "a"), at(2.0, "b"), at(1.0, "c"), at(3.0, "c")]),
        ["", "", "", "parent"]
    );
    // One and the same event is no step after itself.
    assert_eq!(fired(&documents, &[at(0.0, "a"), at(2.0, "bc")]), ["", ""]);
}

#[test]
fn c27_a_filter_is_added_as_it_stands() {
    let filter = |condition: &str| {
        let filter = json!({"title": "f", "id": "id-f", "name": "f", "filter": {
            "rules": ["a"], "old": {"sender.account_age_days|gte": 30}, "condition": condition}});
        format!("{filter}\n---\n{}", super::count(1, "1h"))
    };
    let old = |second| at(second, "a").with("sender.account_age_days", json!(90));
    let new = |second| at(second, "a").with("sender.account_age_days", json!(1));
    assert_eq!(fired(&filter("not old"), &[old(0.0), new(1.0)]), ["", "many"]);
    assert_eq!(fired(&filter("old"), &[old(0.0), new(1.0)]), ["many", ""]);
    assert!(rules().contains("worda"));
}

/// The hits of some talk: senders who write to five others within fifty seconds.
fn talk(stream: &mut Stream, seed: u64) -> Vec<OutHit> {
    let mut state = seed;
    let mut below = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let topic: std::sync::Arc<str> = std::sync::Arc::from("chat.events");
    let mut hits = Vec::new();
    for offset in 0..400i64 {
        let (sender, other, word) = (below(6), below(3), below(12));
        let fires = ["a", "b", "c"].get(usize::try_from(word).unwrap()).copied().unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let event = at(offset as f64 / 8.0, fires).from(&format!("u{sender}"), &format!("v{other}"));
        let payload = serde_json::Value::Object(event.fields).to_string();
        let payload = Some(payload.as_bytes());
        let record = Record { topic: &topic, partition: 0, offset, timestamp: None, key: None, payload };
        hits.extend(stream.matching.run(&[record], i64::MAX).hits.iter().cloned());
    }
    hits
}

/// Which keys fired, by name.
fn keys_of(outcome: &Outcome) -> BTreeSet<String> {
    let of = |flag: &OutFlag| {
        let flag: Flag = serde_json::from_slice(&flag.body).unwrap();
        format!("{} {:?}", flag.rule.name, flag.correlation.unwrap().key)
    };
    outcome.flags.iter().map(of).collect()
}

#[test]
fn results_that_come_late_change_nothing_about_which_keys_fire() {
    let section =
        "type: temporal_ordered, rules: [a, b, c], group-by: [sender.id, recipient.id], timespan: 1h";
    let documents =
        [correlation("child", section, "review: {suppress: 24h}"), parent("sender.id", "")].concat();
    for seed in 0..300 {
        let mut stream = Stream::new(&documents);
        let hits = talk(&mut stream, seed);
        let mut at_once = Outcome::default();
        stream.folder.fold_all(hits.clone(), 0, &mut at_once).unwrap();
        let (mut late, mut queue) = (Outcome::default(), VecDeque::from(hits));
        let mut other = Stream::new(&documents);
        while let Some(hit) = queue.pop_front() {
            other.folder.fold(0, hit, 0, &mut late).unwrap();
            queue.extend(late.hits.drain(..));
        }
        assert_eq!(keys_of(&late), keys_of(&at_once), "seed {seed}");
    }
}
