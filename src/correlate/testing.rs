//! What tests of this module share: correlations and events in few words.

use super::order::{At, OrderKey};
use super::set::{Compiled, Correlations};
use crate::event::FieldTable;
use crate::rule::{Lists, SourceMap};
use crate::ruleset::{Limits, RuleSet};
use std::fmt::Write;
use std::sync::Arc;

/// Rules `a` to `f`, each of which looks for its own letter, and the given correlations behind them.
pub(super) fn set(correlations: &str) -> Correlations {
    let mut text = String::new();
    for (number, name) in ('a'..='f').enumerate() {
        let score = 10 * (number + 1);
        let _infallible = write!(
            text,
            "title: {name}\nid: rule-{name}\nname: {name}\ndetection: {{s: {{text|contains: 'looks for {name}'}}, condition: s}}\nlevel: low\nreview: {{score: {score}}}\n---\n"
        );
    }
    text.push_str(correlations);
    let mut map = SourceMap::default();
    map.add_bytes("r.yml", text.as_bytes());
    let loaded = crate::rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let rules = RuleSet::compile(loaded.rules, &Limits::default()).unwrap();
    Correlations::new(loaded.correlations, &rules)
}

/// One correlation over those rules: what stands below `correlation`, and below `review`.
pub(super) fn one(section: &str, review: &str) -> Correlations {
    set(&document("joined", section, review))
}

pub(super) fn document(name: &str, section: &str, review: &str) -> String {
    format!(
        "title: {name}\nid: {name}\nname: {name}\ncorrelation: {{{section}}}\nlevel: high\nreview: {{{review}}}\n---\n"
    )
}

/// The first of them.
pub(super) fn first(set: &Correlations) -> &Compiled {
    set.iter().next().unwrap().1
}

/// An event at a time, told from others by its number.
pub(super) fn at(time: i64, number: i64) -> At {
    let mut event = [0; 16];
    event[..8].copy_from_slice(&number.to_be_bytes());
    At { order: OrderKey { time, topic: Arc::from("t"), partition: 0, offset: number }, event }
}

/// Numbers from a seed: `SplitMix64`.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A number from 0 to below `bound`.
    pub(super) fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 1).cast_signed() % bound
    }
}
