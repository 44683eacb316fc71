//! The service on a real broker, at the trace level: message text and list entries are in its topics alone.
#![expect(clippy::disallowed_methods, reason = "writes the configuration that it runs")]

use super::broker::{Broker, Input};
use super::privacy::{ENTRY, TEXT, assert_unmarked, events_file, laid_out};
use super::process::{Process, Signal};
use super::wait;
use std::fs;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);
const INPUT: &str = "privacy.events";
const FLAGS: &str = "privacy.flags";
const DEAD: &str = "privacy.dlq";

fn configuration(brokers: &str) -> String {
    format!(
        "[kafka]\nbrokers = [{brokers:?}]\ngroup = \"privacy\"\ninstance = \"privacy\"\n\
         [kafka.properties]\n\"debug\" = \"msg,fetch,eos\"\n\
         [topics]\ninput = {INPUT:?}\nflags = {FLAGS:?}\nshadow = \"privacy.shadow\"\ndead_letters = {DEAD:?}\n\
         create = true\npartitions = 1\nreplication = 1\n\
         [rules]\npaths = [\"rules\"]\nreload_after = \"50ms\"\n[web]\nlisten = \"\"\n"
    )
}

#[test]
fn run_shows_text_in_topics_alone() {
    let broker = Broker::shared();
    let client = broker.client();
    let root = laid_out();
    let file = root.path().join("wardline.toml");
    fs::write(&file, configuration(&broker.address())).unwrap();
    client.create_topic(INPUT, 1, &[]);
    let bytes = events_file();
    let lines = bytes.split(|byte| *byte == b'\n');
    let inputs: Vec<_> =
        lines.map(|line| Input { payload: Some(line.to_vec()), ..Input::default() }).collect();
    client.produce(INPUT, &inputs);

    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    command.args(["run", "--config"]).arg(&file).env("RUST_LOG", "trace");
    let mut service = Process::spawn("privacy", command, root.path(), None);
    client.await_consumed("privacy", INPUT, LIMIT);
    fs::write(root.path().join("rules/a.yml"), format!("title: {ENTRY}\n")).unwrap();
    wait::until_true("the failed reload", LIMIT, || service.stderr().contains("cannot be loaded"));
    service.signal(Signal::Term);
    assert!(service.wait(LIMIT).success(), "{}", service.tail());

    let flags: Vec<_> = client.read(FLAGS).iter().map(|flag| flag.json().to_string()).collect();
    assert!(flags.iter().any(|flag| flag.contains(TEXT) && flag.contains("from_list")), "{flags:?}");
    assert!(!client.read(DEAD).is_empty());
    assert!(service.stderr().contains("TRACE"), "the trace level must be on");
    assert_unmarked("the log", &service.stderr());
    assert_unmarked("standard output", &service.stdout());
}
