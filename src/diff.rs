//! Two rule sets side by side: what became of the rules, and of what they find.
//!
//! ```text
//!  old, new ──► Card a rule ──► rules: added, removed, changed and in what          ─┐
//!                                                                                    ├─► Diff ──► Markdown, JSON
//!  the same events through both ──► Findings ×2 ──► flags and cases: newly, no more ─┘
//! ```
//!
//! Rules are the same rule if they have the same id, whatever file they stand in. A change is named by what it changes for those who
//! read flags: what is found, how grave it is, where it goes. Layout, comments and names of selections change nothing, and are not told.
//! What a change of meaning does can be seen only on events, so that they are the second half. A line-by-line comparison of the files
//! was rejected: version control has it, and it says nothing about either.

pub mod flags;
pub mod markdown;
pub mod rules;

use serde::Serialize;

pub use flags::FlagDiff;
pub use rules::{Card, RuleDiff};

/// Version of the JSON form; grows when a reader of the old one would misread the new one.
pub const SCHEMA: u32 = 1;

/// What is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// Version of this form.
    pub schema: u32,
    /// What became of the rules.
    pub rules: RuleDiff,
    /// What became of what they find, if there were events to try them on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<FlagDiff>,
}

impl Diff {
    /// Whether anything is.
    pub fn is_any(&self) -> bool {
        self.rules.is_any() || self.flags.as_ref().is_some_and(FlagDiff::is_any)
    }
}
