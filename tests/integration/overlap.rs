//! The rules and the made-up cases that they are tried on are written apart: what rules look for is seldom what the cases say word by
//! word. If it were, a backtest would measure a copy.
//!
//! Counted are the phrases of three words or more that bundled rules look for, and of these the ones that stand, word by word, in what a
//! template says between its slots and alternatives, or with one of the alternatives.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "reads the texts of the generator")]

use super::files::below;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use wardline::event::FieldTable;
use wardline::library::bundled;
use wardline::rule::load;
use wardline::rule::model::{Demand, PatternKind};

/// Of a hundred such phrases, so many may be the same: short and natural ones, which two authors write alike. It is 6 (719 of 12,549).
const MOST_PERCENT: usize = 7;

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace(['\'', '’'], "");
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The texts of a template: each alternative in its place, and slots as breaks.
fn texts(template: &str) -> Vec<String> {
    let Some((before, rest)) = template.split_once('(') else { return vec![template.to_owned()] };
    let Some((choices, after)) = rest.split_once(')') else { return vec![template.to_owned()] };
    let tails = texts(after);
    let each =
        choices.split('|').flat_map(|choice| tails.iter().map(move |tail| [before, choice, tail].concat()));
    each.take(64).collect()
}

/// Word sequences of three to eight words that the templates say.
fn said() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generate/cases/text");
    let mut said = BTreeSet::new();
    for file in below(&root, "txt") {
        let text = fs::read_to_string(&file).expect("readable");
        let lines = text.lines().filter(|line| !line.starts_with(['#', '[']));
        for text in lines.flat_map(texts) {
            for piece in text.split(['{', '}']).step_by(2) {
                let words = words(piece);
                let runs = (3..=8)
                    .flat_map(|length| words.windows(length).map(|run| run.join(" ")).collect::<Vec<_>>());
                said.extend(runs);
            }
        }
    }
    said
}

/// Phrases of three words or more that bundled rules look for.
fn looked_for() -> BTreeSet<String> {
    let sources = bundled::sources();
    let loaded = load(&sources.map, &FieldTable::canonical(), &sources.lists);
    let mut phrases = BTreeSet::new();
    for rule in &loaded.rules {
        let selections = rule.detection.selections.iter();
        for test in selections.flat_map(|selection| selection.clause.tests()) {
            let (Demand::AnyOf(patterns) | Demand::AllOf(patterns)) = &test.demand else { continue };
            for pattern in patterns.iter() {
                if let PatternKind::Words(text) = &pattern.kind {
                    phrases.insert(words(text));
                }
            }
        }
    }
    phrases.into_iter().filter(|words| words.len() >= 3).map(|words| words.join(" ")).collect()
}

#[test]
fn rules_do_not_look_for_what_the_cases_say_word_by_word() {
    let (said, looked_for) = (said(), looked_for());
    let same = looked_for.iter().filter(|phrase| said.contains(*phrase)).count();
    assert!(looked_for.len() > 500 && said.len() > 5_000, "{} {}", looked_for.len(), said.len());
    let percent = same * 100 / looked_for.len();
    assert!(percent <= MOST_PERCENT, "{same} of {} phrases, {percent} %", looked_for.len());
}
