//! Taking messages in batches.
//!
//! Why: `rd_kafka_consume_batch_queue` costs a quarter less CPU than polling message by message, and the
//! application's part of it a good half less. The safe client offers neither the call nor a way to
//! gather several partitions on one queue.
//!
//! How: a [`Client`] keeps the main queue (group, rebalances, errors) with the safe client, and forwards
//! the queue of every partition it is assigned to one queue of its own, which it drains. Three rules
//! make that sound, and the types hold them:
//!
//! * The worker's queue and every message must be gone before the client is destroyed, or destroying it
//!   waits for ever: [`Client`] owns all three and drops them in that order, and a [`Batch`] borrows it.
//! * One batch call at a time on a client: [`Client::take`] wants `&mut self`.
//! * Offsets come from messages only, and the next batch is taken after the last one is given up.
//!
//! Rejected: two worker queues on one client (concurrent batch calls are undefined), and the split
//! partition queues of the safe client (one poll a message, and a stall when one is dropped).

use super::Queue;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka_sys as sys;
use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

/// A consumer whose partitions are drained in batches through one queue.
pub(in crate::kafka) struct Client<C: ConsumerContext> {
    // Dropped in this order: messages, queue, consumer.
    messages: Messages,
    queue: Queue,
    consumer: Arc<BaseConsumer<C>>,
}

impl<C: ConsumerContext> Client<C> {
    /// Adds the worker's queue to a consumer that has not subscribed yet. Takes at most `limit` messages
    /// at a time.
    pub(in crate::kafka) fn new(consumer: BaseConsumer<C>, limit: usize) -> Option<Self> {
        let queue = Queue::new(consumer.client())?;
        Some(Self { messages: Messages::new(limit), queue, consumer: Arc::new(consumer) })
    }

    /// The safe client, which keeps the main queue.
    pub(in crate::kafka) fn consumer(&self) -> &Arc<BaseConsumer<C>> {
        &self.consumer
    }

    /// Lets the messages of a partition arrive on the worker's queue. To be called on every assignment,
    /// before it: what is fetched earlier would arrive on the main queue.
    pub(in crate::kafka) fn forward(&self, topic: &CStr, partition: i32) -> bool {
        let handle = self.consumer.client().native_ptr();
        // SAFETY: the handle is valid while the consumer lives; the name is copied by the call.
        let queue = unsafe { sys::rd_kafka_queue_get_partition(handle, topic.as_ptr(), partition) };
        let Some(queue) = NonNull::new(queue).map(Queue) else { return false };
        // SAFETY: both queues are valid here. The client keeps its own reference to the destination, so
        // that dropping ours to the source right after is what the interface asks for.
        unsafe { sys::rd_kafka_queue_forward(queue.0.as_ptr(), self.queue.0.as_ptr()) };
        true
    }

    /// Takes what has arrived; if nothing has, waits for the first message at most `wait`.
    ///
    /// The call fills its batch or waits out its time, so that waiting for a whole batch would delay
    /// every message by that time. Hence: what is there without waiting; if that is nothing, one message
    /// with waiting and then again what is there.
    pub(in crate::kafka) fn take(&mut self, wait: Duration) -> Batch<'_> {
        self.messages.clear();
        self.messages.fill(&self.queue, 0, usize::MAX);
        if self.messages.filled.is_empty() && !wait.is_zero() {
            let millis = c_int::try_from(wait.as_millis().max(1)).unwrap_or(c_int::MAX);
            self.messages.fill(&self.queue, millis, 1);
            if !self.messages.filled.is_empty() {
                self.messages.fill(&self.queue, 0, usize::MAX);
            }
        }
        Batch { messages: &self.messages.filled }
    }

    /// Gives back the messages of the last batch before the next one is taken.
    pub(in crate::kafka) fn discard(&mut self) {
        self.messages.clear();
    }

    /// The end of a partition as of the last fetch, without asking the cluster; none before the first.
    pub(in crate::kafka) fn known_end(&self, topic: &CStr, partition: i32) -> Option<i64> {
        let (mut low, mut high) = (-1, -1);
        let handle = self.consumer.client().native_ptr();
        // SAFETY: the handle is valid while the consumer lives; both targets live through the call.
        let code = unsafe {
            sys::rd_kafka_get_watermark_offsets(
                handle,
                topic.as_ptr(),
                partition,
                &raw mut low,
                &raw mut high,
            )
        };
        let known = code == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0;
        known.then_some(high)
    }
}

