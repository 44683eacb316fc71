//! A page of hostile names and excerpts, beside one of calm ones.

use super::super::{Findings, Found, Outlet, Question, Rule, Seen};
use super::*;
use crate::rule::model::Level;
use crate::truth::{CaseIndex, Reader, Truth};
use serde_json::json;

/// What somebody may write who knows that it is read here.
const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></title></svg><svg onload=alert(1)>",
    "--><!-- ]]> <![CDATA[",
    "&lt;b&gt; &#60;i&#62;",
    "javascript:alert(1)",
    "\u{202e}gpj.exe\u{2066}\u{2067}\u{200f}",
    "a\0b\u{1b}[31m\u{7f}\u{85}\u{2028}\u{2029}\r\n\t",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "<base href=//example.org><meta http-equiv=refresh content=0>",
    "\u{feff}\u{e0041}\u{fff9}",
];

/// Two cases, one missed and one wrongly flagged, in which every text is this one.
fn report(text: &str) -> Report {
    let name = |tail: &str| [text, tail].concat();
    let mut labels = Reader::default();
    for line in [
        json!({"case": name("1"), "risk": true, "kind": text, "language": text, "style": text, "first_risk": "1970-01-01T00:00:00Z"}),
        json!({"case": name("2"), "risk": false, "kind": text, "language": text, "style": text}),
        json!({"case": name("3"), "risk": true, "kind": text, "first_risk": "1970-01-01T00:00:00Z"}),
        json!({"event": name("1"), "case": name("1"), "stage": text}),
        json!({"event": name("2"), "case": name("2"), "resembles": text}),
    ] {
        labels.line(line.to_string().as_bytes());
    }
    let truth = labels.finish().expect("nothing is wrong");
    let question = Question { level: Level::High, shadow: true, listed: 9 };
    Report::of(&findings(text), &truth, &question)
}

fn findings(text: &str) -> Findings {
    let rule = |tail: &str, level| Rule {
        name: [text, tail].concat().into(),
        title: text.to_owned(),
        level,
        tags: vec![format!("indicator.{text}")],
        correlation: false,
    };
    let seen = |case: u32| Seen {
        event: format!("{text}{}", case + 1).into(),
        case: Some(CaseIndex(case)),
        time_ms: i64::from(case) * 7_200_000,
    };
    let found = |rule, seen, outlet| Found { rule, seen, outlet, excerpts: [text.to_owned()].into() };
    Findings {
        rules: vec![
            rule("a", Level::Low),
            rule("b", Level::High),
            rule("c", Level::High),
            rule("d", Level::Low),
        ],
        seen: vec![seen(0), seen(1), seen(2)],
        found: vec![
            found(0, 0, Outlet::Review),
            found(1, 1, Outlet::Review),
            found(1, 2, Outlet::Review),
            found(2, 0, Outlet::Shadow),
        ],
        events: 10,
        unreadable: 1,
        span_ms: Some((0, 7_200_000)),
    }
}

fn page(text: &str) -> String {
    let report = report(text);
    let texts = [
        "recall(case) >= 0.9".to_owned(),
        format!("recall(case, kind={}) > 2", text.replace(['<', '>'], "?")),
    ];
    let gates: Vec<(Gate, Verdict)> = texts
        .iter()
        .filter_map(|text| text.parse::<Gate>().ok())
        .map(|gate| (gate.clone(), gate.judge(&report)))
        .collect();
    super::text(&report, &gates)
}

/// The tags of a page in their order, without what stands in labels, and its text.
fn taken_apart(page: &str) -> (Vec<String>, String) {
    let (mut tags, mut text) = (Vec::new(), String::new());
    for piece in page.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').expect("each tag ends");
        let label = tag.split_once("aria-label=\"").map_or(tag, |(before, _)| before);
        tags.push(label.to_owned());
        text.push_str(rest);
    }
    (tags, text)
}

#[test]
fn whatever_is_written_the_page_is_the_same_but_for_its_text() {
    let calm = taken_apart(&page("calm")).0;
    assert!(calm.len() > 300, "{}", calm.len());
    for text in HOSTILE {
        let page = page(text);
        let (tags, shown) = taken_apart(&page);
        assert_eq!(tags, calm, "{text:?}");
        assert!(!shown.contains(['"', '\'']) || page.contains(STYLE), "{text:?}");
        let unseen =
            page.chars().find(|c| (c.is_control() && *c != '\n') || ('\u{2028}'..='\u{202e}').contains(c));
        assert_eq!(unseen, None, "{text:?}");
        assert_eq!(page.matches('\n').count(), STYLE.matches('\n').count() + 2, "{text:?}");
    }
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    let page = page("calm");
    for forbidden in [
        "http:", "https:", "url(", "@import", "<script", "<link", "<img", "<iframe", " style=", " href=",
        " src=",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
}

#[test]
fn a_page_without_anything_is_a_page() {
    let findings = Findings::default();
    let question = Question { level: Level::High, shadow: false, listed: 0 };
    let page = super::text(&Report::of(&findings, &Truth::default(), &question), &[]);
    assert!(page.contains("0 cases that should be flagged") && !page.contains("NaN"), "{page}");
}
