//! Planning a case: the moves of which `benign` and `risky` make their scripts.

use super::disguise::Style;
use super::kinds::{Indicator, Language, Topic};
use super::lexicon::Lexicon;
use super::numbers::{Identities, MOST_PLACES};
use super::people::{DAY_MS, Home, MOST_PEOPLE, Person, Role, Setting};
use super::script::{Act, Facts, Form, Mark, NONE, Room, Script, Session, Step};
use crate::generate::random::{Random, mix};
use crate::generate::words;

/// What all cases of a trace share.
#[derive(Debug)]
pub(super) struct World {
    pub(super) lexicon: Lexicon,
    pub(super) identities: Identities,
    /// Share of the messages of harmless talk that look like an indicator.
    pub(super) look_alikes: f64,
}

/// What is decided about a case before it is planned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) number: u64,
    pub(super) seed: u64,
    pub(super) start_ms: i64,
    pub(super) risk: bool,
    pub(super) language: Language,
    pub(super) style: Option<Style>,
}

/// A script in the making.
pub(super) struct Plan<'a> {
    pub(super) script: Script,
    pub(super) random: Random,
    pub(super) world: &'a World,
    /// When the next step is, at the earliest.
    pub(super) now_ms: i64,
    /// The session that goes on.
    pub(super) session: u8,
    setting: Setting,
    /// How slowly people write here, in percent.
    pace: u64,
    texts: u16,
}

