//! The order of events: by time, and of one time by where their records stand.

use std::sync::Arc;

/// Which event comes first. Times alone cannot order: two messages of one millisecond are usual.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderKey {
    /// The event's resolved time, in milliseconds since the epoch.
    pub time: i64,
    /// Topic of its record, or path of the file.
    pub topic: Arc<str>,
    /// Partition of the record.
    pub partition: i32,
    /// Offset of the record.
    pub offset: i64,
}

/// 128 bits that tell an event from all others; of a correlation's result, its flag's id.
pub type EventDigest = [u8; 16];

/// An event in its order. What a correlation found has the order key of the event that completed it, and a digest of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// Its place.
    pub order: OrderKey,
    /// Which event it is.
    pub event: EventDigest,
}

impl At {
    /// The event's time, in milliseconds since the epoch.
    pub fn time(&self) -> i64 {
        self.order.time
    }
}
