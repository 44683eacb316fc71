//! One comparison: who takes part, what each has to find, and the turns.

use crate::check;
use crate::clock;
use crate::contender::{Contender, Hit};
use crate::corpus::Corpus;
use crate::hyperscan::{Database, Library};
use crate::literal::{self, Folds, Reads, Searches};
use crate::ours::Ours;
use crate::reading::Reading;
use crate::rules::{self, Form};
use crate::sigma::{self, Sigma};
use crate::table::Table;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Phrase rules: all contenders.
pub(crate) fn phrases(corpus: &Corpus, repeats: usize, library: Option<&Rc<Library>>, table: &mut Table) {
    let rules = corpus.phrases.len();
    let (folded_view, cost) = Ours::new(corpus, Form::Folded);
    table.compiled("Wardline, folded view", rules, cost);
    let (all_views, cost) = Ours::new(corpus, Form::Automatic);
    table.compiled("Wardline, all views", rules, cost);
    let (spelt, cost) = Ours::new(corpus, Form::Spelt);
    table.compiled("Wardline, all views, no slips", rules, cost);
    let folded: Vec<String> = corpus.texts.iter().map(|text| Reading::Folded.of(text)).collect();
    let written = literal::literals(&corpus.phrases, Reading::Folded);
    let words = literal::literals(&corpus.phrases, Reading::Words);

    let (automaton, cost) = clock::compile(|| literal::automaton(&written));
    table.compiled("aho-corasick", rules, cost);
    let words_automaton = literal::automaton(&words);
    let databases = library.map(|library| {
        let (database, cost) = Database::literals(library, &written);
        table.compiled("Hyperscan", rules, cost);
        (database, Database::literals(library, &words).0)
    });
    let (plain_engine, cost) = sigma::engine(&corpus.phrases, false);
    table.compiled("rsigma-eval", rules, cost);
    let (indexed_engine, cost) = sigma::engine(&corpus.phrases, true);
    table.compiled("rsigma-eval with its index", rules, cost);
    let events = sigma::events(&corpus.texts);

    let mut field = Field::new(corpus, &folded, [folded_view, all_views, spelt], table);
    if let Some((database, words_database)) = &databases {
        field.written(Box::new(Reads::new(database, Reading::Folded, &corpus.texts)));
        field.written(Box::new(Searches::new(database, &folded)));
        field.equal(Box::new(Reads::new(words_database, Reading::Words, &corpus.texts)));
    }
    field.written(Box::new(Reads::new(&automaton, Reading::Folded, &corpus.texts)));
    field.written(Box::new(Searches::new(&automaton, &folded)));
    field.equal(Box::new(Reads::new(&words_automaton, Reading::Words, &corpus.texts)));
    field.equal(Box::new(Sigma::new(&plain_engine, &events, false)));
    field.equal(Box::new(Sigma::new(&indexed_engine, &events, true)));
    field.unchecked(Box::new(Folds::new(&corpus.texts)));
    field.measure(repeats, table);
}

/// Three expressions in ten rules: Wardline and Hyperscan, both over folded text.
pub(crate) fn mixed(corpus: &Corpus, repeats: usize, library: &Rc<Library>, table: &mut Table) {
    let rules = corpus.phrases.len();
    let (ours, cost) = Ours::new(corpus, Form::Mixed);
    table.compiled("Wardline, mixed rules", rules, cost);
    let (database, cost) = Database::expressions(library, &rules::expressions(&corpus.phrases));
    table.compiled("Hyperscan, mixed rules", rules, cost);
    let folded: Vec<String> = corpus.texts.iter().map(|text| Reading::Folded.of(text)).collect();
    let mut contenders: Vec<Box<dyn Contender>> = vec![
        Box::new(ours),
        Box::new(Reads::new(&database, Reading::Folded, &corpus.texts)),
        Box::new(Searches::new(&database, &folded)),
    ];
    let expected = check::found(&mut *contenders[0], corpus);
    // A phrase with an apostrophe beside it stands between words only to one of the two: theirs may have more.
    let of_expression =
        |(_, rule): &&Hit| rules::is_expression(*rule as usize, &corpus.phrases[*rule as usize]);
    let comparable = |hits: &BTreeSet<Hit>| {
        let expressions = hits.iter().filter(of_expression).copied();
        expressions.chain(check::bounded(hits, corpus, &folded)).collect::<BTreeSet<Hit>>()
    };
    assert_eq!(expected.is_empty(), corpus.name.starts_with("benign"), "what is said there is found");
    let mut findings = vec![expected.len()];
    for contender in &mut contenders[1..] {
        let (name, found) = (contender.name(), check::found(&mut **contender, corpus));
        check::same(&comparable(&expected), &comparable(&found), &name);
        findings.push(found.len());
    }
    let times = clock::turns(&mut contenders, corpus.texts.len(), repeats);
    for ((contender, nanoseconds), findings) in contenders.iter().zip(&times).zip(findings) {
        let name = contender.name().replace(", unverified", "");
        table.measured(&format!("mixed: {}", corpus.name), rules, &name, *nanoseconds, &times[..1], findings);
    }
}

