//! Labelled cases: whole conversations and sessions, most of them harmless, and beside the events what each case really was.
//!
//! ```text
//!  Settings ──► Cases ──► an event a call, in the order of time, and its labels
//!                 │
//!                 ├─ schedule    cases begin at random over days; the one whose turn is next goes on
//!                 ├─ plan        a case's script; `benign` and `risky` say what happens, `sessions` the records around it
//!                 ├─ people      who takes part            habits      how they type
//!                 ├─ speech      what is said in a step    disguise    how words are hidden
//!                 ├─ lexicon     templates and slots, from text/*.txt
//!                 ├─ record      a step as an event        labels      as a line of the truth
//!                 └─ given       real text of harmless talk, where somebody has some
//! ```
//!
//! What this is for: telling how much of what is risky a rule set finds, how early, and what it wrongly flags, by
//! `wardline backtest`. So the texts are written without regard to any rule, they are as long, sloppy and mixed as chat is, and
//! nothing but what happens tells a risky case from a harmless one: ids are scrambled, fields are there or not for either, and
//! harmless cases have new accounts, small payments, private calls and words that look like indicators.
//!
//! And what it is not: these are templates of ours, mild by intent. A share found here is no share found in life; it shows what a
//! change of rules gains or loses, and what a disguise costs.
//!
//! Memory is that of the cases that go on at a time, so a trace can be of any length.

mod benign;
mod disguise;
mod given;
mod habits;
mod kinds;
mod labels;
mod lexicon;
mod numbers;
mod people;
mod plan;
mod record;
mod risky;
mod schedule;
mod script;
mod sessions;
mod speech;

pub use disguise::Style;
pub use given::Given;
pub use kinds::{Kind, Language};

use plan::World;
use record::{Clock, Record, Said};
use schedule::{Open, Schedule};
use script::{Act, Mark, Script, Step};
use speech::{Saying, Speech};
use std::fmt;

/// What to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Same seed, same trace.
    pub seed: u64,
    /// How much of it.
    pub length: Length,
    /// Share of the cases that are risky.
    pub risky: f64,
    /// How words are disguised.
    pub styles: Styles,
    /// Languages of the cases, each as likely as the others; one that is named twice, twice as likely. Not empty.
    pub languages: Vec<Language>,
    /// When the first case may begin, in milliseconds since the epoch.
    pub start_ms: i64,
    /// Days over which cases begin; none for as many as [`CASES_A_DAY`] asks for. Above 0.
    pub days: Option<f64>,
    /// Share of the harmless cases that say what is given, as long as there is something.
    pub given: f64,
    /// Share of the messages of harmless talk that look like an indicator; some kinds of talk have half as many, some twice.
    pub look_alikes: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            seed: 1,
            length: Length::Cases(1_000),
            risky: 0.005,
            styles: Styles::Half,
            languages: Language::ALL.into(),
            start_ms: super::DEFAULT_START_MS,
            days: None,
            given: 0.5,
            look_alikes: 0.01,
        }
    }
}

/// Cases that begin in a day unless told otherwise: so few go on at a time that even a long trace needs little memory.
pub const CASES_A_DAY: u32 = 5_000;

/// How long a trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many cases.
    Cases(u64),
    /// At least so many events: no case begins after those that have begun make up as many, and each is told to its end.
    Events(u64),
}

/// How words are disguised in a trace: in risky cases most of those that tell, in a few of the harmless ones some words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Styles {
    /// Not at all.
    Plain,
    /// In this way.
    One(Style),
    /// In any way, a case in one.
    Any,
    /// Half of the risky cases not at all, half in any way.
    Half,
}

/// A setting out of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A share that is none.
    #[error("the shares of risky cases, given conversations and look-alikes must lie between 0 % and 100 %")]
    Share,
    /// Nothing could be said.
    #[error("at least one language is needed")]
    Languages,
    /// No time would pass, or more than is on any calendar.
    #[error("the number of days must be above 0 and at most 36,500")]
    Days,
    /// More than ids tell apart.
    #[error("the number of cases must be at most 1,000,000,000")]
    Length,
}

/// An event as it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Its time, in milliseconds since the epoch.
    pub time_ms: i64,
    /// By what the record belongs to a partition.
    pub key: Key,
}

/// What a record is keyed by: its room; of a payment outside of any, who is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A room's id.
    Room(u64),
    /// An account's id.
    Person(u64),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Room(id) => write!(f, "r{id}"),
            Key::Person(id) => write!(f, "u{id}"),
        }
    }
}

/// Makes the events of a trace one after the other, and its labels.
#[derive(Debug)]
pub struct Cases {
    schedule: Schedule,
    world: World,
    given: Given,
    speech: Speech,
    clock: Clock,
    made: u64,
}

impl Cases {
    /// A trace at its beginning.
    pub fn new(settings: &Settings, given: Given) -> Result<Cases, SettingsError> {
        let schedule = Schedule::new(settings)?;
        let world = World::new(settings);
        Ok(Cases { schedule, world, given, speech: Speech::default(), clock: Clock::default(), made: 0 })
    }

    /// Appends the next event to `event`, one JSON object without a line end, and what the labels say of it to `truth`, as whole
    /// lines: of a case before its first event. None when the trace is at its end.
    pub fn next_into(&mut self, event: &mut Vec<u8>, truth: &mut Vec<u8>) -> Option<Made> {
        let Open { mut script, new } = self.schedule.next(&self.world, &self.given)?;
        if new {
            labels::case(&script, &mut self.clock, truth);
        }
        let made = self.write(&script, event, truth);
        script.next += 1;
        self.schedule.give_back(script);
        Some(made)
    }

    /// How many cases go on at the moment.
    pub fn open(&self) -> usize {
        self.schedule.open()
    }

    fn write(&mut self, script: &Script, out: &mut Vec<u8>, truth: &mut Vec<u8>) -> Made {
        let step = &script.steps[script.next];
        let number = self.made;
        self.made += 1;
        let payment = self.world.identities.payment(number);
        let said = match step.act {
            Act::Say { topic, text, part, parts, .. } => {
                let saying = Saying { topic, text, part, parts };
                let tongue = self.speech.say(script, step, saying, &self.world.lexicon);
                let language = script.form.language.then(|| tongue.tag());
                Some(Said { text: &self.speech.said, language })
            }
            Act::Repeat { line } => Some(Said { text: self.given.text(script.given, line), language: None }),
            _ => None,
        };
        Record { script, step, clock: &mut self.clock, out }.write(number, said, payment);
        if step.mark != Mark::Nothing || script.room(step.room).is_none() {
            labels::event(script, step, number, truth);
        }
        Made { time_ms: step.at_ms, key: key(script, step) }
    }
}

fn key(script: &Script, step: &Step) -> Key {
    let person = || script.person(step.to).or(script.person(step.from)).map_or(0, |person| person.id);
    script.room(step.room).map_or_else(|| Key::Person(person()), |room| Key::Room(room.id))
}

#[cfg(test)]
mod tests;
