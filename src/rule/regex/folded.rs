//! A regular expression for the folded view: what it becomes when all that it spells out is folded as texts are.
//!
//! Folding maps a text character by character, so it maps an expression too: its literals and small classes
//! character by character, the rest unchanged. `niño[É-Ï]` becomes `nino[ei]`, and what the expression finds
//! in a text, its folded form finds in the folded text. Classes beyond [`MAX_CLASS`] (`\w`, `[^a]`) hold the
//! folded forms of nearly all their characters anyway and are left as they are.
//!
//! The folded view has no two spaces in a row. Where an expression may ask for two, one of them may be missing from
//! its folded form: `add\s+ me` becomes `add * me`, and `send\s.pics` becomes `send .?pics`. So the form may find a
//! little more than what was written. It finds less only where characters are counted: of what a repeat such as `.{9}`
//! asks for, one and no more may be a space that folding left out, for else any space would be nine characters.
//!
//! What folding drops can only be looked for as it was written: a class, or a repeat, of nothing but such
//! characters is not found here, for it would be found everywhere.

use crate::text::fold;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Literal, Repetition};
use std::iter;

/// Largest class, in code points, whose characters are folded one by one.
const MAX_CLASS: usize = 512;
/// How many parts that may all be empty can stand between two that share a space.
const MAX_APART: usize = 100;
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
            if parts.iter().any(is_never) { Hir::fail() } else { met(&Hir::concat(parts)) }
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
    let (before, after) = (edge(&sub, Side::Start), edge(&sub, Side::End));
    let mut folded = Repetition { sub: Box::new(sub), ..repetition.clone() };
    if is_space(&folded.sub) {
        folded.min = folded.min.min(1);
    } else if before != Edge::Never && after != Edge::Never && folded.max != Some(1) {
        let eased = eased(&folded.sub);
        if is_nullable(&eased) {
            folded.min = if folded.min > 1 { folded.min - 1 } else { folded.min };
        } else {
            *folded.sub = eased;
        }
    }
    Hir::repetition(folded)
}

fn is_space(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Literal(literal) if *literal.0 == *b" ")
}

/// True for a space, repeated or not.
fn is_spaces(hir: &Hir) -> bool {
    is_space(hir) || matches!(hir.kind(), HirKind::Repetition(repetition) if is_space(&repetition.sub))
}

fn is_nullable(hir: &Hir) -> bool {
    hir.properties().minimum_len() == Some(0)
}

fn optional(hir: Hir) -> Hir {
    Hir::repetition(match hir.kind() {
        HirKind::Repetition(repetition) if repetition.min == 1 => Repetition { min: 0, ..repetition.clone() },
        _ => Repetition { min: 0, max: Some(1), greedy: true, sub: Box::new(hir) },
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Start,
    End,
}

/// Whether what an expression finds can have a space at a side without which it would not be found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Never,
    /// Only where the space is all that is found.
    Alone,
    Longer,
}

fn edge(hir: &Hir, side: Side) -> Edge {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Edge::Never,
        HirKind::Literal(literal) => match (&*literal.0, side) {
            (b" ", _) => Edge::Alone,
            ([b' ', ..], Side::Start) | ([.., b' '], Side::End) => Edge::Longer,
            _ => Edge::Never,
        },
        HirKind::Class(class) => {
            if holds_space(class) {
                Edge::Alone
            } else {
                Edge::Never
            }
        }
        HirKind::Repetition(repetition) => match edge(&repetition.sub, side) {
            // One fewer will do; of a counted repeat one was taken off.
            Edge::Alone if repetition.min != 1 => Edge::Never,
            edge => edge,
        },
        HirKind::Capture(capture) => edge(&capture.sub, side),
        HirKind::Alternation(parts) => parts.iter().map(|part| edge(part, side)).max().unwrap_or(Edge::Never),
        HirKind::Concat(parts) if side == Side::Start => edge_of(parts.iter(), side),
        HirKind::Concat(parts) => edge_of(parts.iter().rev(), side),
    }
}

/// The edge of parts in a row, that at the edge first.
fn edge_of<'a>(mut parts: impl ExactSizeIterator<Item = &'a Hir>, side: Side) -> Edge {
    let mut found = Edge::Never;
    while let Some(part) = parts.next() {
        found = found.max(match edge(part, side) {
            Edge::Alone if parts.len() > 0 => Edge::Longer,
            edge => edge,
        });
        if !is_nullable(part) {
            break;
        }
    }
    found
}

fn holds_space(class: &Class) -> bool {
    match class {
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&' ')),
        Class::Bytes(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&b' ')),
    }
}

/// The expression, which also finds what it found without the space at its end.
fn eased(hir: &Hir) -> Hir {
    match (hir.kind(), edge(hir, Side::End)) {
        (_, Edge::Never) => hir.clone(),
        (HirKind::Literal(literal), Edge::Longer) => {
            let (text, space) = literal.0.split_at(literal.0.len() - 1);
            Hir::concat(vec![Hir::literal(text), optional(Hir::literal(space))])
        }
        (HirKind::Repetition(repetition), Edge::Longer) => {
            Hir::repetition(Repetition { sub: Box::new(eased(&repetition.sub)), ..repetition.clone() })
        }
        (HirKind::Alternation(parts), _) => Hir::alternation(parts.iter().map(eased).collect()),
        (HirKind::Concat(parts), _) => {
            let mut parts = parts.clone();
            for part in parts.iter_mut().rev() {
                let was_nullable = is_nullable(part);
                *part = eased(part);
                if !was_nullable {
                    break;
                }
            }
            Hir::concat(parts)
        }
        _ => optional(hir.clone()),
    }
}

