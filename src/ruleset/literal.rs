//! What must stand in a text for a pattern to match: the literals that the prefilter searches.
//!
//! A pattern *requires* a set of literals if wherever it matches, in the raw or the folded view, at least
//! one of them occurs in the folded text. Folding maps character by character and equates all cases of a
//! letter, so `fold(literal)` serves both views. Its outer spaces are cut off: folding joins them with
//! white space beside the match.
//!
//! From a regular expression: strings are put together along concatenations and multiplied over
//! alternatives and small classes, as long as they are few. Where that ends (a repeat, a large class) what
//! was put together is one offer; the best offer of the whole expression is taken. So
//! `(add|message) me (on|at) \w+` requires one of `add me on`, `add me at`, `message me on`, `message me at`.

use crate::text::fold;
use regex_syntax::hir::{Class, Hir, HirKind, Literal, Repetition};

/// Fewest bytes of a literal that selects anything.
pub(crate) const MIN_LITERAL: usize = 3;
/// Most literals that one expression may require one of.
const MAX_LITERALS: usize = 64;
/// Most strings put together before the rest of a concatenation is left out.
const MAX_STRINGS: usize = 16;
/// Largest class, in code points, that is spelt out.
const MAX_CLASS: usize = 64;

/// A literal as the substring lane holds it, or none if it is too short to select anything.
pub(crate) fn substring(literal: &str) -> Option<String> {
    let folded = fold::fold(literal);
    let trimmed = folded.trim_matches(' ');
    (trimmed.len() >= MIN_LITERAL).then(|| trimmed.to_owned())
}

/// The literals of which every match of the expression holds at least one; none if there are none worth it.
pub(crate) fn of_regex(hir: &Hir) -> Option<Vec<String>> {
    let mut found = Found::default();
    let whole = strings(hir, &mut found);
    if let Some(whole) = whole {
        found.offer(&whole);
    }
    found.best
}

/// The best offer so far.
#[derive(Default)]
struct Found {
    best: Option<Vec<String>>,
}

impl Found {
    fn offer(&mut self, strings: &[String]) {
        let literals: Option<Vec<String>> = strings.iter().map(|string| substring(string)).collect();
        if let Some(literals) = literals {
            self.take(literals);
        }
    }

    fn take(&mut self, mut literals: Vec<String>) {
        literals.sort_unstable();
        literals.dedup();
        let quality = |set: &[String]| set.iter().map(String::len).min().unwrap_or(0);
        let better = self
            .best
            .as_ref()
            .is_none_or(|best| (quality(&literals), best.len()) > (quality(best), literals.len()));
        if !literals.is_empty() && literals.len() <= MAX_LITERALS && better {
            self.best = Some(literals);
        }
    }
}

/// All strings that the expression matches, one of each folding, if they are few; else none, and what it
/// requires has been offered.
fn strings(hir: &Hir, found: &mut Found) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![String::new()]),
        HirKind::Literal(Literal(bytes)) => Some(vec![String::from_utf8(bytes.to_vec()).ok()?]),
        HirKind::Class(class) => of_class(class),
        HirKind::Capture(capture) => strings(&capture.sub, found),
        HirKind::Repetition(repetition) => of_repetition(repetition, found),
        HirKind::Concat(parts) => of_concat(parts, found),
        HirKind::Alternation(parts) => of_alternation(parts, found),
    }
}

/// A class's characters, one of each folding: `[kK]` is one string, `[ab]` two.
fn of_class(class: &Class) -> Option<Vec<String>> {
    let Class::Unicode(class) = class else { return None };
    let size: usize = class.ranges().iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
    if size > MAX_CLASS {
        return None;
    }
    let characters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
    // Folding again changes nothing, so pieces can be joined and folded later.
    let mut folded: Vec<String> = characters.map(|character| fold::fold(&character.to_string())).collect();
    folded.sort_unstable();
    folded.dedup();
    (folded.len() <= MAX_STRINGS).then_some(folded)
}

fn of_repetition(repetition: &Repetition, found: &mut Found) -> Option<Vec<String>> {
    if repetition.min == 0 {
        return None;
    }
    let once = strings(&repetition.sub, found)?;
    // White space folds to one space however long it is.
    let blank = once.iter().all(|string| fold::fold(string) == " ");
    if repetition.max == Some(1) || blank {
        return Some(once);
    }
    if repetition.max == Some(repetition.min) && repetition.min <= 8 {
        let again = vec![once; repetition.min as usize];
        return again.into_iter().try_fold(vec![String::new()], |all, next| multiply(&all, &next));
    }
    found.offer(&once);
    None
}

fn of_concat(parts: &[Hir], found: &mut Found) -> Option<Vec<String>> {
    let mut whole = true;
    let mut so_far = vec![String::new()];
    for part in parts {
        let next = strings(part, found);
        let joined = next.as_ref().and_then(|next| multiply(&so_far, next));
        if let Some(joined) = joined {
            so_far = joined;
            continue;
        }
        whole = false;
        found.offer(&so_far);
        so_far = next.unwrap_or_else(|| vec![String::new()]);
    }
    if whole {
        return Some(so_far);
    }
    found.offer(&so_far);
    None
}

/// Every string of `left` continued by every string of `right`, if they are few enough.
fn multiply(left: &[String], right: &[String]) -> Option<Vec<String>> {
    if left.len() * right.len() > MAX_STRINGS {
        return None;
    }
    let pairs = left.iter().flat_map(|start| right.iter().map(move |end| format!("{start}{end}")));
    Some(pairs.collect())
}

/// Alternatives: all their strings if few; else each must require something by itself.
fn of_alternation(parts: &[Hir], found: &mut Found) -> Option<Vec<String>> {
    let mut together = Some(Vec::new());
    let mut required = Some(Vec::new());
    for part in parts {
        let mut own = Found::default();
        let strings = strings(part, &mut own);
        if let Some(strings) = &strings {
            own.offer(strings);
        }
        together = together.zip(strings).map(|(all, own)| [all, own].concat());
        required = required.zip(own.best).map(|(all, own)| [all, own].concat());
    }
    if let Some(strings) = together.filter(|strings| strings.len() <= MAX_STRINGS) {
        return Some(strings);
    }
    if let Some(required) = required {
        found.take(required);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required(source: &str) -> Option<Vec<String>> {
        of_regex(&regex_syntax::ParserBuilder::new().case_insensitive(true).build().parse(source).unwrap())
    }

    #[test]
    fn requires_the_best_of_what_every_match_holds() {
        let cases: &[(&str, Option<&[&str]>)] = &[
            ("secret", Some(&["secret"])),
            (r"\bkeep\b\s+\bthis\b", Some(&["keep this"])),
            (r"(add|text) me (on|at) \w+", Some(&["add me at", "add me on", "text me at", "text me on"])),
            (r"how old.{0,20}are you", Some(&["how old"])),
            (r"(how|what) .* age", Some(&["age"])),
            (r"\d+ years?", Some(&["year"])),
            (r"(?:pay(?:ment|ing)?)? via app", Some(&["via app"])),
            (r"(yes){3}", Some(&["yesyesyes"])),
            (r"(yes)+", Some(&["yes"])),
            (r"[ck]at", Some(&["cat", "kat"])),
            (r"(one\d|two\d)", Some(&["one", "two"])),
            (r"(one\d|t\d)", None),
            (r"\w+\s\w+", None),
            (r"a.b.c", None),
            ("", None),
        ];
        for (source, expected) in cases {
            let expected = expected.map(|set| set.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
            let found = required(source);
            assert_eq!(found, expected, "{source}");
        }
    }
}
