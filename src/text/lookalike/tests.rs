//! What is read for what: tables of cases, and what holds for every character.

use super::super::fold::{Class, class, fold};
use super::*;

/// What a text is read for after folding. What is read for nothing stays.
fn read(text: &str, among_latin: bool) -> String {
    let mut out = String::new();
    for character in fold(text).chars() {
        match lookalike(character).filter(|lookalike| among_latin || !lookalike.latin_only()) {
            Some(lookalike) => out.extend(lookalike.letters().iter().copied().map(char::from)),
            None => out.push(character),
        }
    }
    out
}

fn check(cases: &[(&str, &str)], among_latin: bool) {
    for (text, expected) in cases {
        assert_eq!(read(text, among_latin), *expected, "{text:?}");
    }
}

#[test]
fn read_in_any_text() {
    let cases = [
        // Cyrillic: small letters, and capital ones, which are read as their small ones look.
        ("аеорсухквмтніјѕԁԛԝг", "aeopcyxkbmthijsdqwr"),
        ("АВЕЅІЈКМНОРСТУХ", "abesijkmhopctyx"),
        ("єғһӏәүҳӿзш", "efhleyxx3w"),
        // Greek
        ("αβγδεζηθικνορστυχ", "abydeznoikvopotux"),
        ("ΑΒΕΖΗΙΚΝΟΡΤΥΧ", "abeznikvoptux"),
        ("𝛂𝛃𝛆𝛛", "abed"),
        // Armenian, Cherokee, Lisu, Canadian syllabics, Old Italic
        ("ոսօհցպա", "nuohgww"),
        ("ᎠᎡᎢᎪᎫᎬᎻᏃᏞᏟᏢ", "drtajehzlcp"),
        ("ᏗᏰᎴᏋᎦᎶᏂᎥᏠᏦᏝᎷᏁᎧᎮᎤᏒᏕᏖᏬᏉᏇᎩ", "abdefghijklmnopqrstuvwy"),
        ("ꓢꓰꓚꓣꓰꓔ", "secret"),
        ("ᔕᕼᗩᖇE᙭", "sharex"),
        ("𐌀𐌁𐌂𐌃𐌄𐌐𐌓", "abcdepr"),
        // Latin letters that folding leaves
        ("ƅɤⅎƽƻ", "byf52"),
        // Signs of upside-down capitals
        ("∀⅁˥⅂⅃∩⊥┴⟂⟘⅄", "aglljntttty"),
        // Signs, regional indicators, digits in circles
        ("€¢£¥§∂∆√", "eclysdav"),
        ("×℮∞⊂∑∫∪∩∏", "xeoocesunn"),
        ("⭕❌●△", "oxoa"),
        ("🇸🇭🇴", "sho"),
        ("❶➁⓽⓿", "1290"),
    ];
    check(&cases, false);
}

#[test]
fn read_among_latin_letters_only() {
    let cases = [
        ("ияфбыэюлՏ", "nrobbieions"),
        ("λμξπφψω", "auenoww"),
        ("卂乃匚乇丨山", "abcelw"),
        ("ムノカリ", "aimy"),
        ("ค๔เ๏รย", "adiosu"),
        ("קראשו", "prxwl"),
        ("ه١٥", "olo"),
    ];
    check(&cases, true);
    for (text, _) in cases {
        assert_eq!(read(text, false), fold(text), "{text:?}");
    }
}

#[test]
fn read_for_nothing() {
    let texts = [
        "plain text, 0123456789 @$!|",
        "한국어",
        "😀😉❤💕👍🏽✨★♥",
        "→│─■…«»",
        "\u{301}\u{200d}\u{fe0f}\u{5b4}\u{93f}",
        "।॥、。？",
    ];
    for text in texts {
        assert_eq!(read(text, true), fold(text), "{text:?}");
    }
}

#[test]
fn every_character_is_read_for_ascii_letters_and_digits_or_for_nothing() {
    for character in '\0'..=char::MAX {
        let Some(lookalike) = lookalike(character) else { continue };
        let letters = lookalike.letters();
        assert!((1..=3).contains(&letters.len()), "{character:?}");
        let plain = letters.iter().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
        assert!(plain, "{character:?}");
        assert!(!character.is_ascii(), "{character:?}");
        assert_eq!(fold(character.encode_utf8(&mut [0; 4])), character.to_string());
    }
}

#[test]
fn shapes_that_folding_loses() {
    let cases = [
        // Greek capitals, with accents and in fonts too; the lunate sigma; sigma at the end of a word
        ("ΗΜΝΥ", "hmny"),
        ("ΉἩᾞΎὙϔ", "hhhyyy"),
        ("𝚮𝛭𝜨𝝪", "hmny"),
        ("ΣΩΔ", "eoa"),
        ("𝚺ΏᾨΩ𝞓", "eoooa"),
        ("Ϲϲς𝛓", "cccc"),
        // Coptic, Armenian, Georgian, Cherokee, Deseret, Warang Citi
        ("ⲜⳜԱՅႽᎨ𐐟𑢵", "36u3shao"),
        // Letters that upside-down text takes for turned ones
        ("ɔƆɟƃƂɾԀ", "ccfggjp"),
        // Letters that styles take for others
        ("ßẞþÞǫǪſƷʒ", "bbppqqf33"),
    ];
    for (text, expected) in cases {
        let shapes: String = text.chars().map(|character| shape(character).map_or('.', char::from)).collect();
        assert_eq!(shapes, expected, "{text:?}");
    }
}

#[test]
fn no_shape_but_what_folding_loses() {
    let texts = [
        "plain TEXT, 0123456789 @$!|",
        // Read for their shapes as they are, or for a shape that no reader tells from it
        "ΑΒΕΖΙΚΟΡΤΧΛΞΦαηυνσ",
        "АВЕІЈМНОРСТУХ",
        "ИЛЯЭЮ",
        "ⓗ𝐡𝐈ⅠℐﬁＨＩ０１①₀",
        "ÁÎÖñçøłƗı",
        // Turned letters that folding turns back
        "ɯʍʌɅ",
        // Our own readings are of capitals too
        "ƧᎧᎴᏗҲҜ",
        "한국어ㅇｱאﻩ١∀⅁\u{301}\u{200d}\u{93f}",
    ];
    for text in texts {
        let found: Vec<char> = text.chars().filter(|character| shape(*character).is_some()).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

/// A text in which what no reader tells apart is the same.
fn blurred(text: &str) -> String {
    text.replace(['l', '1'], "i").replace('0', "o")
}

#[test]
fn every_shape_is_a_letter_or_digit_that_a_folded_word_character_is_not_read_for() {
    let mut found = 0;
    for character in '\0'..=char::MAX {
        let Some(letter) = shape(character) else { continue };
        found += 1;
        let text = character.to_string();
        assert!(letter.is_ascii_lowercase() || letter.is_ascii_digit(), "{character:?}");
        assert!(!character.is_ascii() && class(character) == Class::Word, "{character:?}");
        assert_ne!(fold(&text), text, "{character:?}");
        assert_ne!(blurred(&read(&text, true)), blurred(&char::from(letter).to_string()), "{character:?}");
    }
    assert_eq!(found, SHAPES.len(), "the table is in order");
}
