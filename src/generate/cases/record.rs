//! Writing one step as an event, straight into the caller's buffer.
//!
//! Which fields are there depends on the type and on what the platform of a case gives, never on what the case is.

use super::people::{DAY_MS, Person};
use super::script::{Act, Moment, Script, Session, Step};
use std::io::Write as _;

/// Writes times; keeps the day, which rarely changes.
#[derive(Debug, Default)]
pub(super) struct Clock {
    day: Option<i64>,
    text: Vec<u8>,
}

impl Clock {
    /// Appends a time as RFC 3339 has it, in UTC with milliseconds.
    pub(super) fn write(&mut self, ms: i64, out: &mut Vec<u8>) {
        let day = ms.div_euclid(DAY_MS);
        if self.day != Some(day) {
            self.day = Some(day);
            let time = jiff::Timestamp::from_millisecond(day * DAY_MS).unwrap_or(jiff::Timestamp::MAX);
            self.text = time.to_string().into_bytes();
            self.text.truncate("2026-01-01T".len());
        }
        out.extend_from_slice(&self.text);
        let ms = u64::try_from(ms.rem_euclid(DAY_MS)).unwrap_or(0);
        for (number, digits, sign) in [
            (ms / 3_600_000, 2, b':'),
            (ms / 60_000 % 60, 2, b':'),
            (ms / 1_000 % 60, 2, b'.'),
            (ms % 1_000, 3, b'Z'),
        ] {
            padded(number, digits, out);
            out.push(sign);
        }
    }
}

fn padded(number: u64, digits: u32, out: &mut Vec<u8>) {
    for place in (0..digits).rev() {
        out.push(b'0' + u8::try_from(number / 10_u64.pow(place) % 10).unwrap_or(0));
    }
}

/// What a step says, and in which language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) language: Option<&'static str>,
}

/// An event being written.
pub(super) struct Record<'a> {
    pub(super) script: &'a Script,
    pub(super) step: &'a Step,
    pub(super) clock: &'a mut Clock,
    pub(super) out: &'a mut Vec<u8>,
}

