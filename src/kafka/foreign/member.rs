//! Whether a consumer is a member of its group.

use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka_sys as sys;
use std::ffi::CStr;

/// True while the client has a member id: from its first join until it has sent that it leaves.
pub(in crate::kafka) fn is_member<C: ClientContext>(client: &Client<C>) -> bool {
    // SAFETY: the handle is valid while the client is borrowed.
    let id = unsafe { sys::rd_kafka_memberid(client.native_ptr()) };
    if id.is_null() {
        return false;
    }
    // SAFETY: not null, ends with a zero byte, and is given back exactly once, after it was read.
    unsafe {
        let named = !CStr::from_ptr(id).is_empty();
        sys::rd_kafka_mem_free(client.native_ptr(), id.cast());
        named
    }
}
