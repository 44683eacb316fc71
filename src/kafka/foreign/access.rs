//! Asking the cluster what this client may do with a topic.
//!
//! Writing cannot be tried without writing, so without this a missing permission would show at the first
//! flag, which may be days after the start.

use super::{Queue, c_name};
use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka_sys as sys;
use std::os::raw::c_int;
use std::ptr::{self, NonNull};
use std::time::Duration;
use sys::rd_kafka_AclOperation_t::{
    self as Operation, RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_OPERATION_WRITE,
};

/// What a client may do with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kafka) struct Access {
    pub(in crate::kafka) read: bool,
    pub(in crate::kafka) write: bool,
}

/// Asks for the access to a topic; none if the cluster does not tell, as old ones do not.
pub(in crate::kafka) fn access<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    timeout: Duration,
) -> Option<Access> {
    let queue = Queue::new(client)?;
    let options = Options::new(client)?;
    let collection = Collection::new(topic)?;
    // SAFETY: all four live through the call, which copies what it needs; the answer comes on the queue.
    unsafe {
        sys::rd_kafka_DescribeTopics(
            client.native_ptr(),
            collection.0.as_ptr(),
            options.0.as_ptr(),
            queue.0.as_ptr(),
        );
    }
    let millis = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: the queue is valid; the event is null or handed over.
    let event = Event(NonNull::new(unsafe { sys::rd_kafka_queue_poll(queue.0.as_ptr(), millis) })?);
    let operations = event.operations()?;
    let may = |operation| operations.contains(&operation);
    Some(Access { read: may(RD_KAFKA_ACL_OPERATION_READ), write: may(RD_KAFKA_ACL_OPERATION_WRITE) })
}

/// Options of the question: the operations are to be told.
struct Options(NonNull<sys::rd_kafka_AdminOptions_t>);

impl Options {
    fn new<C: ClientContext>(client: &Client<C>) -> Option<Self> {
        let purpose = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
        // SAFETY: the handle is valid while the client is borrowed.
        let options = unsafe { sys::rd_kafka_AdminOptions_new(client.native_ptr(), purpose) };
        let options = Self(NonNull::new(options)?);
        // SAFETY: the options are valid; the error is null or handed over, and then destroyed once.
        unsafe {
            let error = sys::rd_kafka_AdminOptions_set_include_authorized_operations(options.0.as_ptr(), 1);
            if !error.is_null() {
                sys::rd_kafka_error_destroy(error);
                return None;
            }
        }
        Some(options)
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made by `new` and destroyed once.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.0.as_ptr()) }
    }
}

/// The topic that is asked about.
struct Collection(NonNull<sys::rd_kafka_TopicCollection_t>);

impl Collection {
    fn new(topic: &str) -> Option<Self> {
        let name = c_name(topic);
        let mut names = [name.as_ptr()];
        // SAFETY: one valid name, which the call copies.
        let collection = unsafe { sys::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), 1) };
        NonNull::new(collection).map(Self)
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        // SAFETY: made by `new` and destroyed once.
        unsafe { sys::rd_kafka_TopicCollection_destroy(self.0.as_ptr()) }
    }
}

/// The answer. What is read from it lives as long as it.
struct Event(NonNull<sys::rd_kafka_event_t>);

impl Event {
    /// What may be done with the one topic that was asked about; none if the question failed.
    fn operations(&self) -> Option<&[Operation]> {
        // SAFETY: the event is valid; each call answers null or a pointer into the event, and a count that
        // belongs to the pointer. The operations are an array of the enumeration that librdkafka made.
        unsafe {
            let result = sys::rd_kafka_event_DescribeTopics_result(self.0.as_ptr());
            if result.is_null() {
                return None;
            }
            let mut count = 0;
            let topics = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
            if topics.is_null() || count != 1 {
                return None;
            }
            let topic: *const sys::rd_kafka_TopicDescription_t = ptr::read(topics);
            let error = sys::rd_kafka_TopicDescription_error(topic);
            let failed =
                sys::rd_kafka_error_code(error) != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
            let operations = sys::rd_kafka_TopicDescription_authorized_operations(topic, &raw mut count);
            if failed || operations.is_null() {
                return None;
            }
            Some(std::slice::from_raw_parts(operations, count))
        }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: handed over by the queue and destroyed once.
        unsafe { sys::rd_kafka_event_destroy(self.0.as_ptr()) }
    }
}
