//! What is wrong or doubtful about a rule, as data.
//!
//! A diagnostic knows nothing of terminals: it has a [`Code`], a message, labelled spans, advice, and, where
//! there is one, a [`Fix`] that a tool may apply. The command line renders it; `--format json` and, later,
//! an editor or the studio read the same value. Errors are collected, never thrown: an author sees all at once.

use super::codes::Code;
use super::source::Span;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The rule cannot be used.
    Error,
    /// The rule works, but probably not as meant.
    Warning,
    /// Not told unless a policy asks for it.
    Off,
}

impl Severity {
    /// The name shown to people and tools.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Off => "off",
        }
    }
}

/// A span and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The marked text.
    pub span: Span,
    /// What is to be said of it; may be empty.
    pub text: String,
}

/// A replacement of text that removes the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub message: String,
    /// What is replaced; empty to insert.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// The longest message or advice, in bytes: they may quote what stands in a file.
const MAX_MESSAGE: usize = 1000;

/// A text that is not longer than is worth reading.
fn cut(mut text: String) -> String {
    if text.len() > MAX_MESSAGE {
        let end = (0..=MAX_MESSAGE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Something wrong or doubtful about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind.
    pub code: Code,
    /// How grave it is: as the table of codes says, or a policy.
    pub level: Severity,
    /// What is wrong, in a lower-case fragment.
    pub message: String,
    /// The place itself.
    pub primary: Label,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// What to do, or how it was read.
    pub help: Vec<String>,
    /// How to repair it, where that is certain enough to offer.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A diagnostic at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let primary = Label { span, text: String::new() };
        Diagnostic {
            code,
            level: code.severity(),
            message: cut(message.into()),
            primary,
            related: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// How grave it is.
    pub fn severity(&self) -> Severity {
        self.level
    }

    /// With words beside the marked text.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = text.into();
        self
    }

    /// With another place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(cut(text.into()));
        self
    }

    /// With a repair.
    #[must_use]
    pub fn fix(
        mut self,
        span: Span,
        replacement: impl Into<String>,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.fix = Some(Fix { message: cut(message.into()), span, replacement: replacement.into() });
        self
    }
}
