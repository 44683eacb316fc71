//! Sends what a producer has gathered, now.

use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka_sys as sys;
use std::time::Duration;

/// Sends what waits for more to be sent along with, for as long as `wait`, in whole milliseconds. All of it is spent unless nothing
/// is in flight: what was acknowledged counts as that until it is polled.
///
/// The safe call does not do: it takes no time at all, in which the client's threads do not even notice, and then waits itself.
pub(in crate::kafka) fn flush<C: ClientContext>(client: &Client<C>, wait: Duration) {
    let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the handle is valid while the client is borrowed.
    unsafe { sys::rd_kafka_flush(client.native_ptr(), wait) };
}
