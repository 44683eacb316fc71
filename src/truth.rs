//! What a labelled trace says of its events: which case each belongs to, and what the case really was.
//!
//! ```text
//!  trace.jsonl    events, as a platform would send them
//!  truth.jsonl    a line a case:   {"case":"c17","risk":true,"kind":"stranger","language":"en","rooms":["r17"],"events":41,"harm":"…"}
//!                 a line an event: {"event":"e90","case":"c17","stage":"g1"}
//! ```
//!
//! Beside the events and not in them: rules see what they will see in production and nothing else, and a platform can label what it
//! has by conversation, which is how people judge, without touching its events. An event belongs to the case that names it; else to
//! the one that names its session; else to that of its room.
//!
//! A *case* here is what a person would judge as a whole: a conversation, or a session and the payments around it. It need not be what
//! flags call a case, which is what the service can group without knowing the truth.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// What is known of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case<'a> {
    /// Its name, unique in the trace.
    #[schemars(length(min = 1))]
    pub case: Cow<'a, str>,
    /// Whether it should be flagged.
    pub risk: bool,
    /// What happens in it, in a word or two: what reports group by.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub kind: Cow<'a, str>,
    /// Language that most of it is written in, as BCP 47 has it; empty if nothing is written.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub language: Cow<'a, str>,
    /// How it is written: `plain`, or in which way words are disguised.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub style: Cow<'a, str>,
    /// Ids of the rooms that belong to it as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<Cow<'a, str>>,
    /// Ids of the sessions that belong to it as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Cow<'a, str>>,
    /// How many events it has; 0 if that is not known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub events: u64,
    /// When its first event was, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub start: Option<Cow<'a, str>>,
    /// When the first event was that is part of the risk, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub first_risk: Option<Cow<'a, str>>,
    /// When harm was done, or would have been, RFC 3339: a flag is early if it is before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub harm: Option<Cow<'a, str>>,
}

/// What is known of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event<'a> {
    /// The event's id, unique in the trace.
    #[schemars(length(min = 1))]
    pub event: Cow<'a, str>,
    /// Its case.
    pub case: Cow<'a, str>,
    /// Of an event that is part of the risk: the indicator that it shows, such as `g3` (rules/README.md names them).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Cow<'a, str>>,
    /// Of a harmless event that looks like an indicator: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resembles: Option<Cow<'a, str>>,
}

/// A line of the truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Line<'a> {
    /// Of an event; these have the key `event`.
    Event(Event<'a>),
    /// Of a case.
    Case(Case<'a>),
}

/// Why a line says nothing about the truth, or contradicts another. Holds nothing of what events say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The line is no label.
    #[error("line {line}: neither a case (`case` and `risk`) nor an event (`event` and `case`)")]
    NoLabel {
        /// From 1.
        line: usize,
    },
    /// A time that is none.
    #[error("line {line}: `{key}` is no RFC 3339 time, such as 2026-11-23T10:00:00Z")]
    Time {
        /// From 1.
        line: usize,
        /// Which.
        key: &'static str,
    },
    /// Something is said twice.
    #[error("line {line}: another line before it has the same {what}")]
    Twice {
        /// From 1.
        line: usize,
        /// What is the same.
        what: &'static str,
    },
    /// An event names a case that no line tells of.
    #[error("line {line}: the event's case is told of by no line")]
    Unknown {
        /// From 1.
        line: usize,
    },
}

impl Wrong {
    /// The same of a file that so many lines of others were read before.
    #[must_use]
    pub fn after(mut self, before: usize) -> Wrong {
        let (Wrong::NoLabel { line }
        | Wrong::Time { line, .. }
        | Wrong::Twice { line, .. }
        | Wrong::Unknown { line }) = &mut self;
        *line = line.saturating_sub(before);
        self
    }

    /// The line that it is about, from 1.
    pub fn line(&self) -> usize {
        let (Wrong::NoLabel { line }
        | Wrong::Time { line, .. }
        | Wrong::Twice { line, .. }
        | Wrong::Unknown { line }) = self;
        *line
    }
}

/// A case by its place in the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseIndex(pub u32);

/// What is known of an event that a line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its case.
    pub case: CaseIndex,
    /// Its place among those of the case that lines name, from 1.
    pub place: u32,
    /// The indicator that it shows.
    pub stage: Option<Box<str>>,
    /// The indicator that it resembles.
    pub resembles: Option<Box<str>>,
}

/// A case, with its times read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCase {
    /// As it stands.
    pub label: Case<'static>,
    /// When its first event was, in milliseconds since the epoch.
    pub start_ms: Option<i64>,
    /// When its first risky event was.
    pub first_risk_ms: Option<i64>,
    /// When harm was done.
    pub harm_ms: Option<i64>,
    /// Of the events that lines name, the place of the first that is part of the risk.
    pub first_risk_place: Option<u32>,
}

/// The truth of a trace.
#[derive(Debug, Default)]
pub struct Truth {
    cases: Vec<KnownCase>,
    names: HashMap<Box<str>, CaseIndex>,
    events: HashMap<Box<str>, Known>,
    rooms: HashMap<Box<str>, CaseIndex>,
    sessions: HashMap<Box<str>, CaseIndex>,
}

mod read;

pub use read::Reader;

impl Truth {
    /// All cases, in the order in which they stand.
    pub fn cases(&self) -> &[KnownCase] {
        &self.cases
    }

    /// A case.
    pub fn case(&self, index: CaseIndex) -> &KnownCase {
        &self.cases[index.0 as usize]
    }

    /// What lines say of an event.
    pub fn event(&self, id: &str) -> Option<&Known> {
        self.events.get(id)
    }

    /// All events that lines name, in no order.
    pub fn events(&self) -> impl Iterator<Item = (&str, &Known)> {
        self.events.iter().map(|(id, known)| (&**id, known))
    }

    /// The case of an event by its id, its session and its room.
    pub fn case_of(
        &self,
        event: Option<&str>,
        session: Option<&str>,
        room: Option<&str>,
    ) -> Option<CaseIndex> {
        let by_event = event.and_then(|id| self.events.get(id)).map(|known| known.case);
        let by_session = || session.and_then(|id| self.sessions.get(id)).copied();
        by_event.or_else(by_session).or_else(|| room.and_then(|id| self.rooms.get(id)).copied())
    }

    /// The truth of these cases alone, in their order: what belongs to others belongs to none.
    #[must_use]
    pub fn only(&self, kept: &BTreeSet<CaseIndex>) -> Truth {
        let places: HashMap<CaseIndex, CaseIndex> = kept.iter().copied().zip((0..).map(CaseIndex)).collect();
        let place = |case: &CaseIndex| places.get(case).copied();
        let of = |names: &HashMap<Box<str>, CaseIndex>| {
            names.iter().filter_map(|(name, case)| Some((name.clone(), place(case)?))).collect()
        };
        let events = self.events.iter().filter_map(|(id, known)| {
            Some((id.clone(), Known { case: place(&known.case)?, ..known.clone() }))
        });
        Truth {
            cases: kept.iter().map(|case| self.case(*case).clone()).collect(),
            names: of(&self.names),
            events: events.collect(),
            rooms: of(&self.rooms),
            sessions: of(&self.sessions),
        }
    }
}

/// The schema of a line.
pub fn schema() -> Value {
    let about =
        "What is known of a case or an event of a trace, for `wardline backtest` and `wardline diff`.";
    crate::schema::of::<Line<'_>>("truth", "Wardline truth", about)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn milliseconds(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests;
