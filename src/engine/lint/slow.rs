//! Rules that would be slow: what they take of an ordinary message, estimated from the sample.
//!
//! ```text
//!  a rule = sum over its patterns of  share of messages on which it is tried  ×  bytes of a message  ×  time a byte
//! ```
//!
//! **On which messages.** A rule is selected where a part of it is found that it cannot do without: of an `and` the rarest part
//! selects all, through a `not` nothing does. The patterns of that part are tried where the lanes propose them: on the sample's
//! texts that hold one of their literals, as the search has found them. All others are tried wherever the rule is selected; on
//! every message, if it has nothing to be found by. The engine chooses the part with the longest literals, which is rarely
//! another. A test of another field selects all messages if it is of a keyword, which may be the same in every message,
//! and none if it is of a text, such as a name, which seldom holds what is looked for.
//!
//! **How long.** [`nanos_a_byte`] has a time for each kind of pattern, which is rough: expressions differ by a factor of two,
//! and one that begins with a repeat costs eight times as much. It is enough to tell what takes a nanosecond a message
//! from what takes a thousand. `wardline scan --profile` measures a rule on real events.

use super::tally::Proposals;
use super::{Asked, PatternId, Sample, name};
use crate::event::FieldType;
use crate::rule::model::{Clause, Condition, Demand, Pattern, PatternKind, Test};
use crate::rule::{Code, Diagnostic, Rule};
use crate::ruleset::{LONG_LIST, Limits, RuleSet, searched_by};
use std::collections::BTreeMap;

/// A rule is slow from so many nanoseconds a message on. A phrase rule takes about one (a scan of `benches/chitchat` by
/// 10,000 of them takes 2.6 s of CPU time more than by 1,000, for 258,145 messages), so that five slow rules take as long
/// as a thousand phrases.
const SLOW: f64 = 200.0;

/// A message in which a given thing stands is longer than one in which it need not: in the messages of `benches/chitchat`
/// those with `you` or `the` have 60 and 78 bytes, all 48.
const LONGER: f64 = 1.5;

/// Of more literals than these none is named: each is looked for in the whole sample.
const NAMED: usize = 8;

/// By pattern that was proposed: for how many messages.
pub(super) type Proposed = BTreeMap<PatternId, Proposals>;

/// What the patterns of a rule's tests are, and how often they are proposed.
pub(super) struct Costs<'a> {
    pub(super) compiled: &'a RuleSet,
    pub(super) proposed: &'a Proposed,
    pub(super) sample: &'a Sample<'a>,
    pub(super) limits: &'a Limits,
    /// How many bytes a message has.
    pub(super) bytes: f64,
}

/// What a pattern takes.
struct Cost<'r> {
    asked: &'r Asked<'r>,
    pattern: &'r Pattern,
    tried: Tried,
    /// Of messages, on which it is tried.
    share: f64,
    /// Nanoseconds a message.
    nanos: f64,
}

/// Whether a pattern is entered into the lanes though its test selects nothing.
fn entered(pattern: &Pattern, asked: &Asked<'_>) -> bool {
    let words =
        matches!(pattern.kind, PatternKind::Words(_) | PatternKind::Near { .. } | PatternKind::Fuzzy { .. });
    words || asked.patterns.len() >= LONG_LIST
}

/// Where a pattern is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tried {
    /// Where one of its literals is found.
    Proposed,
    /// Where another part of the rule is found.
    Beside,
    /// Everywhere that the rest of the rule allows: its test has nothing to be found by.
    Loose,
}

