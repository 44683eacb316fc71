//! Windows that count, add, or want different parts, in whatever order.

use super::super::set::Trigger;
use super::{Item, MOST_ADDENDS, MOST_RECENT};
use crate::rule::correlation::When;
use crate::rule::model::Condition;
use foldhash::HashSet;
use std::collections::{BTreeMap, BTreeSet};

/// What completes a window that holds the event at `place`, in its order; none if none is complete.
pub(super) fn complete(trigger: &Trigger, items: &[Item], place: usize, timespan: i64) -> Option<Vec<Item>> {
    windows(items, place, timespan).find_map(|window| completed(trigger, window))
}

/// All windows with the event at `place` that end with an event: with it, or a later one. An event that comes in its order is the
/// end of one alone.
fn windows(items: &[Item], place: usize, timespan: i64) -> impl Iterator<Item = &[Item]> {
    let first = items[place].at.time();
    let ends = items[place..].chunk_by(|one, other| one.at.time() == other.at.time());
    let ends = ends.map(|same| same[0].at.time()).take_while(move |end| end.saturating_sub(first) < timespan);
    ends.take(MOST_RECENT + 1).map(move |end| {
        let start = items.partition_point(|item| end.saturating_sub(item.at.time()) >= timespan);
        &items[start..items.partition_point(|item| item.at.time() <= end)]
    })
}

/// Of the window that ends at the time `newest`, what a completion would be made of.
pub(super) fn counted(trigger: &Trigger, items: &[Item], (timespan, newest): (i64, i64)) -> Vec<Item> {
    let start = items.partition_point(|item| newest.saturating_sub(item.at.time()) >= timespan);
    let window = &items[start..];
    match trigger {
        Trigger::Values(_) => last_of_each_value(window),
        Trigger::Scores(_) | Trigger::Parts(_) => greatest_of_each_part(window),
        Trigger::Events(_) | Trigger::Sum(_) | Trigger::Ordered(_) => window.to_vec(),
    }
}

fn completed(trigger: &Trigger, window: &[Item]) -> Option<Vec<Item>> {
    let items = match trigger {
        Trigger::Events(least) | Trigger::Values(least) if window.len() < *least => return None,
        Trigger::Parts(When::AtLeast(least)) if window.len() < *least => return None,
        // Scores are not negative, so that all of them are more than each part's greatest.
        Trigger::Scores(least) if !least.is_reached(sum(window)) => return None,
        Trigger::Events(_) => window.to_vec(),
        Trigger::Values(least) => {
            let mut seen = Few::default();
            let values = window.iter().filter(|item| seen.insert(item.value)).count();
            (values >= *least).then(|| last_of_each_value(window))?
        }
        Trigger::Sum(least) => least.is_reached(sum(window)).then(|| window.to_vec())?,
        Trigger::Scores(least) => {
            let greatest = greatest_of_each_part(window);
            least.is_reached(sum(&greatest)).then_some(greatest)?
        }
        Trigger::Parts(when) if !met(when, window) => return None,
        Trigger::Parts(_) => greatest_of_each_part(window),
        Trigger::Ordered(_) => return None,
    };
    Some(items)
}

pub(super) fn last_of_each_value(window: &[Item]) -> Vec<Item> {
    let mut seen = BTreeSet::new();
    let mut last: Vec<Item> = window.iter().rev().filter(|item| seen.insert(item.value)).cloned().collect();
    last.reverse();
    last
}

/// Of each part the item with the greatest value, of equal ones the last; in their order.
fn greatest_of_each_part(window: &[Item]) -> Vec<Item> {
    let mut greatest: BTreeMap<u16, &Item> = BTreeMap::new();
    for item in window {
        let known = greatest.entry(item.part).or_insert(item);
        if known.value <= item.value {
            *known = item;
        }
    }
    let mut items: Vec<Item> = greatest.into_values().cloned().collect();
    items.sort_by(|one, other| (&one.at, one.part).cmp(&(&other.at, other.part)));
    items
}

fn sum(items: &[Item]) -> i128 {
    items.iter().map(|item| i128::from(item.value)).sum()
}

/// Whether the parts of the items are those that are wanted.
fn met(when: &When, items: &[Item]) -> bool {
    match when {
        When::AtLeast(count) => {
            let mut seen = Few::default();
            items.iter().filter(|item| seen.insert(item.part.into())).count() >= *count
        }
        When::Holds(condition) => {
            holds(condition, &|part| items.iter().any(|item| usize::from(item.part) == part))
        }
    }
}

