//! A checked rule: what the compiler, the plain evaluator and `explain` all read.
//!
//! Names are resolved, quantifiers expanded, values typed; nothing here depends on how it will be matched.
//! Meaning, for every reader:
//!
//! * A [`Test`] holds if a value of its field does; a field that is an array holds if any element does.
//! * A field of type text is read in views. [`Views::Automatic`] means raw and folded, and for words those coarser ones that are safe; the first view that
//!   holds the pattern is reported. The view joined is that of a value of its own ([`crate::event::JOINED`]): what is
//!   found there begins in an earlier message and ends in this one.
//! * Unless `cased`, strings compare without regard to case (simple lower case of each character). A regular
//!   expression does as it says: outside the folded view, which knows no case, case counts unless its flag `i`
//!   is set. In the folded view it is read in its folded form ([`super::regex::folded`]).

mod compare;

pub use compare::{Comparison, FieldTest, Number, Others, TimeTest};

use super::source::Span;
use crate::event::{FieldType, JOINED};
use crate::text::View;
use ipnet::IpNet;
use std::fmt;
use std::sync::Arc;

/// A detection rule, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Unique id, a UUID in rules that follow Sigma.
    pub id: String,
    /// Short unique name for references; the id where the rule gives none.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Stage in the rule's life.
    pub status: Status,
    /// How grave a finding is.
    pub level: Level,
    /// Free tags, `namespace.name`.
    pub tags: Vec<String>,
    /// Event types the rule looks at (any value of the event's `type`); empty for all. From `logsource.category`.
    pub event_types: Vec<String>,
    /// The selections and the condition over them.
    pub detection: Detection,
    /// What becomes of findings.
    pub review: Review,
    /// What the rule is not to flag for a while; already a part of the detection.
    pub exceptions: Vec<Exception>,
    /// The rule's own tests.
    pub tests: Vec<Example>,
    /// The author accepts that no literal selects the events worth evaluating.
    pub allow_unanchored: bool,
    /// Where the rule stands: file as the user wrote it, and line from 1.
    pub origin: Origin,
}

/// Where a rule was read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// Line of the rule's first key, from 1.
    pub line: u32,
    /// The rule's `detection` key: what a diagnostic about the rule as a whole marks.
    pub span: Span,
}

impl Rule {
    /// Whether the rule looks at an event of these types.
    pub fn looks_at<'k>(&self, kinds: impl IntoIterator<Item = &'k str>) -> bool {
        self.event_types.is_empty()
            || kinds.into_iter().any(|kind| self.event_types.iter().any(|own| own == kind))
    }
}

/// A rule's stage in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// In use, believed right.
    Stable,
    /// In use, being tried.
    Test,
    /// New.
    #[default]
    Experimental,
    /// Evaluated, published to the shadow topic only.
    Shadow,
    /// Kept for the record, not evaluated (Sigma's `deprecated` and `unsupported`).
    Retired,
}

impl Status {
    /// The name used in rules.
    pub fn name(self) -> &'static str {
        match self {
            Status::Stable => "stable",
            Status::Test => "test",
            Status::Experimental => "experimental",
            Status::Shadow => "shadow",
            Status::Retired => "deprecated",
        }
    }
}

/// How grave a finding is, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Level {
    /// Worth knowing.
    Informational,
    /// A weak sign.
    Low,
    /// A sign that needs others.
    #[default]
    Medium,
    /// To be looked at soon.
    High,
    /// To be looked at now.
    Critical,
}

impl Level {
    /// All levels, rising.
    pub const ALL: [Level; 5] =
        [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The name used in rules, flags and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// The score of a finding whose rule gives none.
    pub fn score(self) -> u32 {
        match self {
            Level::Informational => 5,
            Level::Low => 20,
            Level::Medium => 40,
            Level::High => 70,
            Level::Critical => 90,
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// What becomes of a rule's findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Weight of a finding, 0 to 100; none takes the level's default.
    pub score: Option<u32>,
    /// The reviewers' queue.
    pub queue: String,
    /// Whether findings are published as flags.
    pub publish: bool,
}

impl Default for Review {
    fn default() -> Review {
        Review { score: None, queue: "default".to_owned(), publish: true }
    }
}

/// What a rule is not to flag for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its name, of its own among those of the rule.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// From when on it holds no more, in milliseconds since the epoch.
    pub expires: i64,
    /// Why it is needed.
    pub reason: String,
    /// Where its name stands.
    pub span: Span,
}

/// Selections and the condition over them.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// The named selections in the order of the file.
    pub selections: Vec<Selection>,
    /// The condition; quantifiers such as `1 of x_*` are already expanded. Several conditions are joined by or.
    pub condition: Condition,
}

impl Detection {
    /// Whether the condition holds, given whether each test does.
    pub fn holds(&self, test: &mut impl FnMut(&Test) -> bool) -> bool {
        self.condition.holds(&self.selections, test)
    }
}

/// A named part of a detection.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Its name in the condition.
    pub name: String,
    /// What it demands.
    pub clause: Clause,
    /// Where its name stands.
    pub span: Span,
}

