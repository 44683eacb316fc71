//! The folded view and its spans: tables of cases, and properties over generated texts.

use super::*;
use proptest::prelude::*;

#[test]
fn folding() {
    let cases = [
        ("", ""),
        ("Keep  this\t\na SECRET, ok?", "keep this a secret, ok?"),
        (" a ", " a "),
        ("a\u{0}b\u{7f}c\u{85}d\u{a0}e", "abc d e"),
        ("a \u{200b} b", "a b"),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("ﬁ ﬃ ㎏ ½ …", "fi ffi kg 1/2 ..."),
        ("Ａｂ１！", "ab1!"),
        ("𝓗𝕖𝗹𝚕ₒ ⓗⒺ🄻🅻🅞 ⒣", "hello hello h"),
        ("ᴛᴇxᴛ ɢʀᴇʏ", "text grey"),
        ("đøłħæœþ ıİ", "dolhaeoeth ii"),
        ("z\u{300}\u{316}a\u{34f}l\u{489}g\u{20dd}o", "zalgo"),
        ("Ünïcödé ñ ç", "unicode n c"),
        ("Σίσυφος ΣΊΣΥΦΟΣ", "σισυφοσ σισυφοσ"),
        ("Привет Ёж", "привет еж"),
        ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
        ("가", "\u{1100}\u{1161}"),
        ("हिन्दी ที่", "हिन्दी ที่"),
        ("don’t “x” a–b 5′", "don't \"x\" a-b 5'"),
        ("x\u{fe0f}y\u{e0061}z\u{2063}", "xyz"),
        ("👨\u{200d}👩 🇦🇺", "👨👩 🇦🇺"),
        ("´ ¨", "' ¨"),
    ];
    for (text, folded) in cases {
        assert_eq!(fold(text), folded, "{text:?}");
    }
}

#[test]
fn spans_cover_whole_characters_and_their_deleted_marks() {
    // text, the part of the folded text, what it stands for
    let cases = [
        ("Keep THIS", "this", "THIS"),
        ("keep  this ok", "keep this", "keep  this"),
        ("straße", "s", "s"),
        ("ß", "s", "ß"),
        ("aßb", "sb", "ßb"),
        ("o\u{fb03}ce", "off", "o\u{fb03}"),
        ("o\u{fb03}ce", "ice", "\u{fb03}ce"),
        ("3㎏x", "gx", "㎏x"),
        ("3㎏x", "3k", "3㎏"),
        ("한국", "\u{1161}", "한"),
        ("한국", "\u{11ab}\u{1100}", "한국"),
        ("az\u{300}\u{316}b", "z", "z\u{300}\u{316}"),
        ("za\u{301}", "a", "a\u{301}"),
        ("a\u{200d}b", "a", "a\u{200d}"),
        ("\u{200d}b", "b", "b"),
        ("a\u{301}  b", "a ", "a\u{301} "),
        ("a \u{301} b", " ", " \u{301}"),
        ("é!", "e", "é"),
        ("日本", "本", "本"),
    ];
    for (text, part, original) in cases {
        let folded = fold(text);
        let start = folded.find(part).unwrap();
        let span = original_span(text, start..start + part.len());
        assert_eq!(text.get(span), Some(original), "{part:?} in {text:?}");
    }
}

#[test]
fn spans_outside_the_text_are_clamped() {
    for text in ["abc", "äbc"] {
        let end = text.len();
        assert_eq!(original_span(text, 1..99).end, end);
        assert_eq!(original_span(text, 99..100), end..end);
        assert_eq!(original_span(text, 3..3), end..end);
        assert_eq!(original_span(text, 0..0), 0..0);
    }
    assert_eq!(original_span("äbc", 1..1), 2..2);
    assert_eq!(original_span("", 0..0), 0..0);
}

#[test]
fn folding_into_a_large_enough_buffer_allocates_nothing() {
    let mut out = String::with_capacity(4096);
    let texts = ["Plain Text", "Größe ﷺ 한국 \t\t z\u{300}"];
    let counted = allocation_counter::measure(|| texts.iter().for_each(|text| fold_into(text, &mut out)));
    assert_eq!(counted.count_total, 0);
}

/// Texts of all kinds: any characters, and those that fold in interesting ways.
fn texts() -> impl Strategy<Value = String> {
    let special = prop::sample::select(
        "aAsS  \t\n\u{a0}ßﬃ㎏한가é\u{301}\u{300}\u{200b}\u{200d}ﷺİΣςⓐ’'1️⃣日が\u{3099}ที่🇦\u{0}"
            .chars()
            .collect::<Vec<_>>(),
    );
    let character = prop_oneof![4 => special, 1 => any::<char>()];
    prop::collection::vec(character, 0..24).prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in texts()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn a_literal_in_a_text_is_found_after_folding(before in texts(), literal in texts(), after in texts()) {
        let folded = fold(&format!("{before}{literal}{after}"));
        let literal = fold(&literal);
        prop_assert!(folded.contains(literal.trim_matches(' ')));
    }

    #[test]
    fn what_a_span_covers_folds_to_what_was_matched(text in texts(), start in 0usize..60, length in 1usize..30) {
        let folded = fold(&text);
        let found = folded.get(start..start + length);
        let span = original_span(&text, start..start + length);
        let original = text.get(span.clone());
        prop_assert!(original.is_some(), "{:?} is not on character boundaries", span);
        if let (Some(found), Some(original)) = (found, original) {
            prop_assert!(fold(original).contains(found.trim_matches(' ')));
        }
    }

    #[test]
    fn runs_of_ascii_say_what_the_table_says(text in prop_oneof!["[ -~]{0,40}", "[ -~éß]{0,40}", texts()]) {
        let by_table: String = pieces(&text).fold(String::new(), |mut out, (_, _, piece, _)| {
            piece.push_to(&mut out);
            out
        });
        prop_assert_eq!(fold(&text), by_table);
    }

    #[test]
    fn the_length_of_a_piece_is_what_it_pushes(character in any::<char>()) {
        let mut out = String::new();
        piece(character).push_to(&mut out);
        prop_assert_eq!(piece(character).len(), out.len());
    }
}
