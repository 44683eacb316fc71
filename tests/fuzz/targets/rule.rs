//! Reading of whatever is called a rule file.
//!
//! Checked beside "it does not panic": every span of every diagnostic and fix lies within the file, on
//! character boundaries, so that it can be shown; and reading twice says the same twice.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wardline::event::FieldTable;
use wardline::rule::diagnostic::Diagnostic;
use wardline::rule::list::List;
use wardline::rule::source::Span;
use wardline::rule::{self, Lists, SourceMap};

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    lists.insert(List::parse("apps", "AppOne\n# a comment\nAppTwo\n").unwrap());
    lists
});

fuzz_target!(|data: &[u8]| {
    let mut map = SourceMap::default();
    map.add_bytes("rule.yml", data);
    let fields = FieldTable::canonical();
    let loaded = rule::load(&map, &fields, &LISTS);
    loaded.diagnostics.iter().flat_map(spans).for_each(|span| check(&map, span));
    let again = rule::load(&map, &fields, &LISTS);
    assert_eq!(loaded.diagnostics, again.diagnostics);
    assert_eq!(loaded.rules.len(), again.rules.len());
    assert_eq!(loaded.correlations, again.correlations);
});

fn spans(diagnostic: &Diagnostic) -> Vec<Span> {
    let labels = diagnostic.related.iter().chain([&diagnostic.primary]).map(|label| label.span);
    labels.chain(diagnostic.fix.as_ref().map(|fix| fix.span)).collect()
}

fn check(map: &SourceMap, span: Span) {
    let file = map.file(span.file).expect("a span of a known file");
    assert!(file.text().get(span.range()).is_some(), "{span:?} in {} bytes", file.text().len());
    map.position(span);
}
