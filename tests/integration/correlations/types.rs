//! The types: C20 to C24.

use super::{Stream, at, codes, correlation, fired, places};
use serde_json::json;

#[test]
fn c20_a_condition_that_only_a_closed_window_meets_is_refused() {
    for condition in ["{lt: 3}", "{lte: 3}", "{eq: 3}", "{neq: 3}", "{gt: 1, lte: 5}"] {
        for kind in ["event_count", "temporal"] {
            let section = format!(
                "type: {kind}, rules: [a, b], group-by: [sender.id], timespan: 1h, condition: {condition}"
            );
            assert!(codes(&correlation("few", &section, "")).contains(&"R708"), "{kind} {condition}");
        }
    }
    let section = "type: event_count, rules: [a], group-by: [sender.id], timespan: 1h, condition: {gt: 2}";
    let events: Vec<_> = (0..4).map(|second| at(f64::from(second), "a")).collect();
    assert_eq!(places(&correlation("few", section, ""), &events), [2]);
}

#[test]
fn c21_different_values_are_counted_and_nothing_is_none() {
    let section = "type: value_count, rules: [a], group-by: [sender.id], timespan: 1h, \
                   condition: {gte: 3, field: recipient.id}";
    let documents = correlation("many", section, "");
    let to = |second: f64, who| at(second, "a").with("recipient.id", who);
    let events = [
        to(0.0, json!("r1")),
        to(1.0, json!("r2")),
        to(2.0, json!("r1")),
        to(3.0, json!(null)),
        to(4.0, json!("")),
        to(5.0, json!("r3")),
    ];
    assert_eq!(places(&documents, &events), [5]);
    let without = section.replace(", field: recipient.id", "");
    assert!(!codes(&correlation("many", &without, "")).is_empty());
    let too_many = section.replace("gte: 3", "gte: 1025");
    assert!(!codes(&correlation("many", &too_many, "")).is_empty());
}

#[test]
fn c21_texts_are_the_same_in_the_view_that_is_named() {
    let same = |view: &str| {
        let section = format!(
            "type: value_count, rules: [a], group-by: [sender.id], timespan: 1h, \
             condition: {{gte: 2, field: text.{view}}}"
        );
        let events = [at(0.0, "a"), at(1.0, "a").with("text", json!("WORDA"))];
        places(&correlation("many", &section, ""), &events).is_empty()
    };
    assert!(same("folded") && same("skeleton") && same("squashed") && !same("raw"));
}

#[test]
fn c22_a_sum_adds_a_field_of_every_event() {
    let section = "type: value_sum, rules: [a], group-by: [sender.id], timespan: 1h, \
                   condition: {gte: 60, field: payment.amount_minor}";
    let paid = |second: f64, amount| at(second, "a").with("payment.amount_minor", amount);
    let events = [paid(0.0, json!(20.1)), paid(1.0, json!(19.9)), at(2.0, "a"), paid(3.0, json!(20))];
    assert_eq!(places(&correlation("paid", section, ""), &events), [3], "to the last decimal");
}

#[test]
fn c22_of_scores_every_rule_counts_once() {
    let section = "type: value_sum, rules: [a, b, c], group-by: [sender.id], timespan: 1h, \
                   condition: {gte: 60, field: rule.score}";
    let documents = correlation("risk", section, "");
    let noisy: Vec<_> = (0..20).map(|second| at(f64::from(second), "c")).collect();
    assert_eq!(places(&documents, &noisy), [0usize; 0], "thirty, however often");
    assert_eq!(places(&documents, &[at(0.0, "c"), at(1.0, "b"), at(2.0, "c"), at(3.0, "a")]), [3]);
}

#[test]
fn c23_without_a_condition_all_rules_are_needed() {
    let section = "type: temporal, rules: [a, b, c], group-by: [sender.id], timespan: 1h";
    let with = |condition: &str| correlation("parts", &format!("{section}{condition}"), "");
    let events = [at(0.0, "b"), at(1.0, "b"), at(2.0, "a"), at(3.0, "c")];
    assert_eq!(places(&with(""), &events), [3]);
    assert_eq!(places(&with(", condition: {gte: 2}"), &events), [2]);
    assert_eq!(places(&with(", condition: (a or c) and b"), &events), [2]);
    assert_eq!(places(&with(", condition: c or (a and b)"), &events), [2, 3]);
    assert!(!codes(&with(", condition: a and not b")).is_empty());
}

#[test]
fn c24_the_same_twice_is_a_count_that_is_chained() {
    let twice = "type: temporal_ordered, rules: [a, a, b], group-by: [sender.id], timespan: 1h";
    assert!(!codes(&correlation("seq", twice, "")).is_empty());
    let two = correlation(
        "two",
        "type: event_count, rules: [a], group-by: [sender.id], timespan: 1h, condition: {gte: 2}",
        "review: {publish: false}",
    );
    let section = "type: temporal_ordered, rules: [two, b], group-by: [sender.id], timespan: 1h";
    let documents = [two, correlation("seq", section, "")].concat();
    assert_eq!(
        fired(&documents, &[at(0.0, "a"), at(1.0, "b"), at(2.0, "a"), at(3.0, "b")]),
        ["", "", "", "seq"]
    );
}

#[test]
fn a_sum_of_more_values_than_are_kept_is_marked() {
    let section = "type: value_sum, rules: [a], group-by: [sender.id], timespan: 10h, \
                   condition: {gte: 3000, field: payment.amount_minor}";
    let mut stream = Stream::new(&correlation("paid", section, ""));
    let flags: Vec<_> = (0..3_000)
        .flat_map(|number| {
            stream.take(&at(f64::from(number) * 10.0, "a").with("payment.amount_minor", json!(1)))
        })
        .collect();
    let [flag] = flags.as_slice() else { panic!("{} flags", flags.len()) };
    assert!(flag.correlation.as_ref().unwrap().saturated);
    // Once on the way there; what comes after it fired is too little.
    assert_eq!(stream.stats.rules["paid"].saturated, 1);
}

#[test]
fn however_often_one_value_comes_the_others_count() {
    let section = "type: value_count, rules: [a], group-by: [sender.id], timespan: 1h, \
                   condition: {gte: 5, field: recipient.id}";
    let mut stream = Stream::new(&correlation("many", section, ""));
    let to = |second: f64, who: &str| at(second, "a").with("recipient.id", json!(who));
    let first =
        ["r1", "r2", "r3", "r4"].iter().zip(0i32..).map(|(who, number)| to(f64::from(number) * 100.0, who));
    let repeats = (0..200).map(|number| to(400.0 + f64::from(number) / 4.0, "r4"));
    for event in first.chain(repeats) {
        assert_eq!(stream.take(&event).len(), 0);
    }
    let flags = stream.take(&to(460.0, "r5"));
    let [flag] = flags.as_slice() else { panic!("{} flags", flags.len()) };
    let steps = &flag.correlation.as_ref().unwrap().steps;
    assert_eq!(steps.len(), 5);
    assert!(steps.iter().all(|step| step.evidence.len() == 1 && step.recipient.is_some()), "{steps:#?}");
}
