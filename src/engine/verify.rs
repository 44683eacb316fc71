//! Whether a pattern matches a value, and where: the first view that holds it.

use super::judge::Judge;
use crate::event::{Scalar, ValueId};
use crate::rule::model::{Comparison, Number};
use crate::ruleset::{Matcher, Pattern};
use crate::text::View;
use std::ops::Range;

/// Where a pattern occurs: a range of the view, not yet of the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) view: View,
    pub(super) range: Range<usize>,
}

impl Judge<'_> {
    /// The pattern's occurrence in the value.
    pub(super) fn find(&mut self, pattern: &Pattern, value: ValueId) -> Option<Occurrence> {
        let text = self.batch.value(value).text()?;
        let raw = self.find_raw(&pattern.matcher, value, text);
        if let Some(range) = raw {
            return Some(Occurrence { view: View::Raw, range });
        }
        let range = self.find_folded(&pattern.matcher, value, text)?;
        Some(Occurrence { view: View::Folded, range })
    }

    fn find_raw(&mut self, matcher: &Matcher, value: ValueId, text: &str) -> Option<Range<usize>> {
        match matcher {
            Matcher::Glob(forms) => forms.raw.as_ref()?.find(text),
            Matcher::Tokens(forms) => {
                forms.raw.as_ref()?.find(self.memory.readings.tokens(value, View::Raw, text))
            }
            Matcher::Regex(forms) => self.rules.regexes.find(forms.raw?, text, &mut self.memory.regexes),
        }
    }

    fn find_folded(&mut self, matcher: &Matcher, value: ValueId, text: &str) -> Option<Range<usize>> {
        let readings = &mut self.memory.readings;
        match matcher {
            Matcher::Glob(forms) => forms.folded.as_ref()?.find(readings.folded(value, text)),
            Matcher::Tokens(forms) => forms.folded.as_ref()?.find(readings.tokens(value, View::Folded, text)),
            Matcher::Regex(forms) => {
                let folded = readings.folded(value, text);
                // The raw view was searched for the same in the same text.
                if forms.raw == forms.folded && folded == text {
                    return None;
                }
                self.rules.regexes.find(forms.folded?, folded, &mut self.memory.regexes)
            }
        }
    }
}

/// True if the value is a number, or a string that reads as one, in that relation to the bound.
pub(super) fn compares(scalar: Scalar<'_>, comparison: Comparison, bound: Number) -> bool {
    let (Scalar::Number(text) | Scalar::Text(text)) = scalar else { return false };
    let Some(number) = Number::parse(text) else { return false };
    match comparison {
        Comparison::Greater => number > bound,
        Comparison::GreaterOrEqual => number >= bound,
        Comparison::Less => number < bound,
        Comparison::LessOrEqual => number <= bound,
    }
}
