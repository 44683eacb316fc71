//! Correlations on a real broker: what comes together is flagged as a scan of the same events flags it, whatever happens to those
//! who match and those who correlate.
//!
//! Events of one room stand in one partition, so the keys of rooms and pairs have their hits from one match worker, in order: their
//! flags must be the scan's, id and evidence included. A sender writes in several rooms, in several partitions: the same keys must
//! fire, but which events complete them may differ.

#![expect(clippy::disallowed_methods, reason = "writes the files that are scanned")]

use super::broker::{Broker, Client, Input, Stored};
use super::feed::{Feed, hour_ago};
use super::process::{self, Signal};
use super::site::{PATIENCE, Site, Wardline};
use super::trace::Random;
use super::wait;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

/// Partitions of the input.
const PARTITIONS: usize = 6;

/// Correlations whose keys have all of their events in one partition.
const OF_ONE_PARTITION: [&str; 4] = ["seq", "many", "risk", "talk"];

fn rules() -> String {
    let mut text = String::new();
    for (name, score) in [("ra", 10), ("rb", 20), ("rc", 30)] {
        let word = name.replace('r', "word");
        let rule = json!({"title": name, "id": name, "name": name, "level": "low",
            "detection": {"s": {"text|word": word}, "condition": "s"},
            "review": {"score": score, "publish": false}});
        text += &*format!("{rule}\n---\n");
    }
    let by_pair = "sender.id, recipient.id";
    let sections = [
        ("seq", "temporal_ordered", "ra, rb, rc", by_pair, "", "24h"),
        ("many", "event_count", "ra", "room.id", ", condition: {gte: 3}", ""),
        ("risk", "value_sum", "ra, rb, rc", "pair.id", ", condition: {gte: 50, field: rule.score}", ""),
        ("talk", "temporal", "many, rb", "room.id", "", "1h"),
        ("kinds", "temporal", "ra, rb, rc", "sender.id", "", ""),
        ("above", "temporal_ordered", "seq, rc", "sender.id", "", ""),
    ];
    for (name, kind, rules, keys, condition, suppress) in sections {
        let review =
            if suppress.is_empty() { String::new() } else { format!("review: {{suppress: {suppress}}}\n") };
        text += &*format!(
            "title: {name}\nid: {name}\nname: {name}\nlevel: high\ncorrelation: {{type: {kind}, rules: [{rules}], \
             group-by: [{keys}], timespan: 30m{condition}}}\n{review}---\n"
        );
    }
    text
}

/// Talk in rooms of pairs, within fifty seconds of its own time: out of order by no more than windows allow for, however
/// differently partitions are read.
fn talk(seed: u64, count: usize) -> Vec<Input> {
    let (mut random, begin) = (Random(seed), hour_ago());
    let of = |number: usize, random: &mut Random| {
        let (sender, other) = (random.below(100), random.below(5));
        let room = format!("r{sender}-{other}");
        let word = ["worda", "wordb", "wordc"].get(random.below(40)).copied().unwrap_or("nothing");
        let time = begin + i64::try_from(number * 50_000 / count).expect("small");
        let event = json!({"id": format!("m{number}"), "time": time, "type": "chat.message", "platform": "demo",
            "sender": {"id": format!("u{sender}")}, "recipient": {"id": format!("v{other}")},
            "room": {"id": room, "kind": "direct"}, "text": format!("{word} {number}")});
        Input {
            partition: i32::try_from((sender + other) % PARTITIONS).expect("small"),
            key: Some(room.into_bytes()),
            payload: Some(event.to_string().into_bytes()),
            timestamp: None,
            headers: Vec::new(),
        }
    };
    (0..count).map(|number| of(number, &mut random)).collect()
}

/// A site with topics of correlations.
fn site(broker: &Broker, name: &str) -> Site {
    let mut site = Site::new(broker, name, i32::try_from(PARTITIONS).expect("small"), &rules());
    site.set("topics", "create = true").set("topics", "partitions = 6").set("workers", "count = 2");
    site
}

