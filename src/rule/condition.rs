//! The condition: `and`, `or`, `not`, parentheses and quantifiers over selections.
//!
//! `not` binds most tightly, then `and`, then `or`. The parser never stops at its first error: an operand
//! that cannot be read is left out and reading goes on behind it, so that all misspelt names of a condition
//! are told at once. Quantifiers are expanded here; what is evaluated knows only and, or, not.

mod token;

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::legacy;
use super::model::Condition;
use super::reader::{Reader, joined, suggest};
use super::source::Span;
use super::syntax::Node;
pub(super) use token::is_word;
use token::{Token, tokens};

/// How deep parentheses and negations may be nested.
const MAX_DEPTH: usize = 50;
/// How long a condition may be.
const MAX_BYTES: usize = 16 << 10;
/// Among how many names the one that was meant is looked for.
const MAX_SUGGESTED: usize = 100;
/// How many parts the quantifiers of one condition may expand to.
const MAX_PARTS: usize = 100_000;

/// A selection as the condition sees it: some could not be read, but their names are known.
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) span: Span,
    /// Index among the selections that could be read.
    pub(super) index: Option<usize>,
}

/// All that a condition may name.
pub(super) struct Names<'a> {
    pub(super) all: &'a [Named<'a>],
    /// What they are: `selection`, or `rule` in a correlation.
    pub(super) noun: &'static str,
}

/// Reads one condition. Marks the selections that it uses.
pub(super) fn read(
    reader: &mut Reader<'_>,
    node: &Node,
    text: &str,
    names: &Names<'_>,
    used: &mut [bool],
) -> Option<Condition> {
    if text.len() > MAX_BYTES {
        let message = format!("the condition is longer than {MAX_BYTES} bytes");
        reader.error(Code::ConditionSyntax, node.span, message);
        return None;
    }
    let tokens = tokens(text);
    let mut parser = Parser {
        reader,
        node,
        text,
        tokens,
        at: 0,
        depth: 0,
        parts: 0,
        selections: names.all,
        noun: names.noun,
        used,
        sound: true,
        stopped: false,
        reported: None,
    };
    let condition = parser.any();
    parser.rest();
    condition.filter(|_| parser.sound)
}

struct Parser<'p, 'a> {
    reader: &'p mut Reader<'a>,
    node: &'p Node,
    text: &'p str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    parts: usize,
    selections: &'p [Named<'p>],
    noun: &'static str,
    used: &'p mut [bool],
    sound: bool,
    /// Reading was given up before the end.
    stopped: bool,
    /// The operator that was already reported as misspelt: it is looked at more than once.
    reported: Option<usize>,
}

