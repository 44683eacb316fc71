//! New rules while events flow: every event is judged by exactly one rule set, and a broken rule file
//! changes nothing but what `/readyz` says.

use super::broker::{Broker, Stored};
use super::process::Signal;
use super::site::{PATIENCE, Site, Wardline};
use super::trace::{Fate, Plan, Random, Trace};
use super::{feed, ledger, wait};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Two rules on the same phrase, told apart by the edition they belong to: an event judged by one rule set
/// has both flags of one edition, one judged by two or none shows it.
fn rules(edition: u32) -> String {
    let rule = |part: u32| {
        format!(
            "title: Edition {edition}, part {part}\n\
             id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d{edition:02}{part:02}\n\
             name: edition_{edition}_{part}\n\
             status: test\n\
             logsource: {{product: chat, category: message}}\n\
             detection:\n  phrases: {{\"text|phrase\": \"how old are you\"}}\n  condition: phrases\n\
             level: low\n"
        )
    };
    format!("{}---\n{}", rule(1), rule(2))
}

#[test]
fn every_event_is_judged_by_exactly_one_rule_set() {
    let broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "reload", 4, &rules(0));
    let plan = Plan { partitions: 4, risky: 200, ..Plan::of(60_000) };
    let (trace, mut random) = (Trace::new(&plan), Random(plan.seed));
    let mut worker = site.start_ready("worker");
    let feed = feed::Feed::start(&broker.address(), &site.input(), &trace, Duration::from_secs(25));
    for edition in 1..=6 {
        wait::pass(Duration::from_millis(1500 + random.below(1000) as u64));
        site.write_rules(&rules(edition));
        if edition % 2 == 0 {
            worker.signal(Signal::Hup);
        }
        await_reloads(&worker, edition);
    }
    feed.finish();
    client.await_consumed(site.group(), &site.input(), Duration::from_mins(1));
    assert!(worker.stop().success(), "{}", worker.tail());
    let flags = client.read(&site.flags());
    let asked = |fate: &&Fate| matches!(fate, Fate::Flags(rules) if rules.contains(&"ask_age"));
    let due = trace.fates.values().filter(asked).count();
    let editions = judge(&flags, due);
    assert_eq!(editions.len(), 7, "flags of every edition: {editions:?}");
}

#[test]
fn a_broken_rule_file_leaves_the_old_set_and_shows() {
    let broker = Broker::shared();
    let client = broker.client();
    let site = Site::new(&broker, "broken", 2, &rules(0));
    let mut worker = site.start_ready("worker");
    let trace = Trace::new(&Plan { partitions: 2, risky: 300, ..Plan::of(2_000) });
    site.write_rules("title: [unfinished\ndetection\n");
    wait::until("the failed reload to show", PATIENCE, || {
        let failed = worker.metric("wardline_reloads_failed_total", "").unwrap_or_default();
        let (_, body) = worker.get("/readyz").map_err(|error| error.to_string())?;
        if failed > 0.0 && body.contains("rule") { Ok(()) } else { Err(format!("{failed} {body}")) }
    });
    println!("/readyz: {:?}", worker.get("/readyz").unwrap());
    client.produce(&site.input(), &trace.inputs);
    client.await_consumed(site.group(), &site.input(), PATIENCE);
    let flags = client.read(&site.flags());
    assert!(!flags.is_empty());
    assert!(flags.iter().all(|flag| ledger::flag(flag).0.2.starts_with("edition_0_")));
    site.write_rules(&rules(1));
    wait::until("the repaired rules", PATIENCE, || match worker.get("/readyz") {
        Ok((200, body)) if worker.metric("wardline_ruleset_stale", "") == Some(0.0) => Ok(body),
        other => Err(format!("{other:?}")),
    });
    assert!(worker.stop().success(), "{}", worker.tail());
}

fn await_reloads(worker: &Wardline, count: u32) {
    wait::until("the reload", PATIENCE, || match worker.metric("wardline_reloads_total", "") {
        Some(reloads) if reloads >= f64::from(count) => Ok(()),
        other => Err(format!("{other:?} reloads")),
    });
}

/// Checks each event's flags and gives the editions with their digests.
fn judge(flags: &[Stored], due: usize) -> BTreeMap<String, String> {
    let mut events: BTreeMap<(i32, i64), Vec<(String, String)>> = BTreeMap::new();
    for record in flags {
        let ((partition, offset, rule), flag) = ledger::flag(record);
        let digest = flag["ruleset"].as_str().expect("a rule set's digest").to_owned();
        events.entry((partition, offset)).or_default().push((rule, digest));
    }
    assert_eq!(events.len(), due, "events with flags");
    let mut editions = BTreeMap::new();
    for (place, mut judged) in events {
        judged.sort();
        let edition = judged[0].0.strip_suffix("_1").unwrap_or_default().to_owned();
        let digest = judged[0].1.clone();
        let expected = [1, 2].map(|part| (format!("{edition}_{part}"), digest.clone()));
        assert_eq!(judged, expected, "the event at {place:?}");
        let other = editions.insert(edition.clone(), digest.clone());
        assert!(other.is_none_or(|other| other == digest), "{edition} has two digests");
    }
    let digests: BTreeSet<&String> = editions.values().collect();
    assert_eq!(digests.len(), editions.len(), "editions share a digest: {editions:?}");
    editions
}
