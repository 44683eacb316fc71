//! Correlations in the light of the whole set: which rules they name, and in which order they build on one another.
//!
//! A correlation is resolved after those that it takes in, so that their keys are known; what stands in a circle comes
//! to no turn, and is told. Where a part was told of elsewhere, nothing is said here, and the correlation is left out.

use super::read::{Awaited, Draft, Name, RULES, twice};
use super::{Addend, Bound, Correlation, Key, Kind, Part, example};
use crate::rule::codes::Code;
use crate::rule::diagnostic::{Diagnostic, Severity};
use crate::rule::model::{Number, Rule, Status};
use crate::rule::reader::{Reader, listed};
use crate::rule::set::{Names, Target};
use crate::rule::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Resolves all correlations of a set; those that cannot be used are left out.
pub(in crate::rule) fn resolve(
    reader: &mut Reader<'_>,
    names: &Names,
    rules: &[Rule],
    drafts: Vec<Draft>,
) -> Vec<Correlation> {
    let statuses: Vec<_> = drafts.iter().map(|draft| draft.head.status).collect();
    let retired = |target: Target| match target {
        Target::Rule(rule) => rules.get(rule).is_some_and(|rule| rule.status == Status::Retired),
        Target::Correlation(index) => statuses.get(index) == Some(&Status::Retired),
        Target::Filter | Target::Broken => false,
    };
    let parts: Vec<_> = drafts.iter().map(|draft| targets(reader, names, draft, &retired)).collect();
    let order = order(reader, &drafts, &parts);
    let mut waiting: Vec<_> = drafts.into_iter().map(Some).collect();
    let mut done: Vec<Option<Correlation>> = waiting.iter().map(|_| None).collect();
    for index in order {
        let (Some(draft), Some(targets)) = (waiting[index].take(), &parts[index]) else { continue };
        done[index] = Scope { rules, done: &done, names }.correlation(reader, draft, targets);
    }
    done.into_iter().flatten().collect()
}

/// What the names in `rules` stand for; none if one of them cannot be used.
fn targets(
    reader: &mut Reader<'_>,
    names: &Names,
    draft: &Draft,
    retired: &impl Fn(Target) -> bool,
) -> Option<Vec<Target>> {
    let mut first = BTreeMap::new();
    let mut targets = Vec::new();
    let mut sound = true;
    for name in &draft.section.rules {
        let target = names.find(&name.text);
        let told = match target {
            None => {
                names.unknown(reader, &name.text, name.span);
                sound = false;
                continue;
            }
            Some(Target::Broken) => {
                sound = false;
                continue;
            }
            Some(Target::Filter) => Some(of_filter(name)),
            Some(target) if retired(target) && draft.head.status != Status::Retired => Some(of_retired(name)),
            Some(target) => {
                let first = first.insert(target, name.span);
                targets.push(target);
                first.map(|first| twice(name, first, RULES))
            }
        };
        sound &= told.is_none();
        reader.out.extend(told);
    }
    sound.then_some(targets)
}

fn of_filter(name: &Name) -> Diagnostic {
    let message = format!("`{}` is a filter, which finds nothing", name.text);
    Diagnostic::new(Code::UnknownRule, name.span, message).help("name the rules that the filter is added to")
}

fn of_retired(name: &Name) -> Diagnostic {
    let message = format!("`{}` is no longer in use, so it never fires", name.text);
    let found = Diagnostic::new(Code::RetiredRule, name.span, message);
    found.help("its status is `deprecated` or `unsupported`; take another rule, or leave it out")
}

/// The correlations in an order in which each comes after those that it takes in. Circles are told.
fn order(reader: &mut Reader<'_>, drafts: &[Draft], parts: &[Option<Vec<Target>>]) -> Vec<usize> {
    let children: Vec<BTreeSet<usize>> = parts.iter().map(|parts| children(parts.as_deref())).collect();
    let mut open: Vec<usize> = children.iter().map(BTreeSet::len).collect();
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
    for (parent, children) in children.iter().enumerate() {
        for child in children {
            parents[*child].push(parent);
        }
    }
    let mut order: Vec<usize> = (0..drafts.len()).filter(|index| open[*index] == 0).collect();
    let mut at = 0;
    while let Some(child) = order.get(at).copied() {
        at += 1;
        for parent in &parents[child] {
            open[*parent] -= 1;
            if open[*parent] == 0 {
                order.push(*parent);
            }
        }
    }
    let left: BTreeSet<usize> = (0..drafts.len()).filter(|index| open[*index] > 0).collect();
    circles(reader, drafts, &children, left);
    order
}

fn children(parts: Option<&[Target]>) -> BTreeSet<usize> {
    let of = |target: &Target| match target {
        Target::Correlation(index) => Some(*index),
        _ => None,
    };
    parts.unwrap_or_default().iter().filter_map(of).collect()
}

