//! Digests: which rule, and which rule set, made a flag.
//!
//! A rule's digest covers what it means and what becomes of its findings, in a fixed encoding of the
//! checked model: a selection by the digest of what it demands, event types sorted, every part length-prefixed. So comments, layout,
//! names of selections, the file and the rule's tests do not change it; the contents of the lists that it
//! takes in do. A golden test pins the encoding.

use crate::event::TimePart;
use crate::rule::Rule;
use crate::rule::model::{
    Clause, Comparison, Condition, Demand, Detection, GlobPart, Number, Pattern, PatternKind, Place, Test,
    Views,
};
use crate::text::{fold, token};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt;

/// The first 128 bits of a SHA-256, shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Version of the encoding; changes with it.
    const VERSION: u64 = 2;

    fn of(bytes: &[u8]) -> Digest {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha256::digest(bytes)[..16]);
        Digest(short)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The digest of a rule.
pub(super) fn of_rule(rule: &Rule) -> Digest {
    let mut out = Encoder::default();
    out.number(Digest::VERSION);
    for text in [&rule.id, &rule.name, &rule.title] {
        out.text(text);
    }
    out.number(rule.status as u64);
    out.text(rule.level.name());
    out.list(&rule.tags, |out, tag: &String| out.text(tag));
    let mut types = rule.event_types.clone();
    types.sort_unstable();
    out.list(&types, |out, kind: &String| out.text(kind));
    out.condition(&rule.detection.condition, &mut Selections::new(&rule.detection, false));
    out.number(rule.review.score.map_or(0, |score| u64::from(score) + 1));
    out.text(&rule.review.queue);
    out.number(u64::from(rule.review.publish));
    out.number(u64::from(rule.allow_unanchored));
    Digest::of(&out.bytes)
}

/// What decides whether a rule fires: which events it looks at, and its condition; without the entries of its lists if these go
/// by name.
pub(super) fn of_meaning(rule: &Rule, lists_by_name: bool) -> Digest {
    let mut out = Encoder { lists_by_name, ..Encoder::default() };
    out.number(Digest::VERSION);
    let mut types = rule.event_types.clone();
    types.sort_unstable();
    out.list(&types, |out, kind: &String| out.text(kind));
    out.condition(&rule.detection.condition, &mut Selections::new(&rule.detection, lists_by_name));
    Digest::of(&out.bytes)
}

/// The digest of a set: over its rules' digests, in whatever order they came.
pub(super) fn of_set(rules: &[Digest]) -> Digest {
    let mut sorted = rules.to_vec();
    sorted.sort_unstable();
    let mut out = Encoder::default();
    out.number(Digest::VERSION);
    out.list(&sorted, |out, digest| out.bytes.extend(digest.bytes()));
    Digest::of(&out.bytes)
}

/// By what equal tests are known to be equal: a test may hold the entries of a long list.
pub(super) fn key(test: &Test) -> [u8; 32] {
    let mut out = Encoder::default();
    out.test(test);
    Sha256::digest(out.bytes).into()
}

/// The selections of a rule, each with its digest once it was asked for.
struct Selections<'a> {
    of: &'a Detection,
    known: Vec<Option<[u8; 32]>>,
    lists_by_name: bool,
}

impl Selections<'_> {
    fn new(of: &Detection, lists_by_name: bool) -> Selections<'_> {
        Selections { of, known: vec![None; of.selections.len()], lists_by_name }
    }

    fn digest(&mut self, index: usize) -> [u8; 32] {
        *self.known[index].get_or_insert_with(|| {
            let mut out = Encoder { lists_by_name: self.lists_by_name, ..Encoder::default() };
            out.clause(&self.of.selections[index].clause);
            Sha256::digest(out.bytes).into()
        })
    }
}

#[derive(Default)]
struct Encoder {
    bytes: Vec<u8>,
    /// Of a list only that it is taken in, not its entries.
    lists_by_name: bool,
}

