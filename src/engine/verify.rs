//! Whether a pattern matches a value, and where: the first view that holds it.

use super::judge::Judge;
use super::profile::Probe;
use super::scratch::Way;
use crate::event::{Scalar, ValueId, parse_time};
use crate::rule;
use crate::rule::model::{Comparison, Number, TimeTest};
use crate::ruleset::{Coarse, Matcher, PatternId, Words};
use crate::text::View;
use crate::text::skeleton::Reading;
use crate::text::spelling::Spelt;
use std::ops::Range;

/// Where a pattern occurs: a range of the view, of the original only if the view is raw or coarse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) view: View,
    /// Slips of the fingers.
    pub(super) edits: u8,
    pub(super) range: Range<usize>,
}

/// How a phrase is looked for in a reading of a text: with how many slips it was found, and letters of the reading.
type How = fn(&Coarse, Reading, &mut Spelt) -> Option<(u8, Range<usize>)>;

/// The views of a phrase that are coarser than folded, and whether slips are looked for there.
const COARSE: [(View, bool, How); 4] = [
    (View::Skeleton, false, |coarse, reading, text| Some((0, coarse.find_words(reading, text)?))),
    (View::Squashed, false, |coarse, reading, text| Some((0, coarse.find_letters(reading, text)?))),
    (View::Skeleton, true, |coarse, reading, text| Some((1, coarse.find_misspelt(reading, text)?))),
    (View::Skeleton, true, Coarse::find_fuzzy),
];

impl<P: Probe> Judge<'_, P> {
    /// The pattern's occurrence in the value.
    pub(super) fn find(&mut self, pattern: PatternId, value: ValueId, way: Way) -> Option<Occurrence> {
        self.probe.try_begins();
        let occurrence = self.search(&self.rules.pattern(pattern).matcher, value, way);
        self.probe.try_ends(pattern, value, occurrence.is_some());
        occurrence
    }

    fn search(&mut self, matcher: &Matcher, value: ValueId, way: Way) -> Option<Occurrence> {
        let text = self.batch.value(value).text()?;
        if way == Way::Any {
            if let Some(range) = self.find_raw(matcher, value, text) {
                return Some(Occurrence { view: View::Raw, edits: 0, range });
            }
            if let Some(range) = self.find_folded(matcher, value, text) {
                return Some(Occurrence { view: View::Folded, edits: 0, range });
            }
        }
        let Matcher::Words(Words { coarse: Some(coarse), .. }) = matcher else { return None };
        let cut = self.batch.cut(value);
        let mut views = COARSE.into_iter().filter(|(_, slips, _)| way == Way::Any || *slips);
        views.find_map(|(view, _, how)| {
            let (edits, range) = self.find_coarse(coarse, how, value, (text, cut))?;
            Some(Occurrence { view: if cut.is_some() { View::Joined } else { view }, edits, range })
        })
    }

    /// Where the first of a text's readings has the phrase: with how many slips, and bytes of the text; a joined one with
    /// where it is cut.
    fn find_coarse(
        &mut self,
        coarse: &Coarse,
        how: How,
        value: ValueId,
        (text, cut): (&str, Option<u32>),
    ) -> Option<(u8, Range<usize>)> {
        let readings = &mut self.memory.readings;
        Reading::ALL.into_iter().find_map(|reading| {
            if !coarse.reads(reading) || !readings.spelt(value, Reading::Symbols, text, cut).asks_for(reading)
            {
                return None;
            }
            let spelt = readings.spelt(value, reading, text, cut);
            how(coarse, reading, spelt).map(|(edits, letters)| (edits, spelt.skeleton().source(letters)))
        })
    }

    fn find_raw(&mut self, matcher: &Matcher, value: ValueId, text: &str) -> Option<Range<usize>> {
        match matcher {
            Matcher::Glob(forms) => forms.raw.as_ref()?.find(text),
            Matcher::Words(words) => {
                words.plain.raw.as_ref()?.find(self.memory.readings.tokens(value, View::Raw, text))
            }
            Matcher::Regex(forms) => self.rules.regexes.find(forms.raw?, text, &mut self.memory.regexes),
            Matcher::Network(network) => rule::network::holds(network, text).then_some(0..text.len()),
        }
    }

    fn find_folded(&mut self, matcher: &Matcher, value: ValueId, text: &str) -> Option<Range<usize>> {
        let readings = &mut self.memory.readings;
        match matcher {
            Matcher::Glob(forms) => forms.folded.as_ref()?.find(readings.folded(value, text)),
            Matcher::Words(words) => {
                words.plain.folded.as_ref()?.find(readings.tokens(value, View::Folded, text))
            }
            Matcher::Regex(forms) => {
                let folded = readings.folded(value, text);
                // The raw view was searched for the same in the same text.
                if forms.raw == forms.folded && folded == text {
                    return None;
                }
                self.rules.regexes.find(forms.folded?, folded, &mut self.memory.regexes)
            }
            Matcher::Network(_) => None,
        }
    }
}

/// True if the value is a number, or a string that reads as one, in that relation to the bound.
pub(super) fn compares(scalar: Scalar<'_>, comparison: Comparison, bound: Number) -> bool {
    let (Scalar::Number(text) | Scalar::Text(text)) = scalar else { return false };
    let Some(number) = Number::parse(text) else { return false };
    comparison.holds(&number, &bound)
}

/// True if the value is a time, and that or its part is as demanded.
pub(super) fn at(scalar: Scalar<'_>, time: TimeTest) -> bool {
    parse_time(scalar).is_some_and(|value| time.holds(value))
}