/// Tells each circle once. All that is left waits for another that is left, so that a walk from child to child comes
/// back to where it was.
fn circles(
    reader: &mut Reader<'_>,
    drafts: &[Draft],
    children: &[BTreeSet<usize>],
    mut left: BTreeSet<usize>,
) {
    while let Some(start) = left.first().copied() {
        let mut path = Vec::new();
        let mut places = BTreeMap::new();
        let mut at = start;
        let circle = loop {
            if let Some(place) = places.insert(at, path.len()) {
                break path.split_off(place);
            }
            path.push(at);
            match children[at].iter().find(|child| left.contains(child)) {
                Some(child) => at = *child,
                // It waits for a circle that was told.
                None => break Vec::new(),
            }
        };
        for index in path.iter().chain(&circle) {
            left.remove(index);
        }
        reader.out.extend(of_circle(drafts, &circle));
    }
}

fn of_circle(drafts: &[Draft], circle: &[usize]) -> Option<Diagnostic> {
    let first = drafts.get(*circle.iter().min()?)?;
    let names: Vec<_> = circle.iter().map(|index| drafts[*index].identity.name.as_str()).collect();
    let message = match names.as_slice() {
        [one] => format!("`{one}` takes in itself"),
        _ => format!("these take in one another in a circle: {}", listed(&names)),
    };
    let mut found = Diagnostic::new(Code::Circle, first.span, message);
    for index in circle.iter().filter(|index| drafts[**index].span != first.span) {
        found = found.related(drafts[*index].span, "");
    }
    Some(found.help("each would have to fire before it could; take in the rules themselves"))
}

/// The parts of a correlation while it is resolved.
pub(super) struct Parts<'a> {
    written: &'a [Name],
    targets: &'a [Target],
    index: BTreeMap<Target, usize>,
    names: &'a Names,
}

impl<'a> Parts<'a> {
    fn new(written: &'a [Name], targets: &'a [Target], names: &'a Names) -> Parts<'a> {
        let index = targets.iter().copied().zip(0..).collect();
        Parts { written, targets, index, names }
    }

    pub(super) fn len(&self) -> usize {
        self.written.len()
    }

    /// The names as `rules` has them.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a Name> {
        self.written.iter()
    }

    pub(super) fn written(&self) -> impl Iterator<Item = &'a str> {
        self.written.iter().map(|name| name.text.as_str())
    }

    /// The part of that id or name.
    pub(super) fn find(&self, text: &str) -> Option<usize> {
        self.index.get(&self.names.find(text)?).copied()
    }

    /// A name that is none of a part.
    pub(super) fn stranger(&self, code: Code, name: &Name) -> Diagnostic {
        let message = format!("`rules` does not name `{}`", name.text);
        let found = Diagnostic::new(code, name.span, message);
        self.names.suggest(found, name.span, &name.text, self.written())
    }
}

/// What a correlation is resolved against.
struct Scope<'a> {
    rules: &'a [Rule],
    /// Correlations by their index: those that are resolved.
    done: &'a [Option<Correlation>],
    names: &'a Names,
}

