//! What documents say of one another: names that must be unique, and names that must be there.
//!
//! Rules, correlations and filters share one namespace of ids and one of names; whoever refers to one may use either. A
//! document with errors is not used, but is known: that another refers to it is no mistake of the other.

use super::Loaded;
use super::codes::Code;
use super::correlation;
use super::diagnostic::Diagnostic;
use super::document::{Body, Read};
use super::filter;
use super::head::Identity;
use super::logsource::Logsource;
use super::model::Rule;
use super::reader::{Reader, suggest};
use super::source::Span;
use std::cell::Cell;
use std::collections::BTreeMap;

/// For how many unknown names the one that was meant is looked for, and among how many: it takes time.
const MAX_SUGGESTED: usize = 50;
const MAX_KNOWN: usize = 20_000;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A rule, by its index.
    Rule(usize),
    /// A correlation, by its index.
    Correlation(usize),
    /// A filter.
    Filter,
    /// A document that cannot be used, which was told.
    Broken,
}

/// The ids and names of a set.
pub(super) struct Names {
    targets: BTreeMap<String, Target>,
    /// False if a file, or a part of one, could not be read: a name that is not there may be in it.
    complete: bool,
    suggestions: Cell<usize>,
}

impl Names {
    /// What an id or a name stands for.
    pub(super) fn find(&self, text: &str) -> Option<Target> {
        self.targets.get(text).copied()
    }

    /// True if there is no document that could not be used.
    pub(super) fn whole(&self) -> bool {
        self.complete && !self.targets.values().any(|target| *target == Target::Broken)
    }

    /// Says that nothing is called so, unless what is may not have been read.
    pub(super) fn unknown(&self, reader: &mut Reader<'_>, text: &str, span: Span) {
        if !self.complete {
            return;
        }
        let usable = |target: &Target| matches!(target, Target::Rule(_) | Target::Correlation(_));
        let known = self.targets.iter().filter(|(_, target)| usable(target));
        let found = Diagnostic::new(Code::UnknownRule, span, format!("there is no rule `{text}`"));
        let found = self.suggest(found, span, text, known.map(|(name, _)| name.as_str()));
        reader.push(match found.fix {
            None => found
                .help("a rule is named by its `name` or its `id`; those of all files that are given count"),
            Some(_) => found,
        });
    }

    /// Adds the name that was probably meant, if there are not too many of both.
    pub(super) fn suggest<'n>(
        &self,
        found: Diagnostic,
        span: Span,
        text: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> Diagnostic {
        let left = self.suggestions.get();
        self.suggestions.set(left.saturating_sub(1));
        if left == 0 || self.targets.len() > MAX_KNOWN { found } else { suggest(found, span, text, known) }
    }
}

/// Brings all documents together. `complete` says that every file could be read.
pub(super) fn join(reader: &mut Reader<'_>, read: Vec<Read>, complete: bool) -> Loaded {
    let mut seen = Seen::default();
    let (mut rules, mut drafts, mut filters) = (Vec::new(), Vec::new(), Vec::new());
    let (mut usable, mut broken) = (Vec::new(), Vec::new());
    for Read { identity, body } in read {
        let Some(identity) = identity else { continue };
        let Some(body) = body.filter(|body| seen.add(reader, &identity, body)) else {
            broken.push(identity);
            continue;
        };
        let target = match body {
            Body::Rule(rule, logsource) => {
                rules.push((*rule, logsource));
                Target::Rule(rules.len() - 1)
            }
            Body::Correlation(draft) => {
                drafts.push(*draft);
                Target::Correlation(drafts.len() - 1)
            }
            Body::Filter(filter) => {
                filters.push(*filter);
                Target::Filter
            }
        };
        usable.push((identity, target));
    }
    let names = Names { targets: targets(usable, broken), complete, suggestions: Cell::new(MAX_SUGGESTED) };
    filter::apply(reader, &names, &mut rules, &filters);
    let rules = rules.into_iter().map(|(rule, _): (Rule, Logsource)| rule).collect::<Vec<_>>();
    let correlations = correlation::resolve(reader, &names, &rules, drafts);
    Loaded { rules, correlations, ..Loaded::default() }
}

/// Ids win over names, and what can be used over what cannot.
fn targets(usable: Vec<(Identity, Target)>, broken: Vec<Identity>) -> BTreeMap<String, Target> {
    let broken = broken.into_iter().map(|identity| (identity, Target::Broken));
    let (ids, names): (Vec<_>, Vec<_>) =
        usable.into_iter().chain(broken).map(|(own, target)| ((own.id, target), (own.name, target))).unzip();
    let mut targets = BTreeMap::new();
    for (name, target) in ids.into_iter().chain(names) {
        let known = targets.entry(name).or_insert(target);
        if *known == Target::Broken {
            *known = target;
        }
    }
    targets
}

/// The ids and names so far, with their places.
#[derive(Default)]
struct Seen {
    ids: BTreeMap<String, (Span, &'static str)>,
    names: BTreeMap<String, (Span, &'static str)>,
}

impl Seen {
    /// False if another document has its id or name.
    fn add(&mut self, reader: &mut Reader<'_>, own: &Identity, body: &Body) -> bool {
        let noun = match body {
            Body::Rule(..) => "rule",
            Body::Correlation(_) => "correlation",
            Body::Filter(_) => "filter",
        };
        let name_span = own.name_span.unwrap_or(own.id_span);
        if let Some((first, other)) = self.ids.insert(own.id.clone(), (own.id_span, noun)) {
            let message = format!("another {other} has the id `{}`", own.id);
            let found = Diagnostic::new(Code::DuplicateId, own.id_span, message).related(first, "first here");
            reader.push(found.help("a copied rule needs an id of its own: flags are told apart by it"));
            return false;
        }
        if let Some((first, other)) = self.names.insert(own.name.clone(), (name_span, noun)) {
            let message = format!("another {other} has the name `{}`", own.name);
            let found = Diagnostic::new(Code::DuplicateName, name_span, message);
            reader.push(found.related(first, "first here"));
            return false;
        }
        true
    }
}
