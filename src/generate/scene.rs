//! Benign conversation of several kinds, each with its templates and its session and payment records.
//!
//! Among the templates are the look-alikes that make rules wrong: birthdays, surprise parties, a babysitter's
//! evening, money sent home, a gaming clan that changes its voice server. A rule that fires on one of them
//! is too broad, and the test on the bundled trace says so.

use super::random::Random;
use super::record::Writer;
use super::room::{Person, Room};

/// A kind of talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    /// A family in two countries, on the phone and in chat.
    Family,
    /// Players in a lobby.
    Gaming,
    /// A lesson by video.
    Tutoring,
    /// Fans of a streamer, live.
    Fans,
    /// Two adults about money sent home.
    Remittance,
}

/// How old a person of a scene is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// An adult.
    Adult,
    /// Under 18.
    Young,
    /// Either, or not known.
    Anyone,
}

impl Role {
    /// The age bands to draw from.
    pub(super) fn age_bands(self) -> &'static [&'static str] {
        match self {
            Role::Adult => &["adult"],
            Role::Young => &["under13", "13-15", "13-15", "16-17"],
            Role::Anyone => &["adult", "adult", "adult", "adult", "16-17", "13-15", "unknown"],
        }
    }
}

/// Templates of one language.
type Lines = (&'static str, &'static [&'static str]);

impl Scene {
    /// All kinds; one named twice comes up twice as often.
    pub(super) const ALL: [Scene; 8] = [
        Scene::Family,
        Scene::Family,
        Scene::Gaming,
        Scene::Gaming,
        Scene::Fans,
        Scene::Fans,
        Scene::Tutoring,
        Scene::Remittance,
    ];

    /// `room.kind` of its rooms.
    pub(super) fn room_kind(self) -> &'static str {
        match self {
            Scene::Family | Scene::Tutoring | Scene::Remittance => "direct",
            Scene::Gaming => "group",
            Scene::Fans => "live_chat",
        }
    }

    /// Fewest and most people.
    pub(super) fn people(self) -> (u64, u64) {
        match self {
            Scene::Family | Scene::Tutoring | Scene::Remittance => (2, 2),
            Scene::Gaming => (3, 8),
            Scene::Fans => (10, 40),
        }
    }

    /// Fewest and most events.
    pub(super) fn events(self) -> (u64, u64) {
        match self {
            Scene::Family | Scene::Tutoring | Scene::Remittance => (15, 60),
            Scene::Gaming => (30, 120),
            Scene::Fans => (60, 300),
        }
    }

    /// Whether there is a call or a stream behind the chat.
    pub(super) fn has_session(self) -> bool {
        matches!(self, Scene::Family | Scene::Tutoring | Scene::Fans)
    }

    /// Share of its events that are not messages.
    pub(super) fn metadata_percent(self) -> u64 {
        match self {
            Scene::Fans => 12,
            Scene::Family | Scene::Tutoring => 3,
            Scene::Remittance => 4,
            Scene::Gaming => 0,
        }
    }

    /// Whether its host lives where the others do not send from.
    pub(super) fn hosts_abroad(self) -> bool {
        matches!(self, Scene::Family | Scene::Remittance | Scene::Fans)
    }

    /// How old its `index`th person is.
    pub(super) fn role(self, index: u64) -> Role {
        match (self, index) {
            (Scene::Family | Scene::Gaming, _) => Role::Anyone,
            (Scene::Tutoring, 0) | (Scene::Remittance | Scene::Fans, _) => Role::Adult,
            (Scene::Tutoring, _) => Role::Young,
        }
    }

    /// Topics of its rooms.
    pub(super) fn topics(self) -> &'static [&'static str] {
        match self {
            Scene::Family => &["", "family", "sunday call"],
            Scene::Gaming => &["ranked tonight", "build server", "looking for group", "clan lobby"],
            Scene::Tutoring => &["english lesson", "maths help", "guitar lesson"],
            Scene::Fans => &["cooking live", "drawing stream", "morning music", "speedrun attempts"],
            Scene::Remittance => &["", "home"],
        }
    }

    fn lines(self) -> &'static [Lines] {
        match self {
            Scene::Family => &[("en", FAMILY), ("en", FAMILY), ("tl", FAMILY_TL), ("es", FAMILY_ES)],
            Scene::Gaming => &[("en", GAMING)],
            Scene::Tutoring => &[("en", TUTORING)],
            Scene::Fans => &[("en", FANS), ("en", FANS), ("es", FANS_ES), ("ja", FANS_JA)],
            Scene::Remittance => &[("en", REMITTANCE)],
        }
    }

    /// A message between two of the room's people.
    pub(super) fn write_message(self, writer: &mut Writer, room: &Room, random: &mut Random) {
        let (from, to) = room.two(random);
        let (lang, templates) = random.pick(self.lines());
        let kind = match random.below(100) {
            0 => "chat.edited",
            1..4 if self.has_session() => "transcript.segment",
            _ => "chat.message",
        };
        writer.open_message(kind, room, &from, &to, lang);
        write_text(writer, templates, random);
        writer.close_message();
    }

    /// The start of its session.
    pub(super) fn write_start(writer: &mut Writer, room: &Room, random: &mut Random) {
        let recorded = random.percent(50);
        session(writer, "session.started", room, &room.host());
        writer.format(format_args!(",\"recording_enabled\":{recorded},\"chat_enabled\":true}}"));
        writer.close();
    }

    /// The end of its session.
    pub(super) fn write_end(writer: &mut Writer, room: &Room, random: &mut Random) {
        let duration = random.between(900, 7_200);
        let viewers = random.between(2, 60);
        session(writer, "session.ended", room, &room.host());
        writer.format(format_args!(
            ",\"duration_s\":{duration},\"peak_viewers\":{viewers},\"chat_deleted_after\":false}}"
        ));
        writer.close();
    }

    /// Something that happens beside the talk.
    pub(super) fn write_metadata(self, writer: &mut Writer, room: &Room, random: &mut Random) {
        let guest = room.guest(random);
        match (self, random.below(10)) {
            (Scene::Remittance, _) => payment(writer, "payment", room, &guest, "platform_wallet", random),
            (Scene::Fans, 0..3) => payment(writer, "gift", room, &guest, "card", random),
            (_, 0..5) => viewer(writer, "viewer.joined", room, &guest),
            _ => viewer(writer, "viewer.left", room, &guest),
        }
    }

    fn visibility(self) -> &'static str {
        if self == Scene::Fans { "public" } else { "one_to_one" }
    }

    fn paid(self) -> &'static str {
        match self {
            Scene::Fans => "tip",
            Scene::Tutoring => "entry",
            _ => "none",
        }
    }
}

