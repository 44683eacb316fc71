//! Time and order, windows, distinct events, ordered chains: C1 to C8, C12 to C19.

use super::{Stream, a_then_b, at, codes, correlation, count, fired, places, step_seconds};
use serde_json::json;

#[test]
fn c01_time_is_the_event_s_own_in_milliseconds() {
    assert_eq!(places(&a_then_b("1s"), &[at(0.001, "a"), at(0.002, "b")]), [1]);
    assert_eq!(places(&a_then_b("1s"), &[at(0.001, "b"), at(0.002, "a")]), [0usize; 0]);
    assert_eq!(places(&a_then_b("1s"), &[at(0.0, "a"), at(0.999, "b")]), [1]);
}

#[test]
fn c02_of_one_time_the_place_in_the_log_decides() {
    let first = |event: &str| at(5.0, event).standing(0, 7);
    let second = |event: &str| at(5.0, event).standing(0, 8);
    let other = |event: &str| at(5.0, event).standing(1, 0);
    assert_eq!(places(&a_then_b("1m"), &[first("a"), second("b")]), [1]);
    assert_eq!(places(&a_then_b("1m"), &[second("b"), first("a")]), [1], "in whatever order they arrive");
    assert_eq!(places(&a_then_b("1m"), &[first("b"), second("a")]), [0usize; 0]);
    assert_eq!(places(&a_then_b("1m"), &[second("a"), other("b")]), [1], "partitions count before offsets");
}

#[test]
fn c03_nothing_is_too_late_and_a_bad_clock_moves_nothing() {
    let ahead = at(36_000.0, "a").from("other", "u2");
    assert_eq!(places(&a_then_b("30m"), &[ahead, at(0.0, "a"), at(60.0, "b")]), [2]);
    let bad = at(0.0, "a").with("time", json!("2099-01-01T00:00:00Z")).stamped(10);
    assert_eq!(places(&a_then_b("30m"), &[bad.clone(), at(60.0, "b").stamped(60)]), [1]);
    let of_another = bad.from("other", "u2");
    let events = [at(0.0, "a").stamped(0), of_another, at(60.0, "b").stamped(60)];
    assert_eq!(places(&a_then_b("30m"), &events), [2]);
}

#[test]
fn c04_a_late_event_is_folded_at_its_place() {
    let chain = correlation(
        "seq",
        "type: temporal_ordered, rules: [a, b, c], group-by: [sender.id], timespan: 30m",
        "",
    );
    assert_eq!(places(&chain, &[at(20.0, "c"), at(0.0, "a"), at(10.0, "b")]), [2]);
    assert_eq!(places(&count(3, "10s"), &[at(0.0, "a"), at(9.0, "a"), at(5.0, "a")]), [2]);
}

#[test]
fn c05_a_key_that_fires_in_order_fires_in_every_order() {
    let chain = correlation(
        "seq",
        "type: temporal_ordered, rules: [a, b, c], group-by: [sender.id], timespan: 30m",
        "",
    );
    let events = [at(0.0, "a"), at(20.0, "b"), at(59.0, "c")];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(places(&chain, &order.map(|index| events[index].clone())), [2], "{order:?}");
    }
}

#[test]
fn c06_a_difference_of_the_timespan_is_outside() {
    for (minutes, fires) in [(29.0, true), (30.0, false), (31.0, false)] {
        let fired = places(&a_then_b("30m"), &[at(0.0, "a"), at(60.0 * minutes, "b")]);
        assert_eq!(!fired.is_empty(), fires, "{minutes}");
        let fired = places(&count(2, "30m"), &[at(0.0, "a"), at(60.0 * minutes, "a")]);
        assert_eq!(!fired.is_empty(), fires, "{minutes}");
    }
}

#[test]
fn c07_what_leaves_a_window_is_decided_by_times_not_by_arrival() {
    // The third is late: with it there are two within 30 seconds of 101, not three.
    let events = [at(0.0, "a"), at(100.0, "a"), at(60.0, "a"), at(101.0, "a")];
    assert_eq!(places(&count(3, "30s"), &events), [0usize; 0]);
    let events = [at(80.0, "a"), at(100.0, "a"), at(60.0, "a"), at(101.0, "a")];
    assert_eq!(places(&count(3, "30s"), &events), [3]);
}

#[test]
fn c08_a_timespan_is_one_number_and_one_unit() {
    for timespan in ["1h30m", "banana", "31d", "0s", "-5m", "5"] {
        assert!(!codes(&a_then_b(timespan)).is_empty(), "{timespan}");
    }
    for timespan in ["90s", "30m", "12h", "30d", "4w"] {
        assert_eq!(codes(&a_then_b(timespan)), [""; 0], "{timespan}");
    }
}

#[test]
fn c12_one_event_fills_one_step_and_satisfies_all_parts_of_an_unordered_one() {
    assert_eq!(places(&a_then_b("30m"), &[at(0.0, "ab")]), [0usize; 0]);
    let together =
        correlation("both", "type: temporal, rules: [a, b], group-by: [sender.id], timespan: 30m", "");
    assert_eq!(places(&together, &[at(0.0, "ab")]), [0]);
}

#[test]
fn c13_steps_stand_one_after_another() {
    let same = |event| at(5.0, event).standing(0, 7);
    // The record's place is all that orders them, and it is the same.
    let events = [same("a").with("id", json!("1")), same("b").with("id", json!("2"))];
    assert_eq!(places(&a_then_b("30m"), &events), [0usize; 0]);
}

