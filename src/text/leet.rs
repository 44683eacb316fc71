//! Leet: digits, symbols and sequences of symbols that stand for letters.
//!
//! What stands for what is common knowledge, collected from how people write and not from one table: a digit or a
//! symbol stands for the letter that it looks like. `i`, `l`, `1`, `!` and `|` are one class, because each is written for
//! the others; which of them was meant is asked again where a text is compared with a rule
//! ([`super::spelling`]).

/// The class of an ASCII letter or digit in lower case: the letter that it is read for.
pub(super) const fn class(letter: u8) -> u8 {
    match letter {
        b'0' => b'o',
        b'1' | b'l' => b'i',
        b'2' => b'z',
        b'3' => b'e',
        b'4' => b'a',
        b'5' => b's',
        b'6' | b'9' => b'g',
        b'7' => b't',
        b'8' => b'b',
        other => other,
    }
}

/// A symbol that may stand for a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// The letter's class.
    pub(crate) class: u8,
    /// It is a letter only before a letter: elsewhere it mostly is what it looks like (`wow!`).
    pub(crate) weak: bool,
}

/// What an ASCII symbol stands for by itself.
pub(super) const fn symbol(symbol: u8) -> Option<Symbol> {
    match symbol {
        b'@' => Some(Symbol { class: b'a', weak: false }),
        b'$' => Some(Symbol { class: b's', weak: false }),
        b'!' | b'|' => Some(Symbol { class: b'i', weak: true }),
        // Unlike `!`, it hardly ever ends a sentence: `wha+`.
        b'+' => Some(Symbol { class: b't', weak: false }),
        _ => None,
    }
}

/// What a symbol stands for where sequences are read: more than elsewhere, since who writes one sequence writes
/// others too.
pub(super) const fn symbol_among_sequences(byte: u8) -> Option<Symbol> {
    let class = match byte {
        b'(' | b'<' | b'[' | b'{' => b'c',
        b'#' => b'h',
        b'^' => b'a',
        b'&' => b'e',
        other => return symbol(other),
    };
    Some(Symbol { class, weak: true })
}

/// Bytes of which a text holds at least one if it holds a sequence or a symbol that only
/// [`symbol_among_sequences`] knows.
pub(crate) const TELLING: [u8; 10] = *b"|\\([<{#^&`";

/// Whether a byte is one of [`TELLING`].
pub(crate) const fn is_telling(byte: u8) -> bool {
    TELLS[byte as usize]
}

const TELLS: [bool; 256] = {
    let (mut tells, mut at) = ([false; 256], 0);
    while at < TELLING.len() {
        tells[TELLING[at] as usize] = true;
        at += 1;
    }
    tells
};

/// Sequences that stand for a letter.
const SEQUENCES: &[(&str, u8)] = &[
    ("[]\\/[]", b'm'),
    ("|\\/|", b'm'),
    ("/\\/\\", b'm'),
    ("|v|", b'm'),
    ("|V|", b'm'),
    ("\\/\\/", b'w'),
    ("|/\\|", b'w'),
    ("|\\|", b'n'),
    ("/\\/", b'n'),
    ("[\\]", b'n'),
    ("|-|", b'h'),
    ("]-[", b'h'),
    (")-(", b'h'),
    ("}-{", b'h'),
    ("|_|", b'u'),
    ("(_)", b'u'),
    ("[_]", b'u'),
    ("/-\\", b'a'),
    ("/_\\", b'a'),
    ("|=", b'f'),
    ("|\"", b'f'),
    ("|<", b'k'),
    ("|{", b'k'),
    ("|(", b'k'),
    ("|3", b'b'),
    ("|8", b'b'),
    ("|)", b'd'),
    ("|]", b'd'),
    ("|}", b'd'),
    ("[)", b'd'),
    ("|>", b'p'),
    ("|*", b'p'),
    ("|2", b'r'),
    ("|?", b'r'),
    ("|_", b'i'),
    ("_|", b'j'),
    ("()", b'o'),
    ("[]", b'o'),
    ("<>", b'o'),
    ("{}", b'o'),
    ("/\\", b'a'),
    ("\\/", b'v'),
    ("><", b'x'),
    ("}{", b'x'),
    (")(", b'x'),
    ("][", b'i'),
    ("`/", b'y'),
    ("\\|", b'y'),
    ("-|-", b't'),
    ("']['", b't'),
];

/// By byte: whether a sequence begins with it.
static BEGINNING: [bool; 256] = {
    let (mut beginning, mut at) = ([false; 256], 0);
    while at < SEQUENCES.len() {
        beginning[SEQUENCES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    beginning
};

/// The longest sequence that `text` begins with: its bytes, and the class of the letter it stands for.
pub(super) fn sequence(text: &[u8]) -> Option<(usize, u8)> {
    // Nearly no byte begins one.
    if !BEGINNING[usize::from(*text.first()?)] {
        return None;
    }
    // Two bytes are compared without a call, and mostly tell.
    let two = |bytes: &[u8]| bytes.first_chunk::<2>().map(|two| u16::from_le_bytes(*two));
    let first = two(text)?;
    let alike = |sequence: &[u8]| two(sequence) == Some(first) && text.starts_with(sequence);
    let longest = SEQUENCES.iter().filter(|(sequence, _)| alike(sequence.as_bytes()));
    let longest = longest.max_by_key(|(sequence, _)| sequence.len())?;
    Some((longest.0.len(), class(longest.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_its_own_class() {
        for letter in (b'a'..=b'z').chain(b'0'..=b'9') {
            assert_eq!(class(class(letter)), class(letter));
            assert!(class(letter).is_ascii_lowercase());
        }
    }

    #[test]
    fn the_longest_sequence_is_taken() {
        let cases: &[(&str, Option<(usize, u8)>)] = &[
            ("|-|ow", Some((3, b'h'))),
            ("|\\/|e", Some((4, b'm'))),
            ("|<eep", Some((2, b'k'))),
            ("|_ove", Some((2, b'i'))),
            ("|_|p", Some((3, b'u'))),
            ("|", None),
            ("keep", None),
        ];
        for (text, expected) in cases {
            assert_eq!(sequence(text.as_bytes()), *expected, "{text}");
        }
    }

    #[test]
    fn what_only_sequences_know_is_told_by_a_byte() {
        let singles = (0..=127u8).filter(|byte| symbol_among_sequences(*byte) != symbol(*byte));
        assert!(singles.into_iter().all(|byte| TELLING.contains(&byte)));
        for (sequence, _) in SEQUENCES {
            assert!(sequence.bytes().any(|byte| TELLING.contains(&byte)), "{sequence}");
        }
    }
}
