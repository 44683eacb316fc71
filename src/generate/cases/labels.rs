//! What the truth says of a case and of its events, as lines.

use super::record::Clock;
use super::script::{Act, Mark, Script, Step};
use crate::truth::{Case, Event, Line};
use std::borrow::Cow;

/// Appends the line of a case.
pub(super) fn case(script: &Script, clock: &mut Clock, out: &mut Vec<u8>) {
    let mut time = |ms: Option<i64>| {
        let mut text = Vec::new();
        clock.write(ms?, &mut text);
        Some(Cow::from(String::from_utf8_lossy(&text).into_owned()))
    };
    let label = Case {
        case: name(script),
        risk: script.risk,
        kind: script.kind.name().into(),
        language: if says_something(script) { script.language.tag().into() } else { "".into() },
        style: style(script).into(),
        rooms: script.rooms.iter().map(|room| format!("r{}", room.id).into()).collect(),
        sessions: script.sessions.iter().map(|session| format!("s{}", session.id).into()).collect(),
        events: script.steps.len() as u64,
        start: time(script.steps.first().map(|step| step.at_ms)),
        first_risk: time(script.first_risk_ms()),
        harm: time(script.harm_ms),
    };
    line(&Line::Case(label), out);
}

/// Appends the line of an event.
pub(super) fn event(script: &Script, step: &Step, number: u64, out: &mut Vec<u8>) {
    let (stage, resembles) = match step.mark {
        Mark::Nothing => (None, None),
        Mark::Stage(indicator) => (Some(indicator.name().into()), None),
        Mark::Resembles(indicator) => (None, Some(indicator.name().into())),
    };
    let label = Event { event: format!("e{number}").into(), case: name(script), stage, resembles };
    line(&Line::Event(label), out);
}

/// What is given is in a language that nobody told.
fn says_something(script: &Script) -> bool {
    script.steps.iter().any(|step| matches!(step.act, Act::Say { .. }))
}

/// How its words are written; of a case without words, nothing.
fn style(script: &Script) -> &'static str {
    let has_words = |step: &Step| matches!(step.act, Act::Say { .. } | Act::Repeat { .. });
    match script.style {
        Some(style) => style.name(),
        None if script.steps.iter().any(has_words) => "plain",
        None => "",
    }
}

fn name(script: &Script) -> Cow<'static, str> {
    format!("c{}", script.number).into()
}

fn line(line: &Line<'_>, out: &mut Vec<u8>) {
    // Writing texts to a Vec cannot fail.
    drop(serde_json::to_writer(&mut *out, line));
    out.push(b'\n');
}
