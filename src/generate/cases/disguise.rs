//! Ways in which people hide a word from those who look for it.

use super::habits::slip;
use super::lexicon::Lexicon;
use crate::generate::random::Random;
use std::str::FromStr;

/// How the words of a case are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// Digits and signs for letters: `s3cr3t`.
    Leet,
    /// Letters apart: `s e c r e t`.
    Spaced,
    /// Letters of other scripts that look the same.
    Homoglyph,
    /// Letters of mathematical and other fonts.
    Styled,
    /// Combining marks on the letters.
    Marks,
    /// Letters repeated: `seeecret`.
    Stretched,
    /// Slips, meant or not: `sercet`.
    Typo,
    /// A phrase over several messages.
    Split,
    /// Signs between the letters, some of them invisible: `s.e.c.r.e.t`.
    Separators,
    /// Another way for each word.
    Mixed,
}

impl Style {
    /// All ways.
    pub const ALL: [Style; 10] = [
        Style::Leet,
        Style::Spaced,
        Style::Homoglyph,
        Style::Styled,
        Style::Marks,
        Style::Stretched,
        Style::Typo,
        Style::Split,
        Style::Separators,
        Style::Mixed,
    ];
    /// Those that change a word by itself, which `mixed` draws from.
    const OF_WORDS: [Style; 8] = [
        Style::Leet,
        Style::Spaced,
        Style::Homoglyph,
        Style::Styled,
        Style::Marks,
        Style::Stretched,
        Style::Typo,
        Style::Separators,
    ];

    /// Its name in labels.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 10] = [
            "leet",
            "spaced",
            "homoglyph",
            "styled",
            "marks",
            "stretched",
            "typo",
            "split",
            "separators",
            "mixed",
        ];
        NAMES[self as usize]
    }
}

impl FromStr for Style {
    type Err = String;

    fn from_str(text: &str) -> Result<Style, String> {
        let found = Style::ALL.into_iter().find(|style| style.name() == text);
        found.ok_or_else(|| "no such way to disguise words".to_owned())
    }
}

/// Appends `text` with its telling words disguised; without any, its longest word.
pub(super) fn disguise(style: Style, text: &str, lexicon: &Lexicon, random: &mut Random, out: &mut String) {
    let telling = |word: &str| lexicon.is_key(&plain(word));
    let any = text.split(' ').any(telling);
    let longest = text.split(' ').map(letters).max().unwrap_or(0);
    for (place, word) in text.split(' ').enumerate() {
        if place > 0 {
            out.push(' ');
        }
        let chosen = if any { telling(word) } else { letters(word) == longest };
        if chosen && style != Style::Split {
            write_word(style, word, random, out);
        } else {
            out.push_str(word);
        }
    }
}

/// Disguises the ASCII letters of one word.
fn write_word(style: Style, word: &str, random: &mut Random, out: &mut String) {
    match style {
        Style::Mixed => {
            let style = random.pick(&Style::OF_WORDS);
            write_word(style, word, random, out);
        }
        Style::Leet => replaced(word, leet, random, out),
        Style::Homoglyph => replaced(word, look_alike, random, out),
        Style::Styled => styled(word, random, out),
        Style::Spaced => joined(word, " ", out),
        Style::Separators => {
            let sign = random.pick(&[".", "-", "_", "*", "~", "\u{200b}", "\u{200c}", "\u{ad}", "\u{2060}"]);
            joined(word, sign, out);
        }
        Style::Marks => marked(word, random, out),
        Style::Stretched => stretched(word, random, out),
        Style::Typo => {
            let start = out.len();
            out.push_str(word);
            slip(out, start, random);
        }
        Style::Split => out.push_str(word),
    }
}

/// Most letters by what stands for them, at least one if any can be.
fn replaced(word: &str, by: fn(char, &mut Random) -> Option<char>, random: &mut Random, out: &mut String) {
    let mut owed = true;
    for letter in word.chars() {
        match by(letter.to_ascii_lowercase(), random) {
            Some(sign) if owed || random.percent(60) => {
                owed = false;
                out.push(sign);
            }
            _ => out.push(letter),
        }
    }
}

fn leet(letter: char, random: &mut Random) -> Option<char> {
    Some(match letter {
        'a' => random.pick(&['4', '@']),
        'b' => '8',
        'e' => '3',
        'g' => '9',
        'i' => random.pick(&['1', '!']),
        'l' => '1',
        'o' => '0',
        's' => random.pick(&['5', '$']),
        't' => '7',
        'z' => '2',
        _ => return None,
    })
}

fn look_alike(letter: char, random: &mut Random) -> Option<char> {
    Some(match letter {
        'a' => random.pick(&['а', 'α', 'ɑ']),
        'c' => 'с',
        'd' => 'ԁ',
        'e' => random.pick(&['е', 'ҽ']),
        'h' => 'һ',
        'i' => random.pick(&['і', 'ι', 'ı']),
        'j' => 'ј',
        'k' => 'κ',
        'm' => 'м',
        'n' => 'ո',
        'o' => random.pick(&['о', 'ο', 'օ']),
        'p' => random.pick(&['р', 'ρ']),
        's' => 'ѕ',
        't' => 'т',
        'u' => random.pick(&['υ', 'ս']),
        'v' => 'ν',
        'w' => 'ԝ',
        'x' => 'х',
        'y' => 'у',
        _ => return None,
    })
}

/// One font for the whole word.
fn styled(word: &str, random: &mut Random, out: &mut String) {
    // Where the small letters begin: bold, double-struck, fraktur bold, sans, sans bold, monospace, fullwidth, circled.
    let base: u32 = random.pick(&[0x1d41a, 0x1d552, 0x1d586, 0x1d5ba, 0x1d5ee, 0x1d68a, 0xff41, 0x24d0]);
    for letter in word.chars() {
        let small = letter.to_ascii_lowercase();
        let place = u32::from(small).wrapping_sub(u32::from('a'));
        out.push(if place < 26 { char::from_u32(base + place).unwrap_or(letter) } else { letter });
    }
}

fn marked(word: &str, random: &mut Random, out: &mut String) {
    let mark = random
        .pick(&['\u{301}', '\u{302}', '\u{303}', '\u{308}', '\u{307}', '\u{323}', '\u{332}', '\u{336}']);
    for letter in word.chars() {
        out.push(letter);
        if letter.is_ascii_alphabetic() && random.percent(80) {
            out.push(mark);
        }
    }
}

fn joined(word: &str, sign: &str, out: &mut String) {
    let mut before = false;
    for letter in word.chars() {
        let now = letter.is_ascii_alphanumeric();
        if before && now {
            out.push_str(sign);
        }
        out.push(letter);
        before = now;
    }
}

fn stretched(word: &str, random: &mut Random, out: &mut String) {
    let mut owed = true;
    for letter in word.chars() {
        out.push(letter);
        let vowel = matches!(letter.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u');
        if vowel && (owed || random.percent(35)) {
            owed = false;
            out.extend((0..random.between(2, 5)).map(|_| letter));
        }
    }
}

fn letters(word: &str) -> usize {
    word.bytes().filter(u8::is_ascii_alphabetic).count()
}

/// A word as the list of telling ones has it.
fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
