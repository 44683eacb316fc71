//! The texts as data: templates with slots, parsed once.
//!
//! ```text
//!  [slots]                        words that templates name, of this language
//!  hi: hi | hello | hey(y|yy|)
//!  [keys]                         words that people disguise
//!  age secret photo
//!  [g1]                           a topic (kinds.rs), a template a line
//!  {hi} (so|and) how old are you (now|)
//!  ~ ilang taon ka na, if you don't mind      mixes languages
//! ```
//!
//! `{slot}` is one of the slot's words, `(a|b|)` one of the alternatives, which nest. `{name}` and the like are facts of the
//! case. A line that begins with `~` mixes languages. `#` begins a comment.

use super::kinds::{Indicator, Kind, Tongue, Topic};
use crate::generate::random::Random;
use crate::generate::words;
use std::ops::Range;

const TEXTS: [(Tongue, &[&str]); 3] = [
    (
        Tongue::English,
        &[include_str!("text/en.txt"), include_str!("text/en_talk.txt"), include_str!("text/en_risk.txt")],
    ),
    (Tongue::Tagalog, &[include_str!("text/tl.txt"), include_str!("text/tl_risk.txt")]),
    (Tongue::Cebuano, &[include_str!("text/ceb.txt"), include_str!("text/ceb_risk.txt")]),
];

/// Something that a template names and the case knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    /// Name of whom it is said to.
    Name,
    /// The messaging app of the case.
    App,
    /// The payment service of the case.
    Service,
    /// A reference number.
    Reference,
    /// The amount of the case.
    Amount,
    /// A small number.
    Number,
    /// A time of day.
    Clock,
    /// The age of a young person.
    Age,
    /// The name of an account.
    Handle,
}

impl Fact {
    fn named(name: &str) -> Option<Fact> {
        Some(match name {
            "name" => Fact::Name,
            "app" => Fact::App,
            "service" => Fact::Service,
            "ref" => Fact::Reference,
            "amount" => Fact::Amount,
            "num" => Fact::Number,
            "clock" => Fact::Clock,
            "age" => Fact::Age,
            "handle" => Fact::Handle,
            _ => return None,
        })
    }
}

/// A part of a template.
#[derive(Debug, Clone)]
enum Piece {
    Text(Range<u32>),
    /// One of these, by the number of the choice.
    Choice(u32),
    Fact(Fact),
}

/// What a filled template consists of, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Fact(Fact),
}

type Sequence = Range<u32>;

/// Templates of a topic: those in one language, and those that mix.
type Templates = [Vec<Sequence>; 2];

/// All texts.
#[derive(Debug)]
pub(super) struct Lexicon {
    text: String,
    pieces: Vec<Piece>,
    choices: Vec<Vec<Sequence>>,
    /// By tongue and topic.
    templates: Vec<Vec<Templates>>,
    /// Words that people disguise, in order.
    keys: Vec<String>,
    /// By kind, the indicators that its harmless messages can look like.
    likes: Vec<Vec<Indicator>>,
    /// What is wrong with the texts: nothing, as a test sees to.
    wrong: Vec<String>,
}

impl Lexicon {
    pub(super) fn new() -> Lexicon {
        let mut parser = Parser::new();
        for (tongue, texts) in TEXTS {
            parser.slots.clear();
            for text in texts {
                parser.read(tongue, text);
            }
        }
        let names = words::APPS.iter().chain(words::SERVICES).flat_map(|name| name.split(' '));
        parser.lexicon.keys.extend(names.map(str::to_lowercase));
        parser.lexicon.keys.sort_unstable();
        parser.lexicon.keys.dedup();
        parser.lexicon.note_likes();
        parser.lexicon
    }

    /// The indicators that harmless messages of the kind can look like.
    pub(super) fn likes(&self, kind: Kind) -> &[Indicator] {
        &self.likes[kind as usize]
    }

    fn note_likes(&mut self) {
        for kind in Kind::BENIGN {
            let has = |indicator: &Indicator| self.has(Tongue::English, Topic::Like(kind, *indicator));
            self.likes[kind as usize] = Indicator::SAID.into_iter().filter(has).collect();
        }
    }

    /// Whether there is a template of the topic in that tongue.
    pub(super) fn has(&self, tongue: Tongue, topic: Topic) -> bool {
        !self.templates(tongue, topic)[0].is_empty()
    }

    /// Whether a word, in small letters, is one that people disguise.
    pub(super) fn is_key(&self, word: &str) -> bool {
        self.keys.binary_search_by(|key| key.as_str().cmp(word)).is_ok()
    }

    /// Draws a template and fills it; `mixed` prefers one that mixes languages. English stands in where the tongue has none. Tells
    /// which it was.
    pub(super) fn fill(
        &self,
        (tongue, mixed): (Tongue, bool),
        topic: Topic,
        random: &mut Random,
        out: &mut dyn FnMut(Part<'_>, &mut Random),
    ) -> Tongue {
        let tongue = if self.has(tongue, topic) { tongue } else { Tongue::English };
        let [plain, mixing] = self.templates(tongue, topic);
        let templates = if mixed && !mixing.is_empty() { mixing } else { plain };
        if let Some(sequence) = pick(templates, random) {
            self.write(sequence, random, out);
        }
        tongue
    }

    fn write(&self, sequence: &Sequence, random: &mut Random, out: &mut dyn FnMut(Part<'_>, &mut Random)) {
        for piece in &self.pieces[sequence.start as usize..sequence.end as usize] {
            match piece {
                Piece::Text(span) => {
                    let text = self.text.get(span.start as usize..span.end as usize);
                    out(Part::Text(text.unwrap_or_default()), random);
                }
                Piece::Fact(fact) => out(Part::Fact(*fact), random),
                Piece::Choice(number) => {
                    if let Some(sequence) = pick(&self.choices[*number as usize], random) {
                        self.write(sequence, random, out);
                    }
                }
            }
        }
    }

    fn templates(&self, tongue: Tongue, topic: Topic) -> &Templates {
        &self.templates[tongue as usize][topic.number()]
    }
}

fn pick<'a, T>(items: &'a [T], random: &mut Random) -> Option<&'a T> {
    items.get(usize::try_from(random.below(items.len() as u64)).unwrap_or(0))
}