fn holds(condition: &Condition, is_there: &impl Fn(usize) -> bool) -> bool {
    match condition {
        Condition::Selection(part) => is_there(*part),
        Condition::Not(inner) => !holds(inner, is_there),
        Condition::All(parts) => parts.iter().all(|part| holds(part, is_there)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, is_there)),
    }
}

/// Forgets what is superfluous; `recent` is the time from which on events may still be overtaken. True if values were joined.
pub(super) fn prune(trigger: &Trigger, items: &mut Vec<Item>, recent: i64) -> bool {
    match trigger {
        Trigger::Events(least) => keep_newest(items, least.saturating_sub(1).saturating_add(MOST_RECENT)),
        Trigger::Values(least) => {
            keep_values(items, recent, least.saturating_sub(1).saturating_add(MOST_RECENT));
        }
        Trigger::Sum(_) => return join_neighbours(items),
        Trigger::Scores(_) | Trigger::Parts(_) => keep_few_of_each_part(items, recent),
        Trigger::Ordered(_) => {}
    }
    false
}

fn keep_newest(items: &mut Vec<Item>, most: usize) {
    let gone = items.len().saturating_sub(most);
    items.drain(..gone);
}

/// Of every value the last recent item and the last old one, of so many values at most; of the others the newest recent ones. An old
/// item is in no window that may still be asked about without a later old one of its value, if there is one. However often one value
/// comes, it takes the place of no other.
fn keep_values(items: &mut Vec<Item>, recent: i64, most: usize) {
    let first = items.partition_point(|item| item.at.time() < recent);
    let mut seen = Few::default();
    if items.len() <= MOST_RECENT.min(most) && items[..first].iter().all(|item| seen.insert(item.value)) {
        return;
    }
    let (mut new, mut old, mut repeats) = (Few::default(), Few::default(), 0);
    keep_from_the_end(items, |item| {
        if item.at.time() < recent {
            return old.insert(item.value) && old.len() <= most;
        }
        if new.insert(item.value) {
            return new.len() <= most;
        }
        repeats += 1;
        repeats <= MOST_RECENT
    });
}

/// Of recent items of a part the newest; of the old ones the last, and before it those of a greater value.
fn keep_few_of_each_part(items: &mut Vec<Item>, recent: i64) {
    let mut seen = Few::default();
    if items.iter().all(|item| seen.insert(item.part.into())) {
        return;
    }
    let mut known: BTreeMap<u16, (usize, Option<i64>)> = BTreeMap::new();
    keep_from_the_end(items, |item| {
        let (count, greatest) = known.entry(item.part).or_default();
        if item.at.time() >= recent {
            *count += 1;
            return *count <= MOST_RECENT;
        }
        let wanted = greatest.is_none_or(|greatest| item.value > greatest);
        if wanted {
            *greatest = Some(item.value);
        }
        wanted
    });
}

/// Different values. Of few, which is the rule, a list is quicker than a set.
#[derive(Default)]
struct Few {
    list: Vec<i64>,
    set: HashSet<i64>,
}

/// So many values are a list.
const FEW: usize = 16;

impl Few {
    fn len(&self) -> usize {
        self.list.len().max(self.set.len())
    }

    /// Whether it was not there yet.
    fn insert(&mut self, value: i64) -> bool {
        if self.set.is_empty() {
            if self.list.contains(&value) {
                return false;
            }
            if self.list.len() < FEW {
                self.list.push(value);
                return true;
            }
            self.set.extend(&self.list);
        }
        self.set.insert(value)
    }
}

/// Keeps what `keep` says, which is asked from the last to the first.
fn keep_from_the_end(items: &mut Vec<Item>, keep: impl FnMut(&Item) -> bool) {
    let mut kept: Vec<bool> = items.iter().rev().map(keep).collect();
    items.retain(|_| kept.pop().unwrap_or(true));
}

/// If there are too many values: adds every second one that is not recent to the one before it. The sum of a window is then at
/// most less than it was, and only at its beginning.
fn join_neighbours(items: &mut Vec<Item>) -> bool {
    let Some(joined) = items.len().checked_sub(MOST_RECENT).filter(|old| *old > MOST_ADDENDS) else {
        return false;
    };
    let mut index = 0;
    let mut before: Vec<Item> = Vec::with_capacity(items.len() / 2 + MOST_RECENT);
    items.retain(|item| {
        let second = index < joined && index % 2 == 1;
        index += 1;
        match before.last_mut() {
            Some(first) if second => first.value = first.value.saturating_add(item.value),
            _ => before.push(item.clone()),
        }
        false
    });
    *items = before;
    true
}
