//! What a record says before any rule looks at it: its id, its time, and the case that labels put it to.

use crate::event::{EnvelopeReader, Mapping, Moment};
use crate::truth::{CaseIndex, Truth};
use std::sync::Arc;

/// Puts records to cases.
pub(super) struct Labels {
    truth: Option<Arc<Truth>>,
    envelopes: EnvelopeReader,
}

/// What is known of a record; nothing of one that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Known {
    pub(super) id: Option<String>,
    pub(super) case: Option<CaseIndex>,
    /// As it states it, in milliseconds since the epoch.
    pub(super) time_ms: Option<i64>,
}

impl Labels {
    /// For records that `mapping` describes. Labels name people and rooms as the platform does: pseudonyms are for flags.
    pub(super) fn new(truth: Option<Arc<Truth>>, mapping: &Mapping) -> Labels {
        Labels { truth, envelopes: EnvelopeReader::new(mapping, None) }
    }

    pub(super) fn truth(&self) -> Option<&Truth> {
        self.truth.as_deref()
    }

    pub(super) fn of(&self, payload: &[u8]) -> Known {
        // Times are taken as they are stated: nothing here is too late, or of the future.
        let moment = Moment { record: None, now: i64::MAX };
        let Ok(envelope) = self.envelopes.read(payload, moment) else { return Known::default() };
        let (id, session, room) =
            (envelope.id.as_deref(), envelope.session.as_deref(), envelope.room.id.as_deref());
        let case = self.truth().and_then(|truth| truth.case_of(id, session, room));
        Known { case, time_ms: envelope.stated_time, id: envelope.id }
    }
}
