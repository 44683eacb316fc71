//! Texts that find too much, or are tried too often: judged by ordinary chat.
//!
//! ```text
//!  rules ─► every text that is looked for, by itself ─► search: the sample's texts that hold it ─► tally: how many
//!                                                                                   messages ─► Diagnostics
//! ```
//!
//! Three doubts, few and certain, because an author who is warned of everything reads nothing:
//! * [`Code::CommonText`]: a text that makes its rule fire by itself and is in so many ordinary messages that a queue would drown
//!   in flags. A common word beside another selection is how good rules are written;
//! * [`Code::Collision`]: a text that a coarse view, or a slip, also finds in another word or words, and that this makes more
//!   than a little of what it finds;
//! * [`Code::Slow`]: a rule that takes as much of an ordinary message as hundreds of phrase rules do (`slow.rs`).
//!
//! A pure function of rules and sample, for `check` alone: a service that starts or reloads its rules has been told
//! already, and should not wait. It costs another compilation of the rules' texts and one pass over the sample.
//!
//! An entry of a list is told by its name; the texts in which it was found would give it away, and are not shown.

mod search;
mod slow;
mod tally;

use super::trace;
use crate::event::FieldType;
use crate::rule::model::{Demand, GlobPart, Pattern, PatternKind, Place, Rule, Status, Test};
use crate::rule::{self, Code, Correlation, Diagnostic, Silences, SourceMap};
use crate::ruleset::{self, Limits, Node, PatternId, RuleSet};
use crate::text::ordinary::{RUN_RATE, Sample};
use crate::text::{fold, token};
use search::Found;
use slow::Costs;
use std::cmp::Reverse;
use std::sync::Arc;
use tally::{Finds, Tally};

/// A single word is too common from one message of so many on.
const WORD: u32 = 1_000;

/// Several words, or an expression, are too common from one message of so many on.
const PHRASE: u32 = RUN_RATE;

/// What a coarse view adds is little if it is less than one part of so many of what the plain ones find.
const LITTLE: u32 = 10;

/// Most texts of a test that are told of beside the first.
const MORE: usize = 4;

/// What there is to say of the texts that rules look for. `limits` are those that the rules were compiled with.
pub fn lint(rules: &[Rule], sample: &Sample<'_>, limits: &Limits) -> Vec<Diagnostic> {
    let asked: Vec<Asked<'_>> = rules.iter().flat_map(asked).collect();
    let alone =
        asked.iter().zip(0..).map(|(asked, number)| trace::alone(asked.rule, &asked.in_text(), number));
    // Rules that compile do so test by test.
    let Ok(compiled) = RuleSet::compile(alone.collect(), limits) else { return Vec::new() };
    let (found, proposed) = search::search(&compiled, sample);
    let bytes = sample.mean_bytes();
    let costs = Costs { compiled: &compiled, proposed: &proposed, sample, limits, bytes };
    let first = |condition: &Option<Node>| first_pattern(&compiled, condition.as_ref());
    let firsts = asked.iter().zip(&compiled.conditions);
    let asked: Vec<_> = firsts.filter_map(|(asked, condition)| Some((asked, first(condition)?))).collect();
    let mut doubts = Vec::new();
    for of_rule in asked.chunk_by(|(one, _), (other, _)| std::ptr::eq(one.rule, other.rule)) {
        let rule = of_rule[0].0.rule;
        let texts = of_rule.iter().flat_map(|(asked, first)| {
            let finds = asked.finds(*first, &found);
            [asked.common(&finds, sample), asked.collision(&finds, sample)]
        });
        doubts.extend(texts.chain([costs.slow(rule, of_rule)]).flatten());
    }
    let mut doubts = rule::in_order(doubts);
    // A filter's texts are in every rule that it is added to.
    doubts.dedup();
    doubts
}

