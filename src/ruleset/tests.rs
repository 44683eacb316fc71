//! Compiling as a whole: errors, digests, what is entered where, and what the literals rely on.

use super::*;
use crate::event::FieldTable;
use crate::rule::{self, Lists, SourceMap};
use crate::text::fold;
use crate::text::lower;

/// The rules of a file that has no errors.
fn load(yaml: &str) -> Vec<Rule> {
    let mut map = SourceMap::default();
    map.add("rules.yml", yaml);
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.rules
}

/// A rule whose detection is given in flow style, or over several lines.
fn rule(head: &str, detection: &str) -> String {
    format!(
        "title: A rule\nid: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02\nname: a_rule\n{head}\ndetection: {detection}\n"
    )
}

fn compile(yaml: &str) -> Result<RuleSet, Vec<CompileError>> {
    RuleSet::compile(load(yaml), &Limits::default())
}

#[test]
fn a_text_rule_needs_an_anchor() {
    let chat = "logsource: {product: chat, category: message}";
    let payment = "logsource: {product: chat, category: payment}";
    let cases = [
        ("", "{s: {text|contains: secret}, condition: s}", true),
        ("", "{s: {text|contains: ab}, condition: s}", false),
        ("", "{s: {text|contains: 我}, condition: s}", true),
        ("", "{s: {text|contains: [secret, ab]}, condition: s}", false),
        ("", "{s: {text|contains|all: [secret, ab]}, condition: s}", true),
        ("", "{s: {text|word: hi}, condition: s}", false),
        ("", "{s: {text|phrase: \"u ok\"}, condition: s}", true),
        ("", "{s: {text|re: '\\w+ you'}, condition: s}", true),
        ("", "{s: {text|re: '\\d+'}, condition: s}", false),
        ("", "{s: {text|contains: secret}, condition: not s}", false),
        ("", "{s: {text|contains: ab}, t: {sender.age_band: adult}, condition: s and t}", true),
        ("", "{s: {text|contains: ab}, t: {sender.age_band: adult}, condition: s or t}", false),
        ("", "{s: {sender.account_age_days|lt: 3}, condition: s}", true),
        (chat, "{s: {text|contains: ab}, condition: s}", false),
        (payment, "{s: {text|contains: ab}, condition: s}", true),
        ("status: deprecated", "{s: {text|contains: ab}, condition: s}", true),
        ("allow_unanchored: true", "{s: {text|contains: ab}, condition: s}", true),
    ];
    for (head, detection, compiles) in cases {
        let outcome = compile(&rule(head, detection));
        let codes = outcome.map(|_| ()).map_err(|errors| errors[0].code);
        let expected = if compiles { Ok(()) } else { Err(CompileCode::Unanchored) };
        assert_eq!(codes, expected, "{head} {detection}");
    }
}

#[test]
fn errors_of_all_rules_are_reported_at_once() {
    let mut rules = load(&rule("", "{s: {text|contains: ab}, condition: s}"));
    rules.extend(load(&rule("", "{s: {text|contains: secret}, condition: s}")));
    rules.extend(load(&rule("", "{s: {text|re: 'secret\\w{5}'}, condition: s}")));
    let limits = Limits { regex_bytes: 2048, ..Limits::default() };
    let errors = RuleSet::compile(rules, &limits).unwrap_err();
    let found: Vec<_> = errors.iter().map(|error| (error.rule, error.code)).collect();
    assert_eq!(found, [(Some(0), CompileCode::Unanchored), (Some(2), CompileCode::Regex)]);
}

#[test]
fn only_anchors_and_long_lists_are_searched_for() {
    let filter = rule(
        "",
        "{s: {text|contains: keep secret}, f: {room.topic|contains: secret santa}, condition: s and not f}",
    );
    let rules = compile(&filter).unwrap();
    let topic = rules.fields().find("room.topic").unwrap();
    assert!(!rules.plans[usize::from(topic.0)].substring, "a filter's literal costs nothing");
    assert!(rules.stream.is_none(), "a lane that no rule uses is not built");
    let entries: Vec<String> = (0..16).map(|number| format!("santa {number}")).collect();
    let list = rule(
        "",
        &format!(
            "{{s: {{text|contains: keep secret}}, f: {{room.topic|contains: {entries:?}}}, condition: s and not f}}"
        ),
    );
    let rules = compile(&list).unwrap();
    assert!(rules.plans[usize::from(topic.0)].substring, "a list is never tried entry by entry");
}

#[test]
fn equal_tests_are_shared() {
    let one = rule("", "{s: {text|word: secret, sender.age_band: adult}, condition: s}");
    let mut rules = load(&one);
    rules.extend(load(&one));
    assert_eq!(RuleSet::compile(rules, &Limits::default()).unwrap().tests.len(), 2);
}

