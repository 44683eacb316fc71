//! Streams, calls and money: the records around a talk, for harmless cases and others alike.

use super::kinds::Indicator;
use super::plan::Plan;
use super::script::{Act, Mark, Moment, NONE, Session};

/// A session shorter than that is a short one, in seconds.
const SHORT_S: i64 = 600;

/// What kind of session it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) visibility: &'static str,
    pub(super) paid: &'static str,
    /// In how many of a hundred it is recorded, and the chat deleted afterwards.
    pub(super) recorded: u64,
    pub(super) deleted: u64,
    /// Viewers besides those who are told of.
    pub(super) further: u16,
    /// What its beginning looks like, if like anything.
    pub(super) begins: Option<Indicator>,
}

impl Manner {
    /// A video call between people who know each other.
    pub(super) const CALL: Manner =
        Manner { visibility: "one_to_one", paid: "none", recorded: 4, deleted: 6, further: 0, begins: None };
    /// A session of one viewer, or very few, for money.
    pub(super) const PAID: Manner = Manner {
        visibility: "one_to_one",
        paid: "external_suspected",
        recorded: 12,
        deleted: 45,
        further: 0,
        begins: Some(Indicator::M4),
    };
    /// A lesson, mostly paid.
    pub(super) const LESSON: Manner = Manner { recorded: 35, deleted: 4, ..Manner::PAID };
    /// A stream for everybody.
    pub(super) const STREAM: Manner =
        Manner { visibility: "public", paid: "tip", recorded: 55, deleted: 5, further: 40, begins: None };
}

impl Plan<'_> {
    /// A session of `host` before `viewers`, with what happens in it; until it ends all that is said belongs to it. Nothing at all
    /// happens if the case has had its sessions.
    pub(super) fn hold_session(
        &mut self,
        (host, viewers, room): (u8, &[u8], u8),
        manner: Manner,
        body: impl FnOnce(&mut Self),
    ) {
        let Some(place) = self.open_session(traits(host, viewers, manner)) else { return };
        self.settle(place, manner);
        self.session = place;
        let begun_ms = self.now_ms;
        self.begin(host, room, manner);
        for viewer in viewers.iter().take(6) {
            self.wait(2, 45);
            self.act((*viewer, host), room, Act::Session(Moment::Joined), Mark::Nothing);
        }
        body(self);
        self.wait(5, 240);
        self.end((host, viewers, room), begun_ms);
        self.session = NONE;
    }

    /// Draws the rest.
    fn settle(&mut self, place: u8, manner: Manner) {
        let random = &mut self.random;
        let further = u16::try_from(random.below(u64::from(manner.further) + 1)).unwrap_or(0);
        let late = u16::try_from(random.below(u64::from(manner.further) / 2 + 1)).unwrap_or(0);
        let session = &mut self.script.sessions[usize::from(place)];
        session.scheduled = random.percent(60).then(|| random.percent(40));
        session.recorded = random.percent(85).then(|| random.percent(manner.recorded));
        session.chat_deleted = random.percent(85).then(|| random.percent(manner.deleted));
        session.peak_viewers += further;
        session.distinct_viewers += further + late;
    }

    fn begin(&mut self, host: u8, room: u8, manner: Manner) {
        let mark = manner.begins.map_or(Mark::Nothing, |indicator| self.mark(indicator));
        self.act((host, NONE), room, Act::Session(Moment::Started), mark);
        if self.random.percent(12) {
            self.wait(3, 90);
            let visibility = self.random.pick(&["invite", "unlisted", manner.visibility]);
            self.script.sessions[usize::from(self.session)].visibility = visibility;
            self.act((host, NONE), room, Act::Session(Moment::Visible(visibility)), Mark::Nothing);
        }
        if self.random.percent(10) {
            self.wait(3, 60);
            let on = self.random.percent(manner.recorded);
            self.act((host, NONE), room, Act::Session(Moment::Recording(on)), Mark::Nothing);
        }
    }

    fn end(&mut self, (host, viewers, room): (u8, &[u8], u8), begun_ms: i64) {
        for viewer in viewers.iter().take(4) {
            if self.random.percent(70) {
                self.act((*viewer, host), room, Act::Session(Moment::Left), Mark::Nothing);
                self.wait(1, 20);
            }
        }
        let place = usize::from(self.session);
        let seconds = (self.now_ms - begun_ms) / 1_000;
        self.script.sessions[place].duration_s = u32::try_from(seconds).unwrap_or(0);
        let mark = match self.script.sessions[place].chat_deleted {
            Some(true) => self.mark(Indicator::M8),
            _ if seconds < SHORT_S => self.mark(Indicator::M5),
            _ => Mark::Nothing,
        };
        self.act((host, NONE), room, Act::Session(Moment::Ended), mark);
    }

    /// Somebody rings somebody up, without a stream's records.
    pub(super) fn call(&mut self, (from, to): (u8, u8), room: u8, mark: Mark) {
        if let Some(place) = self.open_session(traits(from, &[to], Manner::CALL)) {
            self.session = place;
            self.act((from, to), room, Act::Session(Moment::Called), mark);
            self.session = NONE;
        }
    }

    /// Somebody pays somebody.
    pub(super) fn pay(&mut self, (from, to): (u8, u8), room: u8, (minor, gift): (u64, bool), mark: Mark) {
        let rail = self.random.pick_weighted(if gift { GIFT_RAILS } else { RAILS });
        let minor = u32::try_from(minor).unwrap_or(u32::MAX);
        self.act((from, to), room, Act::Pay { minor, rail, gift }, mark);
    }

    /// An amount in minor units between two others, often a round one.
    pub(super) fn amount(&mut self, low: u64, high: u64) -> u64 {
        let amount = self.random.spread(low, high);
        if self.random.percent(60) { (amount / 500).max(1) * 500 } else { amount }
    }
}

/// What is known of it from the start.
fn traits(host: u8, viewers: &[u8], manner: Manner) -> Session {
    let known = u16::try_from(viewers.len()).unwrap_or(0);
    Session {
        id: 0,
        host,
        visibility: manner.visibility,
        paid: manner.paid,
        scheduled: None,
        recorded: None,
        chat_deleted: None,
        duration_s: 0,
        peak_viewers: known,
        distinct_viewers: known,
    }
}

const RAILS: &[(&str, u64)] = &[
    ("platform_wallet", 34),
    ("card", 22),
    ("ewallet_mentioned", 22),
    ("remittance_mentioned", 16),
    ("gift_card", 4),
    ("crypto", 2),
];
const GIFT_RAILS: &[(&str, u64)] = &[("platform_wallet", 55), ("card", 25), ("gift_card", 20)];
