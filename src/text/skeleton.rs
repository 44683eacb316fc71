//! The skeleton of a text: the letters that it is read for, and where its words begin and end.
//!
//! Each character is folded (table T1), then taken for the Latin letter that it looks like (table T2, [`super::lookalike`]),
//! then for its class of leet ([`super::leet`]). What is no letter parts words or is dropped, as for tokens
//! ([`super::token`]); symbols that stand for letters are the exception. Whether `!` in `k!ck` is a letter and in `k!c!k`
//! is not cannot be told from the symbol, nor whether a capital eta is an H or an n, so a text has several skeletons, one
//! for each [`Reading`] of it that differs, and a phrase is in the text if it is in one of them.
//!
//! The words of a skeleton are the tokens of the text, but for such symbols, and its letters depend on each folded
//! character alone. So what is found in the raw or folded view is found in the skeleton whose symbols are separators:
//! the one stream of skeletons selects the rules for all views (`ruleset/stream.rs`). There is one exception,
//! [`Script`], which is the same for a whole text.
//!
//! Regional indicators are letters unless they make flags ([`flags`]).

mod byte;
mod flags;
mod kept;

pub(crate) use super::leet::is_telling;
pub(crate) use byte::{Byte, byte, plain_length, tells_sequence};
pub(crate) use kept::{Letter, Skeleton};

use super::fold::{Class, Piece, part};
use super::leet::{self, Symbol};
use super::lookalike::{Lookalike, lookalike, shape};
use std::ops::Range;

/// How what may be taken in several ways is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Reading {
    /// Symbols that may stand for letters do: `$ecret`.
    Symbols,
    /// Symbols are separators, as in the raw and folded views: `s!e!c!r!e!t`.
    Plain,
    /// Symbols are letters, and a letter that has the shape of another is that one: a Greek capital eta is an H.
    Shapes,
    /// Symbols are letters, also several in a row for one letter: `|<eep`.
    Sequences,
}

impl Reading {
    /// All readings, in the order in which a phrase is looked for in them.
    pub(crate) const ALL: [Reading; 4] =
        [Reading::Symbols, Reading::Plain, Reading::Shapes, Reading::Sequences];
}

/// Whether characters that look like Latin letters only by a stretch are taken for them: in a text that is mostly
/// Latin, or mixes Latin letters with others in a word. Elsewhere they are the letters of their language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// As the text itself says.
    Own,
    /// They are.
    Latin,
    /// They are not.
    Other,
}

/// What a text holds that makes other readings of it worth while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "any may be noted with any")]
pub(crate) struct Noted {
    /// A symbol was taken for a letter.
    pub(crate) symbols: bool,
    /// Folding may move the bounds of tokens.
    pub(crate) moved: bool,
    /// A letter has the shape of another.
    pub(crate) shapes: bool,
    /// There is a byte that tells of sequences.
    pub(crate) sequences: bool,
}

impl Noted {
    /// Whether a reading of the text may differ from that of symbols as letters, which has noted this.
    pub(crate) fn asks_for(self, reading: Reading) -> bool {
        match reading {
            Reading::Symbols => true,
            Reading::Plain => self.symbols,
            Reading::Shapes => self.shapes,
            Reading::Sequences => self.sequences,
        }
    }
}

/// What a sink has taken of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Plain {
    /// Number of bytes.
    pub(crate) length: usize,
    /// A word is open after them.
    pub(crate) open: bool,
    /// One of them tells of sequences.
    pub(crate) sequences: bool,
}

/// Takes a skeleton as it is read.
pub(crate) trait Sink {
    /// A letter of the word that is open, or that it opens: its class, what was written after folding, and the bytes of
    /// the text that it comes from.
    fn letter(&mut self, class: char, written: char, source: Range<usize>);
    /// The rest of the text, from a byte on: takes of the letters, digits, apostrophes and separators of ASCII that it begins
    /// with, symbols that no reading takes for letters among them, as many as it likes. `open` says whether a word is open before them.
    fn plain(&mut self, rest: &[u8], at: usize, open: bool) -> Plain;
    /// The letter before covers the text to this byte: a mark on it, or the rest of its character.
    fn extend(&mut self, end: usize);
    /// The word ends.
    fn close(&mut self);
}

/// Reads `text` into `sink`. Every word is closed.
pub(crate) fn read(text: &str, reading: Reading, script: Script, sink: &mut impl Sink) -> Noted {
    read_after(Plain::default(), text, reading, script, sink)
}

