//! Whether keys sleep, are forgotten by an abort or are restored from the log, what is found is what keys that never sleep find.

use super::super::hit::{Contribution, Hit, Values};
use super::super::key::GroupKey;
use super::super::order::EventDigest;
use super::super::set::{Compiled, Correlations};
use super::super::spare::Spare;
use super::super::state::{Clock, Firing, Folded, KeyState, Results};
use super::super::testing::{Random, at, document, set};
use super::Store;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// No key dies of age here.
const GRACE: i64 = 1 << 40;

/// Results told apart by what completed them.
struct Told;

impl Results for Told {
    fn digest(&self, rule: &Compiled, _: &GroupKey, firing: &Firing) -> EventDigest {
        let mut digest = firing.completing().event;
        digest[8..].copy_from_slice(&super::super::values::digest(&rule.id).to_be_bytes());
        digest
    }

    fn detail(&self, _: &Compiled, firing: &Firing) -> Vec<u8> {
        firing.steps.iter().flat_map(|step| step.detail.to_vec()).take(9).collect()
    }
}

fn correlations() -> Correlations {
    let all = [
        ("events", "type: event_count, rules: [a], condition: {gte: 5}", "suppress: 2m"),
        ("values", "type: value_count, rules: [a, b], condition: {gte: 4, field: room.id}", ""),
        ("sums", "type: value_sum, rules: [c], condition: {gte: 40, field: payment.amount_minor}", ""),
        ("parts", "type: temporal, rules: [b, c]", ""),
        ("order", "type: temporal_ordered, rules: [a, c, d]", "suppress: 1m"),
        ("chained", "type: temporal_ordered, rules: [parts, d]", ""),
    ];
    let document = |(name, section, review): (&str, &str, &str)| {
        document(name, &format!("{section}, group-by: [sender.id], timespan: 3m"), review)
    };
    set(&all.map(document).concat())
}

/// A hit of one of three senders. Some come again, and some late.
fn hit(random: &mut Random, number: i64) -> Hit {
    let number = if random.below(8) == 0 { random.below(number + 1) } else { number };
    let mut own = Random::new(number.cast_unsigned());
    let late = if own.below(4) == 0 { own.below(50_000) } else { 0 };
    let sender = format!("u{}", own.below(3));
    let rule = format!("rule-{}", ["a", "b", "c", "d"][usize::try_from(own.below(4)).unwrap()]);
    let value = own.below(6);
    let value =
        |name: &str| Values { name: name.to_owned(), digests: vec![value], sum: Some(value * 5_000_000) };
    Hit {
        key: GroupKey::new("demo", "", [("sender.id", &*sender)]),
        at: at(number * 9_000 - late, number),
        found: vec![Contribution { rule, score: 10, paths: Vec::new() }],
        values: vec![value("payment.amount_minor"), value("room.id")],
        detail: number.to_be_bytes().into(),
    }
}

/// What a log keeps of windows, and keys that never sleep.
#[derive(Clone, Default)]
struct Model {
    log: BTreeMap<Vec<u8>, Vec<u8>>,
    states: BTreeMap<GroupKey, KeyState>,
    clock: i64,
}

impl Model {
    fn fold(&mut self, set: &Correlations, hit: &Hit) -> Folded {
        self.clock = self.clock.max(hit.at.time());
        let clock = Clock { now: self.clock, grace: GRACE };
        self.states.entry(hit.key.clone()).or_default().fold(set, hit, clock, &Told, &mut Spare::default())
    }
}

fn commit(store: &mut Store, set: &Correlations, model: &mut Model) {
    let written = store.write(set, |(key, bytes)| {
        match bytes {
            Some(bytes) => drop(model.log.insert(key.to_vec(), bytes.to_vec())),
            None => drop(model.log.remove(key)),
        }
        Ok::<(), Infallible>(())
    });
    written.unwrap();
    store.committed();
}

#[test]
fn sleeping_aborting_and_restoring_change_nothing() {
    let set = correlations();
    for seed in 0..24 {
        let mut random = Random::new(seed);
        let (mut store, mut model) = (Store::new(GRACE), Model::default());
        let mut durable = (model.clone(), 0);
        let (mut fired, mut repeated, mut number) = (0, 0, 0);
        while number < 400 {
            let hit = hit(&mut random, number);
            let expected = model.fold(&set, &hit);
            fired += expected.firings.len();
            repeated += usize::from(expected.duplicate);
            assert_eq!(store.fold(&set, &hit, &Told), Ok(expected), "seed {seed}, {number}");
            number += 1;
            match random.below(40) {
                0..8 => {
                    commit(&mut store, &set, &mut model);
                    durable = (model.clone(), number);
                }
                8 => {
                    store.aborted();
                    (model, number) = durable.clone();
                }
                9 => {
                    (model, number) = durable.clone();
                    store = Store::new(GRACE);
                    for (key, bytes) in &model.log {
                        store.restore(key, Some(bytes)).unwrap();
                    }
                }
                _ => {}
            }
        }
        assert!(fired > 20 && repeated > 0, "{fired} fired, {repeated} repeated");
    }
}

/// A partition is read from its beginning once more, and another one commits meanwhile: the version that was read last may be an old one.
#[test]
fn what_is_being_restored_is_not_removed_for_its_age() {
    let set = correlations();
    let (mut store, mut model) = (Store::new(0), Model::default());
    let mut versions = Vec::new();
    for number in [0, 4_000] {
        let mut hit = hit(&mut Random::new(1), 1);
        hit.at = at(number * 1_000, number);
        store.fold(&set, &hit, &Told).unwrap();
        commit(&mut store, &set, &mut model);
        versions.push((hit.key.bytes().to_vec(), model.log[hit.key.bytes()].clone()));
    }
    let again = [&versions[..], &versions].concat();
    for (key, bytes) in &again {
        store.restore(key, Some(bytes)).unwrap();
        commit(&mut store, &set, &mut model);
        assert_eq!((model.log.len(), store.keys()), (1, 1), "it is as the log has it");
    }
}

#[test]
fn a_key_that_is_hit_again_and_again_keeps_no_more() {
    let set = correlations();
    let mut store = Store::new(GRACE);
    let mut kept = [0, 0];
    for number in 0..20_000 {
        let mut hit = hit(&mut Random::new(number), number.cast_signed());
        hit.key = GroupKey::new("demo", "", [("sender.id", "u")]);
        store.fold(&set, &hit, &Told).unwrap();
        let most = &mut kept[usize::from(number >= 1_000)];
        *most = (*most).max(store.awake[0].state.size());
    }
    assert!(kept[1] <= 2 * kept[0], "{kept:?}");
}

#[test]
fn topics_that_nothing_is_of_any_more_are_forgotten() {
    let set = correlations();
    let (mut store, mut model, mut lengths) = (Store::new(GRACE), Model::default(), Vec::new());
    for number in 0..600 {
        let mut hit = hit(&mut Random::new(number), number.cast_signed());
        hit.key = GroupKey::new("demo", "", [("sender.id", "u")]);
        hit.at.order.topic = format!("a file of its own {number:04}").into();
        store.fold(&set, &hit, &Told).unwrap();
        commit(&mut store, &set, &mut model);
        lengths.push(model.log[hit.key.bytes()].len());
    }
    let most = |range: std::ops::Range<usize>| lengths[range].iter().copied().max().unwrap();
    assert!(most(400..600) <= most(0..200) * 5 / 4, "{} and then {} bytes", most(0..200), most(400..600));
}
