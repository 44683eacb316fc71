//! Sessions, viewers, payments, calls and visibility beside chat: in rules that only their type selects, and together in correlations.

use super::{Event, START_MS, Stream, compiled, of_text};
use serde_json::{Value, json};
use std::sync::Arc;
use wardline::engine::profile::Profiler;
use wardline::event::Record;
use wardline::flag::Flag;
use wardline::worker::stage::{MatchStage, Settings};

const RULES: &str = r"
title: A session of two begins
id: one_to_one
name: one_to_one
logsource: {product: chat, category: session}
detection: {s: {type: [session.started, visibility.changed], session.visibility: one_to_one}, condition: s}
level: informational
review: {publish: false}
---
title: A small payment
id: pays_little
name: pays_little
logsource: {product: chat, category: payment}
detection: {s: {payment.amount_band: small}, condition: s}
level: informational
review: {publish: false}
---
title: A call at night, where who calls is
id: night_call
name: night_call
logsource: {product: chat, category: session}
detection: {s: {type: call.started, sender.hour_local|gte: 22}, condition: s}
level: informational
review: {publish: false}
---
title: Asks to watch
id: asks
name: asks
logsource: {product: chat, category: message}
detection: {s: {text|phrase: can i watch}, condition: s}
level: low
review: {publish: false}
---
title: A small payment within minutes of a session of two
id: paid_session
name: paid_session
level: low
correlation:
  type: temporal
  rules: [one_to_one, pays_little]
  group-by: [host]
  timespan: 10m
  aliases: {host: {one_to_one: session.host.id, pays_little: recipient.id}}
review: {publish: false}
---
title: Three paid sessions of one host
id: paid_thrice
name: paid_thrice
level: high
correlation: {type: event_count, rules: [paid_session], group-by: [host], timespan: 7d, condition: {gte: 3}}
---
title: Asks, then calls at night
id: asked_called
name: asked_called
level: medium
correlation: {type: temporal_ordered, rules: [asks, night_call], group-by: [pair.id], timespan: 12h}
";

fn event(minutes: i64, kind: &str, fields: &Value) -> Event {
    let mut event = json!({"type": kind, "time": START_MS + minutes * 60_000, "platform": "demo"});
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    Event { fields: event.as_object().unwrap().clone(), place: None, stamp: None }
}

fn session(minutes: i64, host: &str, visibility: &str) -> Event {
    let session = json!({"session": {"id": "s", "host": {"id": host}, "visibility": visibility}});
    event(minutes, "session.started", &session)
}

fn payment(minutes: i64, from: &str, to: &str, band: &str) -> Event {
    let payment = json!({"sender": {"id": from}, "recipient": {"id": to}, "payment": {"amount_band": band}});
    event(minutes, "payment", &payment)
}

fn flags(stream: &mut Stream, events: &[Event]) -> Vec<Flag> {
    events.iter().flat_map(|event| stream.take(event)).collect()
}

#[test]
fn small_payments_each_within_minutes_of_a_session_of_two() {
    let mut stream = Stream::of(compiled(&of_text(RULES)));
    let day = 24 * 60;
    let mut events = vec![payment(0, "p1", "h1", "small"), session(5, "h1", "one_to_one")];
    events.extend([session(day, "h1", "public"), payment(day + 2, "p2", "h1", "small")]);
    events.extend([session(2 * day, "h1", "one_to_one"), payment(2 * day + 20, "p2", "h1", "small")]);
    events.extend([session(3 * day, "h1", "one_to_one"), payment(3 * day + 9, "p3", "h1", "small")]);
    events.extend([payment(4 * day, "p1", "h1", "large"), session(4 * day + 1, "h1", "one_to_one")]);
    assert_eq!(flags(&mut stream, &events).len(), 0, "two of them at most");
    let last = [payment(5 * day, "p4", "h1", "small"), session(5 * day + 3, "h1", "one_to_one")];
    let found = flags(&mut stream, &last);
    let [flag] = found.as_slice() else { panic!("{} flags", found.len()) };
    let correlation = flag.correlation.as_ref().unwrap();
    assert_eq!((&*flag.rule.name, correlation.events, correlation.steps.len()), ("paid_thrice", 3, 6));
    let kinds: Vec<&str> = correlation.steps.iter().map(|step| &*step.kind).collect();
    assert_eq!(
        kinds,
        ["payment", "session.started", "session.started", "payment", "payment", "session.started"]
    );
    assert_eq!(correlation.key[0].value, "h1");
    let shown: Vec<_> =
        correlation.steps[0].evidence.iter().filter_map(|piece| piece.excerpt.as_deref()).collect();
    assert_eq!(shown, ["small"]);
}

