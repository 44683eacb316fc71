//! Sends what a producer has gathered, now.

use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka_sys as sys;
use std::time::Duration;

/// Sends what waits for more to be sent along with, and gives the brokers so long, in whole milliseconds, to acknowledge it. Whether they
/// did is seen by polling.
///
/// The safe call does not do: it gives them no time at all, in which the client's threads do not even notice, and then waits itself.
pub(in crate::kafka) fn flush<C: ClientContext>(client: &Client<C>, wait: Duration) {
    let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the handle is valid while the client is borrowed.
    unsafe { sys::rd_kafka_flush(client.native_ptr(), wait) };
}
