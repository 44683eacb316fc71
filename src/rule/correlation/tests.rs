//! What is right is read as it means; what documents say of one another is resolved.

use super::*;
use crate::event::{FieldTable, FieldType};
use crate::rule::Code;
use crate::rule::{Lists, Loaded, SourceMap, load};

/// Rules for correlations to take in.
const RULES: &str = "
title: Asks an age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02
name: ask_age
detection: {s: {text|phrase: how old are you}, condition: s}
---
title: Asks to keep a secret
name: ask_secret
detection: {s: {text|phrase: keep this a secret}, condition: s}
level: low
---
title: Names another app
name: move_app
detection: {s: {text|phrase: add me on}, condition: s}
review: {score: 25, publish: false}
---
title: Retired
name: retired
status: deprecated
detection: {s: {text|phrase: old words here}, condition: s}
---
";

fn loaded(documents: &str) -> Loaded {
    let mut map = SourceMap::default();
    map.add("rules.yml", RULES);
    map.add("correlations.yml", documents);
    let mut fields = FieldTable::canonical();
    fields.insert("bytes_sent", FieldType::Number);
    load(&map, &fields, &Lists::default())
}

/// The correlation, or the messages that are errors.
fn read(correlation: &str) -> String {
    let found = loaded(&format!("title: t\nname: own\ncorrelation: {correlation}\n"));
    match found.correlations.as_slice() {
        [one] => show(one),
        _ => found.diagnostics.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; "),
    }
}

fn show(of: &Correlation) -> String {
    let parts: Vec<_> = of
        .parts
        .iter()
        .map(|part| if part.chained { format!("<{}>", part.id) } else { part.id.clone() })
        .collect();
    let key = |key: &Key| {
        if key.fields.is_empty() {
            key.name.clone()
        } else {
            format!("{}({})", key.name, key.fields.join(" "))
        }
    };
    let keys: Vec<_> = of.keys.iter().map(key).collect();
    format!("{} of {} by {} in {}", kind(&of.kind), parts.join(" "), keys.join(" "), of.timespan_ms / 1000)
        .replace("6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02", "ask_age")
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::EventCount { at_least } => format!("{at_least} events"),
        Kind::ValueCount { field, view: None, at_least } => format!("{at_least} {field}"),
        Kind::ValueCount { field, view: Some(view), at_least } => format!("{at_least} {field}.{view}"),
        Kind::ValueSum { addend, bound } => {
            let addend = match addend {
                Addend::Field(field) => field,
                Addend::RuleScore => "score",
            };
            format!("sum of {addend} {bound:?}")
        }
        Kind::Temporal(When::AtLeast(count)) => format!("{count} rules"),
        Kind::Temporal(When::Holds(condition)) => expression(condition),
        Kind::TemporalOrdered => "in order".to_owned(),
    }
}

fn expression(condition: &Condition) -> String {
    let joined = |parts: &[Condition], word: &str| {
        format!("({})", parts.iter().map(expression).collect::<Vec<_>>().join(word))
    };
    match condition {
        Condition::Selection(index) => index.to_string(),
        Condition::Not(inner) => format!("not {}", expression(inner)),
        Condition::All(parts) => joined(parts, " and "),
        Condition::Any(parts) => joined(parts, " or "),
    }
}

