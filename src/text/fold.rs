//! The folded view: one reading of a text in which case, fonts, accents and invisible characters are gone.
//!
//! Each character is replaced by what table T1 says, without regard to its neighbours: lower case,
//! compatibility decomposition (NFKD), marks of script Inherited and ignorable characters dropped, letters in
//! circles and squares and stroked or small-capital Latin letters as plain ones, typographic apostrophes,
//! quotes and hyphens as ASCII; marks that belong to a script (Thai, Devanagari vowel signs) stay. Then white
//! space of any kind and length is one space.
//!
//! Free of context on purpose: if a literal occurs in a text, the folded literal (its spaces trimmed) occurs
//! in the folded text, so literals can be searched after folding once, and a match maps back to the original by
//! folding again up to it. That is why canonical reordering and composition, final sigma and the
//! flags made of regional indicators are left alone.

use super::table::{DATA, PAGES, TEXTS};
use std::ops::Range;

/// What a character becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// One character, perhaps itself.
    Char(char),
    /// Several characters.
    Text(&'static str),
    /// A Hangul syllable's two or three letters; the third is NUL if there are two.
    Jamo([char; 3]),
    /// White space.
    Space,
    /// Nothing.
    Nothing,
}

/// How a character takes part in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Ends a token.
    Separator,
    /// Letter or digit.
    Word,
    /// Combining mark.
    Mark,
    /// Letter of a script without word spaces: a token of its own, with its marks.
    Single,
    /// Dropped inside a token.
    Apostrophe,
    /// Invisible: dropped inside a token.
    Ignorable,
}

/// An entry of the table: the class in the lowest three bits, then whether folding may move the bounds of tokens,
/// the action in the next four, its operand above.
fn entry(character: char) -> u32 {
    let code = character as usize;
    let page = usize::from(PAGES[code >> 7]);
    DATA[page << 7 | code & 127]
}

/// How `character` takes part in tokens.
pub(super) fn class(character: char) -> Class {
    class_of(entry(character))
}

/// How `character` takes part in tokens, what it becomes, and whether what it becomes may bound them elsewhere.
#[inline]
pub(super) fn part(character: char) -> (Class, Piece, bool) {
    let entry = entry(character);
    (class_of(entry), piece_of(character, entry), entry & 8 != 0)
}

#[inline]
fn piece(character: char) -> Piece {
    piece_of(character, entry(character))
}

#[inline]
fn class_of(entry: u32) -> Class {
    match entry & 7 {
        1 => Class::Word,
        2 => Class::Mark,
        3 => Class::Single,
        4 => Class::Apostrophe,
        5 => Class::Ignorable,
        _ => Class::Separator,
    }
}

#[inline]
fn piece_of(character: char, entry: u32) -> Piece {
    if let '\u{ac00}'..='\u{d7a3}' = character {
        return Piece::Jamo(jamo(character));
    }
    let operand = entry >> 8;
    match entry >> 4 & 15 {
        1 => Piece::Char(char::from_u32(operand).unwrap_or(character)),
        2 => {
            let (start, length) = (operand as usize >> 6, operand as usize & 63);
            Piece::Text(TEXTS.get(start..start + length).unwrap_or_default())
        }
        3 => Piece::Nothing,
        4 => Piece::Space,
        _ => Piece::Char(character),
    }
}

/// The letters of a Hangul syllable, by the arithmetic of its code point (Unicode, section 3.12).
fn jamo(syllable: char) -> [char; 3] {
    let index = syllable as u32 - 0xAC00;
    let letter = |base: u32, index: u32| char::from_u32(base + index).unwrap_or(syllable);
    let last = match index % 28 {
        0 => '\0',
        last => letter(0x11A7, last),
    };
    [letter(0x1100, index / 588), letter(0x1161, index % 588 / 28), last]
}

