//! Compiled rules: immutable, shared by all workers, with a digest.
//!
//! ```text
//!  Vec<Rule> ──► compile: tests shared across rules, conditions as trees over them
//!                   │  literal: what must be in a text for a pattern to match
//!                   │  anchor: the few literals or exact values that select a rule
//!                   ▼
//!                RuleSet { fields, tests, patterns, lanes, exact values }
//! ```
//!
//! Cost must not grow with the number of rules, so a rule is *anchored*: some literals (or the exact value
//! of a keyword) of which at least one must occur before the rule can hold. One pass over a batch's texts
//! finds the literals of all rules; only rules whose anchor was found are evaluated, only tests that they
//! ask for, and each distinct test once an event however many rules share it.
//!
//! Rejected: one big regular expression set (seconds to compile, collapses beyond a thousand rules) and a
//! decision network over all tests (evaluates tests that no candidate rule needs).

mod anchor;
mod blame;
mod coarse;
mod compile;
mod digest;
mod enter;
mod exact;
mod glob;
mod grams;
mod key;
mod keys;
mod literal;
mod looks;
mod networks;
mod order;
mod pattern;
mod prefilter;
mod regexes;
mod stream;
mod tokens;
mod types;

pub use digest::Digest;
pub use grams::Grams;
pub use prefilter::{Candidate, Found, LiteralId, Prefilter, Segments};

pub(crate) use blame::written;
pub(crate) use coarse::{Coarse, DISGUISED, Measure, Order, SKELETON, SQUASHED};
pub(crate) use compile::LONG_LIST;
pub(crate) use exact::ExactIndex;
pub(crate) use keys::Keys;
pub(crate) use networks::NetworkIndex;
pub(crate) use pattern::{Matcher, Pattern, PatternId, Words, searched_by};
pub(crate) use regexes::{RegexCache, Regexes};
pub(crate) use stream::{Depth, Stream};
pub(crate) use tokens::TokenList;

use crate::event::{FieldId, FieldSet};
use crate::rule::model::{self, Comparison, FieldTest, ListEntry, Number, TimeTest, Views};
use crate::rule::source::Span;
use crate::rule::{Rule, regex};
use crate::text::windows::Windows;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A rule of a rule set, by its place among the compiled rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleIndex(pub u32);

/// An entry of a list that a pattern came from, by its index in [`RuleSet::entry`]. Ordered as the entries are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u32);

/// What a rule may cost at most, beyond which it does not compile, and what its cost is reckoned by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Greatest memory of one compiled regular expression, in bytes.
    pub regex_bytes: usize,
    /// Greatest count in a regular expression's repeat, nested counts multiplied.
    pub regex_repeat: u32,
    /// How often pieces of texts come, so that a rule is looked up by what is rare.
    pub windows: Windows,
    /// Whether phrases of some length are also looked for with one slip of the fingers. Without, texts are read for
    /// less than a rule says: only a benchmark, which tells what slips cost, does so.
    pub slips: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        let windows = Windows::default();
        Limits { regex_bytes: regex::SIZE_LIMIT, regex_repeat: regex::MAX_REPEAT, windows, slips: true }
    }
}

/// Why a rule does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Index of the rule among those given; none if it is about all of them.
    pub rule: Option<usize>,
    /// What kind of mistake it is.
    pub code: CompileCode,
    /// What is wrong, in words, without any text of a list.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What of the rule is to blame; none if it is the rule as a whole.
    pub place: Option<Span>,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CompileError {}

/// The kinds of [`CompileError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CompileCode {
    /// A text rule that no literal and no exact keyword selects.
    Unanchored,
    /// A view that is not searched yet.
    View,
    /// A regular expression that cannot be read or is too large.
    Regex,
    /// More rules, tests, patterns or fields than a rule set can hold.
    TooMany,
}

/// A test, shared by all rules that ask for the same, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TestId(pub(crate) u32);

/// What a test asks of one field's values.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) field: FieldId,
    pub(crate) demand: Demand,
}

/// The compiled form of [`crate::rule::model::Demand`].
#[derive(Debug)]
pub(crate) enum Demand {
    Exists(bool),
    Null,
    Compare(Comparison, Number),
    Time(TimeTest),
    Field {
        other: FieldId,
        test: FieldTest,
    },
    Patterns(PatternTest),
    /// A selection that a condition asks for more than once.
    Clause(Node),
}

/// Patterns of which any or all must match a value.
#[derive(Debug)]
pub(crate) struct PatternTest {
    /// Every pattern, not just any.
    pub(crate) all: bool,
    pub(crate) patterns: Range<u32>,
    /// Those that no lane and no index proposes: they are tried on every value.
    pub(crate) loose: Box<[PatternId]>,
    /// With `all`: the pattern whose proposal makes the test a candidate. None: any pattern does.
    pub(crate) trigger: Option<PatternId>,
    /// The patterns as they were written, for people.
    pub(crate) written: Arc<[model::Pattern]>,
    /// The views in which they are searched.
    pub(crate) views: Views,
}

/// A condition over tests. A selection is inlined, or a test by itself if it is asked for more than once.
#[derive(Debug)]
pub(crate) enum Node {
    Test(TestId),
    Not(Box<Node>),
    All(Box<[Node]>),
    Any(Box<[Node]>),
}

