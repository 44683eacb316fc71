//! A flag as the demo shows it: who, and what was said with the matching words marked.
//!
//! Only here and on a reviewer's screen does text of a message appear, and only as [`visible`] lets it: a
//! trace from a file may hold anything, and a terminal obeys some of it.

use super::CAUGHT;
use crate::event::{Scalar, parse_time};
use crate::flag::{self, CaseId, Evidence, Flag, FlagId, Party};
use crate::rule::model::Level;
use crate::text::visible;
use crate::truth::CaseIndex;

/// A piece of a text, marked or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marked: bool,
}

impl Piece {
    fn plain(text: impl Into<String>) -> Piece {
        Piece { text: text.into(), marked: false }
    }

    fn marked(text: impl Into<String>) -> Piece {
        Piece { text: text.into(), marked: true }
    }
}

/// A flag, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shown {
    pub(super) level: Level,
    pub(super) rule: String,
    pub(super) title: String,
    /// The event's time, of a correlation that of the last, in milliseconds since the epoch.
    pub(super) time_ms: i64,
    /// From whom to whom, or where.
    pub(super) who: String,
    pub(super) what: Vec<Piece>,
    /// What came together; of a grave flag of a single event, that.
    pub(super) steps: Vec<Step>,
    /// Steps that the flag itself leaves out.
    pub(super) omitted: u64,
    pub(super) flag_id: Option<FlagId>,
    pub(super) case_id: Option<CaseId>,
    /// Id of the event.
    pub(super) event: Box<str>,
    /// The case that labels put the event to.
    pub(super) case: Option<CaseIndex>,
}

/// One of the events that came together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Step {
    pub(super) time_ms: i64,
    /// Who wrote or acted.
    pub(super) who: String,
    /// The rules that fired on it.
    pub(super) rules: String,
    pub(super) what: Vec<Piece>,
}

impl Shown {
    /// What there is to show of a flag, in an event of that case.
    pub(super) fn of(flag: &Flag, case: Option<CaseIndex>) -> Shown {
        let mut shown = Shown {
            level: flag.rule.level,
            rule: visible(&flag.rule.name),
            title: visible(&flag.rule.title),
            time_ms: milliseconds(&flag.time),
            who: who(flag),
            what: what(&flag.evidence),
            flag_id: Some(flag.flag_id),
            case_id: Some(flag.case_id),
            event: flag.source.event_id.as_str().into(),
            case,
            ..Shown::default()
        };
        if let Some(correlation) = &flag.correlation {
            shown.steps = steps(&correlation.steps);
            shown.omitted = correlation.steps_omitted;
            shown.what = in_a_row(&shown.steps);
            if flag.subjects.sender.is_none() && flag.subjects.recipient.is_none() {
                shown.who = everyone(&shown.steps);
            }
        } else if shown.level >= CAUGHT {
            let Shown { time_ms, rule, what, .. } = shown.clone();
            let sender = flag.subjects.sender.as_ref().and_then(|party| party.id.as_deref());
            let who = sender.map(short).unwrap_or_default();
            shown.steps = vec![Step { time_ms, who, rules: rule, what }];
        }
        shown
    }

    /// Whether it is a case by itself, and not a weak sign.
    pub(super) fn is_case(&self) -> bool {
        !self.steps.is_empty()
    }
}

/// The events in the order of their times, each once: a correlation of correlations may have one from several.
fn steps(steps: &[flag::Step]) -> Vec<Step> {
    let mut events: Vec<Vec<&flag::Step>> = Vec::new();
    for step in steps {
        match events.iter_mut().find(|same| same[0].source == step.source) {
            Some(same) => same.push(step),
            None => events.push(vec![step]),
        }
    }
    let mut steps: Vec<Step> = events.iter().map(|same| event(same)).collect();
    steps.sort_by_key(|step| step.time_ms);
    steps
}

