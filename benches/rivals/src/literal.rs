//! Rivals that search literals, called once a message: over text that was read before the clock starts, or with the
//! reading. They report a rule's number; where it stands is left to others.

use crate::contender::{Contender, Hit, number};
use crate::reading::Reading;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::hint::black_box;

/// Most phrases that aho-corasick takes into a DFA here: beyond, it no longer fits a cache and loses to the NFA.
const DFA_PHRASES: usize = 1_000;

/// Searches one text for all literals.
pub(crate) trait Search {
    /// What it is called in the table.
    const NAME: &'static str;

    /// Tells `found` the number of each literal at each of its places.
    fn search<F: FnMut(u32)>(&mut self, text: &str, found: F);
}

/// The literals of phrases in a reading.
pub(crate) fn literals(phrases: &[String], reading: Reading) -> Vec<String> {
    phrases.iter().map(|phrase| reading.of(phrase)).collect()
}

/// An automaton over all literals, the fastest that aho-corasick has for their number.
pub(crate) fn automaton(literals: &[String]) -> AhoCorasick {
    let kind =
        if literals.len() > DFA_PHRASES { AhoCorasickKind::ContiguousNFA } else { AhoCorasickKind::DFA };
    AhoCorasick::builder().kind(Some(kind)).build(literals).expect("the automaton fits")
}

impl Search for &AhoCorasick {
    const NAME: &'static str = "aho-corasick";

    fn search<F: FnMut(u32)>(&mut self, text: &str, mut found: F) {
        for hit in self.find_overlapping_iter(text) {
            found(hit.pattern().as_u32());
        }
    }
}

/// Reads each message and searches it.
pub(crate) struct Reads<'a, S> {
    search: S,
    reading: Reading,
    texts: &'a [String],
    buffer: String,
}

impl<'a, S: Search> Reads<'a, S> {
    pub(crate) fn new(search: S, reading: Reading, texts: &'a [String]) -> Reads<'a, S> {
        Reads { search, reading, texts, buffer: String::new() }
    }
}

impl<S: Search> Contender for Reads<'_, S> {
    fn name(&self) -> String {
        match self.reading {
            Reading::Folded => format!("fold + {}, unverified", S::NAME),
            Reading::Words => format!("words + {}", S::NAME),
        }
    }

    fn run(&mut self, messages: usize, hits: &mut Vec<Hit>) {
        for (message, text) in self.texts.iter().take(messages).enumerate() {
            self.reading.write(text, &mut self.buffer);
            self.search.search(&self.buffer, |rule| hits.push((number(message), rule)));
        }
    }
}

/// Searches messages that are folded already.
pub(crate) struct Searches<'a, S> {
    search: S,
    folded: &'a [String],
}

impl<'a, S: Search> Searches<'a, S> {
    pub(crate) fn new(search: S, folded: &'a [String]) -> Searches<'a, S> {
        Searches { search, folded }
    }
}

impl<S: Search> Contender for Searches<'_, S> {
    fn name(&self) -> String {
        format!("{} alone, unverified", S::NAME)
    }

    fn run(&mut self, messages: usize, hits: &mut Vec<Hit>) {
        for (message, text) in self.folded.iter().take(messages).enumerate() {
            self.search.search(text, |rule| hits.push((number(message), rule)));
        }
    }
}

/// Only folds: what that costs by itself.
pub(crate) struct Folds<'a> {
    texts: &'a [String],
    buffer: String,
}

impl<'a> Folds<'a> {
    pub(crate) fn new(texts: &'a [String]) -> Folds<'a> {
        Folds { texts, buffer: String::new() }
    }
}

impl Contender for Folds<'_> {
    fn name(&self) -> String {
        "fold alone".to_owned()
    }

    fn run(&mut self, messages: usize, _: &mut Vec<Hit>) {
        for text in self.texts.iter().take(messages) {
            Reading::Folded.write(text, &mut self.buffer);
            black_box(&self.buffer);
        }
    }
}
