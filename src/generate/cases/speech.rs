//! What is said in a step: a template is drawn and filled, typed as its author types, disguised, cut.

use super::disguise::{Style, disguise};
use super::kinds::{Language, Tongue, Topic};
use super::lexicon::{Fact, Lexicon, Part};
use super::script::{Mark, Script, Step};
use crate::generate::random::{Random, mix};

/// Buffers for what is said, kept from one message to the next.
#[derive(Debug, Default)]
pub(super) struct Speech {
    filled: String,
    typed: String,
    disguised: String,
    /// What is said in the end.
    pub(super) said: String,
}

/// A message of a script and where it is cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saying {
    pub(super) topic: Topic,
    pub(super) text: u16,
    pub(super) part: u8,
    pub(super) parts: u8,
}

impl Speech {
    /// Draws what is said into `said`, and tells in which language.
    pub(super) fn say(&mut self, script: &Script, step: &Step, saying: Saying, lexicon: &Lexicon) -> Tongue {
        let mut random = Random::new(mix(script.seed ^ (u64::from(saying.text) << 32)));
        let (tongue, mixed) = tongue(script.language, &mut random);
        self.filled.clear();
        let filled = &mut self.filled;
        let tongue =
            lexicon.fill((tongue, mixed), saying.topic, &mut random, &mut |part, random| match part {
                Part::Text(text) => filled.push_str(text),
                Part::Fact(fact) => write_fact(fact, script, step, random, filled),
            });
        self.typed.clear();
        if let Some(person) = script.person(step.from) {
            person.habits.type_out(self.filled.trim(), tongue, &mut random, &mut self.typed);
        }
        self.said.clear();
        match style(script, step.mark, saying.topic, &mut random) {
            None => cut(&self.typed, saying, &mut self.said),
            Some(style) => {
                self.disguised.clear();
                disguise(style, &self.typed, lexicon, &mut random, &mut self.disguised);
                cut(&self.disguised, saying, &mut self.said);
            }
        }
        tongue
    }
}

/// In which language somebody writes this time, and whether two are mixed in it.
fn tongue(language: Language, random: &mut Random) -> (Tongue, bool) {
    let own = language.tongue();
    match random.below(100) {
        0..6 => (Tongue::English, false),
        6..24 if language.is_mixed() => (Tongue::English, false),
        24..78 if language.is_mixed() => (own, true),
        _ => (own, false),
    }
}

/// How it is disguised, if it is: most of what would tell, and little else.
fn style(script: &Script, mark: Mark, topic: Topic, random: &mut Random) -> Option<Style> {
    let style = script.style?;
    let percent = match mark {
        Mark::Stage(_) => 82,
        _ if script.risk && !matches!(topic, Topic::Reply(_)) => 4,
        _ => 9,
    };
    random.percent(percent).then_some(style)
}

/// The part of the text that this message says: an even share of its words.
fn cut(text: &str, saying: Saying, out: &mut String) {
    if saying.parts <= 1 {
        return out.push_str(text);
    }
    let words = text.split(' ').count();
    let border = |part: usize| words * part / usize::from(saying.parts);
    let (from, to) = (border(usize::from(saying.part)), border(usize::from(saying.part) + 1));
    for (place, word) in text.split(' ').enumerate().skip(from).take(to - from) {
        if place > from {
            out.push(' ');
        }
        out.push_str(word);
    }
    if out.is_empty() {
        // Fewer words than messages.
        out.push_str("..");
    }
}

fn write_fact(fact: Fact, script: &Script, step: &Step, random: &mut Random, out: &mut String) {
    let mut number = |number| push_number(number, out);
    match fact {
        Fact::Name => {
            let someone =
                || script.people[usize::try_from(step.at_ms).unwrap_or(0) % script.people.len()].called;
            out.push_str(script.person(step.to).map_or_else(someone, |person| person.called));
        }
        Fact::App => out.push_str(script.facts.app),
        Fact::Service => out.push_str(script.facts.service),
        Fact::Amount => number(u64::from(script.facts.amount)),
        Fact::Reference => {
            let digits = random.pick(&[10_000, 100_000, 10_000_000, 1_000_000_000]);
            number(random.between(digits, digits * 10 - 1));
        }
        Fact::Number => number(random.spread(2, 90)),
        Fact::Age => number(random.between(10, 16)),
        Fact::Clock => clock(random, out),
        Fact::Handle => handle(random, out),
    }
}

fn clock(random: &mut Random, out: &mut String) {
    let hour = random.between(1, 12);
    let after = random.pick(&["", "pm", " pm", ":30", "am", ":15", "ish"]);
    push_number(hour, out);
    out.push_str(after);
}

fn handle(random: &mut Random, out: &mut String) {
    const FIRST: [&str; 8] = ["blue", "sunny", "lucky", "quiet", "mango", "retro", "tiny", "north"];
    const SECOND: [&str; 8] = ["fox", "panda", "rider", "pixel", "star", "kite", "otter", "wave"];
    let (first, second) = (random.pick(&FIRST), random.pick(&SECOND));
    let between = random.pick(&["", "_", "."]);
    for part in [first, between, second] {
        out.push_str(part);
    }
    push_number(random.below(100), out);
}

fn push_number(number: u64, out: &mut String) {
    if number >= 10 {
        push_number(number / 10, out);
    }
    out.push(char::from(b'0' + u8::try_from(number % 10).unwrap_or(0)));
}

/// The topics that a script can ask for, for tests of the texts.
#[cfg(test)]
pub(super) fn asked() -> impl Iterator<Item = Topic> {
    use super::kinds::{Indicator, Kind};
    let talk = Kind::BENIGN.into_iter().map(Topic::Of).chain([Topic::Small, Topic::React]);
    talk.chain(Indicator::SAID.into_iter().flat_map(|stage| [Topic::Stage(stage), Topic::Reply(stage)]))
}
