//! Who takes part in a case: what events say of a person, and how that person types.
//!
//! What is drawn depends on the role, never on whether the case is risky alone: benign adults have new accounts too, strangers have
//! old ones, and of everybody something is missing in the events.

use super::habits::Habits;
use super::kinds::Language;
use super::numbers::{Identities, Share};
use crate::generate::random::Random;
use crate::generate::words;

/// Milliseconds in a day.
pub(super) const DAY_MS: i64 = 86_400_000;
/// People that a case can have.
pub(super) const MOST_PEOPLE: usize = 64;

/// What a person is in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// An adult: a relative, a teacher, a seller.
    Adult,
    /// Under 18.
    Young,
    /// Either.
    Anyone,
    /// Who seeks out young people: an adult, often with a new account.
    Seeker,
}

/// Where a person lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// Where the language of the case is at home.
    Here,
    /// In a country from which money is sent.
    Abroad,
    /// Either.
    Anywhere,
}

/// A person as events show them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) id: u64,
    /// None where the platform's events do not say it, as for all that follows.
    pub(super) name: Option<&'static str>,
    /// What others call the person.
    pub(super) called: &'static str,
    pub(super) age_band: Option<&'static str>,
    pub(super) age_assurance: Option<&'static str>,
    pub(super) country: Option<&'static str>,
    /// The clock of the person, whether events say it or not.
    pub(super) tz_offset_min: i32,
    pub(super) shows_offset: bool,
    /// When the account was made, in milliseconds since the epoch.
    pub(super) since_ms: Option<i64>,
    pub(super) prior_actions: Option<u8>,
    pub(super) hosts_7d: u8,
    pub(super) habits: Habits,
}

/// What the people of a case have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    pub(super) language: Language,
    pub(super) start_ms: i64,
    /// Whether the platform gives names, and other details.
    pub(super) names: bool,
    pub(super) details: bool,
}

impl Person {
    /// The person of that number in the trace.
    pub(super) fn new(
        number: u64,
        (role, home): (Role, Home),
        setting: Setting,
        identities: Identities,
        random: &mut Random,
    ) -> Person {
        let role = match role {
            Role::Anyone if random.percent(35) => Role::Young,
            Role::Anyone => Role::Adult,
            role => role,
        };
        let called = random.pick(words::PEOPLE);
        let (country, tz_offset_min) = country(home, setting.language, random);
        let since_ms = setting.start_ms - account_days(role, random) * DAY_MS;
        let mut known = |percent| setting.details && random.percent(percent);
        let (band, assured, placed, dated, acted) = (known(90), known(35), known(88), known(90), known(60));
        let age_band = band.then(|| age_band(role, random));
        Person {
            id: identities.person(number),
            name: setting.names.then_some(called),
            called,
            age_band,
            age_assurance: assured.then(|| assurance(age_band, random)),
            country: placed.then_some(country),
            tz_offset_min,
            shows_offset: placed && random.percent(85),
            since_ms: dated.then_some(since_ms),
            prior_actions: acted.then(|| prior_actions(role, random)),
            hosts_7d: hosts(role, random),
            habits: Habits::new(role == Role::Young, random),
        }
    }

    /// Days since the account was made.
    pub(super) fn account_age_days(&self, now_ms: i64) -> Option<i64> {
        self.since_ms.map(|since| (now_ms - since) / DAY_MS)
    }
}

fn country(home: Home, language: Language, random: &mut Random) -> (&'static str, i32) {
    let here = match home {
        Home::Here => true,
        Home::Abroad => false,
        Home::Anywhere => random.percent(60),
    };
    match (here, language) {
        (true, Language::English) => {
            if random.percent(50) {
                random.pick(words::HOSTING)
            } else {
                random.pick(words::PAYING)
            }
        }
        (true, _) if random.percent(92) => ("PH", 480),
        (true, _) => random.pick(words::HOSTING),
        (false, _) => random.pick(words::PAYING),
    }
}

/// Of every role some are new: an account's age is a hint and no more.
fn account_days(role: Role, random: &mut Random) -> i64 {
    let new = match role {
        Role::Adult | Role::Anyone => 14,
        Role::Young => 22,
        Role::Seeker => 42,
    };
    let days = if random.percent(new) { random.below(30) } else { random.spread(30, 3_000) };
    i64::try_from(days).unwrap_or(0)
}

fn age_band(role: Role, random: &mut Random) -> &'static str {
    let bands: &[(&str, u64)] = match role {
        Role::Young => &[("under13", 15), ("13-15", 43), ("16-17", 22), ("unknown", 16), ("adult", 4)],
        Role::Seeker => &[("adult", 76), ("unknown", 16), ("16-17", 8)],
        Role::Adult | Role::Anyone => &[("adult", 82), ("unknown", 16), ("16-17", 2)],
    };
    random.pick_weighted(bands)
}

fn assurance(band: Option<&'static str>, random: &mut Random) -> &'static str {
    match band {
        Some("adult") => random.pick(&["declared_adult", "declared_adult", "assured_adult", "unknown"]),
        Some("unknown") | None => "unknown",
        Some(_) => random.pick(&["declared_minor", "declared_minor", "unknown"]),
    }
}

fn prior_actions(role: Role, random: &mut Random) -> u8 {
    let some = if role == Role::Seeker { 14 } else { 4 };
    if random.percent(some) { random.small(1, 3) } else { 0 }
}

/// How many hosts somebody watched in a week: fans watch as many as seekers do.
fn hosts(role: Role, random: &mut Random) -> u8 {
    match role {
        Role::Seeker if random.share(Share::percent(45)) => random.small(3, 14),
        Role::Young => random.small(0, 8),
        _ if random.percent(20) => random.small(4, 16),
        _ => random.small(0, 3),
    }
}
