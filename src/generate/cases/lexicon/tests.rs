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

/// Enough templates of every indicator that no rule is measured by a handful of phrases, and so many surface forms of them.
#[test]
fn there_is_enough_to_say() {
    let lexicon = Lexicon::new();
    for stage in Indicator::SAID {
        for (tongue, least) in [(Tongue::English, 25), (Tongue::Tagalog, 12), (Tongue::Cebuano, 12)] {
            let [plain, mixing] = lexicon.templates(tongue, Topic::Stage(stage));
            assert!(plain.len() >= least, "{}: {} of {tongue:?}", stage.name(), plain.len());
            assert!(
                tongue == Tongue::English || mixing.len() >= 3,
                "{}: {tongue:?} mixes little",
                stage.name()
            );
        }
        let forms: f64 = lexicon.templates(Tongue::English, Topic::Stage(stage))[0]
            .iter()
            .map(|sequence| forms(&lexicon, sequence))
            .sum();
        assert!(forms > 300.0, "{}: {forms} forms", stage.name());
    }
}

/// How many texts a template can become, facts left out.
fn forms(lexicon: &Lexicon, sequence: &Sequence) -> f64 {
    let pieces = &lexicon.pieces[sequence.start as usize..sequence.end as usize];
    let of = |piece: &Piece| match piece {
        Piece::Choice(number) => {
            lexicon.choices[*number as usize].iter().map(|sequence| forms(lexicon, sequence)).sum()
        }
        Piece::Text(_) => 1.0,
        // An app of six, a service of five, an age of seven; of numbers there are more.
        Piece::Fact(_) => 5.0,
    };
    pieces.iter().map(of).product()
}