/// Everything there is to say of rules that compile and of correlations of what they find, `told` so far included, but for what authors accept. A policy decides what of it is
/// shown.
pub fn all(
    (rules, correlations): (&[Rule], &[Correlation]),
    map: &SourceMap,
    mut told: Vec<Diagnostic>,
    mut silences: Silences,
    (sample, limits): (&Sample<'_>, &Limits),
) -> Vec<Diagnostic> {
    let mut doubts = lint(rules, sample, limits);
    doubts.extend(rule::untested(rules));
    doubts.extend(rule::untested_correlations(correlations));
    told.extend(silences.sift(doubts));
    let stale = silences.stale(map, &told);
    told.extend(silences.sift(stale));
    rule::in_order(told)
}

/// A test of a text.
struct Asked<'r> {
    rule: &'r Rule,
    test: &'r Test,
    patterns: &'r Arc<[Pattern]>,
    /// Every pattern is demanded.
    all: bool,
}

/// The tests of texts in a rule. What a selection asks of several fields alike is asked once.
fn asked(rule: &Rule) -> impl Iterator<Item = Asked<'_>> {
    let in_use = rule.status != Status::Retired;
    let selections = rule.detection.selections.iter().filter(move |_| in_use);
    selections.flat_map(move |selection| {
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for test in selection.clause.tests() {
            let (patterns, all) = match &test.demand {
                Demand::AnyOf(patterns) => (patterns, false),
                Demand::AllOf(patterns) => (patterns, patterns.len() > 1),
                _ => continue,
            };
            asked.push(Asked { rule, test, patterns, all });
        }
        asked.retain(|asked| asked.test.kind == FieldType::Text);
        // The text itself comes first.
        asked.sort_by_key(|asked| asked.test.field != "text");
        let mut seen: Vec<&Arc<[Pattern]>> = Vec::new();
        asked.retain(|asked| {
            let known = seen.iter().any(|patterns| Arc::ptr_eq(patterns, asked.patterns));
            seen.push(asked.patterns);
            !known
        });
        asked
    })
}

/// The first of the compiled patterns that a rule of a single test asks for.
fn first_pattern(rules: &RuleSet, condition: Option<&Node>) -> Option<u32> {
    let Some(Node::Test(test)) = condition else { return None };
    match &rules.tests[test.0 as usize].demand {
        ruleset::Demand::Patterns(test) => Some(test.patterns.start),
        _ => None,
    }
}

/// A pattern and what it finds.
type OfPattern<'f, 's> = (&'f Pattern, &'f Finds<'s>);

impl Asked<'_> {
    /// The test, of any of its patterns in the text.
    fn in_text(&self) -> Test {
        let demand = Demand::AnyOf(Arc::clone(self.patterns));
        Test { field: "text".to_owned(), demand, ..self.test.clone() }
    }

    /// Those of its patterns that find something.
    fn finds<'f, 's>(&'f self, first: u32, found: &'f Found<'s>) -> Vec<OfPattern<'f, 's>> {
        let patterns = self.patterns.iter().zip(first..);
        patterns.filter_map(|(pattern, id)| Some((pattern, found.get(&PatternId(id))?))).collect()
    }

    /// The test alone makes the rule fire on a message.
    fn fires(&self) -> bool {
        let alone = || self.rule.detection.holds(&mut |other| std::ptr::eq(other, self.test));
        !self.all && self.test.field == "text" && self.rule.looks_at(["chat.message"]) && alone()
    }

    fn common(&self, finds: &[OfPattern<'_, '_>], sample: &Sample<'_>) -> Option<Diagnostic> {
        if !self.fires() {
            return None;
        }
        let too_common = |(pattern, finds): &&OfPattern<'_, '_>| {
            let of = if words(pattern) == 1 { WORD } else { PHRASE };
            u64::from(finds.all.messages()) * u64::from(of) >= u64::from(sample.messages)
        };
        let mut common: Vec<_> = finds.iter().filter(too_common).collect();
        common.sort_by_key(|(_, finds)| Reverse(finds.all.messages()));
        let ((pattern, finds), more) = common.split_first()?;
        let share = match rate(&finds.all, sample) {
            0 | 1 => "nearly every ordinary message".to_owned(),
            rate => format!("about 1 of {rate} ordinary messages"),
        };
        let message = format!("`{}` makes the rule fire by itself; it is in {share}", name(pattern));
        let doubt = Diagnostic::new(Code::CommonText, self.test.span, message);
        let doubt = doubt.help(counted(pattern, &finds.all, sample));
        let doubt = also(doubt, more.iter().map(|(pattern, finds)| (*pattern, &finds.all)), sample);
        Some(doubt.help(advice(pattern)))
    }

    fn collision(&self, finds: &[OfPattern<'_, '_>], sample: &Sample<'_>) -> Option<Diagnostic> {
        let collides = |(_, finds): &&OfPattern<'_, '_>| {
            let (all, other) = (finds.all.messages(), finds.other.messages());
            u64::from(other) * u64::from(LITTLE) > u64::from(all.saturating_sub(other))
        };
        let mut colliding: Vec<_> = finds.iter().filter(collides).collect();
        colliding.sort_by_key(|(_, finds)| Reverse(finds.other.messages()));
        let ((pattern, finds), more) = colliding.split_first()?;
        let texts = match finds.other.texts {
            1 => "another text".to_owned(),
            texts => format!("{texts} other texts"),
        };
        let message = format!("`{}` is also found in {texts} of ordinary chat", name(pattern));
        let doubt = Diagnostic::new(Code::Collision, self.test.span, message);
        let doubt = doubt.help(counted(pattern, &finds.other, sample));
        let doubt = also(doubt, more.iter().map(|(pattern, finds)| (*pattern, &finds.other)), sample);
        Some(doubt.help("name a plainer view, such as `text.folded`, or say with `not` what else is meant"))
    }
}