/// What a scan of the same events flags, in the order of their times.
fn scan(site: &Site, inputs: &[Input]) -> Vec<Value> {
    let mut command = site.command(&["scan", "--rules", "rules", "--order", "time"]);
    for partition in 0..PARTITIONS {
        let own = inputs.iter().filter(|input| usize::try_from(input.partition) == Ok(partition));
        let lines: Vec<u8> =
            own.flat_map(|input| [input.payload.as_deref().unwrap_or_default(), b"\n"].concat()).collect();
        let name = format!("p{partition}.jsonl");
        fs::write(site.path(&name), lines).expect("the site's directory is writable");
        command.arg(name);
    }
    let lines = process::run("wardline scan", &mut command);
    lines.lines().map(|line| serde_json::from_str(line).expect("scan writes JSON Lines")).collect()
}

/// Without what a file and a topic name differently.
fn essence(flag: &Value) -> Value {
    let mut flag = flag.clone();
    strip(&mut flag);
    flag
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for place in ["topic", "partition", "offset"] {
                object.remove(place);
            }
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

fn name(flag: &Value) -> &str {
    flag["rule"]["name"].as_str().expect("a name")
}

/// The flags of keys with all their events in one partition, by id; and which other keys fired.
type Found = (BTreeMap<String, Value>, BTreeSet<String>);

fn found(flags: &[Value]) -> Found {
    let (mut exact, mut fired) = (BTreeMap::new(), BTreeSet::new());
    for flag in flags {
        if OF_ONE_PARTITION.contains(&name(flag)) {
            let id = flag["flag_id"].as_str().expect("an id").to_owned();
            assert!(exact.insert(id, essence(flag)).is_none(), "a flag doubled: {flag}");
        } else {
            fired.insert(format!("{} {}", name(flag), flag["correlation"]["key"]));
        }
    }
    (exact, fired)
}

/// Holds what was published against a scan.
fn compare(site: &Site, client: &Client, inputs: &[Input]) {
    let published: Vec<Value> = client.read(&site.flags()).iter().map(Stored::json).collect();
    let (run, scanned) = (found(&published), found(&scan(site, inputs)));
    for name in OF_ONE_PARTITION {
        let of = |found: &Found| found.0.values().filter(|flag| flag["rule"]["name"] == name).count();
        assert!(of(&scanned) > 20, "{name} fires {} times only", of(&scanned));
    }
    let missing: Vec<&Value> =
        scanned.0.iter().filter(|(id, _)| !run.0.contains_key(*id)).map(|(_, flag)| flag).collect();
    let extra: Vec<&Value> =
        run.0.iter().filter(|(id, _)| !scanned.0.contains_key(*id)).map(|(_, flag)| flag).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{} missing, {} extra of {}: {:?} {:?}",
        missing.len(),
        extra.len(),
        scanned.0.len(),
        missing.first(),
        extra.first()
    );
    let differs = scanned.0.iter().find(|(id, flag)| run.0[*id] != **flag);
    assert_eq!(differs, None, "{:?}", differs.map(|(id, _)| &run.0[id]));
    assert!(scanned.1.len() > 50, "{} other keys fire only", scanned.1.len());
    let differ: Vec<&String> = run.1.symmetric_difference(&scanned.1).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

/// Waits until all input, and all hits, are done.
fn await_done(client: &Client, site: &Site, workers: &mut [&mut Wardline]) {
    let correlating = format!("{}-correlate", site.group());
    wait::until("all events and hits to be done", Duration::from_mins(3), || {
        for worker in &mut *workers {
            worker.revive();
        }
        let events = client.unconsumed(site.group(), &site.input())?;
        if events > 0 {
            return Err(format!("{events} events left"));
        }
        let hits = unfolded(client, &correlating, &site.hits())?;
        if hits == 0 { Ok(()) } else { Err(format!("{hits} hits left")) }
    });
}

/// How many hits are not done. Behind the last of them there may be the end of a transaction, which nobody reads.
fn unfolded(client: &Client, group: &str, topic: &str) -> Result<usize, String> {
    // In this order: what is committed has sent all the hits that follow from it.
    let committed = client.committed(group, topic)?;
    let hits = client.read(topic);
    let open = |hit: &&Stored| committed.get(&hit.partition).is_none_or(|next| hit.offset >= *next);
    Ok(hits.iter().filter(open).count())
}

/// Waits until all is done, stops the workers, and holds what they published against a scan.
fn conclude(client: &Client, site: &Site, inputs: &[Input], mut workers: [&mut Wardline; 2]) {
    await_done(client, site, &mut workers);
    for worker in workers {
        assert!(worker.stop().success(), "{}", worker.tail());
    }
    compare(site, client, inputs);
}

#[test]
fn two_processes_flag_what_a_scan_flags() {
    let broker = Broker::shared();
    let (client, site) = (broker.client(), site(&broker, "together"));
    let inputs = talk(super::feed::seed(), 60_000);
    let mut one = site.start_ready("one");
    let mut two = site.start_ready("two");
    Feed::of(&broker.address(), &site.input(), inputs.clone(), Duration::from_secs(10)).finish();
    conclude(&client, &site, &inputs, [&mut one, &mut two]);
}

#[test]
fn ten_kills_and_a_guest_change_nothing() {
    let broker = Broker::shared();
    let (client, site) = (broker.client(), site(&broker, "harmed"));
    let seed = super::feed::seed();
    let (inputs, mut random) = (talk(seed, 120_000), Random(seed));
    let mut steady = site.start_ready("steady");
    let mut killed = site.start_ready("killed");
    let feed = Feed::of(&broker.address(), &site.input(), inputs.clone(), Duration::from_mins(1));
    for kill in 1..=10 {
        wait::pass(Duration::from_millis(2_000 + random.below(4_000) as u64));
        if kill % 2 == 0 { &mut steady } else { &mut killed }.restart();
        if kill == 4 {
            // It takes partitions of both topics over and gives them back, while hits come.
            let mut guest = site.start_with("guest", &[("kafka", "leave_group_on_stop = true")]);
            guest.await_ready();
            wait::until_true("the guest to fold hits", Duration::from_mins(1), || {
                guest.metric("wardline_hits_read_total", "").is_some_and(|hits| hits > 0.0)
            });
            assert!(guest.stop().success(), "{}", guest.tail());
        }
    }
    feed.finish();
    conclude(&client, &site, &inputs, [&mut steady, &mut killed]);
}

#[test]
fn kills_of_either_role_change_nothing() {
    let broker = Broker::shared();
    let (client, site) = (broker.client(), site(&broker, "either"));
    let seed = super::feed::seed();
    let (inputs, mut random) = (talk(seed, 60_000), Random(seed));
    let mut matching = site.start_matching("matching");
    let mut correlating = site.start_correlating("correlating");
    for worker in [&mut matching, &mut correlating] {
        worker.await_ready();
    }
    let feed = Feed::of(&broker.address(), &site.input(), inputs.clone(), Duration::from_secs(30));
    for kill in 1..=10 {
        wait::pass(Duration::from_millis(1_000 + random.below(3_000) as u64));
        if kill % 2 == 0 { &mut matching } else { &mut correlating }.restart();
    }
    feed.finish();
    conclude(&client, &site, &inputs, [&mut matching, &mut correlating]);
}

#[test]
fn the_roles_apart_flag_the_same_and_a_replay_flags_it_again() {
    let broker = Broker::shared();
    let client = broker.client();
    let inputs = talk(super::feed::seed(), 30_000);
    let mut flags = Vec::new();
    for name in ["apart", "replay"] {
        let site = site(&broker, name);
        let mut matching = site.start_matching("matching");
        matching.await_ready();
        client.produce(&site.input(), &inputs);
        client.await_consumed(site.group(), &site.input(), PATIENCE);
        // The hits wait for who correlates.
        let mut correlating = site.start_correlating("correlating");
        conclude(&client, &site, &inputs, [&mut matching, &mut correlating]);
        flags.push(
            client
                .read(&site.flags())
                .iter()
                .map(|flag| essence(&flag.json()))
                .map(|flag| flag.to_string())
                .collect::<BTreeSet<_>>(),
        );
    }
    let of_one = |set: &BTreeSet<String>| {
        set.iter()
            .filter(|flag| !flag.contains("\"kinds\"") && !flag.contains("\"above\""))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(of_one(&flags[0]), of_one(&flags[1]));
}

/// What a sender writes to `v`: an event of that time in a record of that time stamp.
fn said(partition: i32, number: i64, (stamp, time): (i64, Value), (sender, text): (&str, &str)) -> Input {
    let event = json!({"id": format!("m{partition}-{number}"), "time": time, "type": "chat.message",
        "platform": "demo", "sender": {"id": sender}, "recipient": {"id": "v"}, "text": text});
    let payload = Some(event.to_string().into_bytes());
    Input { partition, key: None, payload, timestamp: Some(stamp), headers: Vec::new() }
}

#[test]
fn a_paused_partition_completes_its_chains_and_a_bad_clock_nothing() {
    let broker = Broker::shared();
    let (client, site) = (broker.client(), site(&broker, "paused"));
    let begin = hour_ago() - 3_600_000;
    let minute = |minute: i64| begin + minute * 60_000;
    let event = |partition, number, time, sender: &str, word: &str| {
        said(partition, number, (begin, time), (sender, word))
    };
    let mut worker = site.start_ready("worker");
    let mut all = Vec::new();
    let mut wave = |inputs: Vec<Input>, worker: &mut Wardline| {
        client.produce(&site.input(), &inputs);
        await_done(&client, &site, &mut [worker]);
        all.extend(inputs);
    };
    // The first step in every partition; then partition 0 pauses for seventy minutes of the others' time.
    let of = |number: i64, word: &str, partitions: std::ops::Range<i32>| -> Vec<Input> {
        partitions
            .map(|partition| event(partition, number, json!(minute(number)), &format!("u{partition}"), word))
            .collect()
    };
    wave(of(0, "worda", 0..6), &mut worker);
    wave(vec![event(5, 99, json!("2099-01-01T00:00:00Z"), CLOCK, "worda")], &mut worker);
    for (number, word) in [(10, "wordb"), (20, "wordc"), (70, "worda")] {
        wave(of(number, word, 1..6), &mut worker);
    }
    for (number, word) in [(10, "wordb"), (20, "wordc")] {
        wave(of(number, word, 0..1), &mut worker);
    }
    assert!(worker.stop().success(), "{}", worker.tail());
    let flags: Vec<Value> = client.read(&site.flags()).iter().map(Stored::json).collect();
    let chains = flags.iter().filter(|flag| name(flag) == "seq");
    let senders: BTreeSet<&str> =
        chains.filter_map(|flag| flag["subjects"]["sender"]["id"].as_str()).collect();
    assert_eq!(senders, BTreeSet::from(["u0", "u1", "u2", "u3", "u4", "u5"]));
    // All of the others' flags are those of a scan that never saw the bad clock, among whose hits theirs stood.
    let good: Vec<Input> = all.into_iter().filter(|input| !tells(input.payload.as_deref(), CLOCK)).collect();
    let (run, scanned) = (found(&flags), found(&scan(&site, &good)));
    assert_eq!(run.0.keys().collect::<Vec<_>>(), scanned.0.keys().collect::<Vec<_>>());
    assert_eq!(run.1, scanned.1);
    let hits = client.read(&site.hits());
    let of_clock: BTreeSet<i32> =
        hits.iter().filter(|hit| tells(hit.key.as_deref(), CLOCK)).map(|hit| hit.partition).collect();
    let beside = hits.iter().filter(|hit| of_clock.contains(&hit.partition));
    let beside = beside.filter(|hit| !tells(hit.key.as_deref(), CLOCK)).count();
    assert!(beside > 10, "{beside} hits of others stand in the partitions of the bad clock's");
}

/// Rules in which `seq` looks back by another time, and `kinds` has another title.
fn other_rules(minutes: u32, title: &str) -> String {
    let own = "group-by: [sender.id, recipient.id], timespan: ";
    let changed = rules().replace(&format!("{own}30m"), &format!("{own}{minutes}m"));
    assert_ne!(changed, rules());
    changed.replace("title: kinds", &format!("title: {title}"))
}

/// The names of those whose windows began anew in a worker.
fn restarted(worker: &Wardline) -> Vec<&'static str> {
    let anew = |name: &&str| {
        let label = format!("rule=\"{name}\"");
        worker.metric("wardline_windows_restarted_total", &label).is_some_and(|times| times > 0.0)
    };
    ["seq", "many", "risk", "talk", "kinds", "above"].into_iter().filter(anew).collect()
}

#[test]
fn changed_correlations_begin_anew_and_the_others_go_on() {
    let broker = Broker::shared();
    let (client, site) = (broker.client(), site(&broker, "changed"));
    let begin = hour_ago();
    let mut told = 0;
    let mut wave = |words: &str, worker: &mut Wardline| -> BTreeMap<String, usize> {
        let number = told;
        told += 1;
        let time = json!(begin + number * 1000);
        let event = |partition: i32| {
            said(partition, number, (begin, time.clone()), (&format!("u{partition}"), words))
        };
        client.produce(&site.input(), &(0..6).map(event).collect::<Vec<_>>());
        await_done(&client, &site, &mut [worker]);
        let flags: Vec<Value> = client.read(&site.flags()).iter().map(Stored::json).collect();
        let own = |flag: &&Value| {
            flag["source"]["event_id"].as_str().is_some_and(|id| id.ends_with(&format!("-{number}")))
        };
        flags.iter().filter(own).fold(BTreeMap::new(), |mut fired, flag| {
            *fired.entry(name(flag).to_owned()).or_default() += 1;
            fired
        })
    };
    let all = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 6)).collect::<BTreeMap<_, _>>();
    let mut worker = site.start_ready("worker");
    assert_eq!(wave("worda", &mut worker), all(&[]));
    // A reload: `seq` forgets the first step. `kinds`, of another title, does not.
    site.write_rules(&other_rules(29, "Other"));
    worker.signal(Signal::Hup);
    wait::until_true("the reload", PATIENCE, || {
        worker.metric("wardline_reloads_total", "").is_some_and(|reloads| reloads >= 1.0)
    });
    assert_eq!(wave("wordb", &mut worker), all(&[]));
    assert_eq!(wave("wordc", &mut worker), all(&["kinds", "risk"]));
    assert_eq!(restarted(&worker), ["seq"], "above, which takes it in, had nothing to forget");
    assert_eq!(wave("worda", &mut worker), all(&[]));
    // Another process with other rules, which knows the windows from their topic.
    assert!(worker.stop().success(), "{}", worker.tail());
    site.write_rules(&other_rules(28, "Third"));
    worker.restart();
    worker.await_ready();
    assert_eq!(wave("wordb", &mut worker), all(&[]));
    assert_eq!(wave("wordc", &mut worker), all(&["kinds", "risk"]));
    assert_eq!(restarted(&worker), ["seq", "above"], "which held the last of the words by then");
    // And a third with the same: what began anew is there.
    assert_eq!(wave("worda", &mut worker), all(&[]));
    worker.restart();
    worker.await_ready();
    assert_eq!(wave("wordb", &mut worker), all(&[]));
    assert_eq!(wave("wordc", &mut worker), all(&["kinds", "risk", "seq"]));
    assert_eq!(restarted(&worker), [""; 0]);
    assert!(worker.stop().success(), "{}", worker.tail());
}

/// The sender whose clock is wrong.
const CLOCK: &str = "clock";

fn tells(bytes: Option<&[u8]>, word: &str) -> bool {
    bytes.is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(word))
}
