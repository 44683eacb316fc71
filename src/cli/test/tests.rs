//! What the command tells of tests that pass, that fail and that are asked for.

use super::*;
use crate::rule::{self, Lists, SourceMap};
use crate::ruleset::RuleSet;

const RULES: &str = "
title: Asks an age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03
name: ask_age
logsource: {product: chat, category: message}
detection:
  phrases: {text|phrase: how old are you}
  filter: {room.topic|contains: birthday}
  condition: phrases and not filter
review: {publish: false}
tests:
  - {name: hit, expect: match, event: {text: so how old are you}}
  - {name: a birthday, expect: no-match, event: {text: how old are you, room.topic: my birthday party}}
  - {name: missed, expect: match, event: {text: what is your old age}}
  - {name: caught, expect: no-match, event: {text: how old are you, room: {topic: maths}}}
  - {name: not yet, expect: known-miss, note: a paraphrase, event: {text: what is your age}}
  - {name: by now, expect: known-miss, note: a paraphrase, event: {text: how old are you}}
  - {name: still, expect: known-false-positive, note: two people, event: {text: how old are you both}}
  - {name: no more, expect: known-false-positive, note: two people, event: {text: so old}}
---
title: Many gifts
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04
name: gifts
status: shadow
logsource: {product: chat, category: payment}
detection:
  gift: {type: gift, sender.id: test-sender}
  condition: gift
tests:
  - {name: a gift, expect: match, event: {type: gift}}
  - {name: filled in, expect: no-match, event: {amount: 3}}
---
title: Says old
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a05
name: says_old
detection:
  word: {text|word: old}
  condition: word
---
title: Not in use
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a06
name: retired
status: deprecated
detection:
  word: {text|word: old}
  condition: word
tests:
  - {name: never run, expect: no-match, event: {text: old}}
";

fn program() -> Arc<Program> {
    program_of(RULES)
}

fn program_of(text: &str) -> Arc<Program> {
    let mut map = SourceMap::default();
    map.add("rules.yml", text);
    let (lists, reading) = (Lists::default(), Reading::default());
    let loaded = rule::load(&map, &reading.fields, &lists);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let rules = RuleSet::compile(loaded.rules, &Limits::default()).unwrap();
    Arc::new(Program::correlating(rules, loaded.correlations, &lists, &reading).unwrap())
}

fn arguments(rule: &[&str], filter: Option<&str>) -> Arguments {
    Arguments {
        config: None,
        filter: filter.map(str::to_owned),
        format: Format::Text,
        lists: None,
        rule: rule.iter().map(|rule| (*rule).to_owned()).collect(),
        paths: Vec::new(),
    }
}

/// The numbers of passed and failed tests.
fn numbers(rule: &[&str], filter: Option<&str>) -> Result<(usize, usize), String> {
    let program = program();
    let report = test(&program, &Reading::default(), &arguments(rule, filter))?;
    Ok((report.verdicts.len() - report.failed(), report.failed()))
}

fn event(number: usize, text: &str, room: &str) -> String {
    format!(
        r#"event: {{"id":"test-{number}","platform":"test","recipient":{{"id":"test-recipient"}},"room":{room},"sender":{{"id":"test-sender"}},"text":"{text}","time":"2026-01-01T12:00:00.000Z","type":"chat.message"}}"#
    )
}

