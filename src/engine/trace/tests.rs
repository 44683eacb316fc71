//! Parts of a condition over a few events: whether each holds and why.

use super::*;
use crate::event::{Decoder, FieldTable, Mapping};
use crate::rule::{self, Lists, SourceMap};

const RULE: &str = "
title: Asks to keep it secret
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02
name: ask_secret
logsource: {product: chat, category: message}
detection:
  phrases:
    text|phrase: [keep this a secret, do not tell anyone]
  people:
    - sender.age_band: adult
      recipient.account_age_days|lt: 30
    - recipient.age_band: under13
  game:
    room.topic|contains: secret santa
  condition: phrases and people and not game
";

fn rule(text: &str) -> Rule {
    let mut map = SourceMap::default();
    map.add("rule.yml", text);
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.rules.into_iter().next().unwrap()
}

/// A part on one line: `+` holds, `-` does not.
fn shown(part: &Part<'_>) -> String {
    let each = |parts: &[Part<'_>]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
    let sign = if part.holds { '+' } else { '-' };
    match &part.kind {
        Kind::All(parts) => format!("{sign}all({})", each(parts)),
        Kind::Any(parts) => format!("{sign}any({})", each(parts)),
        Kind::Not(inner) => format!("{sign}not({})", shown(inner)),
        Kind::Selection(name, inner) => format!("{name}: {}", shown(inner)),
        Kind::Test(test, reason) => format!("{sign}{}{}", test.field, found(reason)),
    }
}

fn found(reason: &Reason<'_>) -> String {
    let found = reason.found.iter().map(|found| format!("[{} {:?}]", found.view, found.span));
    let near =
        reason.near.iter().map(|near| format!("[{} of {}, {}]", near.together, near.words, near.present));
    found.chain(near).collect()
}

#[test]
fn every_part_says_whether_it_holds_and_why() {
    // event, looks, fires, the condition
    let cases = [
        (
            r#"{"text":"KEEP this a secret!","sender":{"age_band":"adult"},"recipient":{"account_age_days":3}}"#,
            (true, true),
            "+all(phrases: +text[raw 0..18] people: +any(+all(+sender.age_band[raw 0..5] \
             +recipient.account_age_days[raw 0..1]) -recipient.age_band) +not(game: -room.topic))",
        ),
        (
            r#"{"text":"keep this between us, do tell","recipient":{"age_band":"under13"},"room":{"topic":"Secret Santa"}}"#,
            (true, false),
            "-all(phrases: -text[2 of 4, 2][1 of 4, 2] people: +any(-all(-sender.age_band \
             -recipient.account_age_days) +recipient.age_band[raw 0..7]) -not(game: +room.topic[raw 0..12]))",
        ),
        (
            r#"{"type":"gift","text":"keep this a secret","recipient":{"age_band":"under13"}}"#,
            (false, false),
            "+all(phrases: +text[raw 0..18] people: +any(-all(-sender.age_band \
             -recipient.account_age_days) +recipient.age_band[raw 0..7]) +not(game: -room.topic))",
        ),
    ];
    let tracer = Tracer::new(&rule(RULE), &Limits::default()).unwrap();
    let decoder = Decoder::new(tracer.fields(), &Mapping::canonical(), None);
    for (event, (looks, fires), expected) in cases {
        let mut batch = Batch::default();
        // Another event before it, whose findings are not its own.
        decoder.decode(0, br#"{"text":"do not tell anyone"}"#, &mut batch).unwrap();
        decoder.decode(1, event.as_bytes(), &mut batch).unwrap();
        let trace = tracer.trace(&batch, 1);
        assert_eq!((trace.looks, trace.fires), (looks, fires), "{event}");
        assert_eq!(shown(&trace.condition), expected, "{event}");
    }
}

/// The condition of a rule that is one selection, on a text.
fn of_text(demand: &str, text: &str) -> String {
    let yaml = RULE.split("detection:").next().unwrap().to_owned();
    let yaml = yaml + "allow_unanchored: true\ndetection:\n  s: {" + demand + "}\n  condition: s\n";
    let tracer = Tracer::new(&rule(&yaml), &Limits::default()).unwrap();
    let decoder = Decoder::new(tracer.fields(), &Mapping::canonical(), None);
    let mut batch = Batch::default();
    decoder.decode(0, serde_json::json!({"text": text}).to_string().as_bytes(), &mut batch).unwrap();
    shown(&tracer.trace(&batch, 0).condition)
}

#[test]
fn of_texts_that_must_all_be_there_each_is_told() {
    let test = "text|phrase|all: [how old, keep this a secret]";
    assert_eq!(of_text(test, "how old is he"), "s: -all(+text[raw 0..7] -text)");
    assert_eq!(of_text(test, "a secret"), "s: -all(-text -text[2 of 4, 2])");
}

#[test]
fn nearness_is_told_only_in_the_reading_that_is_searched() {
    assert_eq!(of_text("text|phrase: keep this", "keep it"), "s: -text[1 of 2, 1]");
    assert_eq!(of_text("text|phrase|cased: Keep This", "keep this"), "s: -text");
    assert_eq!(of_text("text.raw|word: café", "cafe"), "s: -text");
    assert_eq!(of_text("text|near3: send a photo", "a photo of it, please send"), "s: -text[2 of 3, 3]");
}

#[test]
fn a_rule_that_is_retired_is_told_about_and_does_not_fire() {
    let retired = RULE.replace("logsource:", "status: deprecated\nlogsource:");
    let retired = retired.split("detection:").next().unwrap().to_owned();
    let retired = retired + "detection: {s: {text|re: '.'}, condition: s}\n";
    let tracer = Tracer::new(&rule(&retired), &Limits::default()).unwrap();
    let decoder = Decoder::new(tracer.fields(), &Mapping::canonical(), None);
    let mut batch = Batch::default();
    decoder.decode(0, br#"{"text":"x"}"#, &mut batch).unwrap();
    let trace = tracer.trace(&batch, 0);
    assert!(!trace.fires && trace.condition.holds);
}
