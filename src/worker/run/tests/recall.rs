//! What lies between the offset to recall from and the next one is taken in, and nothing is made of it.

use super::*;

/// Remembers the last two records of each partition.
struct Remembering(Tenth, BTreeMap<i32, i64>);

impl Stage for Remembering {
    fn run(
        &mut self,
        records: &[Record<'_>],
        now_ms: i64,
        send: &mut dyn FnMut(Message<'_>) -> Result<(), Failure>,
    ) -> Result<BatchStats, Failure> {
        self.1.extend(records.iter().map(|record| (record.partition, record.offset - 1)));
        self.0.run(records, now_ms, send)
    }

    fn aborted(&mut self) {
        self.0.aborted();
        self.1.clear();
    }

    fn recall(&mut self, records: &[Record<'_>], _: i64) {
        let offsets: Vec<_> = records.iter().map(|record| (record.partition, record.offset)).collect();
        self.0.0.borrow_mut().push(format!("recall {offsets:?}"));
    }

    fn recalls_from(&self, partition: i32) -> Option<i64> {
        self.1.get(&partition).copied()
    }

    fn forget(&mut self, partition: i32) {
        self.0.0.borrow_mut().push(format!("forget {partition}"));
        self.1.remove(&partition);
    }
}

#[test]
fn what_has_to_be_recalled_is_taken_in_and_nothing_is_made_of_it() {
    let begin = |partition, offset, recall| Begin { recall, ..Begin::at(partition, offset, true) };
    let polls = [
        Poll::Change(Change::Assigned(vec![begin(0, 5, 3), begin(1, 0, 0)])),
        Poll::Records(0, 3..4),
        // Another partition commits meanwhile.
        Poll::Records(1, 0..2),
        Poll::Records(0, 4..7),
        Poll::Change(Change::Lost(vec![1])),
        Poll::Records(0, 3..12),
        Poll::Fails,
        Poll::Records(0, 10..13),
        revoked(0),
    ];
    let mut stage = |log| Box::new(Remembering(Tenth(log), BTreeMap::new())) as Box<dyn Stage>;
    let (log, seen, end) = play_by(&mut stage, AT_ONCE, &polls, &[]);
    let asked = [
        "recall [(0, 3)]",
        "send 1@0",
        "commit [(1, 2)] recalling from [0]",
        "recall [(0, 4)]",
        "abort",
        "forget",
        "forget 1",
        "release [1]",
        "rewind [(0, 3)]",
        "recall [(0, 3), (0, 4)]",
        "send 0@10",
        "commit [(0, 12)] recalling from [10]",
        "abort",
        "forget",
        "rewind [(0, 10)]",
        "recall [(0, 10), (0, 11)]",
        "commit [(0, 13)] recalling from [11]",
        "forget 0",
        "release [0]",
    ];
    assert_eq!(log, asked);
    assert_eq!(seen, ["done 2", "aborted Lost", "done 7", "aborted Batch", "done 1"]);
    assert!(end.is_ok(), "{end:?}");
}