/// What the engine does with each value of a field.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FieldPlan {
    /// Goes into the substring lane.
    pub(crate) substring: bool,
    /// Goes into the stream, in which words are looked up, in these readings.
    pub(crate) words: Option<Depth>,
    /// Is looked up among exact values.
    pub(crate) exact: bool,
    /// Is looked up among networks, if it is an address.
    pub(crate) networks: bool,
}

/// One lane: what searches all of its literals, and which patterns each literal proposes.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) prefilter: Box<dyn Prefilter>,
    pub(crate) proposes: Proposes,
}

/// Which patterns the literals of a lane propose.
///
/// Words near each other are looked up by one of them, and a word that many patterns have in common would propose all of
/// these wherever it stands. So the others are looked up too, and where one is missing nothing is proposed.
#[derive(Debug)]
pub(crate) struct Proposes {
    /// By literal.
    pub(crate) patterns: Groups<PatternId>,
    /// By literal: the words that it may stand for.
    pub(crate) stands_for: Groups<u32>,
    /// By pattern: the words that have to be there.
    pub(crate) needs: Groups<u32>,
    /// Number of words.
    pub(crate) words: usize,
}

/// The stream: what searches all of its literals, and which patterns each literal proposes.
#[derive(Debug)]
pub(crate) struct StreamLane {
    pub(crate) keys: Keys,
    pub(crate) proposes: Proposes,
    /// By literal: whether it proposes only slips.
    pub(crate) slips: Vec<bool>,
}

/// Compiled rules. Immutable; evaluation keeps its state in [`crate::engine::Scratch`].
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    digests: Vec<Digest>,
    digest: Digest,
    fields: FieldSet,
    entries: Vec<ListEntry>,
    pub(crate) plans: Vec<FieldPlan>,
    pub(crate) tests: Vec<Test>,
    patterns: Vec<Pattern>,
    pub(crate) regexes: Regexes,
    /// By rule; none for a retired one.
    pub(crate) conditions: Vec<Option<Node>>,
    pub(crate) types: types::EventTypes,
    /// Rules that a test selects, by test.
    pub(crate) selects: Groups<RuleIndex>,
    /// Rules that only their event type selects, by type.
    pub(crate) by_type: Groups<RuleIndex>,
    /// Rules that nothing selects.
    pub(crate) always: Vec<RuleIndex>,
    pub(crate) substring: Option<Lane>,
    pub(crate) stream: Option<StreamLane>,
    pub(crate) exact: ExactIndex,
    pub(crate) networks: NetworkIndex,
}

impl RuleSet {
    /// Compiles checked rules. All errors of all rules are reported at once.
    pub fn compile(rules: Vec<Rule>, limits: &Limits) -> Result<RuleSet, Vec<CompileError>> {
        compile::compile(rules, limits)
    }

    /// The rules as they were given, retired ones included.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that index.
    pub fn rule(&self, index: RuleIndex) -> &Rule {
        &self.rules[index.0 as usize]
    }

    /// The fields that the rules read: what a decoder has to supply.
    pub fn fields(&self) -> &FieldSet {
        &self.fields
    }

    /// What is done with a field's values: nothing with one that no rule names, which a batch may hold too.
    pub(crate) fn plan(&self, field: FieldId) -> FieldPlan {
        self.plans.get(usize::from(field.0)).copied().unwrap_or_default()
    }

    /// Digest over all rules, whatever their order and files.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Digest of one rule: of its meaning and review settings, not of its layout, place or tests.
    pub fn rule_digest(&self, index: RuleIndex) -> Digest {
        self.digests[index.0 as usize]
    }

    /// Digest of what decides whether a rule fires: its condition and event types. The contents of the lists that it takes in do
    /// not count, nor do its names, its level and what becomes of its findings.
    pub fn meaning(&self, index: RuleIndex) -> Digest {
        digest::of_meaning(self.rule(index), true)
    }

    /// The same with the entries of lists: two rules of the same one find the same.
    pub fn findings_digest(&self, index: RuleIndex) -> Digest {
        digest::of_meaning(self.rule(index), false)
    }

    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    pub(crate) fn pattern(&self, id: PatternId) -> &Pattern {
        &self.patterns[id.0 as usize]
    }

    /// The list entry of that id.
    pub fn entry(&self, id: EntryId) -> &ListEntry {
        &self.entries[id.0 as usize]
    }
}

/// Lists of `T` by a dense key, in one allocation.
#[derive(Debug)]
pub(crate) struct Groups<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy + Ord> Groups<T> {
    /// Groups `(key, item)` pairs; keys are below `keys`. Each group is sorted, without repeats.
    pub(crate) fn new(keys: usize, mut pairs: Vec<(u32, T)>) -> Groups<T> {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0; keys + 1];
        for (key, _) in &pairs {
            starts[*key as usize + 1] += 1;
        }
        for key in 0..keys {
            starts[key + 1] += starts[key];
        }
        Groups { starts, items: pairs.into_iter().map(|(_, item)| item).collect() }
    }

    /// The items of a key.
    pub(crate) fn of(&self, key: u32) -> &[T] {
        let key = key as usize;
        &self.items[self.starts[key] as usize..self.starts[key + 1] as usize]
    }

    /// The items of a key; none of one that is none.
    pub(crate) fn get(&self, key: u32) -> &[T] {
        if key as usize + 1 < self.starts.len() { self.of(key) } else { &[] }
    }

    /// True if no key has an item.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<RuleSet>();
};

#[cfg(test)]
mod tests;
