//! Windows held to what they are to mean, tried out on all subsets and orders.
//!
//! The oracle keeps every event for ever and knows no cleverness: at each event it asks whether some set of events with it would
//! complete the window. It takes the floor from what the window says it was completed by, after having made sure that this would.
//! So the two must agree at every event, in order and out of it, as long as none comes more than [`REORDER_MS`] late and there
//! are no more than [`MOST_RECENT`] of a part within that time.

use super::super::set::{Compiled, Trigger};
use super::super::testing::{Random, at, first, one};
use super::{Item, REORDER_MS, Window};
use crate::rule::correlation::When;
use std::collections::{BTreeMap, BTreeSet};

/// How many streams of each type and timespan are tried.
const STREAMS: i64 = 35_000;

/// True if these items, all of them together, complete the window.
fn completes(rule: &Compiled, items: &[&Item]) -> bool {
    let times = || items.iter().map(|item| item.at.time());
    if times().max().unwrap() - times().min().unwrap() >= rule.timespan_ms() {
        return false;
    }
    let parts = |wanted: usize| items.iter().any(|item| usize::from(item.part) == wanted);
    match &rule.trigger {
        Trigger::Events(least) => items.iter().map(|item| &item.at).collect::<BTreeSet<_>>().len() >= *least,
        Trigger::Values(least) => {
            items.iter().map(|item| item.value).collect::<BTreeSet<_>>().len() >= *least
        }
        Trigger::Sum(least) => least.is_reached(items.iter().map(|item| i128::from(item.value)).sum()),
        Trigger::Scores(least) => {
            let mut greatest: BTreeMap<u16, i64> = BTreeMap::new();
            for item in items {
                let known = greatest.entry(item.part).or_default();
                *known = item.value.max(*known);
            }
            least.is_reached(greatest.values().map(|value| i128::from(*value)).sum())
        }
        Trigger::Parts(When::AtLeast(least)) => (0..3).filter(|part| parts(*part)).count() >= *least,
        // (a or b) and c, as the test has it.
        Trigger::Parts(When::Holds(_)) => (parts(0) || parts(1)) && parts(2),
        Trigger::Ordered(steps) => {
            let step = |step: usize| items.iter().find(|item| usize::from(item.part) == step);
            let after = |own: usize| step(own - 1).unwrap().at.order < step(own).unwrap().at.order;
            items.len() == *steps && (0..*steps).all(|own| step(own).is_some()) && (1..*steps).all(after)
        }
    }
}

/// Whether some of the items, among them one of the event's, complete the window.
fn exists<'i>(rule: &Compiled, items: &'i [Item], event: &'i [Item]) -> bool {
    if matches!(rule.trigger, Trigger::Ordered(_) | Trigger::Parts(_)) {
        return event.iter().any(|own| subsets(rule, items, &mut vec![own], 0));
    }
    // More events, values and scores never do harm, so of each window all.
    items.iter().any(|end| {
        let end = end.at.time();
        let inside = |item: &&Item| item.at.time() <= end && end - item.at.time() < rule.timespan_ms();
        let window: Vec<&Item> = items.iter().filter(inside).collect();
        window.iter().any(|item| item.at == event[0].at) && completes(rule, &window)
    })
}

/// Whether what is chosen and some of the items from an index on complete the window.
fn subsets<'i>(rule: &Compiled, items: &'i [Item], chosen: &mut Vec<&'i Item>, from: usize) -> bool {
    if completes(rule, chosen) {
        return true;
    }
    (from..items.len()).any(|index| {
        // A part more than once helps nothing here.
        if chosen.iter().any(|item| item.part == items[index].part) {
            return false;
        }
        chosen.push(&items[index]);
        let found = subsets(rule, items, chosen, index + 1);
        chosen.pop();
        found
    })
}

/// A stream of events, each with its items, in the order in which they come.
fn stream(random: &mut Random, rule: &Compiled, late: bool) -> Vec<Vec<Item>> {
    let count = 2 + random.below(9);
    let span = [1, 3, 8][usize::try_from(random.below(3)).unwrap()] * rule.timespan_ms() / 2;
    let mut events: Vec<(i64, Vec<Item>)> = (0..count)
        .map(|number| {
            // Few different times, so that many are equal, and differences are the timespan itself. Now and then two have
            // the same order key, as an event and what it completed have.
            let time = random.below(9) * span / 8;
            let delay = if late { random.below(REORDER_MS + 1) } else { 0 };
            (time + delay, items(random, rule, time, number))
        })
        .collect();
    events.sort_by(|(one, of_one), (other, of_other)| (one, &of_one[0].at).cmp(&(other, &of_other[0].at)));
    events.into_iter().map(|(_, items)| items).collect()
}

