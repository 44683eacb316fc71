//! The same explanations for tools, as one JSON object. rules/LANGUAGE.md says what is in it, under "What explain tells tools".
//!
//! Within a `schema`, keys may be added; none goes away or changes its meaning.

use super::show;
use super::windows::{Windows, number};
use crate::cli::sequence::Met;
use crate::correlate::trace::{Change, Lacks, Standing, Taken, Why};
use crate::correlate::window::Item;
use crate::correlate::{Firing, GroupKey, Step, Trigger};
use crate::engine::trace::{Found, Kind, Part, Reason, Trace};
use crate::event::{Batch, DecodeError, Scalar};
use crate::flag::rfc3339;
use crate::rule::Code;
use crate::rule::codes::Example;
use crate::rule::model::Rule;
use serde_json::{Map, Number, Value, json};

/// Grows when a key changes its meaning.
const SCHEMA: u32 = 1;

/// A rule, with what there is to say of events.
pub(super) fn of_rule(rule: &Rule, events: &[Value]) -> Value {
    let head = json!({
        "kind": "rule",
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "file": &*rule.origin.file,
        "line": rule.origin.line,
    });
    json!({"schema": SCHEMA, "rule": head, "events": events})
}

/// What there is to say of an event.
pub(super) fn event(name: &str, trace: &Trace<'_>, batch: &Batch) -> Value {
    let texts = show::texts(trace).into_iter().map(|(value, name)| {
        let text = batch.value(value).text().unwrap_or_default();
        let readings = show::readings(text).into_iter();
        let readings: Vec<_> =
            readings.map(|(view, reading)| json!({"view": view, "text": reading})).collect();
        json!({"field": name, "readings": readings})
    });
    json!({
        "event": name,
        "error": null,
        "fires": trace.fires,
        "looks": trace.looks,
        "condition": part(&trace.condition, batch),
        "texts": texts.collect::<Vec<_>>(),
    })
}

/// What there is to say of what is no event.
pub(super) fn no_event(name: &str, error: DecodeError) -> Value {
    json!({"event": name, "error": error.to_string()})
}

fn part(of: &Part<'_>, batch: &Batch) -> Value {
    let parts = |parts: &[Part<'_>]| parts.iter().map(|one| part(one, batch)).collect::<Vec<_>>();
    let holds = of.holds;
    match &of.kind {
        Kind::All(all) => json!({"holds": holds, "kind": "all", "parts": parts(all)}),
        Kind::Any(any) => json!({"holds": holds, "kind": "any", "parts": parts(any)}),
        Kind::Not(inner) => json!({"holds": holds, "kind": "not", "parts": [part(inner, batch)]}),
        Kind::Selection(name, inner) => {
            json!({"holds": holds, "kind": "selection", "name": name, "parts": [part(inner, batch)]})
        }
        Kind::Test(test, reason) => json!({
            "holds": holds,
            "kind": "test",
            "field": test.path(),
            "demand": show::demanded(test),
            "values": values(reason, batch),
            "found": reason.found.iter().map(|found| piece(found, reason, batch)).collect::<Vec<_>>(),
            "near": reason.near.iter().map(show::nearly).collect::<Vec<_>>(),
        }),
    }
}

/// The values that a test looked at, cut where they are long.
fn values(reason: &Reason<'_>, batch: &Batch) -> Vec<Value> {
    let value = |value| match batch.value(value) {
        Scalar::Null => Value::Null,
        Scalar::Composite => json!({}),
        scalar => show::cut(scalar.text().unwrap_or_default()).into(),
    };
    reason.values.iter().map(|id| value(*id)).collect()
}

fn piece(found: &Found, reason: &Reason<'_>, batch: &Batch) -> Value {
    let text = batch.value(found.value).text().unwrap_or_default();
    json!({
        "value": reason.values.iter().position(|value| *value == found.value),
        "start": found.span.start,
        "end": found.span.end,
        "text": text.get(found.span.clone()).map(show::cut),
        "view": found.view.name(),
        "edits": found.edits,
        "entry": found.entry.as_ref().map(ToString::to_string),
    })
}

/// A correlation, with what events did to its windows, and how these stand.
pub(super) fn of_correlation<'k>(
    windows: &Windows<'_>,
    events: &[Value],
    standings: impl Iterator<Item = (&'k GroupKey, Standing)>,
) -> Value {
    let (compiled, own) = (windows.rule, &windows.rule.correlation);
    let parts: Vec<&str> = (0..own.parts.len()).map(|part| windows.part(number(part))).collect();
    let head = json!({
        "kind": "correlation",
        "id": own.id,
        "name": own.name,
        "title": own.title,
        "file": &*own.origin.file,
        "line": own.origin.line,
        "type": compiled.kind_name(),
        "parts": parts,
        "group_by": compiled.names,
        "timespan_ms": own.timespan_ms,
        "suppress_ms": own.suppress_ms,
        "shadow": compiled.shadow,
        "publish": own.review.publish,
    });
    let end = standings.map(|(key, standing)| {
        let mut object = self::standing(windows, &standing);
        object.insert("key".to_owned(), key_object(key));
        Value::Object(object)
    });
    json!({"schema": SCHEMA, "rule": head, "events": events, "windows": end.collect::<Vec<_>>()})
}

/// What an event did.
pub(super) fn met(windows: &Windows<'_>, name: &str, met: &Met) -> Value {
    let parts = met.parts.iter();
    let parts = parts.map(|found| json!({"part": windows.part(number(found.part)), "lacks": found.lacks}));
    json!({
        "event": name,
        "error": null,
        "time": rfc3339(met.time),
        "parts": parts.collect::<Vec<_>>(),
        "windows": met.changes.iter().map(|one| change(windows, one)).collect::<Vec<_>>(),
    })
}

fn change(windows: &Windows<'_>, change: &Change) -> Value {
    let dropped = change.dropped.iter().map(|(item, why)| {
        json!({"event": windows.label(item.at.order.offset), "part": windows.part(item.part), "why": let_go(*why)})
    });
    let mut object = standing(windows, &change.standing);
    let more = [
        ("key", key_object(&change.key)),
        ("taken", taken(change.taken).into()),
        ("anew", change.anew.into()),
        ("let_go", dropped.collect()),
        ("fired", change.firings.iter().map(|one| firing(windows, one)).collect()),
    ];
    object.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}

fn taken(taken: Taken) -> &'static str {
    match taken {
        Taken::Taken => "yes",
        Taken::Duplicate => "duplicate",
        Taken::BelowFloor => "below_floor",
        Taken::NoValue => "no_value",
        Taken::TooOld => "too_old",
        Taken::Superfluous => "superfluous",
    }
}