/// How many words it is; 0 of what cannot be told.
fn words(pattern: &Pattern) -> usize {
    let of = |text: &str| token::normals(&fold::fold(text)).count();
    if let PatternKind::Glob { parts, .. } = &pattern.kind {
        let literals = parts.iter().filter_map(|part| match part {
            GlobPart::Literal(text) => Some(of(text)),
            _ => None,
        });
        return literals.sum();
    }
    pattern.kind.words().map_or(0, of)
}

/// What it looks for, or the entry that it came from.
fn name(pattern: &Pattern) -> String {
    match (&pattern.entry, &pattern.kind) {
        (Some(entry), _) => entry.to_string(),
        (None, PatternKind::Glob { parts, .. }) => ruleset::written(parts),
        (None, PatternKind::Regex(source)) => source.clone(),
        (None, PatternKind::Network(network)) => network.to_string(),
        (None, words) => words.words().unwrap_or_default().to_owned(),
    }
}

/// One message of so many holds it.
fn rate(tally: &Tally<'_>, sample: &Sample<'_>) -> u32 {
    sample.messages / tally.messages().clamp(1, sample.messages.max(1))
}

/// In how many messages, in which view, and what they say.
fn counted(pattern: &Pattern, tally: &Tally<'_>, sample: &Sample<'_>) -> String {
    let (messages, of) = (tally.messages().min(sample.messages), sample.messages);
    let how = match tally.how {
        Some((_, 1)) => ", by a slip of the fingers".to_owned(),
        Some((_, 2..)) => ", by slips of the fingers".to_owned(),
        Some((view, _)) => format!(", in the view `{view}`"),
        None => String::new(),
    };
    let shown = pattern.entry.is_none();
    let examples: Vec<_> = tally.examples().filter(|_| shown).map(|text| format!("`{text}`")).collect();
    let examples = if shown { format!(": {}", examples.join(", ")) } else { String::new() };
    format!("in {messages} of {of} messages{how}{examples}")
}

/// The other texts of a test of which the same is to be said.
fn also<'f, 's: 'f>(
    doubt: Diagnostic,
    more: impl ExactSizeIterator<Item = (&'f Pattern, &'f Tally<'s>)>,
    sample: &Sample<'_>,
) -> Diagnostic {
    let rest = more.len().saturating_sub(MORE);
    let told =
        more.take(MORE).map(|(pattern, tally)| format!("`{}` (1 of {})", name(pattern), rate(tally, sample)));
    let mut told: Vec<_> = told.collect();
    if rest > 0 {
        told.push(format!("{rest} more"));
    }
    if told.is_empty() { doubt } else { doubt.help(format!("the same of {}", told.join(", "))) }
}

fn advice(pattern: &Pattern) -> &'static str {
    match pattern.kind {
        PatternKind::Glob { place: Place::Anywhere, .. } if words(pattern) == 1 => {
            "use `word` or `phrase`, or join it with another selection"
        }
        _ => "join it with another selection, or look for a longer phrase",
    }
}

#[cfg(test)]
mod tests;
