//! What resembles a phrase and is none: the views that see through disguise must not see one there.
//!
//! Kinds of texts from what evades and what does not; `benches/views/benign` measures the same on real conversations.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use wardline::engine::{Scratch, evaluate};
use wardline::event::{Batch, Decoder, FieldTable, Mapping};
use wardline::rule::{self, Lists, SourceMap};
use wardline::ruleset::{Limits, RuleSet};

const PHRASES: [&str; 8] = [
    "keep this a secret",
    "send me a picture",
    "how old are you",
    "do not tell anyone",
    "add me on my other account",
    "huwag mong sabihin",
    "secret",
    "private chat",
];

/// Of each kind some texts.
const HARMLESS: [(&str, &[&str]); 14] = [
    (
        "near misses",
        &[
            "keep this seat",
            "keep this a secretary",
            "keep this as is",
            "how cold are you",
            "how old are your shoes",
            "do tell anyone, not only me",
            "send me a pitcher",
            "send me the picture",
        ],
    ),
    (
        "words within words",
        &["the secretary", "secretion", "secretly", "undersecretary", "upkeep this, a secretariat"],
    ),
    ("letters of other words", &["these cret in", "sec retry", "is ecret", "private chatter"]),
    (
        "Russian",
        &["Держи это в тайне, пожалуйста", "Секрет успеха прост", "Сколько тебе лет", "Не говори никому"],
    ),
    ("Greek", &["Κράτα το μυστικό", "Πόσο χρονών είσαι", "Μην το πεις σε κανέναν"]),
    ("Chinese", &["请保密", "你几岁了", "不要告诉任何人"]),
    ("Arabic", &["كم عمرك", "لا تخبر أحدا", "احتفظ بهذا السر"]),
    ("Thai", &["อย่าบอกใคร", "เก็บเป็นความลับ", "คุณอายุเท่าไหร่"]),
    ("emoji and flags", &["🇸🇪🇨🇷🇪🇹", "🇵🇭🇵🇭🇵🇭", "🅿️🆚🆗", "( ͡° ͜ʖ ͡°)", "¯\\_(ツ)_/¯", "🙂🙃🙂"]),
    (
        "links, hashes and names of files",
        &[
            "https://example.org/secretariat?keep=this&at=5",
            "d41d8cd98f00b204e9800998ecf8427e",
            "U2VjcmV0IFNhbnRhIGlzIG5vdCBoZXJl",
            "keep_this_assecret.txt.bak",
        ],
    ),
    ("numbers", &["53 2 37 1 0", "5-3 2:37", "532371", "$50 $10 +15", "1337 5013"]),
    ("scoreboards", &["5 - 3 | 2 - 3 | 7", "Q1 5 Q2 3 Q3 2 Q4 37"]),
    ("stretched", &["noooo", "sooo goood", "seeecretary", "yesss"]),
    ("apart", &["w o w", "G G", "s o s", "a b c d e f g"]),
];

/// And each phrase in a disguise, so that this test cannot pass by finding nothing.
const DISGUISED: [&str; 8] = [
    "k33p th!s a s e c r e t",
    "sendmeapicture",
    "hοw οld аrе уоu",
    "do not tel anyone",
    "add me on my oother account",
    "nihibas gnom gawuh",
    "ѕеcret",
    "pr1v@te ch4t",
];

/// Which phrases are found in a text.
fn found(rules: &RuleSet, text: &str) -> Vec<usize> {
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let mut batch = Batch::default();
    let event = serde_json::json!({ "text": text }).to_string();
    decoder.decode(0, event.as_bytes(), &mut batch).expect("an event");
    let mut scratch = Scratch::new();
    evaluate(rules, &batch, &mut scratch).iter().map(|finding| finding.rule.0 as usize).collect()
}

fn rules() -> RuleSet {
    let mut map = SourceMap::default();
    for (number, phrase) in PHRASES.iter().enumerate() {
        let detection = format!("detection:\n  s: {{text|phrase: '{phrase}'}}\n  condition: s\n");
        map.add(&format!("{number}.yml"), &format!("title: t\nid: r{number}\n{detection}"));
    }
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    RuleSet::compile(loaded.rules, &Limits::default()).expect("the rules compile")
}

#[test]
fn what_only_resembles_a_phrase_is_not_found() {
    let rules = rules();
    for (kind, texts) in HARMLESS {
        for text in texts {
            assert_eq!(found(&rules, text), [0; 0], "{kind}: {text:?}");
        }
    }
}

#[test]
fn the_same_rules_find_what_is_disguised() {
    let rules = rules();
    for (phrase, text) in DISGUISED.iter().enumerate() {
        assert_eq!(found(&rules, text), [phrase], "{text:?}");
    }
}