#[test]
fn c14_all_that_an_event_satisfies_is_folded_at_once() {
    // Were `a` of the second event folded first, it would take the place of the start that its `b` needs.
    assert_eq!(places(&a_then_b("30m"), &[at(0.0, "a"), at(60.0, "ab")]), [1]);
    let mut stream = Stream::new(&a_then_b("30m"));
    stream.take(&at(0.0, "a"));
    let flags = stream.take(&at(60.0, "ab"));
    assert_eq!(step_seconds(&flags[0]), [0, 60]);
    let rules = |step: usize| flags[0].correlation.as_ref().unwrap().steps[step].rules.clone();
    assert_eq!((rules(0).len(), rules(1).len(), &*rules(1)[0].name), (1, 1, "b"));
}

#[test]
fn c15_an_event_counts_once_by_its_id_and_by_its_place() {
    let named = at(0.0, "a").with("id", json!("m1"));
    let mut stream = Stream::new(&count(2, "30m"));
    let events = [named.clone().standing(0, 1), named.clone().standing(0, 9), named.standing(3, 2)];
    assert_eq!(stream.fired(&events), ["", "", ""]);
    assert_eq!(stream.stats.repeated, 2);
    let unnamed = at(0.0, "a").standing(0, 1);
    assert_eq!(fired(&count(2, "30m"), &[unnamed.clone(), unnamed.clone()]), ["", ""]);
    assert_eq!(fired(&count(2, "30m"), &[unnamed, at(0.0, "a").standing(0, 2)]), ["", "many"]);
}

#[test]
fn c15_what_completed_a_window_does_not_count_again() {
    let named = |second: f64, id: &str| at(second, "a").with("id", json!(id));
    let once = [named(0.0, "m0"), named(1.0, "m1"), named(2.0, "m2")];
    let again = [named(2.0, "m2"), named(0.0, "m0"), named(3.0, "m3"), named(4.0, "m4")];
    // Delivered again, they stand behind the floor.
    let events = [&once[..], &again].concat();
    assert_eq!(places(&count(3, "30m"), &events), [2]);
    assert_eq!(places(&count(3, "30m"), &[&events[..], &[named(5.0, "m5")]].concat()), [2, 7]);
}

#[test]
fn c16_the_latest_start_is_kept() {
    let mut stream = Stream::new(&a_then_b("30m"));
    assert_eq!(stream.fired(&[at(0.0, "a"), at(1_200.0, "a")]), ["", ""]);
    let flags = stream.take(&at(2_100.0, "b"));
    assert_eq!(step_seconds(&flags[0]), [1_200, 2_100]);
}

#[test]
fn c16_order_holds_between_all_steps_not_only_to_the_first() {
    let chain = correlation(
        "seq",
        "type: temporal_ordered, rules: [a, b, c], group-by: [sender.id], timespan: 30m",
        "",
    );
    assert_eq!(places(&chain, &[at(0.0, "a"), at(100.0, "c"), at(200.0, "b")]), [0usize; 0]);
    assert_eq!(places(&chain, &[at(0.0, "a"), at(100.0, "c"), at(200.0, "b"), at(300.0, "c")]), [3]);
}

#[test]
fn c17_what_completed_a_chain_begins_no_other() {
    let events = [at(0.0, "a"), at(60.0, "b"), at(120.0, "b"), at(180.0, "b")];
    assert_eq!(places(&a_then_b("30m"), &events), [1], "a, b, b, b fires once");
    // At or before the floor: of the case that was told.
    let events = [at(0.0, "a"), at(60.0, "b"), at(30.0, "a"), at(90.0, "b")];
    assert_eq!(places(&a_then_b("30m"), &events), [1]);
    let events: Vec<_> = (0..6).map(|second| at(f64::from(second), "a")).collect();
    assert_eq!(places(&count(3, "30m"), &events), [2, 5]);
}

#[test]
fn c18_what_is_suppressed_is_counted_into_the_next_flag() {
    let section = "type: event_count, rules: [a], group-by: [sender.id], timespan: 1m, condition: {gte: 1}";
    let mut stream = Stream::new(&correlation("once", section, "review: {suppress: 1h}"));
    let hours = [0.0, 0.5, 0.9, 1.0, 1.5, 2.1];
    let suppressed = hours.map(|hour| {
        let flags = stream.take(&at(hour * 3600.0, "a"));
        flags.first().map(|flag| flag.correlation.as_ref().unwrap().suppressed)
    });
    assert_eq!(suppressed, [Some(0), None, None, Some(2), None, Some(1)]);
    assert_eq!(stream.stats.rules["once"].suppressed, 3);
}

#[test]
fn c19_evidence_is_the_chain_that_was_kept() {
    let mut stream = Stream::new(&a_then_b("30m"));
    stream.take(&at(0.0, "a"));
    stream.take(&at(10.0, "c"));
    let flags = stream.take(&at(20.0, "b"));
    let correlation = flags[0].correlation.as_ref().unwrap();
    let shown: Vec<_> = correlation
        .steps
        .iter()
        .map(|step| (&*step.rules[0].name, step.evidence[0].excerpt.as_deref().unwrap()))
        .collect();
    assert_eq!(shown, [("a", "worda"), ("b", "wordb")]);
    assert_eq!((correlation.events, correlation.steps_omitted), (2, 0));
}
