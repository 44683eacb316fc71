//! The texts that rivals are given: folded by our own code, because none of them folds.

use wardline::text::{fold, token};

/// A form of a text in which a phrase is a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The folded view. A phrase that is written with other separators or with apostrophes is not found.
    Folded,
    /// The tokens of the folded view with a space around each, so that a hit is a finding.
    Words,
}

impl Reading {
    /// Replaces `out` by this reading of `text`.
    pub(crate) fn write(self, text: &str, out: &mut String) {
        out.clear();
        match self {
            Reading::Folded => fold::fold_into(text, out),
            Reading::Words => {
                if token::push_folded(text, out) {
                    out.clear();
                    token::push_folded(&fold::fold(text), out);
                }
            }
        }
    }

    /// This reading of `text`.
    pub(crate) fn of(self, text: &str) -> String {
        let mut out = String::new();
        self.write(text, &mut out);
        out
    }
}

/// Whether the phrase stands somewhere in the folded text as whole tokens: the boundary check that follows a
/// literal's hit.
pub(crate) fn stands(phrase: &str, folded: &str) -> bool {
    let tokens: Vec<_> = token::tokens(folded).collect();
    folded.match_indices(phrase).any(|(start, found)| {
        let end = start + found.len();
        tokens.iter().any(|token| token.start == start) && tokens.iter().any(|token| token.end == end)
    })
}