/// The messages of the batch in hand, in a buffer that is kept.
struct Messages {
    filled: Vec<NonNull<sys::rd_kafka_message_t>>,
    limit: usize,
}

// SAFETY: messages belong to whoever holds them, in any thread; the client they point into is thread-safe.
unsafe impl Send for Messages {}

impl Messages {
    fn new(limit: usize) -> Self {
        Self { filled: Vec::with_capacity(limit), limit }
    }

    /// Takes up to `most` further messages, waiting at most `millis` for them.
    fn fill(&mut self, queue: &Queue, millis: c_int, most: usize) {
        let held = self.filled.len();
        let room = self.limit.saturating_sub(held).min(most);
        self.filled.reserve(room);
        // SAFETY: `room` elements after the filled ones are reserved; a pointer and a `NonNull` have the
        // same layout, and the call writes only pointers to messages that it hands over.
        let taken = unsafe {
            let free = self.filled.as_mut_ptr().add(held).cast::<*mut sys::rd_kafka_message_t>();
            sys::rd_kafka_consume_batch_queue(queue.0.as_ptr(), millis, free, room)
        };
        let taken = usize::try_from(taken).unwrap_or(0).min(room);
        // SAFETY: the call has written the first `taken` of the reserved elements, none of them null.
        unsafe { self.filled.set_len(held + taken) }
    }

    fn clear(&mut self) {
        for message in self.filled.drain(..) {
            // SAFETY: handed over by the batch call, destroyed exactly once, before its client.
            unsafe { sys::rd_kafka_message_destroy(message.as_ptr()) }
        }
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A batch of messages, valid until the next one is taken.
pub(in crate::kafka) struct Batch<'a> {
    messages: &'a [NonNull<sys::rd_kafka_message_t>],
}

impl<'a> Batch<'a> {
    pub(in crate::kafka) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The messages in the order in which each partition delivered them.
    pub(in crate::kafka) fn iter(&self) -> impl Iterator<Item = Message<'a>> + use<'a> {
        // SAFETY: every pointer is a message that stays until the client takes its next batch, for which
        // it needs to be borrowed mutably while this batch borrows it.
        self.messages.iter().map(|message| Message(unsafe { message.as_ref() }))
    }
}

/// One message, or an error that the client reports in the place of one.
#[derive(Clone, Copy)]
pub(in crate::kafka) struct Message<'a>(&'a sys::rd_kafka_message_t);

impl<'a> Message<'a> {
    /// The error in whose place this stands, if it is no message.
    pub(in crate::kafka) fn error(self) -> Option<RDKafkaErrorCode> {
        let code = self.0.err;
        let failed = code != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
        failed.then(|| code.into())
    }

    /// What the client says about the error.
    pub(in crate::kafka) fn error_text(self) -> String {
        // SAFETY: the message is valid; the text is null or lives as long as the message.
        let text = unsafe { sys::rd_kafka_message_errstr(self.0) };
        if text.is_null() {
            return String::new();
        }
        // SAFETY: not null, and ends with a zero byte.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }

    pub(in crate::kafka) fn partition(self) -> i32 {
        self.0.partition
    }

    pub(in crate::kafka) fn offset(self) -> i64 {
        self.0.offset
    }

    /// The record's own time stamp in milliseconds since the epoch.
    pub(in crate::kafka) fn timestamp(self) -> Option<i64> {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: the message is valid and `kind` lives through the call.
        let millis = unsafe { sys::rd_kafka_message_timestamp(self.0, &raw mut kind) };
        let known = kind != sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        (known && millis >= 0).then_some(millis)
    }

    pub(in crate::kafka) fn key(self) -> Option<&'a [u8]> {
        bytes(self.0.key.cast(), self.0.key_len)
    }

    pub(in crate::kafka) fn payload(self) -> Option<&'a [u8]> {
        bytes(self.0.payload.cast(), self.0.len)
    }
}

/// The bytes of a message's part, none if it has none (which an empty part is not).
fn bytes<'a>(start: *const u8, length: usize) -> Option<&'a [u8]> {
    // SAFETY: only called with the parts of a message that lives for 'a, which the client never changes.
    (!start.is_null()).then(|| unsafe { std::slice::from_raw_parts(start, length) })
}
