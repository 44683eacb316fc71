//! The texts themselves: that every slot and section exists, and that there is enough of each.

use super::*;
use crate::generate::cases::kinds::{Indicator, Kind};
use crate::generate::cases::speech::asked;

#[test]
fn nothing_is_wrong_with_the_texts() {
    let lexicon = Lexicon::new();
    assert!(lexicon.wrong.is_empty(), "{}", lexicon.wrong.join("\n"));
    for topic in asked() {
        assert!(lexicon.has(Tongue::English, topic), "nothing to say about {topic:?}");
    }
}

#[test]
fn slots_and_choices_are_filled() {
    let lexicon = Lexicon::new();
    let mut random = Random::new(1);
    for topic in asked() {
        for _ in 0..200 {
            let mut filled = String::new();
            lexicon.fill((Tongue::English, false), topic, &mut random, &mut |part, _| match part {
                Part::Text(text) => filled.push_str(text),
                Part::Fact(_) => filled.push('1'),
            });
            assert!(!filled.contains(['{', '}', '(', ')', '|', '"', '\\']), "{filled}");
        }
    }
}

#[test]
fn alternatives_nest() {
    assert_eq!(alternatives("a|b(c|d)|"), ["a", "b(c|d)", ""]);
    assert_eq!(alternatives("a | b {c} | "), ["a", "b {c}", ""]);
    assert_eq!(closing("(a(b)c)d"), Some(7));
    assert_eq!(closing("(a"), None);
}

#[test]
fn every_kind_has_what_looks_like_an_indicator() {
    let lexicon = Lexicon::new();
    for kind in Kind::BENIGN {
        assert!(lexicon.likes(kind).len() >= 3, "{kind:?}");
    }
    assert_eq!(Indicator::SAID.len(), 16);
}