impl Costs<'_> {
    /// What there is to say of a rule, whose tests are given with the first of their compiled patterns.
    pub(super) fn slow<'r>(&self, rule: &'r Rule, asked: &[(&'r Asked<'r>, u32)]) -> Option<Diagnostic> {
        if !rule.looks_at(["chat.message"]) {
            return None;
        }
        let share = |test: &Test| self.of_test(test, asked);
        let selected = of_condition(&rule.detection.condition, rule, &share);
        let of_text = asked.iter().filter(|(asked, _)| asked.test.path() == "text");
        let costs: Vec<Cost<'_>> =
            of_text.flat_map(|(asked, first)| self.costs(asked, *first, selected)).collect();
        let all: f64 = costs.iter().map(|cost| cost.nanos).sum();
        let most =
            costs.into_iter().reduce(|most, cost| if cost.nanos > most.nanos { cost } else { most })?;
        (all >= SLOW).then(|| self.doubt(&most, all))
    }

    fn costs<'r>(&self, asked: &'r Asked<'r>, first: u32, selected: f64) -> impl Iterator<Item = Cost<'r>> {
        let bytes = self.bytes;
        let share = self.of_patterns(first, asked.patterns.len(), asked.all);
        // With nothing to be found by in one of its alternatives, the rule is not looked up by the others either.
        let everywhere = selected >= 1.0 && asked.rule.allow_unanchored;
        asked.patterns.iter().zip(first..).map(move |(pattern, id)| {
            let tried = if !self.compiled.pattern(PatternId(id)).proposed {
                Tried::Loose
            } else if (share <= selected && !everywhere) || entered(pattern, asked) {
                Tried::Proposed
            } else {
                Tried::Beside
            };
            let own = if tried == Tried::Proposed { self.of_pattern(id).min(selected) } else { selected };
            let bytes = if own < 1.0 { bytes * LONGER } else { bytes };
            Cost { asked, pattern, tried, share: own, nanos: own * bytes * nanos_a_byte(pattern, tried) }
        })
    }

    /// The share of messages in which a test may hold.
    fn of_test(&self, test: &Test, asked: &[(&Asked<'_>, u32)]) -> f64 {
        if !matches!(test.demand, Demand::AnyOf(_) | Demand::AllOf(_)) {
            return 1.0;
        }
        let own = asked.iter().find(|(asked, _)| std::ptr::eq(asked.test, test) && test.path() == "text");
        match own {
            Some((asked, first)) => self.of_patterns(*first, asked.patterns.len(), asked.all),
            None if test.kind == FieldType::Text => 0.0,
            None => 1.0,
        }
    }

    /// The same of the patterns from `first` on.
    fn of_patterns(&self, first: u32, number: usize, all: bool) -> f64 {
        let shares = (first..).take(number).map(|id| self.of_pattern(id));
        if all { shares.fold(1.0, f64::min) } else { any(shares) }
    }

    /// The share of messages for which a pattern is proposed.
    fn of_pattern(&self, id: u32) -> f64 {
        if !self.compiled.pattern(PatternId(id)).proposed {
            return 1.0;
        }
        self.proposed.get(&PatternId(id)).map_or(0.0, |proposals| proposals.share(self.sample))
    }

    fn doubt(&self, cost: &Cost<'_>, all: f64) -> Diagnostic {
        let Cost { asked, pattern, tried, share, nanos } = cost;
        let (name, all, own) = (name(pattern), tens(all), tens(*nanos));
        let message = format!("the rule takes about {all} ns a message; `{name}` is tried on {}", of(*share));
        let doubt = Diagnostic::new(Code::Slow, asked.test.span, message);
        let doubt = match (tried, self.commonest(cost)) {
            (Tried::Loose, _) => doubt.help(
                "all of its test is tried: not every value there has a piece of 3 bytes to be found by",
            ),
            (Tried::Beside, _) if *share >= 1.0 => {
                doubt.help("the rule can be without anything to be found by, so all of it is tried")
            }
            (Tried::Beside, _) => doubt.help("it is tried wherever the rest of the rule is found"),
            (Tried::Proposed, Some((literal, share))) => {
                doubt.help(format!("it is found by `{literal}`, which is in {}", of(share)))
            }
            (Tried::Proposed, None) => doubt,
        };
        let doubt = doubt.help(format!("this pattern alone takes {own} ns; a phrase rule takes about 1"));
        doubt.help(advice(pattern))
    }

    /// The commonest literal by which the pattern is found, and its share of messages; none of an entry of a list, nor where
    /// the words themselves are it, nor of many.
    fn commonest(&self, cost: &Cost<'_>) -> Option<(String, f64)> {
        let literals = match cost.pattern.entry {
            None => searched_by(cost.pattern, cost.asked.test, self.limits),
            Some(_) => Vec::new(),
        };
        if literals.len() > NAMED {
            return None;
        }
        let shares = literals.into_iter().map(|literal| {
            let mut proposals = Proposals::default();
            for said in self.sample.texts.iter().filter(|said| said.text.contains(&literal)) {
                proposals.add(*said, self.sample);
            }
            (literal, proposals.share(self.sample))
        });
        shares.reduce(|most, other| if other.1 > most.1 { other } else { most })
    }
}

/// The share of messages for which one of several independent things holds.
fn any(shares: impl Iterator<Item = f64>) -> f64 {
    1.0 - shares.map(|share| 1.0 - share).product::<f64>()
}

/// The share of messages in which a condition may hold.
fn of_condition(condition: &Condition, rule: &Rule, share: &impl Fn(&Test) -> f64) -> f64 {
    match condition {
        Condition::Selection(index) => of_clause(&rule.detection.selections[*index].clause, share),
        Condition::Not(_) => 1.0,
        Condition::All(parts) => parts.iter().map(|part| of_condition(part, rule, share)).fold(1.0, f64::min),
        Condition::Any(parts) => any(parts.iter().map(|part| of_condition(part, rule, share))),
    }
}

fn of_clause(clause: &Clause, share: &impl Fn(&Test) -> f64) -> f64 {
    match clause {
        Clause::Test(test) => share(test),
        Clause::Not(_) => 1.0,
        Clause::All(parts) => parts.iter().map(|part| of_clause(part, share)).fold(1.0, f64::min),
        Clause::Any(parts) => any(parts.iter().map(|part| of_clause(part, share))),
    }
}

/// What a try takes a byte, in nanoseconds, all views together, as `benches/chitchat/tries` measures it. Words that were
/// proposed are nearly always there, and then the first view has them; words with slips are looked for in all.
fn nanos_a_byte(pattern: &Pattern, tried: Tried) -> f64 {
    match pattern.kind {
        PatternKind::Regex(_) => 60.0,
        PatternKind::Glob { .. } => 13.0,
        PatternKind::Words(_) | PatternKind::Near { .. } if tried == Tried::Proposed => 10.0,
        _ => 25.0,
    }
}

/// To tens: the estimate is no better.
fn tens(nanos: f64) -> String {
    format!("{:.0}", (nanos / 10.0).round() * 10.0)
}

/// A share of messages in words.
fn of(share: f64) -> String {
    let rate = 1.0 / share.max(f64::MIN_POSITIVE);
    match rate {
        ..=1.0 => "every message".to_owned(),
        1.0..1.5 => "most messages".to_owned(),
        _ => format!("about 1 of {rate:.0} messages"),
    }
}

fn advice(pattern: &Pattern) -> &'static str {
    match pattern.kind {
        PatternKind::Regex(_) | PatternKind::Glob { .. } => {
            "let a longer or rarer piece stand in all that it matches, or join it with a phrase by `and`"
        }
        _ => "look for a longer phrase, or join it with a rarer one by `and`",
    }
}