impl<'p> Parser<'p, '_> {
    fn peek(&self) -> Option<&'p str> {
        self.word(self.at)
    }

    fn word(&self, at: usize) -> Option<&'p str> {
        self.tokens.get(at).and_then(|token| self.text.get(token.range.clone()))
    }

    /// The next token in lower case, if it is an operator however written.
    fn operator(&mut self) -> Option<&'static str> {
        let word = self.peek()?;
        let name = match word {
            "and" | "or" | "not" => word,
            "AND" | "And" | "&" | "&&" => "and",
            "OR" | "Or" | "|" | "||" => "or",
            "NOT" | "Not" | "!" => "not",
            _ => return None,
        };
        let known = ["and", "or", "not"].into_iter().find(|known| *known == name)?;
        let aggregate = word == "|" && self.aggregate();
        if known != word && !aggregate && self.reported != Some(self.at) {
            self.reported = Some(self.at);
            let span = self.span(self.at);
            let found = Diagnostic::new(
                Code::ConditionSyntax,
                span,
                format!("`{word}` is written `{known}` in conditions"),
            );
            let by = self.apart(known);
            self.fail(found.fix(span, by, format!("write `{known}`")));
        }
        Some(known)
    }

    /// A word to be put in the place of the current token, apart from what is glued to it.
    fn apart(&self, word: &str) -> String {
        let range = self.tokens.get(self.at).map_or(0..0, |token| token.range.clone());
        let glued = |next: Option<char>| next.is_some_and(|next| !next.is_whitespace());
        let before = glued(self.text.get(..range.start).and_then(|text| text.chars().next_back()));
        let after = glued(self.text.get(range.end..).and_then(|text| text.chars().next()));
        let blank = |glued| if glued { " " } else { "" };
        format!("{}{word}{}", blank(before), blank(after))
    }

    /// True at the `|` of an old aggregation such as `| count() by x > 5`.
    fn aggregate(&self) -> bool {
        self.word(self.at + 1)
            .is_some_and(|next| matches!(next, "count" | "sum" | "min" | "max" | "avg" | "near"))
    }

    fn span(&self, at: usize) -> Span {
        let range = self.tokens.get(at).map_or(self.text.len()..self.text.len(), |token| token.range.clone());
        self.reader.part(self.node, range)
    }

    fn fail(&mut self, found: Diagnostic) {
        self.sound = false;
        self.reader.push(found);
    }

    /// Gives up reading.
    fn stop(&mut self) {
        self.at = self.tokens.len();
        self.stopped = true;
    }

    fn any(&mut self) -> Option<Condition> {
        let start = self.at;
        let mut operands = vec![self.all()];
        let mut mixed = self.joins_and(start);
        while self.old_aggregate() || self.operator() == Some("or") {
            self.at += 1;
            let start = self.at;
            operands.push(self.all());
            mixed |= self.joins_and(start);
        }
        if mixed && operands.len() > 1 {
            self.mixed(start);
        }
        joined(operands, Condition::Any)
    }

    /// True if the operand that began at `start` joins several by `and`, outside parentheses.
    fn joins_and(&self, start: usize) -> bool {
        let mut depth = 0usize;
        let words = (start..self.at).filter_map(|at| self.word(at));
        words.into_iter().any(|word| {
            match word {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && word == "and"
        })
    }

    fn mixed(&mut self, start: usize) {
        let from = self.tokens.get(start).map_or(0, |token| token.range.start);
        let to = self.tokens.get(self.at.saturating_sub(1)).map_or(from, |token| token.range.end);
        let span = self.reader.part(self.node, from..to);
        let found = Diagnostic::new(Code::MixedOperators, span, "`and` and `or` stand side by side");
        self.reader.push(found.help("`and` binds first: `a or b and c` is read as `a or (b and c)`; put the parentheses that you mean"));
    }

    fn all(&mut self) -> Option<Condition> {
        let mut operands = vec![self.unary()];
        while self.operator() == Some("and") {
            self.at += 1;
            operands.push(self.unary());
        }
        joined(operands, Condition::All)
    }

    fn unary(&mut self) -> Option<Condition> {
        if self.operator() == Some("not") {
            self.at += 1;
            return self.nested(Self::unary).map(|inner| Condition::Not(Box::new(inner)));
        }
        match self.peek() {
            Some("(") => self.group(),
            Some(")") | None => self.missing(),
            Some(_) if self.operator().is_some() => self.missing(),
            Some(word) => self.operand(word),
        }
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Option<Condition>) -> Option<Condition> {
        if self.depth >= MAX_DEPTH {
            let span = self.span(self.at);
            self.stop();
            self.fail(Diagnostic::new(
                Code::ConditionSyntax,
                span,
                format!("nested more than {MAX_DEPTH} deep"),
            ));
            return None;
        }
        self.depth += 1;
        let condition = inner(self);
        self.depth -= 1;
        condition
    }

    fn group(&mut self) -> Option<Condition> {
        let open = self.span(self.at);
        self.at += 1;
        let inner = self.nested(Self::any);
        if self.peek() == Some(")") {
            self.at += 1;
        } else if self.peek().is_none() && !self.stopped {
            self.fail(Diagnostic::new(Code::ConditionSyntax, open, "this parenthesis is never closed"));
        }
        inner
    }

    /// An operand is missing where the parser stands.
    fn missing(&mut self) -> Option<Condition> {
        let after = self.at.checked_sub(1).and_then(|before| self.word(before));
        let noun = self.noun;
        let message = match (after, self.peek()) {
            (Some(word), _) => format!("a {noun}'s name is missing after `{word}`"),
            (None, Some(word)) => format!("a {noun}'s name is missing before `{word}`"),
            (None, None) => "the condition is empty".to_owned(),
        };
        let at = if after.is_some() { self.at - 1 } else { self.at };
        let span = self.span(at);
        self.fail(Diagnostic::new(Code::ConditionSyntax, span, message));
        None
    }

    fn operand(&mut self, word: &'p str) -> Option<Condition> {
        let first = self.at;
        self.at += 1;
        if self.peek().is_some_and(|next| next.eq_ignore_ascii_case("of")) {
            self.at += 1;
            return self.quantifier(word, first);
        }
        let position = self.selections.iter().position(|selection| selection.name == word);
        let Some(position) = position else {
            self.unknown(word, first);
            return None;
        };
        self.used[position] = true;
        // A selection that could not be read was reported where it stands.
        self.sound &= self.selections[position].index.is_some();
        self.parts += 1;
        self.selections[position].index.map(Condition::Selection)
    }

    fn unknown(&mut self, word: &str, at: usize) {
        let span = self.span(at);
        if word.contains(['*', '?']) {
            let message = format!("`{word}` names several {}s: say how many of them", self.noun);
            let found = Diagnostic::new(Code::ConditionSyntax, span, message);
            self.fail(found.fix(span, format!("1 of {word}"), "any one of them"));
            return;
        }
        let message = format!("there is no {} `{word}`", self.noun);
        let found = Diagnostic::new(Code::UnknownSelection, span, message);
        let names: Vec<_> = self.selections.iter().map(|selection| selection.name).collect();
        let near = if names.len() <= MAX_SUGGESTED { &*names } else { &[] };
        let found = suggest(found, span, word, near.iter().copied());
        let found = match found.fix {
            None if !names.is_empty() && names.len() <= 20 => {
                found.help(format!("the {}s are {}", self.noun, super::reader::listed(&names)))
            }
            _ => found,
        };
        self.fail(found);
    }

    /// `1 of x_*`, `all of them`: the parser stands behind `of`.
    fn quantifier(&mut self, count: &str, first: usize) -> Option<Condition> {
        let join: fn(Vec<Condition>) -> Condition = match count {
            "1" | "any" => Condition::Any,
            "all" => Condition::All,
            _ => return self.bad_count(count, first),
        };
        let Some(pattern) = self.peek().filter(|word| *word != ")" && *word != "(") else {
            let span = self.span(self.at - 1);
            let found =
                Diagnostic::new(Code::ConditionSyntax, span, "a pattern of names is missing after `of`");
            self.fail(found.help(format!("such as `1 of keyword_*`, or `1 of them` for all {}s", self.noun)));
            self.skip_group();
            return None;
        };
        let at = self.at;
        self.at += 1;
        let chosen = self.choose(pattern);
        if chosen.is_empty() {
            self.none_chosen(pattern, at);
            return None;
        }
        self.expand(&chosen, at).map(join)
    }

    /// Passes over `(a, b)`.
    fn skip_group(&mut self) {
        let mut depth = 0usize;
        while let Some(word) = self.peek() {
            match word {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && word != ")" {
                return;
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn bad_count(&mut self, count: &str, first: usize) -> Option<Condition> {
        let span = self.span(first);
        let message = format!("`{count} of` is not supported: only `1 of`, `any of` and `all of` are");
        self.at += usize::from(self.peek().is_some_and(|word| word != ")"));
        let found = Diagnostic::new(Code::ConditionSyntax, span, message);
        let lower = count.to_ascii_lowercase();
        let known = ["1", "any", "all"]
            .into_iter()
            .find(|known| *known == lower || (*known == "1" && lower == "one"));
        self.fail(match known {
            Some(known) => found.fix(span, known, format!("write `{known}`")),
            None => found.help("for \"at least two\" spell out the combinations, joined by `or`"),
        });
        None
    }

    /// The selections that a pattern names, by their positions.
    fn choose(&self, pattern: &str) -> Vec<usize> {
        let chosen = self.selections.iter().enumerate().filter(|(_, selection)| match pattern {
            "them" => !selection.name.starts_with('_'),
            _ => fits(pattern, selection.name),
        });
        chosen.map(|(position, _)| position).collect()
    }

    fn none_chosen(&mut self, pattern: &str, at: usize) {
        let span = self.span(at);
        let found = Diagnostic::new(
            Code::NoSuchSelections,
            span,
            format!("no {}'s name fits `{pattern}`", self.noun),
        );
        let names: Vec<_> = self.selections.iter().map(|selection| selection.name).collect();
        let stem = pattern.trim_end_matches('*');
        let near =
            names.iter().find(|name| !stem.is_empty() && name.starts_with(stem.trim_end_matches(['_', 's'])));
        let found = match near {
            Some(name) => found.help(format!("there is `{name}`")),
            None if names.len() <= 20 => {
                found.help(format!("the {}s are {}", self.noun, super::reader::listed(&names)))
            }
            None => found,
        };
        self.fail(found);
    }

    fn expand(&mut self, chosen: &[usize], at: usize) -> Option<Vec<Condition>> {
        self.parts += chosen.len();
        if self.parts > MAX_PARTS {
            let span = self.span(at);
            let message = format!("the condition expands to more than {MAX_PARTS} parts");
            self.stop();
            self.fail(Diagnostic::new(Code::ConditionSyntax, span, message));
            return None;
        }
        for position in chosen {
            self.used[*position] = true;
            self.sound &= self.selections[*position].index.is_some();
        }
        chosen.iter().map(|position| self.selections[*position].index.map(Condition::Selection)).collect()
    }

    /// `| count() …`: the rest of the condition is an aggregation of old Sigma.
    fn old_aggregate(&mut self) -> bool {
        if self.peek() != Some("|") || !self.aggregate() {
            return false;
        }
        let from = self.tokens.get(self.at).map_or(0, |token| token.range.start);
        let span = self.reader.part(self.node, from..self.text.trim_end().len());
        let help = legacy::aggregate(self.text.get(from..).unwrap_or_default());
        let found = Diagnostic::new(Code::ConditionSyntax, span, "conditions cannot count or aggregate");
        self.fail(found.help(help));
        self.stop();
        false
    }

    /// Whatever is left behind a complete condition: told, and read on for what else is wrong in it.
    fn rest(&mut self) {
        while let Some(word) = self.peek() {
            let before = self.at;
            self.left_over(word);
            if word == ")" {
                self.at += 1;
                self.at += usize::from(matches!(self.operator(), Some("and" | "or")));
            }
            if self.peek().is_some() {
                self.any();
            }
            self.at = self.at.max(before + 1);
        }
    }

    fn left_over(&mut self, word: &str) {
        let span = self.span(self.at);
        let found = if word == ")" {
            Diagnostic::new(Code::ConditionSyntax, span, "this parenthesis closes nothing")
        } else {
            let message = format!("`and` or `or` is missing before `{word}`");
            let found = Diagnostic::new(Code::ConditionSyntax, span, message);
            let names = ["and", "or", "not"].into_iter();
            let near = self.selections.iter().all(|selection| selection.name != word);
            if near { suggest(found, span, word, names) } else { found }
        };
        self.fail(found);
    }
}

/// `*` in a pattern of names is any characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let Some((middle, last)) = rest.rsplit_once('*') else { return name.ends_with(rest) };
    for part in middle.split('*') {
        let Some(at) = name.find(part) else { return false };
        name = name.get(at + part.len()..).unwrap_or_default();
    }
    name.ends_with(last)
}

/// Selections that no condition uses, and whose names do not say that this is meant.
pub(super) fn report_unused(reader: &mut Reader<'_>, selections: &[Named<'_>], used: &[bool]) {
    for (selection, used) in selections.iter().zip(used) {
        let nameable = selection.name.chars().all(is_word);
        if !used && nameable && !selection.name.starts_with('_') {
            let message = format!("the condition does not use `{}`", selection.name);
            let found = Diagnostic::new(Code::UnusedSelection, selection.span, message);
            reader.push(found.help("use it, remove it, or let its name begin with `_`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::FieldTable;
    use crate::rule::list::Lists;
    use crate::rule::source::SourceMap;
    use crate::rule::syntax::{Kind, Scalar, Style};

    /// A condition as text, with every grouping in parentheses.
    fn show(condition: &Condition, names: &[&str]) -> String {
        let grouped = |parts: &[Condition], word: &str| {
            let parts: Vec<_> = parts.iter().map(|part| show(part, names)).collect();
            format!("({})", parts.join(word))
        };
        match condition {
            Condition::Selection(index) => names[*index].to_owned(),
            Condition::Not(inner) => format!("not {}", show(inner, names)),
            Condition::All(parts) => grouped(parts, " and "),
            Condition::Any(parts) => grouped(parts, " or "),
        }
    }

    /// The condition as it is read, or the messages.
    fn judge(text: &str) -> String {
        let names = ["a", "b", "kw_1", "kw_2", "_own"];
        let mut map = SourceMap::default();
        let file = map.add("t", text);
        let (fields, lists) = (FieldTable::canonical(), Lists::default());
        let mut reader = Reader::new(&map, &fields, &lists);
        let span = Span::new(file, 0..text.len());
        let scalar = Scalar { text: text.into(), style: Style::Plain, explicit: false, alias: false };
        let node = Node { span, kind: Kind::Scalar(scalar) };
        let selection = |(index, name)| Named { name, span, index: Some(index) };
        let selections: Vec<_> = names.into_iter().enumerate().map(selection).collect();
        let all = Names { all: &selections, noun: "selection" };
        if let Some(condition) = read(&mut reader, &node, text, &all, &mut [false; 5]) {
            return show(&condition, &names);
        }
        let messages = reader.out.iter().map(|found| {
            let at = found.primary.span.range();
            format!("{}..{}: {}", at.start, at.end, found.message)
        });
        messages.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn the_grammar() {
        let cases = [
            ("a", "a"),
            ("a and b", "(a and b)"),
            ("a or b and kw_1", "(a or (b and kw_1))"),
            ("not a and b", "(not a and b)"),
            ("not (a or b)", "not (a or b)"),
            ("not not a", "not not a"),
            ("(a or b) and not kw_1", "((a or b) and not kw_1)"),
            ("1 of kw_*", "(kw_1 or kw_2)"),
            ("any of kw_*", "(kw_1 or kw_2)"),
            ("all of kw_*", "(kw_1 and kw_2)"),
            ("1 of them", "(a or b or kw_1 or kw_2)"),
            ("all of them and not _own", "((a and b and kw_1 and kw_2) and not _own)"),
            ("a and not 1 of kw_*", "(a and not (kw_1 or kw_2))"),
            ("1 of *_1", "(kw_1)"),
            ("all of a", "(a)"),
            ("  a\n  and b ", "(a and b)"),
        ];
        for (text, expected) in cases {
            assert_eq!(judge(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_all_at_once() {
        let cases = [
            ("", "0..0: the condition is empty"),
            ("a and", "2..5: a selection's name is missing after `and`"),
            ("and a", "0..3: a selection's name is missing before `and`"),
            ("a b", "2..3: `and` or `or` is missing before `b`"),
            (
                "a b and nope",
                "2..3: `and` or `or` is missing before `b`; 8..12: there is no selection `nope`",
            ),
            (
                "1 of (a, b) and nope",
                "2..4: a pattern of names is missing after `of`; 16..20: there is no selection `nope`",
            ),
            ("a) and nope", "1..2: this parenthesis closes nothing; 7..11: there is no selection `nope`"),
            ("(a or b", "0..1: this parenthesis is never closed"),
            ("a)", "1..2: this parenthesis closes nothing"),
            ("x and y", "0..1: there is no selection `x`; 6..7: there is no selection `y`"),
            ("a AND b", "2..5: `AND` is written `and` in conditions"),
            (
                "a && !b",
                "2..4: `&&` is written `and` in conditions; 5..6: `!` is written `not` in conditions",
            ),
            ("kw_*", "0..4: `kw_*` names several selections: say how many of them"),
            ("1 of nope_*", "5..11: no selection's name fits `nope_*`"),
            ("2 of kw_*", "0..1: `2 of` is not supported: only `1 of`, `any of` and `all of` are"),
            ("1 of", "2..4: a pattern of names is missing after `of`"),
            ("a | count() by b > 5", "2..20: conditions cannot count or aggregate"),
            ("()", "0..1: a selection's name is missing after `(`"),
        ];
        for (text, expected) in cases {
            assert_eq!(judge(text), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
        assert_eq!(judge(&deep(50)), "a");
        assert!(judge(&deep(51)).contains("nested more than 50 deep"));
        assert!(judge(&format!("{}a", "not ".repeat(4000))).contains("nested more than 50 deep"));
    }
}
