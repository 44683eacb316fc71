//! What is known of a record before anyone judges it: when it was, and what labels say of it.

use crate::event::{EnvelopeReader, Mapping, Moment};
use crate::truth::{CaseIndex, Truth};
use std::sync::Arc;

/// Reads what is known of records.
pub(super) struct Labels {
    truth: Option<Arc<Truth>>,
    envelopes: EnvelopeReader,
}

/// What is known of a record; nothing of one that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Known {
    pub(super) case: Option<CaseIndex>,
    /// As it states it, in milliseconds since the epoch.
    pub(super) time_ms: Option<i64>,
    /// The indicator that it resembles, though it is harmless.
    pub(super) resembles: Option<Box<str>>,
}

impl Labels {
    pub(super) fn new(truth: Option<Arc<Truth>>) -> Labels {
        Labels { truth, envelopes: EnvelopeReader::new(&Mapping::canonical(), None) }
    }

    pub(super) fn of(&self, payload: &[u8]) -> Known {
        let moment = Moment { record: None, now: i64::MAX };
        let Ok(envelope) = self.envelopes.read(payload, moment) else { return Known::default() };
        let time_ms = envelope.stated_time;
        let Some(truth) = &self.truth else { return Known { time_ms, ..Known::default() } };
        let id = envelope.id.as_deref();
        let resembles = id.and_then(|id| truth.event(id)).and_then(|known| known.resembles.clone());
        let case = truth.case_of(id, envelope.session.as_deref(), envelope.room.id.as_deref());
        Known { case, time_ms, resembles }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::Reader;

    #[test]
    fn a_record_is_known_by_its_id_and_its_room() {
        let mut reader = Reader::default();
        reader.line(br#"{"case":"1","risk":false,"rooms":["r1"]}"#);
        reader.line(br#"{"event":"e1","case":"1","resembles":"g3"}"#);
        let labels = Labels::new(Some(Arc::new(reader.finish().expect("labels"))));
        let case = Some(CaseIndex(0));
        let one = br#"{"id":"e1","type":"payment","time":"1970-01-01T00:00:01Z"}"# as &[u8];
        let other = br#"{"id":"e2","type":"gift","room":{"id":"r1"}}"# as &[u8];
        let known = Known { case, time_ms: Some(1_000), resembles: Some("g3".into()) };
        assert_eq!(labels.of(one), known);
        assert_eq!(labels.of(other), Known { case, ..Known::default() });
        assert_eq!(labels.of(b"[1]"), Known::default());
        assert_eq!(Labels::new(None).of(one), Known { time_ms: Some(1_000), ..Known::default() });
    }
}
