//! A cluster that wants TLS, a login by SCRAM, and access control lists.

use super::broker::{Broker, Input, Login, Options, authority};
use super::ledger;
use super::ledger::Promise;
use super::site::{PATIENCE, RUNTIME_FAILURE, Site};
use super::trace::{Plan, RULES, Trace};

/// A site that reaches the broker by its secure listener as `login`.
fn secure(broker: &Broker, name: &str, login: Login) -> Site {
    let mut site = Site::new(broker, name, 2, RULES);
    site.use_brokers(&broker.secure_address());
    site.set("kafka.properties", "\"security.protocol\" = \"sasl_ssl\"")
        .set(
            "kafka.properties",
            format!("\"ssl.ca.location\" = \"{}\"", authority(broker.directory()).display()),
        )
        .set("kafka.properties", "\"sasl.mechanism\" = \"SCRAM-SHA-512\"")
        .set("kafka.properties", format!("\"sasl.username\" = \"{}\"", login.user))
        .set("kafka.properties", format!("\"sasl.password\" = \"{}\"", login.password));
    site
}

#[test]
fn scram_over_tls_and_a_topic_that_may_not_be_written() {
    let broker = Broker::start_with(&Options { secure: true, ..Options::default() });
    let client = broker.client();
    let site = secure(&broker, "secure", Login::admin());
    let trace = Trace::new(&Plan { partitions: 2, ..Plan::of(5_000) });
    let mut worker = site.start_ready("worker");
    client.produce(&site.input(), &trace.inputs);
    client.await_consumed(site.group(), &site.input(), PATIENCE);
    assert!(worker.stop().success(), "{}", worker.tail());
    ledger::audit(&trace, &site.outputs(&client), Promise::ExactlyOnce);
    assert!(!worker.log().contains(Login::admin().password), "the log shows the password");

    // Everything but writing flags.
    let site = secure(&broker, "forbidden", Login::worker());
    let user = format!("User:{}", Login::worker().user);
    let allow = |rest: &[&str]| {
        let bootstrap = broker.address();
        let head = ["--bootstrap-server", &bootstrap, "--add", "--allow-principal", &user];
        Broker::tool("org.apache.kafka.tools.AclCommand", &[&head[..], rest].concat());
    };
    allow(&[
        "--operation",
        "Read",
        "--operation",
        "Describe",
        "--topic",
        &site.input(),
        "--group",
        site.group(),
    ]);
    allow(&["--operation", "Write", "--operation", "Describe", "--transactional-id", "*"]);
    for topic in [site.shadow(), site.dead_letters()] {
        allow(&["--operation", "Write", "--operation", "Describe", "--topic", &topic]);
    }
    allow(&["--operation", "Describe", "--topic", &site.flags()]);
    let mut worker = site.start("worker");
    let event = br#"{"id":"1","type":"chat.message","text":"how old are you?"}"#.to_vec();
    client.produce(&site.input(), &[Input { payload: Some(event), ..Input::default() }]);
    worker.fails(RUNTIME_FAILURE, &[&site.flags(), "authoriz"]);
    assert_eq!(client.read(&site.flags()), []);
}