fn let_go(why: Why) -> &'static str {
    match why {
        Why::BelowFloor => "below_floor",
        Why::TooOld => "too_old",
        Why::Superfluous => "superfluous",
        Why::NothingBefore => "nothing_before",
        Why::Joined => "joined",
    }
}

fn firing(windows: &Windows<'_>, firing: &Firing) -> Value {
    let step = |step: &Step| {
        let parts: Vec<&str> = step.parts.iter().map(|part| windows.part(*part)).collect();
        json!({"event": windows.label(step.at.order.offset), "parts": parts})
    };
    json!({
        "events": firing.events,
        "steps": firing.steps.iter().map(step).collect::<Vec<_>>(),
        "flag": !firing.silent,
        "suppressed": firing.suppressed,
    })
}

fn standing(windows: &Windows<'_>, standing: &Standing) -> Map<String, Value> {
    let adds = matches!(windows.rule.trigger, Trigger::Sum(_) | Trigger::Scores(_));
    let item = |item: &Item| {
        let value = adds.then(|| amount(item.value.into()));
        json!({"event": windows.label(item.at.order.offset), "part": windows.part(item.part), "value": value})
    };
    let parts = |parts: &[u16]| parts.iter().map(|part| windows.part(*part)).collect::<Vec<_>>();
    let lacks = match &standing.lacks {
        Lacks::Number { there, wanted } => json!({"there": there, "wanted": wanted}),
        Lacks::Sum { there, wanted } => json!({"there": amount(*there), "wanted": amount(*wanted)}),
        Lacks::Parts { parts: all, enough } => json!({"parts": parts(all), "enough": enough}),
    };
    let pairs = [
        ("counts", standing.counted.iter().map(item).collect()),
        ("lacks", lacks),
        ("before", standing.before.map(rfc3339).into()),
        ("silent_until", standing.silent_until.map(rfc3339).into()),
        ("suppressed", standing.suppressed.into()),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A number of millionths.
fn amount(micros: i128) -> Value {
    let text = super::windows::decimal(micros);
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

fn key_object(key: &GroupKey) -> Value {
    let pairs = key.parts().pairs;
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>().into()
}

/// Diagnostic codes, with what they mean.
pub(super) fn codes<'c>(codes: impl IntoIterator<Item = &'c Code>) -> Value {
    let one = |code: &Code| {
        let (words, wrong, right) = match code.example() {
            Some(Example::Words(words)) => (Some(words), None, None),
            Some(Example::Rules { wrong, right, .. }) => (None, Some(wrong), Some(right)),
            None => (None, None, None),
        };
        json!({
            "code": code.number(),
            "name": code.name(),
            "severity": code.severity().name(),
            "meaning": code.meaning(),
            "example": words,
            "wrong": wrong,
            "right": right,
        })
    };
    json!({"schema": SCHEMA, "codes": codes.into_iter().map(one).collect::<Vec<_>>()})
}
