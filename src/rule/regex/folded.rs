//! A regular expression for the folded view: what it becomes when all that it spells out is folded as texts are.
//!
//! Folding maps a text character by character, so it maps an expression too: its literals and small classes
//! character by character, the rest unchanged. `niño[É-Ï]` becomes `nino[ei]`, and what the expression finds
//! in a text, its folded form finds in the folded text. Classes beyond [`MAX_CLASS`] (`\w`, `[^a]`) hold the
//! folded forms of nearly all their characters anyway and are left as they are.
//!
//! What folding drops can only be looked for as it was written: a class, or a repeat, of nothing but such
//! characters is not found here, for it would be found everywhere.

use crate::text::fold;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Literal, Repetition};

/// Largest class, in code points, whose characters are folded one by one.
const MAX_CLASS: usize = 512;
/// The mark that is an iota below its letter, which folding drops, and the letters that an expression's own idea
/// of case equates with it.
const IOTA_BELOW: char = '\u{345}';
const IOTAS: [char; 3] = ['\u{399}', '\u{3b9}', '\u{1fbe}'];

/// The folded form of an expression that was read without regard to case. None if the folded view cannot hold
/// what it looks for.
pub fn folded(hir: &Hir) -> Option<Hir> {
    let folded = of(hir);
    let emptied = folded.properties().minimum_len() == Some(0) && hir.properties().minimum_len() != Some(0);
    (!emptied && !is_never(&folded)).then_some(folded)
}

fn of(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) => of_literal(literal),
        HirKind::Class(Class::Unicode(class)) => of_class(class),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => hir.clone(),
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) => of_repetition(repetition),
        HirKind::Concat(parts) => {
            let parts: Vec<Hir> = parts.iter().map(of).collect();
            if parts.iter().any(is_never) { Hir::fail() } else { joined(Hir::concat(parts)) }
        }
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.iter().map(of).filter(|part| !is_never(part)).collect())
        }
    }
}

/// True for what matches nothing, not even the empty text.
fn is_never(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Class(class) if class.is_empty())
}

fn of_literal(literal: &Literal) -> Hir {
    match std::str::from_utf8(&literal.0) {
        Ok(text) => text_of(&fold::fold(text)),
        Err(_) => Hir::fail(),
    }
}

fn text_of(text: &str) -> Hir {
    Hir::literal(text.as_bytes())
}

fn of_class(class: &ClassUnicode) -> Hir {
    let size: usize = class.ranges().iter().map(ClassUnicodeRange::len).sum();
    if size > MAX_CLASS {
        return Hir::class(Class::Unicode(class.clone()));
    }
    let mut characters: Vec<char> =
        class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect();
    if characters.contains(&IOTA_BELOW) {
        part_iotas(&mut characters);
    }
    let mut pieces: Vec<String> =
        characters.iter().map(|one| fold::fold(one.encode_utf8(&mut [0; 4]))).collect();
    pieces.sort_unstable();
    pieces.dedup();
    if size > 1 && pieces.iter().all(String::is_empty) {
        return Hir::fail();
    }
    let single = pieces.iter().filter_map(|piece| only(piece));
    let single = ClassUnicode::new(single.map(|one| ClassUnicodeRange::new(one, one)));
    // The longest first: nothing at all comes last.
    let others = pieces.iter().rev().filter(|piece| only(piece).is_none()).map(|piece| text_of(piece));
    let single = (!single.ranges().is_empty()).then(|| Hir::class(Class::Unicode(single)));
    Hir::alternation(single.into_iter().chain(others).collect())
}

/// Among other marks the mark was meant, else the letter.
fn part_iotas(characters: &mut Vec<char>) {
    let dropped = |one: &char| fold::fold(one.encode_utf8(&mut [0; 4])).is_empty();
    let marks = characters.iter().any(|one| *one != IOTA_BELOW && dropped(one));
    characters.retain(|one| if marks { !IOTAS.contains(one) } else { *one != IOTA_BELOW });
}

fn only(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

fn of_repetition(repetition: &Repetition) -> Hir {
    let sub = of(&repetition.sub);
    if is_never(&sub) {
        return if repetition.min == 0 { Hir::empty() } else { sub };
    }
    let emptied =
        sub.properties().maximum_len() == Some(0) && repetition.sub.properties().maximum_len() != Some(0);
    if emptied {
        return if repetition.min == 0 { Hir::empty() } else { Hir::fail() };
    }
    let mut folded = Repetition { sub: Box::new(sub), ..repetition.clone() };
    if is_space(&folded.sub) {
        // The folded view has no two in a row.
        folded.min = folded.min.min(1);
    }
    Hir::repetition(folded)
}

/// A concatenation's literals have been joined; white space that met in them is one space.
fn joined(hir: Hir) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) => of_literal(literal),
        HirKind::Concat(parts) if parts.iter().any(|part| spaced(part).is_some()) => {
            Hir::concat(parts.iter().map(|part| spaced(part).unwrap_or_else(|| part.clone())).collect())
        }
        _ => hir,
    }
}

fn spaced(part: &Hir) -> Option<Hir> {
    let HirKind::Literal(literal) = part.kind() else { return None };
    literal.0.windows(2).any(|pair| pair == b"  ").then(|| of_literal(literal))
}

fn is_space(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Literal(literal) if *literal.0 == *b" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::ParserBuilder;

    fn form(source: &str) -> Option<String> {
        let hir = ParserBuilder::new().case_insensitive(true).build().parse(source).unwrap();
        folded(&hir).map(|hir| hir.to_string().replace("(?:", "(").replace("(?-u:", "("))
    }

    #[test]
    fn what_is_spelt_out_is_folded() {
        let cases = [
            ("niño", Some("(nino)")),
            ("NI\u{f1}O", Some("(nino)")),
            ("nin\u{303}o", Some("(nino)")),
            ("don’t", Some("(don't)")),
            ("two  \tspaces", Some("(two spaces)")),
            (r"one \s two", Some("(one two)")),
            (r"one\s{2,}two", Some("((one) +(two))")),
            (r"one\s*two", Some("((one) *(two))")),
            ("straße", Some("(strasse)")),
            ("[éà]", Some("[ae]")),
            ("[ßx]", Some("(x|(ss))")),
            ("[e\u{301}]x", Some("((e|())x)")),
            ("ι", Some("ι")),
            ("(?-i:K)", Some("k")),
            ("[A-Z]", Some("[a-z]")),
            ("\u{200b}{3}", None),
            ("[\u{200b}\u{301}]", None),
            ("a[\u{300}-\u{36f}]{3,}", None),
            ("a|[\u{300}-\u{36f}]{3,}", Some("a")),
            ("x*", Some("x*")),
            ("", Some("()")),
        ];
        for (source, expected) in cases {
            assert_eq!(form(source).as_deref(), expected, "{source}");
        }
    }

    #[test]
    fn large_classes_stay() {
        for source in [r"\w+", "[^a]", r"\p{Lu}", r"(?s).\b$"] {
            let hir = ParserBuilder::new().case_insensitive(true).build().parse(source).unwrap();
            assert_eq!(folded(&hir), Some(hir), "{source}");
        }
    }
}
