//! Whether a text is disguised: whether it can be read only by undoing more than folding does.
//!
//! Folding undoes what fonts, accents and keyboards bring along, and much of that is innocent. A disguise is one of these:
//!
//! * **mixed scripts**: a word with Latin letters and, among them, a letter of another script that looks like one
//!   (`kеep` with a Cyrillic e). A whole word of another script is a word of that script;
//! * **signs for letters**: in a word of four letters or more, signs among them and no more than half, a digit that looks
//!   like a letter (0 1 3 5 7), `$`, `@` or a sign such as `€` between two letters, at most two in a row (`k33p`, `s€cret`),
//!   `$` before the first of them, or `!` behind a first letter (`k!ck`). 2, 4 and 8 stand for sounds in what everybody writes (`only4u`). Not looked at are
//!   pieces, between blanks, that hold what addresses, emotes and names are written with (`/ \ _ = # :`, a point within, `@`
//!   at the beginning);
//! * **letters apart**: five single letters in a row with the same between them, at least three of them different (`s e c r e t`).
//!
//! Stretched, turned round, misspelt words and sequences of symbols are not looked at: in ordinary chat they are too common,
//! or too costly to tell. The text is read once, and nothing is kept.

use super::fold::{Class, Piece, part};
use super::lookalike::lookalike;

/// So many single letters in a row are no accident, if so many of them are different.
const APART: usize = 5;
const DIFFERENT: usize = 3;

/// Most characters between two letters that stand apart.
const GAP: usize = 3;

/// Fewest letters of a word in which signs stand for some, these included.
const LETTERS: usize = 4;

/// What a character is to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A Latin letter, folded.
    Latin(char),
    /// A letter of another script that looks like this one.
    Alike(char),
    /// Any other letter, or a digit that stands for none.
    Other,
    /// A digit or a sign that may stand for a letter.
    Sign(char),
    /// Drops out of words.
    Inside,
    /// Ends a word.
    Gap,
}

fn kind(character: char) -> Kind {
    let (class, piece, _) = part(character);
    match class {
        Class::Mark | Class::Apostrophe | Class::Ignorable => Kind::Inside,
        Class::Single => Kind::Other,
        Class::Word => letter(piece),
        Class::Separator if matches!(character, '$' | '@' | '!') => Kind::Sign(character),
        Class::Separator if !character.is_ascii() && lookalike(character).is_some() => Kind::Sign(character),
        Class::Separator => Kind::Gap,
    }
}

fn letter(piece: Piece) -> Kind {
    let first = match piece {
        Piece::Char(one) => one,
        Piece::Text(text) => text.chars().next().unwrap_or_default(),
        Piece::Jamo(_) | Piece::Space | Piece::Nothing => return Kind::Other,
    };
    match first {
        'a'..='z' => Kind::Latin(first),
        '0' | '1' | '3' | '5' | '7' => Kind::Sign(first),
        _ => match lookalike(first).and_then(|found| found.letters().first().copied()) {
            Some(letter) if letter.is_ascii_alphabetic() => Kind::Alike(letter.into()),
            _ => Kind::Other,
        },
    }
}

/// True of a text that is disguised.
pub(crate) fn is_disguised(text: &str) -> bool {
    mixes_scripts(text) || text.split_whitespace().any(has_signs) || stands_apart(text)
}

fn mixes_scripts(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let (mut latin, mut alike) = (false, false);
    text.chars().any(|character| {
        match kind(character) {
            Kind::Latin(_) => latin = true,
            Kind::Alike(_) => alike = true,
            Kind::Gap => (latin, alike) = (false, false),
            Kind::Other | Kind::Sign(_) | Kind::Inside => {}
        }
        latin && alike
    })
}

/// Whether a sign stands for a letter in a piece of a text that holds no blank.
fn has_signs(piece: &str) -> bool {
    let point = || piece.trim_end_matches(|sign: char| !sign.is_alphanumeric()).contains('.');
    if piece.starts_with('@') || piece.contains(['/', '\\', '_', '=', '#', ':']) || point() {
        return false;
    }
    let mut word = Word::default();
    piece.chars().any(|character| word.ends_with(kind(character))) || word.is_disguised()
}

/// A word in which signs may stand for letters, as far as it was read.
#[derive(Default)]
struct Word {
    letters: usize,
    /// Signs that are open: no letter has come after them.
    open: usize,
    /// The first of them is a sign that stands for a letter only behind a first letter.
    weak: bool,
    /// A sign stands for a letter.
    signs: usize,
    /// It holds what makes it something else than a word.
    spoilt: bool,
}

