//! Literal text with wildcards: the compiled form, and where it occurs in a text.
//!
//! The occurrence is the leftmost, and from there the shortest. A `*` at either end only says that the
//! pattern need not begin or end there, so it is no part of the occurrence: `*secret*` is `contains: secret`.

use crate::rule::model::{GlobPart, Place};
use crate::text::lower;
use std::ops::Range;

/// How letters are compared with the pattern's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// As they stand.
    Exact,
    /// The text's lowered; the pattern's are lower already.
    Lowered,
}

/// A compiled glob.
#[derive(Debug)]
pub(crate) struct Glob {
    from_start: bool,
    to_end: bool,
    letters: Letters,
    /// What stands between the `*`.
    segments: Box<[Segment]>,
}

/// Consecutive characters; none stands for any character.
#[derive(Debug)]
struct Segment {
    characters: Box<[Option<char>]>,
    /// The same as a string, where letters are compared exactly and there is no `?`.
    literal: Option<Box<str>>,
}

impl Glob {
    /// Compiles a glob whose literals are already in the form that `letters` compares.
    pub(crate) fn new(place: Place, parts: &[GlobPart], letters: Letters) -> Glob {
        let is_star = |part: &GlobPart| *part == GlobPart::AnyCharacters;
        let open_start = parts.first().is_some_and(is_star);
        let open_end = parts.last().is_some_and(is_star);
        let segments = parts.split(is_star).filter(|part| !part.is_empty());
        Glob {
            from_start: matches!(place, Place::Whole | Place::Start) && !open_start,
            to_end: matches!(place, Place::Whole | Place::End) && !open_end,
            letters,
            segments: segments.map(|part| Segment::new(part, letters)).collect(),
        }
    }

    /// The leftmost, shortest occurrence.
    pub(crate) fn find(&self, text: &str) -> Option<Range<usize>> {
        let Some((first, rest)) = self.segments.split_first() else {
            return self.find_empty(text);
        };
        let Some((last, middle)) = rest.split_last() else {
            return self.find_one(first, text);
        };
        let start = if self.from_start { self.at(first, text, 0) } else { self.search(first, text, 0) }?;
        let mut end = start.end;
        for segment in middle {
            end = self.search(segment, text, end)?.end;
        }
        let tail = if self.to_end { self.at_end(last, text, end) } else { self.search(last, text, end) }?;
        Some(start.start..tail.end)
    }

    fn find_empty(&self, text: &str) -> Option<Range<usize>> {
        match (self.from_start, self.to_end) {
            (true, true) => text.is_empty().then_some(0..0),
            (false, true) => Some(text.len()..text.len()),
            (_, false) => Some(0..0),
        }
    }

    fn find_one(&self, segment: &Segment, text: &str) -> Option<Range<usize>> {
        match (self.from_start, self.to_end) {
            (true, true) => self.at(segment, text, 0).filter(|span| span.end == text.len()),
            (true, false) => self.at(segment, text, 0),
            (false, true) => self.at_end(segment, text, 0),
            (false, false) => self.search(segment, text, 0),
        }
    }

    /// The segment exactly at `start`.
    fn at(&self, segment: &Segment, text: &str, start: usize) -> Option<Range<usize>> {
        let mut rest = text.get(start..)?.chars();
        for wanted in &segment.characters {
            let found = rest.next()?;
            if wanted.is_some_and(|wanted| wanted != self.compared(found)) {
                return None;
            }
        }
        Some(start..text.len() - rest.as_str().len())
    }

    /// The segment at the end of the text, not before `from`.
    fn at_end(&self, segment: &Segment, text: &str, from: usize) -> Option<Range<usize>> {
        let before_last = segment.characters.len().checked_sub(1)?;
        let (start, _) = text.char_indices().rev().nth(before_last)?;
        if start < from { None } else { self.at(segment, text, start) }
    }

    /// The first occurrence of the segment from `from` on.
    fn search(&self, segment: &Segment, text: &str, from: usize) -> Option<Range<usize>> {
        let rest = text.get(from..)?;
        if let Some(literal) = &segment.literal {
            let start = from + rest.find(&**literal)?;
            return Some(start..start + literal.len());
        }
        rest.char_indices().find_map(|(at, _)| self.at(segment, text, from + at))
    }

    fn compared(&self, character: char) -> char {
        match self.letters {
            Letters::Exact => character,
            Letters::Lowered => lower(character),
        }
    }
}

impl Segment {
    fn new(parts: &[GlobPart], letters: Letters) -> Segment {
        let mut characters = Vec::new();
        for part in parts {
            match part {
                GlobPart::Literal(literal) => characters.extend(literal.chars().map(Some)),
                GlobPart::AnyCharacter => characters.push(None),
                GlobPart::AnyCharacters => {}
            }
        }
        let plain: Option<String> = characters.iter().copied().collect();
        let literal = plain.filter(|_| letters == Letters::Exact).map(String::into_boxed_str);
        Segment { characters: characters.into(), literal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pattern: &str) -> Vec<GlobPart> {
        let one = |character| match character {
            '*' => GlobPart::AnyCharacters,
            '?' => GlobPart::AnyCharacter,
            other => GlobPart::Literal(other.to_string()),
        };
        pattern.chars().map(one).collect()
    }

    #[test]
    fn finds_the_leftmost_shortest_occurrence() {
        use Place::{Anywhere, End, Start, Whole};
        let cases: &[(Place, &str, &str, Option<Range<usize>>)] = &[
            (Whole, "", "", Some(0..0)),
            (Whole, "", "a", None),
            (Whole, "abc", "abc", Some(0..3)),
            (Whole, "abc", "abcd", None),
            (Whole, "*b*", "abc", Some(1..2)),
            (Whole, "*", "abc", Some(0..0)),
            (Whole, "a*c", "abcbc", Some(0..5)),
            (Whole, "a*b*b", "ab", None),
            (Whole, "a*b*b", "abb", Some(0..3)),
            (Whole, "ab*ba", "aba", None),
            (Start, "ab", "abab", Some(0..2)),
            (Start, "a*b", "acbb", Some(0..3)),
            (Start, "b", "ab", None),
            (Start, "*b", "ab", Some(1..2)),
            (End, "b", "abb", Some(2..3)),
            (End, "a*b", "xaab", Some(1..4)),
            (End, "b*", "aba", Some(1..2)),
            (Anywhere, "a*b", "xaabb", Some(1..4)),
            (Anywhere, "?b", "éb", Some(0..3)),
            (Anywhere, "a?c", "abbc abc", Some(5..8)),
            (Anywhere, "", "abc", Some(0..0)),
        ];
        for (place, pattern, text, expected) in cases {
            let found = Glob::new(*place, &parts(pattern), Letters::Exact).find(text);
            assert_eq!(found, *expected, "{place:?} {pattern:?} in {text:?}");
        }
    }

    #[test]
    fn lowered_letters_are_compared_one_by_one() {
        let glob = Glob::new(Place::Anywhere, &parts("ik"), Letters::Lowered);
        assert_eq!(glob.find("xİ\u{212a}y"), Some(1..6));
    }
}
