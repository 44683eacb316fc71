//! A correlation: several findings of rules that share a key within a span of time, checked and resolved.
//!
//! ```text
//!  document ─► read: a Draft, checked by itself ─► resolve: rules, aliases and chains of the whole set ─► Correlation
//! ```
//!
//! What can be wrong only in the light of other documents (a rule that is not there, a chain in a circle, a key that a
//! child does not carry) is checked when all files are read. What comes out has no names left to look up: the
//! correlation's [`Part`]s are ids of the set, a [`Key`] says for each part which field it is read from, and a condition
//! that could never hold, or only when a window closes, is not there.

mod alias;
mod example;
mod field;
mod read;
mod resolve;
mod threshold;
mod when;

use super::model::{Condition, Expectation, Level, Number, Origin, Review, Status};
use crate::text::View;

pub(super) use read::{Draft, KEYS, Name, SHAPE, names, read, twice};
pub(super) use resolve::resolve;
pub(super) use when::negates;

/// A correlation, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// Unique id among rules and correlations.
    pub id: String,
    /// Short unique name for references; the id where it gives none.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Stage in its life, as it is written: with a shadow part it is shadow all the same.
    pub status: Status,
    /// How grave a finding is.
    pub level: Level,
    /// Free tags, `namespace.name`.
    pub tags: Vec<String>,
    /// What must come together.
    pub kind: Kind,
    /// The rules and correlations whose findings it takes, each once, in the order of the file: that of `temporal_ordered`.
    pub parts: Vec<Part>,
    /// What the findings must share. Never empty.
    pub keys: Vec<Key>,
    /// How far apart the findings may be: less than this, in milliseconds.
    pub timespan_ms: u64,
    /// What becomes of findings.
    pub review: Review,
    /// For how long a key that fired is silent, in milliseconds.
    pub suppress_ms: Option<u64>,
    /// Its own tests.
    pub tests: Vec<TimedExample>,
    /// Where it stands.
    pub origin: Origin,
}

/// What must come together for a correlation to fire.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// So many events.
    EventCount {
        /// From how many on. At least 1.
        at_least: u64,
    },
    /// So many different values of a field.
    ValueCount {
        /// The field's dotted path, without view.
        field: String,
        /// The reading in which two texts are equal; none for other types, which compare by canonical text.
        view: Option<View>,
        /// From how many on: 1 to [`MAX_VALUES`].
        at_least: u64,
    },
    /// A sum.
    ValueSum {
        /// What is added.
        addend: Addend,
        /// What the sum must reach.
        bound: Bound,
    },
    /// Findings of different parts, in any order.
    Temporal(When),
    /// A finding of every part, in the order of the parts.
    TemporalOrdered,
}

/// How many events `event_count` keeps for a key.
pub const MAX_EVENTS: u64 = 10_000;

/// How many rules may follow one another in `temporal_ordered`: of every step the events that led to it are kept.
pub const MAX_STEPS: usize = 64;

/// How many different values `value_count` and `value_sum` keep for a key.
pub const MAX_VALUES: u64 = 1_024;

/// Which parts a `temporal` correlation needs.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// So many different ones: from 1 to all of them.
    AtLeast(usize),
    /// Those of an expression, whose selections are parts by their index. It holds no `not`.
    Holds(Condition),
}

/// What `value_sum` adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addend {
    /// A numeric field, by its dotted path.
    Field(String),
    /// `rule.score`: the score of each different part, at its greatest.
    RuleScore,
}

/// What a sum must reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// More than this: `gt`.
    Above(Number),
    /// This or more: `gte`.
    AtLeast(Number),
}

/// A rule or a correlation whose findings a correlation takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its id.
    pub id: String,
    /// It is a correlation, whose result carries its keys and nothing else of its events.
    pub chained: bool,
}

/// A value that findings must share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The field's path, or the alias.
    pub name: String,
    /// Of an alias, for each part the field that it stands for; else empty.
    pub fields: Vec<String>,
}

impl Key {
    /// The dotted path that the value is read from in what a part finds; of a chained part the name of one of its keys.
    pub fn field(&self, part: usize) -> &str {
        self.fields.get(part).unwrap_or(&self.name)
    }
}

/// A test that a correlation ships: events in time.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedExample {
    /// Its name.
    pub name: String,
    /// What is expected at the last event: a match is a finding that is not suppressed.
    pub expect: Expectation,
    /// What is the matter, of one that is known to be wrong.
    pub note: Option<String>,
    /// The events. Never empty; their offsets do not fall.
    pub events: Vec<TimedEvent>,
    /// Line of the test in its file, from 1.
    pub line: u32,
}

/// An event of a [`TimedExample`].
#[derive(Debug, Clone, PartialEq)]
pub struct TimedEvent {
    /// Milliseconds after the test's beginning.
    pub offset_ms: u64,
    /// The part that is to have found it, by its index, whatever it holds; none if rules are to look at it.
    pub part: Option<usize>,
    /// The event as a JSON object; the runner fills in what it leaves out.
    pub event: serde_json::Value,
}

#[cfg(test)]
mod tests;
