//! Synthetic traffic, from a seed: benign chat of several kinds with interleaved rooms, the session and
//! payment records around it, and a stated share of messages with mild risk behaviours.
//!
//! ```text
//!  Settings ──► Generator ──► one event a call, into the caller's buffer, with what was made of it
//!                   │
//!                   ├─ room       who talks where, what happens next
//!                   ├─ scene      benign conversation, as templates
//!                   ├─ behaviour  mild risk behaviours, as templates
//!                   ├─ broken     records that no decoder can read
//!                   └─ load       neutral phrase rules and the messages that hit them
//! ```
//!
//! It serves load tests, benchmarks and end-to-end tests, so three things matter. *Reproducible*:
//! the same settings give the same bytes on every machine; the random numbers are therefore our own
//! (a crate's may change between versions). *Labelled*: each event comes with what it is, so that a test can
//! compare what was flagged with what was made. *Fast*: people and words are drawn by arithmetic and written
//! straight into the caller's buffer; a core makes several hundred thousand events a second.
//!
//! [`cases`] makes another kind of trace: whole cases with their truth, to measure rules by, and to show what they do.
//!
//! Real transcripts were rejected as a source: they are other people's words, and no vetted corpus of
//! livestream chat is public. So nothing measured on this traffic says how often a rule is right in life.

mod behaviour;
mod broken;
pub mod cases;
mod load;
mod random;
mod record;
mod room;
mod scene;
mod words;

pub use behaviour::Behaviour;
pub use load::{LoadRules, MAX_LOAD_RULES};

use random::{Odds, Random};
use record::Writer;
use room::Rooms;
use std::fmt;

/// The seed of the traffic that the bundled rules are held to.
const BUNDLED_SEED: u64 = 7;
/// 2026-01-01T00:00:00Z in milliseconds: where event time begins unless told otherwise.
const DEFAULT_START_MS: i64 = 1_767_225_600_000;

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Same seed, same events.
    pub seed: u64,
    /// Event time of the first event, milliseconds since the epoch.
    pub start_ms: i64,
    /// Events per second of event time. Above 0.
    pub rate: f64,
    /// Share of events that carry a mild risk behaviour.
    pub flagged: f64,
    /// Share of records that cannot be decoded.
    pub bad: f64,
    /// Messages that hit the neutral phrase rules of [`LoadRules`].
    pub load: Option<LoadTraffic>,
}

/// Which neutral phrase rules to hit, and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadTraffic {
    /// The rule set, as it was written.
    pub rules: LoadRules,
    /// Share of events that hit one of the rules.
    pub share: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { seed: 1, start_ms: DEFAULT_START_MS, rate: 1000.0, flagged: 0.01, bad: 0.001, load: None }
    }
}

impl Settings {
    /// The traffic that the bundled rules are held to. It is generated when it is wanted and not stored: its source is this
    /// generator and a seed, and a test pins its digest.
    pub fn bundled() -> Settings {
        Settings { seed: BUNDLED_SEED, rate: 200.0, flagged: 0.02, bad: 0.002, ..Settings::default() }
    }

    /// Number of events of that traffic.
    pub const BUNDLED_EVENTS: u64 = 6_000;
}

/// A setting out of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Shares are between 0 and 1, and those of one trace add up to at most 1.
    #[error(
        "the shares of flagged, bad and rule-hitting events must each lie between 0 % and 100 %, and so must their sum"
    )]
    Share,
    /// No time would pass, or none could be told apart.
    #[error("the rate must be above 0 and at most 1,000,000,000 events a second")]
    Rate,
    /// More rules than there are distinct phrases.
    #[error("the number of generated rules must lie between 1 and {MAX_LOAD_RULES}")]
    Rules,
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Ordinary talk, or an ordinary session or payment record.
    Benign,
    /// A mild risk behaviour.
    Risk(Behaviour),
    /// A message that hits the neutral phrase rule of that index.
    Load(u32),
    /// A record that cannot be decoded.
    Broken,
}

/// An event as it was made: its bytes are in the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// What the event is.
    pub label: Label,
    /// The room it belongs to: the natural key of the record.
    pub room: RoomNumber,
}

/// A room by its number; written as `r` and the number, as in the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomNumber(pub u64);

impl fmt::Display for RoomNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// Makes events one after the other, without end.
#[derive(Debug)]
pub struct Generator {
    random: Random,
    rooms: Rooms,
    writer: Writer,
    shares: Shares,
    picoseconds_per_event: u128,
    start_ms: i64,
    made: u64,
}

impl Generator {
    /// A generator at its first event.
    pub fn new(settings: &Settings) -> Result<Generator, SettingsError> {
        let shares = Shares::new(settings).ok_or(SettingsError::Share)?;
        let mut random = Random::new(settings.seed);
        Ok(Generator {
            rooms: Rooms::new(&mut random),
            writer: Writer::default(),
            picoseconds_per_event: picoseconds_per_event(settings.rate)?,
            start_ms: settings.start_ms,
            made: 0,
            random,
            shares,
        })
    }

    /// Appends the next event to `out`: one JSON object without a line end, or a broken record.
    pub fn next_into(&mut self, out: &mut Vec<u8>) -> Made {
        let elapsed_ms = u128::from(self.made) * self.picoseconds_per_event / 1_000_000_000;
        let time_ms = self.start_ms.saturating_add(i64::try_from(elapsed_ms).unwrap_or(i64::MAX));
        self.writer.begin(self.made, time_ms);
        self.made += 1;
        let (label, room) = self.write();
        out.extend_from_slice(self.writer.bytes());
        Made { label, room: RoomNumber(room) }
    }

    /// Draws what comes next and writes it. One draw decides between the shares, so that each is exact.
    fn write(&mut self) -> (Label, u64) {
        let draw = self.random.next();
        let room = self.rooms.pick(&mut self.random);
        if self.shares.bad.hit(draw) {
            broken::write(&mut self.writer, room, &mut self.random);
            return (Label::Broken, room.number());
        }
        if self.shares.risk.hit(draw) {
            let behaviour = behaviour::write(&mut self.writer, room, &mut self.random);
            return (Label::Risk(behaviour), room.number());
        }
        if let Some((rules, odds)) = self.shares.load
            && odds.hit(draw)
        {
            let rule = load::write(&mut self.writer, rules, room, &mut self.random);
            return (Label::Load(rule), room.number());
        }
        (Label::Benign, self.rooms.advance(&mut self.writer, &mut self.random))
    }
}

/// The ranges of one draw that mean bad, risky and rule-hitting, in this order.
#[derive(Debug)]
struct Shares {
    bad: Odds,
    risk: Odds,
    load: Option<(LoadRules, Odds)>,
}

impl Shares {
    /// None if a share is none, or all together are more than everything.
    fn new(settings: &Settings) -> Option<Shares> {
        let bad = Odds::up_to(settings.bad)?;
        let risk = bad.then(settings.flagged)?;
        let load = match settings.load {
            Some(traffic) => Some((traffic.rules, risk.then(traffic.share)?)),
            None => None,
        };
        Some(Shares { bad, risk, load })
    }
}

/// Finer than nanoseconds, or the greatest rates would be rounded to twice what was asked for.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the check before")]
fn picoseconds_per_event(rate: f64) -> Result<u128, SettingsError> {
    let nanoseconds = 1e9 / rate;
    // A rate that is not a number is in no range.
    if !(1.0..1e18).contains(&nanoseconds) {
        return Err(SettingsError::Rate);
    }
    Ok((nanoseconds * 1e3) as u128)
}

#[cfg(test)]
mod tests;
