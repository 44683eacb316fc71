//! Expressions that are found in every value, because they may match nothing at all.

use regex_syntax::hir::{Hir, HirKind, Look};

/// Whether the expression, flags written into it, is found in every value: it may match nothing, anywhere or at the
/// beginning or at the end of a value. Of `\b`, which matches nothing in some values only, and of `^$`, this is not so.
pub(in crate::rule) fn is_found_everywhere(pattern: &str) -> bool {
    let at_start = |look| matches!(look, Look::Start | Look::StartLF | Look::StartCRLF);
    let at_end = |look| matches!(look, Look::End | Look::EndLF | Look::EndCRLF);
    regex_syntax::parse(pattern).is_ok_and(|hir| may_be_empty(&hir, &at_start) || may_be_empty(&hir, &at_end))
}

/// Whether it may match nothing at a place where these assertions hold.
fn may_be_empty(hir: &Hir, holds: &impl Fn(Look) -> bool) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(_) | HirKind::Class(_) => false,
        HirKind::Look(look) => holds(*look),
        HirKind::Repetition(repetition) => repetition.min == 0 || may_be_empty(&repetition.sub, holds),
        HirKind::Capture(capture) => may_be_empty(&capture.sub, holds),
        HirKind::Concat(parts) => parts.iter().all(|part| may_be_empty(part, holds)),
        HirKind::Alternation(parts) => parts.iter().any(|part| may_be_empty(part, holds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_is_told() {
        let everywhere = [
            "",
            "a*",
            "(secret)?",
            "secret|",
            "^",
            "^.*",
            ".*$",
            "(a|b*)(c?)",
            "(?i)x{0,3}",
            r"\s*",
            "^(a|$)?",
        ];
        for pattern in everywhere {
            assert!(is_found_everywhere(pattern), "{pattern}");
            let regex = regex::Regex::new(pattern).unwrap();
            for value in ["", "xyz", "\n", "secret 1"] {
                assert!(regex.is_match(value), "{pattern} in {value:?}");
            }
        }
        for pattern in ["a+", "^$", r"\b", "a?b", "(a*)+b", ".", r"^\s*$", "(", r"\B"] {
            assert!(!is_found_everywhere(pattern), "{pattern}");
        }
    }
}
