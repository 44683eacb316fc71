//! What is known of a record before anyone judges it: when it was, and what labels say of it.

use crate::cli::labels::Labels;
use crate::truth::CaseIndex;

/// What is known of a record; nothing of one that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Known {
    pub(super) case: Option<CaseIndex>,
    /// As it states it, in milliseconds since the epoch.
    pub(super) time_ms: Option<i64>,
    /// The indicator that it resembles, though it is harmless.
    pub(super) resembles: Option<Box<str>>,
}

impl Known {
    pub(super) fn of(labels: &Labels, payload: &[u8]) -> Known {
        let known = labels.of(payload);
        let label = labels.truth().zip(known.id).and_then(|(truth, id)| truth.event(&id));
        let resembles = label.and_then(|label| label.resembles.clone());
        Known { case: known.case, time_ms: known.time_ms, resembles }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Mapping;
    use crate::truth::Reader;
    use std::sync::Arc;

    #[test]
    fn a_record_is_known_by_its_id_and_its_room() {
        let mut reader = Reader::default();
        reader.line(br#"{"case":"1","risk":false,"rooms":["r1"]}"#);
        reader.line(br#"{"event":"e1","case":"1","resembles":"g3"}"#);
        let canonical = Mapping::canonical();
        let labels = Labels::new(Some(Arc::new(reader.finish().expect("labels"))), &canonical);
        let case = Some(CaseIndex(0));
        let one = br#"{"id":"e1","type":"payment","time":"1970-01-01T00:00:01Z"}"# as &[u8];
        let other = br#"{"id":"e2","type":"gift","room":{"id":"r1"}}"# as &[u8];
        let known = Known { case, time_ms: Some(1_000), resembles: Some("g3".into()) };
        assert_eq!(Known::of(&labels, one), known);
        assert_eq!(Known::of(&labels, other), Known { case, ..Known::default() });
        assert_eq!(Known::of(&labels, b"[1]"), Known::default());
        assert_eq!(
            Known::of(&Labels::new(None, &canonical), one),
            Known { time_ms: Some(1_000), ..Known::default() }
        );
    }
}
