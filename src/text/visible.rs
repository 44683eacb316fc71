//! Foreign text as people may be shown it: on a terminal, on a page, in a report.
//!
//! Ids, names, excerpts and words of rules come from elsewhere, and some characters in them are orders rather than writing: a
//! terminal obeys them, or they turn around, break or hide what stands beside them. These are told by their numbers:
//!
//! | characters | what they would do |
//! |---|---|
//! | controls (`Cc`): U+0000–001F, 007F–009F | move the cursor, clear the screen, ring |
//! | U+061C, 200E, 200F; 202A–202E; 2066–2069 | set the direction: marks, embeddings and overrides, isolates |
//! | U+2028, 2029 | end a line or a paragraph |
//! | U+206A–206F | change shapes of letters and digits; long deprecated |
//! | U+FEFF | nothing that is seen: the byte order mark |
//! | U+FFF9–FFFB | hide an annotation, or show one |
//! | U+E0000–E007F | nothing that is seen: tags, which can spell out whole texts |
//!
//! Joiners (U+200C, 200D), variation selectors and the like stay: scripts and emoji need them to be read at all.

use std::fmt::Write as _;

/// The text on one line: ends of lines and tabs are spaces, and what the table above names is told by its number, `‹U+202E›`.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => out.push(' '),
            // Writing to a String cannot fail.
            hidden if is_hidden(hidden) => write!(out, "‹U+{:04X}›", u32::from(hidden)).unwrap_or_default(),
            other => out.push(other),
        }
    }
    out
}

/// Whether a character is of the set above.
fn is_hidden(character: char) -> bool {
    let formats = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    );
    character.is_control() || formats || matches!(character, '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_unseen_is_told_by_its_number() {
        let cases = [
            ("", ""),
            ("a\nb\tc\rd", "a b c d"),
            ("a\u{202e}b\u{2066}", "a‹U+202E›b‹U+2066›"),
            ("\u{1b}[31m\0\u{85}", "‹U+001B›[31m‹U+0000›‹U+0085›"),
            ("one\u{2028}two\u{2029}", "one‹U+2028›two‹U+2029›"),
            ("\u{feff}\u{e0041}", "‹U+FEFF›‹U+E0041›"),
            ("maño 👩\u{200d}🔬 می\u{200c}خواهم ❤\u{fe0f}", "maño 👩\u{200d}🔬 می\u{200c}خواهم ❤\u{fe0f}"),
            ("‹U+202E›", "‹U+202E›"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }

    /// The table, character by character.
    #[test]
    fn the_set_is_the_one_that_is_written_down() {
        let ranges = [
            0..=0x1f,
            0x7f..=0x9f,
            0x61c..=0x61c,
            0x200e..=0x200f,
            0x2028..=0x202e,
            0x2066..=0x206f,
            0xfeff..=0xfeff,
            0xfff9..=0xfffb,
            0xe0000..=0xe007f,
        ];
        for character in '\0'..=char::MAX {
            let expected = ranges.iter().any(|range| range.contains(&u32::from(character)));
            assert_eq!(is_hidden(character), expected, "{:04X}", u32::from(character));
        }
    }

    #[test]
    fn what_is_shown_is_shown_the_same_again() {
        let every: String = ('\0'..='\u{ffff}').chain('\u{e0000}'..='\u{e0100}').collect();
        let once = visible(&every);
        assert!(!once.chars().any(is_hidden));
        assert_eq!(visible(&once), once);
    }
}
