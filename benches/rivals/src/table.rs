//! The results as Markdown: a line a contender, a column a number of rules.

use crate::contender::Compiled;
use crate::corpus::Corpus;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What was measured, in the order in which it came.
#[derive(Debug, Default)]
pub(crate) struct Table {
    notes: Vec<String>,
    corpora: BTreeSet<&'static str>,
    speeds: Lines,
    compiles: Lines,
}

/// Lines in the order in which they first came, with a cell for each number of rules.
#[derive(Debug, Default)]
struct Lines(Vec<(String, BTreeMap<usize, String>)>);

impl Lines {
    /// Writes a cell; of several for the same place the first stays.
    fn put(&mut self, line: &str, rules: usize, cell: String) {
        let at = self.0.iter().position(|(name, _)| name == line).unwrap_or_else(|| {
            self.0.push((line.to_owned(), BTreeMap::new()));
            self.0.len() - 1
        });
        self.0[at].1.entry(rules).or_insert(cell);
    }

    fn markdown(&self, head: &[&str], out: &mut String) {
        let mut columns: Vec<usize> = self.0.iter().flat_map(|(_, cells)| cells.keys().copied()).collect();
        columns.sort_unstable();
        columns.dedup();
        let title: Vec<String> = columns.iter().map(|rules| format!("{rules} rules")).collect();
        let _ = writeln!(out, "\n| {} | {} |", head.join(" | "), title.join(" | "));
        let _ = writeln!(out, "|{}", "---|".repeat(head.len() + columns.len()));
        for (line, cells) in &self.0 {
            let cells: Vec<&str> =
                columns.iter().map(|rules| cells.get(rules).map_or("–", String::as_str)).collect();
            let _ = writeln!(out, "| {line} | {} |", cells.join(" | "));
        }
    }
}

impl Table {
    /// Something to know about the run, said once.
    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// A note about a corpus; those for other numbers of rules are made alike.
    pub(crate) fn corpus(&mut self, corpus: &Corpus) {
        if self.corpora.insert(corpus.name) {
            let (messages, bytes) = (corpus.texts.len(), corpus.texts.iter().map(String::len).sum::<usize>());
            let mean = bytes / messages.max(1);
            self.note(format!("*{}*: {messages} messages of {mean} bytes.", corpus.name));
        }
    }

    /// What a contender takes for a message, with the ratio of each of ours to it, and how many findings it has.
    pub(crate) fn measured(
        &mut self,
        corpus: &str,
        rules: usize,
        contender: &str,
        nanoseconds: f64,
        ours: &[f64],
        findings: usize,
    ) {
        let ratios: Vec<String> = ours.iter().map(|own| format!("{:.2}", own / nanoseconds)).collect();
        let cell = format!("{nanoseconds:.0} ({}) {findings}", ratios.join(" / "));
        self.speeds.put(&format!("{corpus} | {contender}"), rules, cell);
    }

    /// What compiling took a contender.
    #[expect(clippy::cast_precision_loss, reason = "megabytes of a benchmark")]
    pub(crate) fn compiled(&mut self, contender: &str, rules: usize, cost: Compiled) {
        let megabytes = |bytes: usize| format!("{:.1}", bytes as f64 / 1e6);
        let peak = cost.peak.map_or("–".to_owned(), megabytes);
        let cell = format!("{:.0} ms, {} MB, peak {peak}", cost.milliseconds, megabytes(cost.bytes));
        self.compiles.put(contender, rules, cell);
    }

    /// The notes and both tables.
    pub(crate) fn markdown(&self) -> String {
        let mut out = self.notes.join(" ");
        out.push('\n');
        self.speeds
            .markdown(&["corpus", "ns a message (ours ÷ it: folded view / all views) findings"], &mut out);
        self.compiles
            .markdown(&["compile: CPU time, memory of the compiled form, most on the way"], &mut out);
        out
    }
}
