//! A setting of the embedded broker.

use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka_sys as sys;

/// Turns off the delay with which the embedded broker's groups wait for more members. False if the client
/// has no embedded broker.
pub(in crate::kafka) fn no_join_delay<C: ClientContext>(client: &Client<C>) -> bool {
    // SAFETY: the handle is valid while the client is borrowed; the call answers null without a mock.
    let cluster = unsafe { sys::rd_kafka_handle_mock_cluster(client.native_ptr()) };
    if cluster.is_null() {
        return false;
    }
    // SAFETY: the cluster belongs to the client and lives as long as it.
    unsafe { sys::rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0) };
    true
}
