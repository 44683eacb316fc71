//! The fast way into the stream is the slow one; words stand where they are said to stand.

use super::*;
use crate::text::skeleton::{Skeleton, tells_sequence};
use proptest::prelude::*;

fn shown(stream: &Stream) -> Vec<Vec<String>> {
    let word = |word: &Word| {
        let bytes = &stream.bytes()[word.start as usize..word.end as usize];
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    stream.segments().map(|words| words.iter().map(word).collect()).collect()
}

fn pushed(text: &str) -> Stream {
    let mut stream = Stream::default();
    stream.push(text, Depth::Sequences);
    stream
}

#[test]
fn readings_of_texts() {
    let cases: &[(&str, &[&[&str]])] = &[
        ("", &[&[]]),
        ("Keep this", &[&["kep", "this"]]),
        ("do oh", &[&["do", "oh"]]),
        ("a a a", &[&["a", "a", "a"]]),
        ("don't tell", &[&["dont", "tei"]]),
        ("s3cr3t wow!", &[&["secret", "wow"]]),
        ("k!ll !! it", &[&["ki", "it"], &["k", "i", "it"]]),
        ("$end", &[&["send"], &["end"]]),
        ("|<eep", &[&["ep"], &["kep"]]),
        ("кeep", &[&["kep"]]),
        ("½ cup", &[&["iz", "cup"], &["i", "z", "cup"]]),
        ("我 ok", &[&["我", "ok"]]),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(&pushed(text)), *expected, "{text:?}");
    }
    assert_eq!(pushed("do oh").bytes(), b"doh\0");
}

/// The stream of a kept skeleton.
fn slow(text: &str, reading: Reading) -> Stream {
    let skeleton = Skeleton::of(text, reading, Script::Own);
    let mut stream = Stream::default();
    let mut writer = Writer { last: None, open: None, stream: &mut stream };
    for word in skeleton.words() {
        for letter in &skeleton.letters()[word.start as usize..word.end as usize] {
            writer.letter(letter.class, letter.written, 0..0);
        }
        writer.close();
    }
    stream.end_segment();
    stream
}

/// The stream of all readings of a text, each read from its beginning.
fn by_readings(text: &str, depth: Depth) -> Stream {
    let mut stream = Stream { form: Form::Bytes, ..Stream::default() };
    let (first, others) = depth.readings();
    let noted = stream.push_reading(text, first, Script::Own);
    for reading in others.iter().filter(|reading| noted.asks_for(**reading)) {
        stream.push_reading(text, *reading, Script::Own);
    }
    if noted.moved {
        stream.push_folded(text);
    }
    stream
}

/// Texts of lengths about those of blocks, of few letters and much between them, with something now and then that is not
/// plain.
fn about_blocks() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        // Of the last, bytes are those of separators, symbols and exclamation marks but for the highest bit.
        &[
            "a", "b", "B", "l", "1", "aa", "'", " ", ".", "\x7f", "{", "  ", " '' ", "!", "$", "я", "ی", "߀",
            "ݍ", "ܘ", "ޅ", "¡",
        ][..],
    );
    let length = prop::sample::select(&[1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200][..]);
    (prop::collection::vec(piece, 0..200), length, 0..200usize).prop_map(|(pieces, length, plain_after)| {
        let is_wanted = |(place, piece): &(usize, &str)| {
            *place < plain_after || (*piece != "!" && *piece != "$" && piece.is_ascii())
        };
        let pieces = pieces.into_iter().enumerate().filter(is_wanted).map(|(_, piece)| piece);
        pieces.collect::<String>().chars().take(length).collect()
    })
}

proptest! {
    #[test]
    fn the_stream_is_the_skeletons_in_every_form(
        text in prop_oneof![
            "[ -~\\t\\n\\x00-\\x1f]{0,200}|[a!|$+'l1 ]{0,150}|[a!|+'l1 яé我\u{301}\u{200b}Η😀ی߀ݍܘޅ¡]{0,60}|.{0,40}",
            about_blocks(),
        ],
    ) {
        for reading in Reading::ALL {
            let slow = slow(&text, reading);
            let expected = Skeleton::default().fill(&text, reading, Script::Own);
            for form in Form::every() {
                let mut fast = Stream { form, ..Stream::default() };
                let noted = fast.push_reading(&text, reading, Script::Own);
                prop_assert_eq!(noted, expected, "{:?}", form);
                prop_assert_eq!(fast.bytes(), slow.bytes(), "{:?}", form);
                prop_assert_eq!(&fast.words, &slow.words, "{:?}", form);
                prop_assert_eq!(&fast.ends, &slow.ends, "{:?}", form);
            }
        }
    }

    // Of an exclamation mark, blocks may look at what follows.
    #[test]
    fn forms_leave_the_same_and_note_the_same(
        texts in prop::collection::vec(about_blocks().prop_map(|text| text.replace('!', "|")), 1..4),
        last in prop::sample::select(&[0, b'a', b'i'][..]),
    ) {
        let left = |form| {
            let mut stream = Stream { form, ..Stream::default() };
            let mut before = Before { last, open: None };
            // A letter before, so that one like it can begin a word there.
            stream.bytes.push(last);
            let plain: Vec<_> = texts.iter().map(|text| stream.push_plain(text.as_bytes(), &mut before)).collect();
            (plain, before, stream.bytes, stream.words)
        };
        for form in Form::every() {
            prop_assert_eq!(left(form), left(Form::Bytes), "{:?}", form);
        }
    }

    #[test]
    fn a_text_is_its_readings_however_much_of_it_is_plain(
        text in prop_oneof![about_blocks(), "[a!'$|( яé\u{301}½Η]{0,90}"],
    ) {
        for depth in [Depth::Plain, Depth::Symbols, Depth::Sequences] {
            let expected = by_readings(&text, depth);
            for form in Form::every() {
                let mut stream = Stream { form, ..Stream::default() };
                stream.push(&text, depth);
                prop_assert_eq!(stream.bytes(), expected.bytes(), "{:?}, {:?}", depth, form);
                prop_assert_eq!(&stream.words, &expected.words, "{:?}, {:?}", depth, form);
                prop_assert_eq!(&stream.ends, &expected.ends, "{:?}, {:?}", depth, form);
            }
        }
    }

    #[test]
    fn noting_what_tells_of_sequences_is_looking_for_it(text in "[a\\[^ я我!|'`({<]{0,100}") {
        let expected = tells_sequence(text.as_bytes());
        for form in Form::every() {
            let mut stream = Stream { form, ..Stream::default() };
            let noted = stream.push_reading(&text, Reading::Symbols, Script::Own);
            prop_assert_eq!(noted.sequences, expected, "{:?}", form);
        }
        let noted = Skeleton::default().fill(&text, Reading::Symbols, Script::Own);
        prop_assert_eq!(noted.sequences, expected);
    }

    #[test]
    fn a_word_has_the_same_bytes_wherever_it_stands(words in prop::collection::vec("[a-z]{1,9}", 1..8)) {
        let together = shown(&pushed(&words.join(" ")));
        let apart: Vec<_> = words.iter().flat_map(|word| shown(&pushed(word))[0].clone()).collect();
        prop_assert_eq!(&together[0], &apart);
    }
}
