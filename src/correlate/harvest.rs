//! From the findings of an event to what its hits hold: the group keys under which it counts, and the values that are counted.
//!
//! Compiled for a rule set, so that a finding of a rule that feeds no correlation costs one look.

use super::hit::{Contribution, Values};
use super::key::GroupKey;
use super::set::{Correlations, micros};
use super::values;
use crate::event::{Batch, FieldId, FieldSet, FieldTable};
use crate::flag::short_id;
use crate::ruleset::{RuleIndex, RuleSet};
use crate::text::View;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Under how many group keys of the same fields an event counts at most, where a field holds several values.
pub const MOST_KEYS: usize = 16;

/// How many values of a field an event has at most: of more, the first. No correlation asks for more of them.
const MOST_VALUES: usize = 1_024;

/// What is read of an event that a rule fired on, for the correlations that the rule feeds.
#[derive(Debug, Default)]
pub struct Harvest {
    lanes: Vec<Lane>,
    wanted: Vec<Wanted>,
    /// By rule: its lanes and the values that are wanted.
    of_rule: Vec<(Vec<usize>, Vec<usize>)>,
}

/// A way in which events are grouped.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lane {
    names: Vec<String>,
    fields: Vec<FieldId>,
    /// Where the values are read from, if not from fields of these names.
    paths: Vec<String>,
}

/// A field whose values correlations count or add.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    name: String,
    field: FieldId,
    view: Option<View>,
}

/// What of an event goes to one group key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheaf {
    /// The group key.
    pub key: GroupKey,
    /// What found something in it, by rule.
    pub found: Vec<Contribution>,
    /// The rules.
    pub rules: BTreeSet<RuleIndex>,
}

/// What an event yields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Yield {
    /// By group key.
    pub sheaves: Vec<Sheaf>,
    /// The values that are counted or added, of all of them.
    pub values: Vec<Values>,
    /// How often a rule would have counted, but a field of the group key is missing or empty.
    pub without_key: u64,
    /// There were more group keys than an event may have.
    pub too_many_keys: bool,
}

impl Harvest {
    /// What the correlations need of what the rules fire on. The fields that they read join `fields`; none if these are too many.
    pub fn new(
        set: &Correlations,
        rules: &RuleSet,
        table: &FieldTable,
        fields: &mut FieldSet,
    ) -> Option<Harvest> {
        Harvest::of(set, rules.rules().iter().map(|rule| rule.id.as_str()), table, fields)
    }

    /// The same of what is found by the rules and correlations of these ids, whose indexes are their places.
    pub fn of<'i>(
        set: &Correlations,
        ids: impl Iterator<Item = &'i str>,
        table: &FieldTable,
        fields: &mut FieldSet,
    ) -> Option<Harvest> {
        let mut harvest = Harvest::default();
        for id in ids {
            let (mut lanes, mut wanted) = (BTreeSet::new(), BTreeSet::new());
            for feed in set.fed_by(id) {
                let compiled = set.get(feed.correlation);
                lanes.insert(harvest.lane(&compiled.names, &feed.paths, table, fields)?);
                if let Some((field, view)) = compiled.counted() {
                    let name = compiled.value.clone().unwrap_or_default();
                    wanted.insert(harvest.want(name, (field, view), table, fields)?);
                }
            }
            harvest.of_rule.push((lanes.into_iter().collect(), wanted.into_iter().collect()));
        }
        Some(harvest)
    }

    fn lane(
        &mut self,
        names: &[String],
        paths: &[String],
        table: &FieldTable,
        fields: &mut FieldSet,
    ) -> Option<usize> {
        let ids = paths.iter().map(|path| fields.intern(path, table.type_of(path)));
        let ids = ids.collect::<Option<Vec<FieldId>>>()?;
        let other = if names == paths { Vec::new() } else { paths.to_vec() };
        let lane = Lane { names: names.to_vec(), fields: ids, paths: other };
        Some(position_or_push(&mut self.lanes, lane))
    }

    fn want(
        &mut self,
        name: String,
        (field, view): (&str, Option<View>),
        table: &FieldTable,
        fields: &mut FieldSet,
    ) -> Option<usize> {
        let field = fields.intern(field, table.type_of(field))?;
        Some(position_or_push(&mut self.wanted, Wanted { name, field, view }))
    }

    /// Whether a rule feeds any correlation.
    pub fn feeds(&self, rule: RuleIndex) -> bool {
        self.of_rule.get(rule.0 as usize).is_some_and(|(lanes, _)| !lanes.is_empty())
    }

    /// What the findings of these rules, each with its id and score, make of the event in a row of the batch.
    pub fn of_event<'r>(
        &self,
        (batch, row): (&Batch, usize),
        (platform, tenant): (&str, &str),
        rules: impl Iterator<Item = (RuleIndex, &'r str, u32)>,
    ) -> Yield {
        let mut out = Yield::default();
        let mut known: BTreeMap<usize, Vec<GroupKey>> = BTreeMap::new();
        let mut sheaves: BTreeMap<GroupKey, Sheaf> = BTreeMap::new();
        let mut wanted: BTreeSet<&usize> = BTreeSet::new();
        for (index, rule, score) in rules {
            let Some((lanes, values)) = self.of_rule.get(index.0 as usize) else { continue };
            wanted.extend(values);
            for number in lanes {
                let lane = &self.lanes[*number];
                let keys = known
                    .entry(*number)
                    .or_insert_with(|| lane.keys((batch, row), (platform, tenant), &mut out.too_many_keys));
                out.without_key += u64::from(keys.is_empty());
                for key in keys {
                    let new = || Sheaf { key: key.clone(), found: Vec::new(), rules: BTreeSet::new() };
                    let sheaf = sheaves.entry(key.clone()).or_insert_with(new);
                    sheaf.rules.insert(index);
                    let paths = lane.paths.clone();
                    sheaf.found.push(Contribution { rule: rule.to_owned(), score, paths });
                }
            }
        }
        out.sheaves = sheaves.into_values().collect();
        if !out.sheaves.is_empty() {
            out.values = wanted.into_iter().filter_map(|at| self.wanted[*at].values(batch, row)).collect();
        }
        out
    }
}

