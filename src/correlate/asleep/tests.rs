//! Whatever comes, goes and moves: the keys are those of a plain map, and whose time is over is told.

use super::super::testing::Random;
use super::pieces::{HEADER, LEAST, MOST};
use super::{Asleep, due};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

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
    let bytes = windows(random, deadline, serial);
    asleep.put_bytes(&key, &bytes);
    model.insert(key, (bytes, deadline));
}

/// All that are over are told when the clock shows what it never showed; before that some, and none that is not over.
fn tell(asleep: &mut Asleep, model: &Model, (clock, most): (i64, usize), latest: &mut i64) -> Vec<Vec<u8>> {
    let over = asleep.over(clock, most);
    let mut keys: Vec<Vec<u8>> = over.iter().map(|key| key.to_vec()).collect();
    assert!(keys.iter().all(|key| model[key].1 < clock));
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
                    asleep.remove(asleep.hash(&key), &key);
                    model.remove(&key);
                }
                kind => {
                    // It goes on, and sometimes back: an abort does that.
                    let clock = random.below(SPAN * (serial + 1) / 400 + 1);
                    let most = if kind == 6 { usize::MAX } else { 3 };
                    let over = tell(&mut asleep, &model, (clock, most), &mut latest);
                    // Not all of them are removed: some are used meanwhile.
                    for key in over.iter().step_by(2) {
                        asleep.remove(asleep.hash(key), key);
                        model.remove(key);
                    }
                }
            }
            assert_eq!(asleep.len(), model.len());
        }
        for number in 0..40 {
            let key = format!("key {number}").into_bytes();
            let bytes = asleep.get(&key).map(|record| record.bytes.to_vec());
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
        asleep.put_bytes(b"key", &windows(&mut random, deadline, serial));
        asleep.put_bytes(b"other", &windows(&mut random, deadline, serial));
        asleep.remove(asleep.hash(b"key"), b"key");
        assert_eq!(asleep.over(serial, usize::MAX), []);
    }
    let entries: usize = asleep.dues.values().map(Vec::len).sum();
    assert!(asleep.slots.len() == 2 && entries <= 4, "{entries} entries of two slots");
}

#[test]
fn a_few_are_looked_at_at_a_time() {
    let (mut asleep, mut random) = (Asleep::default(), Random::new(1));
    for number in 0..100_i64 {
        asleep.put_bytes(&number.to_be_bytes(), &windows(&mut random, number, number));
    }
    let mut told = Vec::new();
    for _ in 0..10 {
        let over = asleep.over(10_000, 10);
        assert_eq!(over.len(), 10);
        told.extend(over);
    }
    told.sort();
    told.dedup();
    assert_eq!((told.len(), asleep.over(10_000, 10).len()), (100, 0), "once a second");
    assert_eq!(asleep.over(20_000, usize::MAX).len(), 100, "as long as they are there");
}

#[test]
fn what_somebody_reads_stays_as_it_was() {
    let mut asleep = Asleep::default();
    let bytes = |deadline: i64| [&[1], &deadline.to_be_bytes()[..], &[0; 8]].concat();
    asleep.put_bytes(b"key", &bytes(1));
    let held = Arc::clone(asleep.get(b"key").unwrap().all);
    for deadline in 2..4 {
        asleep.put_bytes(b"key", &bytes(deadline));
        let now = asleep.get(b"key").unwrap();
        assert_eq!((now.bytes, now.deadline()), (&*bytes(deadline), deadline));
        assert!(!Arc::ptr_eq(now.all, &held));
    }
    let end = bytes(1).len() + HEADER + 3;
    assert_eq!(held[HEADER + 3..end], bytes(1));
    assert!(held[end..].iter().all(|byte| *byte == 0), "nothing is written to what somebody holds");
}

