//! Traffic whose right outcome is known by how it is made: good events, some with a phrase that a rule
//! looks for, and every kind of record that a producer gets wrong.
//!
//! It is not the program's own generator: that one shares a decoder's idea of what an event is with the
//! program, and the expectation here must owe the program nothing.

use super::broker::Input;
use super::feed;
use std::collections::BTreeMap;

/// The rules that go with the traffic: two phrases, a substring, a word, and a shadow rule.
pub(crate) const RULES: &str = r#"
title: Asks to keep the conversation secret
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02
name: ask_secret
status: test
logsource: {product: chat, category: message}
detection:
  phrases: {"text|phrase": ["keep this a secret", "don't tell anyone"]}
  condition: phrases
level: medium
---
title: Asks for the age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03
name: ask_age
status: test
logsource: {product: chat, category: message}
detection:
  phrases: {"text|phrase": "how old are you"}
  condition: phrases
level: low
---
title: Wants to move to another application
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04
name: ask_move_app
status: test
logsource: {product: chat, category: message}
detection:
  phrases: {"text|contains": "add me on appone"}
  condition: phrases
level: high
---
title: Speaks of a crimson box
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a05
name: crimson_box
status: shadow
logsource: {product: chat, category: message}
detection:
  phrases: {"text|phrase": "crimson box"}
  condition: phrases
level: low
"#;

/// Texts and the rules that fire on them.
const RISKY: [(&str, &[&str]); 6] = [
    ("please KEEP  this a Secret ok", &["ask_secret"]),
    ("don't tell anyone, it is a surprise", &["ask_secret"]),
    ("hi! how old are you?", &["ask_age"]),
    ("here is too loud, Add me on AppOne", &["ask_move_app"]),
    ("how old are you? don't tell anyone", &["ask_age", "ask_secret"]),
    ("put it into the crimson box", &["crimson_box"]),
];

/// Texts on which no rule fires, some nearly.
const CALM: [&str; 8] = [
    "good game everyone",
    "the secretary kept notes, anyone?",
    "how old is your dog",
    "see you at seven",
    "ação e reação, tudo bem",
    "わかりました、またあとで",
    "nice stream 🎉🎉",
    "what is the app called",
];

/// What must become of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// These rules, and no other, flag it.
    Flags(Vec<&'static str>),
    /// It is a dead letter.
    Dead,
}

/// What to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// The same seed makes the same traffic.
    pub(crate) seed: u64,
    /// How many records.
    pub(crate) records: usize,
    /// Over how many partitions.
    pub(crate) partitions: i32,
    /// How many of a thousand good records have a phrase that a rule looks for.
    pub(crate) risky: usize,
    /// Event time of the first, in milliseconds since the epoch; each next is a millisecond later.
    pub(crate) start_ms: i64,
}

/// The traffic: records in order of sending, and what must become of each that has a fate.
#[derive(Debug)]
pub(crate) struct Trace {
    /// Records in order of sending; offsets count from 0 in each partition.
    pub(crate) inputs: Vec<Input>,
    /// By partition and offset; records that are no more than read have none.
    pub(crate) fates: BTreeMap<(i32, i64), Fate>,
}

impl Plan {
    /// `records` of a new seed over six partitions, one in a hundred with a phrase.
    pub(crate) fn of(records: usize) -> Self {
        Self { seed: feed::seed(), records, partitions: 6, risky: 10, start_ms: feed::hour_ago() }
    }
}

impl Trace {
    /// Makes it.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut random = Random(plan.seed);
        let mut trace = Self { inputs: Vec::with_capacity(plan.records), fates: BTreeMap::new() };
        let mut ends = vec![0; usize::try_from(plan.partitions).unwrap_or(1)];
        for number in 0..plan.records {
            let partition = random.below(ends.len());
            let time = plan.start_ms + i64::try_from(number).unwrap_or(0);
            let made = Made::new(number, time, plan.risky, &mut random);
            let place = (i32::try_from(partition).unwrap_or(0), ends[partition]);
            ends[partition] += 1;
            if let Some(fate) = made.fate {
                trace.fates.insert(place, fate);
            }
            trace.inputs.push(Input {
                partition: place.0,
                key: Some(format!("room-{}", number % 500).into_bytes()),
                payload: made.payload,
                timestamp: Some(time),
                headers: Vec::new(),
            });
        }
        trace
    }

    /// One file's bytes for each partition: line n is the record at offset n − 1. A tombstone, which a file
    /// cannot hold, is an empty line.
    pub(crate) fn files(&self) -> BTreeMap<i32, Vec<u8>> {
        let mut files: BTreeMap<i32, Vec<u8>> = BTreeMap::new();
        for input in &self.inputs {
            let file = files.entry(input.partition).or_default();
            file.extend(input.payload.as_deref().unwrap_or_default());
            file.push(b'\n');
        }
        files
    }
}

struct Made {
    payload: Option<Vec<u8>>,
    fate: Option<Fate>,
}