/// What a line is, by the section that it stands in.
#[derive(Debug, Clone, Copy)]
enum Section {
    Slots,
    Keys,
    Topic(Topic),
}

struct Parser {
    lexicon: Lexicon,
    /// Slots of the tongue that is being read, by name.
    slots: Vec<(&'static str, u32)>,
}

impl Parser {
    fn new() -> Parser {
        let templates = vec![vec![Templates::default(); Topic::COUNT]; Tongue::ALL.len()];
        let (text, pieces, choices) = (String::new(), Vec::new(), Vec::new());
        let likes = vec![Vec::new(); Topic::COUNT];
        let lexicon =
            Lexicon { text, pieces, choices, templates, keys: Vec::new(), likes, wrong: Vec::new() };
        Parser { lexicon, slots: Vec::new() }
    }

    fn read(&mut self, tongue: Tongue, text: &'static str) {
        let mut section = None;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = match name {
                    "slots" => Some(Section::Slots),
                    "keys" => Some(Section::Keys),
                    _ => Topic::named(name).map(Section::Topic),
                };
            } else if let Some(section) = section {
                self.line(tongue, section, line);
            }
            if section.is_none() {
                self.wrong("no such section", line);
            }
        }
    }

    fn line(&mut self, tongue: Tongue, section: Section, line: &'static str) {
        match section {
            Section::Keys => self.lexicon.keys.extend(line.split(' ').map(str::to_owned)),
            Section::Slots => match line.split_once(':') {
                Some((name, words)) => {
                    let number = self.choice(words.trim(), line);
                    self.slots.push((name, number));
                }
                None => self.wrong("a slot needs a colon", line),
            },
            Section::Topic(topic) => {
                let (mixed, template) =
                    line.strip_prefix('~').map_or((0, line), |rest| (1, rest.trim_start()));
                let sequence = self.sequence(template, line);
                self.lexicon.templates[tongue as usize][topic.number()][mixed].push(sequence);
            }
        }
    }

    /// Alternatives between `|`, nested ones left whole. Blanks around an alternative of a slot say nothing.
    fn choice(&mut self, text: &'static str, line: &'static str) -> u32 {
        let mut sequences = Vec::new();
        for alternative in alternatives(text) {
            sequences.push(self.sequence(alternative, line));
        }
        self.lexicon.choices.push(sequences);
        count(self.lexicon.choices.len() - 1)
    }

    /// Its pieces lie side by side, so those of what is nested come before.
    fn sequence(&mut self, text: &'static str, line: &'static str) -> Sequence {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.find(['{', '(']) {
            let (before, opened) = rest.split_at(at);
            self.text(before, &mut pieces);
            let Some(length) = closing(opened) else {
                self.wrong("not closed", line);
                break;
            };
            let (group, after) = opened.split_at(length);
            let inner = group.get(1..length - 1).unwrap_or_default();
            pieces.push(if group.starts_with('{') {
                self.slot(inner, line)
            } else {
                Piece::Choice(self.choice(inner, line))
            });
            rest = after;
        }
        self.text(rest, &mut pieces);
        let start = count(self.lexicon.pieces.len());
        self.lexicon.pieces.append(&mut pieces);
        start..count(self.lexicon.pieces.len())
    }

    fn text(&mut self, text: &str, pieces: &mut Vec<Piece>) {
        if text.contains(['"', '\\', '}', ')', '|']) || text.chars().any(char::is_control) {
            self.wrong("a sign that does not belong into a text", text);
        }
        if !text.is_empty() {
            let start = count(self.lexicon.text.len());
            self.lexicon.text.push_str(text);
            pieces.push(Piece::Text(start..count(self.lexicon.text.len())));
        }
    }

    fn slot(&mut self, name: &str, line: &str) -> Piece {
        if let Some(fact) = Fact::named(name) {
            return Piece::Fact(fact);
        }
        if let Some((_, number)) = self.slots.iter().find(|(known, _)| *known == name) {
            return Piece::Choice(*number);
        }
        self.wrong("no such slot", line);
        Piece::Text(0..0)
    }

    fn wrong(&mut self, what: &str, line: &str) {
        self.lexicon.wrong.push(format!("{what}: {line}"));
    }
}

/// Bytes of the group that the text begins with, its brackets included.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, sign) in text.char_indices() {
        match sign {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Parts between `|` outside of brackets; blanks around ` | ` are layout.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0, 0);
    let spaced = text.contains(" | ");
    let mut push = |from: usize, to: usize| {
        let part = text.get(from..to).unwrap_or_default();
        found.push(if spaced { part.trim() } else { part });
    };
    for (at, sign) in text.char_indices() {
        match sign {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            '|' if depth == 0 => {
                push(start, at);
                start = at + 1;
            }
            _ => {}
        }
    }
    push(start, text.len());
    found
}

/// The texts are far below 4 GiB.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
