//! What users may write, and what they are told.

use super::*;
use std::time::Duration;

fn read(file: &str, variables: &[(&str, &str)]) -> Result<Config, Problems> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    resolve(Some(("w.toml", file)), variables)
}

fn told(file: &str, variables: &[(&str, &str)]) -> String {
    read(file, variables).expect_err("must be refused").to_string()
}

#[test]
fn the_default_is_complete_and_valid() {
    let config = resolve(None, std::iter::empty()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.kafka.delivery, Delivery::ExactlyOnce);
    assert_eq!(config.kafka.commit.at_latest, Duration::from_millis(100));
    assert_eq!(config.limits.max_flag_size, 900 * 1024);
    assert_eq!(config.kafka.instance, None);
    assert_eq!(config.kafka.correlate_group(), "wardline-match-correlate");
}

#[test]
fn the_default_sets_every_key_of_the_table_and_no_other() {
    let mut problems = Vec::new();
    let layer = layer::file(BUILT_IN, DEFAULT, &mut problems);
    assert_eq!(problems, []);
    let set: Vec<_> = layer.keys.keys().copied().collect();
    let table = keys::KEYS.iter().filter(|(_, kind)| !kind.is_open()).map(|(key, _)| *key);
    assert_eq!(set, table.collect::<Vec<_>>());
    for (table, _) in keys::KEYS.iter().filter(|(_, kind)| kind.is_open()) {
        assert!(DEFAULT.contains(&format!("\n[{table}]\n")), "{table} is not in the default");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_takes_the_type_of_the_key() {
    let file = "[kafka]\nbrokers = [\"a:1\"]\nsession_timeout = \"9s\"\n[limits]\nflags_per_minute = 5\n";
    let variables = [
        ("WARDLINE__KAFKA__BROKERS", "b:1, c:2"),
        ("WARDLINE__LIMITS__DEAD_LETTER_RATIO", "0.5"),
        ("WARDLINE__TOPICS__CREATE", "true"),
        ("WARDLINE__KAFKA__PROPERTIES__SASL_PASSWORD", "secret"),
        ("WARDLINE__EVENTS__CONSTANTS__PLATFORM", "demo"),
        ("WARDLINEX", "not ours"),
        ("WARDLINE_TEST_SEED", "not ours"),
        ("WARDLINE_SERVICE_HOST", "Kubernetes makes it for a service"),
        ("HOME", "/"),
    ];
    let config = read(file, &variables).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.kafka.brokers, ["b:1", "c:2"]);
    assert_eq!(config.kafka.session_timeout, Duration::from_secs(9));
    assert_eq!(config.limits.flags_per_minute, 5);
    assert!((config.limits.dead_letter_ratio - 0.5).abs() < f64::EPSILON);
    assert!(config.topics.create);
    assert_eq!(config.kafka.properties.0["sasl.password"], "secret");
    assert_eq!(config.events.constants["platform"], "demo");
}

#[test]
fn properties_may_be_written_quoted_nested_or_as_numbers() {
    let file = "[kafka.properties]\nssl.ca.location = \"/ca\"\n\"ssl.key.location\" = \"/key\"\n\
                [kafka.consumer.properties]\n\"fetch.wait.max.ms\" = 7\n\"check.crcs\" = true\n";
    let kafka = read(file, &[]).unwrap_or_else(|problems| panic!("{problems}")).kafka;
    assert_eq!(kafka.properties.0["ssl.ca.location"], "/ca");
    assert_eq!(kafka.properties.0["ssl.key.location"], "/key");
    assert_eq!(kafka.consumer.properties.0["fetch.wait.max.ms"], "7");
    assert_eq!(kafka.consumer.properties.0["check.crcs"], "true");
}

#[test]
fn secrets_are_not_shown() {
    let file = "[kafka.properties]\n\"sasl.password\" = \"hunter2\"\n";
    let config = read(file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let shown = format!("{config:?}");
    assert!(shown.contains("sasl.password") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn paths_of_a_file_count_from_its_directory() {
    let file = "[rules]\npaths = [\"r\", \"/abs\"]\n";
    let config = resolve(Some(("/etc/wardline/w.toml", file)), std::iter::empty());
    let rules = config.unwrap_or_else(|problems| panic!("{problems}")).rules;
    assert_eq!(rules.paths, [Path::new("/etc/wardline/r"), Path::new("/abs")]);
}

#[test]
fn paths_of_the_default_count_from_the_directory_of_a_file_that_is_silent_about_them() {
    let read = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = resolve(Some(("/etc/wardline/w.toml", "")), variables);
        config.unwrap_or_else(|problems| panic!("{problems}")).rules
    };
    assert_eq!(read(&[]).paths, [Path::new("/etc/wardline/rules")]);
    assert_eq!(read(&[("WARDLINE__RULES__PATHS", "here")]).paths, [Path::new("here")]);
    let alone = resolve(None, std::iter::empty()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(alone.rules.paths, [Path::new("rules")]);
}

#[test]
fn an_empty_property_is_not_set() {
    let file = "[kafka.properties]\n\"sasl.username\" = \"u\"\n\"sasl.mechanism\" = \"PLAIN\"\n";
    let config = read(file, &[("WARDLINE__KAFKA__PROPERTIES__SASL_USERNAME", "")]);
    let properties = config.unwrap_or_else(|problems| panic!("{problems}")).kafka.properties.0;
    assert_eq!(properties.into_keys().collect::<Vec<_>>(), ["sasl.mechanism"]);
}

#[test]
fn what_delivery_depends_on_is_refused_wherever_it_stands() {
    for table in ["kafka.properties", "kafka.consumer.properties", "kafka.producer.properties"] {
        for (name, _) in properties::owned() {
            let told = told(&format!("[{table}]\n{name:?} = \"x\"\n"), &[]);
            assert!(told.starts_with(&format!("w.toml:2:1: {table}.{name} is Wardline's own; ")), "{told}");
        }
    }
    // Taken from whoever sets them for the client.
    for name in ["group.protocol", "message.max.bytes", "partition.assignment.strategy", "transactional.id"] {
        assert!(properties::owned().any(|(owned, _)| owned == name), "{name}");
    }
}

#[test]
fn variables_that_do_nothing_are_told() {
    let meant = |name: &str| format!("its levels are not joined by two underscores; did you mean {name}?");
    let cases = [
        ("WARDLINE_KAFKA__GROUP", meant("WARDLINE__KAFKA__GROUP")),
        ("WARDLINE_KAFKA_STOP_TIMEOUT", meant("WARDLINE__KAFKA__STOP_TIMEOUT")),
        ("WARDLINE_KAFKA_PROPERTIES_SASL_PASSWORD", meant("WARDLINE__KAFKA__PROPERTIES__SASL_PASSWORD")),
        (
            "WARDLINE__EVENTS__TYPES__MESSAGE_CREATE",
            "events.types cannot be set in the environment; names of types have capitals, which are lost \
             here: set it in the file"
                .to_owned(),
        ),
        (
            "WARDLINE__KAFKA__PROPERTIES",
            "kafka.properties is a table, which has no value of its own; append the entry to the name: \
             WARDLINE__KAFKA__PROPERTIES__NAME"
                .to_owned(),
        ),
        ("WARDLINE__RULES__PATHS", "rules.paths: must not be empty".to_owned()),
    ];
    for (name, message) in cases {
        assert_eq!(told("", &[(name, "")]), format!("environment variable {name}: {message}"));
    }
}

#[test]
fn every_problem_is_told_with_its_place() {
    let file = "[kafka]\nbroker = [\"a:1\"]\nsession_timeout = \"5\"\n[limit]\nx = 1\n[kafka.properties]\n\
                \"enable.auto.commit\" = true\n[rules]\nreload = \"yes\"\n";
    let variables = [("WARDLINE__KAFKA__GRUOP", "g"), ("WARDLINE__WORKERS__COUNT", "many")];
    let expected = "\
w.toml:2:1: unknown key \"kafka.broker\"; did you mean \"kafka.brokers\"?
w.toml:3:19: kafka.session_timeout: expected a duration such as \"250ms\" or \"5m\", found \"5\"
w.toml:4:2: unknown key \"limit\"; did you mean \"limits\"?
w.toml:7:1: kafka.properties.enable.auto.commit is Wardline's own; offsets are committed with the flags they led to; see kafka.commit
w.toml:9:10: rules.reload: expected true or false, found a text
environment variable WARDLINE__KAFKA__GRUOP: unknown key \"kafka.gruop\"; did you mean \"kafka.group\"?
environment variable WARDLINE__WORKERS__COUNT: workers.count: expected a whole number, found a text";
    assert_eq!(told(file, &variables), expected);
}

#[test]
fn single_mistakes_are_told_as_a_colleague_would() {
    let cases = [
        ("brokers = [\"a:1\"]", "w.toml:1:1: unknown key \"brokers\"; did you mean \"kafka.brokers\"?"),
        ("kafka = 1", "w.toml:1:1: kafka: expected a table"),
        ("[kafka]\nproperties = 1", "w.toml:2:1: kafka.properties: expected a table"),
        (
            "[kafka]\ndelivery = \"exactly once\"",
            "w.toml:2:12: kafka.delivery: unknown word \"exactly once\"; did you mean \"exactly-once\"?",
        ),
        ("[kafka]\nbrokers = \"a:1\"", "w.toml:2:11: kafka.brokers: expected a list of texts, found a text"),
        (
            "[kafka]\nwatchdog = \"10s\"",
            "w.toml:2:12: kafka.watchdog: must be more than kafka.transaction_timeout, which bounds a commit",
        ),
        (
            "[kafka]\ntransaction_timeout = \"20s\"",
            "w.toml:2:23: kafka.message_timeout: must be less than kafka.transaction_timeout",
        ),
        (
            "[topics]\nflags = \"chat.events\"",
            "w.toml:2:9: topics.flags: must differ from topics.input, or Wardline would read its own output",
        ),
        (
            "[topics]\nshadow = \"review.flags\"",
            "w.toml:2:10: topics.shadow: must differ from topics.flags, or nobody could tell what is for whom",
        ),
        (
            "[topics]\nwindows = \"wardline.hits\"",
            "w.toml:2:11: topics.windows: must differ from topics.hits, or nobody could tell what is for whom",
        ),
        (
            "[kafka]\ncorrelate_group = \"wardline-match\"",
            "w.toml:2:19: kafka.correlate_group: must differ from kafka.group: its workers read another topic",
        ),
        (
            "[kafka]\nsession_timeout = \"6m\"",
            "w.toml:2:19: kafka.session_timeout: must not be more than the consumer's max.poll.interval.ms, which is 5m; set that in [kafka.consumer.properties] if you need more",
        ),
        (
            "[kafka]\nrequest_timeout = \"45s\"",
            "w.toml:2:19: kafka.request_timeout: must be less than kafka.watchdog, or a slow answer would end the process",
        ),
        (
            "[limits]\nmax_commit_age = \"1s\"",
            "w.toml:2:18: kafka.commit.idle: must be less than limits.max_commit_age, or the process would never be ready",
        ),
        ("[rules]\npaths = []", "w.toml:2:9: rules.paths: must not be empty"),
        (
            "[log]\nlevel = \"warning\"",
            "w.toml:2:9: log.level: unknown level \"warning\"; did you mean \"warn\"?",
        ),
        (
            "[events.field_types]\n\"x.y\" = \"txt\"",
            "w.toml:2:1: events.field_types.x.y: unknown type \"txt\"; expected one of text, keyword, number, bool, time; did you mean \"text\"?",
        ),
        (
            "[events.pseudonyms]\nfields = [\"sender.id\"]\nkey_id = \"k1\"",
            "w.toml:2:10: events.pseudonyms.key_file: must be set when events.pseudonyms.fields names fields",
        ),
        (
            "[kafka.properties]\ngroup.id = \"x\"",
            "w.toml:2:7: kafka.properties.group.id is Wardline's own; use kafka.group",
        ),
        ("[events.fields]\ntext = 1", "w.toml:2:1: events.fields.text: expected a text or a list of texts"),
    ];
    for (file, message) in cases {
        assert_eq!(told(file, &[]), message, "{file}");
    }
}

#[test]
fn names_that_lead_nowhere_are_told() {
    let cases = [
        (
            "[kafka]\n\"sasl.password\" = \"x\"",
            "w.toml:2:1: unknown key \"kafka.sasl.password\"; properties of the Kafka client belong in [kafka.properties]: \"sasl.password\"",
        ),
        (
            "[kafka.properties]\n\"sasl.passwrod\" = \"x\"",
            "w.toml:2:1: kafka.properties.sasl.passwrod is no property of the Kafka client; did you mean \"sasl.password\"?",
        ),
        (
            "[kafka.producer.properties]\nzzz = 1",
            "w.toml:2:1: kafka.producer.properties.zzz is no property of the Kafka client; librdkafka's CONFIGURATION.md lists them",
        ),
        (
            "[events.types]\nMSG = \"chat.mesage\"",
            "w.toml:2:1: events.types.MSG: \"chat.mesage\" is no type of event; did you mean \"chat.message\"?",
        ),
        (
            "[events.fields]\n\"sendr.id\" = \"user\"",
            "w.toml:2:1: events.fields.sendr.id: is no known field; did you mean \"sender.id\"? If it is a field of your own, give its type in [events.field_types]",
        ),
        (
            "[events.fields]\nroom = \"channel\"",
            "w.toml:2:1: events.fields.room: holds fields and is none itself; map one by one: room.id, room.kind, room.participants, room.topic",
        ),
        (
            "[events.fields]\n\"sender.hour_local\" = \"hour\"",
            "w.toml:2:1: events.fields.sender.hour_local: is made from other fields; map the fields that it is made from",
        ),
        (
            "[events.constants]\n\"pair.id\" = \"one\"",
            "w.toml:2:1: events.constants.pair.id: is made from other fields; map the fields that it is made from",
        ),
    ];
    for (file, message) in cases {
        assert_eq!(told(file, &[]), message, "{file}");
    }
}

#[test]
fn fields_of_ones_own_may_be_named_once_they_are_declared() {
    let file = "[events.fields]\n\"sender.ip\" = \"ip\"\n\"x.y\" = \"z\"\n[events.field_types]\n\"sender.ip\" = \"keyword\"\n\
                [events.pseudonyms]\nfields = [\"sender.ip\", \"x.y\", \"sender.id\", \"sender.name\", \"room.participants\"]\n\
                key_file = \"/key\"\nkey_id = \"k1\"\n";
    assert!(read(file, &[]).is_ok(), "{:?}", read(file, &[]));
}

/// Each would leave ids as they are.
#[test]
fn a_pseudonym_that_would_replace_nothing_is_refused() {
    let cases = [
        (
            "sendr.id",
            "\"sendr.id\" is no known field, so nothing would be replaced; did you mean \"sender.id\"?",
        ),
        (
            "player",
            "\"player\" is no known field, so nothing would be replaced; if it is a field of your own, give its type in [events.field_types]",
        ),
        (
            "session.host",
            "\"session.host\" holds fields and is none itself; name those that identify people: session.host.age_assurance, session.host.age_band, session.host.country, session.host.device_cluster, session.host.id, session.host.name",
        ),
        ("pair.id", "\"pair.id\" is made from other fields; name the fields that it is made from"),
        ("text", "\"text\" identifies nobody: ids and names do, this is of type text"),
        (
            "sender.account_age_days",
            "\"sender.account_age_days\" identifies nobody: ids and names do, this is of type number",
        ),
    ];
    for (field, message) in cases {
        let file = format!("[events.pseudonyms]\nfields = [{field:?}]\nkey_file = \"k\"\nkey_id = \"k1\"\n");
        assert_eq!(told(&file, &[]), format!("w.toml:2:10: events.pseudonyms.fields: {message}"));
    }
}

#[test]
fn broken_toml_is_told_by_line() {
    let message = told("[kafka]\ngroup = \n[web]\nlisten = \"x\"\n", &[]);
    assert!(message.starts_with("w.toml:2:"), "{message}");
    assert!(message.contains("w.toml:4:10: web.listen: expected an IP address"), "{message}");
}
