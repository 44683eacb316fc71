//! What a stage keeps: it comes before the records of its partition, and goes once a commit.

use super::*;
use crate::worker::Kept;
use std::collections::BTreeSet;

/// Knows the last record of each partition, and hands those that changed over once a commit.
struct Keeping {
    tenth: Tenth,
    changed: BTreeSet<i32>,
}

impl Keeping {
    fn boxed(log: Log) -> Box<dyn Stage> {
        Box::new(Keeping { tenth: Tenth(log), changed: BTreeSet::new() })
    }

    fn note(&self, what: String) {
        self.tenth.0.borrow_mut().push(what);
    }
}

impl Stage for Keeping {
    fn run(
        &mut self,
        records: &[Record<'_>],
        now_ms: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        self.changed.extend(records.iter().map(|record| record.partition));
        self.tenth.run(records, now_ms, send)
    }

    fn pending(&self) -> bool {
        !self.changed.is_empty()
    }

    fn flush(&mut self, send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        self.changed.iter().try_for_each(|partition| {
            let (key, topic) = (format!("state {partition}"), crate::worker::Topic::Windows);
            let partition = Some(*partition);
            send(Message { topic, key: Some(key.as_bytes()), partition, headers: &[], body: None })
        })
    }

    fn committed(&mut self) {
        self.changed.clear();
    }

    fn aborted(&mut self) {
        self.tenth.aborted();
        self.changed.clear();
    }

    fn restore(&mut self, kept: &Chunk) -> Result<(), Failure> {
        for Kept { partition, key, value } in kept.iter() {
            self.note(format!("restore {partition} {} {value:?}", String::from_utf8_lossy(key)));
        }
        Ok(())
    }

    fn forget(&mut self, partition: i32) {
        self.note(format!("forget {partition}"));
    }
}

fn restored(partition: i32, key: &str, value: Option<&[u8]>) -> Poll {
    let mut chunk = Chunk::default();
    chunk.push(Kept { partition, key: key.as_bytes(), value });
    Poll::Change(Change::Restored(chunk))
}

fn play_keeping(
    policy: CommitPolicy,
    polls: &[Poll],
    fails: &[(usize, Remedy)],
) -> (Vec<String>, Vec<String>) {
    let (log, observed, end) = play_by(&mut Keeping::boxed, policy, polls, fails);
    assert!(end.is_ok(), "{end:?}");
    (log, observed)
}

#[test]
fn what_is_gathered_is_sent_once_a_commit() {
    let polls = [assigned(&[(0, 5)]), Poll::Records(0, 5..7), Poll::Records(0, 7..9), revoked(0)];
    let (log, observed) = play_keeping(NEVER, &polls, &[]);
    assert_eq!(log, ["send state 0", "commit [(0, 9)]", "forget 0", "release [0]"]);
    assert_eq!(observed, ["done 4"]);
}

#[test]
fn what_is_gathered_is_committed_without_a_message_and_with_one() {
    let polls = [assigned(&[(0, 5)]), Poll::Records(0, 5..7), Poll::Records(0, 7..12)];
    let (log, _) = play_keeping(AT_ONCE, &polls, &[]);
    let asked = ["send state 0", "commit [(0, 7)]", "send 0@10", "send state 0", "commit [(0, 12)]"];
    assert_eq!(log, asked);
}

#[test]
fn state_that_cannot_be_sent_is_a_commit_that_failed() {
    let polls = [assigned(&[(0, 5)]), Poll::Records(0, 5..7), Poll::Records(0, 5..7)];
    let (log, observed) = play_keeping(AT_ONCE, &polls, &[(1, Remedy::Rewind)]);
    let asked =
        ["send state 0 fails", "abort", "forget", "rewind [(0, 5)]", "send state 0", "commit [(0, 7)]"];
    assert_eq!(log, asked);
    assert_eq!(observed, ["aborted Commit", "done 2"]);
}

#[test]
fn state_of_a_lost_partition_is_given_up() {
    let polls = [assigned(&[(0, 5), (1, 0)]), Poll::Records(0, 5..7), lost(0)];
    let (log, observed) = play_keeping(NEVER, &polls, &[]);
    assert_eq!(log, ["abort", "forget", "forget 0", "release [0]", "rewind [(1, 0)]"]);
    assert_eq!(observed, ["aborted Lost"]);
}

#[test]
fn what_is_kept_comes_first_and_goes_with_a_partition_that_goes_before_it_came() {
    let polls = [
        restored(0, "a", Some(b"1")),
        restored(1, "b", None),
        assigned(&[(0, 5)]),
        Poll::Records(0, 5..6),
        restored(1, "c", Some(b"2")),
        revoked(1),
    ];
    let (log, observed) = play_keeping(NEVER, &polls, &[]);
    let asked = [
        "restore 0 a Some([49])",
        "restore 1 b None",
        "restore 1 c Some([50])",
        "send state 0",
        "commit [(0, 6)]",
        "forget 1",
        "release [1]",
    ];
    assert_eq!(log, asked);
    assert_eq!(observed, ["done 1"]);
}

#[test]
fn what_is_kept_is_no_change_to_the_observer() {
    struct Changes(Mutex<usize>);
    impl Observer for Changes {
        fn changed(&self, _: usize, _: &Change, _: usize) {
            *self.0.lock().expect("not poisoned") += 1;
        }
    }
    let (log, stop, told) = (Log::default(), AtomicBool::new(false), Changes(Mutex::default()));
    let polls = [restored(0, "a", None), assigned(&[(0, 5)])];
    let mut source = Script { polls: polls.into(), log: Rc::clone(&log), stop: &stop };
    let mut sink = Tape { log: Rc::clone(&log), calls: 0, fails: BTreeMap::new() };
    let seat =
        Seat { slot: 0, policy: NEVER, pause: Duration::ZERO, clock: || 0, stop: &stop, observer: &told };
    let end = run(&mut source, &mut *Keeping::boxed(log), &mut sink, seat);
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(told.0.into_inner().expect("not poisoned"), 1);
}

#[test]
fn a_chunk_yields_what_it_was_given() {
    let given = [
        (3, &b"a"[..], Some(&b"one"[..])),
        (0, b"", None),
        (-1, b"b", Some(b"")),
        (3, b"a", None),
        (3, b"a", Some(b"2")),
    ];
    let mut chunk = Chunk::with_capacity(2, 4);
    assert!(chunk.is_empty());
    for (partition, key, value) in given {
        chunk.push(Kept { partition, key, value });
    }
    let kept = chunk.iter().map(|Kept { partition, key, value }| (partition, key, value));
    assert!(!chunk.is_empty() && kept.eq(given));
}
