//! The configuration files of the broker and of its controller.

use super::{Options, Ports, secure};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Node ids; the broker's is what Kafka's tools are asked for.
pub(super) const BROKER: u32 = 1;
const CONTROLLER: u32 = 2;

/// Its file names in the cluster's directory.
pub(super) const BROKER_FILE: &str = "broker.properties";
pub(super) const CONTROLLER_FILE: &str = "controller.properties";
pub(super) const LOG_FILE: &str = "log4j2.properties";

/// Writes the files.
pub(super) fn write(directory: &Path, ports: Ports, options: &Options) {
    let secure = if options.secure { secure::prepare(directory) } else { String::new() };
    let common = common(ports, options, &secure);
    let put = |name: &str, text: String| {
        fs::write(directory.join(name), text).expect("the broker's directory is writable");
    };
    put(CONTROLLER_FILE, controller(directory, ports, &common));
    put(BROKER_FILE, broker(directory, ports, options, &common));
    put(LOG_FILE, LOG.to_owned());
}

fn common(ports: Ports, options: &Options, secure: &str) -> String {
    let mut text = format!(
        "controller.quorum.voters={CONTROLLER}@127.0.0.1:{}\n\
         controller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL\n\
         {SETTINGS}{secure}",
        ports.controller
    );
    for line in &options.settings {
        writeln!(text, "{line}").expect("a string takes it");
    }
    text
}

fn controller(directory: &Path, ports: Ports, common: &str) -> String {
    let data = directory.join("controller-data");
    format!(
        "process.roles=controller\nnode.id={CONTROLLER}\nlisteners=CONTROLLER://127.0.0.1:{}\nlog.dirs={}\n{common}",
        ports.controller,
        data.display()
    )
}

fn broker(directory: &Path, ports: Ports, options: &Options, common: &str) -> String {
    let mut listeners = format!("PLAINTEXT://127.0.0.1:{}", ports.clear);
    if options.secure {
        write!(listeners, ",SASL_SSL://localhost:{}", ports.secure).expect("a string takes it");
    }
    format!(
        "process.roles=broker\nnode.id={BROKER}\nlisteners={listeners}\nadvertised.listeners={listeners}\n\
         inter.broker.listener.name=PLAINTEXT\nlog.dirs={}\n{common}",
        directory.join("data").display()
    )
}

/// One broker must hold the internal topics alone; topics exist when a test makes them, never by accident;
/// and groups form without the delay that gathers members after a cluster's start.
///
/// The broker's session outlasts every hang that a test makes ([`super::Broker::freeze`]): a broker that is
/// declared dead while it hangs drops the end of a transaction that it is just writing as it wakes up, if no
/// other can lead. Such a transaction stays open for good, with the offsets and records behind it. The price
/// is that long a wait after [`super::Broker::kill`].
const SETTINGS: &str = "\
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=4
broker.session.timeout.ms=14000
";

const LOG: &str = "\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
";
