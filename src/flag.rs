//! Flags, dead letters and decisions: what people read and answer, and the ids by which it is known.
//!
//! A flag must stand alone: a reviewer, or a referral, needs no other look-up. So it carries the rule as it was
//! (with its digest), what was said around each match, whom it concerns, where the record stands in the log
//! and what evidence needs later: the record's SHA-256, the digest of the text tables, the versions of lists.
//!
//! Ids are functions of the event and the rule alone ([`id`]), so a flag published twice is known to be the
//! same, and the flags of one conversation share a case wherever they were made. The forms are pinned by golden
//! files in `tests/golden`; a change of form is a new [`SCHEMA`] version.

pub mod build;
pub mod correlated;
pub mod dead;
pub mod decision;
pub mod detail;
pub mod excerpt;
pub mod fit;
pub mod id;
mod schema;
mod short;
mod time;
mod wire;

pub use correlated::{Correlated, KeyValue, Step, StepRule};
pub use dead::DeadLetter;
pub use decision::{Decision, DecisionError, Verdict};
pub use id::{CaseId, EventIdentity, FlagId};
pub use schema::schema;
pub use short::short_id;
pub use time::rfc3339;
pub use wire::{
    Before, Cut, Entry, Evidence, Flag, ListVersion, Party, Place, Room, RuleHead, Session, Shadow, Source,
    Span, Subjects,
};

use std::borrow::Cow;

/// Version of the flag's form, its `schema`. Grows when a reader of the old form would misread the new one.
pub const SCHEMA: u32 = 1;

/// Headers of a Kafka message, in order.
pub type Headers = Vec<Header>;

/// A header's key and its value.
pub type Header = (&'static str, Cow<'static, str>);
