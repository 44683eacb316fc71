//! The one place with foreign code: the calls of librdkafka that the safe client does not offer.
//!
//! | module | call | why |
//! |---|---|---|
//! | [`batch`] | `rd_kafka_consume_batch_queue` | a quarter less CPU than polling message by message |
//! | [`access`] | `rd_kafka_DescribeTopics` | says at the start whether a topic may be read and written |
//! | [`flush`] | `rd_kafka_flush` | the safe one sends nothing sooner, and then sleeps |
//! | [`member`] | `rd_kafka_memberid` | says when a member that is to leave its group has left |
//! | [`mock`] | `rd_kafka_mock_group_initial_rebalance_delay_ms` | the demo would wait seconds for its group |
#![expect(unsafe_code, reason = "these calls have no safe binding")]

pub(super) mod access;
pub(super) mod batch;
pub(super) mod flush;
pub(super) mod member;
pub(super) mod mock;

use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka_sys as sys;
use std::ffi::CString;
use std::ptr::NonNull;

/// An owned reference to one of librdkafka's queues. To be dropped before the client that it is of.
struct Queue(NonNull<sys::rd_kafka_queue_t>);

impl Queue {
    /// A new queue of a client.
    fn new<C: ClientContext>(client: &Client<C>) -> Option<Self> {
        // SAFETY: the handle is valid while the client is borrowed.
        NonNull::new(unsafe { sys::rd_kafka_queue_new(client.native_ptr()) }).map(Self)
    }
}

// SAFETY: librdkafka's queues may be used from any thread; nothing here is bound to the creating one.
unsafe impl Send for Queue {}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: made by a call that hands over one reference, which is given back exactly once.
        unsafe { sys::rd_kafka_queue_destroy(self.0.as_ptr()) }
    }
}

/// A topic's name as the client's calls take it. Names with a zero byte are refused by the configuration.
pub(super) fn c_name(topic: &str) -> CString {
    CString::new(topic).unwrap_or_default()
}
