//! What would change if rules in shadow were live: the question before each of them goes live.

use super::super::tally::{Tally, cases};
use super::super::{Found, Outlet, Question, Share};
use crate::rule::model::Level;
use crate::truth::CaseIndex;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Live rules beside live and shadow rules together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Shadow {
    /// Caught by live rules.
    pub live_recall: Share,
    /// Caught if those in shadow were live.
    pub both_recall: Share,
    /// Wrongly flagged by live rules.
    pub live_wrong: Share,
    /// Wrongly flagged if those in shadow were live.
    pub both_wrong: Share,
    /// What each would add, by its own.
    pub rules: Vec<Adds>,
}

/// What a rule in shadow would add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Adds {
    /// The rule.
    pub rule: String,
    /// Its level.
    pub level: &'static str,
    /// Flags for reviewers.
    pub flags: u64,
    /// Those in cases that should be flagged.
    pub right: Share,
    /// Cases that no live rule catches.
    pub caught: u64,
    /// Cases that no live rule wrongly flags.
    pub wrong: u64,
}

/// The comparison.
pub(super) fn shadow(tally: &Tally<'_>, question: &Question) -> Shadow {
    let live = |found: &Found| tally.is_flag(found, question.level);
    let both = |found: &Found| tally.would_be_flag(found, question.level);
    let mut shadow = Shadow {
        live_recall: Share::default(),
        both_recall: Share::default(),
        live_wrong: Share::default(),
        both_wrong: Share::default(),
        rules: Vec::new(),
    };
    let mut flagged = BTreeSet::new();
    for (index, case) in cases(tally.truth) {
        let found = tally.in_case(index);
        let [by_live, by_both] =
            [found.iter().any(|found| live(found)), found.iter().any(|found| both(found))];
        let (one, other) = if case.label.risk {
            (&mut shadow.live_recall, &mut shadow.both_recall)
        } else {
            (&mut shadow.live_wrong, &mut shadow.both_wrong)
        };
        one.add(by_live);
        other.add(by_both);
        flagged.extend(by_live.then_some(index));
    }
    shadow.rules = rules(tally, question.level, &flagged);
    shadow
}

fn rules(tally: &Tally<'_>, level: Level, flagged: &BTreeSet<CaseIndex>) -> Vec<Adds> {
    let mut rules: BTreeMap<u32, (Adds, BTreeSet<CaseIndex>)> = BTreeMap::new();
    for found in tally.findings.found.iter().filter(|found| found.outlet == Outlet::Shadow) {
        let rule = tally.rule(found);
        let (adds, new) = rules.entry(found.rule).or_insert_with(|| {
            let (name, level) = (rule.name.to_string(), rule.level.name());
            (
                Adds { rule: name, level, flags: 0, right: Share::default(), caught: 0, wrong: 0 },
                BTreeSet::new(),
            )
        });
        adds.flags += 1;
        tally.case_of(found).into_iter().for_each(|case| adds.right.add(case.label.risk));
        let index = tally.findings.seen[found.seen as usize].case;
        new.extend(index.filter(|index| rule.level >= level && !flagged.contains(index)));
    }
    let counted = rules.into_values().map(|(mut adds, new)| {
        adds.caught = new.iter().filter(|index| tally.truth.case(**index).label.risk).count() as u64;
        adds.wrong = new.len() as u64 - adds.caught;
        adds
    });
    counted.collect()
}
