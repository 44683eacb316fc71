//! A flag as the demo shows it: who, and what was said with the matching words marked.
//!
//! Only here and on a reviewer's screen does text of a message appear. Control characters are replaced: a
//! trace from a file may hold anything, and a terminal obeys some of it.

use crate::flag::{Evidence, Flag, Party, Step};
use crate::rule::model::Level;

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

/// A flag, ready to be shown on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) level: Level,
    pub(super) rule: String,
    /// From whom to whom, or where.
    pub(super) who: String,
    pub(super) what: Vec<Piece>,
}

impl Shown {
    /// What there is to show of a flag.
    pub(super) fn of(flag: &Flag) -> Shown {
        let who = who(flag);
        let rule = clean(&flag.rule.name);
        let what = match &flag.correlation {
            Some(correlation) => steps(&correlation.steps),
            None => what(&flag.evidence),
        };
        Shown { level: flag.rule.level, rule, who, what }
    }
}

/// What was found in each step, one behind the other.
fn steps(steps: &[Step]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for step in steps {
        if !pieces.is_empty() {
            pieces.push(Piece::plain(" → "));
        }
        pieces.extend(what(&step.evidence));
    }
    pieces
}

fn who(flag: &Flag) -> String {
    let subjects = &flag.subjects;
    let id = |party: &Option<Party>| party.as_ref().and_then(|party| party.id.as_deref()).map(clean);
    match (id(&subjects.sender), id(&subjects.recipient)) {
        (Some(sender), Some(recipient)) => format!("{sender} → {recipient}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => {
            let room = subjects.room.as_ref().and_then(|room| room.id.as_deref());
            room.map(clean).unwrap_or_default()
        }
    }
}

/// The message with its matches marked, or the values that matched where there is no text among them.
fn what(evidence: &[Evidence]) -> Vec<Piece> {
    let quoted = evidence.iter().find(|item| item.field == "text" && item.excerpt.is_some());
    match quoted {
        Some(first) => quote(first, evidence),
        None => values(evidence),
    }
}

/// An excerpt, with every match of the same field that lies within it marked.
fn quote(first: &Evidence, evidence: &[Evidence]) -> Vec<Piece> {
    let text = first.excerpt.as_deref().unwrap_or_default();
    let offset = first.excerpt_offset as usize;
    let mut pieces = vec![Piece::plain("\"")];
    let mut done = 0;
    for (start, end) in matches(first, evidence) {
        let (start, end) = (start.saturating_sub(offset).max(done), end.saturating_sub(offset));
        if let (Some(before), Some(matched)) = (text.get(done..start), text.get(start..end)) {
            pieces.push(Piece::plain(clean(before)));
            pieces.push(Piece::marked(clean(matched)));
            done = end;
        }
    }
    pieces.push(Piece::plain(clean(text.get(done..).unwrap_or_default()) + "\""));
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
        pieces.push(Piece::plain(format!("{} ", clean(&item.field))));
        pieces.push(Piece::marked(clean(item.excerpt.as_deref().unwrap_or("…"))));
    }
    pieces
}

/// The text without anything that a terminal could take for an order.
fn clean(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmful(c) { '·' } else { c }).collect()
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
            (&[evidence("text", "abcdef", 0, 0..4), evidence("text", "abcdef", 0, 2..6)], "\"[abcd][ef]\""),
            (&[evidence("text", "short", 0, 40..50)], "\"short\""),
            (
                &[evidence("sender.age_band", "adult", 0, 0..5), evidence("payment.rail", "card", 0, 0..4)],
                "sender.age_band [adult] · payment.rail [card]",
            ),
            (&[evidence("text", "a\u{1b}[2Jb\u{202e}c", 0, 0..1)], "\"[a]·[2Jb·c\""),
            (&[], ""),
        ];
        for (evidence, expected) in cases {
            assert_eq!(bracketed(&what(evidence)), *expected);
        }
    }
}
