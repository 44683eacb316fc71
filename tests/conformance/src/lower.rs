//! Checked rules as plain Sigma, which any evaluator can run: over events in which the folded reading of each text is a field of its own.
//!
//! Words become expressions, a view becomes a field (`text_folded`), and each test a selection by itself, since plain Sigma has no
//! alternatives of fields within one map. What plain Sigma cannot say is not lowered: the coarser views, slips, words near each other, whole
//! times.

use regex_syntax::ParserBuilder;
use serde_json::{Map, Value, json};
use wardline::event::FieldType;
use wardline::rule;
use wardline::rule::Rule;
use wardline::rule::model::{
    Clause, Comparison, Condition, Demand, GlobPart, Number, Pattern, PatternKind, Place, Test, Views,
};
use wardline::text::{View, fold, token};

/// What a letter or mark of a word is; apostrophes are part of words and do not count.
const WORD: &str = r"\p{L}\p{N}\p{M}";

/// A rule as one document; JSON, which is YAML too. None if plain Sigma cannot say what it says.
pub(crate) fn lower(rule: &Rule) -> Option<Value> {
    let mut lowered = Lowered { selections: Map::new() };
    let condition = lowered.condition(&rule.detection.condition, rule)?;
    let mut detection = lowered.selections;
    detection.insert("condition".to_owned(), json!(condition));
    Some(
        json!({ "title": rule.title, "id": rule.id, "logsource": {"product": "any"}, "detection": detection, "level": "low" }),
    )
}

/// An event with the folded reading of its texts.
pub(crate) fn materialised(event: &Value, texts: &[&str]) -> Value {
    let mut event = event.clone();
    for field in texts {
        let folded = match &event[field] {
            Value::String(text) => json!(fold::fold(text)),
            Value::Array(texts) => texts
                .iter()
                .map(|text| text.as_str().map_or_else(|| text.clone(), |text| json!(fold::fold(text))))
                .collect(),
            other => other.clone(),
        };
        if event.get(field).is_some() {
            event[format!("{field}_folded")] = folded;
        }
    }
    event
}

struct Lowered {
    selections: Map<String, Value>,
}

impl Lowered {
    fn condition(&mut self, condition: &Condition, rule: &Rule) -> Option<String> {
        match condition {
            Condition::Selection(index) => self.clause(&rule.detection.selections[*index].clause),
            Condition::Not(inner) => Some(format!("not ({})", self.condition(inner, rule)?)),
            Condition::All(parts) => joined(parts.iter().map(|part| self.condition(part, rule)), "and"),
            Condition::Any(parts) => joined(parts.iter().map(|part| self.condition(part, rule)), "or"),
        }
    }

    fn clause(&mut self, clause: &Clause) -> Option<String> {
        match clause {
            Clause::Test(test) => self.test(test),
            Clause::Not(inner) => Some(format!("not ({})", self.clause(inner)?)),
            Clause::All(parts) => joined(parts.iter().map(|part| self.clause(part)), "and"),
            Clause::Any(parts) => joined(parts.iter().map(|part| self.clause(part)), "or"),
        }
    }

    fn test(&mut self, test: &Test) -> Option<String> {
        let one = |lowered: &mut Lowered, key: String, value: Value| Some(lowered.select(key, value));
        let field = &test.field;
        match &test.demand {
            Demand::Exists(there) => one(self, format!("{field}|exists"), json!(there)),
            Demand::Null => one(self, field.clone(), Value::Null),
            Demand::Compare(comparison, number) => {
                one(self, format!("{field}|{}", name(*comparison)?), of_number(*number))
            }
            // Others compare no part of a time by size.
            Demand::Time(time) if time.comparison != Comparison::Equal => None,
            Demand::Time(time) => one(self, format!("{field}|{}", time.part?.name()), json!(time.bound)),
            Demand::Field(other) => {
                let key = format!("{field}|fieldref{}{}", place(other.place), cased(other.cased));
                one(self, key, json!(other.other))
            }
            Demand::AnyOf(patterns) => {
                joined(patterns.iter().map(|pattern| self.pattern(test, pattern)), "or")
            }
            Demand::AllOf(patterns) => {
                joined(patterns.iter().map(|pattern| self.pattern(test, pattern)), "and")
            }
        }
    }