impl Record<'_> {
    /// Writes the event of that number, with what is said in it and the id of its payment.
    pub(super) fn write(&mut self, number: u64, said: Option<Said<'_>>, payment: u64) {
        self.text("{\"id\":\"e");
        self.number(number);
        self.text("\",\"time\":\"");
        self.clock.write(self.step.at_ms, self.out);
        self.text("\",\"type\":\"");
        self.text(event_type(self.step.act));
        self.text("\",\"platform\":\"demo\"");
        self.room();
        self.session();
        self.people();
        if let Act::Pay { minor, rail, .. } = self.step.act {
            self.payment(payment, minor, rail);
        }
        if let Some(said) = said {
            self.said(said);
        }
        self.text("}");
    }

    fn room(&mut self) {
        let Some(room) = self.script.room(self.step.room) else { return };
        self.text(",\"room\":{\"id\":\"r");
        self.number(room.id);
        self.pair("\",\"kind\":\"", room.kind);
        if !room.topic.is_empty() {
            self.pair("\",\"topic\":\"", room.topic);
        }
        self.text("\"}");
    }

    fn session(&mut self) {
        let Some(session) = self.script.session(self.step.session).copied() else { return };
        self.text(",\"session\":{\"id\":\"s");
        self.number(session.id);
        self.text("\"");
        match self.step.act {
            Act::Session(moment) => self.moment(&session, moment),
            _ if self.script.form.session_context => {
                self.pair(",\"visibility\":\"", session.visibility);
                self.pair("\",\"paid\":\"", session.paid);
                self.text("\"");
            }
            _ => {}
        }
        self.text("}");
    }

    fn moment(&mut self, session: &Session, moment: Moment) {
        let visibility =
            if let Moment::Visible(visibility) = moment { visibility } else { session.visibility };
        if moment != Moment::Called
            && let Some(host) = self.script.person(session.host)
        {
            self.text(",\"host\":{");
            self.person_fields(host);
            self.text("}");
        }
        self.pair(",\"visibility\":\"", visibility);
        self.pair("\",\"paid\":\"", session.paid);
        self.text("\"");
        match moment {
            Moment::Started => {
                self.flag("scheduled", session.scheduled);
                self.flag("recording_enabled", session.recorded);
            }
            Moment::Ended => {
                for (name, number) in [
                    (",\"duration_s\":", session.duration_s),
                    (",\"peak_viewers\":", u32::from(session.peak_viewers)),
                    (",\"distinct_viewers\":", u32::from(session.distinct_viewers)),
                ] {
                    self.text(name);
                    self.number(u64::from(number));
                }
                self.flag("recording_enabled", session.recorded);
                self.flag("chat_deleted_after", session.chat_deleted);
            }
            Moment::Recording(on) => self.flag("recording_enabled", Some(on)),
            _ => {}
        }
    }

    fn people(&mut self) {
        for (role, place) in [(",\"sender\":{", self.step.from), (",\"recipient\":{", self.step.to)] {
            if let Some(person) = self.script.person(place) {
                self.text(role);
                self.person_fields(person);
                if role == ",\"sender\":{" && self.shows_hosts() {
                    self.text(",\"distinct_hosts_7d\":");
                    self.number(u64::from(person.hosts_7d).max(1));
                }
                self.text("}");
            }
        }
    }

    /// Platforms count hosts of viewers and payers.
    fn shows_hosts(&self) -> bool {
        matches!(self.step.act, Act::Pay { .. } | Act::Session(Moment::Joined))
            && self.script.form.session_context
    }

    fn person_fields(&mut self, person: &Person) {
        self.text("\"id\":\"u");
        self.number(person.id);
        self.text("\"");
        for (name, text) in [
            (",\"name\":\"", person.name),
            (",\"age_band\":\"", person.age_band),
            (",\"age_assurance\":\"", person.age_assurance),
            (",\"country\":\"", person.country),
        ] {
            if let Some(text) = text {
                self.pair(name, text);
                self.text("\"");
            }
        }
        if let Some(days) = person.account_age_days(self.step.at_ms) {
            self.text(",\"account_age_days\":");
            self.signed(days);
        }
        if person.shows_offset {
            self.text(",\"tz_offset_min\":");
            self.signed(i64::from(person.tz_offset_min));
        }
        if let Some(count) = person.prior_actions {
            self.text(",\"prior_actions_count\":");
            self.number(u64::from(count));
        }
    }

    fn payment(&mut self, id: u64, minor: u32, rail: &str) {
        let currency =
            self.script.person(self.step.from).map_or("USD", |payer| currency(payer.tz_offset_min));
        self.text(",\"payment\":{\"id\":\"p");
        self.number(id);
        self.text("\",\"amount_minor\":");
        self.number(u64::from(minor));
        self.pair(",\"currency\":\"", currency);
        if self.script.form.amount_bands {
            self.pair("\",\"amount_band\":\"", amount_band(minor));
        }
        self.pair("\",\"rail\":\"", rail);
        self.text("\"}");
    }

    fn said(&mut self, said: Said<'_>) {
        if let Some(language) = said.language {
            self.pair(",\"lang\":\"", language);
            self.text("\"");
        }
        self.text(",\"text\":");
        if matches!(self.step.act, Act::Repeat { .. }) {
            // Others' words may hold anything. Writing to a Vec cannot fail.
            drop(serde_json::to_writer(&mut *self.out, said.text));
        } else {
            self.pair("\"", said.text);
            self.text("\"");
        }
    }

    fn flag(&mut self, name: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.pair(",\"", name);
            self.pair("\":", if value { "true" } else { "false" });
        }
    }

    fn pair(&mut self, name: &str, value: &str) {
        self.text(name);
        self.text(value);
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        let (mut digits, mut rest, mut at) = ([0; 20], number, 20);
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[at..]);
    }

    fn signed(&mut self, number: i64) {
        // Writing to a Vec cannot fail.
        drop(write!(self.out, "{number}"));
    }
}

fn event_type(act: Act) -> &'static str {
    match act {
        Act::Say { spoken: true, .. } => "transcript.segment",
        Act::Say { .. } | Act::Repeat { .. } => "chat.message",
        Act::Pay { gift: true, .. } => "gift",
        Act::Pay { .. } => "payment",
        Act::Delete => "chat.deleted",
        Act::Session(moment) => match moment {
            Moment::Started => "session.started",
            Moment::Ended => "session.ended",
            Moment::Joined => "viewer.joined",
            Moment::Left => "viewer.left",
            Moment::Called => "call.started",
            Moment::Visible(_) => "visibility.changed",
            Moment::Recording(_) => "recording.state",
        },
    }
}

/// The currency where people have that time.
fn currency(tz_offset_min: i32) -> &'static str {
    match tz_offset_min {
        480 => "PHP",
        600 | 720 => "AUD",
        0 => "GBP",
        60 | 120 => "EUR",
        _ => "USD",
    }
}

fn amount_band(minor: u32) -> &'static str {
    match minor {
        0..1_000 => "under 10",
        1_000..2_500 => "10 to 25",
        2_500..5_000 => "25 to 50",
        5_000..10_000 => "50 to 100",
        _ => "100 and more",
    }
}