fn position_or_push<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    items.iter().position(|known| *known == item).unwrap_or_else(|| {
        items.push(item);
        items.len() - 1
    })
}

impl Lane {
    /// The group keys of an event: none if a field is missing or empty, one for each combination if fields hold several values.
    fn keys(
        &self,
        (batch, row): (&Batch, usize),
        (platform, tenant): (&str, &str),
        too_many: &mut bool,
    ) -> Vec<GroupKey> {
        let mut combinations: Vec<Vec<Cow<'_, str>>> = vec![Vec::new()];
        for field in &self.fields {
            let texts = batch.values(row, *field).filter_map(|(_, value)| value.text());
            let mut values: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
            values.sort_unstable();
            values.dedup();
            *too_many |= combinations.len() * values.len() > MOST_KEYS;
            // What a sender states may be as long as a record; a key is not.
            let values: Vec<Cow<'_, str>> = values.into_iter().take(MOST_KEYS).map(short_id).collect();
            if let [value] = values.as_slice() {
                for before in &mut combinations {
                    before.push(value.clone());
                }
                continue;
            }
            let longer = combinations.iter().flat_map(|before| {
                values.iter().map(|value| [before.as_slice(), std::slice::from_ref(value)].concat())
            });
            combinations = longer.take(MOST_KEYS).collect();
        }
        let (platform, tenant) = (short_id(platform), short_id(tenant));
        let key = |values: Vec<Cow<'_, str>>| {
            let values = values.iter().map(|value| &**value);
            GroupKey::new(&platform, &tenant, self.names.iter().map(String::as_str).zip(values))
        };
        combinations.into_iter().map(key).collect()
    }
}

impl Wanted {
    /// The values of an event; none if there are none.
    fn values(&self, batch: &Batch, row: usize) -> Option<Values> {
        let scalars = batch.values(row, self.field).filter_map(|(_, scalar)| scalar.text());
        let texts: Vec<&str> = scalars.filter(|text| !text.is_empty()).collect();
        let digest = |text: &&str| match self.view {
            Some(view) => values::digest_in(text, view),
            None => values::digest(text),
        };
        let digests: BTreeSet<i64> = texts.iter().take(MOST_VALUES).map(digest).collect();
        let sum =
            texts.iter().map(|text| micros(text)).try_fold(0i64, |sum, one| Some(sum.saturating_add(one?)));
        (!texts.is_empty()).then(|| Values {
            name: self.name.clone(),
            digests: digests.into_iter().collect(),
            sum,
        })
    }
}
