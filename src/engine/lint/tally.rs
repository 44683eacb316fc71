//! How many messages hold what a pattern finds, from counts of words and runs of words.
//!
//! A text of the sample is found *as a whole* if it is a single word or what was found is all of it. Of such texts with equally
//! many words the counts add up: they are different things said, and a message that says several is counted
//! for each. Other texts hold what was found among further words, in messages that were counted already; the greatest of
//! them says how many there are at least.

use super::super::verify::Occurrence;
use crate::text::View;
use crate::text::ordinary::{Said, Sample};
use std::cmp::Reverse;

/// Most words of a text that are told apart.
const LONGEST: usize = 6;

/// Most examples.
pub(super) const EXAMPLES: usize = 3;

/// What a pattern finds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Finds<'s> {
    /// In any view.
    pub(super) all: Tally<'s>,
    /// Of that, as a whole and in none of the plain views: other texts than the one that is looked for.
    pub(super) other: Tally<'s>,
}

impl<'s> Finds<'s> {
    /// Counts a text in which it was found; `is_own` says whether that is what is looked for.
    pub(super) fn add(
        &mut self,
        text: &'s str,
        messages: u32,
        occurrence: &Occurrence,
        is_own: impl FnOnce() -> bool,
    ) {
        let whole = !text.contains(' ') || occurrence.range == (0..text.len());
        self.all.add(text, messages, whole, occurrence);
        let plain = matches!(occurrence.view, View::Raw | View::Folded);
        if whole && !plain && !is_own() {
            self.other.add(text, messages, true, occurrence);
        }
    }
}

/// Texts, and how many messages hold one of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally<'s> {
    /// Of the texts that were found as a whole, by their number of words.
    whole: [u32; LONGEST],
    /// Of the others the greatest.
    greatest: u32,
    /// Number of texts that were found as a whole.
    pub(super) texts: usize,
    /// The commonest texts, first the commonest, with their counts.
    examples: Vec<(u32, &'s str)>,
    /// How the commonest was found: its view, and slips.
    pub(super) how: Option<(View, u8)>,
}

impl<'s> Tally<'s> {
    fn add(&mut self, text: &'s str, messages: u32, whole: bool, occurrence: &Occurrence) {
        if whole {
            let words = text.split(' ').count().min(LONGEST);
            let sum = &mut self.whole[words - 1];
            *sum = sum.saturating_add(messages);
            self.texts += 1;
        } else {
            self.greatest = self.greatest.max(messages);
        }
        self.examples.push((messages, text));
        self.examples.sort_by_key(|(messages, text)| (Reverse(*messages), *text));
        self.examples.truncate(EXAMPLES);
        if self.examples[0].1 == text {
            self.how = Some((occurrence.view, occurrence.edits));
        }
    }

    /// About how many messages hold one of them.
    pub(super) fn messages(&self) -> u32 {
        self.whole.into_iter().chain([self.greatest]).max().unwrap_or_default()
    }

    /// The commonest of them, at most [`EXAMPLES`].
    pub(super) fn examples(&self) -> impl Iterator<Item = &'s str> {
        self.examples.iter().map(|(_, text)| *text)
    }
}

/// In how many messages a pattern is proposed.
#[derive(Debug, Clone, Default)]
pub(super) struct Proposals {
    /// The fewest words of a text for which it was.
    words: usize,
    /// Of messages, the share that hold none of the texts with as many words, if these are independent.
    none: f64,
    /// Of longer texts, which hold these or others, the greatest count.
    greatest: u32,
}

impl Proposals {
    /// Counts a text; texts come in any order.
    pub(super) fn add(&mut self, said: Said<'_>, sample: &Sample<'_>) {
        let words = said.text.split(' ').count();
        if self.words == 0 || words < self.words {
            (self.words, self.none) = (words, 1.0);
        }
        if words == self.words {
            self.none *= 1.0 - f64::from(said.messages) / f64::from(sample.messages);
        }
        self.greatest = self.greatest.max(said.messages);
    }

    /// The share of messages.
    pub(super) fn share(&self, sample: &Sample<'_>) -> f64 {
        if self.words == 0 {
            return 0.0;
        }
        (1.0 - self.none).max(f64::from(self.greatest) / f64::from(sample.messages))
    }
}
