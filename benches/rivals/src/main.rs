//! Wardline's matching beside its rivals', in one process: same messages, same rules, equal findings checked first.
//!
//! ```text
//!  corpus: messages, phrases ─► rules: as YAML, as literals, as expressions
//!                                 │
//!            contender: ours, literal (aho-corasick, hyperscan), sigma ─► check: equal findings ─► clock ─► table
//! ```
//!
//! `benches/rivals/run` fetches what this needs, builds and runs it. What is compared and how to read it:
//! `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark reads files, and ends if it cannot be set up"
)]

mod check;
mod clock;
mod compare;
mod contender;
mod corpus;
mod hyperscan;
mod literal;
mod ours;
mod reading;
mod rules;
mod sigma;
mod table;

use clap::Parser;
use corpus::Corpus;
use hyperscan::Library;
use std::path::PathBuf;
use table::Table;

/// Compares Wardline's matching with its rivals'.
#[derive(Debug, Parser)]
struct Options {
    /// Numbers of rules.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 10_000])]
    rules: Vec<u32>,
    /// Messages of each corpus, at most.
    #[arg(long, default_value_t = 20_000)]
    messages: usize,
    /// How often each contender takes its turn.
    #[arg(long, default_value_t = 9)]
    repeats: usize,
    /// Folder of real conversations, made by `benches/chitchat/prepare`.
    #[arg(long, default_value = "target/chitchat")]
    chitchat: PathBuf,
    /// Folder of obfuscated messages, made by `benches/views/obfuscate`.
    #[arg(long, default_value = "target/views")]
    obfuscated: PathBuf,
    /// Only rules of which three in ten are expressions.
    #[arg(long)]
    mixed: bool,
    /// Only corpora whose name holds this.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() {
    let options = Options::parse();
    let library = Library::open();
    let mut table = Table::default();
    match &library {
        Some(library) => table.note(format!("Hyperscan: {}.", library.version())),
        None => table.note("Hyperscan is left out: no libhs.so.5 (`benches/rivals/fetch`).".to_owned()),
    }
    table.note(format!("Processor: {}.", processor()));
    for count in &options.rules {
        for corpus in corpora(&options, *count, &mut table) {
            table.corpus(&corpus);
            eprintln!("rivals: {}, {count} rules", corpus.name);
            if !options.mixed {
                compare::phrases(&corpus, options.repeats, library.as_ref(), &mut table);
            }
            if let Some(library) = library.as_ref().filter(|_| corpus.truth.is_none()) {
                compare::mixed(&corpus, options.repeats, library, &mut table);
            }
        }
    }
    print!("{}", table.markdown());
}

/// The corpora that are there and wanted; of one that is not there, a note.
fn corpora(options: &Options, count: u32, table: &mut Table) -> Vec<Corpus> {
    let most = options.messages;
    let mut found = vec![Corpus::load(count, most, 0.01), Corpus::load(count, most, 0.5)];
    let mut take = |path: &PathBuf, corpora: Option<Vec<Corpus>>| match corpora {
        Some(corpora) => found.extend(corpora),
        None => table.note(format!("Left out, for there is nothing in `{}`.", path.display())),
    };
    take(&options.chitchat, corpus::conversations(&options.chitchat, count, most));
    take(&options.obfuscated, corpus::obfuscated(&options.obfuscated, count, most));
    found.retain(|corpus| corpus.name.contains(&options.only));
    found
}

/// What of the processor makes the greatest difference to all of them.
fn processor() -> String {
    #[cfg(target_arch = "x86_64")]
    let wide =
        [("AVX2", is_x86_feature_detected!("avx2")), ("AVX-512", is_x86_feature_detected!("avx512bw"))];
    #[cfg(not(target_arch = "x86_64"))]
    let wide: [(&str, bool); 0] = [];
    let wide = wide.map(|(name, is_there)| format!(", {}{name}", if is_there { "" } else { "no " }));
    format!("{}{}", std::env::consts::ARCH, wide.concat())
}