/// The same of a text of which the sink has taken the beginning.
pub(crate) fn read_after(
    taken: Plain,
    text: &str,
    reading: Reading,
    script: Script,
    sink: &mut impl Sink,
) -> Noted {
    let mut reader = Reader {
        text,
        reading,
        script,
        sink,
        open: if taken.open { Open::Word } else { Open::No },
        noted: Noted { sequences: taken.sequences, ..Noted::default() },
        ahead: Ahead::default(),
    };
    let mut at = taken.length;
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at = match reader.plain_run(at) {
            0 => reader.step(at, character),
            length => at + length,
        };
    }
    reader.close();
    reader.noted
}

/// The word that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    Word,
    /// A letter of a script without word spaces.
    Single,
}

/// What was looked up ahead, so that a run is looked at once.
#[derive(Debug, Clone, Copy, Default)]
struct Ahead {
    /// Up to where weak symbols are known to be letters, or not.
    weak: (usize, bool),
    /// Up to where regional indicators are known to be letters, or not.
    regional: (usize, bool),
}

struct Reader<'a, S> {
    text: &'a str,
    reading: Reading,
    script: Script,
    sink: &'a mut S,
    open: Open,
    noted: Noted,
    ahead: Ahead,
}

impl<S: Sink> Reader<'_, S> {
    /// Reads what needs no second look, which is nearly everything; returns its length.
    fn plain_run(&mut self, at: usize) -> usize {
        if self.open == Open::Single || self.reading == Reading::Sequences {
            return 0;
        }
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        // Beyond ASCII there is most often no end of it.
        if !rest.first().is_some_and(u8::is_ascii) {
            return 0;
        }
        let plain = self.sink.plain(rest, at, self.open == Open::Word);
        if plain.length > 0 {
            self.open = if plain.open { Open::Word } else { Open::No };
            self.noted.sequences |= plain.sequences;
        }
        plain.length
    }

    /// Reads what stands at a byte; returns the byte after it.
    fn step(&mut self, at: usize, character: char) -> usize {
        if let Some((length, class)) = self.sequence_at(at) {
            self.symbol(class, character, at..at + length);
            return at + length;
        }
        let end = at + character.len_utf8();
        self.noted.sequences |= u8::try_from(character).is_ok_and(is_telling);
        if character.is_ascii_alphanumeric() {
            self.open_word();
            self.ascii(character.to_ascii_lowercase(), at..end);
            return end;
        }
        let (class, piece, moved) = part(character);
        self.noted.moved |= moved;
        match class {
            Class::Word => {
                self.open_word();
                self.word(character, piece, at..end);
            }
            Class::Single => {
                self.close();
                self.open = Open::Single;
                self.piece(piece, at..end);
            }
            Class::Mark if self.open != Open::No => self.mark(piece, at..end),
            Class::Separator => self.separator(character, at..end),
            Class::Mark | Class::Apostrophe | Class::Ignorable => {}
        }
        end
    }

    /// The sequence that stands there, if sequences are read: its bytes and its letter's class.
    fn sequence_at(&self, at: usize) -> Option<(usize, u8)> {
        (self.reading == Reading::Sequences).then(|| leet::sequence(&self.text.as_bytes()[at..])).flatten()
    }

    fn open_word(&mut self) {
        if self.open == Open::Single {
            self.close();
        }
        self.open = Open::Word;
    }

    fn close(&mut self) {
        if self.open != Open::No {
            self.sink.close();
        }
        self.open = Open::No;
    }

    fn word(&mut self, character: char, piece: Piece, source: Range<usize>) {
        // What folding leaves has the shape that it is read for.
        let shape = if piece == Piece::Char(character) { None } else { shape(character) };
        self.noted.shapes |= shape.is_some();
        match shape.filter(|_| self.reading == Reading::Shapes) {
            Some(letter) => self.sink.letter(char::from(leet::class(letter)), character, source),
            None => self.piece(piece, source),
        }
    }

    #[inline]
    fn ascii(&mut self, letter: char, source: Range<usize>) {
        let class = u8::try_from(letter).map_or(letter, |byte| char::from(leet::class(byte)));
        self.sink.letter(class, letter, source);
    }

    fn mark(&mut self, piece: Piece, source: Range<usize>) {
        match piece {
            Piece::Nothing => self.sink.extend(source.end),
            piece => self.piece(piece, source),
        }
    }

    fn piece(&mut self, piece: Piece, source: Range<usize>) {
        match piece {
            Piece::Char(one) => self.folded(one, source),
            Piece::Text(text) => text.chars().for_each(|one| self.folded(one, source.clone())),
            Piece::Jamo(letters) => {
                letters
                    .into_iter()
                    .filter(|one| *one != '\0')
                    .for_each(|one| self.folded(one, source.clone()));
            }
            Piece::Space | Piece::Nothing => {}
        }
    }

    /// A folded character within a word.
    fn folded(&mut self, folded: char, source: Range<usize>) {
        if folded.is_ascii() {
            // An expansion may hold punctuation: the stroke of ½.
            if folded.is_ascii_alphanumeric() {
                self.ascii(folded, source);
            }
            return;
        }
        match self.letters_of(folded) {
            Some(found) => {
                for byte in found.letters() {
                    self.sink.letter(char::from(leet::class(*byte)), folded, source.clone());
                }
            }
            None => self.sink.letter(folded, folded, source),
        }
    }

    /// The Latin letters that a folded character is taken for.
    fn letters_of(&mut self, folded: char) -> Option<Lookalike> {
        let found = lookalike(folded)?;
        if found.latin_only() {
            if self.script == Script::Own {
                self.script = script_of(self.text);
            }
            if self.script == Script::Other {
                return None;
            }
        }
        Some(found)
    }

    fn separator(&mut self, character: char, source: Range<usize>) {
        match self.symbol_at(character, source.start) {
            Some(class) => {
                self.noted.symbols = true;
                if self.reading == Reading::Plain {
                    return self.close();
                }
                self.symbol(class, character, source);
            }
            None => self.close(),
        }
    }

    fn symbol(&mut self, class: u8, written: char, source: Range<usize>) {
        self.open_word();
        self.sink.letter(char::from(class), written, source);
    }

    /// The class of the letter that a symbol is taken for where it stands.
    fn symbol_at(&mut self, character: char, at: usize) -> Option<u8> {
        if flags::is_regional(character) {
            if !self.regional_letters(at) {
                return None;
            }
        } else if let Some(symbol) = symbol(character, self.reading) {
            return (!symbol.weak || self.letter_follows(at)).then_some(symbol.class);
        }
        if character.is_ascii() {
            return None;
        }
        match self.letters_of(character)?.letters() {
            [letter] => Some(leet::class(*letter)),
            _ => None,
        }
    }

    /// Whether weak symbols from there on are followed by a letter of the same word.
    fn letter_follows(&mut self, at: usize) -> bool {
        let (known, answer) = self.ahead.weak;
        if at < known {
            return answer;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        let mut end = self.text.len();
        let mut follows = false;
        for (offset, character) in rest.char_indices() {
            match symbol(character, self.reading) {
                _ if offset > 0 && self.sequence_at(at + offset).is_some() => follows = true,
                Some(Symbol { weak: true, .. }) => continue,
                Some(_) => follows = true,
                None => match part(character).0 {
                    Class::Word => follows = true,
                    Class::Mark | Class::Apostrophe | Class::Ignorable => continue,
                    Class::Single | Class::Separator => {}
                },
            }
            end = at + offset;
            break;
        }
        self.ahead.weak = (end, follows);
        follows
    }

    /// Whether the run of regional indicators that this one is in is letters and not flags.
    fn regional_letters(&mut self, at: usize) -> bool {
        let (known, answer) = self.ahead.regional;
        if at < known {
            return answer;
        }
        let (length, letters) = flags::letters(self.text.get(at..).unwrap_or_default());
        self.ahead.regional = (at + length, letters);
        letters
    }
}

