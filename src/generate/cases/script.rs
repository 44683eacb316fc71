//! A case as it will happen: who takes part, where, and every step with its time, before anything is written.
//!
//! A step is a few bytes. What is said in it is drawn when it is written, from a seed of its own, so a script takes little memory
//! and a phrase that is cut over several messages is the same for each of them.

use super::disguise::Style;
use super::kinds::{Indicator, Kind, Language, Topic};
use super::people::Person;

/// In place of a room, a session or a person: none.
pub(super) const NONE: u8 = u8::MAX;

/// A case.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) number: u64,
    pub(super) seed: u64,
    pub(super) kind: Kind,
    pub(super) risk: bool,
    pub(super) language: Language,
    pub(super) style: Option<Style>,
    pub(super) people: Vec<Person>,
    pub(super) rooms: Vec<Room>,
    pub(super) sessions: Vec<Session>,
    /// In the order of their times.
    pub(super) steps: Vec<Step>,
    /// The next one.
    pub(super) next: usize,
    pub(super) harm_ms: Option<i64>,
    pub(super) facts: Facts,
    pub(super) form: Form,
    /// Which of the given conversations its messages are from.
    pub(super) given: usize,
}

/// What is the same whenever it is named in a case.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    pub(super) app: &'static str,
    pub(super) service: &'static str,
    pub(super) amount: u32,
}

/// What a platform's events say and what they leave out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Form {
    pub(super) language: bool,
    pub(super) amount_bands: bool,
    pub(super) session_context: bool,
}

/// A room of a case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) id: u64,
    pub(super) kind: &'static str,
    pub(super) topic: &'static str,
}

/// A stream or a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session {
    pub(super) id: u64,
    pub(super) host: u8,
    pub(super) visibility: &'static str,
    pub(super) paid: &'static str,
    pub(super) scheduled: Option<bool>,
    pub(super) recorded: Option<bool>,
    pub(super) chat_deleted: Option<bool>,
    pub(super) duration_s: u32,
    pub(super) peak_viewers: u16,
    pub(super) distinct_viewers: u16,
}

/// What happens at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) at_ms: i64,
    pub(super) act: Act,
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) room: u8,
    pub(super) session: u8,
    pub(super) mark: Mark,
}

/// What somebody does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// Says something, or a part of it.
    Say { topic: Topic, text: u16, part: u8, parts: u8, spoken: bool },
    /// Says a given line.
    Repeat { line: u32 },
    /// Something befalls a session.
    Session(Moment),
    /// Pays.
    Pay { minor: u32, rail: &'static str, gift: bool },
    /// Deletes a message.
    Delete,
}

/// What befalls a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Started,
    Ended,
    Joined,
    Left,
    Called,
    /// Opened or closed, to what.
    Visible(&'static str),
    Recording(bool),
}

/// What a label says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Nothing,
    /// Part of the risk.
    Stage(Indicator),
    /// Harmless, and looks like it.
    Resembles(Indicator),
}

impl Script {
    /// When its first risky step is.
    pub(super) fn first_risk_ms(&self) -> Option<i64> {
        self.steps.iter().find(|step| matches!(step.mark, Mark::Stage(_))).map(|step| step.at_ms)
    }

    /// A person by place; none for [`NONE`].
    pub(super) fn person(&self, place: u8) -> Option<&Person> {
        self.people.get(usize::from(place))
    }

    pub(super) fn room(&self, place: u8) -> Option<&Room> {
        self.rooms.get(usize::from(place))
    }

    pub(super) fn session(&self, place: u8) -> Option<&Session> {
        self.sessions.get(usize::from(place))
    }
}
