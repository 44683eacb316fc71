//! Events read one by one as the service would, for a rule that is to be explained on them.

use crate::engine::trace::Tracer;
use crate::event::{Batch, DecodeError, Decoder, Moment, Record};
use crate::worker::join::Joiner;
use crate::worker::stage::{self, Reading};
use std::sync::Arc;

/// Reads events that came one after another.
pub(super) struct Reader {
    decoder: Decoder,
    joiner: Joiner,
    topic: Arc<str>,
    now: i64,
}

impl Reader {
    /// For the rule that `tracer` explains, at the time `now`.
    pub(super) fn new(tracer: &Tracer, reading: &Reading, now: i64) -> Reader {
        Reader {
            decoder: Decoder::new(tracer.fields(), &reading.mapping, reading.pseudonyms.as_ref()),
            joiner: Joiner::new(tracer.fields(), 0, stage::Settings::default().tail_limit),
            topic: Arc::from("events"),
            now,
        }
    }

    /// Reads an event, joined with those before it.
    pub(super) fn next(&mut self, bytes: &[u8], offset: i64) -> Result<Batch, DecodeError> {
        let mut batch = self.read(bytes)?;
        let (topic, moment) = (&self.topic, Moment { record: None, now: self.now });
        let record = Record { topic, partition: 0, offset, timestamp: None, key: None, payload: Some(bytes) };
        self.joiner.take(&record, moment, &mut batch);
        self.joiner.release();
        Ok(batch)
    }

    /// Reads an event by itself.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Batch, DecodeError> {
        let mut batch = Batch::default();
        let moment = Moment { record: None, now: self.now };
        self.decoder.decode_at(0, bytes, moment, &mut batch).map(|()| batch)
    }
}
