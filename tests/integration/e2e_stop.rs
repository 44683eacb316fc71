//! A stop for a restart: nothing is lost or doubled, and the group does not notice.

use super::broker::{Broker, Member};
use super::ledger::Promise;
use super::site::Site;
use super::trace::{Plan, RULES, Trace};
use super::{feed, ledger, wait};
use std::time::Duration;

#[test]
fn sigterm_under_load_loses_nothing_and_the_restart_rebalances_nothing() {
    let broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "restart", 6, RULES);
    let trace = Trace::new(&Plan { risky: 50, ..Plan::of(60_000) });
    let mut steady = site.start_ready("steady");
    let mut restarted = site.start_ready("restarted");
    let before = client.await_members(site.group(), 2, Duration::from_mins(1));
    let feed = feed::Feed::start(&broker.address(), &site.input(), &trace, Duration::from_secs(25));
    wait::pass(Duration::from_secs(3));
    let generation = client.generation(site.group());
    let rebalances = steady.metric("wardline_rebalances_total", "");
    assert!(generation.is_some() && rebalances.is_some(), "{generation:?} {rebalances:?}");
    for _ in 0..3 {
        let end = restarted.stop();
        assert_eq!(end.code(), Some(0), "{}", restarted.tail());
        restarted.restart();
        restarted.await_ready();
        wait::pass(Duration::from_secs(2));
    }
    let after = client.await_members(site.group(), 2, Duration::from_mins(1));
    feed.finish();
    client.await_consumed(site.group(), &site.input(), Duration::from_mins(1));
    assert_eq!(owners(&before), owners(&after));
    assert_eq!(client.generation(site.group()), generation, "the group was rebalanced");
    assert_eq!(steady.metric("wardline_rebalances_total", ""), rebalances);
    for worker in [&mut steady, &mut restarted] {
        assert!(worker.stop().success(), "{}", worker.tail());
    }
    ledger::audit(&trace, &site.outputs(&client), Promise::ExactlyOnce);
}

#[test]
fn a_member_that_leaves_hands_over_at_once() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut site = Site::new(&broker, "leaving", 6, RULES);
    site.set("kafka", "leave_group_on_stop = true").set("kafka", "session_timeout = \"40s\"");
    let mut steady = site.start_ready("steady");
    let mut leaving = site.start_ready("leaving");
    client.await_members(site.group(), 2, Duration::from_mins(1));
    assert!(leaving.stop().success(), "{}", leaving.tail());
    // Far less than the session: it was not the time-out that removed it.
    let left = client.await_members(site.group(), 1, Duration::from_secs(15));
    assert_eq!(left[0].partitions.len(), 6);
    assert!(steady.stop().success(), "{}", steady.tail());
}

/// Who owns what; member ids change at every start, a static member's partitions do not.
fn owners(members: &[Member]) -> Vec<(&str, &[(String, i32)])> {
    members.iter().map(|member| (member.client.as_str(), member.partitions.as_slice())).collect()
}