#[test]
fn bytes_take_the_place_of_those_before_if_they_fit_and_leave_little() {
    // Of eight bytes' room: a record is small enough to share a piece.
    for (length, stays) in [(8, true), (6, true), (5, false), (0, false), (9, false)] {
        let mut asleep = Asleep::default();
        asleep.put_bytes(b"", &[1; 8]);
        asleep.put_bytes(b"", &vec![2; length]);
        assert_eq!(asleep.get(b"").unwrap().bytes, vec![2; length]);
        let all = HEADER + 8;
        let after = if stays { (all, 0, LEAST) } else { (all + HEADER + length, all, LEAST) };
        assert_eq!(asleep.pieces.sizes(), after, "{length}");
        asleep.put_bytes(b"", &[3; 8]);
        assert_eq!(asleep.get(b"").unwrap().bytes, [3; 8]);
        assert_eq!(asleep.pieces.sizes().1 == 0, stays, "the room stays what it was: {length}");
    }
}

/// Few keys of all lengths, those that need a piece of their own among them, while somebody holds pieces: they are found as they are, and
/// neither holes nor pieces are many.
#[test]
fn memory_is_that_of_what_counts_and_a_quarter_and_some_pieces_more() {
    let (mut asleep, mut random) = (Asleep::default(), Random::new(3));
    let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut held: VecDeque<(Arc<[u8]>, Vec<u8>)> = VecDeque::new();
    for serial in 0..30_000_i64 {
        let most = [10, 300, 300, 300, 600, 9_000][usize::try_from(random.below(6)).unwrap()];
        let key = format!("key {}", random.below(400)).into_bytes();
        let hash = asleep.hash(&key);
        if random.below(5) == 0 {
            asleep.remove(hash, &key);
            model.remove(&key);
        } else {
            let end = vec![7; usize::try_from(random.below(most)).unwrap()];
            let bytes = [&serial.to_be_bytes()[..], &end].concat();
            asleep.put_bytes(&key, &bytes);
            model.insert(key.clone(), bytes);
        }
        if random.below(50) == 0
            && let Some(record) = asleep.get(&key)
        {
            held.push_back((Arc::clone(record.all), record.all.to_vec()));
        }
        if held.len() > 3 {
            held.pop_front();
        }
        let counts: usize = model.iter().map(|(key, bytes)| HEADER + key.len() + bytes.len()).sum();
        let (filled, holes, memory) = asleep.pieces.sizes();
        assert!(counts <= filled - holes && filled - holes <= counts + counts / 3, "{counts}");
        assert!(holes <= (filled - holes) / 4 + MOST, "{filled}, {holes}");
        assert!(memory <= filled + 2 * MOST, "{filled}, {memory}");
    }
    for (key, bytes) in &model {
        assert_eq!(asleep.get(key).map(|record| record.bytes), Some(&**bytes));
    }
    for (memory, before) in &held {
        let same = memory.iter().zip(before).filter(|(now, before)| now == before).count();
        assert_eq!(same, before.len(), "nothing is written to what somebody holds");
    }
    for key in model.keys() {
        asleep.remove(asleep.hash(key), key);
    }
    let (filled, holes, memory) = asleep.pieces.sizes();
    assert!(filled == holes && memory <= 2 * MOST, "{filled}, {holes}, {memory}");
}

/// What is left at the end of every piece is a hole, too: where that is much, emptying one piece could make another as bad.
#[test]
fn emptying_pieces_comes_to_an_end() {
    for length in (1..1_100).step_by(7) {
        let mut asleep = Asleep::default();
        for number in 0..600_u32 {
            let length = if number % 4 == 3 { 3 } else { length };
            asleep.put_bytes(&(number % 450).to_be_bytes(), &vec![7; length]);
        }
        assert!(asleep.pieces.take_worst().is_none(), "{length}: it was left undone");
        let (filled, holes, _) = asleep.pieces.sizes();
        assert!(holes <= (filled - holes) / 4 + MOST, "{filled}, {holes}");
    }
}
