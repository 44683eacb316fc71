//! Events told to a correlation one after another, and what each of them did.
//!
//! They go through the match stage and are folded as the service does it; only that the windows are looked at on the way
//! ([`crate::correlate::trace`]).

use crate::correlate::trace::{Change, Standing, Traced, Tracer};
use crate::correlate::{CorrelationIndex, GroupKey, Hit};
use crate::event::{Batch, DecodeError, Decoder, EnvelopeReader, FieldId, FieldSet, Moment, Record};
use crate::rule::Correlation;
use crate::rule::correlation::Part;
use crate::worker::correlate::GRACE_MS;
use crate::worker::stage::{MatchStage, Program, Reading, Settings};
use crate::worker::supply::Supplier;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Events that come one after another.
pub(super) struct Sequence<'p> {
    program: &'p Program,
    correlation: &'p Correlation,
    stage: MatchStage,
    supplier: Supplier<'p>,
    tracer: Tracer<'p>,
    keys: FieldSet,
    decoder: Decoder,
    envelopes: EnvelopeReader,
    topic: Arc<str>,
    now: i64,
}

/// What was found in an event.
pub(super) struct Read {
    /// Its time, in milliseconds since the epoch.
    pub(super) time: i64,
    /// The ids of what found something.
    found: BTreeSet<String>,
    hits: Vec<Hit>,
    /// By part, where it found something: fields of the group key that the event does not have.
    lacks: Vec<Vec<String>>,
}

/// What an event did.
pub(super) struct Met {
    /// Its time, in milliseconds since the epoch.
    pub(super) time: i64,
    /// The parts that found something in it.
    pub(super) parts: Vec<Found>,
    /// What became of the windows that it came to.
    pub(super) changes: Vec<Change>,
}

/// A part that found something.
pub(super) struct Found {
    /// Its index.
    pub(super) part: usize,
    /// Fields of the group key that the event does not have.
    pub(super) lacks: Vec<String>,
}

impl<'p> Sequence<'p> {
    /// For a correlation of a program, of events that are read so, at the time `now`. Fails if there are too many fields.
    pub(super) fn new(
        program: &'p Arc<Program>,
        reading: &Reading,
        index: CorrelationIndex,
        now: i64,
    ) -> Result<Sequence<'p>, String> {
        let set = program.correlations();
        let correlation = &set.get(index).correlation;
        let mut keys = FieldSet::default();
        for key in &correlation.keys {
            for part in 0..correlation.parts.len() {
                keys.intern(key.field(part), reading.fields.type_of(key.field(part)));
            }
        }
        let (mapping, pseudonyms) = (&reading.mapping, reading.pseudonyms.as_ref());
        // Also what rules do not publish is found.
        let settings = Settings { unpublished: true, ..Settings::default() };
        Ok(Sequence {
            program,
            correlation,
            stage: MatchStage::new(Arc::clone(program), settings),
            supplier: Supplier::new(program, reading).map_err(|error| error.to_string())?,
            tracer: Tracer::new(set, index, GRACE_MS),
            decoder: Decoder::new(&keys, mapping, pseudonyms),
            keys,
            envelopes: EnvelopeReader::new(mapping, pseudonyms),
            topic: Arc::from("events"),
            now,
        })
    }

    fn moment(&self) -> Moment {
        Moment { record: None, now: self.now }
    }

    /// Whether those bytes are an event.
    pub(super) fn reads(&self, bytes: &[u8]) -> bool {
        self.envelopes.read(bytes, self.moment()).is_ok()
    }

    /// Tells it an event, as a finding of that part if one is named. By the offset windows know which event it is.
    pub(super) fn next(
        &mut self,
        bytes: &[u8],
        offset: i64,
        part: Option<usize>,
    ) -> Result<Met, DecodeError> {
        let read = self.read(bytes, offset, part)?;
        Ok(self.tell(read))
    }

    /// Finds what is in an event, which the windows are not told of yet: texts of several messages are read as they were recorded,
    /// whatever the order in which the windows are told.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        offset: i64,
        part: Option<usize>,
    ) -> Result<Read, DecodeError> {
        let moment = self.moment();
        let time = self.envelopes.read(bytes, moment)?.time;
        let mut batch = Batch::default();
        self.decoder.decode_at(0, bytes, moment, &mut batch)?;
        let (found, hits) = self.matched(bytes, offset, part)?;
        // What a correlation found has the fields of its key.
        let of = |(part, own): (usize, &Part)| {
            if found.contains(&own.id) { self.lacks(&batch, part) } else { Vec::new() }
        };
        let lacks = self.correlation.parts.iter().enumerate().map(of).collect();
        Ok(Read { time, found, hits, lacks })
    }

    /// Tells it what was found in an event.
    pub(super) fn tell(&mut self, read: Read) -> Met {
        let Read { time, found, hits, lacks } = read;
        let Traced { changes, others } = self.tracer.fold(hits);
        let set = self.program.correlations();
        let found_by =
            |id: &str| found.contains(id) || others.iter().any(|other| set.get(*other).correlation.id == id);
        let parts = self.correlation.parts.iter().zip(lacks).enumerate();
        let parts = parts.filter(|(_, (own, _))| found_by(&own.id));
        let parts = parts.map(|(part, (_, lacks))| Found { part, lacks });
        Met { time, parts: parts.collect(), changes }
    }

    /// The ids of what finds something in an event, and its hits.
    fn matched(
        &mut self,
        bytes: &[u8],
        offset: i64,
        part: Option<usize>,
    ) -> Result<(BTreeSet<String>, Vec<Hit>), DecodeError> {
        let topic = Arc::clone(&self.topic);
        let payload = Some(bytes);
        let record = Record { topic: &topic, partition: 0, offset, timestamp: None, key: None, payload };
        // Also where a part is named, for what is written over several messages.
        let outcome = self.stage.run(&[record], self.now);
        if let Some(part) = part.and_then(|part| self.correlation.parts.get(part)) {
            let hits = self.supplier.hits(&record, self.now, &part.id)?;
            return Ok(([part.id.clone()].into(), hits));
        }
        let found = outcome.flags.iter().map(|flag| flag.rule.id.clone()).collect();
        Ok((found, outcome.hits.iter().map(|out| out.hit.clone()).collect()))
    }

    /// Fields of the group key that a part would need and the event does not have.
    fn lacks(&self, batch: &Batch, part: usize) -> Vec<String> {
        let is_there = |field: FieldId| {
            batch.values(0, field).filter_map(|(_, value)| value.text()).any(|text| !text.is_empty())
        };
        let fields = self.correlation.keys.iter().map(|key| key.field(part));
        let lacking = fields.filter(|path| !self.keys.find(path).is_some_and(is_there));
        lacking.map(str::to_owned).collect()
    }

    /// How every window stands, by group key.
    pub(super) fn standings(&self) -> impl Iterator<Item = (&GroupKey, Standing)> {
        self.tracer.standings()
    }
}
