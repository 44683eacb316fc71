//! The rule language: from YAML to checked rules, with diagnostics that point into the file.
//!
//! ```text
//!  file ─► source: map ─► syntax: spanned tree ─► parse ─► check ─► Rule   (and lint: legal but doubtful)
//!                                   every step pushes Diagnostics and goes on
//! ```
//!
//! A file is judged as a whole: all errors at once, each with a code, a span, a message and, where there
//! is one, a fix. Nothing here renders a diagnostic or reads a file.

pub mod model;
