//! Every flag and every dead letter exactly once, whatever happens to the workers and the broker.

use super::broker::{Broker, Client};
use super::ledger::Promise;
use super::process::Signal;
use super::site::{Site, Wardline};
use super::trace::{Plan, RULES, Random, Trace};
use super::{feed, ledger, wait};
use std::time::Duration;

/// 300,000 events in six partitions while one of two workers is killed five times, a third comes and goes,
/// and the broker is restarted.
#[test]
fn kills_a_guest_and_a_broker_restart_lose_and_double_nothing() {
    let mut broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "bounces", 6, RULES);
    let plan = Plan::of(300_000);
    let (trace, mut random) = (Trace::new(&plan), Random(plan.seed));
    let mut steady = site.start_ready("steady");
    let mut killed = site.start_ready("killed");
    let feed = feed::Feed::start(&broker.address(), &site.input(), &trace, Duration::from_secs(75));
    for kill in 1..=5 {
        let pause = 2000 + random.below(6000);
        println!("kill {kill} after another {pause} ms");
        wait::pass(Duration::from_millis(pause as u64));
        killed.restart();
        steady.revive();
        if kill == 2 {
            let mut guest = site.start_with("guest", &[("kafka", "leave_group_on_stop = true")]);
            guest.await_ready();
            client.await_members(site.group(), 3, Duration::from_mins(1));
            wait::pass(Duration::from_secs(3));
            assert!(guest.stop().success(), "{}", guest.tail());
        }
        if kill == 4 {
            broker.kill();
            broker.restart();
        }
    }
    feed.finish();
    await_consumed(&client, &site, &mut [&mut steady, &mut killed]);
    for worker in [&mut steady, &mut killed] {
        assert!(worker.stop().success(), "{}", worker.tail());
    }
    let flags = ledger::audit(&trace, &site.outputs(&client), Promise::ExactlyOnce);
    ledger::compare_with_scan(&flags, &feed::scan(&site, &trace));
}

/// A worker that hangs longer than its session lasts and then goes on where it was, a zombie, adds nothing
/// and loses nothing.
#[test]
fn a_zombie_adds_nothing_and_loses_nothing() {
    let broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "zombie", 6, RULES);
    let trace = Trace::new(&Plan::of(60_000));
    let mut steady = site.start_ready("steady");
    let mut zombie = site.start_ready("zombie");
    client.await_members(site.group(), 2, Duration::from_mins(1));
    let feed = feed::Feed::start(&broker.address(), &site.input(), &trace, Duration::from_secs(40));
    wait::pass(Duration::from_secs(5));
    zombie.signal(Signal::Stop);
    wait::pass(Duration::from_secs(15));
    client.await_members(site.group(), 1, Duration::from_secs(30));
    zombie.signal(Signal::Cont);
    feed.finish();
    await_consumed(&client, &site, &mut [&mut zombie]);
    client.await_members(site.group(), 2, Duration::from_mins(1));
    for worker in [&mut steady, &mut zombie] {
        assert!(worker.stop().success(), "{}", worker.tail());
    }
    ledger::audit(&trace, &site.outputs(&client), Promise::ExactlyOnce);
}

/// The broker hangs for longer than a session lasts, and then dies and comes back.
#[test]
fn a_broker_that_hangs_and_one_that_crashes_cost_nothing() {
    let mut broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "outages", 6, RULES);
    let trace = Trace::new(&Plan::of(60_000));
    let (mut one, mut two) = (site.start_ready("one"), site.start_ready("two"));
    let feed = feed::Feed::start(&broker.address(), &site.input(), &trace, Duration::from_secs(30));
    wait::pass(Duration::from_secs(4));
    broker.freeze();
    wait::pass(Duration::from_secs(10));
    broker.thaw();
    wait::pass(Duration::from_secs(8));
    broker.kill();
    broker.restart();
    feed.finish();
    await_consumed(&client, &site, &mut [&mut one, &mut two]);
    for worker in [&mut one, &mut two] {
        assert!(worker.stop().success(), "{}", worker.tail());
    }
    ledger::audit(&trace, &site.outputs(&client), Promise::ExactlyOnce);
}

/// The other delivery: kills may double, nothing else, and never lose.
#[test]
fn at_least_once_loses_nothing_and_doubles_only_the_same() {
    let broker = Broker::shared();
    let client = broker.client();
    let mut site = Site::new(&broker, "atleast", 6, RULES);
    site.set("kafka", "delivery = \"at-least-once\"");
    let trace = Trace::new(&Plan { risky: 100, ..Plan::of(60_000) });
    let mut steady = site.start_ready("steady");
    let mut killed = site.start_ready("killed");
    let feed = feed::Feed::start(&broker.address(), &site.input(), &trace, Duration::from_secs(20));
    for _ in 0..3 {
        wait::pass(Duration::from_secs(5));
        killed.restart();
    }
    feed.finish();
    killed.await_ready();
    client.await_consumed(site.group(), &site.input(), Duration::from_mins(1));
    for worker in [&mut steady, &mut killed] {
        assert!(worker.stop().success(), "{}", worker.tail());
    }
    let outputs = site.outputs(&client);
    ledger::audit(&trace, &outputs, Promise::AtLeastOnce);
    println!(
        "{} flags and {} dead letters for {} fates",
        outputs.flags.len(),
        outputs.dead.len(),
        trace.fates.len()
    );
}

/// Waits until the group has committed all input; starts those of `workers` again that have ended.
fn await_consumed(client: &Client, site: &Site, workers: &mut [&mut Wardline]) {
    wait::until("the group to commit all input", Duration::from_mins(3), || {
        for worker in &mut *workers {
            worker.revive();
        }
        match client.unconsumed(site.group(), &site.input())? {
            0 => Ok(()),
            left => Err(format!("{left} records left")),
        }
    });
}