/// The text of a message: a filled template, sometimes with an emoji after it.
pub(super) fn write_text(writer: &mut Writer, templates: &[&'static str], random: &mut Random) {
    let template = random.pick(templates);
    writer.fill(template, random);
    if random.percent(15) {
        writer.fill(" {smile}", random);
    }
}

/// A session record by its host, open for further fields of `session`.
pub(super) fn session(writer: &mut Writer, kind: &str, room: &Room, host: &Person) {
    let (number, scene) = (room.number(), room.scene());
    writer.head(kind);
    writer.person("sender", host);
    writer.format(format_args!(
        ",\"room\":{{\"id\":\"r{number}\",\"kind\":\"{}\"}},\"session\":{{\"id\":\"s{number}\",\"host\":{{\"id\":\"u{}\",\
         \"age_band\":\"{}\"}},\"visibility\":\"{}\",\"paid\":\"{}\"",
        scene.room_kind(),
        host.id,
        host.age_band,
        scene.visibility(),
        scene.paid()
    ));
}

/// A payment or gift from `payer` to the room's host.
fn payment(writer: &mut Writer, kind: &str, room: &Room, payer: &Person, rail: &str, random: &mut Random) {
    let minor = random.between(2, 200) * 100;
    writer.head(kind);
    writer.place(room);
    writer.person("sender", payer);
    writer.person("recipient", &room.host());
    let sequence = writer.sequence();
    writer.format(format_args!(
        ",\"payment\":{{\"id\":\"p{sequence}\",\"amount_minor\":{minor},\"currency\":\"EUR\",\"rail\":\"{rail}\"}}"
    ));
    writer.close();
}

/// Someone came or went.
fn viewer(writer: &mut Writer, kind: &str, room: &Room, person: &Person) {
    writer.head(kind);
    writer.place(room);
    writer.person("sender", person);
    writer.close();
}

const FAMILY: &[&str] = &[
    "{hi} {name}, did you eat yet",
    "{hi}! how was school {day}?",
    "grandma says {hi}, she misses you {heart}",
    "the {animal} slept on my bed again",
    "i'm 15 minutes late, traffic at the {place}",
    "happy birthday {name}! how old are you turning, 12 already? {party}",
    "shh it's a surprise party for {name}, don't spoil it",
    "call you after dinner, we are having {food}",
    "can you see me? the connection is bad {day}",
    "{name} lost another tooth {smile}",
    "i sent the photos from the {place}",
    "good night, sleep well {heart}",
    "is {name} babysitting {day}?",
    "rain all {day} here, and there?",
    "we fixed the roof, looks good now",
    "tell {name} the parcel arrived",
    "your cousin passed the exam {party}",
    "what time is it there now?",
];

const FAMILY_TL: &[&str] = &[
    "kumain ka na ba {name}?",
    "kumusta ang klase {name}",
    "ingat ka palagi {heart}",
    "miss ka na namin dito {heart}",
    "salamat sa padala, nabayaran na ang kuryente",
    "tawag ako mamaya pagkatapos ng hapunan",
    "ang laki na ng {animal} natin",
];

const FAMILY_ES: &[&str] = &[
    "¿cómo estás {name}? ¿ya comiste?",
    "mañana te llamo después del trabajo",
    "la abuela te manda un abrazo {heart}",
    "¡feliz cumpleaños {name}! {party}",
    "¿qué tal la escuela hoy?",
];

const GAMING: &[&str] = &[
    "gg {smile}",
    "who's on for {day}",
    "need one more for the {place} raid",
    "nice shot {name}",
    "brb {food} time",
    "lag again ffs",
    "my ping is {number} today",
    "i'm level {number} now, finally",
    "invite me to the party pls",
    "rush B no stop",
    "trade you a {animal} mount for {number} gold",
    "ur build is cracked {name}",
    "new patch notes are out, {animal} got nerfed",
    "that boss took us {number} tries",
    "switching voice server, same channel name",
    "the secret door is behind the {place}",
    "how old is this game lol",
    "afk {number} min, door",
    "healer pls don't stand in the fire {smile}",
    "clan meeting {day} at 8",
];

const TUTORING: &[&str] = &[
    "please open page {number}",
    "can you hear me well?",
    "let's try exercise {number} again",
    "good, now read it aloud",
    "the past tense of go is went",
    "your homework for {day}: ten sentences about the {place}",
    "sorry teacher, my sister was using the tablet",
    "next lesson {day}, same time?",
    "how much is {number} times 7?",
    "very good {name} {party}",
    "i don't understand this part",
    "the secretary will send you the schedule",
    "write the word {animal} on the board",
];

const FANS: &[&str] = &[
    "first! {smile}",
    "love this song {heart}",
    "greetings from {city}!",
    "what camera do you use for the {place} videos?",
    "sooo good today {heart}",
    "play the {animal} song please",
    "when is the next stream?",
    "that {food} looks amazing",
    "{number}k followers soon {party}",
    "can't stop laughing {smile}",
    "is this live or a rerun",
    "mods are doing a great job",
    "i've been watching since {number} subs",
    "hello from {city}, it's 3am here lol",
    "the {animal} in the background {smile}{smile}",
    "your mic is a bit quiet",
    "will there be merch?",
];

const FANS_ES: &[&str] = &[
    "¡saludos desde {city}! {heart}",
    "qué buena canción",
    "jajaja el {animal} {smile}",
    "otra más por favor",
];

const FANS_JA: &[&str] =
    &["こんばんは {smile}", "かわいい曲ですね", "{city}から見ています", "ありがとう {heart}"];

const REMITTANCE: &[&str] = &[
    "i sent it this morning, it should be there {day}",
    "did the money for the roof arrive?",
    "the fee was {number} this time, too much",
    "reference number is in the email",
    "thank you, we paid the school fees {heart}",
    "the rate is better on {day}",
    "bring your id card when you pick it up",
    "the line at the counter took {number} minutes",
    "how is {name}? and the new job?",
    "rent is paid, {food} for everybody {smile}",
    "electricity bill came, {number} euro",
];

/// All templates, for the test that looks at each.
#[cfg(test)]
pub(super) fn templates() -> impl Iterator<Item = &'static str> {
    Scene::ALL.iter().flat_map(|scene| scene.lines()).flat_map(|(_, templates)| templates.iter().copied())
}
