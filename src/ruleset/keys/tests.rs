//! The keys find what a search of every word finds.

use super::*;
use crate::ruleset::stream::{Depth, Word};
use crate::text::skeleton::Script;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn literal(text: &str, anywhere: bool) -> StreamLiteral {
    let words = StreamLiteral::words(text, Script::Other).unwrap();
    if anywhere { StreamLiteral { words: Vec::new(), ..words } } else { words }
}

fn found(literals: &[StreamLiteral], texts: &[String]) -> BTreeSet<Candidate> {
    let mut stream = Stream::default();
    for text in texts {
        stream.push(text, Depth::Symbols);
    }
    let mut found = Found::default();
    Keys::new(literals).scan(&stream, &mut found);
    assert!(found.candidates().is_sorted_by_key(|candidate| candidate.segment));
    found.candidates().iter().copied().collect()
}

/// Where the words say so, or from any word on.
fn expected(literals: &[StreamLiteral], texts: &[String]) -> BTreeSet<Candidate> {
    let mut all = BTreeSet::new();
    let mut stream = Stream::default();
    for text in texts {
        stream.push(text, Depth::Symbols);
    }
    for (segment, words) in (0..).zip(stream.segments()) {
        for (id, literal) in (0..).zip(literals) {
            let text = |word: &Word| &stream.bytes()[word.start as usize..word.end as usize];
            let own: Vec<_> = literal
                .words
                .iter()
                .map(|word| &literal.bytes[word.start as usize..word.end as usize])
                .collect();
            let as_words =
                words.windows(own.len().max(1)).any(|window| window.iter().map(text).eq(own.iter().copied()));
            let anywhere =
                words.iter().any(|word| stream.bytes()[word.start as usize..].starts_with(&literal.bytes));
            if if own.is_empty() { anywhere } else { as_words } {
                all.insert(Candidate { segment, literal: LiteralId(id) });
            }
        }
    }
    all
}

const WORDS: [&str; 12] =
    ["a", "b", "keep", "keeper", "sentence", "sentences", "resentence", "ключ", "ключик", "aab", "ba", "的"];

fn text(least: usize, most: usize) -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(&WORDS[..]), prop::sample::select(&[" ", " ", ""][..]));
    prop::collection::vec(piece, least..most)
        .prop_map(|pieces| pieces.into_iter().map(|(word, gap)| word.to_owned() + gap).collect())
}

proptest! {
    #[test]
    fn every_literal_is_proposed_where_it_stands(
        literals in prop::collection::vec((text(1, 4), any::<bool>()), 1..12),
        texts in prop::collection::vec(text(0, 20), 0..6),
    ) {
        let literals: Vec<_> = literals.iter().map(|(text, anywhere)| literal(text, *anywhere)).collect();
        let (found, least) = (found(&literals, &texts), expected(&literals, &texts));
        prop_assert!(found.is_superset(&least), "{:?} of {:?}", found, least);
        // A longer word that begins with the last one is let through; nothing else is.
        let anywhere: Vec<_> = literals.iter().map(|one| StreamLiteral { words: Vec::new(), ..one.clone() }).collect();
        prop_assert!(found.is_subset(&expected(&anywhere, &texts)));
    }
}

#[test]
fn only_the_kinds_of_keys_that_are_used_are_formed() {
    let kinds = |literals: &[StreamLiteral]| {
        let Keys { gates, kinds, .. } = Keys::new(literals);
        gates.into_iter().map(|gate| (gate.kind, kinds[gate.behind].to_vec())).collect::<Vec<_>>()
    };
    let head = |length| Kind::Head(Bytes::head(length));
    let phrase = literal("keep this a secret", true);
    let short = literal("met him", true);
    assert_eq!(kinds(&[phrase, short]), [(head(5), vec![head(8), head(5)])]);
    assert_eq!(kinds(&[literal("pads", true)]), [(head(4), vec![head(4)])]);
    assert_eq!(kinds(&[literal("how old", false)]), [(Kind::Pair, vec![Kind::Pair])]);
    assert_eq!(kinds(&[literal("old", false)]), [(Kind::Single, vec![Kind::Single])]);
}

#[test]
fn few_words_pass_for_others_however_alike_they_begin() {
    let letter = |number: u64, place: u32| b'a' + (number / 26_u64.pow(place) % 26) as u8;
    let letters = |number: u64| (0..5).map(move |place| letter(number, place));
    // The letters that tell them apart are the first, the last, or on both sides of what all have in common.
    let word = |number: u64, common: &str, before: usize| -> Vec<u8> {
        letters(number).take(before).chain(common.bytes()).chain(letters(number).skip(before)).collect()
    };
    for (length, common, before) in [(GATE, "", 0), (HEAD, "the", 0), (HEAD, "the", 5), (HEAD, "ing", 2)] {
        let own = |number: u64| Bytes::head(length).key(&word(number, common, before), 0);
        let key = |number: u64| if length > GATE { mixed(own(number)) } else { own(number) };
        // As words are: most begin as others do.
        let of_all = || (0..10_000).map(|number| key(number * 7));
        let bitmap = Bitmap::new(of_all(), 10_000);
        assert!(of_all().all(|key| bitmap.may_hold(key)));
        let passes = |number: &u64| bitmap.may_hold(key(number * 7 + 1));
        let strangers = (0..10_000).filter(passes).count();
        assert!(strangers < 150, "{strangers} of 10,000: {length} bytes, {common}, {before} before it");
    }
}

#[test]
fn literals_are_found_at_every_word_of_a_long_text() {
    // Words that begin or end alike stand at the bounds of what is looked at together, too.
    let words: Vec<String> = (0..800).map(|number| format!("w{}x{}", number % 3, number)).collect();
    let texts = [words.join(" "), "a ".repeat(600), words.concat(), words.join(" a a ")];
    let pairs = words.windows(2).map(|pair| literal(&pair.join(" "), false));
    let singles = words.iter().map(|word| literal(word, false));
    let anywhere = words.windows(2).map(|pair| literal(&pair.concat(), true));
    let short = ["a a", "a a a", "a"].map(|text| literal(text, false));
    let literals: Vec<_> = pairs.chain(singles).chain(anywhere).chain(short).collect();
    let (found, least) = (found(&literals, &texts), expected(&literals, &texts));
    assert!(found.is_superset(&least) && least.len() > 2_000, "{} of {}", found.len(), least.len());
}