/// What stands below `correlation`, and how it is read.
const RIGHT: &[(&str, &str)] = &[
    (
        "{type: event_count, rules: [ask_age], group-by: [sender.id], timespan: 1h, condition: {gte: 100}}",
        "100 events of ask_age by sender.id in 3600",
    ),
    (
        "{type: event_count, rules: [ask_age, ask_secret], group-by: [pair.id], timespan: 30d, condition: {gt: 2}}",
        "3 events of ask_age ask_secret by pair.id in 2592000",
    ),
    (
        "{type: event_count, rules: [6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02], group-by: [sender.id], timespan: 1s, \
             condition: {gte: '1'}, generate: true}",
        "1 events of ask_age by sender.id in 1",
    ),
    (
        "{type: value_count, rules: [ask_age], group-by: [sender.id, platform], timespan: 1d, \
             condition: {field: recipient.id, gte: 100}}",
        "100 recipient.id of ask_age by sender.id platform in 86400",
    ),
    (
        "{type: value_count, rules: [ask_age], group-by: [sender.id], timespan: 1w, \
             condition: {field: text.skeleton, gt: 1023}}",
        "1024 text.skeleton of ask_age by sender.id in 604800",
    ),
    (
        "{type: value_sum, rules: [ask_age], group-by: [sender.id, own_field], timespan: 1h, \
             condition: {field: bytes_sent, gt: 1000000}}",
        "sum of bytes_sent Above(Integer(1000000)) of ask_age by sender.id own_field in 3600",
    ),
    (
        "{type: value_sum, rules: [ask_secret, move_app], group-by: [sender.id], timespan: 1h, \
             condition: {field: rule.score, gte: 45}}",
        "sum of score AtLeast(Integer(45)) of ask_secret move_app by sender.id in 3600",
    ),
    (
        "{type: value_sum, rules: [ask_age], group-by: [sender.id], timespan: 1h, \
             condition: {field: payment.amount_minor, gte: 0.5}}",
        "sum of payment.amount_minor AtLeast(Decimal(0.5)) of ask_age by sender.id in 3600",
    ),
    (
        "{type: temporal, rules: [ask_age, ask_secret, move_app], group-by: [sender.id, recipient.id], timespan: 5m}",
        "3 rules of ask_age ask_secret move_app by sender.id recipient.id in 300",
    ),
    (
        "{type: temporal, rules: [ask_age, ask_secret, move_app], group-by: [sender.id], timespan: 5m, \
             condition: {gt: 1}}",
        "2 rules of ask_age ask_secret move_app by sender.id in 300",
    ),
    (
        "{type: temporal, rules: [ask_age, ask_secret, move_app], group-by: [sender.id], timespan: 5m, \
             condition: move_app and 1 of ask_*}",
        "(2 and (0 or 1)) of ask_age ask_secret move_app by sender.id in 300",
    ),
    (
        "{type: temporal, rules: [6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02, move_app], group-by: [sender.id], \
             timespan: 5m, condition: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02 and move_app}",
        "(0 and 1) of ask_age move_app by sender.id in 300",
    ),
    (
        "{type: temporal_ordered, rules: [ask_age, ask_secret], group-by: [sender.id], timespan: 10m}",
        "in order of ask_age ask_secret by sender.id in 600",
    ),
    (
        "{type: temporal_ordered, rules: [ask_age, ask_secret], group-by: [sender.id], timespan: 10m, \
             condition: ask_age and ask_secret}",
        "in order of ask_age ask_secret by sender.id in 600",
    ),
    (
        "{type: temporal_ordered, rules: [ask_age, ask_secret], group-by: [sender.id], timespan: 10m, \
             condition: {gte: 2}}",
        "in order of ask_age ask_secret by sender.id in 600",
    ),
    (
        "{type: temporal, rules: [ask_age, move_app], group-by: [inner, outer], timespan: 10s, aliases: \
             {inner: {ask_age: recipient.id, move_app: sender.id}, outer: {ask_age: sender.id, move_app: recipient.id}}}",
        "2 rules of ask_age move_app by inner(recipient.id sender.id) outer(sender.id recipient.id) in 10",
    ),
    (
        "{type: temporal, rules: [6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02, move_app], group-by: [child], timespan: 10s, \
             aliases: {child: {ask_age: recipient.id, move_app: sender.id}}}",
        "2 rules of ask_age move_app by child(recipient.id sender.id) in 10",
    ),
];

#[test]
fn what_is_right_is_read_as_it_means() {
    for (text, expected) in RIGHT {
        assert_eq!(read(text), *expected, "{text}");
    }
}

