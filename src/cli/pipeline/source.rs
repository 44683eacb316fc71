//! Where events come from: files, or a log such as a Kafka topic.

use crate::event::Record;
use crate::file::Input;
use std::io;
use std::sync::Arc;

/// Where events come from.
pub(in crate::cli) enum Source {
    /// Files, one after the other.
    Files(Vec<Input>),
    /// Records of a log.
    #[cfg_attr(not(feature = "kafka"), expect(dead_code, reason = "the only log there is"))]
    Log(Box<dyn Log>),
}

/// A log that is read once, to the end that it had when reading began.
pub(in crate::cli) trait Log: Send {
    /// What flags and messages call it.
    fn name(&self) -> Arc<str>;
    /// Waits a moment for what comes next and shows it, if there is something. False when all is read.
    fn next(&mut self, see: &mut dyn FnMut(&Record<'_>)) -> io::Result<bool>;
}

/// Records whose bytes stand together in a buffer.
#[derive(Debug, Default)]
pub(super) struct Packed(Vec<Place>);

/// Where a record stood, and where in the buffer its key and its value end.
#[derive(Debug)]
struct Place {
    partition: i32,
    offset: i64,
    timestamp: Option<i64>,
    key: Option<usize>,
    payload: Option<usize>,
}

impl Packed {
    /// True if there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Packs another one.
    pub(super) fn push(&mut self, record: &Record<'_>, buffer: &mut Vec<u8>) {
        let mut end = |part: Option<&[u8]>| {
            part.map(|bytes| {
                buffer.extend_from_slice(bytes);
                buffer.len()
            })
        };
        let (key, payload) = (end(record.key), end(record.payload));
        let Record { partition, offset, timestamp, .. } = *record;
        self.0.push(Place { partition, offset, timestamp, key, payload });
    }

    /// All of them.
    pub(super) fn records<'b>(&self, topic: &'b Arc<str>, buffer: &'b [u8]) -> Vec<Record<'b>> {
        let mut start = 0;
        let mut part = |end: Option<usize>| {
            let end = end?;
            let part = buffer.get(start..end);
            start = end;
            part
        };
        let record = |place: &Place| Record {
            topic,
            partition: place.partition,
            offset: place.offset,
            timestamp: place.timestamp,
            key: part(place.key),
            payload: part(place.payload),
        };
        self.0.iter().map(record).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Part = Option<&'static [u8]>;

    #[test]
    fn records_come_out_as_they_went_in() {
        let topic: Arc<str> = "t".into();
        let cases: [(Part, Part); 4] =
            [(Some(b"k"), Some(b"value")), (None, Some(b"")), (Some(b""), None), (None, Some(b"last"))];
        let (mut packed, mut buffer) = (Packed::default(), Vec::new());
        for (offset, (key, payload)) in (7..).zip(cases) {
            let record = Record { topic: &topic, partition: 3, offset, timestamp: Some(9), key, payload };
            packed.push(&record, &mut buffer);
        }
        let records = packed.records(&topic, &buffer);
        let found: Vec<_> = records.iter().map(|record| (record.key, record.payload)).collect();
        assert_eq!(found, cases);
        assert_eq!(records[3].offset, 10);
    }
}
