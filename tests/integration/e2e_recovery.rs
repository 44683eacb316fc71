//! How soon a killed worker's partitions flag again.

#![expect(clippy::disallowed_methods, reason = "measures by the clocks of this machine and the broker")]

use super::broker::{Broker, Client, Tail};
use super::ledger::Promise;
use super::site::Site;
use super::trace::{Plan, RULES, Trace};
use super::{feed, ledger, wait};
use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// From the kill to the next committed flag of *every* partition of the killed worker.
const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn a_killed_and_restarted_worker_flags_again_within_five_seconds() {
    let broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "recovery", 6, RULES);
    // A flag in most partitions several times a second, so that waiting for one adds little.
    let trace = Trace::new(&Plan { risky: 200, ..Plan::of(80_000) });
    let mut steady = site.start_ready("steady");
    let mut killed = site.start_ready("killed");
    client.await_members(site.group(), 2, Duration::from_mins(1));
    let feed = feed::Feed::start(&broker.address(), &site.input(), &trace, Duration::from_secs(40));
    let mut tail = client.tail(&site.flags());
    let mut took = Vec::new();
    for kill in 1..=4 {
        wait::pass(Duration::from_secs(4));
        let owned = partitions_of(&client, site.group(), "killed");
        assert!(!owned.is_empty(), "the worker to be killed owns nothing");
        let (at, stamp) = (Instant::now(), since_1970());
        killed.restart();
        let recovery = flagged_again(&mut tail, &owned, stamp).duration_since(at);
        println!("kill {kill}: {} partitions flag again after {recovery:?}", owned.len());
        took.push(recovery);
    }
    feed.finish();
    client.await_consumed(site.group(), &site.input(), Duration::from_mins(1));
    for worker in [&mut steady, &mut killed] {
        assert!(worker.stop().success(), "{}", worker.tail());
    }
    ledger::audit(&trace, &site.outputs(&client), Promise::ExactlyOnce);
    assert!(took.iter().all(|recovery| *recovery <= LIMIT), "{took:?}");
}

/// When the reader had a flag, appended by the broker after `stamp`, of each of these input partitions.
fn flagged_again(tail: &mut Tail, partitions: &BTreeSet<i32>, stamp: i64) -> Instant {
    let mut missing = partitions.clone();
    wait::until("a new flag of each partition", Duration::from_mins(1), || {
        let mut last = None;
        for record in tail.take() {
            let ((partition, _, _), _) = ledger::flag(&record);
            if record.timestamp.is_some_and(|appended| appended > stamp) && missing.remove(&partition) {
                last = Some(record.seen);
            }
        }
        match last {
            Some(seen) if missing.is_empty() => Ok(seen),
            _ => Err(format!("none of {missing:?}")),
        }
    })
}

fn partitions_of(client: &Client, group: &str, instance: &str) -> BTreeSet<i32> {
    let members = client.await_members(group, 2, Duration::from_secs(30));
    let own = members.iter().filter(|member| member.client.contains(instance));
    own.flat_map(|member| member.partitions.iter().map(|(_, partition)| *partition)).collect()
}

fn since_1970() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    i64::try_from(now.as_millis()).expect("milliseconds fit")
}
