//! All integration tests, in one binary. One module a subject, one line about each:
//!
//! (see `tests/README.md` for how to run a part of them)