impl Scope<'_> {
    fn correlation(&self, reader: &mut Reader<'_>, draft: Draft, targets: &[Target]) -> Option<Correlation> {
        let before = reader.out.len();
        let parts = targets.iter().map(|target| self.part(*target)).collect::<Option<Vec<_>>>()?;
        let section = &draft.section;
        let scope = Parts::new(&section.rules, targets, self.names);
        let keys = self.keys(reader, &draft, &scope);
        let kind = self.kind(reader, &draft, &scope);
        let tests = example::resolved(reader, draft.tests, &scope);
        self.generated(reader, draft.generate, targets);
        let failed = reader.out.iter().skip(before).any(|found| found.severity() == Severity::Error);
        let (keys, kind) = (keys?, kind?);
        if failed {
            return None;
        }
        let head = draft.head;
        let origin = head.origin(reader, draft.span);
        Some(Correlation {
            id: draft.identity.id,
            name: draft.identity.name,
            title: head.title?,
            status: head.status,
            level: head.level,
            tags: head.tags,
            kind,
            parts,
            keys,
            timespan_ms: draft.section.timespan_ms,
            review: draft.review,
            suppress_ms: draft.suppress_ms,
            tests,
            origin,
        })
    }

    fn child(&self, target: Target) -> Option<&Correlation> {
        match target {
            Target::Correlation(index) => self.done.get(index)?.as_ref(),
            _ => None,
        }
    }

    /// None if it cannot be used, which was told.
    fn part(&self, target: Target) -> Option<Part> {
        match target {
            Target::Rule(index) => Some(Part { id: self.rules.get(index)?.id.clone(), chained: false }),
            _ => self.child(target).map(|child| Part { id: child.id.clone(), chained: true }),
        }
    }

    fn keys(&self, reader: &mut Reader<'_>, draft: &Draft, parts: &Parts<'_>) -> Option<Vec<Key>> {
        let section = &draft.section;
        let keys: Vec<_> = section.keys.iter().map(|name| self.key(reader, draft, parts, name)).collect();
        keys.into_iter().collect()
    }

    fn key(&self, reader: &mut Reader<'_>, draft: &Draft, parts: &Parts<'_>, name: &Name) -> Option<Key> {
        let alias = draft.section.aliases.iter().find(|alias| alias.name.text == name.text);
        let fields = match alias {
            Some(alias) => alias.fields(reader, parts)?,
            None => Vec::new(),
        };
        let key = Key { name: name.text.clone(), fields };
        let mut sound = true;
        for (index, target) in parts.targets.iter().enumerate() {
            sound &= self.carries(reader, *target, key.field(index), name.span);
        }
        sound.then_some(key)
    }

    /// Whether a part's findings have the field. A correlation's have its keys, and nothing else.
    fn carries(&self, reader: &mut Reader<'_>, target: Target, field: &str, at: Span) -> bool {
        let Some(child) = self.child(target) else { return true };
        if child.keys.iter().any(|key| key.name == field) {
            return true;
        }
        let message = format!("what `{}` finds carries no `{field}`", child.name);
        let found = Diagnostic::new(Code::KeyNotCarried, at, message);
        let keys: Vec<_> = child.keys.iter().map(|key| key.name.as_str()).collect();
        reader
            .push(found.help(format!("a correlation carries what it is grouped by, here {}", listed(&keys))));
        false
    }

    fn kind(&self, reader: &mut Reader<'_>, draft: &Draft, parts: &Parts<'_>) -> Option<Kind> {
        match &draft.section.kind {
            Awaited::Temporal(asked) => {
                lone(reader, draft, parts);
                asked.when(reader, parts).map(Kind::Temporal)
            }
            Awaited::Ordered(asked) => {
                lone(reader, draft, parts);
                asked.is_all(reader, parts).map(|()| Kind::TemporalOrdered)
            }
            Awaited::Known(kind, span) => {
                let sound = match kind {
                    Kind::ValueCount { field, .. } | Kind::ValueSum { addend: Addend::Field(field), .. } => {
                        parts.targets.iter().all(|target| self.carries(reader, *target, field, *span))
                    }
                    Kind::ValueSum { addend: Addend::RuleScore, bound } => {
                        self.attainable(reader, *bound, parts, *span)
                    }
                    _ => true,
                };
                sound.then(|| kind.clone())
            }
        }
    }

    /// Whether the scores of all parts together reach the bound: each counts once.
    fn attainable(&self, reader: &mut Reader<'_>, bound: Bound, parts: &Parts<'_>, at: Span) -> bool {
        let score = |target: &Target| match *target {
            Target::Rule(index) => self.rules.get(index).map(|rule| (rule.review.score, rule.level)),
            target => self.child(target).map(|child| (child.review.score, child.level)),
        };
        let scores = parts.targets.iter().filter_map(score);
        let sum: u32 = scores.map(|(score, level)| score.unwrap_or_else(|| level.score())).sum();
        let sum_of = Number::Integer(i128::from(sum));
        let reached = match bound {
            Bound::Above(number) => sum_of > number,
            Bound::AtLeast(number) => sum_of >= number,
        };
        if !reached {
            let message = format!("this is never reached: the scores of all rules together are {sum}");
            let found = Diagnostic::new(Code::NeverReached, at, message);
            reader.push(found.help("each rule counts once; `review.score`, or else `level`, says how much"));
        }
        reached
    }

    /// Sigma's `generate` says for all rules together what `review.publish` says for each.
    fn generated(&self, reader: &mut Reader<'_>, generate: Option<(bool, Span)>, targets: &[Target]) {
        let Some((generate, span)) = generate else { return };
        let publish = |target: &Target| match *target {
            Target::Rule(index) => {
                self.rules.get(index).map(|rule| (rule.name.as_str(), rule.review.publish))
            }
            target => self.child(target).map(|child| (child.name.as_str(), child.review.publish)),
        };
        let against = targets.iter().filter_map(publish).filter(|(_, publish)| *publish != generate);
        let against: Vec<_> = against.map(|(name, _)| name).collect();
        if against.is_empty() {
            return;
        }
        let (shown, more) = against.split_at(against.len().min(5));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let what = if generate { "not published" } else { "published all the same" };
        let message = format!("findings are {what} by {}{more}", listed(shown));
        let found = Diagnostic::new(Code::GenerateContradicts, span, message);
        reader.push(found.help(format!(
            "`review: {{publish: {generate}}}` in each rule says so; `generate` changes nothing"
        )));
    }
}

/// One rule by itself is near to nothing and in no order.
fn lone(reader: &mut Reader<'_>, draft: &Draft, parts: &Parts<'_>) {
    let ([only], 1) = (draft.section.rules.as_slice(), parts.len()) else { return };
    let message = format!("`{}` alone comes together with nothing", only.text);
    let found = Diagnostic::new(Code::LoneRule, only.span, message);
    reader.push(found.help("an `event_count` says how often a rule must fire: `condition: {gte: 1}`"));
}