/// A boolean expression over selections.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A selection, by its index.
    Selection(usize),
    /// Does not hold.
    Not(Box<Condition>),
    /// All hold. Never empty.
    All(Vec<Condition>),
    /// At least one holds. Never empty.
    Any(Vec<Condition>),
}

impl Condition {
    fn holds(&self, selections: &[Selection], test: &mut impl FnMut(&Test) -> bool) -> bool {
        match self {
            Condition::Selection(index) => selections[*index].clause.holds(test),
            Condition::Not(inner) => !inner.holds(selections, test),
            Condition::All(parts) => parts.iter().all(|part| part.holds(selections, test)),
            Condition::Any(parts) => parts.iter().any(|part| part.holds(selections, test)),
        }
    }
}

/// A boolean expression over tests: a map is all of its entries, a list any of its items.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// One test of one field.
    Test(Test),
    /// Does not hold (`neq`).
    Not(Box<Clause>),
    /// All hold. Never empty.
    All(Vec<Clause>),
    /// At least one holds. Never empty.
    Any(Vec<Clause>),
}

impl Clause {
    /// The tests in it, in order.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Clause::Test(test) => vec![test],
            Clause::Not(inner) => inner.tests(),
            Clause::All(parts) | Clause::Any(parts) => parts.iter().flat_map(Clause::tests).collect(),
        }
    }

    fn holds(&self, test: &mut impl FnMut(&Test) -> bool) -> bool {
        match self {
            Clause::Test(own) => test(own),
            Clause::Not(inner) => !inner.holds(test),
            Clause::All(parts) => parts.iter().all(|part| part.holds(test)),
            Clause::Any(parts) => parts.iter().any(|part| part.holds(test)),
        }
    }
}

/// One entry of a selection: a field and what is demanded of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Dotted path of the field, without its view.
    pub field: String,
    /// The field's type.
    pub kind: FieldType,
    /// The readings of a text field in which patterns are searched; of no meaning for other types.
    pub views: Views,
    /// What is demanded.
    pub demand: Demand,
    /// Where its key stands, or its first text if it has none.
    pub span: Span,
}

impl Test {
    /// The path of the field whose values are looked at: a joined text has one of its own.
    pub(crate) fn path(&self) -> &str {
        if self.views == Views::Only(View::Joined) { JOINED } else { &self.field }
    }
}

impl PatternKind {
    /// The words that it looks for, however they have to stand.
    pub(crate) fn words(&self) -> Option<&str> {
        match self {
            PatternKind::Words(text) | PatternKind::Fuzzy { text, .. } | PatternKind::Near { text, .. } => {
                Some(text)
            }
            PatternKind::Glob { .. } | PatternKind::Regex(_) | PatternKind::Network(_) => None,
        }
    }
}

/// In which readings a text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Views {
    /// `text`: every view that is safe for the pattern.
    Automatic,
    /// `text.folded` and so on: that view alone.
    Only(View),
}

/// What a test demands of a field's values. Patterns are shared: a long list is held once for all rules that take
/// it in.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// The field is present (true) or absent (false), whatever its value.
    Exists(bool),
    /// The field is absent or null.
    Null,
    /// A number in the given relation to the field's value.
    Compare(Comparison, Number),
    /// The field's value as a time, or a part of it, in the given relation to a number.
    Time(TimeTest),
    /// A value of another field is the field's, or a part of it.
    Field(FieldTest),
    /// At least one pattern matches a value (a plain list).
    AnyOf(Arc<[Pattern]>),
    /// Every pattern matches some value (`|all`).
    AllOf(Arc<[Pattern]>),
}

