//! Findings and evidence of small rules, in the words of the module's head; and that nothing is allocated.

use super::*;
use crate::event::{Decoder, FieldTable, Mapping};
use crate::rule::list::List;
use crate::rule::{self, Lists, Rule, SourceMap};
use crate::ruleset::Limits;

fn lists() -> Lists {
    let mut lists = Lists::default();
    lists.insert(List::parse("apps", "first\tAppOne\nsecond\tApp Two\nthird\tApp\n").unwrap());
    lists
}

pub(super) fn load(detection: &str) -> Vec<Rule> {
    let mut map = SourceMap::default();
    map.add("rules.yml", &format!("title: t\nid: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02\nname: n\nallow_unanchored: true\ndetection: {detection}\n"));
    let loaded = rule::load(&map, &FieldTable::canonical(), &lists());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.rules
}

pub(super) fn decode(rules: &RuleSet, events: &[&str]) -> Batch {
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let mut batch = Batch::default();
    for (record, event) in (0..).zip(events) {
        decoder.decode(record, event.as_bytes(), &mut batch).unwrap();
    }
    batch
}

/// The evidence on an event as `field view "excerpt" entry`, none if the rule does not fire.
fn shown(detection: &str, event: &str) -> Option<Vec<String>> {
    let rules = RuleSet::compile(load(detection), &Limits::default()).unwrap();
    let batch = decode(&rules, &[event]);
    let mut scratch = Scratch::new();
    let findings = evaluate(&rules, &batch, &mut scratch);
    let show = |one: &Evidence| {
        let value = batch.value(one.value).text().unwrap();
        let excerpt = value.get(one.start as usize..one.end as usize).unwrap();
        let entry = one.entry.map(|entry| format!(" {}", rules.entry(entry).entry)).unwrap_or_default();
        let slips = if one.edits == 0 { String::new() } else { format!(", {} slips", one.edits) };
        format!("{} {} {excerpt:?}{entry}{slips}", rules.fields().path(one.field), one.view)
    };
    findings.iter().next().map(|finding| finding.evidence.iter().map(show).collect())
}