/// A condition may name a selection as often as it likes.
#[test]
fn a_selection_is_compiled_once() {
    let alternatives: Vec<_> = (0..300).map(|number| format!("{{text|word: secret{number}}}")).collect();
    let condition = vec!["s"; 3000].join(" or ");
    let yaml = rule("", &format!("{{s: [{}], condition: {condition}}}", alternatives.join(", ")));
    let rules = compile(&yaml).unwrap();
    assert_eq!(rules.tests.len(), 300 + 1, "the selection is a test by itself");
    let selected = (0..301).map(|test| rules.selects.of(test).len());
    assert_eq!(selected.sum::<usize>(), 300);
    let Some(Node::Any(parts)) = &rules.conditions[0] else { panic!("not joined by or") };
    assert!(parts.iter().all(|part| matches!(part, Node::Test(TestId(300)))));
}

/// The digests' encoding is stored in flags and windows: a change of these values is a change of version.
#[test]
fn digests_are_pinned() {
    let yaml = rule(
        "level: high\nlogsource: {product: chat, category: message}\nreview: {score: 25, queue: first}",
        "{a: {text|phrase: [keep this, \"don't tell\"]}, b: {text.folded|re: 'add (me|us)'},
  c: {sender.account_age_days|lt: 30, sender.age_band: [adult, ad*]}, d: {room.topic|exists: false},
  condition: (a or b) and c and not d}",
    );
    let rules = compile(&yaml).unwrap();
    let digests = [rules.rule_digest(RuleIndex(0)), rules.digest()].map(|digest| digest.to_string());
    assert_eq!(digests, ["7b4294dcbe058d4c8e7beb581ef1a6c8", "7658c43c7d84b23ee4b395ef89479fb0"]);
}

#[test]
fn digests_know_meaning_not_layout() {
    let base = "{s: {text|word: secret}, condition: s}";
    let digest = |head: &str, detection: &str| compile(&rule(head, detection)).unwrap().digest();
    let same = [
        ("# a comment", "\n  other_name:\n    text|word: secret\n  condition: other_name"),
        ("tests: [{name: n, expect: match, event: {text: secret}}]", base),
    ];
    for (head, detection) in same {
        assert_eq!(digest(head, detection), digest("", base), "{head} {detection}");
    }
    let different = [
        ("level: high", base),
        ("review: {score: 1}", base),
        ("tags: [safety.isolation]", base),
        ("logsource: {product: chat, category: message}", base),
        ("", "{s: {text|word: secrets}, condition: s}"),
        ("", "{s: {text|contains: secret}, condition: s}"),
        ("", "{s: {text.raw|word: secret}, condition: s}"),
    ];
    for (head, detection) in different {
        assert_ne!(digest(head, detection), digest("", base), "{head} {detection}");
    }
    let modifiers = ["phrase", "phrase|fuzzy1", "phrase|fuzzy2", "near3", "near8"];
    let each = modifiers
        .map(|modifier| digest("", &format!("{{s: {{text|{modifier}: send photos}}, condition: s}}")));
    assert!(
        (1..each.len()).all(|at| !each[..at].contains(&each[at])),
        "{modifiers:?} are told apart: {each:?}"
    );
}

#[test]
fn the_order_of_rules_does_not_change_the_set() {
    let one = load(&rule("", "{s: {text|word: secret}, condition: s}"));
    let two = load(&rule("", "{s: {text|word: surprise}, condition: s}"));
    let set = |rules: Vec<Rule>| RuleSet::compile(rules, &Limits::default()).unwrap().digest();
    assert_eq!(set([one.clone(), two.clone()].concat()), set([two, one].concat()));
}

/// `fold(literal)` finds what a raw view matches without regard to case, and what a regular expression
/// matches in the folded view: folding knows no case, and folding what is folded changes nothing.
/// (A class's characters are folded one by one, so the expressions' own idea of case does not matter: it
/// equates `ι` with a mark that folding deletes.)
#[test]
fn folding_is_what_the_literals_rely_on() {
    for character in char::MIN..=char::MAX {
        let folded = fold::fold(&character.to_string());
        assert_eq!(fold::fold(&lower(character).to_string()), folded, "lower case of {character:?}");
        assert_eq!(fold::fold(&folded), folded, "folded {character:?}");
        assert!(!folded.contains('\n'), "the separator of segments in {character:?}");
    }
}

#[test]
fn a_filter_over_texts_makes_no_text_rule() {
    let rule = |condition: &str| {
        format!(
            "title: t\nid: t\ndetection:\n  new: {{sender.account_age_days|lt: 7}}\n  short: {{text|contains: ab}}\n  condition: {condition}\n"
        )
    };
    let compiles = |condition| RuleSet::compile(load(&rule(condition)), &Limits::default()).is_ok();
    assert_eq!(
        ["new and not short", "new", "new and short", "not short"].map(compiles),
        [true, true, false, false]
    );
}
