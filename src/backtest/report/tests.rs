//! Figures of a small trace, reckoned by hand.

use super::super::gate::Gate;
use super::super::{Found, Outlet, Rule, Seen};
use super::*;
use crate::truth::{CaseIndex, Reader};

const LABELS: &str = r#"
{"case":"a","risk":true,"kind":"stranger","language":"en","style":"plain","events":4,"first_risk":"1970-01-01T00:00:10Z","harm":"1970-01-01T00:01:40Z"}
{"case":"b","risk":true,"kind":"stranger","language":"tl","style":"leet","events":3,"first_risk":"1970-01-01T00:00:20Z","harm":"1970-01-01T00:00:30Z"}
{"case":"c","risk":false,"kind":"family","language":"en","style":"plain","events":2}
{"case":"d","risk":false,"kind":"games","language":"tl","style":"plain","events":1}
{"event":"a0","case":"a"}
{"event":"a1","case":"a","stage":"g1"}
{"event":"a2","case":"a","stage":"g3"}
{"event":"a3","case":"a"}
{"event":"b1","case":"b","stage":"g10"}
{"event":"b2","case":"b","stage":"g1"}
{"event":"c1","case":"c","resembles":"g3"}
"#;

fn truth() -> Truth {
    let mut reader = Reader::default();
    for line in LABELS.lines() {
        reader.line(line.as_bytes());
    }
    reader.finish().expect("nothing is wrong")
}

/// The rules: a weak one for g1, another for g3, a grave correlation, and one in shadow.
fn findings() -> Findings {
    let rule = |name: &str, level, tags: &[&str], correlation| Rule {
        id: name.to_owned(),
        name: name.into(),
        title: name.to_uppercase(),
        level,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        correlation,
    };
    let seen = |event: &str, case: Option<u32>, seconds: i64| Seen {
        event: event.into(),
        case: case.map(CaseIndex),
        time_ms: seconds * 1000,
    };
    let found = |rule, seen, outlet| Found { rule, seen, outlet, excerpts: ["said".to_owned()].into() };
    Findings {
        rules: vec![
            rule("age", Level::Low, &["indicator.g1"], false),
            rule("secret", Level::Medium, &["indicator.g3"], false),
            rule("both", Level::High, &[], true),
            rule("new", Level::High, &["indicator.g10"], false),
        ],
        seen: vec![
            seen("a1", Some(0), 10),
            seen("a2", Some(0), 50),
            seen("c1", Some(2), 60),
            seen("b1", Some(1), 20),
            seen("x1", None, 70),
        ],
        found: vec![
            found(0, 0, Outlet::Review),
            found(1, 1, Outlet::Review),
            found(2, 1, Outlet::Review),
            found(1, 2, Outlet::Review),
            found(2, 2, Outlet::Review),
            found(3, 3, Outlet::Shadow),
            found(0, 4, Outlet::Review),
        ],
        events: 1_000,
        unreadable: 2,
        span_ms: Some((0, 2 * DAY_MS)),
    }
}

fn report() -> Report {
    Report::of(&findings(), &truth(), &Question { level: Level::High, shadow: true, listed: 1 })
}

fn of(count: u64, of: u64) -> Share {
    Share { count, of }
}

#[test]
fn cases_are_caught_early_or_late_or_wrongly() {
    let report = report();
    let all = report.all().expect("always there");
    assert_eq!((all.recall, all.early, all.wrong, all.precision), (of(1, 2), of(1, 1), of(1, 2), of(1, 2)));
    let delay = Delay { median_ms: Some(40_000), p90_ms: Some(40_000), median_events: Some(1) };
    assert_eq!((all.delay, all.events, all.flags), (delay, 10, 5));
    let group = |by, name: &str| {
        let group = report.groups.iter().find(|group| group.by == by && group.name == name).expect(name);
        (group.recall, group.wrong)
    };
    assert_eq!(group(By::Language, "tl"), (of(0, 1), of(0, 1)));
    assert_eq!(group(By::Style, "disguised"), (of(0, 1), of(0, 0)));
    assert_eq!(group(By::Kind, "family"), (of(0, 0), of(1, 1)));
    assert_eq!(report.trace.unlabelled_flags, 1);
}

#[test]
fn flags_are_right_in_cases_that_should_be_flagged() {
    let report = report();
    let row =
        |level: Level| report.levels.iter().find(|row| row.level == level.name()).expect("all are there");
    assert_eq!((row(Level::High).flags, row(Level::High).precision), (2, of(1, 2)));
    let low = row(Level::Low);
    assert_eq!((low.flags, low.precision), (2, of(1, 1)));
    assert_eq!((low.per_million, low.per_day), (Some(2_000.0), Some(1.0)));
}

