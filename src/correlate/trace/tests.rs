//! What is told of events that come to windows, case by case.

use super::super::hit::{Contribution, Values};
use super::super::testing::{at, document, one, set};
use super::*;
use std::sync::Arc;

const MINUTE: i64 = 60_000;

/// A hit of key `u1`: its minute, its number and what found it, by letters.
fn hit(minute: i64, number: i64, found: &str) -> Hit {
    let found = found.chars().map(|letter| Contribution {
        rule: format!("rule-{letter}"),
        score: 10 * (1 + letter as u32 - 'a' as u32),
        paths: Vec::new(),
    });
    Hit {
        key: GroupKey::new("", "", [("sender.id", "u1")]),
        at: at(minute * MINUTE, number),
        found: found.collect(),
        values: Vec::new(),
        detail: Arc::default(),
    }
}

fn tracer(set: &Correlations) -> Tracer<'_> {
    let (index, _) = set.iter().last().unwrap();
    Tracer::new(set, index, 60 * MINUTE)
}

/// What is told of a hit that comes to one window.
fn told(tracer: &mut Tracer<'_>, hit: Hit) -> Change {
    let mut changes = tracer.fold([hit]).changes;
    assert_eq!(changes.len(), 1);
    changes.remove(0)
}

/// The numbers of events, each with its part.
fn numbers<'i>(items: impl IntoIterator<Item = &'i Item>) -> Vec<(i64, u16)> {
    items.into_iter().map(|item| (item.at.order.offset, item.part)).collect()
}

fn dropped(change: &Change) -> Vec<(i64, Why)> {
    change.dropped.iter().map(|(item, why)| (item.at.order.offset, *why)).collect()
}

const ORDERED: &str = "type: temporal_ordered, rules: [a, b, c], group-by: [sender.id], timespan: 30m";

#[test]
fn a_chain_is_told_step_by_step() {
    let set = one(ORDERED, "suppress: 1h");
    let mut tracer = tracer(&set);
    let first = told(&mut tracer, hit(0, 1, "a"));
    assert_eq!((first.taken, numbers(&first.standing.counted)), (Taken::Taken, vec![(1, 0)]));
    assert_eq!(first.standing.lacks, Lacks::Parts { parts: vec![1, 2], enough: Some(2) });
    assert_eq!(first.standing.before, Some(30 * MINUTE));
    assert_eq!(told(&mut tracer, hit(0, 1, "a")).taken, Taken::Duplicate);
    let second = told(&mut tracer, hit(5, 2, "b"));
    assert_eq!(numbers(&second.standing.counted), [(1, 0), (2, 1)]);
    let last = told(&mut tracer, hit(29, 3, "c"));
    assert_eq!((last.firings.len(), last.firings[0].silent, last.dropped.len()), (1, false, 0));
    assert_eq!(last.standing.silent_until, Some(89 * MINUTE));
    assert_eq!(told(&mut tracer, hit(20, 4, "a")).taken, Taken::BelowFloor);
    for (minute, number, found) in [(40, 5, "a"), (41, 6, "b")] {
        assert!(told(&mut tracer, hit(minute, number, found)).firings.is_empty());
    }
    let again = told(&mut tracer, hit(42, 7, "c"));
    assert_eq!((again.firings[0].silent, again.standing.suppressed), (true, 1));
}

#[test]
fn what_is_let_go_has_its_reason() {
    let set = one(ORDERED, "");
    let mut tracer = tracer(&set);
    for (minute, number, found) in [(0, 1, "b"), (1, 2, "a"), (2, 3, "a")] {
        told(&mut tracer, hit(minute, number, found));
    }
    let later = told(&mut tracer, hit(10, 4, "c"));
    assert_eq!(numbers(&later.standing.counted), [(3, 0)]);
    let late = told(&mut tracer, hit(60, 5, "a"));
    assert_eq!(dropped(&late).last(), Some(&(4, Why::TooOld)));
    // What follows nothing, and what a later one replaces, goes as soon as nothing can come before it.
    let mut again = self::tracer(&set);
    let mut all = Vec::new();
    for (minute, number, found) in [(0, 1, "b"), (1, 2, "a"), (2, 3, "a"), (5, 4, "a")] {
        all.extend(dropped(&told(&mut again, hit(minute, number, found))));
    }
    assert_eq!(all, [(1, Why::NothingBefore), (2, Why::Superfluous)]);
    assert_eq!(told(&mut again, hit(-60, 5, "a")).taken, Taken::TooOld);
}

