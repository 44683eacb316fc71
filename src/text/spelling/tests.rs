//! Which texts spell a phrase, in which view, and where.

use super::*;
use crate::text::View;

/// The first coarse view that holds the phrase, in the reading of symbols as letters, and what it covers.
fn found<'t>(phrase: &str, text: &'t str, index: Index) -> Option<(View, &'t str)> {
    let spelling = Spelling::new(phrase, Script::Other)?;
    let mut spelt = Spelt::of(text, Reading::Symbols, Script::Own);
    // A text that was searched often is searched by another way.
    spelt.index = index;
    let words = spelling.find_words(&mut spelt).map(|letters| (View::Skeleton, letters));
    let (view, letters) =
        words.or_else(|| spelling.find_letters(&mut spelt).map(|letters| (View::Squashed, letters)))?;
    Some((view, text.get(spelt.skeleton().source(letters))?))
}

#[test]
fn readings_are_told_by_their_place() {
    assert!(Reading::ALL.into_iter().map(|reading| reading as usize).eq(0..Reading::ALL.len()));
}

#[test]
fn phrases_and_texts() {
    use View::{Skeleton, Squashed};
    let cases = [
        ("keep this", "so k33p th!s ok", Some((Skeleton, "k33p th!s"))),
        ("keep this", "kеep\u{301} this\u{301}!", Some((Skeleton, "kеep\u{301} this\u{301}"))),
        ("keep this", "k e e p t h i s", Some((Squashed, "k e e p t h i s"))),
        ("keep this", "#keepthis", Some((Squashed, "keepthis"))),
        ("keep this", "kee pthis, ok", Some((Squashed, "kee pthis"))),
        ("keep this", "upkeep this", None),
        ("keep this", "keep thistle", None),
        // Runs: as long, or three and more, or twice doubled.
        ("keep this", "keeeep thissss", Some((Skeleton, "keeeep thissss"))),
        ("keep this", "keep thiss", None),
        ("keep this", "keep tthiss", Some((Skeleton, "keep tthiss"))),
        ("keep this", "kep this", None),
        ("met him", "meet him", None),
        ("met him", "meet himm", Some((Skeleton, "meet himm"))),
        // Runs go on across words.
        ("this secret", "thisecret", None),
        ("this secret", "thissecret", Some((Squashed, "thissecret"))),
        ("do ohs", "dooooohs", Some((Squashed, "dooooohs"))),
        // What was written within a class.
        ("ilang", "liang", None),
        ("ilang", "llang", Some((Skeleton, "llang"))),
        ("ilang", "1lang", Some((Skeleton, "1lang"))),
        ("so is", "50 15", None),
        ("so is", "s0 15", None),
        ("so is", "s0 1s", Some((Skeleton, "s0 1s"))),
        ("so cute", "50 cute puppies", None),
        ("just so cute", "just 50 cute", Some((Skeleton, "just 50 cute"))),
        ("so cute", "5 0 c u t 3", Some((Squashed, "5 0 c u t 3"))),
        ("room 101", "room 101", Some((Skeleton, "room 101"))),
        ("room 101", "room 101", Some((Skeleton, "room 101"))),
        ("room 101", "room ioi", None),
        ("room 101", "r00m 101", Some((Skeleton, "r00m 101"))),
        // The shortest, the leftmost.
        ("aaa", "a a a a a", Some((Squashed, "a a a"))),
        ("keep it", "keep keep it", Some((Skeleton, "keep it"))),
        ("ab", "a a b", Some((Squashed, "a b"))),
    ];
    for (phrase, text, expected) in cases {
        for (index, way) in Index::either_way().into_iter().zip(["plain", "indexed"]) {
            assert_eq!(found(phrase, text, index), expected, "{phrase:?} in {text:?}, {way}");
        }
    }
}

#[test]
fn backwards_and_upside_down() {
    let classes = |spelling: Option<Spelling>| spelling.map(|one| one.squeezed().collect::<String>());
    let phrase = Spelling::new("do keep band", Script::Other).unwrap();
    assert_eq!(classes(phrase.reversed()).as_deref(), Some("dnabpekod"));
    assert_eq!(classes(phrase.words_reversed()).as_deref(), Some("odpekdnab"));
    assert_eq!(classes(phrase.turned()).as_deref(), Some("pokedqaup"));
    assert_eq!(classes(phrase.flipped()).as_deref(), Some("puaqdekop"));
    let phrase = Spelling::new("quit my move", Script::Other).unwrap();
    assert_eq!(classes(phrase.capitals_flipped()).as_deref(), Some("evowywtinq"));
    assert_eq!(classes(phrase.some_capitals_flipped()).as_deref(), Some("eaowywtinb"));
}

/// Texts of a megabyte that tempt a search to begin again at every letter.
#[test]
fn hostile_texts_take_no_longer() {
    let phrases = ["aaaaaaa", "iiiiiiip", "il il il p", "ababababac"];
    let texts = [
        "a".repeat(1 << 20),
        "l ".repeat(1 << 19) + "p",
        "i l ".repeat(1 << 18) + "p",
        "ab ".repeat(1 << 18),
    ];
    for text in &texts {
        let mut spelt = Spelt::of(text, Reading::Symbols, Script::Own);
        for phrase in phrases {
            let spelling = Spelling::new(phrase, Script::Other).unwrap();
            // Quadratic work would take hours.
            assert!(spelling.find_words(&mut spelt).is_none_or(|found| !found.is_empty()));
            assert!(spelling.find_letters(&mut spelt).is_none_or(|found| !found.is_empty()));
        }
    }
}