/// What an event is made of.
struct Event {
    number: usize,
    time: String,
    text: &'static str,
    rules: Vec<&'static str>,
}

impl Made {
    fn new(number: usize, time_ms: i64, risky: usize, random: &mut Random) -> Self {
        let time = wardline::flag::rfc3339(time_ms);
        let (text, rules) = RISKY[random.below(RISKY.len())];
        let risk = Event { number, time: time.clone(), text, rules: rules.to_vec() };
        match random.below(1000) {
            0..5 => risk.odd(random.below(ODD)),
            5..10 => risk.broken(random.below(BROKEN)),
            _ if random.below(1000) < risky => risk.good(),
            _ => Event { number, time, text: CALM[random.below(CALM.len())], rules: Vec::new() }.good(),
        }
    }
}

/// Kinds in [`Event::odd`].
const ODD: usize = 13;
/// Kinds in [`Event::broken`].
const BROKEN: usize = 9;

impl Event {
    fn good(&self) -> Made {
        let fields = format!("{},{}", self.head(), self.body());
        self.flagged(format!("{{{fields}}}"))
    }

    /// Records that are read in spite of what is wrong with them.
    fn odd(&self, kind: usize) -> Made {
        let (head, body) = (self.head(), self.body());
        let Self { number, time, text, .. } = self;
        let people = people(*number);
        let named = format!(r#""id":"e{number}","platform":"test","type":"chat.message""#);
        match kind {
            // No id: the position is its identity.
            0 => {
                self.flagged(format!(r#"{{"time":"{time}","platform":"test","type":"chat.message",{body}}}"#))
            }
            // No time, no readable time, a time far ahead.
            1 => self.flagged(format!("{{{named},{body}}}")),
            2 => self.flagged(format!(r#"{{{named},"time":"yesterday",{body}}}"#)),
            3 => self.flagged(format!(r#"{{{named},"time":"2091-01-01T00:00:00Z",{body}}}"#)),
            // No type, but a text.
            4 => self.flagged(format!(r#"{{"id":"e{number}","time":"{time}","platform":"test",{body}}}"#)),
            // Several texts.
            5 => self.flagged(format!(r#"{{{head},{people},"text":["hello",{text:?}]}}"#)),
            6 => self.flagged(format!(r#"{{{head},{people},"text":"hello","text":{text:?}}}"#)),
            // A byte order mark; white space around.
            7 => self.flagged(format!("\u{feff} {{{head},{body}}} \t")),
            // Bytes that are no UTF-8, in the text that is searched.
            8 => {
                let mut made = self.flagged(format!(r#"{{{head},{people},"text":"~ {text}"}}"#));
                made.payload.iter_mut().flatten().filter(|byte| **byte == b'~').for_each(|byte| *byte = 0xff);
                made
            }
            // A large event.
            9 => self.flagged(format!(r#"{{{head},{body},"padding":"{}"}}"#, "x".repeat(100_000))),
            // Read, but with nothing to find: a tombstone, a text that is none.
            10 => Made { payload: None, fate: None },
            11 => Made { payload: Some(format!("{{{head},{people},\"text\":null}}").into()), fate: None },
            _ => Made { payload: Some(format!("{{{head},{people},\"text\":42}}").into()), fate: None },
        }
    }

    /// Records that are no events.
    fn broken(&self, kind: usize) -> Made {
        let whole = format!("{{{},{}}}", self.head(), self.body());
        let bytes = match kind {
            0 => "how old are you?".to_owned(),
            1 => whole.chars().take(whole.chars().count() / 2).collect(),
            2 => format!("[{whole}]"),
            3 => "4711".to_owned(),
            4 => format!(r#"{{"id":"e{}","platform":"test"}}"#, self.number),
            5 => String::new(),
            6 => format!("{whole}{whole}"),
            7 => format!("{{{},\"deep\":{}{}}}", self.head(), "[".repeat(300), "]".repeat(300)),
            _ => whole.replace(",\"text\":", ",\"text\" "),
        };
        Made { payload: Some(bytes.into()), fate: Some(Fate::Dead) }
    }

    fn head(&self) -> String {
        let Self { number, time, .. } = self;
        format!(r#""id":"e{number}","time":"{time}","platform":"test","type":"chat.message""#)
    }

    fn body(&self) -> String {
        format!(r#"{},"text":{:?}"#, people(self.number), self.text)
    }

    fn flagged(&self, json: String) -> Made {
        let fate = if self.rules.is_empty() { None } else { Some(Fate::Flags(self.rules.clone())) };
        Made { payload: Some(json.into_bytes()), fate }
    }
}

fn people(number: usize) -> String {
    let (room, sender, recipient) = (number % 500, number % 997, number % 991);
    format!(
        r#""room":{{"id":"room-{room}","kind":"direct"}},"sender":{{"id":"u{sender}"}},"recipient":{{"id":"v{recipient}"}}"#
    )
}

/// Splitmix64: a few lines that give the same numbers for ever.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }
}
