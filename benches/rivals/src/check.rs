//! Equal findings, before anything is timed.

use crate::contender::{Contender, Hit};
use crate::corpus::Corpus;
use crate::reading::{Reading, stands};
use std::collections::BTreeSet;

/// What a contender finds in the whole corpus.
pub(crate) fn found(contender: &mut dyn Contender, corpus: &Corpus) -> BTreeSet<Hit> {
    let mut hits = Vec::new();
    contender.run(corpus.texts.len(), &mut hits);
    hits.into_iter().collect()
}

/// Ends the benchmark if two contenders do not find the same rules in the same messages. Says no text.
pub(crate) fn same(expected: &BTreeSet<Hit>, found: &BTreeSet<Hit>, who: &str) {
    let missing = expected.difference(found).count();
    let more: Vec<_> = found.difference(expected).take(3).collect();
    assert!(
        missing == 0 && more.is_empty(),
        "{who} misses {missing} findings, and has more, such as {more:?}"
    );
}

/// Ends the benchmark if a contender does not find at least what is expected of it.
pub(crate) fn at_least(expected: &BTreeSet<Hit>, found: &BTreeSet<Hit>, who: &str) {
    let missing: Vec<_> = expected.difference(found).take(3).collect();
    assert!(missing.is_empty(), "{who} misses findings, such as {missing:?}");
}

/// Ends the benchmark if a contender finds what is not there.
pub(crate) fn at_most(there: &BTreeSet<Hit>, found: &BTreeSet<Hit>, who: &str) {
    let wrong: Vec<_> = found.difference(there).take(3).collect();
    assert!(wrong.is_empty(), "{who} finds what is not there, such as {wrong:?}");
}

/// The hits whose phrase stands in the folded text as it is written and between words.
pub(crate) fn bounded(hits: &BTreeSet<Hit>, corpus: &Corpus, folded: &[String]) -> BTreeSet<Hit> {
    let stands = |(message, rule): &&Hit| {
        let phrase = Reading::Folded.of(&corpus.phrases[*rule as usize]);
        stands(&phrase, &folded[*message as usize])
    };
    hits.iter().filter(stands).copied().collect()
}