    /// A pattern in each of the readings that it is searched in.
    fn pattern(&mut self, test: &Test, pattern: &Pattern) -> Option<String> {
        let in_views = test.kind == FieldType::Text && !pattern.cased;
        let (raw, folded) = match test.views {
            _ if !in_views => (true, false),
            Views::Automatic if matches!(pattern.kind, PatternKind::Words(_)) => return None,
            Views::Automatic => (true, true),
            Views::Only(View::Raw) => (true, false),
            Views::Only(View::Folded) => (false, true),
            Views::Only(_) => return None,
        };
        let mut read = Vec::new();
        if raw {
            read.push(self.reading(&test.field, pattern, false)?);
        }
        if folded {
            read.push(self.reading(&format!("{}_folded", test.field), pattern, true)?);
        }
        joined(read.into_iter().map(Some), "or")
    }

    fn reading(&mut self, field: &str, pattern: &Pattern, folded: bool) -> Option<String> {
        let map = |text: &str| if folded { fold::fold(text) } else { text.to_owned() };
        let (key, value) = match &pattern.kind {
            PatternKind::Glob { place: stands, parts } => {
                let value: String = parts.iter().map(|part| written(part, map)).collect();
                let plain = value.is_empty() && *stands != Place::Whole;
                let value = if plain { "*".to_owned() } else { value };
                (format!("{field}{}{}", place(*stands), cased(pattern.cased)), value)
            }
            PatternKind::Words(text) => (format!("{field}|re"), words(&map(text), pattern.cased)),
            PatternKind::Regex(source) if folded => {
                let hir = ParserBuilder::new().case_insensitive(true).build().parse(source).ok()?;
                (format!("{field}|re"), rule::regex::folded(&hir)?.to_string())
            }
            PatternKind::Regex(source) => (format!("{field}|re"), source.clone()),
            PatternKind::Network(network) => (format!("{field}|cidr"), network.to_string()),
            PatternKind::Fuzzy { .. } | PatternKind::Near { .. } => return None,
        };
        Some(self.select(key, json!(value)))
    }

    fn select(&mut self, key: String, value: Value) -> String {
        let name = format!("s{}", self.selections.len());
        self.selections.insert(name.clone(), Value::Object(Map::from_iter([(key, value)])));
        name
    }
}

fn joined(parts: impl Iterator<Item = Option<String>>, word: &str) -> Option<String> {
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| format!("({})", parts.join(&format!(" {word} "))))
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Whole => "",
        Place::Start => "|startswith",
        Place::End => "|endswith",
        Place::Anywhere => "|contains",
    }
}

fn cased(cased: bool) -> &'static str {
    if cased { "|cased" } else { "" }
}

/// The modifier of a relation; none of equality, which has none.
fn name(comparison: Comparison) -> Option<&'static str> {
    match comparison {
        Comparison::Equal => None,
        Comparison::Greater => Some("gt"),
        Comparison::GreaterOrEqual => Some("gte"),
        Comparison::Less => Some("lt"),
        Comparison::LessOrEqual => Some("lte"),
    }
}

fn of_number(number: Number) -> Value {
    match number {
        Number::Integer(integer) => i64::try_from(integer).map_or(Value::Null, Value::from),
        Number::Decimal(decimal) => json!(decimal),
    }
}

/// A part of a glob as Sigma writes it: every sign that could mean something is escaped.
fn written(part: &GlobPart, map: impl Fn(&str) -> String) -> String {
    match part {
        GlobPart::Literal(text) => map(text).replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?"),
        GlobPart::AnyCharacter => "?".to_owned(),
        GlobPart::AnyCharacters => "*".to_owned(),
    }
}

/// An expression that is found where these words stand next to each other.
fn words(text: &str, cased: bool) -> String {
    let word = |word: String| {
        let letters: Vec<String> =
            word.chars().map(|letter| regex_syntax::escape(&letter.to_string())).collect();
        letters.join("['’]*")
    };
    let words: Vec<String> = token::normals(text).map(word).collect();
    let between = format!("['’]*[^{WORD}'’][^{WORD}]*");
    let flag = if cased { "" } else { "(?i)" };
    format!("{flag}(?:^|[^{WORD}'’])['’]*{}['’]*(?:$|[^{WORD}'’])", words.join(&between))
}
