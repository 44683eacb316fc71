//! What a rule set does on a labelled trace: what it catches, how early, what it wrongly flags, and what a reviewer would have to read.
//!
//! ```text
//!  events ──► what rules find (as in `scan`) ──► Found ─┐
//!                                                       ├─► Report ──► JSON, CSV, Markdown, HTML
//!  labels ──► Truth ────────────────────────────────────┘      └─────► Gate: passed or not
//! ```
//!
//! All figures are functions of what was found and the truth. The unit of recall is the case, because a case is what a reviewer acts
//! on: it is *caught* by its first flag of a stated level or a graver one. The unit of precision is the flag, because a flag is what
//! a reviewer reads: it is *right* if it belongs to a case that should be flagged. Every share is given with the numbers that it is
//! made of and an interval, for a few cases prove little.
//!
//! Rejected: one figure for all (F-scores hide which of the two errors was made, and by what); recall by message (most messages of a
//! case are small talk, and one right flag is enough); scoring against a fixed list of flags (any change of a rule would break it).

pub mod csv;
pub mod gate;
pub mod html;
pub mod markdown;
pub mod report;
pub mod share;
mod tally;
pub mod words;

use crate::rule::model::Level;
use crate::truth::CaseIndex;
use std::sync::Arc;

pub use report::Report;
pub use share::Share;

/// Where a flag of a rule goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outlet {
    /// To reviewers.
    Review,
    /// To the shadow topic, where nobody acts on it.
    Shadow,
    /// Nowhere: the rule is there for correlations alone.
    Unpublished,
}

impl Outlet {
    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Outlet::Review => "review",
            Outlet::Shadow => "shadow",
            Outlet::Unpublished => "unpublished",
        }
    }
}

/// A rule or correlation, as far as reports name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Unique id.
    pub id: String,
    /// Short unique name.
    pub name: Arc<str>,
    /// What people read.
    pub title: String,
    /// How grave it is.
    pub level: Level,
    /// Free tags.
    pub tags: Vec<String>,
    /// Whether it is a correlation.
    pub correlation: bool,
}

impl Rule {
    /// The indicators among its tags, as labels name them: `g3` of `indicator.g3`.
    pub fn indicators(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().filter_map(|tag| tag.strip_prefix("indicator."))
    }
}

/// An event that something was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its id, or where it stands.
    pub event: Box<str>,
    /// Its case, if the truth knows one.
    pub case: Option<CaseIndex>,
    /// Its time, in milliseconds since the epoch.
    pub time_ms: i64,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which rule, by its place among the rules.
    pub rule: u32,
    /// In which event, by its place among those seen; of a correlation the one that completed it.
    pub seen: u32,
    /// Where the flag goes.
    pub outlet: Outlet,
    /// What was read there: a few short excerpts.
    pub excerpts: Box<[String]>,
}

/// All that was found on a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The rules, as findings name them.
    pub rules: Vec<Rule>,
    /// The events.
    pub seen: Vec<Seen>,
    /// What was found, in the order of the trace.
    pub found: Vec<Found>,
    /// How many events were read.
    pub events: u64,
    /// How many lines or records could not be read as events.
    pub unreadable: u64,
    /// The least and the greatest time of events, in milliseconds since the epoch.
    pub span_ms: Option<(i64, i64)>,
}

/// What is wanted to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// A flag of this level or a graver one catches a case.
    pub level: Level,
    /// Whether rules in shadow are compared with those that are live.
    pub shadow: bool,
    /// How many missed and how many wrongly flagged cases are listed.
    pub listed: usize,
}