impl Encoder {
    fn number(&mut self, number: u64) {
        self.bytes.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Encoder, &T)) {
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }

    fn condition(&mut self, condition: &Condition, selections: &mut Selections<'_>) {
        match condition {
            Condition::Selection(index) => {
                self.bytes.push(b's');
                self.bytes.extend(selections.digest(*index));
            }
            Condition::Not(inner) => {
                self.bytes.push(b'!');
                self.condition(inner, selections);
            }
            Condition::All(parts) => self.group(b'&', parts, |out, part| out.condition(part, selections)),
            Condition::Any(parts) => self.group(b'|', parts, |out, part| out.condition(part, selections)),
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Test(test) => {
                self.bytes.push(b't');
                self.test(test);
            }
            Clause::Not(inner) => {
                self.bytes.push(b'!');
                self.clause(inner);
            }
            Clause::All(parts) => self.group(b'&', parts, Encoder::clause),
            Clause::Any(parts) => self.group(b'|', parts, Encoder::clause),
        }
    }

    fn group<T>(&mut self, mark: u8, parts: &[T], each: impl FnMut(&mut Encoder, &T)) {
        self.bytes.push(mark);
        self.list(parts, each);
    }

    fn test(&mut self, test: &Test) {
        self.text(&test.field);
        self.text(test.kind.name());
        self.text(match test.views {
            Views::Automatic => "",
            Views::Only(view) => view.name(),
        });
        match &test.demand {
            Demand::Exists(present) => self.bytes.extend([b'e', u8::from(*present)]),
            Demand::Null => self.bytes.push(b'0'),
            Demand::Compare(comparison, bound) => {
                self.bytes.extend([b'c', comparison_mark(*comparison)]);
                match bound {
                    Number::Integer(integer) => {
                        self.bytes.push(b'i');
                        self.bytes.extend(integer.to_le_bytes());
                    }
                    Number::Decimal(decimal) => {
                        self.bytes.push(b'd');
                        self.number(decimal.to_bits());
                    }
                }
            }
            Demand::Time(time) => {
                self.bytes.extend([b't', comparison_mark(time.comparison)]);
                self.text(time.part.map_or("", TimePart::name));
                self.bytes.extend(time.bound.to_le_bytes());
            }
            Demand::Field(other) => {
                self.bytes.extend([b'f', place_mark(other.place), u8::from(other.cased)]);
                self.text(&other.other);
                self.text(other.kind.name());
            }
            Demand::AnyOf(patterns) => self.patterns(b'o', patterns),
            Demand::AllOf(patterns) => self.patterns(b'a', patterns),
        }
    }

    fn patterns(&mut self, mark: u8, patterns: &[Pattern]) {
        if !self.lists_by_name {
            return self.group(mark, patterns, Encoder::pattern);
        }
        let own: Vec<&Pattern> = patterns.iter().filter(|pattern| pattern.entry.is_none()).collect();
        self.group(mark, &own, |out, pattern| out.pattern(pattern));
        let lists = patterns.iter().filter_map(|pattern| Some(&*pattern.entry.as_ref()?.list));
        let lists: Vec<&str> = lists.collect::<BTreeSet<_>>().into_iter().collect();
        self.list(&lists, |out, list| out.text(list));
    }

    fn pattern(&mut self, pattern: &Pattern) {
        self.bytes.push(u8::from(pattern.cased));
        match &pattern.entry {
            Some(entry) => {
                self.bytes.push(1);
                self.text(&entry.list);
                self.text(&entry.entry);
            }
            None => self.bytes.push(0),
        }
        match &pattern.kind {
            PatternKind::Glob { place, parts } => {
                self.bytes.push(place_mark(*place));
                self.list(parts, Encoder::part);
            }
            PatternKind::Words(text) => self.words(b't', text),
            PatternKind::Fuzzy { text, slips } => {
                self.words(b'f', text);
                self.bytes.push(*slips);
            }
            PatternKind::Near { text, reach } => {
                self.words(b'n', text);
                self.bytes.push(*reach);
            }
            PatternKind::Network(network) => {
                self.bytes.push(b'c');
                self.text(&network.to_string());
            }
            PatternKind::Regex(source) => {
                self.bytes.push(b'r');
                self.text(source);
            }
        }
    }

    /// The words of a text, as both plain views have them.
    fn words(&mut self, mark: u8, text: &str) {
        let views = [token::normals(text).collect(), token::normals(&fold::fold(text)).collect()];
        self.group(mark, &views, |out, tokens: &Vec<_>| out.list(tokens, |out, token| out.text(token)));
    }

    fn part(&mut self, part: &GlobPart) {
        match part {
            GlobPart::Literal(text) => {
                self.bytes.push(b'l');
                self.text(text);
            }
            GlobPart::AnyCharacter => self.bytes.push(b'?'),
            GlobPart::AnyCharacters => self.bytes.push(b'*'),
        }
    }
}

fn comparison_mark(comparison: Comparison) -> u8 {
    match comparison {
        Comparison::Equal => b'=',
        Comparison::Greater => b'>',
        Comparison::GreaterOrEqual => b'G',
        Comparison::Less => b'<',
        Comparison::LessOrEqual => b'L',
    }
}

fn place_mark(place: Place) -> u8 {
    match place {
        Place::Whole => b'w',
        Place::Start => b's',
        Place::End => b'e',
        Place::Anywhere => b'a',
    }
}
