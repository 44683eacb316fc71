//! Comments in every place of a rule, and what they keep from being told.

use crate::event::FieldTable;
use crate::rule::{Code, Lists, SourceMap, load};

/// A rule with three whole-field warnings, in lines 4, 6 and 7, and places for comments: `<1>` and so on.
const RULE: &str = "<0>title: t
<1>id: t
detection:
<2>  a: {text: our secret}  <3>
<4>  b:
<5>    - {text: our secret too}
    - room.topic: a topic
<6>  condition: a or b
";

/// Line and code of what is told of the rule with a comment in a place.
fn told(place: usize, comment: &str) -> Vec<(u32, Code)> {
    let mut text = RULE.to_owned();
    for number in 0..7 {
        let by = match number == place {
            true if number == 3 => format!("# {comment}"),
            true => format!("   # {comment}\n"),
            false => String::new(),
        };
        text = text.replace(&format!("<{number}>"), &by);
    }
    let mut map = SourceMap::default();
    map.add("t.yml", &text);
    let loaded = load(&map, &FieldTable::canonical(), &Lists::default());
    let mut all = loaded.diagnostics;
    all.extend(loaded.silences.stale(&map, &all));
    let added = u32::from(place != 3);
    let before = [1, 2, 4, 0, 5, 6, 8][place];
    // As if the comment had no line of its own.
    let line = |line: u32| if line > before { line - added } else { line };
    all.iter().map(|found| (line(map.position(found.primary.span).line), found.code)).collect()
}

#[test]
fn a_comment_is_about_the_rule_or_what_begins_below() {
    use Code::{StaleAllow, WholeField};
    let all = [(4, WholeField), (6, WholeField), (7, WholeField)];
    let without =
        |lines: &[u32]| -> Vec<_> { all.iter().filter(|(line, _)| !lines.contains(line)).copied().collect() };
    for comment in [
        "wardline: allow R902 short",
        "Wardline: allow whole-field: short",
        "wardline:allow r902 x",
        "# wardline: allow R902: x",
    ] {
        assert_eq!(told(0, comment), [], "{comment}");
        assert_eq!(told(2, comment), without(&[4]), "{comment}");
        assert_eq!(told(3, comment), without(&[4]), "{comment}");
        assert_eq!(told(4, comment), without(&[6, 7]), "{comment}");
        assert_eq!(told(5, comment), without(&[6]), "{comment}");
        let stale = told(1, comment);
        assert_eq!(stale.last(), Some(&(2, StaleAllow)), "{comment}: {stale:?}");
        assert_eq!(stale[..3], all, "{comment}");
    }
    assert_eq!(told(0, "wardline: allow R915, R902 short"), [(1, StaleAllow)]);
    assert_eq!(told(0, "a comment: allow R902 short"), all);
}

#[test]
fn comments_that_do_nothing_are_told() {
    let wrong = |place, comment: &str| {
        let told = told(place, comment).into_iter();
        let wrong: Vec<_> =
            told.filter(|(_, code)| *code == Code::BadComment).map(|(line, _)| line).collect();
        wrong
    };
    for comment in [
        "wardline: allow R902",
        "wardline: allow whole-field: ",
        "wardline: alow R902 short",
        "wardline: R902 short",
        "wardline: allow",
        "wardline: allow R999 short",
        "wardline: allow unanchored short",
    ] {
        assert_eq!(wrong(0, comment), [1], "{comment}");
    }
    assert!(wrong(0, "wardline: allow R902 short").is_empty());
}

#[test]
fn texts_that_look_like_comments_are_none() {
    let texts = [
        "title: 'one # wardline: alow'",
        "title: |\n  one\n  # wardline: alow\n  two",
        "title: \"one\n  # wardline: alow\"",
        "title: one#wardline: alow",
    ];
    for title in texts {
        let mut map = SourceMap::default();
        let rule = format!("{title}\nid: t\ndetection:\n  a: {{text|phrase: our secret}}\n  condition: a\n");
        map.add("t.yml", &rule);
        let loaded = load(&map, &FieldTable::canonical(), &Lists::default());
        let told: Vec<_> = loaded.diagnostics.iter().filter(|found| found.code == Code::BadComment).collect();
        assert!(told.is_empty(), "{title}: {told:?}");
    }
}

#[test]
fn a_comment_before_the_line_between_rules_belongs_to_none() {
    let rule = RULE.replace(['<', '>'], "");
    let rule: String = rule.chars().filter(|character| !character.is_ascii_digit()).collect();
    let other = rule.replace("id: t", "id: u");
    let comment = "# wardline: allow whole-field short\n";
    let codes = |text: &str| {
        let mut map = SourceMap::default();
        map.add("t.yml", text);
        let loaded = load(&map, &FieldTable::canonical(), &Lists::default());
        loaded.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>()
    };
    let three = [Code::WholeField; 3];
    assert_eq!(codes(&format!("{comment}---\n{rule}")), [&[Code::BadComment][..], &three].concat());
    assert_eq!(codes(&format!("---\n{comment}{rule}---\n{other}")), three, "only of the first");
    assert_eq!(codes(&format!("---\n{rule}---\n{comment}\n{other}")), three, "only of the second");
}
