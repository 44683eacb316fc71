//! The names of things: kinds of cases, indicators, languages, and what a message can be about.

use std::str::FromStr;

/// What happens in a case. Its name is what labels say and reports group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it; `benign` and `risky` tell the rest")]
pub enum Kind {
    Family,
    Remittance,
    Tutoring,
    Coaching,
    Gaming,
    Fans,
    Peers,
    Party,
    Babysitting,
    School,
    Market,
    Church,
    Dating,
    Support,
    Strangers,
    Given,
    Stranger,
    Gifts,
    Pressure,
    Live,
    Facilitator,
    Payer,
    Metadata,
}

impl Kind {
    /// The harmless ones that are made here.
    pub const BENIGN: [Kind; 15] = [
        Kind::Family,
        Kind::Remittance,
        Kind::Tutoring,
        Kind::Coaching,
        Kind::Gaming,
        Kind::Fans,
        Kind::Peers,
        Kind::Party,
        Kind::Babysitting,
        Kind::School,
        Kind::Market,
        Kind::Church,
        Kind::Dating,
        Kind::Support,
        Kind::Strangers,
    ];
    /// The risky ones.
    pub const RISKY: [Kind; 7] = [
        Kind::Stranger,
        Kind::Gifts,
        Kind::Pressure,
        Kind::Live,
        Kind::Facilitator,
        Kind::Payer,
        Kind::Metadata,
    ];

    /// Its name in labels.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Family => "family",
            Kind::Remittance => "remittance",
            Kind::Tutoring => "tutoring",
            Kind::Coaching => "coaching",
            Kind::Gaming => "gaming",
            Kind::Fans => "fans",
            Kind::Peers => "peers",
            Kind::Party => "party",
            Kind::Babysitting => "babysitting",
            Kind::School => "school",
            Kind::Market => "market",
            Kind::Church => "church",
            Kind::Dating => "dating",
            Kind::Support => "support",
            Kind::Strangers => "strangers",
            Kind::Given => "given",
            Kind::Stranger => "stranger",
            Kind::Gifts => "gifts",
            Kind::Pressure => "pressure",
            Kind::Live => "live",
            Kind::Facilitator => "facilitator",
            Kind::Payer => "payer",
            Kind::Metadata => "metadata",
        }
    }
}

/// An indicator of the taxonomy (rules/README.md names them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Indicator {
    G1,
    G2,
    G3,
    G4,
    G5,
    G6,
    G7,
    G8,
    G9,
    G10,
    F1,
    F2,
    F3,
    F4,
    F5,
    F6,
    M1,
    M3,
    M4,
    M5,
    M7,
    M8,
}

impl Indicator {
    /// Those that can be said.
    pub(super) const SAID: [Indicator; 16] = [
        Indicator::G1,
        Indicator::G2,
        Indicator::G3,
        Indicator::G4,
        Indicator::G5,
        Indicator::G6,
        Indicator::G7,
        Indicator::G8,
        Indicator::G9,
        Indicator::G10,
        Indicator::F1,
        Indicator::F2,
        Indicator::F3,
        Indicator::F4,
        Indicator::F5,
        Indicator::F6,
    ];

    /// Its name in labels and in the texts.
    pub(super) fn name(self) -> &'static str {
        const NAMES: [&str; 22] = [
            "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8", "g9", "g10", "f1", "f2", "f3", "f4", "f5", "f6",
            "m1", "m3", "m4", "m5", "m7", "m8",
        ];
        NAMES[self as usize]
    }
}

/// The language of a case, and whether two are mixed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English.
    English,
    /// Tagalog.
    Tagalog,
    /// Cebuano.
    Cebuano,
    /// Tagalog and English in one breath.
    Taglish,
    /// Cebuano and English in one breath.
    Bislish,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 5] =
        [Language::English, Language::Tagalog, Language::Cebuano, Language::Taglish, Language::Bislish];

    /// As BCP 47 writes it; the mixed ones by a private subtag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Tagalog => "tl",
            Language::Cebuano => "ceb",
            Language::Taglish => "tl-x-taglish",
            Language::Bislish => "ceb-x-bislish",
        }
    }

    /// The tongue that it adds to English, or English.
    pub(super) fn tongue(self) -> Tongue {
        match self {
            Language::English => Tongue::English,
            Language::Tagalog | Language::Taglish => Tongue::Tagalog,
            Language::Cebuano | Language::Bislish => Tongue::Cebuano,
        }
    }

    /// Whether English and another are mixed.
    pub(super) fn is_mixed(self) -> bool {
        matches!(self, Language::Taglish | Language::Bislish)
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Language, String> {
        match text {
            "en" => Ok(Language::English),
            "tl" => Ok(Language::Tagalog),
            "ceb" => Ok(Language::Cebuano),
            "taglish" | "tl-x-taglish" => Ok(Language::Taglish),
            "bislish" | "ceb-x-bislish" => Ok(Language::Bislish),
            _ => Err("expected en, tl, ceb, taglish or bislish".to_owned()),
        }
    }
}

/// A language that templates are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Tongue {
    English,
    Tagalog,
    Cebuano,
}

impl Tongue {
    pub(super) const ALL: [Tongue; 3] = [Tongue::English, Tongue::Tagalog, Tongue::Cebuano];

    /// As a platform states it.
    pub(super) fn tag(self) -> &'static str {
        ["en", "tl", "ceb"][self as usize]
    }
}

/// What a message is about: a section of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Topic {
    /// Anything between people: weather, food, the day.
    Small,
    /// A short answer to whatever was said.
    React,
    /// What a kind of talk is about.
    Of(Kind),
    /// A harmless message of that kind that looks like an indicator.
    Like(Kind, Indicator),
    /// A message that shows an indicator.
    Stage(Indicator),
    /// What is answered to it.
    Reply(Indicator),
}

impl Topic {
    /// Number of topics, as far as [`Topic::number`] tells them apart.
    pub(super) const COUNT: usize = 2 + KINDS + KINDS * INDICATORS + 2 * INDICATORS;

    /// Its place in a table.
    pub(super) fn number(self) -> usize {
        match self {
            Topic::Small => 0,
            Topic::React => 1,
            Topic::Of(kind) => 2 + kind as usize,
            Topic::Like(kind, indicator) => 2 + KINDS + kind as usize * INDICATORS + indicator as usize,
            Topic::Stage(indicator) => 2 + KINDS + KINDS * INDICATORS + indicator as usize,
            Topic::Reply(indicator) => 2 + KINDS + (KINDS + 1) * INDICATORS + indicator as usize,
        }
    }

    /// The topic that a section's name means: `small`, `react`, `family`, `family.g3`, `g3`, `g3.reply`.
    pub(super) fn named(name: &str) -> Option<Topic> {
        let kind = |name: &str| Kind::BENIGN.into_iter().find(|kind| kind.name() == name);
        let indicator = |name: &str| Indicator::SAID.into_iter().find(|indicator| indicator.name() == name);
        match name.split_once('.') {
            None if name == "small" => Some(Topic::Small),
            None if name == "react" => Some(Topic::React),
            None => kind(name).map(Topic::Of).or_else(|| indicator(name).map(Topic::Stage)),
            Some((name, "reply")) => indicator(name).map(Topic::Reply),
            Some((name, like)) => Some(Topic::Like(kind(name)?, indicator(like)?)),
        }
    }
}

const KINDS: usize = 23;
const INDICATORS: usize = 22;