#[test]
fn failures_say_what_was_expected_and_why_it_fired() {
    let program = program();
    let report = test(&program, &Reading::default(), &arguments(&[], None)).unwrap();
    let room = r#"{"id":"test-room"}"#;
    let missed = event(3, "what is your old age", room);
    let caught = event(4, "how old are you", r#"{"id":"test-room","topic":"maths"}"#);
    let (by_now, no_more) = (event(6, "how old are you", room), event(8, "so old", room));
    let expected = format!(
        r#"FAIL ask_age / missed
  at rules.yml:14
  expected a match, the rule did not fire
    no   all of
    no     phrases
    no       text: the words `how old are you`
               near: the words `how old are you`: 1 of 4 in a row, 1 anywhere
    yes    not filter
  fired instead: says_old
  {missed}

FAIL ask_age / caught
  at rules.yml:15
  expected no match, the rule fired
    yes  all of
    yes    phrases
    yes      text: the words `how old are you`
               found "how old are you" at bytes 0..15, raw
    yes    not
    no       filter
    no         room.topic: `birthday` somewhere in it
  also fired: says_old
  {caught}

FAIL ask_age / by now
  at rules.yml:17
  now matches: make it `match`
  note: a paraphrase
    yes  all of
    yes    phrases
    yes      text: the words `how old are you`
               found "how old are you" at bytes 0..15, raw
    yes    not
    no       filter
    no         room.topic: `birthday` somewhere in it
                 the event has no room.topic
  also fired: says_old
  {by_now}

FAIL ask_age / no more
  at rules.yml:19
  no longer matches: make it `no-match`
  note: two people
    no   all of
    no     phrases
    no       text: the words `how old are you`
               near: the words `how old are you`: 1 of 4 in a row, 1 anywhere
    yes    not filter
  fired instead: says_old
  {no_more}

6 tests passed (1 known miss, 1 known false positive), 4 failed; 3 rules, 1 without tests
"#
    );
    assert_eq!(report.text(), expected);
}

#[test]
fn tests_are_chosen_by_rule_and_by_name() {
    assert_eq!(numbers(&["gifts"], None), Ok((2, 0)));
    assert_eq!(numbers(&["6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04"], None), Ok((2, 0)));
    assert_eq!(numbers(&["*_age", "gif?s"], None), Ok((6, 4)));
    assert_eq!(numbers(&[], Some("AGE / miss")), Ok((0, 1)));
    assert_eq!(numbers(&["gifts"], Some("a gift")), Ok((1, 0)));
    let unknown = "no rule is called \"gift\"; did you mean \"gifts\"?";
    assert_eq!(numbers(&["gift"], None), Err(unknown.to_owned()));
    for nothing in [numbers(&["says_old"], None), numbers(&[], Some("nowhere")), numbers(&["retired"], None)]
    {
        assert!(nothing.unwrap_err().starts_with("no test is asked for"));
    }
}

#[test]
fn tools_are_told_the_same() {
    let program = program();
    let report = test(&program, &Reading::default(), &arguments(&["ask_age"], None)).unwrap();
    let json = report.json();
    assert_eq!((&json["passed"], &json["failed"]), (&4.into(), &4.into()));
    assert_eq!((&json["known_misses"], &json["known_false_positives"]), (&1.into(), &1.into()));
    let missed = &json["tests"][2];
    assert_eq!((&missed["name"], &missed["line"]), (&"missed".into(), &14.into()));
    assert_eq!((&missed["fired"], &missed["others"][0]), (&false.into(), &"says_old".into()));
    assert_eq!(json["tests"][4]["note"], "a paraphrase");

    let xml = report.junit();
    let lines: Vec<_> = xml.lines().filter(|line| line.starts_with("  ") || line.starts_with('<')).collect();
    let head = [
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        r#"<testsuites name="wardline" tests="8" failures="4" errors="0" skipped="2">"#,
        r#"  <testsuite name="rules.yml" tests="8" failures="4" errors="0" skipped="2">"#,
        r#"    <testcase name="hit" classname="ask_age" file="rules.yml" line="12"/>"#,
    ];
    assert_eq!(lines[..4], head, "{xml}");
    assert!(
        xml.contains(r#"      <failure type="known-miss" message="now matches: make it `match`">"#),
        "{xml}"
    );
    assert!(xml.contains(r#"      <skipped message="known-miss: a paraphrase"/>"#), "{xml}");
    assert!(xml.contains("found &quot;how") || xml.contains("found \"how old are you\""), "{xml}");
    assert!(xml.ends_with("  </testsuite>\n</testsuites>\n"), "{xml}");
}

const TIMED: &str = "
---
title: Asks twice
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a07
name: asks_twice
correlation: {type: event_count, rules: [ask_age], group-by: [sender.id], timespan: 1h, condition: {gte: 2}}
review: {suppress: 1d}
tests:
  - {name: twice, expect: match, events: [{offset: 0s, text: how old are you}, {offset: 59m, text: how old are you}]}
  - {name: slow, expect: no-match, events: [{offset: 0s, rule: ask_age}, {offset: 60m, rule: ask_age}]}
  - {name: others, expect: no-match, events: [{offset: 0s, rule: ask_age, sender.id: u1}, {offset: 5m, rule: ask_age}]}
  - {name: nobody, expect: no-match, events: [{offset: 0s, rule: ask_age, sender.id: null}, {offset: 5m, rule: ask_age, sender.id: null}]}
  - {name: once more, expect: no-match, events: [{offset: 0s, rule: ask_age}, {offset: 1m, rule: ask_age}, {offset: 2m, rule: ask_age}, {offset: 3m, rule: ask_age}]}
  - {name: late, expect: match, events: [{offset: 0s, rule: ask_age}, {offset: 5m, rule: ask_age, time: '2026-01-01T11:59:30Z'}]}
  - {name: the same, expect: no-match, events: [{offset: 0s, rule: ask_age, id: x}, {offset: 5m, rule: ask_age, id: x}]}
  - {name: reworded, expect: known-miss, note: a paraphrase, events: [{offset: 0s, rule: ask_age}, {offset: 5m, text: what is your age}]}
---
title: Asks twice, then a gift
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a08
name: then_gift
correlation:
  type: temporal_ordered
  rules: [asks_twice, gifts]
  group-by: [who]
  aliases: {who: {asks_twice: sender.id, gifts: recipient.id}}
  timespan: 1d
tests:
  - {name: both, expect: match, events: [{offset: 0s, rule: asks_twice, sender.id: u1}, {offset: 2h, type: gift, sender.id: test-sender, recipient.id: u1}]}
  - {name: all of it, expect: match, events: [{offset: 0s, text: how old are you, sender.id: u1}, {offset: 1s, text: how old are you, sender.id: u1}, {offset: 2h, rule: gifts, recipient.id: u1}]}
---
title: The same again
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a09
name: again
correlation: {type: event_count, rules: [then_gift], group-by: [who], timespan: 1d, condition: {gte: 2}}
tests:
  - {name: one person, expect: match, events: [{offset: 0s, rule: then_gift}, {offset: 1h, rule: then_gift}]}
  - {name: two people, expect: no-match, events: [{offset: 0s, rule: then_gift, sender.id: u1}, {offset: 1h, rule: then_gift, sender.id: u2}]}
";

#[test]
fn tests_of_correlations_are_judged_by_their_last_event() {
    let program = program_of(&format!("{RULES}{TIMED}"));
    let report =
        test(&program, &Reading::default(), &arguments(&["asks_twice", "then_gift", "again"], None)).unwrap();
    assert_eq!(report.text(), "12 tests passed (1 known miss), 0 failed; 0 rules and 3 correlations\n");
    let json = report.json();
    assert_eq!((&json["correlations"], &json["tests"][0]["kind"]), (&3.into(), &"correlation".into()));
    let chosen = |rule: &[&str], filter| {
        let report = test(&program, &Reading::default(), &arguments(rule, filter)).unwrap();
        report.verdicts.iter().map(|verdict| verdict.trial.name()).collect::<Vec<_>>()
    };
    assert_eq!(chosen(&["then_*"], Some("BOTH")), ["then_gift / both"]);
    let xml = report.junit();
    assert!(xml.contains(r#"<testcase name="twice" classname="asks_twice" file="rules.yml""#), "{xml}");
    assert!(xml.contains(r#"<skipped message="known-miss: a paraphrase"/>"#), "{xml}");
}

#[test]
fn tests_of_correlations_that_fail_say_what_happened_to_the_window() {
    let wrong = TIMED.replace("{offset: 59m, text", "{offset: 61m, text");
    let program = program_of(&format!("{RULES}{wrong}"));
    let report = test(&program, &Reading::default(), &arguments(&[], Some("asks_twice / twice"))).unwrap();
    let text = report.text();
    let (said, events) = text.split_at(text.find("  event: {").unwrap());
    let expected = r#"FAIL asks_twice / twice
  at rules.yml:57
  expected a match, the correlation did not fire
  event 1, 2026-01-01T12:00:00.000Z: ask_age
    of sender.id "test-sender"
      counts now: event 1
      1 of 2 events; the rest has to come before 2026-01-01T13:00:00.000Z
  event 2, 2026-01-01T13:01:00.000Z: ask_age
    of sender.id "test-sender"
      let go: event 1, 1h or more older than others
      counts now: event 2
      1 of 2 events; the rest has to come before 2026-01-01T14:01:00.000Z
  fired instead: ask_age, says_old
"#;
    assert_eq!(said, expected);
    assert_eq!(events.matches("  event: {").count(), 2);
    assert!(report.junit().contains(r#"message="expected a match, the correlation did not fire""#));
}

#[test]
fn an_event_of_a_test_that_is_none_fails_it() {
    let wrong = TIMED.replace(
        "{offset: 5m, text: what is your age}",
        "{offset: 5m, rule: ask_age, type: null, text: null}",
    );
    let program = program_of(&format!("{RULES}{wrong}"));
    let report = test(&program, &Reading::default(), &arguments(&[], Some("reworded"))).unwrap();
    let problem = report.verdicts[0].problem.as_deref().unwrap_or_default();
    assert!(problem.starts_with("the event cannot be read: "), "{problem}");
}