#[test]
fn another_level_catches_other_cases() {
    let report = report();
    let row =
        |level: Level| report.thresholds.iter().find(|row| row.level == level.name()).expect("all are there");
    let (high, low) = (row(Level::High), row(Level::Low));
    assert_eq!(
        (high.recall, high.wrong, high.precision, high.early),
        (of(1, 2), of(1, 2), of(1, 2), of(1, 1))
    );
    // The single event of a rule catches the case at once, in the event that is the first risky one.
    assert_eq!((low.recall, low.precision, low.delay.median_ms), (of(1, 2), of(3, 5), Some(0)));
    assert_eq!((low.per_million, low.per_day), (Some(6_000.0), Some(3.0)));
    assert_eq!(row(Level::Critical).recall, of(0, 2));
}

#[test]
fn the_curve_rises_to_what_is_caught_at_all() {
    let curve: Vec<_> = report().within.iter().map(|point| (point.within_ms, point.caught)).collect();
    assert_eq!((curve.len(), curve[0]), (9, (Some(60_000), of(1, 2))));
    assert_eq!(curve[8], (None, of(1, 2)));
    let late = Seen { time_ms: 3_610_000, ..findings().seen[1].clone() };
    let mut findings = findings();
    findings.seen[1] = late;
    let question = Question { level: Level::High, shadow: false, listed: 0 };
    let counts: Vec<_> =
        Report::of(&findings, &truth(), &question).within.iter().map(|point| point.caught.count).collect();
    assert_eq!(counts, [0, 0, 0, 1, 1, 1, 1, 1, 1]);
    let untold = Report::of(&findings, &Truth::default(), &question);
    assert!(untold.within.is_empty());
}

#[test]
fn rules_and_indicators_are_told_apart() {
    let report = report();
    let rule = |name: &str| report.rules.iter().find(|row| row.name == name).expect(name);
    assert_eq!((rule("both").right, rule("both").alone, rule("both").resembling), (of(1, 2), 1, 1));
    assert_eq!((rule("age").found, rule("age").right, rule("age").risky_cases), (2, of(1, 1), 1));
    assert_eq!(rule("new").outlet, Some("shadow"));
    let names: Vec<_> = report.indicators.iter().map(|row| row.indicator.as_str()).collect();
    assert_eq!(names, ["g1", "g3", "g10"]);
    let indicators: Vec<_> = report.indicators.iter().map(|row| (row.recall, row.resembling)).collect();
    assert_eq!(indicators, [(of(1, 2), of(0, 0)), (of(1, 1), of(1, 1)), (of(1, 1), of(0, 0))]);
}

#[test]
fn what_was_missed_or_wrong_is_explained() {
    let report = report();
    let missed = &report.missed.first[0];
    assert_eq!((report.missed.count, missed.case.as_str()), (1, "b"));
    assert_eq!(missed.why, "1 of 2 labelled events were found; not found: g1; no flag at all");
    let wrong = &report.wrong.first[0];
    assert_eq!((wrong.case.as_str(), wrong.flags.len()), ("c", 1));
    assert_eq!(
        (wrong.flags[0].rule.as_str(), wrong.flags[0].time.as_str()),
        ("both", "1970-01-01T00:01:00.000Z")
    );
}

#[test]
fn rules_in_shadow_are_weighed_before_they_go_live() {
    let shadow = report().shadow.expect("asked for");
    assert_eq!((shadow.live_recall, shadow.both_recall, shadow.both_wrong), (of(1, 2), of(2, 2), of(1, 2)));
    let [adds] = shadow.rules.as_slice() else { panic!("one rule is in shadow") };
    assert_eq!((adds.rule.as_str(), adds.caught, adds.wrong, adds.right), ("new", 1, 0, of(1, 1)));
}

#[test]
fn conditions_are_met_or_not() {
    let report = report();
    let cases = [
        ("recall(case) >= 0.5", Some(0.5), true),
        ("recall(case) > 50%", Some(0.5), false),
        ("recall(case, style=plain) >= 1", Some(1.0), true),
        ("recall(case, language=ceb) >= 0", None, false),
        ("early(case) >= 0.8", Some(1.0), true),
        ("wrong(case) <= 0.5", Some(0.5), true),
        ("precision(flag, kind=stranger) > 0.9", Some(1.0), true),
        ("precision(high) >= 0.8", Some(0.5), false),
        ("precision(critical) >= 0", None, false),
        ("per_million(low) < 6000.5", Some(6_000.0), true),
        ("per_day(medium) <= 2", Some(2.0), true),
        ("recall(g1) >= 0.5", Some(0.5), true),
        ("recall(g7) >= 0", None, false),
    ];
    for (text, value, met) in cases {
        let verdict = text.parse::<Gate>().expect(text).judge(&report);
        assert_eq!((verdict.value, verdict.met), (value, met), "{text}");
    }
}
