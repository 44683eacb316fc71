//! The fast way into the stream is the slow one; words stand where they are said to stand.

use super::*;
use crate::text::skeleton::Skeleton;
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
    stream.push(text, true);
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

proptest! {
    #[test]
    fn the_stream_is_the_skeletons(
        text in "[ -~\\t\\n\\x00-\\x1f]{0,200}|[a!|$+'l1 ]{0,150}|[a!|+'l1 яé我\u{301}\u{200b}Η😀]{0,60}|.{0,40}",
    ) {
        for reading in Reading::ALL {
            let mut fast = Stream::default();
            fast.push_reading(&text, reading, Script::Own);
            let slow = slow(&text, reading);
            prop_assert_eq!(fast.bytes(), slow.bytes());
            prop_assert_eq!(&fast.words, &slow.words);
            prop_assert_eq!(&fast.ends, &slow.ends);
        }
    }

    #[test]
    fn a_word_has_the_same_bytes_wherever_it_stands(words in prop::collection::vec("[a-z]{1,9}", 1..8)) {
        let together = shown(&pushed(&words.join(" ")));
        let apart: Vec<_> = words.iter().flat_map(|word| shown(&pushed(word))[0].clone()).collect();
        prop_assert_eq!(&together[0], &apart);
    }
}