/// One event, of all that was found in it.
fn event(steps: &[&flag::Step]) -> Step {
    let mut rules: Vec<String> = Vec::new();
    for name in steps.iter().flat_map(|step| &step.rules).map(|rule| visible(&rule.name)) {
        if !rules.contains(&name) {
            rules.push(name);
        }
    }
    let evidence: Vec<Evidence> = steps.iter().flat_map(|step| step.evidence.iter().cloned()).collect();
    let who = steps[0].sender.as_deref().or(steps[0].recipient.as_deref());
    Step {
        time_ms: milliseconds(&steps[0].time),
        who: who.map(short).unwrap_or_default(),
        rules: rules.join(", "),
        what: what(&evidence),
    }
}

/// All who did something in the steps.
fn everyone(steps: &[Step]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for step in steps {
        if !step.who.is_empty() && !names.contains(&step.who.as_str()) {
            names.push(&step.who);
        }
    }
    names.join(", ")
}

/// What was found in each step, one behind the other.
fn in_a_row(steps: &[Step]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for step in steps {
        if !pieces.is_empty() {
            pieces.push(Piece::plain(" → "));
        }
        pieces.extend(step.what.iter().cloned());
    }
    pieces
}

fn who(flag: &Flag) -> String {
    let subjects = &flag.subjects;
    let id = |party: &Option<Party>| party.as_ref().and_then(|party| party.id.as_deref()).map(short);
    match (id(&subjects.sender), id(&subjects.recipient)) {
        (Some(sender), Some(recipient)) => format!("{sender} → {recipient}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => {
            let room = subjects.room.as_ref().and_then(|room| room.id.as_deref());
            room.map(short).unwrap_or_default()
        }
    }
}

/// A time as flags write it.
fn milliseconds(time: &str) -> i64 {
    parse_time(Scalar::Text(time)).unwrap_or_default()
}

/// Longest id that is shown as it is.
const SHORT_ID: usize = 8;

/// An id, of a long one the two ends: `u1…0825`.
fn short(id: &str) -> String {
    let characters: Vec<char> = id.chars().collect();
    if characters.len() <= SHORT_ID {
        return visible(id);
    }
    let ends = characters[..2].iter().chain(&['…']).chain(&characters[characters.len() - 4..]);
    visible(&ends.collect::<String>())
}

/// The message with its matches marked, or the values that matched where there is no text among them.
fn what(evidence: &[Evidence]) -> Vec<Piece> {
    let quoted = evidence.iter().find(|item| item.field == "text" && item.excerpt.is_some());
    match quoted {
        Some(first) => quote(first, evidence),
        None => values(evidence),
    }
}