impl<'a> Plan<'a> {
    pub(super) fn new(draft: Draft, world: &'a World) -> Plan<'a> {
        let mut random = Random::new(mix(draft.seed ^ 0xca5e));
        let setting = Setting {
            language: draft.language,
            start_ms: draft.start_ms,
            names: random.percent(60),
            details: random.percent(93),
        };
        Plan {
            script: script(draft, &mut random),
            pace: random.spread(40, 400),
            now_ms: draft.start_ms,
            session: NONE,
            texts: 0,
            random,
            world,
            setting,
        }
    }

    /// The script, its steps in the order of their times.
    pub(super) fn finish(mut self) -> Script {
        self.script.steps.sort_by_key(|step| step.at_ms);
        self.script
    }

    /// Somebody more takes part; tells the place.
    pub(super) fn person(&mut self, role: Role, home: Home) -> u8 {
        let place = self.script.people.len() as u64;
        let number = self.script.number * MOST_PEOPLE as u64 + place;
        let person = Person::new(number, (role, home), self.setting, self.world.identities, &mut self.random);
        self.script.people.push(person);
        u8::try_from(place).unwrap_or(0)
    }

    /// A room more; the last one again, if there can be no more.
    pub(super) fn room(&mut self, kind: &'static str) -> u8 {
        let place = u8::try_from(self.script.rooms.len()).unwrap_or(0);
        if u64::from(place) == MOST_PLACES {
            return place - 1;
        }
        let id = self.world.identities.room(self.script.number, place);
        let topic = if self.random.percent(35) { self.random.pick(room_topics(kind)) } else { "" };
        self.script.rooms.push(Room { id, kind, topic });
        place
    }

    /// A session more, as `traits` says except for its id; none if there can be no more.
    pub(super) fn open_session(&mut self, traits: Session) -> Option<u8> {
        let place = u8::try_from(self.script.sessions.len()).unwrap_or(0);
        if u64::from(place) == MOST_PLACES {
            return None;
        }
        let id = self.world.identities.session(self.script.number, place);
        self.script.sessions.push(Session { id, ..traits });
        Some(place)
    }

    /// Time passes, so many seconds.
    pub(super) fn wait(&mut self, low_s: u64, high_s: u64) {
        let ms = self.random.between(low_s * 1_000, high_s * 1_000);
        self.now_ms += i64::try_from(ms).unwrap_or(0);
    }

    /// Time passes until the next sitting: an hour to a few days.
    pub(super) fn pause(&mut self, most_hours: u64) {
        let minutes = self.random.spread(40, most_hours * 60);
        self.wait(minutes * 60, minutes * 60 + 3_600);
    }

    /// Time passes until it is one of those hours where the person lives; hours above 24 are of the next night.
    pub(super) fn until_hour(&mut self, person: u8, low: u64, high: u64) {
        let offset = self.script.person(person).map_or(0, |person| i64::from(person.tz_offset_min) * 60_000);
        let wanted = self.random.between(low * 3_600_000, high * 3_600_000 - 1);
        let wanted = i64::try_from(wanted).unwrap_or(0);
        let of_day = (self.now_ms + offset).rem_euclid(DAY_MS);
        self.now_ms += (wanted - of_day).rem_euclid(DAY_MS);
    }

    /// Somebody says something; others may say it in several messages.
    pub(super) fn say(&mut self, (from, to): (u8, u8), room: u8, topic: Topic, mark: Mark) {
        let parts = if self.splits(mark) { self.random.small(2, 3) } else { 1 };
        let spoken = self.session != NONE && self.random.percent(4);
        let text = self.texts;
        self.texts += 1;
        for part in 0..parts {
            if part > 0 {
                self.wait(1, 5);
            } else {
                self.gap();
            }
            self.act((from, to), room, Act::Say { topic, text, part, parts, spoken }, mark);
        }
    }

    /// Somebody says a given line.
    pub(super) fn repeat(&mut self, pair: (u8, u8), room: u8, line: u32) {
        self.gap();
        self.act(pair, room, Act::Repeat { line }, Mark::Nothing);
    }

    /// Somebody deletes a message.
    pub(super) fn delete(&mut self, pair: (u8, u8), room: u8, mark: Mark) {
        self.wait(2, 90);
        self.act(pair, room, Act::Delete, mark);
    }

    /// Something else is done, now.
    pub(super) fn act(&mut self, (from, to): (u8, u8), room: u8, act: Act, mark: Mark) {
        let (at_ms, session) = (self.now_ms, self.session);
        self.script.steps.push(Step { at_ms, act, from, to, room, session, mark });
    }

    /// Marks a step: as part of the risk in a risky case, else as harmless and like it.
    pub(super) fn mark(&self, indicator: Indicator) -> Mark {
        if self.script.risk { Mark::Stage(indicator) } else { Mark::Resembles(indicator) }
    }

    /// Somebody of these, but not `other`.
    pub(super) fn other(&mut self, people: &[u8], other: u8) -> u8 {
        let found = self.random.pick(people);
        match people.iter().position(|person| *person == found) {
            Some(at) if found == other => people[(at + 1) % people.len()],
            _ => found,
        }
    }

    /// Between two messages of a sitting.
    fn gap(&mut self) {
        let seconds =
            self.random.pick_weighted(&[((2, 12), 52), ((10, 40), 33), ((40, 180), 12), ((180, 900), 3)]);
        let ms = self.random.between(seconds.0 * 1_000, seconds.1 * 1_000) * self.pace / 100;
        self.now_ms += i64::try_from(ms).unwrap_or(0);
    }

    fn splits(&mut self, mark: Mark) -> bool {
        let percent = match (self.script.style, mark) {
            (Some(Style::Split), Mark::Stage(_)) => 65,
            (Some(Style::Split), _) => 8,
            (_, Mark::Stage(_)) => 0,
            _ => 1,
        };
        self.random.percent(percent)
    }
}

fn script(draft: Draft, random: &mut Random) -> Script {
    let facts = Facts {
        app: random.pick(words::APPS),
        service: random.pick(words::SERVICES),
        amount: u32::try_from(random.between(1, 60) * 50).unwrap_or(0),
    };
    let form = Form {
        language: random.percent(70),
        amount_bands: random.percent(50),
        session_context: random.percent(70),
    };
    Script {
        number: draft.number,
        seed: draft.seed,
        kind: super::Kind::Given,
        risk: draft.risk,
        language: draft.language,
        style: draft.style,
        people: Vec::new(),
        rooms: Vec::new(),
        sessions: Vec::new(),
        steps: Vec::new(),
        next: 0,
        harm_ms: None,
        facts,
        form,
        given: 0,
    }
}

fn room_topics(kind: &str) -> &'static [&'static str] {
    match kind {
        "live_chat" => &[
            "live tonight",
            "hello all",
            "chill stream",
            "music and talk",
            "cooking",
            "study with me",
            "q and a",
        ],
        "group" => &["main", "general", "weekend", "random", "planning", "lobby", "the usual"],
        _ => &["", "chat", "new chat"],
    }
}