#[test]
fn a_question_in_chat_and_a_call_at_the_caller_s_night() {
    let ask = |minutes| {
        let fields = json!({"sender": {"id": "a"}, "recipient": {"id": "b"}, "text": "can I watch?"});
        event(minutes, "chat.message", &fields)
    };
    // It begins at noon UTC; the caller is eleven hours ahead.
    let call = |minutes, offset: i64| {
        let fields = json!({"sender": {"id": "b", "tz_offset_min": offset}, "recipient": {"id": "a"}});
        event(minutes, "call.started", &fields)
    };
    for (offset, fires) in [(11 * 60, 1), (0, 0)] {
        let mut stream = Stream::of(compiled(&of_text(RULES)));
        assert_eq!(flags(&mut stream, &[ask(0), call(30, offset)]).len(), fires, "{offset}");
    }
}

const WATCHED: &str = r"
title: Joins and leaves
id: comes
name: comes
logsource: {product: chat, category: session}
detection: {s: {type: [viewer.joined, viewer.left]}, condition: s}
level: informational
review: {publish: false}
---
title: The session is for one from now on
id: closes
name: closes
logsource: {product: chat, category: session}
detection: {s: {type: visibility.changed, session.visibility: one_to_one}, condition: s}
level: informational
review: {publish: false}
---
title: A gift
id: gives
name: gives
logsource: {product: chat, category: payment}
detection: {s: {type: gift}, condition: s}
level: informational
review: {publish: false}
---
title: Comes and goes, gives, and is alone with the host
id: alone
name: alone
level: high
correlation: {type: temporal_ordered, rules: [comes, gives, closes], group-by: [session.id], timespan: 1h}
---
title: Comes and goes three times
id: restless
name: restless
level: low
correlation: {type: event_count, rules: [comes], group-by: [sender.id], timespan: 1h, condition: {gte: 3}}
";

#[test]
fn viewers_gifts_and_who_may_watch() {
    let seen = |minutes, kind, viewer: &str| {
        event(minutes, kind, &json!({"sender": {"id": viewer}, "session": {"id": "s1"}}))
    };
    let shown = |minutes, visibility: &str| {
        event(minutes, "visibility.changed", &json!({"session": {"id": "s1", "visibility": visibility}}))
    };
    let events = [
        seen(0, "viewer.joined", "p1"),
        seen(1, "viewer.left", "p1"),
        seen(2, "gift", "p2"),
        shown(3, "public"),
        seen(4, "viewer.joined", "p1"),
        shown(5, "one_to_one"),
    ];
    let mut stream = Stream::of(compiled(&of_text(WATCHED)));
    let found = flags(&mut stream, &events);
    let fired: Vec<_> = found.iter().map(|flag| (&*flag.rule.name, &*flag.time)).collect();
    let at = |minutes: i64| wardline::flag::rfc3339(START_MS + minutes * 60_000);
    assert_eq!(fired, [("restless", &*at(4)), ("alone", &*at(5))]);
    let steps = &found[1].correlation.as_ref().unwrap().steps;
    let kinds: Vec<&str> = steps.iter().map(|step| &*step.kind).collect();
    assert_eq!(kinds, ["viewer.left", "gift", "visibility.changed"], "of a step the latest that fits");
}

/// How many rules are tried on an event.
fn tried(event: Event) -> u64 {
    let program = compiled(&of_text(RULES));
    let topic = Arc::from("chat.events");
    let mut stage = MatchStage::new(Arc::clone(&program), Settings::default());
    let payload = Value::Object(event.fields).to_string();
    let payload = Some(payload.as_bytes());
    let record = Record { topic: &topic, partition: 0, offset: 0, timestamp: None, key: None, payload };
    let mut profiler = Profiler::new(program.rules(), || 0u64);
    stage.run_profiled(&[record], i64::MAX, &mut profiler);
    profiler.into_profile().rules().iter().map(|(_, cost)| cost.candidates).sum()
}

#[test]
fn rules_of_payments_are_not_tried_on_chat() {
    let said = json!({"sender": {"id": "a"}, "text": "small talk, one to one"});
    assert_eq!(tried(event(0, "chat.message", &said)), 0);
    let paid = json!({"sender": {"id": "a"}, "payment": {"amount_band": "small"}});
    assert_eq!(tried(event(0, "payment", &paid)), 1);
}
