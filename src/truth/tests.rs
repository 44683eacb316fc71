//! Lines in, cases and what is wrong out.

use super::*;

fn read(lines: &[&str]) -> Result<Truth, Vec<Wrong>> {
    let mut reader = Reader::default();
    for line in lines {
        reader.line(line.as_bytes());
    }
    reader.finish()
}

const CASE: &str = r#"{"case":"c1","risk":true,"kind":"stranger","language":"en","style":"plain","rooms":["r1"],"sessions":["s1"],"events":9,"start":"2026-01-01T00:00:00Z","harm":"2026-01-01T01:00:00Z"}"#;

#[test]
fn an_event_belongs_to_who_names_it_and_else_to_its_session_and_room() {
    let truth = read(&[
        r#"{"event":"e7","case":"c2","stage":"g1"}"#,
        CASE,
        "",
        r#"{"case":"c2","risk":false,"rooms":["r2"],"further":"keys are let be"}"#,
        r#"{"event":"e8","case":"c2","resembles":"g3"}"#,
    ])
    .expect("nothing is wrong");
    let [one, two] = [CaseIndex(0), CaseIndex(1)];
    let cases = [
        (Some("e7"), Some("s1"), Some("r1"), Some(two)),
        (Some("e9"), Some("s1"), Some("r2"), Some(one)),
        (None, Some("s9"), Some("r2"), Some(two)),
        (Some("e9"), None, Some("r9"), None),
    ];
    for (event, session, room, expected) in cases {
        assert_eq!(truth.case_of(event, session, room), expected, "{event:?} {session:?} {room:?}");
    }
    let known = truth.event("e8").expect("a line names it");
    assert_eq!((known.case, known.place, known.resembles.as_deref()), (two, 2, Some("g3")));
    let case = truth.case(one);
    assert_eq!(case.harm_ms.zip(case.start_ms).map(|(harm, start)| harm - start), Some(3_600_000));
}

#[test]
fn the_truth_of_some_cases_says_nothing_of_others() {
    let other = CASE.replace("c1", "c2").replace("r1", "r2").replace("s1", "s2");
    let lines = [CASE, &other, r#"{"event":"e1","case":"c1"}"#, r#"{"event":"e2","case":"c2","stage":"g1"}"#];
    let truth = read(&lines).expect("nothing is wrong").only(&[CaseIndex(1)].into());
    assert_eq!(truth.cases().iter().map(|case| &*case.label.case).collect::<Vec<_>>(), ["c2"]);
    let case = |event, session, room| truth.case_of(Some(event), Some(session), Some(room));
    assert_eq!(case("e1", "s1", "r1"), None);
    for (event, session, room) in [("e2", "", ""), ("", "s2", ""), ("", "", "r2")] {
        assert_eq!(case(event, session, room), Some(CaseIndex(0)));
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let wrong = read(&[
        CASE,
        "{}",
        CASE,
        r#"{"case":"c3","risk":false,"rooms":["r1"],"harm":"soon"}"#,
        r#"{"event":"e1","case":"c9"}"#,
        r#"{"event":"e2","case":"c1"}"#,
        r#"{"event":"e2","case":"c1"}"#,
        "not JSON",
    ])
    .expect_err("much is wrong");
    let told: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 2: neither a case (`case` and `risk`) nor an event (`event` and `case`)",
            "line 3: another line before it has the same case",
            "line 4: `harm` is no RFC 3339 time, such as 2026-11-23T10:00:00Z",
            "line 4: another line before it has the same room",
            "line 8: neither a case (`case` and `risk`) nor an event (`event` and `case`)",
            "line 5: the event's case is told of by no line",
            "line 7: another line before it has the same event",
        ]
    );
}

#[test]
fn what_is_written_is_read_again() {
    let line: Line<'_> = serde_json::from_str(CASE).expect("a case");
    let written = serde_json::to_string(&line).expect("texts");
    assert_eq!(serde_json::from_str::<Line<'_>>(&written).expect("a case"), line);
    let event = Line::Event(Event {
        event: "e1".into(),
        case: "c1".into(),
        stage: Some("g1".into()),
        resembles: None,
    });
    assert_eq!(serde_json::to_string(&event).expect("texts"), r#"{"event":"e1","case":"c1","stage":"g1"}"#);
}
