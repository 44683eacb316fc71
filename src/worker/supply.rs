//! Hits of events that a test says to be findings, whatever they hold.
//!
//! An event is read, and its group keys are found, as the match stage does it; only that no rule has looked at it. So it has no
//! evidence. What a correlation found is supplied likewise: the fields that its result would carry are read from the event.

use super::program::{Program, Reading, TooManyFields};
use crate::correlate::{At, Harvest, Hit, OrderKey};
use crate::event::{Batch, DecodeError, Decoder, FieldSet, Moment, Record};
use crate::flag::build::{FlaggedEvent, Template};
use crate::ruleset::RuleIndex;
use std::collections::HashMap;
use std::sync::Arc;

/// Makes hits of events for the rules and correlations of a program.
#[derive(Debug)]
pub struct Supplier<'p> {
    program: &'p Program,
    decoder: Decoder,
    harvest: Harvest,
    /// By id: its place in the harvest, and what flags say of it.
    templates: HashMap<&'p str, (RuleIndex, &'p Template)>,
}

impl<'p> Supplier<'p> {
    /// For a program that was made for events that are read so.
    pub fn new(program: &'p Program, reading: &Reading) -> Result<Supplier<'p>, TooManyFields> {
        let rules = (0u32..).zip(program.rules.rules()).map(|(index, _)| program.duty(RuleIndex(index)));
        let correlations = program.correlations.iter().map(|(index, _)| program.correlation_duty(index));
        let templates: Vec<&Template> = rules.chain(correlations).map(|duty| &duty.template).collect();
        let mut fields = FieldSet::default();
        let ids = templates.iter().map(|template| template.rule.id.as_str());
        let harvest = Harvest::of(&program.correlations, ids, &reading.fields, &mut fields);
        let own = |(index, template): (u32, &'p Template)| {
            (template.rule.id.as_str(), (RuleIndex(index), template))
        };
        Ok(Supplier {
            program,
            decoder: Decoder::new(&fields, &reading.mapping, reading.pseudonyms.as_ref()),
            harvest: harvest.ok_or(TooManyFields)?,
            templates: (0u32..).zip(templates).map(own).collect(),
        })
    }

    /// The hits of a record at time `now_ms`, as if the rule or correlation of that id had found it; none if there is no such one.
    pub fn hits(&self, record: &Record<'_>, now_ms: i64, id: &str) -> Result<Vec<Hit>, DecodeError> {
        let Some((index, template)) = self.templates.get(id) else { return Ok(Vec::new()) };
        let payload = record.payload.unwrap_or_default();
        let moment = Moment { record: record.timestamp, now: now_ms };
        let mut batch = Batch::default();
        self.decoder.decode_at(0, payload, moment, &mut batch)?;
        let envelope = self.program.envelopes.read(payload, moment)?;
        let event = FlaggedEvent::new(record, envelope, self.program.provenance.pseudonyms.as_ref());
        let found = std::iter::once((*index, id, template.score));
        let yielded = self.harvest.of_event((&batch, 0), event.place(), found);
        let (topic, partition, offset) = (Arc::clone(record.topic), record.partition, record.offset);
        let order = OrderKey { time: event.time(), topic, partition, offset };
        let at = At { order, event: event.digest() };
        let detail: Arc<[u8]> = event.detail([(&*template.rule, Vec::new())], &[]).encode().into();
        let hit = |(key, found)| {
            let (at, values, detail) = (at.clone(), yielded.values.clone(), Arc::clone(&detail));
            Hit { key, at, found, values, detail }
        };
        Ok(yielded.sheaves.into_iter().map(|sheaf| (sheaf.key, sheaf.found)).map(hit).collect())
    }
}
