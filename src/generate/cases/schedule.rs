//! When cases begin, and whose turn is next.

use super::disguise::Style;
use super::given::Given;
use super::kinds::{Kind, Language};
use super::lexicon::Lexicon;
use super::numbers::Identities;
use super::people::DAY_MS;
use super::plan::{Draft, Plan, World};
use super::script::Script;
use super::{CASES_A_DAY, Length, Settings, SettingsError, Styles, benign, risky};
use crate::generate::random::{Odds, Random, mix};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Events that a case has on average, roughly: what a number of events means in days.
const EVENTS_A_CASE: u64 = 55;
const MOST_CASES: u64 = 1_000_000_000;

impl World {
    pub(super) fn new(settings: &Settings) -> World {
        World {
            lexicon: Lexicon::new(),
            identities: Identities::new(settings.seed),
            look_alikes: settings.look_alikes,
        }
    }
}

/// The cases that go on, and those to come.
#[derive(Debug)]
pub(super) struct Schedule {
    random: Random,
    seed: u64,
    length: Length,
    risky: Odds,
    given: Odds,
    styles: Styles,
    languages: Vec<Language>,
    /// Between the beginnings of two cases, on average.
    mean_ms: f64,
    /// When the next case begins.
    next_ms: i64,
    begun: u64,
    /// Events of all cases that have begun.
    planned: u64,
    given_next: usize,
    /// Times of the next steps of the open cases, and their places.
    turns: BinaryHeap<Reverse<(i64, u64, usize)>>,
    open: Vec<Option<Script>>,
    free: Vec<usize>,
}

/// A case whose turn it is.
pub(super) struct Open {
    pub(super) script: Script,
    /// Whether it is its first step.
    pub(super) new: bool,
}

impl Schedule {
    pub(super) fn new(settings: &Settings) -> Result<Schedule, SettingsError> {
        let share = |share| Odds::up_to(share).ok_or(SettingsError::Share);
        let (risky, given) = (share(settings.risky)?, share(settings.given)?);
        share(settings.look_alikes)?;
        if settings.languages.is_empty() {
            return Err(SettingsError::Languages);
        }
        let mut random = Random::new(mix(settings.seed ^ 0x5c4e_d01e));
        let mean_ms = mean_ms(settings)?;
        Ok(Schedule {
            next_ms: settings.start_ms.saturating_add(random.waiting(mean_ms)),
            random,
            seed: settings.seed,
            length: settings.length,
            risky,
            given,
            styles: settings.styles,
            languages: settings.languages.clone(),
            mean_ms,
            begun: 0,
            planned: 0,
            given_next: 0,
            turns: BinaryHeap::new(),
            open: Vec::new(),
            free: Vec::new(),
        })
    }

    pub(super) fn open(&self) -> usize {
        self.turns.len()
    }

    /// Cases that there is room for.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.open.len()
    }

    /// Takes out the case whose step is next; [`Schedule::give_back`] puts it back.
    pub(super) fn next(&mut self, world: &World, given: &Given) -> Option<Open> {
        while !self.is_full() && self.turns.peek().is_none_or(|Reverse((turn, ..))| self.next_ms <= *turn) {
            self.begin(world, given);
        }
        let Reverse((_, _, place)) = self.turns.pop()?;
        self.free.push(place);
        let script = self.open[place].take()?;
        Some(Open { new: script.next == 0, script })
    }

    /// Puts a case back, if there is more of it.
    pub(super) fn give_back(&mut self, script: Script) {
        let Some(step) = script.steps.get(script.next) else { return };
        let place = self.free.pop().unwrap_or(self.open.len());
        if place == self.open.len() {
            self.open.push(None);
        }
        self.turns.push(Reverse((step.at_ms, script.number, place)));
        self.open[place] = Some(script);
    }

    fn is_full(&self) -> bool {
        match self.length {
            Length::Cases(cases) => self.begun >= cases,
            Length::Events(events) => self.planned >= events || self.begun >= MOST_CASES,
        }
    }

    fn begin(&mut self, world: &World, given: &Given) {
        let risk = self.risky.hit(self.random.next());
        let language = self.random.pick(&self.languages);
        let style = self.style(risk);
        let number = self.begun;
        let seed = mix(self.seed ^ mix(number.wrapping_add(1)));
        let takes_given = !risk && self.given.hit(self.random.next()) && self.given_next < given.len();
        let draft = Draft { number, seed, start_ms: self.next_ms, risk, language, style };
        let mut plan = Plan::new(draft, world);
        if takes_given {
            plan.script.given = self.given_next;
            self.given_next += 1;
            plan.script.kind = Kind::Given;
            benign::plan_given(&mut plan, given.speakers(self.given_next - 1));
        } else if risk {
            risky::plan(&mut plan);
        } else {
            benign::plan(&mut plan);
        }
        let script = plan.finish();
        self.begun += 1;
        self.planned += script.steps.len() as u64;
        self.next_ms = self.next_ms.saturating_add(self.random.waiting(self.mean_ms));
        self.give_back(script);
    }

    fn style(&mut self, risk: bool) -> Option<Style> {
        let draws = match self.styles {
            Styles::Half if risk => self.random.percent(50),
            _ if risk => true,
            _ => self.random.percent(6),
        };
        match self.styles {
            Styles::Plain => None,
            _ if !draws => None,
            Styles::One(style) => Some(style),
            Styles::Any | Styles::Half => Some(self.random.pick(&Style::ALL)),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean need not be exact")]
fn mean_ms(settings: &Settings) -> Result<f64, SettingsError> {
    let cases = match settings.length {
        Length::Cases(cases) if cases > MOST_CASES => return Err(SettingsError::Length),
        Length::Cases(cases) => cases,
        Length::Events(events) => events / EVENTS_A_CASE + 1,
    };
    let days = settings.days.unwrap_or((cases as f64 / f64::from(CASES_A_DAY)).max(1.0));
    if days.is_nan() || days <= 0.0 || days > 36_500.0 && settings.days.is_some() {
        return Err(SettingsError::Days);
    }
    Ok(days * DAY_MS as f64 / cases.max(1) as f64)
}
