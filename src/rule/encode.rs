//! Values as they may be written elsewhere: with other dashes (`windash`), and in Base64 (`base64`, `base64offset`), where the
//! text may have been UTF-16 before (`wide`, `utf16le`, `utf16be`, `utf16`).
//!
//! Each way of writing becomes a pattern of its own, so that nothing behind the parser knows of any of them. What comes
//! of a value is bounded: five dashes in one text are 3,125 patterns.

use super::model::GlobPart;
use super::value;
use data_encoding::BASE64;

/// What a command line's switch may begin with, and other programs make of it.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// How many dashes of one value may be written otherwise.
pub(super) const MOST_DASHES: u32 = 5;

/// How a text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf16 {
    /// The lower byte first.
    Little,
    /// The higher byte first.
    Big,
    /// The lower byte first, behind a byte order mark.
    Marked,
}

impl Utf16 {
    /// The modifier's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Utf16::Little => "utf16le",
            Utf16::Big => "utf16be",
            Utf16::Marked => "utf16",
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        let mark = (self == Utf16::Marked).then_some(0xfeff);
        let units = mark.into_iter().chain(text.encode_utf16());
        let bytes = |unit: u16| if self == Utf16::Big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        units.flat_map(bytes).collect()
    }
}

/// Where the encoded text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base64 {
    /// It is encoded by itself.
    Whole,
    /// It is a part of what is encoded, so that its letters depend on where it begins there.
    Within,
}

impl Base64 {
    /// The modifier's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Base64::Whole => "base64",
            Base64::Within => "base64offset",
        }
    }

    /// The ways in which the text may be written in Base64; none if it is too short to leave a trace of its own.
    pub(super) fn forms(self, text: &str, utf16: Option<Utf16>) -> Vec<String> {
        let bytes = utf16.map_or_else(|| text.as_bytes().to_vec(), |utf16| utf16.bytes(text));
        match self {
            Base64::Whole => vec![BASE64.encode(&bytes)],
            Base64::Within => {
                (0..3).map(|shift| shifted(&bytes, shift)).filter(|form| !form.is_empty()).collect()
            }
        }
    }
}

/// What `bytes` are in Base64 behind `shift` others, without the letters that what stands beside them has a part in.
fn shifted(bytes: &[u8], shift: usize) -> String {
    let padded = [&[0; 2][..shift], bytes].concat();
    let first = [0, 2, 3][shift];
    // A letter holds six bits: those that lie within the bytes altogether.
    let end = padded.len() * 8 / 6;
    BASE64.encode(&padded).get(first..end).unwrap_or_default().to_owned()
}

/// All ways to write the dashes before words. None if there are too many.
pub(super) fn dashed(parts: &[GlobPart]) -> Option<Vec<Vec<GlobPart>>> {
    let places: Vec<Vec<usize>> = parts.iter().map(dashes).collect();
    let number = u32::try_from(places.iter().map(Vec::len).sum::<usize>()).ok()?;
    if number > MOST_DASHES {
        return None;
    }
    let base = DASHES.len();
    Some((0..base.pow(number)).map(|choice| written(parts, &places, choice)).collect())
}

/// One of the ways, of which `choice` says which by its digits to the base of the number of dashes.
fn written(parts: &[GlobPart], places: &[Vec<usize>], mut choice: usize) -> Vec<GlobPart> {
    let mut dash = || {
        let dash = DASHES[choice % DASHES.len()];
        choice /= DASHES.len();
        dash
    };
    let each = parts.iter().zip(places).map(|(part, places)| match part {
        GlobPart::Literal(text) => {
            let letters =
                text.char_indices().map(|(at, letter)| if places.contains(&at) { dash() } else { letter });
            GlobPart::Literal(letters.collect())
        }
        wildcard => wildcard.clone(),
    });
    each.collect()
}

/// Where a literal has a dash that a word follows and none precedes.
fn dashes(part: &GlobPart) -> Vec<usize> {
    let GlobPart::Literal(text) = part else { return Vec::new() };
    let word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let begins = |at: &usize| {
        let (before, after) = text.split_at(*at);
        !word(before.chars().next_back()) && word(after.chars().nth(1))
    };
    let dashes = text.char_indices().filter(|(_, letter)| DASHES.contains(letter)).map(|(at, _)| at);
    dashes.filter(begins).collect()
}

/// The text of a value without wildcards.
pub(super) fn literal(text: &str) -> Option<String> {
    match value::glob(text).as_slice() {
        [GlobPart::Literal(text)] => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_before_words_are_written_in_every_way() {
        let ways = |text: &str| {
            let ways = dashed(&value::glob(text)).unwrap();
            ways.iter().map(|parts| value::show(parts)).collect::<Vec<_>>()
        };
        assert_eq!(ways("a-b - c/d"), ["‘a-b - c/d’"]);
        assert_eq!(ways(" -x"), ["‘ -x’", "‘ /x’", "‘ –x’", "‘ —x’", "‘ ―x’"]);
        assert_eq!(ways("*/x*")[1], "anything, then ‘/x’, then anything");
        assert_eq!(ways("-a -b").len(), 25);
        assert_eq!(ways("-a -b")[6], "‘/a /b’");
        assert!(dashed(&value::glob("-a -b -c -d -e -f")).is_none());
    }

    #[test]
    fn base64_of_a_part_is_what_the_whole_holds_wherever_it_stands() {
        for text in ["foobar", "http://", "ab", "abc", "é", "-Verb"] {
            for utf16 in [None, Some(Utf16::Little), Some(Utf16::Big)] {
                let forms = Base64::Within.forms(text, utf16);
                let bytes = utf16.map_or_else(|| text.as_bytes().to_vec(), |utf16| utf16.bytes(text));
                for before in 0..9u8 {
                    for after in 0..4 {
                        let whole =
                            [vec![b'x' + before % 3; before.into()], bytes.clone(), vec![0xff; after]]
                                .concat();
                        let whole = BASE64.encode(&whole);
                        let held = forms.iter().any(|form| whole.contains(form.as_str()));
                        assert!(held, "{text} {utf16:?} behind {before} before {after}: {whole} {forms:?}");
                    }
                }
            }
        }
        assert_eq!(Base64::Within.forms("foobar", None), ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]);
    }

    #[test]
    fn utf16_is_as_its_modifiers_say() {
        let of = |utf16: Utf16| utf16.bytes("cé");
        assert_eq!(of(Utf16::Little), [0x63, 0, 0xe9, 0]);
        assert_eq!(of(Utf16::Big), [0, 0x63, 0, 0xe9]);
        assert_eq!(of(Utf16::Marked), [0xff, 0xfe, 0x63, 0, 0xe9, 0]);
        assert_eq!(Base64::Whole.forms("cmd", Some(Utf16::Little)), ["YwBtAGQA"]);
    }
}