/// One value of a test, as a pattern over a string.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// What is searched.
    pub kind: PatternKind,
    /// Whether case matters. Then only the raw view is read.
    pub cased: bool,
    /// The list entry it came from, where it came from a list: what evidence shows instead of the text.
    pub entry: Option<ListEntry>,
}

/// An entry of a named list, by its id or line number; never by its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListEntry {
    /// The list's name.
    pub list: Arc<str>,
    /// The entry's own id, or its line number.
    pub entry: Arc<str>,
}

impl fmt::Display for ListEntry {
    /// `list#entry`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.list, self.entry)
    }
}

/// The ways a pattern reads a string.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternKind {
    /// Literal text with wildcards, anchored as told. Sigma's plain values, `contains`, `startswith`, `endswith`.
    Glob {
        /// Where in the value it must stand.
        place: Place,
        /// Literal parts and wildcards, in order. Adjacent literals are merged; an empty list matches the empty string.
        parts: Vec<GlobPart>,
    },
    /// The words of a text, next to each other (`word`, `phrase`): in each view the tokens of the text as that
    /// view reads it, which may be cut otherwise than those of the text as it was written. Holds a token.
    Words(String),
    /// The words of a text next to each other, like [`PatternKind::Words`], and besides with slips of the fingers, as many as
    /// `fuzzy1` and `fuzzy2` allow in so many letters.
    Fuzzy {
        /// The words. They have letters enough.
        text: String,
        /// Which of the two: 1 or 2.
        slips: u8,
    },
    /// The words of a text near each other, in any order (`near3`, `near8`): of the tokens of a view a stretch of
    /// `reach` and one more that holds every word of the text, as often as the text does. The leftmost such stretch, from
    /// there the shortest, from the first of the words to the last.
    Near {
        /// The words. Holds a token, and no more than a stretch does.
        text: String,
        /// How many tokens the first and the last may be apart.
        reach: u8,
    },
    /// An address of a network (`cidr`). An IPv4 address written as an IPv6 one is the IPv4 address.
    Network(IpNet),
    /// A regular expression in the syntax of the `regex` crate, flags already written into it. Searched, not anchored.
    Regex(String),
}

/// Where a glob must stand in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The whole value.
    Whole,
    /// At its start.
    Start,
    /// At its end.
    End,
    /// Anywhere.
    Anywhere,
}

/// A part of a glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GlobPart {
    /// Literal text, never empty.
    Literal(String),
    /// `?`: exactly one character.
    AnyCharacter,
    /// `*`: any characters, also none.
    AnyCharacters,
}

/// A test that a rule ships: events and what is expected of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Its name.
    pub name: String,
    /// What is expected.
    pub expect: Expectation,
    /// Why it is so: of a known miss, say, what would mend it.
    pub note: Option<String>,
    /// The events before it, in their order, as JSON objects: nothing is expected of them.
    pub before: Vec<serde_json::Value>,
    /// The event as a JSON object; the runner fills in what it leaves out.
    pub event: serde_json::Value,
    /// Line of the test in its file, from 1.
    pub line: u32,
}

/// What a rule's test expects. The last two say what ought to be, and pass while it is not: a rule's weak spots are written
/// down with it, and its author hears when one is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The rule fires.
    Match,
    /// The rule stays silent.
    NoMatch,
    /// The rule ought to fire, and does not yet.
    KnownMiss,
    /// The rule ought to stay silent, and fires.
    KnownFalsePositive,
}

impl Expectation {
    /// All of them.
    pub const ALL: [Expectation; 4] =
        [Expectation::Match, Expectation::NoMatch, Expectation::KnownMiss, Expectation::KnownFalsePositive];

    /// The name in rules and reports.
    pub fn name(self) -> &'static str {
        match self {
            Expectation::Match => "match",
            Expectation::NoMatch => "no-match",
            Expectation::KnownMiss => "known-miss",
            Expectation::KnownFalsePositive => "known-false-positive",
        }
    }

    /// The expectation of that name.
    pub fn from_name(name: &str) -> Option<Expectation> {
        Expectation::ALL.into_iter().find(|expectation| expectation.name() == name)
    }

    /// Whether the rule fires on the event of a test that passes.
    pub fn fires(self) -> bool {
        matches!(self, Expectation::Match | Expectation::KnownFalsePositive)
    }

    /// Whether what passes is not what ought to be.
    pub fn is_known(self) -> bool {
        matches!(self, Expectation::KnownMiss | Expectation::KnownFalsePositive)
    }
}