#[test]
fn evidence_is_what_was_written() {
    let cases: &[(&str, &str, Option<&[&str]>)] = &[
        (
            "{s: {text|phrase: keep this a secret}, condition: s}",
            "Keep  this, a SECRET ok",
            Some(&[r#"text raw "Keep  this, a SECRET""#]),
        ),
        (
            "{s: {text|phrase: keep this}, condition: s}",
            "k\u{301}eep\u{301} this\u{301}!",
            Some(&[r#"text folded "k\u{301}eep\u{301} this\u{301}""#]),
        ),
        ("{s: {text|phrase: keep this}, condition: s}", "keepsake this", None),
        (
            "{s: {text|contains: secret}, condition: s}",
            "the secretary, a secret",
            Some(&[r#"text raw "secret""#]),
        ),
        ("{s: {text|contains: strasse}, condition: s}", "in der Straße", Some(&[r#"text folded "Straße""#])),
        ("{s: {text|contains|cased: Secret}, condition: s}", "secret", None),
        ("{s: {text: '*secret*'}, condition: s}", "a secret!", Some(&[r#"text raw "secret""#])),
        ("{s: {text|startswith: 'how '}, condition: s}", "How old", Some(&[r#"text raw "How ""#])),
        ("{s: {text|re: 'add (me|us)'}, condition: s}", "ADD ME", Some(&[r#"text folded "ADD ME""#])),
        ("{s: {text.raw|re: 'add (me|us)'}, condition: s}", "ADD ME", None),
        (
            "{s: {text|contains|all: [old, how]}, condition: s}",
            "how old",
            Some(&[r#"text raw "how""#, r#"text raw "old""#]),
        ),
        ("{s: {text|contains|all: [old, how]}, condition: s}", "how young", None),
        (
            "{a: {text|word: how}, b: {text|word: old}, condition: a or b}",
            "how old",
            Some(&[r#"text raw "how""#, r#"text raw "old""#]),
        ),
        ("{a: {text|word: how}, b: {text|word: old}, condition: a and not b}", "how old", None),
        (
            "{a: {text|word: how}, b: {text|word: old}, condition: a and not b}",
            "how",
            Some(&[r#"text raw "how""#]),
        ),
        ("{a: {text|word: how}, condition: not a}", "what", Some(&[])),
        (
            "{a: {text|word|expand: '%apps%'}, condition: a}",
            "on AppOne or app two",
            Some(&[r#"text raw "AppOne" first"#, r#"text raw "app" third"#, r#"text raw "app two" second"#]),
        ),
        ("{a: {text|phrase: 爱你}, condition: a}", "我爱你们", Some(&[r#"text raw "爱你""#])),
        // Folding parts these vowels in two, of which the first is a mark of the letter before.
        ("{a: {text.folded|phrase: น้ำ}, condition: a}", "น้ำ", Some(&[r#"text folded "น\u{e49}ำ""#])),
        ("{a: {text.folded|word: ນ້ຳ}, condition: a}", "ນ້ຳ", Some(&[r#"text folded "ນ\u{ec9}ຳ""#])),
        ("{a: {text|phrase: ok น้ำ}, condition: a}", "ＯＫ น้ำ", Some(&[r#"text folded "ＯＫ น\u{e49}ำ""#])),
        ("{a: {text|phrase: ok น้ำ}, condition: a}", "ók, น้ำใจ", Some(&[r#"text folded "ók, น\u{e49}ำ""#])),
        ("{s: {text|re: 'niño\\b'}, condition: s}", "un NINO!", Some(&[r#"text folded "NINO""#])),
        ("{s: {text|re: 'niño'}, condition: s}", "NIÑO", Some(&[r#"text folded "NIÑO""#])),
        ("{s: {text.folded|re: 'niño'}, condition: s}", "niño", Some(&[r#"text folded "niño""#])),
        (
            "{s: {text|re: \"don’t  tell\"}, condition: s}",
            "don't tell",
            Some(&[r#"text folded "don't tell""#]),
        ),
        ("{s: {text.raw|re: 'niño'}, condition: s}", "NIÑO", None),
        ("{s: {text.raw|re|i: 'niño'}, condition: s}", "NIÑO", Some(&[r#"text raw "NIÑO""#])),
        ("{s: {type|re: chat}, condition: s}", "x", Some(&[r#"type raw "chat""#])),
        ("{s: {type|re: Chat}, condition: s}", "x", None),
        ("{s: {type|re|i: Chat}, condition: s}", "x", Some(&[r#"type raw "chat""#])),
        ("{s: {type: chat.message}, condition: s}", "x", Some(&[r#"type raw "chat.message""#])),
        ("{s: {room.topic|exists: false}, condition: s}", "x", Some(&[])),
        ("{s: {room.topic: null}, condition: s}", "x", Some(&[])),
    ];
    for (detection, text, expected) in cases {
        let event = serde_json::json!({ "type": "chat.message", "text": text }).to_string();
        let expected = expected.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(shown(detection, &event), expected, "{detection} on {text:?}");
    }
}

/// What follows the mark is a letter of which a byte is that of a separator but for its highest bit.
#[test]
fn a_mark_before_a_letter_of_another_script_is_a_letter() {
    let found =
        shown("{a: {text|phrase: meet in private}, condition: a}", r#"{"text": "lets meet in pr!ݍate"}"#);
    assert_eq!(found, Some(vec![r#"text skeleton "meet in pr!ݍate""#.to_owned()]));
}

#[test]
fn without_slips_a_phrase_has_to_be_spelt_as_it_is() {
    let events = [r#"{"text": "keep thks a secret"}"#, r#"{"text": "k.e.e.p this a secret"}"#];
    for (slips, expected) in [(true, 2), (false, 1)] {
        let limits = Limits { slips, ..Limits::default() };
        let rules =
            RuleSet::compile(load("{s: {text|phrase: keep this a secret}, condition: s}"), &limits).unwrap();
        assert_eq!(evaluate(&rules, &decode(&rules, &events), &mut Scratch::new()).len(), expected);
    }
}

#[test]
fn words_near_each_other_and_words_with_slips() {
    let cases: &[(&str, &str, Option<&[&str]>)] = &[
        ("text|near3: send photo", "ok, photo then SEND it", Some(&[r#"text raw "photo then SEND""#])),
        ("text|near3: send photo", "send a photo, photo", Some(&[r#"text raw "send a photo""#])),
        ("text|near3: send photo", "send it, then one more photo", None),
        (
            "text|near8: send photo",
            "send it, then one more photo",
            Some(&[r#"text raw "send it, then one more photo""#]),
        ),
        ("text|near3: no no", "no, you", None),
        ("text|near3: no no", "no, you no", Some(&[r#"text raw "no, you no""#])),
        ("text|near3: send photo", "phóto! s\u{200b}end", Some(&[r#"text folded "phóto! s\u{200b}end""#])),
        ("text|near3: send photo", "ph0to s3nd", Some(&[r#"text skeleton "ph0to s3nd""#])),
        ("text.raw|near3: send photo", "ph0to s3nd", None),
        (
            "text.raw|near3|cased: Send photo",
            "photo send no or Send photo",
            Some(&[r#"text raw "Send photo""#]),
        ),
        ("text|near3: ab cd", "c d a b", None),
        ("text|word|fuzzy1: photo", "phoot pls", Some(&[r#"text skeleton "phoot", 1 slips"#])),
        ("text|word|fuzzy1: photo", "Photo pls", Some(&[r#"text raw "Photo""#])),
        ("text|word|fuzzy1: photo", "photos", None),
        ("text|word|fuzzy1: photo", "pohot", None),
        ("text|phrase|fuzzy1: tell me", "tel lme", Some(&[r#"text skeleton "tel lme", 1 slips"#])),
        (
            "text|fuzzy2: keep this a secret",
            "so krrp thos a secrey",
            Some(&[r#"text skeleton "krrp thos a secrey", 3 slips"#]),
        ),
        (
            "text|fuzzy2: keep this a secret",
            "kerp thos a secret, kerp this a secret",
            Some(&[r#"text skeleton "kerp this a secret", 1 slips"#]),
        ),
        ("text|fuzzy2: do not tell anyone", "do tell anyone", None),
        ("text|fuzzy2: room 101 please", "room 110 pleese", None),
        (
            "text|fuzzy2: room 101 please",
            "roon 101 pleese",
            Some(&[r#"text skeleton "roon 101 pleese", 2 slips"#]),
        ),
        (
            "text.skeleton|fuzzy2: keep this a secret",
            "kepe thiz a s3cret",
            Some(&[r#"text skeleton "kepe thiz a s3cret", 2 slips"#]),
        ),
    ];
    for (test, text, expected) in cases {
        let event = serde_json::json!({ "text": text }).to_string();
        let expected = expected.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(
            shown(&format!("{{s: {{{test}}}, condition: s}}"), &event),
            expected,
            "{test} on {text:?}"
        );
    }
}

#[test]
fn values_of_other_fields() {
    let cases: &[(&str, &str, Option<&[&str]>)] = &[
        (
            "{s: {sender.account_age_days|lt: 30}, condition: s}",
            r#"{"text":"x","sender":{"account_age_days":3}}"#,
            Some(&[r#"sender.account_age_days raw "3""#]),
        ),
        (
            "{s: {sender.account_age_days|lt: 30}, condition: s}",
            r#"{"text":"x","sender":{"account_age_days":30}}"#,
            None,
        ),
        (
            "{s: {sender.account_age_days|gt: 9007199254740992}, condition: s}",
            r#"{"text":"x","sender":{"account_age_days":9007199254740993}}"#,
            Some(&[r#"sender.account_age_days raw "9007199254740993""#]),
        ),
        (
            "{s: {sender.account_age_days|lt: 2.5}, condition: s}",
            r#"{"text":"x","sender":{"account_age_days":2}}"#,
            Some(&[r#"sender.account_age_days raw "2""#]),
        ),
        (
            "{s: {sender.account_age_days: 42}, condition: s}",
            r#"{"text":"x","sender":{"account_age_days":"42"}}"#,
            Some(&[r#"sender.account_age_days raw "42""#]),
        ),
        (
            "{s: {sender.age_band: ADULT}, condition: s}",
            r#"{"text":"x","sender":{"age_band":"adult"}}"#,
            Some(&[r#"sender.age_band raw "adult""#]),
        ),
        (
            "{s: {tags|startswith: safe}, condition: s}",
            r#"{"text":"x","tags":["un","safety"]}"#,
            Some(&[r#"tags raw "safe""#]),
        ),
        (
            "{s: {session.e2ee: true}, condition: s}",
            r#"{"text":"x","session":{"e2ee":true}}"#,
            Some(&[r#"session.e2ee raw "true""#]),
        ),
    ];
    for (detection, event, expected) in cases {
        let expected = expected.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(shown(detection, event), expected, "{detection} on {event}");
    }
}

#[test]
fn one_folded_space_does_for_two() {
    let cases = [
        (r"text|re: 'add\s+ me'", "ADD   me", Some("ADD   me")),
        (r"text|re: 'kik[\s._-]{2,}name'", "KIK  name", Some("KIK  name")),
        (r"text|re: 'wick(\s|_)(\s|me)'", "WICK  x", Some("WICK ")),
        (r"text|re: 'send\s.pics'", "Send  pics", Some("Send  pics")),
        (r"text.folded|re: 'send\s.pics'", "send  pics", Some("send  pics")),
        (r"text|re: 'add\s.*\sme'", "Add some", None),
    ];
    for (test, event, expected) in cases {
        let event = serde_json::json!({ "text": event }).to_string();
        let expected = expected.map(|text| vec![format!("text folded {text:?}")]);
        assert_eq!(shown(&format!("{{s: {{{test}}}, condition: s}}"), &event), expected, "{test} on {event}");
    }
}

#[test]
fn evidence_is_bounded() {
    let many = "secret".repeat(3) + " and a secret";
    let event = serde_json::json!({ "text": vec![many; 100] }).to_string();
    let found = shown("{s: {text|contains: secret}, condition: s}", &event).unwrap();
    assert_eq!(found.len(), MAX_EVIDENCE);
}

#[test]
fn findings_are_ordered_by_row_then_rule_and_retired_rules_rest() {
    let mut rules = load("{s: {text|contains: secret}, condition: s}");
    rules.extend(load("{s: {text|word: how}, condition: s}"));
    rules.extend(load("{s: {type: chat.message}, condition: s}"));
    let mut retired = load("{s: {type: chat.message}, condition: s}");
    retired[0].status = rule::model::Status::Retired;
    rules.splice(1..1, retired);
    let rules = RuleSet::compile(rules, &Limits::default()).unwrap();
    let batch = decode(&rules, &[r#"{"text":"how, a secret"}"#, r#"{"type":"gift"}"#, r#"{"text":"how"}"#]);
    let mut scratch = Scratch::new();
    let found = evaluate(&rules, &batch, &mut scratch);
    let found: Vec<_> = found.iter().map(|finding| (finding.row, finding.rule.0)).collect();
    assert_eq!(found, [(0, 0), (0, 2), (0, 3), (2, 2), (2, 3)]);
}

/// What is kept of a text is bounded by the rules, however often it repeats what they look for.
#[test]
fn repeats_are_proposed_once() {
    let rule = |number: usize| {
        load(&format!("{{s: {{text|contains: ['hahaha*q{number}', 'ahahah*q{number}']}}, condition: s}}"))
    };
    let rules = RuleSet::compile((0..20).flat_map(rule).collect(), &Limits::default()).unwrap();
    let event = serde_json::json!({ "text": "ha".repeat(20_000) }).to_string();
    let batch = decode(&rules, &[&event, &event]);
    let mut scratch = Scratch::new();
    assert!(evaluate(&rules, &batch, &mut scratch).is_empty());
    assert_eq!(scratch.substring.found.candidates().len(), 2 * 2);
    assert!(scratch.memory.candidates.capacity() < 200, "{}", scratch.memory.candidates.capacity());
}

#[test]
fn nothing_is_allocated_after_warm_up() {
    let mut rules = load(
        "{s: {text|phrase: keep this a secret}, f: {room.topic|contains: santa}, condition: s and not f}",
    );
    rules.extend(load("{s: {text|re: 'add .{0,20} on \\w+'}, condition: s}"));
    rules.extend(load(
        "{s: {text|contains: 爱你}, t: {sender.age_band: [adult, unknown]}, condition: s and t}",
    ));
    rules.extend(load("{s: {text|word|expand: '%apps%'}, condition: s}"));
    rules.extend(load(
        "{s: {text|near3: [me there, send photo]}, t: {text|fuzzy2: keep this secret}, condition: s or t}",
    ));
    let rules = RuleSet::compile(rules, &Limits::default()).unwrap();
    let events: Vec<String> = (0..40)
        .map(|number| {
            let text = [
                "Keep  this a SECRET",
                "add me there on AppOne",
                "我爱你们 k\u{301}eep",
                "kepe thos secert",
                "",
            ][number % 5];
            let text = format!("{number} {text}");
            serde_json::json!({ "text": text, "sender": { "age_band": "Adult" }, "room": { "topic": "x" } })
                .to_string()
        })
        .collect();
    let batch = decode(&rules, &events.iter().map(String::as_str).collect::<Vec<_>>());
    let mut scratch = Scratch::new();
    let expected = evaluate(&rules, &batch, &mut scratch).len();
    assert!(expected >= 30, "{expected}");
    let allocated = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            assert_eq!(evaluate(&rules, &batch, &mut scratch).len(), expected);
        }
    });
    assert_eq!(allocated.count_total, 0);
    let mut profiler = profile::Profiler::new(&rules, || 0);
    let allocated = allocation_counter::measure(|| {
        assert_eq!(evaluate_watched(&rules, &batch, &mut scratch, &mut profiler).len(), expected);
    });
    assert_eq!(allocated.count_total, 0, "watched");
}
