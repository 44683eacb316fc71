//! What rules find on a trace, put to the cases that labels tell of.
//!
//! Of each event that something was found in, the worker's thread reads who it is and where it was written; nothing is looked up for
//! all others, which are ninety-nine of a hundred.

use crate::backtest::{Findings, Found, Outlet, Rule, Seen};
use crate::cli::labels::{Known, Labels};
use crate::cli::pipeline::{Folding, Gatherer, Taker};
use crate::event::{Mapping, Record};
use crate::rule::model::Level;
use crate::truth::Truth;
use crate::worker::stage::{Destination, OutFlag, OutHit, Outcome, Program};
use crate::worker::stats::BatchStats;
use serde::Deserialize;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// Excerpts of a flag that are kept at most.
const MOST_EXCERPTS: usize = 8;

/// Puts findings to cases.
#[derive(Clone)]
pub(in crate::cli) struct Judge(Arc<Knowledge>);

struct Knowledge {
    labels: Labels,
    /// The rules' places.
    places: HashMap<Arc<str>, u32>,
    /// Of flags of this level or a graver one, what was read is kept.
    shown: Level,
}

/// What was found in a block.
pub(in crate::cli) struct Part {
    seen: Vec<Seen>,
    found: Vec<Found>,
    /// For each hit, its event's place among those seen.
    hits: Vec<u32>,
    span_ms: Option<(i64, i64)>,
}

impl Judge {
    /// For the rules of `program`, over events that `mapping` describes.
    pub(in crate::cli) fn new(
        program: &Program,
        mapping: &Mapping,
        truth: Arc<Truth>,
        shown: Level,
    ) -> Judge {
        let places = (0..).zip(program.heads()).map(|(place, head)| (Arc::clone(&head.name), place));
        let labels = Labels::new(Some(truth), mapping);
        Judge(Arc::new(Knowledge { labels, places: places.collect(), shown }))
    }

    fn found(&self, flag: &OutFlag, seen: u32) -> Option<Found> {
        let outlet = match flag.destination {
            Destination::Review => Outlet::Review,
            Destination::Shadow => Outlet::Shadow,
            Destination::Unpublished => Outlet::Unpublished,
        };
        let shown = outlet != Outlet::Unpublished && flag.rule.level >= self.0.shown;
        let excerpts = if shown { excerpts(&flag.body) } else { Vec::new() };
        let rule = *self.0.places.get(&flag.rule.name)?;
        Some(Found { rule, seen, outlet, excerpts: excerpts.into() })
    }

    fn known(&self, record: &Record<'_>) -> Known {
        record.payload.map(|payload| self.0.labels.of(payload)).unwrap_or_default()
    }

    fn seen(&self, record: &Record<'_>) -> Seen {
        let Known { id, case, time_ms } = self.known(record);
        let event = id.unwrap_or_else(|| format!("{}:{}", record.topic, record.offset));
        Seen { event: event.into(), case, time_ms: time_ms.unwrap_or_default() }
    }

    /// The times of a block's first and last event, which stand for all: traces are in the order of time, roughly.
    fn span(&self, records: &[Record<'_>]) -> Option<(i64, i64)> {
        let time = |record| self.known(record).time_ms;
        let (first, last) = (records.iter().find_map(time)?, records.iter().rev().find_map(time)?);
        Some((first.min(last), first.max(last)))
    }
}

impl Taker for Judge {
    type Taken = Part;

