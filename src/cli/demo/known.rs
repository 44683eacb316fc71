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
