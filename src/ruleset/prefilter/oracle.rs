//! What the prefilters are held to: an Aho-Corasick automaton, which is exact; and what one finds, as a set.

use super::{Candidate, Found, LiteralId, Place, Prefilter, Segments};
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;

/// Finds literals anywhere.
#[derive(Debug)]
pub(in super::super) struct Automaton {
    automaton: AhoCorasick,
}

impl Automaton {
    pub(in super::super) fn new<L: AsRef<str>>(literals: &[L]) -> Automaton {
        let literals = literals.iter().map(|literal| literal.as_ref().as_bytes());
        Automaton { automaton: AhoCorasick::new(literals).unwrap() }
    }
}

impl Prefilter for Automaton {
    fn scan(&self, segments: &Segments, found: &mut Found) {
        found.begin(segments.len(), self.automaton.patterns_len());
        let mut place = Place::new(segments);
        for hit in self.automaton.find_overlapping_iter(segments.bytes()) {
            let segment = place.segment(hit.end());
            found.add(Candidate { segment, literal: LiteralId(hit.pattern().as_u32()) });
        }
    }
}

/// What a prefilter finds in texts: in their order, each once, whatever an earlier scan left behind.
pub(in super::super) fn found<T: AsRef<str>>(prefilter: &dyn Prefilter, texts: &[T]) -> BTreeSet<Candidate> {
    let mut segments = Segments::default();
    for text in texts {
        segments.push(|buffer| buffer.extend_from_slice(text.as_ref().as_bytes()));
    }
    let mut found = Found::default();
    for _ in 0..2 {
        prefilter.scan(&segments, &mut found);
    }
    let candidates = found.candidates();
    assert!(candidates.is_sorted_by_key(|candidate| candidate.segment));
    let all: BTreeSet<_> = candidates.iter().copied().collect();
    assert_eq!(all.len(), candidates.len());
    all
}

#[test]
fn every_literal_of_every_segment_is_proposed_once() {
    type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a [(u32, u32)]);
    let cases: &[Case<'_>] = &[
        (&["abc"], &[], &[]),
        (&["abc"], &["", "xabcx", ""], &[(1, 0)]),
        (&["abc", "bc", "c"], &["abc", "c"], &[(0, 0), (0, 1), (0, 2), (1, 2)]),
        (&["abc"], &["ab", "c"], &[]),
        (&["ab", "ba"], &["abababab", "b", "ba"], &[(0, 0), (0, 1), (2, 1)]),
    ];
    for (literals, texts, expected) in cases {
        let found = found(&Automaton::new(literals), texts);
        let found: Vec<_> = found.iter().map(|one| (one.segment, one.literal.0)).collect();
        assert_eq!(found, *expected, "{literals:?} in {texts:?}");
    }
}