/// The order of the files is nobody's business: a chain may stand before what it takes in.
#[test]
fn a_chain_takes_in_what_stands_behind_it() {
    let found = loaded(
        "title: Many questions, then another app
id: b180ead8-d58f-40b2-ae54-c8940995b9b6
status: experimental
description: Asks for the age many times, and then moves on
references: [https://example.org]
author: somebody
date: 2023-06-16
correlation:
    type: temporal_ordered
    rules:
        - many_questions
        - move_app
    group-by:
        - sender.id
    timespan: 10m
falsepositives:
    - Unlikely
level: high
---
title: Many questions
id: a8418a5a-5fc4-46b5-b23b-6c73beb19d41
name: many_questions
correlation:
    type: event_count
    rules:
        - ask_age
    group-by:
        - sender.id
        - room.id
    timespan: 10m
    condition:
        gte: 10
",
    );
    let shown: Vec<_> = found.correlations.iter().map(show).collect();
    assert_eq!(
        shown,
        [
            "in order of <a8418a5a-5fc4-46b5-b23b-6c73beb19d41> move_app by sender.id in 600",
            "10 events of ask_age by sender.id room.id in 600",
        ]
    );
    assert_eq!(found.diagnostics, []);
    assert_eq!((found.correlations[0].level, found.correlations[0].origin.line), (Level::High, 1));
}

#[test]
fn a_chain_may_map_its_key_to_a_child_s_alias() {
    let found = loaded(
        "title: t
name: both_ways
correlation: {type: temporal, rules: [ask_age, move_app], group-by: [child], timespan: 1h,
  aliases: {child: {ask_age: recipient.id, move_app: sender.id}}}
---
title: t
name: again
correlation: {type: event_count, rules: [both_ways], group-by: [child], timespan: 1d, condition: {gte: 2}}
---
title: t
name: with_another
correlation: {type: temporal, rules: [both_ways, ask_secret], group-by: [who], timespan: 1d,
  aliases: {who: {both_ways: child, ask_secret: recipient.id}}}
",
    );
    let shown: Vec<_> = found.correlations.iter().skip(1).map(show).collect();
    assert_eq!(
        shown,
        [
            "2 events of <both_ways> by child in 86400",
            "2 rules of <both_ways> ask_secret by who(child recipient.id) in 86400",
        ]
    );
}

#[test]
fn review_and_tests_are_read() {
    let found = loaded(
        "title: t
name: own
correlation: {type: temporal, rules: [ask_age, move_app], group-by: [sender.id], timespan: 1h, generate: false}
review: {score: 80, queue: urgent, suppress: 24h}
allow: [generate-contradicts]
tests:
  - name: both
    expect: match
    events: [{offset: 0s, text: how old are you}, {offset: 0s, rule: move_app, sender: {id: u1}}, {offset: 60d}]
  - {expect: no-match, events: [{offset: 5m, rule: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02}]}
",
    );
    assert_eq!(found.diagnostics, []);
    let own = &found.correlations[0];
    let review = Review { score: Some(80), queue: "urgent".to_owned(), publish: true };
    assert_eq!((&own.review, own.suppress_ms), (&review, Some(86_400_000)));
    let event = |offset_ms, part, event| TimedEvent { offset_ms, part, event };
    assert_eq!(
        own.tests[0].events,
        [
            event(0, None, serde_json::json!({"text": "how old are you"})),
            event(0, Some(1), serde_json::json!({"sender": {"id": "u1"}})),
            event(60 * 86_400_000, None, serde_json::json!({})),
        ]
    );
    assert_eq!(
        (own.tests[1].name.as_str(), own.tests[1].expect, own.tests[1].line),
        ("test 2", Expectation::NoMatch, 10)
    );
    assert_eq!(own.tests[1].events[0].part, Some(0));
}

#[test]
fn a_test_that_is_known_to_be_wrong_says_why() {
    let of_note = |note: &str| {
        let found = loaded(&format!(
            "title: t\nname: own\ncorrelation: {{type: temporal, rules: [ask_age, move_app], group-by: [sender.id], timespan: 1h}}\n\
             tests: [{{name: a, expect: known-miss, {note} events: [{{offset: 0s}}]}}]\n"
        ));
        let codes: Vec<_> = found.diagnostics.iter().map(|found| found.code).collect();
        (codes, found.correlations[0].tests[0].note.clone())
    };
    assert_eq!(of_note("note: a paraphrase,"), (Vec::new(), Some("a paraphrase".to_owned())));
    assert_eq!(of_note(""), (vec![Code::NoNote], None));
}

#[test]
fn a_retired_correlation_may_name_retired_rules_and_says_nothing() {
    let found = loaded(
        "title: t
name: own
status: deprecated
correlation: {type: temporal, rules: [ask_age, retired], group-by: [sender.id], timespan: 1h}
",
    );
    assert_eq!((found.diagnostics.len(), found.correlations.len()), (0, 1));
}

/// What cannot be read may hold the rule that is named.
#[test]
fn a_name_is_unknown_only_if_everything_was_read() {
    let correlation = "title: t\nname: own\ncorrelation: {type: temporal, rules: [ask_age, other], group-by: [sender.id], timespan: 1h}\n";
    let codes = |text: &str| loaded(text).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>();
    assert_eq!(codes(correlation), [Code::UnknownRule]);
    let unread = "---\nname: [other\n";
    assert_eq!(codes(&format!("{correlation}{unread}")), [Code::YamlSyntax]);
    let broken = "---\ntitle: t\nname: other\ndetection: {s: {text|phrse: how old}, condition: s}\n";
    assert_eq!(codes(&format!("{correlation}{broken}")), [Code::UnknownModifier]);
}

/// Circles are told once each, and what hangs on them not at all.
#[test]
fn a_long_chain_and_many_circles_are_walked_without_recursion() {
    let one = |name: usize, child: usize| {
        format!(
            "title: t\nname: c{name}\ncorrelation: {{type: event_count, rules: [c{child}], group-by: [sender.id], \
             timespan: 1h, condition: {{gte: 1}}}}\n"
        )
    };
    let first = "title: t\nname: c0\ncorrelation: {type: event_count, rules: [ask_age], group-by: [sender.id], timespan: 1h, condition: {gte: 1}}\n";
    let chain: Vec<_> = (1..3_000).rev().map(|name| one(name, name - 1)).collect();
    let found = loaded(&format!("{}---\n{first}", chain.join("---\n")));
    assert_eq!(found.correlations.len(), 3_000);
    let mut circles: Vec<_> = (0..100).map(|name| one(name, name / 10 * 10 + (name + 1) % 10)).collect();
    circles.push(one(200, 0));
    let found = loaded(&circles.join("---\n"));
    assert_eq!(found.correlations, []);
    assert_eq!(found.diagnostics.len(), 10);
    assert!(found.diagnostics.iter().all(|found| found.code == Code::Circle && found.related.len() == 9));
}
