//! The correlations of a rule set, made ready to run: which finding feeds which of them, and when each fires.
//!
//! They stand in an order in which each comes after those that it takes in, so that one pass over them folds an event and
//! all that follows from it.

use super::key::GroupKey;
use crate::rule::correlation::{Addend, Bound, Kind, When};
use crate::rule::model::{Condition, Number, Status};
use crate::rule::{Correlation, Rule};
use crate::ruleset::{RuleIndex, RuleSet};
use crate::text::View;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The correlations of a rule set. Immutable, shared by all workers.
#[derive(Debug, Default)]
pub struct Correlations {
    all: Vec<Compiled>,
    /// The names of group keys, each once.
    groupings: Vec<Vec<String>>,
    by_id: foldhash::HashMap<String, CorrelationIndex>,
    /// By the id of what is found: whom it feeds, in the order of the correlations.
    feeds: foldhash::HashMap<String, Vec<Feed>>,
}

/// A correlation, by its place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CorrelationIndex(pub u32);

/// A correlation, made ready to run.
#[derive(Debug)]
pub struct Compiled {
    /// As it was checked.
    pub correlation: Correlation,
    /// Its id, to be shared by windows.
    pub id: Arc<str>,
    /// Digest of what decides whether it fires. Windows of another one are not continued.
    pub meaning: Meaning,
    /// Names of its group key, sorted.
    pub names: Vec<String>,
    /// It or one of its parts is on trial.
    pub shadow: bool,
    /// When it fires.
    pub trigger: Trigger,
    /// The name under which hits carry the values that it counts or adds.
    pub value: Option<String>,
}

/// 128 bits that tell what decides whether a correlation fires: its type, keys, times and condition, and the meaning of its rules.
pub type Meaning = [u8; 16];

/// When a correlation fires; the form of [`Kind`] that windows evaluate.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// So many events.
    Events(usize),
    /// So many different values.
    Values(usize),
    /// A sum of a field's values, in millionths.
    Sum(Least),
    /// A sum of scores, each part's greatest, in millionths.
    Scores(Least),
    /// These parts.
    Parts(When),
    /// All parts, of which there are so many, in their order.
    Ordered(usize),
}

/// What a sum must reach, in millionths: it counts as whole numbers do, without errors of rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Least(pub i128);

/// Who is fed by a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The correlation.
    pub correlation: CorrelationIndex,
    /// Which of its parts.
    pub part: u16,
    /// Which of all [`Correlations::grouping`]s its group key is of.
    pub grouping: usize,
    /// For each name of its group key the path that the value is read from.
    pub paths: Vec<String>,
    /// Each of them is the name.
    pub named: bool,
}

impl Compiled {
    /// How far apart findings may be, in milliseconds: less than this.
    pub fn timespan_ms(&self) -> i64 {
        i64::try_from(self.correlation.timespan_ms).unwrap_or(i64::MAX)
    }

    /// For how long a key that fired is silent, in milliseconds.
    pub fn suppress_ms(&self) -> i64 {
        self.correlation.suppress_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(i64::MAX))
    }

    /// Digest of all of it that flags depend on: what it means, what it is called, and what becomes of what it finds.
    pub fn digest(&self) -> [u8; 16] {
        let Correlation { name, title, status, level, tags, review, .. } = &self.correlation;
        let mut hash = Parts::new("correlation.all.1");
        hash.push(&self.meaning);
        for text in [name, title, level.name(), &review.queue] {
            hash.push(text.as_bytes());
        }
        hash.push(&(tags.len() as u64).to_be_bytes());
        for tag in tags {
            hash.push(tag.as_bytes());
        }
        hash.push(&[*status as u8, u8::from(review.publish), u8::from(self.shadow)]);
        hash.push(&self.score().to_be_bytes());
        hash.push(&self.suppress_ms().to_be_bytes());
        hash.finish()
    }

    /// Weight of what it finds, 0 to 100.
    pub fn score(&self) -> u32 {
        let Correlation { review, level, .. } = &self.correlation;
        review.score.unwrap_or_else(|| level.score())
    }

    /// The field whose values it counts or adds, and the view in which two of them are the same.
    pub fn counted(&self) -> Option<(&str, Option<View>)> {
        match &self.correlation.kind {
            Kind::ValueCount { field, view, .. } => Some((field, *view)),
            Kind::ValueSum { addend: Addend::Field(field), .. } => Some((field, None)),
            _ => None,
        }
    }

    /// The name of its type, as rules and flags have it.
    pub fn kind_name(&self) -> &'static str {
        match self.correlation.kind {
            Kind::EventCount { .. } => "event_count",
            Kind::ValueCount { .. } => "value_count",
            Kind::ValueSum { .. } => "value_sum",
            Kind::Temporal(_) => "temporal",
            Kind::TemporalOrdered => "temporal_ordered",
        }
    }
}

