//! The log of a million keys: ten versions of each key's windows.
//!
//! They are real: ten hits come to each of a hundred thousand keys, a quarter of an hour apart, and what is written after each is a
//! version. They are then told apart into a million keys by a digit of their ids.

use super::traffic::{Matching, Traffic, program, rules};
use std::convert::Infallible;
use std::sync::Arc;
use wardline::worker::correlate::Folder;
use wardline::worker::stage::{OutHit, Outcome, Settings};

/// Senders, each of whom has two keys, nearly.
pub(crate) const SENDERS: u64 = 75_800;
/// The rules that a correlation takes in: a key has one or two windows.
pub(crate) const PARTS: [u64; 2] = [0, 50];
pub(crate) const VERSIONS: u64 = 10;
/// Into so many keys each is told apart.
pub(crate) const COPIES: u8 = 10;
const COMMIT: usize = 5_000;

/// Gives `take` every version of the keys, in the order in which they are written.
pub(crate) fn versions(mut take: impl FnMut(&[u8], Option<&[u8]>)) {
    let program = program(&rules(&PARTS));
    let mut matching = Matching::new(Arc::clone(&program));
    let mut folder = Folder::new(program, Settings::default());
    let traffic = Traffic { senders: SENDERS, words: 1, pace: 15 * 60 * 1_000_000 / SENDERS };
    let (mut outcome, mut count) = (Outcome::default(), 0);
    for number in 0..VERSIONS * SENDERS {
        for hit in matching.hits(&[traffic.event_of(number, number % SENDERS)]) {
            folder.fold(0, OutHit { record: 0, ..hit }, 0, &mut outcome).expect("windows of this version");
            outcome.flags.clear();
            count += 1;
            if count % COMMIT == 0 {
                let written = folder.write(|_, key, bytes| {
                    take(key, bytes);
                    Ok::<(), Infallible>(())
                });
                written.expect("nothing fails");
                folder.committed();
            }
        }
    }
}

/// The key of a copy: the first digit of every id in it is another.
pub(crate) fn copy(key: &[u8], copy: u8) -> Vec<u8> {
    let mut key = key.to_vec();
    for at in 1..key.len() {
        if matches!(key[at - 1], b'u' | b'v') && key[at] == b'0' {
            key[at] += copy;
        }
    }
    key
}