/// A concatenation, in which one space does for two that met.
fn met(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) => of_literal(literal),
        HirKind::Concat(parts) => {
            let mut out = Vec::new();
            parts.iter().flat_map(spaces_apart).for_each(|part| meet(&mut out, part));
            Hir::concat(out)
        }
        _ => hir.clone(),
    }
}

/// A literal's inner text and the spaces around it; any other part as it is.
fn spaces_apart(part: &Hir) -> Vec<Hir> {
    let HirKind::Literal(literal) = part.kind() else { return vec![part.clone()] };
    let text = String::from_utf8_lossy(&literal.0);
    let text = fold::fold(&text);
    let inner = text.trim_matches(' ');
    let start = text.starts_with(' ').then_some(" ");
    let end = (text.ends_with(' ') && !inner.is_empty()).then_some(" ");
    start.into_iter().chain(iter::once(inner)).chain(end).map(text_of).collect()
}

/// Appends a part. If it may begin with a space, parts before it that may end in one can do without.
fn meet(out: &mut Vec<Hir>, mut next: Hir) {
    let start = edge(&next, Side::Start);
    let nearest = out.len().saturating_sub(MAX_APART);
    let places = if start == Edge::Never { 0..0 } else { nearest..out.len() };
    for place in places.rev() {
        let Some(before) = out.get(place) else { break };
        let between = out.get(place + 1..).unwrap_or_default();
        match edge(before, Side::End) {
            Edge::Never => {}
            // Of a space and what may be another character, the space stays.
            Edge::Alone
                if is_spaces(before)
                    && start == Edge::Alone
                    && !is_spaces(&next)
                    && between.iter().all(|part| part.properties().maximum_len().is_some()) =>
            {
                next = optional(next);
                break;
            }
            Edge::Alone => {
                let parts = out.split_off(place);
                out.push(optional(Hir::concat(parts)));
            }
            Edge::Longer => {
                let eased = eased(before);
                out.splice(place..=place, [eased]);
            }
        }
        if !out.get(place).is_some_and(is_nullable) {
            break;
        }
    }
    out.push(next);
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::ParserBuilder;

    /// What `.` is written out as.
    const ANY: &str = "[\0-\t\u{b}-\u{10ffff}]";

    fn form(source: &str) -> Option<String> {
        let hir = ParserBuilder::new().case_insensitive(true).build().parse(source).unwrap();
        folded(&hir).map(|hir| hir.to_string().replace("(?:", "(").replace("(?-u:", "(").replace(ANY, "."))
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
            (r"add\s+ me", Some("((add) *( me))")),
            (r"add\s .*\sme", Some("((add)( .*)?( me))")),
            (r"kik[\s._-]{2,}name", Some(r"((kik)[ \-\._]+(name))")),
            (r"wick(\s|_)(\s|me)", Some("((wick)[ _]?( |(me)))")),
            (r"send\s.pics", Some("((send ).?(pics))")),
            (r"add.+ me", Some("((add).*( me))")),
            (r"add (to|for )?\sme", Some("((add)( ((to)|((for) ?))?)?( me))")),
            (r"( me){2}", Some("( me){2}")),
            (r"[\s_]{7,}", Some("[ _]{6,}")),
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
    fn what_is_found_is_found_in_the_folded_text() {
        let parts = [
            " ", "a", "[ _]", ".", " *", " +", ".*", "[ a]+", "a?", "( |a)", "(a |_)", "( a| _)", "( a )+",
            "(_ )?",
        ];
        let texts = texts_of(&[' ', 'a', '_'], 6);
        for [one, two, three] in triples(&parts) {
            let source = format!("{one}{two}{three}");
            let hir = ParserBuilder::new().case_insensitive(true).build().parse(&source).unwrap();
            let folded = folded(&hir).unwrap();
            let whole = |hir: &Hir| regex::Regex::new(&format!("^(?:{hir})$")).unwrap();
            let (written, folded) = (whole(&hir), whole(&folded));
            for text in texts.iter().filter(|text| written.is_match(text)) {
                assert!(folded.is_match(&fold::fold(text)), "{source:?} in {text:?}: {folded}");
            }
        }
    }

    fn triples<'a>(parts: &'a [&'a str]) -> impl Iterator<Item = [&'a str; 3]> {
        let pairs = parts.iter().flat_map(|one| parts.iter().map(move |two| (one, two)));
        pairs.flat_map(|(one, two)| parts.iter().map(move |three| [*one, *two, *three]))
    }

    /// All texts of these characters up to a length.
    fn texts_of(characters: &[char], length: usize) -> Vec<String> {
        let mut texts = vec![String::new()];
        for _ in 0..length {
            let longer =
                texts.iter().flat_map(|text| characters.iter().map(move |one| format!("{text}{one}")));
            texts = iter::once(String::new()).chain(longer.collect::<Vec<_>>()).collect();
        }
        texts
    }

    #[test]
    fn large_classes_stay() {
        for source in [r"\w+", "[^a]", r"\p{Lu}", r"(?s).\b$"] {
            let hir = ParserBuilder::new().case_insensitive(true).build().parse(source).unwrap();
            assert_eq!(folded(&hir), Some(hir), "{source}");
        }
    }
}
