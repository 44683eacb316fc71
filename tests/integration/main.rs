//! All integration tests, in one binary. One module a subject, one line about each:
//!
//! (see `tests/README.md` for how to run a part of them)

// The harness.
#[cfg(feature = "kafka")]
#[expect(dead_code, reason = "the end-to-end tests use the rest")]
mod broker; // a real Apache Kafka
mod golden; // files made from the program
#[cfg(feature = "kafka")]
#[expect(dead_code, reason = "the end-to-end tests use the rest")]
mod process; // children that cannot outlive the tests
#[cfg(feature = "kafka")]
#[expect(dead_code, reason = "the end-to-end tests use the rest")]
mod wait; // bounded waiting for a condition

// The subjects.
mod architecture; // edges between modules, sizes of files and functions
#[cfg(feature = "kafka")]
mod broker_self; // the harness proves itself
mod bundled_rules; // the rules that ship, and the bundled trace
mod config; // the configuration reference
#[cfg(feature = "kafka")]
mod demo; // the demo and its summary
mod diagnostics; // what is said of broken rules
#[cfg(feature = "kafka")]
mod e2e_privacy; // message text and list entries on a real broker
mod fold_table; // the generated fold table is what Unicode data gives
#[cfg(feature = "kafka")]
mod kafka_worker; // source, sink and loop on a real broker
mod metrics; // metric names, their page, the dashboard and the alerts
mod oracle; // the engine against the plain evaluator
mod privacy; // message text and list entries appear in flags and nowhere else
mod scan; // `scan` and `test` as people run them
#[cfg(feature = "web")]
mod web; // what the endpoints answer
mod wire; // flags, dead letters and ids against golden files