/// Who takes part in a comparison of phrase rules, with what each found.
struct Field<'a> {
    corpus: &'a Corpus,
    folded: &'a [String],
    contenders: Vec<Box<dyn Contender + 'a>>,
    findings: Vec<usize>,
    /// What the folded view holds.
    expected: BTreeSet<Hit>,
    /// Of that, what stands in folded text as the phrase is written.
    expected_written: BTreeSet<Hit>,
}

impl<'a> Field<'a> {
    /// Ours: the folded view, which says what is to be found, all views, which have to find at least that, and all views
    /// without slips, which find something between.
    fn new(corpus: &'a Corpus, folded: &'a [String], ours: [Ours; 3], table: &mut Table) -> Field<'a> {
        let mut ours = ours.map(Box::new);
        let found = ours.each_mut().map(|one| check::found(&mut **one, corpus));
        let [in_folded, in_all, in_spelt] = &found;
        check::at_least(in_folded, in_spelt, &ours[2].name());
        check::at_least(in_spelt, in_all, &ours[1].name());
        if let Some(truth) = &corpus.truth {
            check::at_most(truth, in_all, &ours[1].name());
            let (corpus, part, all) = (corpus.name, in_all.len(), truth.len());
            table
                .note(format!("All views find {part} of the {all} phrases of *{corpus}*, and none besides."));
        }
        let findings = found.iter().map(BTreeSet::len).collect();
        let [expected, ..] = found;
        Field {
            corpus,
            folded,
            findings,
            contenders: ours.into_iter().map(|one| one as Box<dyn Contender>).collect(),
            expected_written: check::bounded(&expected, corpus, folded),
            expected,
        }
    }

    /// Takes part, and must find what the folded view holds.
    fn equal(&mut self, mut contender: Box<dyn Contender + 'a>) {
        let found = check::found(&mut *contender, self.corpus);
        check::same(&self.expected, &found, &contender.name());
        self.findings.push(found.len());
        self.contenders.push(contender);
    }

    /// Takes part, and after a check of boundaries must have found what is written as the phrase is.
    fn written(&mut self, mut contender: Box<dyn Contender + 'a>) {
        let found = check::found(&mut *contender, self.corpus);
        let bounded = check::bounded(&found, self.corpus, self.folded);
        check::same(&self.expected_written, &bounded, &contender.name());
        self.findings.push(found.len());
        self.contenders.push(contender);
    }

    /// Takes part and finds nothing.
    fn unchecked(&mut self, contender: Box<dyn Contender + 'a>) {
        self.findings.push(0);
        self.contenders.push(contender);
    }

    fn measure(mut self, repeats: usize, table: &mut Table) {
        let times = clock::turns(&mut self.contenders, self.corpus.texts.len(), repeats);
        let rules = self.corpus.phrases.len();
        for ((contender, found), nanoseconds) in self.contenders.iter().zip(self.findings).zip(&times) {
            let name = contender.name();
            table.measured(self.corpus.name, rules, &name, *nanoseconds, &times[..2], found);
        }
    }
}
