//! Regular expressions of rules: read, bounded, and their errors placed in the rule's file.
//!
//! They are checked when rules are loaded, never met for the first time on an event. Matching is linear in
//! the text by the engine's nature (no look-around, no back-references); what is left to bound is memory:
//! counted repeats multiply the compiled program. Counts, those nested in each other multiplied, may be at
//! most [`MAX_REPEAT`], and the program at most [`SIZE_LIMIT`] bytes. Compiling every expression only to
//! learn its size would cost more than reading the rule, so the size is estimated from the syntax, and the
//! expression compiled only if the estimate is not clearly small.

mod empty;
mod folded;

pub(super) use empty::is_found_everywhere;
pub use folded::folded;

use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_syntax::ast::{self, Ast, RepetitionKind, RepetitionRange};
use std::ops::Range;

/// The greatest count of a repeat such as `{1,1000}`, nested ones multiplied.
pub const MAX_REPEAT: u32 = 1000;
/// The greatest size of a compiled expression in bytes; also the limit for whoever compiles it.
pub const SIZE_LIMIT: usize = 4 << 20;
/// How deep groups may be nested.
const NEST_LIMIT: u32 = 50;
/// Programs estimated below this many states are small beyond doubt.
const CLEARLY_SMALL: u64 = 400;

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegexError {
    pub(super) kind: RegexErrorKind,
    /// Bytes of the expression.
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RegexErrorKind {
    Syntax(String),
    LookAround,
    BackReference,
    Repeat,
    Size,
}

/// Checks an expression.
pub(super) fn check(pattern: &str) -> Result<(), RegexError> {
    let mut parser = ast::parse::ParserBuilder::new().nest_limit(NEST_LIMIT).build();
    let tree = parser.parse(pattern).map_err(|error| syntax_error(&error))?;
    let estimate = ast::visit(&tree, Estimate::default())?;
    // The folded view is searched without regard to case, which makes the larger program.
    let mut translator =
        regex_syntax::hir::translate::TranslatorBuilder::new().case_insensitive(true).build();
    let hir = translator.translate(pattern, &tree).map_err(|error| {
        let span = error.span();
        let kind = RegexErrorKind::Syntax(error.kind().to_string());
        RegexError { kind, range: span.start.offset..span.end.offset }
    })?;
    if estimate <= CLEARLY_SMALL {
        return Ok(());
    }
    let config =
        thompson::Config::new().nfa_size_limit(Some(SIZE_LIMIT)).which_captures(WhichCaptures::Implicit);
    let built = thompson::Compiler::new().configure(config).build_from_hir(&hir);
    let size = |_| RegexError { kind: RegexErrorKind::Size, range: 0..pattern.len() };
    built.map(drop).map_err(size)
}

/// The expression with its flags written into it.
pub(super) fn with_flags(pattern: &str, flags: &str) -> String {
    if flags.is_empty() { pattern.to_owned() } else { format!("(?{flags}){pattern}") }
}

fn syntax_error(error: &ast::Error) -> RegexError {
    let span = error.span();
    let range = span.start.offset..span.end.offset;
    let kind = match error.kind() {
        ast::ErrorKind::UnsupportedLookAround => RegexErrorKind::LookAround,
        ast::ErrorKind::UnsupportedBackreference => RegexErrorKind::BackReference,
        kind => RegexErrorKind::Syntax(kind.to_string()),
    };
    RegexError { kind, range }
}

/// Estimates the number of states of the compiled program. Stops at a repeat that is too great.
#[derive(Default)]
struct Estimate {
    /// Products of the counted repeats around the current node.
    factors: Vec<u64>,
    states: u64,
}

impl Estimate {
    fn factor(&self) -> u64 {
        self.factors.last().copied().unwrap_or(1)
    }
}

impl ast::Visitor for Estimate {
    type Output = u64;
    type Err = RegexError;

    fn finish(self) -> Result<u64, RegexError> {
        Ok(self.states)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), RegexError> {
        if let Ast::Repetition(repetition) = ast {
            let count = self.factor().saturating_mul(count(&repetition.op.kind).max(1));
            if count > u64::from(MAX_REPEAT) {
                let span = repetition.op.span;
                let range = span.start.offset..span.end.offset;
                return Err(RegexError { kind: RegexErrorKind::Repeat, range });
            }
            self.factors.push(count);
        }
        let weight = match ast {
            // Unicode classes hold hundreds of ranges.
            Ast::ClassPerl(_) | Ast::ClassUnicode(_) | Ast::ClassBracketed(_) => 50,
            _ => 1,
        };
        self.states = self.states.saturating_add(self.factor().saturating_mul(weight));
        Ok(())
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), RegexError> {
        if let Ast::Repetition(_) = ast {
            self.factors.pop();
        }
        Ok(())
    }
}

fn count(kind: &RepetitionKind) -> u64 {
    match kind {
        RepetitionKind::Range(
            RepetitionRange::Exactly(n) | RepetitionRange::AtLeast(n) | RepetitionRange::Bounded(_, n),
        ) => u64::from(*n),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_cannot_be_used_say_where() {
        let cases = [
            (r"\b(add|text) me\b", None),
            (r"\w{20} [a-z]{1,50}", None),
            ("foo(?=bar)", Some(("look-around", 3..6))),
            ("(?<!x)y", Some(("look-around", 0..4))),
            (r"(a)\1", Some(("back-reference", 3..5))),
            ("a(b", Some(("syntax", 1..2))),
            ("é[z-a]", Some(("syntax", 3..6))),
            (r"\p{Klingon}", Some(("syntax", 0..11))),
            ("a{2000}", Some(("repeat", 1..7))),
            ("(a{50}){50}", Some(("repeat", 2..6))),
            (r"(\w{20}){20}", Some(("size", 0..12))),
        ];
        for (pattern, expected) in cases {
            let found = check(pattern).err().map(|error| {
                let kind = match error.kind {
                    RegexErrorKind::Syntax(_) => "syntax",
                    RegexErrorKind::LookAround => "look-around",
                    RegexErrorKind::BackReference => "back-reference",
                    RegexErrorKind::Repeat => "repeat",
                    RegexErrorKind::Size => "size",
                };
                (kind, error.range)
            });
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn what_is_estimated_small_is_small() {
        for pattern in [r"\w\W\d\s\p{L}\PN.[^a]", r"(?i)[a-zé]{7}", r"\w{7}", "(?s).{300}", r"\p{L}{7}"] {
            assert_eq!(check(pattern), Ok(()));
            let built = regex::RegexBuilder::new(&with_flags(pattern, "i")).size_limit(SIZE_LIMIT).build();
            assert!(built.is_ok(), "{pattern}");
        }
    }
}
