//! Rules whose conditions never hold, always hold, or may do either.

use crate::event::FieldTable;
use crate::rule::{Code, Lists, SourceMap, load};

/// What is told of a rule with this detection: the codes, and the text that is marked.
fn told(detection: &str) -> Vec<(Code, String)> {
    let rule = format!("title: t\nid: t\nallow: [mixed-operators]\n{detection}\n");
    let mut map = SourceMap::default();
    map.add("t.yml", &rule);
    let loaded = load(&map, &FieldTable::canonical(), &Lists::default());
    assert!(!loaded.has_errors(), "{detection}: {:?}", loaded.diagnostics);
    let found = loaded.diagnostics.iter().filter(|found| matches!(found.code, Code::Never | Code::Always));
    found.map(|found| (found.code, map.text(found.primary.span).to_owned())).collect()
}

/// Selections in short, and a condition.
fn of(selections: &[&str], condition: &str) -> Vec<(Code, String)> {
    told(&format!("detection:\n  {}\n  condition: {condition}", selections.join("\n  ")))
}

const A: &str = "a: {text|phrase: our secret}";
const B: &str = "b: {text|phrase: your secret}";

#[test]
fn what_never_holds_is_told() {
    let conditions: &[(&[&str], &str)] = &[
        (&[A], "a and not a"),
        (&[A, B], "(a or b) and not 1 of them"),
        (&[A, B], "all of them and not a"),
        (&[A, "b: {text|phrase: [your secret, our secret]}"], "a and not b"),
        (&[A, "same: {text|phrase: our secret}"], "a and not same"),
        (&["a: {text|contains|all: [one, two]}", "b: {text|contains: two}"], "a and not b"),
        (&["a: {x|exists: true}", "b: {x|exists: false}"], "a and b"),
        (&["a: {x: one}", "b: {x|exists: true}"], "a and not b"),
        (&["a: {x: one}", "b: {x|exists: false}"], "a and b"),
        (&["a: {x: one}", "b: {x: null}", "c: {x|exists: true}"], "a and not b and not c"),
        (&["a: {payment.amount_minor|gt: 5}", "b: {payment.amount_minor|gte: 5}"], "a and not b"),
        // No lists.
        (&["a: {sender.age_band: adult}", "b: {sender.age_band: under13}"], "a and b"),
        (&["a: {sender.age_band: [adult, unknown]}", "b: {sender.age_band: [under13, 13-15]}"], "a and b"),
        (&["a: {payment.amount_minor|gt: 5}", "b: {payment.amount_minor|lte: 5}"], "a and b"),
        (&["a: {payment.amount_minor: 5}", "b: {payment.amount_minor|gt: 5}"], "a and b"),
        (&["a: {payment.rail: null}", "b: {payment.rail: card}"], "a and b"),
    ];
    for (selections, condition) in conditions {
        assert_eq!(of(selections, condition), [(Code::Never, (*condition).to_owned())], "{selections:?}");
    }
}

#[test]
fn a_selection_that_never_holds_is_told_by_itself() {
    let range = "odd: {sender.account_age_days|gt: 30, sender.account_age_days|lt: 7}";
    assert_eq!(of(&[A, range], "a or odd"), [(Code::Never, "odd".to_owned())]);
    let two = "odd: {payment.rail: card, payment.rail|exists: false}";
    assert_eq!(of(&[A, two], "a and odd"), [(Code::Never, "odd".to_owned())]);
}

#[test]
fn a_type_that_the_log_source_leaves_out_is_told() {
    let rule = |kind: &str| {
        told(&format!(
            "logsource: {{product: chat, category: payment}}\ndetection:\n  a: {{type: {kind}, sender.id: u1}}\n  condition: a"
        ))
    };
    assert_eq!(rule("chat.message"), [(Code::Never, "a".to_owned())]);
    assert_eq!(rule("gift"), []);
}

#[test]
fn what_always_holds_is_told() {
    let conditions: &[(&[&str], &str)] = &[
        (&[A], "a or not a"),
        (&[A, B], "not a or not b or a"),
        (&["a: {x|exists: true}", "b: {x|exists: false}"], "a or b"),
        (&["a: {x|exists: true}", "b: {x: null}"], "1 of them"),
        (&["a: {payment.amount_minor|gt: 5}", "b: {payment.amount_minor|gt: 7}"], "a or not b"),
    ];
    for (selections, condition) in conditions {
        assert_eq!(of(selections, condition), [(Code::Always, (*condition).to_owned())], "{selections:?}");
    }
}

#[test]
fn nothing_is_told_of_what_may_be() {
    let conditions: &[(&[&str], &str)] = &[
        (&[A], "a"),
        (&[A], "not a"),
        (&[A, B], "a and not b"),
        (&[A, B], "a or not b"),
        // Fields that may be lists.
        (&["a: {x: one}", "b: {x: two}"], "a and b"),
        (&["a: {x|gt: 5}", "b: {x|lt: 3}"], "a and b"),
        (&["a: {room.participants: u1}", "b: {room.participants: u2}"], "a and b"),
        // Patterns that a value may fit both.
        (&["a: {sender.age_band: adult}", "b: {sender.age_band: a*}"], "a and b"),
        (&["a: {sender.age_band: adult}", "b: {sender.age_band: Adult}"], "a and b"),
        (&["a: {text|contains: one}", "b: {text|contains: two}"], "a and b"),
        (&["a: {payment.amount_minor|gte: 5}", "b: {payment.amount_minor|lte: 5}"], "a and b"),
        (&["a: {payment.amount_minor: 5}", "b: {payment.amount_minor|gte: 5}"], "a and b"),
        (&["a: {payment.amount_minor|gt: 7}", "b: {payment.amount_minor|gt: 5}"], "b and not a"),
        (&["a: {room.topic: our  secret}", "b: {room.topic: our secret}"], "a and b"),
        // Neither, where the field is missing.
        (&["a: {payment.amount_minor|gte: 5}", "b: {payment.amount_minor|lt: 5}"], "a or b"),
        // Another view is another reading.
        (&["a: {text.raw|contains: one}", "b: {text|contains: one}"], "a and not b"),
        (&["a: {payment.rail: null}", "b: {payment.rail|exists: true}"], "a and b"),
    ];
    for (selections, condition) in conditions {
        assert_eq!(of(selections, condition), [], "{selections:?} {condition}");
    }
}

#[test]
fn a_search_that_grows_too_long_is_given_up() {
    // Pigeons and holes: hard for any such search.
    let selections: Vec<_> =
        (0..90).map(|number| format!("s{number}: {{text|phrase: word number {number}}}")).collect();
    let selections: Vec<_> = selections.iter().map(String::as_str).collect();
    let hole = |pigeon: usize, hole: usize| format!("s{}", pigeon * 9 + hole);
    let some: Vec<_> = (0..10)
        .map(|pigeon| format!("({})", (0..9).map(|at| hole(pigeon, at)).collect::<Vec<_>>().join(" or ")))
        .collect();
    let mut parts = some;
    for at in 0..9 {
        for one in 0..10 {
            parts.extend((0..one).map(|other| format!("not ({} and {})", hole(one, at), hole(other, at))));
        }
    }
    assert_eq!(of(&selections, &parts.join(" and ")), []);
}