fn symbol(character: char, reading: Reading) -> Option<Symbol> {
    let byte = u8::try_from(character).ok().filter(u8::is_ascii)?;
    if reading == Reading::Sequences { leet::symbol_among_sequences(byte) } else { leet::symbol(byte) }
}

/// Whether a text is mostly Latin, or has a word that mixes Latin letters with others.
fn script_of(text: &str) -> Script {
    let (mut latin, mut others, mut word) = (0, 0, (false, false));
    for character in text.chars() {
        let (class, piece, _) = part(character);
        match class {
            Class::Word | Class::Single if is_latin(piece) => (latin, word.0) = (latin + 1, true),
            Class::Word | Class::Single => (others, word.1) = (others + 1, true),
            Class::Separator => word = (false, false),
            Class::Mark | Class::Apostrophe | Class::Ignorable => {}
        }
        if word == (true, true) {
            return Script::Latin;
        }
    }
    if latin > others { Script::Latin } else { Script::Other }
}

/// Whether a character is folded to an ASCII letter.
fn is_latin(piece: Piece) -> bool {
    match piece {
        Piece::Char(one) => one.is_ascii_alphabetic(),
        Piece::Text(text) => text.starts_with(|one: char| one.is_ascii_alphabetic()),
        Piece::Jamo(_) | Piece::Space | Piece::Nothing => false,
    }
}
