//! Correlations: what several events of one group key mean together.
//!
//! ```text
//!  findings of an event ─► harvest ─► Hit ─► KeyState: one Window a correlation ─► Firing ─► flag
//!                                      ▲            │                                │
//!                                      │            └─► bytes, for the log           │
//!                                      └──────────── results for other keys ◄────────┘
//! ```
//!
//! Pure: hits in, firings and changed windows out. Nothing here knows of Kafka or of the wall clock: time is that of events.
//! Folding a hit costs what the windows of its key hold, which the rules bound; how many keys and correlations there are makes no
//! difference.
//!
//! Rejected: a watermark, behind which hits are thrown away (one lagging partition would lose all of its own); windows that
//! open and close at fixed times (a chain over the border is missed, and the field's users are stumped by them); recomputing
//! windows from the hits of the last minutes after a restart (it fires where a run that never stopped does not).

mod asleep;
mod encode;
mod fed;
pub mod harvest;
pub mod hit;
pub mod key;
pub mod order;
mod protobuf;
pub mod set;
mod spare;
pub mod state;
pub mod store;
mod stretch;
pub mod trace;
pub mod values;
pub mod window;

pub use harvest::Harvest;
pub use hit::Hit;
pub use key::GroupKey;
pub use order::{At, EventDigest, OrderKey};
pub use set::{Compiled, CorrelationIndex, Correlations, Trigger};
pub use state::{Clock, Firing, Folded, KeyState, Results, Step};
pub use store::{AHEAD, Store};

#[cfg(test)]
mod testing;