    fn take(&mut self, records: &[Record<'_>], outcome: &Outcome) -> Part {
        let mut part =
            Part { seen: Vec::new(), found: Vec::new(), hits: Vec::new(), span_ms: self.span(records) };
        let mut places: HashMap<u32, u32> = HashMap::new();
        let mut place = |record: u32, seen: &mut Vec<Seen>| {
            *places.entry(record).or_insert_with(|| {
                seen.push(self.seen(&records[record as usize]));
                // A block has far fewer records.
                u32::try_from(seen.len() - 1).unwrap_or(u32::MAX)
            })
        };
        for flag in &outcome.flags {
            let seen = place(flag.record, &mut part.seen);
            part.found.extend(self.found(flag, seen));
        }
        part.hits = outcome.hits.iter().map(|hit| place(hit.record, &mut part.seen)).collect();
        part
    }
}

/// The rules of `program`, as reports name them.
pub(in crate::cli) fn rules(program: &Program) -> Vec<Rule> {
    let correlations: Vec<&str> =
        program.correlations().iter().map(|(_, compiled)| &*compiled.correlation.id).collect();
    let rules = program.heads().map(|head| Rule {
        id: head.id.clone(),
        name: Arc::clone(&head.name),
        title: head.title.clone(),
        level: head.level,
        tags: head.tags.clone(),
        correlation: correlations.contains(&head.id.as_str()),
    });
    rules.collect()
}

/// Gathers what was found.
pub(in crate::cli) struct Docket {
    judge: Judge,
    folding: Folding,
    findings: Findings,
}

impl Docket {
    pub(in crate::cli) fn new(judge: Judge, program: &Program, folding: Folding) -> Docket {
        let findings = Findings { rules: rules(program), ..Findings::default() };
        Docket { judge, folding, findings }
    }

    /// All that was found, of so many events, and lines that are none.
    pub(in crate::cli) fn findings(self, events: u64, unreadable: u64) -> Findings {
        Findings { events, unreadable, ..self.findings }
    }

    /// What correlations found; their flags name events by their places among those seen.
    fn correlated(&mut self, outcome: &Outcome) {
        let found = outcome.flags.iter().filter_map(|flag| self.judge.found(flag, flag.record));
        self.findings.found.extend(found);
    }
}

impl Gatherer<Part> for Docket {
    fn block(&mut self, part: Part, mut hits: Vec<OutHit>) -> io::Result<BatchStats> {
        // Four billion events with findings would not fit in memory.
        let base = u32::try_from(self.findings.seen.len()).unwrap_or(u32::MAX);
        self.findings.seen.extend(part.seen);
        let found = part.found.into_iter().map(|found| Found { seen: found.seen + base, ..found });
        self.findings.found.extend(found);
        for (hit, seen) in hits.iter_mut().zip(part.hits) {
            hit.record = seen + base;
        }
        let spans = [self.findings.span_ms, part.span_ms].into_iter().flatten();
        self.findings.span_ms = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
        let outcome = self.folding.take(hits)?;
        self.correlated(&outcome);
        Ok(outcome.stats)
    }

    fn finish(&mut self) -> io::Result<BatchStats> {
        let outcome = self.folding.finish()?;
        self.correlated(&outcome);
        Ok(outcome.stats)
    }
}

/// Of a flag, what was read.
#[derive(Deserialize)]
struct Brief {
    #[serde(default)]
    evidence: Vec<Piece>,
    correlation: Option<Steps>,
}

#[derive(Deserialize)]
struct Steps {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    evidence: Vec<Piece>,
}

#[derive(Deserialize)]
struct Piece {
    field: String,
    excerpt: Option<String>,
}

/// An excerpt of each event, or what its fields hold where there is no text.
fn excerpts(body: &[u8]) -> Vec<String> {
    let Ok(brief) = serde_json::from_slice::<Brief>(body) else { return Vec::new() };
    let steps = brief.correlation.map(|correlation| correlation.steps).unwrap_or_default();
    let pieces = [brief.evidence].into_iter().chain(steps.into_iter().map(|step| step.evidence));
    pieces.filter_map(|pieces| excerpt(&pieces)).take(MOST_EXCERPTS).collect()
}

fn excerpt(pieces: &[Piece]) -> Option<String> {
    let text = pieces.iter().find(|piece| piece.field.starts_with("text") && piece.excerpt.is_some());
    if let Some(piece) = text {
        return piece.excerpt.clone();
    }
    let piece = pieces.iter().find(|piece| piece.excerpt.is_some())?;
    Some([&piece.field, " ", piece.excerpt.as_deref()?].concat())
}
