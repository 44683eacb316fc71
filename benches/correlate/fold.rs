//! What folding a hit costs: a hundred correlations, a hundred thousand keys.
//!
//! *Awake*: every key's windows are in memory as they are folded. *Asleep*: as a worker has it, which writes what changed with every
//! commit; with five thousand hits a commit nearly every hit wakes its key, and puts it to sleep again. *Decoding* is that of a hit's
//! record, apart. The hits are the same, so what fires is, too.

use super::traffic::{Matching, Traffic, program, rules};
use super::{median, timed};
use std::convert::Infallible;
use std::sync::Arc;
use wardline::correlate::{AHEAD, Hit};
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{OutHit, Outcome, Program, Settings};

const TRAFFIC: Traffic = Traffic { senders: 50_000, words: 16, pace: 5_000 };
/// The rules that a correlation takes in, and its neighbours, too: a hit feeds up to three.
const PARTS: [u64; 3] = [0, 1, 2];
/// Before the clock starts, and after.
const EVENTS: (u64, u64) = (50_000, 150_000);
/// Hits of the latter, and flags.
const EXPECTED: (usize, usize) = (132_052, 2_675);
const COMMIT: usize = 5_000;
const TURNS: usize = 5;
/// Microseconds that a hit may cost.
const MOST: f64 = 2.0;

pub(crate) fn measure() {
    let program = program(&rules(&PARTS));
    let mut matching = Matching::new(Arc::clone(&program));
    let (first, last) = EVENTS;
    let (before, hits) = (matching.of(TRAFFIC, 0..first), matching.of(TRAFFIC, first..last));
    println!(
        "folding a hit, in CPU microseconds: {} correlations, {} hits",
        program.correlations().iter().count(),
        hits.len()
    );
    let (mut awake, mut asleep, mut decoding) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        awake.push(turn(&program, &before, &hits, usize::MAX));
        asleep.push(turn(&program, &before, &hits, COMMIT));
        decoding.push(decode(&hits));
    }
    for (name, figures) in [("awake", awake), ("asleep, written", asleep), ("decoding", decoding)] {
        let lowest = figures.iter().copied().fold(f64::MAX, f64::min);
        println!("{name:<24}{:>8.2} median{lowest:>8.2} least", median(figures));
    }
    println!("{:<24}{MOST:>8.2}", "bar");
}

/// Folds all, committing after so many; microseconds a hit.
fn turn(program: &Arc<Program>, before: &[Hit], hits: &[Hit], commit: usize) -> f64 {
    let mut folder = Folder::new(Arc::clone(program), Settings::default());
    let mut outcome = Outcome::default();
    fold(&mut folder, batches(before), commit, &mut outcome);
    outcome.flags.clear();
    let given = batches(hits);
    let ((), seconds) = timed(|| fold(&mut folder, given, commit, &mut outcome));
    assert_eq!((hits.len(), outcome.flags.len()), EXPECTED, "hits and flags");
    micros(seconds, hits.len())
}

/// As a worker does: some of them are read, and folded.
fn fold(folder: &mut Folder, batches: Vec<Batch>, commit: usize, outcome: &mut Outcome) {
    let mut done = 0;
    for mut batch in batches {
        done += batch.len();
        folder.fold_each(&mut batch, 0, outcome).expect("windows of this version");
        if done >= commit {
            done = 0;
            folder.write(|_, _, _| Ok::<(), Infallible>(())).expect("nothing fails");
            folder.committed();
        }
    }
}

/// Hits of one partition.
type Batch = Vec<(i32, OutHit)>;

fn batches(hits: &[Hit]) -> Vec<Batch> {
    let batch = |hits: &[Hit]| hits.iter().map(|hit| (0, OutHit { record: 0, hit: hit.clone() })).collect();
    hits.chunks(AHEAD).map(batch).collect()
}

fn decode(hits: &[Hit]) -> f64 {
    let records: Vec<(&[u8], Vec<u8>)> = hits.iter().map(|hit| (hit.key.bytes(), hit.encode())).collect();
    let decode = |(key, bytes): &(&[u8], Vec<u8>)| Hit::decode(Some(key), bytes).is_ok();
    let (read, seconds) = timed(|| records.iter().filter(|record| decode(record)).count());
    assert_eq!(read, hits.len());
    micros(seconds, read)
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn micros(seconds: f64, hits: usize) -> f64 {
    seconds * 1e6 / hits as f64
}
