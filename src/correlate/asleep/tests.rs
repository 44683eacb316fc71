//! Whatever comes, goes and moves: the keys are those of a plain map, and whose time is over is told.

use super::super::testing::Random;
use super::{Asleep, Head, Record, due};
use std::collections::BTreeMap;

/// By key its bytes and its deadline.
type Model = BTreeMap<Vec<u8>, (Vec<u8>, i64)>;

/// So many milliseconds at most: some hundred times what is looked at together.
const SPAN: i64 = 200_000;

fn key(random: &mut Random) -> Vec<u8> {
    format!("key {}", random.below(40)).into_bytes()
}

/// Windows that are kept until then, and no other two alike; of several lengths.
fn windows(random: &mut Random, deadline: i64, serial: i64) -> Vec<u8> {
    let end = vec![0; usize::try_from(random.below(3)).unwrap()];
    [&[1], &deadline.to_be_bytes()[..], &serial.to_be_bytes(), &end].concat()
}

fn put(asleep: &mut Asleep, model: &mut Model, random: &mut Random, serial: i64) {
    let (key, deadline) = (key(random), random.below(SPAN));
    let (bytes, mut room) = (windows(random, deadline, serial), vec![7]);
    if random.below(2) == 0 {
        asleep.put_bytes(&key, &bytes, &mut room);
    } else {
        let hash = asleep.hash(&key);
        let record = Record::new(&key, &mut room, |room| room.extend(&bytes));
        asleep.put(asleep.find(hash, &key), hash, record);
    }
    model.insert(key, (bytes, deadline));
}

/// All that are over are told when the clock shows what it never showed; before that some, and none that is not over.
fn tell(asleep: &mut Asleep, model: &Model, (clock, most): (i64, usize), latest: &mut i64) -> Vec<Vec<u8>> {
    let over = asleep.over(clock, most);
    for record in &over {
        let (bytes, deadline) = &model[record.key()];
        assert_eq!(record.bytes(), bytes);
        assert!(*deadline < clock);
    }
    let mut keys: Vec<Vec<u8>> = over.iter().map(|record| record.key().to_vec()).collect();
    keys.sort();
    assert!(keys.windows(2).all(|two| two[0] != two[1]), "a key is told once at a time");
    if clock >> 10 > *latest && most == usize::MAX {
        let mut due = model.iter().filter(|(_, (_, deadline))| due(*deadline) <= clock >> 10);
        assert!(due.all(|(key, _)| keys.contains(key)), "{} told at {clock}", keys.len());
    }
    *latest = (*latest).max(clock >> 10);
    keys
}

#[test]
fn it_agrees_with_a_plain_map_of_keys_and_deadlines() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let (mut asleep, mut model, mut latest) = (Asleep::default(), Model::new(), i64::MIN);
        for serial in 0..400 {
            match random.below(8) {
                0..5 => put(&mut asleep, &mut model, &mut random, serial),
                5 => {
                    let key = key(&mut random);
                    asleep.remove(&key);
                    model.remove(&key);
                }
                kind => {
                    // It goes on, and sometimes back: an abort does that.
                    let clock = random.below(SPAN * (serial + 1) / 400 + 1);
                    let most = if kind == 6 { usize::MAX } else { 3 };
                    let over = tell(&mut asleep, &model, (clock, most), &mut latest);
                    // Not all of them are removed: some are used meanwhile.
                    for key in over.iter().step_by(2) {
                        asleep.remove(key);
                        model.remove(key);
                    }
                }
            }
            assert_eq!(asleep.len(), model.len());
        }
        for number in 0..40 {
            let key = format!("key {number}").into_bytes();
            let bytes = asleep.get(&key).map(|record| record.bytes().to_vec());
            assert_eq!(bytes, model.get(&key).map(|(bytes, _)| bytes.clone()), "seed {seed}");
        }
        tell(&mut asleep, &model, (2 * SPAN, usize::MAX), &mut latest);
    }
}

#[test]
fn who_comes_and_goes_leaves_nothing_behind() {
    let (mut asleep, mut random) = (Asleep::default(), Random::new(1));
    for serial in 0..10_000 {
        let deadline = 1_000_000 + serial % 7 * 10_000;
        asleep.put_bytes(b"key", &windows(&mut random, deadline, serial), &mut Vec::new());
        asleep.put_bytes(b"other", &windows(&mut random, deadline, serial), &mut Vec::new());
        asleep.remove(b"key");
        assert_eq!(asleep.over(serial, usize::MAX), []);
    }
    let entries: usize = asleep.dues.values().map(Vec::len).sum();
    assert!(asleep.slots.len() == 2 && entries <= 4, "{entries} entries of two slots");
}

#[test]
fn a_few_are_looked_at_at_a_time() {
    let (mut asleep, mut random) = (Asleep::default(), Random::new(1));
    for number in 0..100_i64 {
        asleep.put_bytes(&number.to_be_bytes(), &windows(&mut random, number, number), &mut Vec::new());
    }
    let mut told = Vec::new();
    for _ in 0..10 {
        let over = asleep.over(10_000, 10);
        assert_eq!(over.len(), 10);
        told.extend(over.iter().map(|record| record.key().to_vec()));
    }
    told.sort();
    told.dedup();
    assert_eq!((told.len(), asleep.over(10_000, 10).len()), (100, 0), "once a second");
    assert_eq!(asleep.over(20_000, usize::MAX).len(), 100, "as long as they are there");
}

#[test]
fn bytes_of_the_same_length_take_the_place_of_those_that_nobody_holds() {
    let mut asleep = Asleep::default();
    let bytes = |deadline: i64| [&[1], &deadline.to_be_bytes()[..], &[0; 8]].concat();
    asleep.put_bytes(b"key", &bytes(1), &mut Vec::new());
    let held = asleep.get(b"key").unwrap().clone();
    asleep.put_bytes(b"key", &bytes(2), &mut Vec::new());
    asleep.put_bytes(b"key", &bytes(3), &mut Vec::new());
    assert_eq!((held.bytes(), held.key()), (&*bytes(1), &b"key"[..]));
    let now = asleep.get(b"key").unwrap();
    assert_eq!((now.bytes(), Head::read(now.bytes()).unwrap().0.deadline), (&*bytes(3), 3));
}