/// An excerpt, with every match of the same field that lies within it marked; matches that touch as one.
fn quote(first: &Evidence, evidence: &[Evidence]) -> Vec<Piece> {
    let text = first.excerpt.as_deref().unwrap_or_default();
    let offset = first.excerpt_offset as usize;
    let mut pieces = vec![Piece::plain("\"")];
    let mut done = 0;
    for (start, end) in matches(first, evidence) {
        let (start, end) = (start.saturating_sub(offset).max(done), end.saturating_sub(offset));
        if let (Some(before), Some(matched)) = (text.get(done..start), text.get(start..end)) {
            match pieces.last_mut().filter(|last| last.marked && before.is_empty()) {
                Some(last) => last.text.push_str(&visible(matched)),
                None => pieces.extend([Piece::plain(visible(before)), Piece::marked(visible(matched))]),
            }
            done = end;
        }
    }
    pieces.push(Piece::plain(visible(text.get(done..).unwrap_or_default()) + "\""));
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

/// The matches of one field in order, in bytes of the field's text.
fn matches(first: &Evidence, evidence: &[Evidence]) -> Vec<(usize, usize)> {
    let same = evidence.iter().filter(|item| item.field == first.field);
    let mut spans: Vec<_> = same.map(|item| (item.span.start as usize, item.span.end as usize)).collect();
    spans.sort_unstable();
    spans
}

/// `field value` for each match.
fn values(evidence: &[Evidence]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for item in evidence {
        if !pieces.is_empty() {
            pieces.push(Piece::plain(" · "));
        }
        pieces.push(Piece::plain(format!("{} ", visible(&item.field))));
        pieces.push(Piece::marked(visible(item.excerpt.as_deref().unwrap_or("…"))));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flag::{Place, Span};

    fn evidence(field: &str, excerpt: &str, offset: u32, span: std::ops::Range<u32>) -> Evidence {
        let source = Place { topic: "t".into(), partition: 0, offset: 0 };
        Evidence {
            event_id: String::new(),
            source,
            field: field.into(),
            index: None,
            view: "raw".into(),
            edits: 0,
            span: Span { start: span.start, end: span.end },
            excerpt: Some(excerpt.into()),
            excerpt_offset: offset,
            entry: None,
        }
    }

    fn bracketed(pieces: &[Piece]) -> String {
        let one = |piece: &Piece| if piece.marked { format!("[{}]", piece.text) } else { piece.text.clone() };
        pieces.iter().map(one).collect()
    }

    #[test]
    fn an_event_that_came_in_by_several_rules_is_one_step() {
        let step = |name: &str, offset, time: &str, evidence| flag::Step {
            rules: vec![flag::StepRule {
                id: String::new(),
                name: name.into(),
                title: String::new(),
                digest: String::new(),
            }],
            via: None,
            time: time.into(),
            event_id: String::new(),
            kind: String::new(),
            source: Place { topic: "t".into(), partition: 0, offset },
            sender: Some(format!("u{offset}")),
            recipient: None,
            record: None,
            evidence: vec![evidence],
        };
        let (late, soon) = ("1970-01-01T00:00:02Z", "1970-01-01T00:00:01Z");
        let steps = steps(&[
            step("a", 2, late, evidence("text", "others pay first", 0, 7..10)),
            step("b", 1, soon, evidence("text", "first", 0, 0..5)),
            step("c", 2, late, evidence("text", "others pay first", 0, 11..16)),
            step("a", 2, late, evidence("text", "others pay first", 0, 7..10)),
        ]);
        let told: Vec<_> = steps.iter().map(|step| (step.rules.as_str(), bracketed(&step.what))).collect();
        let expected = [("b", "\"[first]\""), ("a, c", "\"others [pay] [first]\"")];
        assert_eq!(told, expected.map(|(rules, what)| (rules, what.to_owned())));
        assert_eq!((steps[1].time_ms, everyone(&steps).as_str()), (2_000, "u1, u2"));
    }

    #[test]
    fn long_ids_are_shown_by_their_ends() {
        for (id, expected) in
            [("u81", "u81"), ("u1000088860825", "u1…0825"), ("a\u{1b}b", "a‹U+001B›b"), ("", "")]
        {
            assert_eq!(short(id), expected);
        }
    }

    #[test]
    fn matches_are_marked_where_they_stand() {
        let cases: &[(&[Evidence], &str)] = &[
            (&[evidence("text", "do you have AppOne?", 0, 12..18)], "\"do you have [AppOne]?\""),
            (&[evidence("text", "é AppOne", 100, 103..109)], "\"é [AppOne]\""),
            (
                &[
                    evidence("text", "add me on AppOne", 0, 10..16),
                    evidence("text", "add me on AppOne", 0, 0..6),
                ],
                "\"[add me] on [AppOne]\"",
            ),
            (&[evidence("text", "abcdef", 0, 0..4), evidence("text", "abcdef", 0, 2..6)], "\"[abcdef]\""),
            (&[evidence("text", "short", 0, 40..50)], "\"short\""),
            (
                &[evidence("sender.age_band", "adult", 0, 0..5), evidence("payment.rail", "card", 0, 0..4)],
                "sender.age_band [adult] · payment.rail [card]",
            ),
            (&[evidence("text", "a\u{1b}[2Jb\u{202e}c", 0, 0..1)], "\"[a]‹U+001B›[2Jb‹U+202E›c\""),
            (&[], ""),
        ];
        for (evidence, expected) in cases {
            assert_eq!(bracketed(&what(evidence)), *expected);
        }
    }
}
