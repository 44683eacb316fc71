//! All integration tests, in one binary. One module a subject, one line about each:
//!
//! (see `tests/README.md` for how to run a part of them)
#![cfg_attr(
    feature = "kafka",
    expect(
        clippy::expect_used,
        clippy::print_stdout,
        reason = "a test fails by panicking and shows its seed"
    )
)]

// The harness.
mod bench; // a directory of rules, and commands run in it
#[cfg(feature = "kafka")]
mod broker; // a real Apache Kafka
#[cfg(feature = "kafka")]
mod feed; // traces written at a pace, and scanned
mod files; // files of the project
mod golden; // files made from the program
#[cfg(feature = "kafka")]
mod ledger; // what had to come out against what did, record by record
#[cfg(feature = "kafka")]
mod process; // children that cannot outlive the tests
#[cfg(feature = "kafka")]
mod site; // topics, rules, a configuration, and the processes that use them
#[cfg(feature = "kafka")]
mod trace; // traffic whose outcome is known by how it is made
#[cfg(feature = "kafka")]
mod wait; // bounded waiting for a condition

// The subjects.
mod architecture; // edges between modules, sizes of files and functions
mod backtest; // `backtest` as people run it, and its reports
mod benign; // what resembles a phrase and is none
#[cfg(feature = "kafka")]
mod broker_self; // the harness proves itself
mod bundled_rules; // the rules that ship, and the bundled trace
mod cases; // labelled traces, as people make them and as the program reads them
mod config; // the configuration reference
mod correlations; // what correlations mean, clause by clause
#[cfg(feature = "kafka")]
mod demo; // the demo and its summary
mod diagnostics; // what is said of broken rules
mod diff; // `diff` as people run it
#[cfg(feature = "kafka")]
mod e2e_correlate; // what comes together, flagged as a scan flags it; kills of both roles
#[cfg(feature = "kafka")]
mod e2e_exactly_once; // kills, a guest, a broker restart, a zombie
#[cfg(feature = "kafka")]
mod e2e_privacy; // message text and list entries on a real broker
#[cfg(feature = "kafka")]
mod e2e_recovery; // how soon a killed worker flags again
#[cfg(feature = "kafka")]
mod e2e_reload; // new rules under load
#[cfg(feature = "kafka")]
mod e2e_secure; // TLS, SCRAM, access control lists
#[cfg(feature = "kafka")]
mod e2e_start; // starts that must fail, and how
#[cfg(feature = "kafka")]
mod e2e_stop; // SIGTERM, and the restart after it
mod explain; // `explain` as people run it
mod fields; // the page of event fields
mod fold_table; // makes the table by which texts are folded
#[cfg(feature = "kafka")]
mod kafka_embedded; // the same on the embedded broker
#[cfg(feature = "kafka")]
mod kafka_history; // a topic that is scanned or backtested
#[cfg(feature = "kafka")]
mod kafka_starts; // where a worker begins to read
#[cfg(feature = "kafka")]
mod kafka_state; // state over crashes and rebalances
#[cfg(feature = "kafka")]
mod kafka_windows; // what is kept is restored before the first hit
#[cfg(feature = "kafka")]
mod kafka_worker; // source, sink and loop on a real broker
mod licences; // terms of the dependencies
mod lists; // `lists` as people run it, and what it deletes
mod lookalike_table; // makes the table of look-alikes
mod metrics; // metric names, their page, the dashboard and the alerts
mod oracle; // the engine against the plain evaluator
mod overlap; // the rules and the made-up cases are written apart
mod pages; // pages whose commands are run as they stand
mod privacy; // message text and list entries appear in flags and nowhere else
mod sample; // a table of own traffic, and `check` by it
mod scan; // `scan` and `test` as people run them
mod schema; // the schemas, by another validator
mod text_tables; // the generated tables are what Unicode data gives
#[cfg(feature = "web")]
mod web; // what the endpoints answer
mod wire; // flags, dead letters and ids against golden files
