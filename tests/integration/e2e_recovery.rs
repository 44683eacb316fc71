//! How soon a killed worker's partitions flag again, and that it takes up a phrase where it was cut.

#![expect(clippy::disallowed_methods, reason = "measures by the clocks of this machine and the broker")]

use super::broker::{Broker, Client, Input, Tail};
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

const IN_PIECES: &str = "
title: Asks to keep a secret
id: 5b9b9dcb-3a2c-4a39-9c4d-6f2f6a1d0e01
name: keep_secret
detection:
  phrase: {text.joined|phrase: keep this a secret}
  condition: phrase
level: medium
";

/// A worker that is killed after each piece of a phrase reads what it needs of the earlier ones again, and makes nothing
/// else of them.
#[test]
fn a_phrase_cut_in_pieces_is_found_by_whoever_takes_over() {
    let broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "pieces", 1, IN_PIECES);
    let mut worker = site.start_ready("killed");
    let texts = ["please keep this a secret", "keep", "this a", "secret"];
    for (number, text) in (1..).zip(texts) {
        let event = serde_json::json!({
            "id": format!("m{number}"), "type": "chat.message", "text": text,
            "room": {"id": "r"}, "sender": {"id": "s"},
        });
        let input = Input { payload: Some(event.to_string().into_bytes()), ..Input::default() };
        client.produce(&site.input(), &[input]);
        client.await_consumed(site.group(), &site.input(), Duration::from_mins(1));
        worker.restart();
        worker.await_ready();
    }
    assert!(worker.stop().success(), "{}", worker.tail());
    let flags = site.outputs(&client).flags;
    let shown = flags.iter().map(|flag| {
        let flag = flag.json();
        let pieces = flag["evidence"].as_array().expect("a list").iter();
        let piece =
            |piece: &serde_json::Value| (piece["event_id"].clone(), piece["source"]["offset"].clone());
        pieces.map(piece).map(|(id, offset)| format!("{id}@{offset}")).collect::<Vec<_>>().join(" ")
    });
    assert_eq!(shown.collect::<Vec<_>>(), ["\"m1\"@0", "\"m2\"@1 \"m3\"@2 \"m4\"@3"]);
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
