//! Diagnostics for people and for tools.
//!
//! For people as rustc shows them: file, line and column, the source line with the place marked, advice, and
//! the line as it would be after the fix. For tools one JSON object with everything a diagnostic holds, so
//! that an editor needs no second parser. Both read the same values; neither adds to them.

use crate::rule::diagnostic::{Fix, Label, Severity};
use crate::rule::source::{SourceFile, Span};
use crate::rule::{Diagnostic, SourceMap};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::ops::Range;

/// The longest source line, in bytes, that is shown; of longer ones only the place is named.
const MAX_LINE: usize = 2000;

/// Diagnostics as text with terminal styles; whoever prints it strips them where they are not wanted.
pub fn text(map: &SourceMap, diagnostics: &[Diagnostic], styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&report(map, diagnostic)));
        out.push_str("\n\n");
    }
    out
}

fn report<'a>(map: &'a SourceMap, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning | Severity::Off => Level::WARNING,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.number())
        .elements(places(map, diagnostic));
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let fix = diagnostic.fix.as_ref().and_then(|fix| patch(map, fix));
    std::iter::once(group).chain(fix).collect()
}

/// The diagnostic's places, one snippet a file, its own first.
fn places<'a>(map: &'a SourceMap, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let all = std::iter::once((AnnotationKind::Primary, &diagnostic.primary));
    let all: Vec<_> =
        all.chain(diagnostic.related.iter().map(|label| (AnnotationKind::Context, label))).collect();
    let mut files: Vec<_> = all.iter().map(|(_, label)| label.span.file).collect();
    files.dedup();
    let mut elements = Vec::new();
    for id in files {
        let Some(file) = map.file(id) else { continue };
        let own = all.iter().filter(|(_, label)| label.span.file == id);
        let window = window(file, own.clone().map(|(_, label)| label.span));
        let marks = own.clone().map(|(kind, label)| annotation(*kind, label, file, &window));
        elements.push(if file.position(window.start).column > 1 {
            // The renderer counts columns from the start of what it is given.
            let first = own.clone().next().map_or(window.start, |(_, label)| label.span.start as usize);
            origin(file, first).into()
        } else {
            snippet(file, &window).path(&**file.name()).annotations(marks).into()
        });
    }
    elements
}

fn origin(file: &SourceFile, at: usize) -> Origin<'_> {
    let at = file.position(at);
    Origin::path(&**file.name()).line(at.line as usize).char_column(at.column as usize)
}

fn annotation<'a>(
    kind: AnnotationKind,
    label: &'a Label,
    file: &SourceFile,
    window: &Range<usize>,
) -> annotate_snippets::Annotation<'a> {
    let range = shown(file, label.span);
    let start = range.start.clamp(window.start, window.end) - window.start;
    let end = range.end.clamp(window.start, window.end) - window.start;
    let mark = kind.span(start..end.max(start));
    if label.text.is_empty() { mark } else { mark.label(label.text.as_str()) }
}

/// What of a span is marked: a place that spreads over lines is marked on its first.
fn shown(file: &SourceFile, span: Span) -> Range<usize> {
    let mut range = span.range();
    range.end = range.end.min(boundary(file.text(), range.start + MAX_LINE));
    let marked = file.text().get(range.clone()).unwrap_or_default();
    let first = marked.lines().next().map_or(0, |line| line.trim_end().len());
    range.start..if marked.contains('\n') { range.start + first } else { range.end }
}

fn snippet<'a, T: Clone>(file: &'a SourceFile, window: &Range<usize>) -> Snippet<'a, T> {
    let source = file.text().get(window.clone()).unwrap_or_default();
    let line = file.position(window.start).line;
    Snippet::source(shown_line_ends(source)).line_start(line as usize).fold(true)
}

/// Line ends of Windows without the sign that a terminal would show for them; no byte moves.
fn shown_line_ends(source: &str) -> Cow<'_, str> {
    if !source.contains('\r') {
        return Cow::Borrowed(source);
    }
    let shown = source.replace("\r\n", " \n");
    Cow::Owned(shown.strip_suffix('\r').map(|rest| format!("{rest} ")).unwrap_or(shown))
}

/// The whole lines that hold all spans; one long line is cut to the span's neighbourhood.
fn window(file: &SourceFile, spans: impl Iterator<Item = Span> + Clone) -> Range<usize> {
    let text = file.text();
    let start = spans.clone().map(|span| span.start as usize).min().unwrap_or(0).min(text.len());
    let end = spans.map(|span| shown(file, span).end).max().unwrap_or(start).clamp(start, text.len());
    let from = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let to = text.get(end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| end + at);
    let from = if start - from > MAX_LINE { boundary(text, start) } else { from };
    let to = if to - end > MAX_LINE { boundary(text, end) } else { to };
    from..to
}

/// The last character boundary not behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn patch<'a>(map: &'a SourceMap, fix: &'a Fix) -> Option<Group<'a>> {
    let file = map.file(fix.span.file)?;
    if fix.span.range().len().max(fix.replacement.len()) > MAX_LINE {
        return None;
    }
    let window = window(file, std::iter::once(fix.span));
    let range = fix.span.range();
    let range =
        range.start.checked_sub(window.start)?..range.end.min(window.end).checked_sub(window.start)?;
    let snippet =
        snippet(file, &window).path(&**file.name()).patch(Patch::new(range, fix.replacement.as_str()));
    Some(Level::HELP.secondary_title(fix.message.as_str()).element(snippet))
}

/// Diagnostics as one JSON object, with their counts; `usable` are the numbers of rules and of correlations if all can be
/// used.
pub fn json(map: &SourceMap, diagnostics: &[Diagnostic], usable: Option<(usize, usize)>) -> Value {
    let (errors, warnings) = counts(diagnostics);
    let list: Vec<_> = diagnostics.iter().map(|diagnostic| one(map, diagnostic)).collect();
    let (rules, correlations) = usable.unzip();
    json!({"rules": rules, "correlations": correlations, "errors": errors, "warnings": warnings, "diagnostics": list})
}

fn one(map: &SourceMap, diagnostic: &Diagnostic) -> Value {
    let related: Vec<_> = diagnostic
        .related
        .iter()
        .map(|label| json!({"text": label.text, "at": place(map, label.span)}))
        .collect();
    let fix = diagnostic.fix.as_ref().map(
        |fix| json!({"message": fix.message, "replacement": fix.replacement, "at": place(map, fix.span)}),
    );
    json!({
        "code": diagnostic.code.number(),
        "name": diagnostic.code.name(),
        "severity": diagnostic.severity().name(),
        "message": diagnostic.message,
        "at": place(map, diagnostic.primary.span),
        "related": related,
        "help": diagnostic.help,
        "fix": fix,
    })
}

/// Lines and columns from 1, columns in characters; `start` and `end` in bytes of the file.
fn place(map: &SourceMap, span: Span) -> Value {
    let name = map.file(span.file).map(|file| file.name().to_string());
    let (from, to) = (map.position(span), map.position(Span { start: span.end, ..span }));
    json!({
        "file": name,
        "line": from.line,
        "column": from.column,
        "end_line": to.line,
        "end_column": to.column,
        "start": span.start,
        "end": span.end,
    })
}

/// Numbers of errors and warnings.
pub fn counts(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|found| found.severity() == Severity::Error).count();
    (errors, diagnostics.len() - errors)
}
