//! Composition: C25 to C27.

use super::{Stream, at, codes, correlation, fired, rules, step_seconds};
use serde_json::json;

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
