//! Writing one event as JSON, field by field, into a buffer that is kept.
//!
//! Not by serde: the fields differ from event to event, every string comes from our own tables (which a
//! test keeps free of anything that JSON would escape), and this is the generator's hot path.

use super::random::Random;
use super::room::{Person, Room};
use super::words;
use std::io::Write as _;

/// The event being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    buffer: Vec<u8>,
    sequence: u64,
    time_ms: i64,
}

impl Writer {
    /// Forgets the last event and begins the one of that number and event time.
    pub(super) fn begin(&mut self, sequence: u64, time_ms: i64) {
        self.buffer.clear();
        self.sequence = sequence;
        self.time_ms = time_ms;
    }

    /// The bytes written so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Cuts the event down to its first `keep` bytes.
    pub(super) fn truncate(&mut self, keep: usize) {
        self.buffer.truncate(keep);
    }

    /// Number of the event.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Formatted text as it is.
    pub(super) fn format(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a Vec cannot fail.
        drop(self.buffer.write_fmt(arguments));
    }

    /// Opens the event: what all types have.
    pub(super) fn head(&mut self, kind: &str) {
        let sequence = self.sequence;
        self.format(format_args!("{{\"id\":\"e{sequence}\",\"time\":\""));
        self.time();
        self.format(format_args!("\",\"type\":\"{kind}\",\"platform\":\"demo\""));
    }

    /// A message up to its text, which the caller fills in before [`Writer::close_message`].
    pub(super) fn open_message(&mut self, kind: &str, room: &Room, from: &Person, to: &Person, lang: &str) {
        self.head(kind);
        self.place(room);
        self.person("sender", from);
        self.person("recipient", to);
        self.format(format_args!(",\"lang\":\"{lang}\",\"text\":\""));
    }

    /// Ends a message after its text.
    pub(super) fn close_message(&mut self) {
        self.raw(b"\"}");
    }

    /// Ends an event of another type.
    pub(super) fn close(&mut self) {
        self.raw(b"}");
    }

    /// Fills a template: each `{slot}` becomes one of that slot's words.
    pub(super) fn fill(&mut self, template: &str, random: &mut Random) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            self.raw(before.as_bytes());
            let Some((slot, tail)) = after.split_once('}') else { return };
            self.raw(random.pick(words::slot(slot)).as_bytes());
            rest = tail;
        }
        self.raw(rest.as_bytes());
    }

    /// The room, and the session where there is one.
    pub(super) fn place(&mut self, room: &Room) {
        let (number, scene) = (room.number(), room.scene());
        self.format(format_args!(
            ",\"room\":{{\"id\":\"r{number}\",\"kind\":\"{}\",\"topic\":\"{}\"}}",
            scene.room_kind(),
            room.topic()
        ));
        if scene.has_session() {
            self.format(format_args!(",\"session\":{{\"id\":\"s{number}\"}}"));
        }
    }

    /// A person under `role`.
    pub(super) fn person(&mut self, role: &str, person: &Person) {
        let Person { id, name, account_age_days, age_band, country, tz_offset_min } = person;
        self.format(format_args!(
            ",\"{role}\":{{\"id\":\"u{id}\",\"name\":\"{name}\",\"account_age_days\":{account_age_days},\
             \"age_band\":\"{age_band}\",\"country\":\"{country}\",\"tz_offset_min\":{tz_offset_min}}}"
        ));
    }

    /// The event time, RFC 3339 in UTC with milliseconds.
    fn time(&mut self) {
        let time = jiff::Timestamp::from_millisecond(self.time_ms).unwrap_or(jiff::Timestamp::MAX);
        self.format(format_args!("{time:.3}"));
    }
}
