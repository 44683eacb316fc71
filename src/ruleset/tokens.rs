//! Token sequences: `word` and `phrase`.
//!
//! A sequence occurs where consecutive tokens of the text equal its own. The token lane of the prefilter
//! holds each text as its tokens with single spaces around them, so a phrase is one plain literal there:
//! `" keep this a secret "`, boundaries included. In scripts without word spaces every character is a
//! token, so the same literal finds a phrase in the middle of a sentence.
//!
//! The raw and the folded view may differ in their tokens (an invisible character parts a word in the raw
//! text only), so the lane holds both readings where they can differ, each folded: the one text a literal
//! of either view is looked up in.

use super::glob::{Letters, lower};
use crate::text::{fold, token};
use std::ops::Range;

/// The tokens of a text: where each stands, and its normal form. Reused from text to text.
#[derive(Debug, Default)]
pub(crate) struct TokenList {
    normal: String,
    tokens: Vec<(Range<usize>, Range<usize>)>,
}

impl TokenList {
    /// Replaces the list by the tokens of `text`.
    pub(crate) fn fill(&mut self, text: &str) {
        self.normal.clear();
        self.tokens.clear();
        for token in token::tokens(text) {
            let start = self.normal.len();
            token.push_normal(text, &mut self.normal);
            self.tokens.push((token.range(), start..self.normal.len()));
        }
    }

    /// The normal forms in order.
    pub(crate) fn normals(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(|(_, normal)| self.normal.get(normal.clone()).unwrap_or_default())
    }

    /// Where the sequence first occurs, as a range of the text.
    fn find(&self, wanted: &[Box<str>], letters: Letters) -> Option<Range<usize>> {
        let starts = 0..=self.tokens.len().checked_sub(wanted.len())?;
        let mut starts = starts.filter(|start| {
            let here = self.normals().skip(*start).zip(wanted);
            here.into_iter().all(|(found, wanted)| equal(found, wanted, letters))
        });
        let first = starts.next()?;
        let last = first + wanted.len().checked_sub(1)?;
        Some(self.tokens[first].0.start..self.tokens[last].0.end)
    }
}

fn equal(found: &str, wanted: &str, letters: Letters) -> bool {
    match letters {
        Letters::Exact => found == wanted,
        Letters::Lowered => found.chars().map(lower).eq(wanted.chars()),
    }
}

/// A compiled token sequence of one view, never empty.
#[derive(Debug)]
pub(crate) struct Sequence {
    tokens: Box<[Box<str>]>,
    letters: Letters,
}

impl Sequence {
    /// The sequence as the raw view has it.
    pub(crate) fn raw(tokens: &[String], cased: bool) -> Sequence {
        let form = |token: &String| if cased { token.clone() } else { token.chars().map(lower).collect() };
        let letters = if cased { Letters::Exact } else { Letters::Lowered };
        Sequence { tokens: tokens.iter().map(|token| form(token).into_boxed_str()).collect(), letters }
    }

    /// The sequence as the folded view has it; none if nothing is left of it there.
    pub(crate) fn folded(tokens: &[String]) -> Option<Sequence> {
        let mut folded = String::new();
        fold::fold_into(&tokens.join(" "), &mut folded);
        let mut list = TokenList::default();
        list.fill(&folded);
        let tokens: Box<[Box<str>]> = list.normals().map(Box::from).collect();
        (!tokens.is_empty()).then_some(Sequence { tokens, letters: Letters::Exact })
    }

    /// The leftmost occurrence among a text's tokens.
    pub(crate) fn find(&self, list: &TokenList) -> Option<Range<usize>> {
        list.find(&self.tokens, self.letters)
    }

    /// What the token lane holds wherever the sequence occurs.
    pub(crate) fn literal(&self) -> String {
        let mut literal = String::from(" ");
        for token in &self.tokens {
            fold::fold_into(token, &mut literal);
            literal.push(' ');
        }
        literal
    }
}

/// Writes a text's token lane form: its tokens, folded, each with a space on both sides.
pub(crate) fn push_token_lane(list: &TokenList, out: &mut String) {
    out.push(' ');
    for token in list.normals() {
        push_folded(token, out);
        out.push(' ');
    }
}

fn push_folded(token: &str, out: &mut String) {
    if token.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        out.push_str(token);
    } else {
        fold::fold_into(token, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_sequence_stands_on_token_boundaries() {
        type Case<'a> = (&'a [&'a str], &'a str, Option<Range<usize>>);
        let cases: &[Case<'_>] = &[
            (&["secret"], "the secretary", None),
            (&["secret"], "a SECRET!", Some(2..8)),
            (&["keep", "this"], "keep, this", Some(0..10)),
            (&["keep", "this"], "keep it, this", None),
            (&["dont", "tell"], "Don't tell", Some(0..10)),
            (&["a", "b"], "a a b", Some(2..5)),
            (&["a", "b"], "a", None),
        ];
        for (words, text, expected) in cases {
            let mut list = TokenList::default();
            list.fill(text);
            let found = Sequence::raw(&tokens(words), false).find(&list);
            assert_eq!(found, *expected, "{words:?} in {text:?}");
        }
    }

    #[test]
    fn the_lane_holds_the_literal_of_what_occurs() {
        let mut list = TokenList::default();
        list.fill("Well... KEEP this a Secret?");
        let mut lane = String::new();
        push_token_lane(&list, &mut lane);
        assert_eq!(lane, " well keep this a secret ");
        assert_eq!(Sequence::raw(&tokens(&["this", "A"]), false).literal(), " this a ");
    }
}