fn items(random: &mut Random, rule: &Compiled, time: i64, number: i64) -> Vec<Item> {
    let mut at = at(time, number);
    at.order.offset /= 2;
    let value = random.below(3);
    let item = |part: u16, value: i64| Item { at: at.clone(), part, value };
    match rule.trigger {
        Trigger::Events(_) => vec![item(0, 0)],
        Trigger::Values(_) if random.below(2) == 0 => vec![item(0, value), item(0, 10)],
        Trigger::Values(_) => vec![item(0, value)],
        Trigger::Sum(_) => vec![item(0, value * 1_000_000)],
        Trigger::Scores(_) | Trigger::Parts(_) | Trigger::Ordered(_) => {
            let mut parts: Vec<u16> = (0..3).filter(|_| random.below(3) == 0).collect();
            if parts.is_empty() {
                parts.push(u16::try_from(random.below(3)).unwrap());
            }
            let value = if matches!(rule.trigger, Trigger::Scores(_)) { value } else { 0 };
            parts.into_iter().map(|part| item(part, value * i64::from(part + 1))).collect()
        }
    }
}

fn agrees(section: &str) {
    let set = one(section, "");
    let rule = first(&set);
    let mut completed = 0;
    for seed in 0..STREAMS {
        let mut random = Random::new(seed.cast_unsigned());
        let late = seed % 2 == 1;
        let events = stream(&mut random, rule, late);
        let mut window = Window::new(rule.meaning);
        let mut kept: Vec<Item> = Vec::new();
        let mut floor = None;
        for event in &events {
            let place = || format!("seed {seed}, {:?} of {events:#?}", event[0].at);
            let completion = window.fold(rule, &mut event.clone(), 0);
            let order = Some(event[0].at.order.clone());
            if order <= floor {
                assert_eq!(completion, None, "at or before the floor: {}", place());
                continue;
            }
            kept.extend(event.iter().cloned());
            assert_eq!(completion.is_some(), exists(rule, &kept, event), "{}", place());
            let Some(completion) = completion else { continue };
            completed += 1;
            let items: Vec<&Item> = completion.items.iter().collect();
            assert!(completes(rule, &items), "{completion:#?}: {}", place());
            assert!(completion.items.iter().all(|item| kept.contains(item)), "{completion:#?}: {}", place());
            let newest = events.iter().take_while(|other| *other != event).map(|other| &other[0].at).max();
            if newest.is_none_or(|newest| *newest < event[0].at) {
                assert_eq!(completion.items.last().map(|item| &item.at), Some(&event[0].at), "{}", place());
            }
            floor = completion.items.iter().map(|item| item.at.order.clone()).max();
            kept.retain(|item| Some(&item.at.order) > floor.as_ref());
        }
    }
    assert!(completed > STREAMS / 10, "only {completed} windows were completed");
}

macro_rules! types {
    ($($name:ident: $section:literal),* $(,)?) => { $(
        #[test]
        fn $name() {
            for timespan in ["10s", "60s", "10m"] {
                agrees(&$section.replace("SPAN", timespan));
            }
        }
    )* };
}

types! {
    events_agree: "type: event_count, rules: [a], group-by: [sender.id], timespan: SPAN, condition: {gte: 3}",
    values_agree: "type: value_count, rules: [a], group-by: [sender.id], timespan: SPAN, condition: {gte: 3, field: recipient.id}",
    sums_agree: "type: value_sum, rules: [a], group-by: [sender.id], timespan: SPAN, condition: {gte: 4, field: payment.amount_minor}",
    scores_agree: "type: value_sum, rules: [a, b, c], group-by: [sender.id], timespan: SPAN, condition: {gte: 0.000007, field: rule.score}",
    parts_agree: "type: temporal, rules: [a, b, c], group-by: [sender.id], timespan: SPAN",
    conditions_agree: "type: temporal, rules: [a, b, c], group-by: [sender.id], timespan: SPAN, condition: (a or b) and c",
    orders_agree: "type: temporal_ordered, rules: [a, b, c], group-by: [sender.id], timespan: SPAN",
}