impl Piece {
    fn len(self) -> usize {
        match self {
            Piece::Char(character) => character.len_utf8(),
            Piece::Text(text) => text.len(),
            Piece::Jamo(letters) if letters[2] == '\0' => 6,
            Piece::Jamo(_) => 9,
            Piece::Space => 1,
            Piece::Nothing => 0,
        }
    }

    #[inline]
    pub(super) fn push_to(self, out: &mut String) {
        match self {
            Piece::Char(character) => out.push(character),
            Piece::Text(text) => out.push_str(text),
            Piece::Jamo(letters) => out.extend(letters.into_iter().filter(|letter| *letter != '\0')),
            Piece::Space => out.push(' '),
            Piece::Nothing => {}
        }
    }
}

/// The characters of a text with the byte where each starts and what it becomes. A space after a space (whatever
/// vanished between them) becomes `Nothing` and is told by its flag from what is deleted.
fn pieces(text: &str) -> impl Iterator<Item = (usize, char, Piece, bool)> {
    let mut after_space = false;
    text.char_indices().map(move |(start, character)| match piece(character) {
        Piece::Space if after_space => (start, character, Piece::Nothing, true),
        Piece::Nothing => (start, character, Piece::Nothing, false),
        piece => {
            after_space = piece == Piece::Space;
            (start, character, piece, false)
        }
    })
}

/// Appends the folded reading of `text` to `out`.
///
/// What `out` already holds has no influence. Allocates nothing but `out`'s growth.
pub fn fold_into(text: &str, out: &mut String) {
    out.reserve(text.len());
    if is_plain(text.as_bytes()) {
        return push_lower(text, out);
    }
    let mut after_space = false;
    for character in text.chars() {
        if let '!'..='~' = character {
            out.push(character.to_ascii_lowercase());
            after_space = false;
            continue;
        }
        match piece(character) {
            Piece::Nothing => {}
            Piece::Space if after_space => {}
            piece => {
                after_space = piece == Piece::Space;
                piece.push_to(out);
            }
        }
    }
}

fn push_lower(ascii: &str, out: &mut String) {
    let start = out.len();
    out.push_str(ascii);
    if let Some(tail) = out.get_mut(start..) {
        tail.make_ascii_lowercase();
    }
}

/// The folded reading of `text`.
pub fn fold(text: &str) -> String {
    let mut out = String::new();
    fold_into(text, &mut out);
    out
}

/// Where in `text` the bytes `folded` of its folded reading come from: from the first character that gave one
/// of them to the last, what was deleted right after it included (its marks). A part of an expansion stands for
/// the whole character: half of a folded ß is ß. An empty range is empty there too; what lies beyond the folded
/// reading's end is its end.
pub fn original_span(text: &str, folded: Range<usize>) -> Range<usize> {
    if is_plain(text.as_bytes()) {
        let start = folded.start.min(text.len());
        return start..folded.end.clamp(start, text.len());
    }
    let mut at = 0;
    let mut span: Option<Range<usize>> = None;
    for (start, character, piece, collapsed) in pieces(text) {
        let end = start + character.len_utf8();
        let length = piece.len();
        if let Some(found) = span.as_mut().filter(|_| at >= folded.end) {
            if length > 0 || collapsed {
                break;
            }
            found.end = end;
            continue;
        }
        at += length;
        match &mut span {
            Some(found) => found.end = end,
            None if at > folded.start && folded.is_empty() => return start..start,
            None if at > folded.start => span = Some(start..end),
            None => {}
        }
    }
    span.unwrap_or(text.len()..text.len())
}

/// Printable ASCII without two spaces in a row: folding it is lower-casing it, byte for byte.
///
/// Without early exits, so that the compiler turns both sweeps into vector instructions.
fn is_plain(bytes: &[u8]) -> bool {
    let odd = bytes.iter().fold(0, |odd, byte| odd | u8::from(!(0x20..0x7F).contains(byte)));
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let double =
        pairs.fold(0, |double, (one, next)| double | u8::from(*one == b' ') & u8::from(*next == b' '));
    odd | double == 0
}

#[cfg(test)]
mod tests;