#[test]
fn numbers_and_parts_say_how_much_there_is() {
    let events = "type: event_count, rules: [a], group-by: [sender.id], timespan: 30m, condition: {gte: 3}";
    let lacks = |section: &str, hits: &[(i64, &str)]| {
        let set = one(section, "");
        let mut tracer = tracer(&set);
        for ((minute, found), number) in hits.iter().zip(1..) {
            tracer.fold([hit(*minute, number, found)]);
        }
        let (_, standing) = tracer.standings().next().unwrap();
        standing.lacks
    };
    assert_eq!(lacks(events, &[(0, "a"), (40, "a")]), Lacks::Number { there: 1, wanted: 3 });
    assert_eq!(lacks(events, &[(0, "a"), (20, "a")]), Lacks::Number { there: 2, wanted: 3 });
    let scores = "type: value_sum, rules: [a, b, c], group-by: [sender.id], timespan: 30m, condition: {gte: 55, field: rule.score}";
    assert_eq!(
        lacks(scores, &[(0, "a"), (1, "ab"), (2, "b")]),
        Lacks::Sum { there: 30_000_000, wanted: 55_000_000 }
    );
    let some = "type: temporal, rules: [a, b, c], group-by: [sender.id], timespan: 30m, condition: {gte: 2}";
    assert_eq!(lacks(some, &[(0, "b"), (1, "b")]), Lacks::Parts { parts: vec![0, 2], enough: Some(1) });
    let either =
        "type: temporal, rules: [a, b, c], group-by: [sender.id], timespan: 30m, condition: a and (b or c)";
    assert_eq!(lacks(either, &[(0, "a")]), Lacks::Parts { parts: vec![1, 2], enough: None });
}

#[test]
fn values_that_are_not_there_do_not_count() {
    let set = one(
        "type: value_sum, rules: [a], group-by: [sender.id], timespan: 30m, condition: {gte: 40, field: payment.amount_minor}",
        "",
    );
    let mut tracer = tracer(&set);
    assert_eq!(told(&mut tracer, hit(0, 1, "a")).taken, Taken::NoValue);
    let values =
        vec![Values { name: "payment.amount_minor".to_owned(), digests: vec![7], sum: Some(25_000_000) }];
    let paid = told(&mut tracer, Hit { values, ..hit(1, 2, "a") });
    assert_eq!(paid.standing.lacks, Lacks::Sum { there: 25_000_000, wanted: 40_000_000 });
}

#[test]
fn results_of_others_come_to_the_window_too() {
    let twice = document(
        "twice",
        "type: event_count, rules: [a], group-by: [sender.id], timespan: 30m, condition: {gte: 2}",
        "",
    );
    let then = document(
        "then",
        "type: temporal_ordered, rules: [twice, b], group-by: [sender.id], timespan: 30m",
        "",
    );
    let set = set(&format!("{twice}{then}"));
    let mut tracer = tracer(&set);
    assert_eq!(tracer.fold([hit(0, 1, "a")]), Traced::default(), "nothing of its own");
    let second = tracer.fold([hit(1, 2, "a")]);
    assert_eq!((second.others.len(), second.changes.len()), (1, 1));
    assert_eq!(numbers(&second.changes[0].standing.counted), [(2, 0)]);
    assert_eq!(told(&mut tracer, hit(2, 3, "b")).firings.len(), 1);
    // Others come to no window of it.
    assert_eq!(tracer.fold([hit(3, 4, "c")]), Traced::default());
}

#[test]
fn what_nobody_waits_for_any_more_begins_anew() {
    let set = one(ORDERED, "");
    let mut tracer = tracer(&set);
    told(&mut tracer, hit(0, 1, "a"));
    let other = Hit { key: GroupKey::new("", "", [("sender.id", "u2")]), ..hit(100, 2, "a") };
    told(&mut tracer, other);
    let late = told(&mut tracer, hit(101, 3, "a"));
    assert!(late.anew && late.dropped.is_empty());
}
