//! The rule language: from YAML to checked rules, with diagnostics that point into the file.
//!
//! ```text
//!  file ─► source: map ─► syntax: spanned tree ─► parse ─► check ─► Rule   (and lint: legal but doubtful)
//!                                   every step pushes Diagnostics and goes on
//! ```
//!
//! A file is judged as a whole: all errors at once, each with a code, a span, a message and, where there
//! is one, a fix. Nothing here renders a diagnostic or reads a file.

pub mod codes;
pub mod diagnostic;
pub mod list;
pub mod model;
pub mod source;

pub use diagnostic::Diagnostic;
pub use list::Lists;
pub use model::Rule;
pub use source::SourceMap;

/// What loading yields: every rule that could be understood, and everything there is to say about all of them.
///
/// Rules with errors are left out of `rules`; whoever needs all or nothing asks [`Loaded::has_errors`].
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The rules, by file and place.
    pub rules: Vec<Rule>,
    /// Errors and warnings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// True if a diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity() == diagnostic::Severity::Error)
    }
}