impl Word {
    /// Reads on; true if that ends a word that is disguised.
    fn ends_with(&mut self, kind: Kind) -> bool {
        match kind {
            Kind::Inside => {}
            Kind::Latin(_) | Kind::Alike(_) => {
                self.signs += self.open;
                self.spoilt |= self.open > 2 || (self.open > 0 && self.weak && self.letters != 1);
                (self.open, self.weak) = (0, false);
                self.letters += 1;
            }
            Kind::Sign(sign) if self.letters > 0 || sign == '$' => {
                self.open += 1;
                self.weak |= sign == '!';
            }
            Kind::Sign(sign) => self.spoilt |= sign.is_ascii_digit(),
            Kind::Other => self.spoilt = true,
            Kind::Gap => return std::mem::take(self).is_disguised(),
        }
        false
    }

    fn is_disguised(&self) -> bool {
        !self.spoilt && self.signs > 0 && self.letters >= self.signs && self.letters + self.signs >= LETTERS
    }
}

/// Whether single letters stand apart, enough of them in a row.
fn stands_apart(text: &str) -> bool {
    let mut row = Row::default();
    text.chars().any(|character| row.has_enough_with(character)) || row.is_long()
}

/// What stands between two words: how many characters, and the first.
type Gap = (usize, char);

/// A row of letters that stand apart, by gaps that are alike.
#[derive(Default)]
struct Row {
    /// Letters of the word that is open, or was last; more than one is no part of a row.
    word: usize,
    /// What has been read since the last word.
    gap: Gap,
    /// What stands between the letters of the row, if it has two.
    usual: Option<Gap>,
    number: usize,
    /// Which letters there are, as bits.
    seen: u32,
}

impl Row {
    /// Reads on; true if the row is long enough. A letter that a word goes on from is taken out again.
    fn has_enough_with(&mut self, character: char) -> bool {
        match kind(character) {
            Kind::Inside => {}
            Kind::Latin(letter) | Kind::Alike(letter) if self.word == 0 || self.gap.0 > 0 => {
                self.begin(letter);
            }
            Kind::Latin(_) | Kind::Alike(_) | Kind::Other => self.spoil(),
            Kind::Sign(digit) if digit.is_ascii_digit() => self.spoil(),
            Kind::Sign(_) | Kind::Gap => {
                if self.is_long() {
                    return true;
                }
                self.gap = (self.gap.0 + 1, if self.gap.0 == 0 { character } else { self.gap.1 });
            }
        }
        false
    }

    /// A word begins.
    fn begin(&mut self, letter: char) {
        let goes_on = self.word == 1 && self.gap.0 <= GAP && self.usual.is_none_or(|usual| usual == self.gap);
        let (number, seen) = if goes_on { (self.number, self.seen) } else { (0, 0) };
        let usual = Some(self.gap).filter(|_| goes_on);
        let seen = seen | 1 << (u32::from(letter) & 31);
        *self = Row { word: 1, gap: (0, '\0'), usual, number: number + 1, seen };
    }

    /// The word is more than a letter.
    fn spoil(&mut self) {
        *self = Row { word: 2, ..Row::default() };
    }

    fn is_long(&self) -> bool {
        self.word == 1 && self.number >= APART && self.seen.count_ones() as usize >= DIFFERENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ordinary::Sample;

    #[test]
    fn disguises_are_told_from_what_only_looks_odd() {
        let disguised = [
            "k\u{435}ep this",
            "p\u{430}ypal.com/x",
            "k33p this",
            "our s3cret",
            "(s€cret)",
            "m@ke it",
            "$ecret place",
            "k!ck it",
            "s e c r e t",
            "s.e.c.r.e.t",
            "s\ne\nc\nr\ne\nt",
            "s - e - c - r - e - t",
            "Ｋ３ｅｐ ｉｔ",
        ];
        for text in disguised {
            assert!(is_disguised(text), "{text}");
        }
        let plain = [
            "",
            "keep this a secret",
            "KEEP it, naïve señor",
            "ｋｅｅｐ this",
            "это секрет",
            "секрет and a secret",
            "gr8, b4 2moro, only4u, h2o and k8s",
            "50$ or $50, 3 to 5",
            "hello50 1st 10am mp3",
            "wow! omg!look ok!!",
            "me@home.example @fr1end :p0g: xx_d4rk_xx https://example.com/s3cret draft3b.txt",
            "G G",
            "w o w, in the U.S.A. a.k.a. there",
            "a a a a a a",
            "i am in a car",
            "s e c  other  r e t",
            "3f4a5b 5pm3",
            "가나다 東京 สวัสดี",
        ];
        for text in plain {
            assert!(!is_disguised(text), "{text}");
        }
    }

    #[test]
    fn ordinary_chat_is_not_disguised() {
        let sample = Sample::english();
        let odd: Vec<_> = sample.texts.iter().filter(|said| is_disguised(said.text)).collect();
        assert!(odd.len() * 2_000 <= sample.texts.len(), "{} of {}: {odd:?}", odd.len(), sample.texts.len());
    }
}
