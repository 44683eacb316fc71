//! Group keys: C9 to C11.

use super::{Stream, a_then_b, at, correlation, count, places};
use serde_json::json;

#[test]
fn c09_without_a_value_of_the_key_nothing_comes_together() {
    for value in [json!(null), json!(""), json!([])] {
        let mut stream = Stream::new(&count(2, "30m"));
        let event = |second| at(second, "a").with("sender.id", value.clone());
        assert_eq!(stream.fired(&[event(0.0), event(1.0), event(2.0)]), ["", "", ""], "{value}");
        assert_eq!((stream.stats.without_key, stream.hits), (3, 0), "{value}");
    }
    let mut stream = Stream::new(&count(2, "30m"));
    let mut event = at(0.0, "a");
    event.fields.remove("sender");
    assert_eq!(stream.fired(&[event.clone(), event]), ["", ""]);
}

#[test]
fn c10_two_ids_are_directed_and_a_pair_is_not() {
    let events = [at(0.0, "a").from("u1", "u2"), at(1.0, "b").from("u2", "u1")];
    assert_eq!(places(&a_then_b("30m"), &events), [0usize; 0]);
    let pair = correlation("pair", "type: temporal, rules: [a, b], group-by: [pair.id], timespan: 30m", "");
    assert_eq!(places(&pair, &events), [1]);
    assert_eq!(places(&pair, &[events[0].clone(), at(1.0, "b").from("u2", "u3")]), [0usize; 0]);
}

#[test]
fn c10_a_change_of_roles_is_written_with_aliases() {
    let section = "type: temporal_ordered, rules: [a, b], group-by: [child], timespan: 30m, \
                   aliases: {child: {a: recipient.id, b: sender.id}}";
    let documents = correlation("turns", section, "");
    assert_eq!(places(&documents, &[at(0.0, "a").from("u1", "u2"), at(1.0, "b").from("u2", "u3")]), [1]);
    assert_eq!(
        places(&documents, &[at(0.0, "a").from("u1", "u2"), at(1.0, "b").from("u1", "u2")]),
        [0usize; 0]
    );
    // Another correlation that reads the same name elsewhere is another matter.
    let other = section.replace("a: recipient.id, b: sender.id", "a: sender.id, b: recipient.id");
    let both = [documents, correlation("other", &other, "")].concat();
    let mut stream = Stream::new(&both);
    let events = [at(0.0, "a").from("u1", "u2"), at(1.0, "b").from("u2", "u1")];
    assert_eq!(stream.fired(&events), ["", "other turns"]);
}

#[test]
fn c11_an_event_reaches_each_group_key_once() {
    let documents = [
        a_then_b("30m"),
        a_then_b("1h").replace("seq", "seq2"),
        count(9, "30m"),
        correlation("rooms", "type: temporal, rules: [a, b], group-by: [room.id], timespan: 30m", ""),
    ];
    let mut stream = Stream::new(&documents.concat());
    stream.take(&at(0.0, "ab").with("room.id", json!("r1")));
    assert_eq!(stream.hits, 3, "by pair of ids, by sender, by room");
    stream.take(&at(1.0, "ab").with("room.id", json!(["r1", "r2", "r1"])));
    assert_eq!(stream.hits, 7, "and by each room, once");
    stream.take(&at(2.0, "c"));
    assert_eq!(stream.hits, 7, "a rule that feeds nothing");
}

#[test]
fn keys_of_platforms_and_tenants_do_not_mix() {
    for field in ["platform", "tenant"] {
        let events = [at(0.0, "a").with(field, json!("x")), at(1.0, "b").with(field, json!("y"))];
        assert_eq!(places(&a_then_b("30m"), &events), [0usize; 0], "{field}");
    }
}