impl Correlations {
    /// Makes correlations ready to run over what `rules` find. Those that are no longer in use are left out.
    pub fn new(correlations: Vec<Correlation>, rules: &RuleSet) -> Correlations {
        let by_id = (0u32..).zip(rules.rules()).map(|(index, rule)| (rule.id.as_str(), RuleIndex(index)));
        let rules_by_id: HashMap<&str, RuleIndex> = by_id.collect();
        let mut set = Correlations::default();
        for correlation in in_order(correlations) {
            let parts = correlation.parts.iter().map(|part| match set.find(&part.id) {
                Some(child) if part.chained => Known::Correlation(child),
                _ => Known::of(rules, rules_by_id.get(part.id.as_str()).copied()),
            });
            let parts: Vec<Known<'_>> = parts.collect();
            let (shadow, meaning) = (shadow(&correlation, &parts), meaning(&correlation, &parts));
            set.add(correlation, shadow, meaning);
        }
        set
    }

    fn add(&mut self, correlation: Correlation, shadow: bool, meaning: Meaning) {
        // The checker bounds their number far below.
        let own = CorrelationIndex(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let mut keys: Vec<_> = correlation.keys.iter().collect();
        keys.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let names: Vec<String> = keys.iter().map(|key| key.name.clone()).collect();
        let grouping = self.groupings.iter().position(|known| *known == names).unwrap_or_else(|| {
            self.groupings.push(names.clone());
            self.groupings.len() - 1
        });
        for (part, fed) in (0u16..).zip(&correlation.parts) {
            let paths: Vec<String> = keys.iter().map(|key| key.field(part.into()).to_owned()).collect();
            let feed = Feed { named: paths == names, correlation: own, part, grouping, paths };
            self.feeds.entry(fed.id.clone()).or_default().push(feed);
        }
        let (id, trigger) = (correlation.id.as_str().into(), Trigger::of(&correlation));
        self.by_id.insert(correlation.id.clone(), own);
        let mut compiled = Compiled { correlation, id, meaning, names, shadow, trigger, value: None };
        compiled.value = compiled.counted().map(|(field, view)| match view {
            Some(view) => format!("{field}.{}", view.name()),
            None => field.to_owned(),
        });
        self.all.push(compiled);
    }

    /// Digest of all of them, in whatever order they came; none if there are none.
    pub fn digest(&self) -> Option<[u8; 16]> {
        let mut digests: Vec<[u8; 16]> = self.all.iter().map(Compiled::digest).collect();
        digests.sort_unstable();
        let mut hash = Parts::new("correlations.1");
        for digest in &digests {
            hash.push(digest);
        }
        (!digests.is_empty()).then(|| hash.finish())
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (CorrelationIndex, &Compiled)> {
        (0u32..).map(CorrelationIndex).zip(&self.all)
    }

    /// The correlation of that index.
    pub fn get(&self, index: CorrelationIndex) -> &Compiled {
        &self.all[index.0 as usize]
    }

    /// The correlation of that id.
    pub fn find(&self, id: &str) -> Option<&Compiled> {
        self.by_id.get(id).map(|index| self.get(*index))
    }

    /// By which names a group key is one, if by any that are in use.
    pub fn grouping(&self, key: &GroupKey) -> Option<usize> {
        self.groupings.iter().position(|names| key.is_of(names))
    }

    /// Whom the finding of a rule or correlation feeds, in the order of the correlations.
    pub fn fed_by(&self, id: &str) -> &[Feed] {
        self.feeds.get(id).map_or(&[], Vec::as_slice)
    }
}

/// Each after those that it takes in; else as they came. The checker left no circles.
fn in_order(correlations: Vec<Correlation>) -> Vec<Correlation> {
    let mut waiting: Vec<_> = correlations.into_iter().filter(|one| one.status != Status::Retired).collect();
    let mut done: Vec<Correlation> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let open: HashSet<String> = waiting.iter().map(|one| one.id.clone()).collect();
        let waits = |one: &Correlation| one.parts.iter().any(|part| part.chained && open.contains(&part.id));
        let (later, now): (Vec<_>, Vec<_>) = waiting.into_iter().partition(waits);
        if now.is_empty() {
            break;
        }
        done.extend(now);
        waiting = later;
    }
    done
}

/// What is known of a part.
enum Known<'a> {
    Rule(&'a Rule, [u8; 16]),
    Correlation(&'a Compiled),
    /// Not of this set: the checker let no such part pass.
    Nothing,
}

impl<'a> Known<'a> {
    fn of(rules: &'a RuleSet, index: Option<RuleIndex>) -> Known<'a> {
        index.map_or(Known::Nothing, |index| Known::Rule(rules.rule(index), *rules.meaning(index).bytes()))
    }
}

fn shadow(correlation: &Correlation, parts: &[Known<'_>]) -> bool {
    let on_trial = |part: &Known<'_>| match part {
        Known::Rule(rule, _) => rule.status == Status::Shadow,
        Known::Correlation(child) => child.shadow,
        Known::Nothing => false,
    };
    correlation.status == Status::Shadow || parts.iter().any(on_trial)
}

/// Hashes parts, each with its length before it.
struct Parts(Sha256);

impl Parts {
    fn new(version: &str) -> Parts {
        let mut parts = Parts(Sha256::new());
        parts.push(version.as_bytes());
        parts
    }

    fn push(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn finish(self) -> [u8; 16] {
        let mut first = [0; 16];
        first.copy_from_slice(&self.0.finalize()[..16]);
        first
    }
}

/// The digest of what decides whether it fires.
fn meaning(correlation: &Correlation, parts: &[Known<'_>]) -> Meaning {
    let mut hash = Parts::new("correlation.1");
    hash.push(correlation.id.as_bytes());
    hash.push(&correlation.timespan_ms.to_be_bytes());
    hash.push(kind_text(&correlation.kind).as_bytes());
    for key in &correlation.keys {
        hash.push(key.name.as_bytes());
        hash.push(&(key.fields.len() as u64).to_be_bytes());
        for field in &key.fields {
            hash.push(field.as_bytes());
        }
    }
    for (part, known) in correlation.parts.iter().zip(parts) {
        hash.push(part.id.as_bytes());
        hash.push(match known {
            Known::Rule(_, meaning) => meaning,
            Known::Correlation(child) => &child.meaning,
            Known::Nothing => b"",
        });
    }
    hash.finish()
}

/// What must come together, in words that change only with it.
fn kind_text(kind: &Kind) -> String {
    match kind {
        Kind::EventCount { at_least } => format!("events {at_least}"),
        Kind::ValueCount { field, view, at_least } => {
            format!("values {at_least} {} {field}", view.map_or("", View::name))
        }
        Kind::ValueSum { addend, bound } => {
            let field = match addend {
                Addend::Field(field) => field,
                Addend::RuleScore => "rule.score",
            };
            format!("sum {} {field}", Least::of(*bound).0)
        }
        Kind::Temporal(When::AtLeast(count)) => format!("parts {count}"),
        Kind::Temporal(When::Holds(condition)) => {
            let mut text = "parts ".to_owned();
            condition_text(condition, &mut text);
            text
        }
        Kind::TemporalOrdered => "ordered".to_owned(),
    }
}

fn condition_text(condition: &Condition, out: &mut String) {
    let mut group = |mark, parts: &[Condition]| {
        out.push(mark);
        out.push('(');
        for part in parts {
            condition_text(part, out);
        }
        out.push(')');
    };
    match condition {
        Condition::Selection(index) => {
            out.push_str(&index.to_string());
            out.push(';');
        }
        Condition::Not(inner) => group('!', std::slice::from_ref(inner)),
        Condition::All(parts) => group('&', parts),
        Condition::Any(parts) => group('|', parts),
    }
}

impl Trigger {
    fn of(correlation: &Correlation) -> Trigger {
        // Counts are bounded by the checker.
        let count = |at_least: u64| usize::try_from(at_least).unwrap_or(usize::MAX);
        match &correlation.kind {
            Kind::EventCount { at_least } => Trigger::Events(count(*at_least)),
            Kind::ValueCount { at_least, .. } => Trigger::Values(count(*at_least)),
            Kind::ValueSum { addend: Addend::Field(_), bound } => Trigger::Sum(Least::of(*bound)),
            Kind::ValueSum { addend: Addend::RuleScore, bound } => Trigger::Scores(Least::of(*bound)),
            Kind::Temporal(when) => Trigger::Parts(when.clone()),
            Kind::TemporalOrdered => Trigger::Ordered(correlation.parts.len()),
        }
    }
}

/// One, in millionths.
pub const UNIT: i64 = 1_000_000;

impl Least {
    fn of(bound: Bound) -> Least {
        let (number, above) = match bound {
            Bound::Above(number) => (number, true),
            Bound::AtLeast(number) => (number, false),
        };
        Least(match number {
            Number::Integer(whole) => whole.saturating_mul(UNIT.into()) + i128::from(above),
            Number::Decimal(number) => {
                micros(&number.to_string()).map_or(i128::MAX, i128::from) + i128::from(above)
            }
        })
    }

    /// True of a sum in millionths.
    pub fn is_reached(self, sum: i128) -> bool {
        sum >= self.0
    }
}

/// The number that a text says, in millionths: further places are cut off, and what is beyond the range is the end of it. None if
/// it says no number.
pub fn micros(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (negative, unsigned) = whole.strip_prefix('-').map_or((false, whole), |rest| (true, rest));
    if unsigned.is_empty() || !digits(unsigned) || !digits(fraction) {
        return rounded(text);
    }
    let places: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let size = format!("{unsigned}{places}").parse().unwrap_or(i64::MAX);
    Some(if negative { -size } else { size })
}

/// The same of a number in another notation, such as `1e3`.
fn rounded(text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "saturates, as is said")]
    Some((number * UNIT as f64) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_without_errors_of_rounding() {
        let cases = [
            ("0", Some(0)),
            ("0.7", Some(700_000)),
            ("19.99", Some(19_990_000)),
            ("-3", Some(-3_000_000)),
            ("-0.5", Some(-500_000)),
            ("0.0000019", Some(1)),
            ("1e2", Some(100_000_000)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999", Some(-i64::MAX)),
            ("1e400", None),
            ("", None),
            ("ten", None),
            ("1.2.3", None),
        ];
        for (text, expected) in cases {
            assert_eq!(micros(text), expected, "{text:?}");
        }
    }

    #[test]
    fn above_is_more_than() {
        let cases = [
            (Bound::AtLeast(Number::Integer(3)), 3_000_000, true),
            (Bound::Above(Number::Integer(3)), 3_000_000, false),
            (Bound::Above(Number::Integer(3)), 3_000_001, true),
            (Bound::AtLeast(Number::Decimal(0.8)), 800_000, true),
            (Bound::AtLeast(Number::Decimal(0.8)), 799_999, false),
        ];
        for (bound, sum, expected) in cases {
            assert_eq!(Least::of(bound).is_reached(sum), expected, "{bound:?} {sum}");
        }
    }
}
