//! Which windows of its key a hit feeds, and what it adds to them.

use super::hit::{Contribution, Hit};
use super::set::{Compiled, CorrelationIndex, Correlations, Trigger, UNIT};
use super::window::Item;

/// A part of a correlation that something found feeds.
#[derive(Debug)]
pub(super) struct Fed {
    pub(super) correlation: CorrelationIndex,
    part: u16,
    score: u32,
}

/// What the findings of a hit feed under its key, in the order of the correlations and their parts, each part once with its greatest
/// score; in place of what was in `fed`.
pub(super) fn feeds_of(set: &Correlations, hit: &Hit, fed: &mut Vec<Fed>) {
    fed.clear();
    let grouping = set.grouping(&hit.key);
    for Contribution { rule, score, paths } in &hit.found {
        for feed in set.fed_by(rule) {
            let same_paths = if paths.is_empty() { feed.named } else { feed.paths == *paths };
            if same_paths && Some(feed.grouping) == grouping {
                fed.push(Fed { correlation: feed.correlation, part: feed.part, score: *score });
            }
        }
    }
    fed.sort_unstable_by_key(|fed| (fed.correlation, fed.part, std::cmp::Reverse(fed.score)));
    fed.dedup_by_key(|fed| (fed.correlation, fed.part));
}

/// What an event adds to the window of a correlation.
pub(super) fn items_of(rule: &Compiled, hit: &Hit, parts: &[Fed], items: &mut Vec<Item>) {
    let item = |part: u16, value: i64| Item { at: hit.at.clone(), part, value };
    let first = parts[0].part;
    let values = || {
        let name = rule.value.as_deref()?;
        hit.values.iter().find(|values| values.name == name)
    };
    items.clear();
    match &rule.trigger {
        Trigger::Events(_) => items.push(item(first, 0)),
        Trigger::Values(_) => {
            items
                .extend(values().into_iter().flat_map(|values| &values.digests).map(|one| item(first, *one)));
            items.sort_unstable_by_key(|item| item.value);
            items.dedup_by_key(|item| item.value);
        }
        Trigger::Sum(_) => items.extend(values().and_then(|values| values.sum).map(|sum| item(first, sum))),
        Trigger::Scores(_) => {
            items.extend(parts.iter().map(|fed| item(fed.part, i64::from(fed.score) * UNIT)));
        }
        Trigger::Parts(_) | Trigger::Ordered(_) => items.extend(parts.iter().map(|fed| item(fed.part, 0))),
    }
}
