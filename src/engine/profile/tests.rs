//! Profiles against what a hand counts, by a clock that goes on by one with each look.

use super::*;
use crate::engine::tests::{decode, load};
use crate::engine::{Scratch, evaluate, evaluate_watched};
use crate::ruleset::Limits;
use std::cell::Cell;

/// What each of the detections and its patterns cost over the events, a batch each time.
fn profiled(detections: &[&str], texts: &[&str], times: usize) -> Profile {
    let rules: Vec<_> = detections.iter().flat_map(|detection| load(detection)).collect();
    let rules = RuleSet::compile(rules, &Limits::default()).unwrap();
    let events: Vec<_> = texts.iter().map(|text| format!("{{\"text\":{text}}}")).collect();
    let batch = decode(&rules, &events.iter().map(String::as_str).collect::<Vec<_>>());
    let looks = Cell::new(0);
    let clock = || looks.replace(looks.get() + 1);
    let mut profiler = Profiler::new(&rules, clock);
    for _ in 0..times {
        let mut scratch = (Scratch::new(), Scratch::new());
        let watched = evaluate_watched(&rules, &batch, &mut scratch.0, &mut profiler);
        let unwatched = evaluate(&rules, &batch, &mut scratch.1);
        assert!(watched.iter().eq(unwatched.iter()));
    }
    profiler.into_profile()
}

fn cost((candidates, verifications, matches, nanos): (u64, u64, u64, u64)) -> Cost {
    Cost { candidates, verifications, matches, nanos }
}

const DETECTIONS: [&str; 3] = [
    "{s: {text|word: [how, old]}, condition: s}",
    "{s: {text|word: [how, old]}, f: {text|contains: secret}, condition: s and not f}",
    "{s: {text|re: '[0-9]'}, condition: s}",
];
const TEXTS: [&str; 3] = ["\"how old\"", "\"how secret 7\"", "\"nothing\""];

#[test]
fn counts_and_times_are_what_a_hand_counts() {
    let profile = profiled(&DETECTIONS, &TEXTS, 1);
    // Each try takes 1: `how` is tried to decide, and once more for the evidence of each rule that fires. Nothing proposes
    // the filter and the digits.
    let patterns = [(2, 2, 2, 5), (1, 1, 1, 2), (0, 2, 1, 2), (0, 3, 1, 4)].map(cost);
    assert_eq!(profile.patterns, patterns);
    // The second rule finds the shared test decided; its time is two looks a try, and one at its end.
    let rules = [(2, 3, 2, 2 * 5 + 2), (2, 2, 1, 2 * 4 + 2), (3, 3, 1, 2 * 4 + 3)].map(cost);
    assert_eq!(profile.rules, rules);
    // What is left: a look before the rules of each row, and the last.
    assert_eq!((profile.nanos(), profile.shared_nanos()), (12 + 10 + 11 + 4, 4));
}

#[test]
fn the_slowest_come_first_and_what_was_never_asked_for_not_at_all() {
    let idle = "{s: {text|word: absent}, condition: s}";
    let profile = profiled(&[idle, DETECTIONS[2], DETECTIONS[0]], &TEXTS, 1);
    let rules: Vec<_> = profile.rules().iter().map(|(rule, _)| rule.0).collect();
    assert_eq!(rules, [2, 1]);
    let patterns: Vec<_> = profile.patterns().iter().map(|(id, cost)| (id.0, cost.nanos)).collect();
    assert_eq!(patterns, [(1, 4), (2, 4), (3, 1)]);
}

#[test]
fn a_value_is_counted_once_however_often_it_is_tried() {
    let digits = "{s: {text|re: '[0-9]'}, condition: s}";
    // Decided by two tries, shown by three.
    let profile = profiled(&[digits], &[r#"["a", "1", "2"]"#], 1);
    assert_eq!(profile.patterns, [cost((0, 3, 2, 5))]);
    let all = "{s: {text|contains|all: [secret, old]}, condition: s}";
    let profile = profiled(&[all], &[r#"["old", "no secret", "my secret"]"#, r#""a secret""#], 1);
    // The longest selects, and so is proposed; being one of two, the other is proposed with it.
    assert_eq!(profile.patterns.iter().map(|cost| cost.matches).collect::<Vec<_>>(), [3, 1]);
}

/// Of words near each other each has to be there before any is looked at; and the words of a test that selects nothing are looked
/// up like others. A short word is looked up nowhere.
#[test]
fn what_lacks_a_word_is_not_tried() {
    let detections = [
        "{s: {text|near8: [copper lantern, copper kettle, copper of]}, condition: s}",
        "{s: {text|phrase: copper lantern}, f: {text|word: kettle}, condition: s and not f}",
    ];
    let profile = profiled(&detections, &["\"copper lantern\"", "\"copper of old\""], 1);
    let tried: Vec<_> = profile.patterns.iter().map(|cost| cost.verifications).collect();
    assert_eq!(tried, [1, 0, 2, 1, 0]);
}

#[test]
fn batches_and_threads_add_up() {
    let once = profiled(&DETECTIONS, &TEXTS, 1);
    let mut sum = Profile::default();
    for _ in 0..3 {
        sum += &once;
    }
    assert_eq!(profiled(&DETECTIONS, &TEXTS, 3), sum);
}
