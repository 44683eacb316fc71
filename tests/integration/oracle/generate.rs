//! Strategies: rules of every kind of pattern, and events that quote them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use wardline::event::{FieldType, TimePart};
use wardline::rule::model::{
    Clause, Comparison, Condition, Demand, Detection, FieldTest, GlobPart, Level, ListEntry, Number, Origin,
    Pattern, PatternKind, Place, Review, Rule, Selection, Status, Test, TimeTest, Views,
};
use wardline::rule::source::Span;
use wardline::text::{View, token};

/// Rules, and events to evaluate them on.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) rules: Vec<Rule>,
    pub(super) events: Vec<Value>,
}

/// What texts and literals are made of.
const WORDS: &[&str] = &[
    "keep",
    "this",
    "a",
    "secret",
    "secretary",
    "how",
    "old",
    "are",
    "you",
    "don't",
    "dont",
    "tell",
    "O’Neil",
    "straße",
    "Straẞe",
    "é",
    "e\u{301}",
    "n\u{303}ino",
    "ñino",
    "ⓚeep",
    "key\u{200b}word",
    "keyword",
    "İki",
    "iki",
    "ſo",
    "ﬁne",
    "fine",
    "½",
    "1/2",
    "㎏",
    "kg",
    "Kelvin",
    "σας",
    "ΣΑΣ",
    "我",
    "爱",
    "你",
    "我爱你",
    "ความลับ",
    "ลับ",
    "น้ำ",
    "ນ້ຳ",
    "ひみつ",
    "がん",
    "か\u{3099}",
    "كتاب",
    "42",
    "41.5",
    "0.15",
    "4",
    "2",
    "🙂",
    "❤\u{fe0f}",
    "ab",
    "b",
    "x",
    "keep this a secret",
    "how old are you",
    "\u{1f1f5}\u{1f1ed}",
    "ｋｅｅｐ",
    "𝐤𝐞𝐞𝐩",
    "ilang",
    "liang",
    "meet",
    "met",
    "50",
    "10",
    "$end",
    "s3nd",
    "k!ll",
    "секрет",
    "я",
    "卂",
    "€",
    "(the)",
    "|<3",
    "ⅷ",
    "\u{1f1f5}\u{1f1ed}\u{1f1f0}",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
];
const SEPARATORS: &[&str] = &[
    " ", " ", " ", "", "  ", "\t", ", ", "\u{a0}", "-", "\u{200b}", "'", "’", "_", "\n", "\u{3000}", ".",
    "\u{301}", "!", "|", "$", "@", "+", "(", "🙂",
];
const REGEXES: &[&str] = &[
    "",
    "keep",
    "(?i)keep",
    "é",
    "ß",
    "ss",
    "我",
    "σ",
    "ς",
    " ",
    "\\s+",
    "\\s",
    "\\b",
    "^",
    "$",
    ".",
    ".{0,6}",
    ".*",
    "[a-z]+",
    "[^a]",
    "[ck]",
    "\\w+",
    "\\d{1,3}",
    "(old|are|secret)",
    "(keep|this|a| ){2,4}",
    "(?:you)?",
    "secret",
    "(?i)SECRET",
    "(how|what) old",
    "(a|b)+",
    "(?-i:K)eep",
    "don.?t",
    "[ée]",
    "\\p{Han}",
    "x*",
    "(this|that) a",
    "niño",
    "Straße",
    "don’t",
    "[ñßk]",
    "[ \u{200b}]",
    "[A-Z]+",
    "½",
    "น้ำ",
    "\u{301}",
    "\u{200b}+",
    "  ",
    "\\s{2}",
    "ι",
];
/// Values of `type`; one is a list.
fn types() -> impl Strategy<Value = Value> {
    let one = || select(&["chat.message", "payment", "gift", "odd.type"][..]).prop_map(Value::from);
    prop_oneof![6 => one(), 1 => vec(one(), 1..4).prop_map(Value::from)]
}

/// What numbers are compared with: a float does not tell the last two apart.
const BOUNDS: [Number; 5] = [
    Number::Integer(4),
    Number::Integer(42),
    Number::Decimal(41.5),
    Number::Integer(9_007_199_254_740_992),
    Number::Integer(9_007_199_254_740_993),
];

/// A field of the rules, with its type.
const FIELDS: &[(&str, FieldType)] = &[
    ("text", FieldType::Text),
    ("text", FieldType::Text),
    ("room.topic", FieldType::Text),
    ("sender.id", FieldType::Keyword),
    ("tags", FieldType::Keyword),
    ("sender.account_age_days", FieldType::Number),
    ("session.e2ee", FieldType::Bool),
    ("type", FieldType::Keyword),
];

fn spelt(word: &str, style: u8) -> String {
    match style {
        0 => word.to_uppercase(),
        1 => word.chars().flat_map(|one| [one, '\u{301}']).collect(),
        2 => word.chars().flat_map(|one| [one, '\u{200b}']).collect(),
        3 => word.replace(' ', " \u{200b} "),
        4 => word.to_lowercase(),
        5 => word.chars().flat_map(|one| [one, ' ']).collect(),
        6 => word.chars().flat_map(|one| [one, '!']).collect(),
        7 => word.chars().flat_map(|one| [one, one, one]).collect(),
        8 => word.chars().filter(|one| *one != ' ').collect(),
        9 => word.chars().rev().collect(),
        10 => word.chars().map(alike).collect(),
        11 => word.chars().flat_map(|one| [one, one]).collect(),
        12 => word.replace('k', "|<").replace('a', "/\\").replace('h', "|-|"),
        13 => word.chars().rev().map(turned).collect(),
        14 => word.replace(' ', ""),
        15 => slip(word, 1, 0),
        16 => slip(word, 7, 1),
        17 => slip(word, 4, 2),
        18 => slip(word, 2, 3),
        _ => word.to_owned(),
    }
}

/// A slip at that letter, or at the first after it that is possible.
fn slip(word: &str, at: usize, kind: u8) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = at.min(letters.len().saturating_sub(2));
    match kind {
        0 if letters.len() > 1 => drop(letters.remove(at)),
        1 => letters.insert(at, 'o'),
        // Letters of two, three and four bytes, which the stream has as so many.
        4..=7 => letters.insert(at, ['ː', 'ʔ', 'ᴥ', '𝼊'][usize::from(kind - 4)]),
        8 | 9 if !letters.is_empty() => letters[at] = ['د', 'の'][usize::from(kind - 8)],
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.iter_mut().skip(at).take(1).for_each(|letter| *letter = 'p'),
    }
    letters.into_iter().collect()
}

/// What is written for a letter to disguise it.
fn alike(letter: char) -> char {
    match letter {
        'a' => '4',
        'e' => 'е',
        'i' => '!',
        'l' => 'i',
        'o' => '0',
        's' => '$',
        't' => '7',
        'r' => 'я',
        other => other,
    }
}

fn turned(letter: char) -> char {
    match letter {
        'n' => 'u',
        'u' => 'n',
        'd' => 'p',
        'p' => 'd',
        'e' => 'ǝ',
        'a' => 'ɐ',
        other => other,
    }
}

/// Words and what stands between them.
fn phrase(most: usize) -> impl Strategy<Value = String> + use<> {
    let piece = (select(WORDS), 0u8..30, select(SEPARATORS));
    vec(piece, 1..=most).prop_map(|pieces| {
        let last = pieces.len() - 1;
        let each = pieces.into_iter().enumerate();
        each.map(|(at, (word, style, gap))| spelt(word, style) + if at < last { gap } else { "" }).collect()
    })
}

fn glob() -> impl Strategy<Value = PatternKind> {
    let part = prop_oneof![
        6 => phrase(2).prop_map(GlobPart::Literal),
        1 => Just(GlobPart::AnyCharacter),
        2 => Just(GlobPart::AnyCharacters),
    ];
    let place = select(&[Place::Whole, Place::Start, Place::End, Place::Anywhere, Place::Anywhere][..]);
    let parts = prop_oneof![
        4 => phrase(3).prop_map(|text| vec![GlobPart::Literal(text)]),
        3 => vec(part, 0..5),
        1 => phrase(2).prop_map(|text| vec![
            GlobPart::AnyCharacters, GlobPart::Literal(text), GlobPart::AnyCharacters]),
    ];
    (place, parts).prop_map(|(place, parts)| PatternKind::Glob { place, parts: merged(parts) })
}

/// Adjacent literals as one, as the rule model promises.
fn merged(parts: Vec<GlobPart>) -> Vec<GlobPart> {
    let mut merged: Vec<GlobPart> = Vec::new();
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(GlobPart::Literal(before)), GlobPart::Literal(text)) => before.push_str(&text),
            (_, part) => merged.push(part),
        }
    }
    merged
}

fn words() -> impl Strategy<Value = PatternKind> {
    phrase(3).prop_map(|text| {
        let holds_word = token::tokens(&text).next().is_some();
        PatternKind::Words(if holds_word { text } else { "keep".to_owned() })
    })
}

fn near() -> impl Strategy<Value = PatternKind> {
    let usable = phrase(2)
        .prop_filter("has from one to four words", |text| (1..=4).contains(&token::tokens(text).count()));
    (usable, select(&[3, 8][..])).prop_map(|(text, reach)| PatternKind::Near { text, reach })
}

fn fuzzy() -> impl Strategy<Value = PatternKind> {
    (words(), 1u8..=2).prop_map(|(words, slips)| match words {
        PatternKind::Words(text) => PatternKind::Fuzzy { text, slips },
        other => other,
    })
}

fn regex() -> impl Strategy<Value = PatternKind> {
    vec(select(REGEXES), 1..5).prop_map(|atoms| PatternKind::Regex(atoms.concat()))
}

fn entry() -> impl Strategy<Value = ListEntry> {
    (select(&["apps", "names"][..]), select(&["1", "2", "10"][..]))
        .prop_map(|(list, entry)| ListEntry { list: list.into(), entry: entry.into() })
}

fn network() -> impl Strategy<Value = PatternKind> {
    let networks = select(&["10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "2001:db8::/32"][..]);
    networks.prop_filter_map("is a network", |text| text.parse().ok().map(PatternKind::Network))
}

fn any_kind() -> BoxedStrategy<PatternKind> {
    prop_oneof![8 => glob(), 8 => words(), 6 => regex(), 1 => near(), 1 => fuzzy(), 1 => network()].boxed()
}

/// What is demanded of a time: of all of it as of a number, and of its parts.
fn time() -> impl Strategy<Value = TimeTest> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let part = option::of(select(&TimePart::ALL[..]));
    let comparison = select(&[Equal, Greater, GreaterOrEqual, Less, LessOrEqual][..]);
    let bound = select(&[22, 3, 15, 1, 53, 2026, 1_767_478_500_000][..]);
    (part, comparison, bound).prop_map(|(part, comparison, bound)| TimeTest { part, comparison, bound })
}

fn other_field() -> impl Strategy<Value = FieldTest> {
    let places = select(&[Place::Whole, Place::Start, Place::End, Place::Anywhere][..]);
    (select(FIELDS), places, any::<bool>()).prop_map(|((other, kind), place, cased)| FieldTest {
        other: other.to_owned(),
        kind,
        place,
        cased,
    })
}

fn pattern(kind: BoxedStrategy<PatternKind>) -> impl Strategy<Value = Pattern> {
    (kind, prop::bool::weighted(0.15), option::weighted(0.2, entry()))
        .prop_map(|(kind, cased, entry)| Pattern { kind, cased, entry })
}

fn demand() -> impl Strategy<Value = Demand> {
    use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let compare = (select(&[Greater, GreaterOrEqual, Less, LessOrEqual][..]), select(&BOUNDS[..]));
    prop_oneof![
        2 => any::<bool>().prop_map(Demand::Exists),
        2 => Just(Demand::Null),
        2 => compare.prop_map(|(comparison, bound)| Demand::Compare(comparison, bound)),
        1 => time().prop_map(Demand::Time),
        1 => other_field().prop_map(Demand::Field),
        24 => vec(pattern(any_kind()), 1..4).prop_map(|some| Demand::AnyOf(some.into())),
        2 => vec(pattern(any_kind()), 16..20).prop_map(|many| Demand::AnyOf(many.into())),
        8 => vec(pattern(any_kind()), 1..4).prop_map(|some| Demand::AllOf(some.into())),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let plain = || {
        select(&[Views::Automatic, Views::Automatic, Views::Only(View::Raw), Views::Only(View::Folded)][..])
    };
    let coarse = || select(&[Views::Only(View::Skeleton), Views::Only(View::Squashed)][..]);
    let demands = prop_oneof![
        5 => (plain(), demand()),
        2 => (coarse(), vec(pattern(words().boxed()), 1..4).prop_map(|some| Demand::AnyOf(some.into()))),
    ];
    (select(FIELDS), demands).prop_map(|((field, kind), (views, demand))| {
        let views = if kind == FieldType::Text { views } else { Views::Only(View::Raw) };
        Test { field: field.to_owned(), kind, views, demand, span: Span::default() }
    })
}

fn clause() -> impl Strategy<Value = Clause> {
    let leaf = test().prop_map(Clause::Test);
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|inner| Clause::Not(Box::new(inner))),
            16 => vec(inner.clone(), 1..3).prop_map(Clause::All),
            16 => vec(inner, 1..3).prop_map(Clause::Any),
        ]
    })
}

/// Conditions over selections, whose indices are taken modulo their number.
fn condition() -> impl Strategy<Value = Condition> {
    let leaf = (0usize..3).prop_map(Condition::Selection);
    let tree = leaf.clone().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
            3 => vec(inner.clone(), 1..3).prop_map(Condition::All),
            3 => vec(inner, 1..3).prop_map(Condition::Any),
        ]
    });
    prop_oneof![2 => leaf, 3 => tree]
}

fn within(condition: Condition, selections: usize) -> Condition {
    let each = |parts: Vec<Condition>| parts.into_iter().map(|part| within(part, selections)).collect();
    match condition {
        Condition::Selection(index) => Condition::Selection(index % selections),
        Condition::Not(inner) => Condition::Not(Box::new(within(*inner, selections))),
        Condition::All(parts) => Condition::All(each(parts)),
        Condition::Any(parts) => Condition::Any(each(parts)),
    }
}

fn rule() -> impl Strategy<Value = Rule> {
    let types = prop_oneof![
        3 => Just(vec![]),
        2 => Just(vec!["chat.message".to_owned()]),
        1 => Just(vec!["payment".to_owned(), "gift".to_owned()]),
    ];
    (vec(clause(), 1..4), condition(), types).prop_map(|(clauses, condition, event_types)| {
        let condition = within(condition, clauses.len());
        let selection = |(at, clause)| Selection { name: format!("s{at}"), clause, span: Span::default() };
        let selections = clauses.into_iter().enumerate().map(selection).collect();
        rule_of(event_types, Detection { selections, condition })
    })
}

fn rule_of(event_types: Vec<String>, detection: Detection) -> Rule {
    Rule {
        id: "id".to_owned(),
        name: "name".to_owned(),
        title: "title".to_owned(),
        status: Status::default(),
        level: Level::default(),
        tags: vec![],
        event_types,
        detection,
        review: Review::default(),
        exceptions: vec![],
        tests: vec![],
        allow_unanchored: true,
        origin: Origin::default(),
    }
}

/// A text of an event: words, and literals of the rules (by an index into them all).
#[derive(Debug, Clone)]
enum Piece {
    Own(String),
    Quote(Index, u8),
}

fn text() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![
        1 => phrase(3).prop_map(Piece::Own),
        1 => select(SEPARATORS).prop_map(|gap| Piece::Own(gap.to_owned())),
        2 => (any::<Index>(), 0u8..26).prop_map(|(index, style)| Piece::Quote(index, style)),
    ];
    vec(piece, 0..4)
}

/// A value of an event's field.
#[derive(Debug, Clone)]
enum Part {
    Text(Vec<Piece>),
    Texts(Vec<Vec<Piece>>),
    Json(Value),
}

fn part() -> impl Strategy<Value = Part> {
    let other = vec![
        json!(null),
        json!([]),
        json!({}),
        json!(42),
        json!(4),
        json!(41.5),
        json!(1.5e-1),
        json!(9_007_199_254_740_993_u64),
        json!("9007199254740992.0"),
        json!(true),
        json!("42"),
        json!([null, "keep", 4]),
        json!("2026-01-03T22:15:00.000Z"),
        json!(1_767_478_500),
        json!(["10.1.2.3", "2001:db8::1"]),
        json!("::ffff:10.1.2.3"),
    ];
    prop_oneof![
        8 => text().prop_map(Part::Text),
        2 => vec(text(), 1..4).prop_map(Part::Texts),
        3 => select(other).prop_map(Part::Json),
    ]
}

fn event() -> impl Strategy<Value = Vec<Option<Part>>> {
    vec(option::weighted(0.7, part()), FIELDS.len() - 2)
}

fn literals(rules: &[Rule]) -> Vec<String> {
    let mut found = vec!["keep".to_owned()];
    for selection in rules.iter().flat_map(|rule| &rule.detection.selections) {
        of_clause(&selection.clause, &mut found);
    }
    found
}

fn of_clause(clause: &Clause, found: &mut Vec<String>) {
    match clause {
        Clause::All(parts) | Clause::Any(parts) => parts.iter().for_each(|part| of_clause(part, found)),
        Clause::Not(inner) => of_clause(inner, found),
        Clause::Test(Test { demand: Demand::AnyOf(patterns) | Demand::AllOf(patterns), .. }) => {
            found.extend(patterns.iter().map(quoted));
        }
        Clause::Test(_) => {}
    }
}

fn quoted(pattern: &Pattern) -> String {
    match &pattern.kind {
        PatternKind::Words(text)
        | PatternKind::Fuzzy { text, .. }
        | PatternKind::Near { text, .. }
        | PatternKind::Regex(text) => text.clone(),
        PatternKind::Network(network) => network.addr().to_string(),
        PatternKind::Glob { parts, .. } => parts
            .iter()
            .map(|part| match part {
                GlobPart::Literal(text) => text.as_str(),
                GlobPart::AnyCharacter => "é",
                GlobPart::AnyCharacters => " or ",
            })
            .collect(),
    }
}

fn written(pieces: &[Piece], literals: &[String]) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Own(text) => text.clone(),
        Piece::Quote(index, style) => spelt(index.get::<String>(literals), *style),
    };
    pieces.iter().map(one).collect()
}

fn event_of(kind: &Value, parts: &[Option<Part>], literals: &[String]) -> Value {
    let mut event = json!({ "type": kind });
    for ((path, _), part) in FIELDS[1..].iter().zip(parts) {
        let value = match part {
            None => continue,
            Some(Part::Json(value)) => value.clone(),
            Some(Part::Text(pieces)) => json!(written(pieces, literals)),
            Some(Part::Texts(texts)) => {
                texts.iter().map(|pieces| written(pieces, literals)).collect::<Vec<_>>().into()
            }
        };
        match path.split_once('.') {
            Some((outer, inner)) => event[outer][inner] = value,
            None => event[path] = value,
        }
    }
    event
}

/// Up to a dozen rules over up to forty events.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let events = vec((types(), event()), 1..40);
    (vec(rule(), 1..12), events).prop_map(|(rules, events)| {
        let literals = literals(&rules);
        let events = events.iter().map(|(kind, parts)| event_of(kind, parts, &literals)).collect();
        Case { rules, events }
    })
}

/// Phrases, and texts that hold them in one disguise or two.
pub(super) fn disguised() -> impl Strategy<Value = Case> {
    let views = select(
        &[Views::Automatic, Views::Automatic, Views::Only(View::Skeleton), Views::Only(View::Squashed)][..],
    );
    let short = prop_oneof![3 => phrase(4), 1 => "[abil1o]{1,4}( [abil1o]{1,3}){0,2}"];
    let usable = short.prop_filter("holds a word", |text| token::tokens(text).next().is_some());
    let rule =
        (views, usable).prop_map(|(views, text)| (text.clone(), text_rule(views, PatternKind::Words(text))));
    let around = || prop_oneof![2 => Just(String::new()), 1 => phrase(2), 1 => "[abil1!o ]{0,8}"];
    let event = (any::<Index>(), 0u8..30, 0u8..30, around(), around());
    (vec(rule, 1..8), vec(event, 1..20)).prop_map(|(rules, events)| {
        let (phrases, rules): (Vec<String>, Vec<Rule>) = rules.into_iter().unzip();
        let text = |(index, one, two, before, after): (Index, u8, u8, String, String)| {
            let quote = spelt(&spelt(index.get::<String>(&phrases), one), two);
            let text = [before, quote, after].concat();
            json!({ "text": text })
        };
        Case { events: events.into_iter().map(text).collect(), rules }
    })
}

/// A regular expression over a text that is too long for the engine's first way of searching: what that way
/// remembers grows with the text and with the expression, which a class of letters makes large.
pub(super) fn long_text() -> impl Strategy<Value = Case> {
    (vec(select(REGEXES), 1..4), phrase(3), phrase(3)).prop_map(|(atoms, start, end)| {
        let kind = PatternKind::Regex(format!(r"{}\w?", atoms.concat()));
        // Nothing that is a token: the plain evaluator counts characters for each.
        let text = format!("{start} {}{end}", "_".repeat(20_000));
        Case { rules: vec![text_rule(Views::Automatic, kind)], events: vec![json!({ "text": text })] }
    })
}

/// A rule as people write it, for one of several keys, and an event that it finds.
pub(super) fn written_rule() -> impl Strategy<Value = (String, Value)> {
    let fields = select(&["text", "text.raw", "text.folded", "room.topic"][..]);
    let modes = select(&["phrase", "near8", "contains", "startswith", "endswith", "re", "re|i"][..]);
    let text = phrase(3).prop_filter("YAML and patterns of words can hold it", |text| {
        !text.contains(char::is_control) && token::tokens(text).next().is_some()
    });
    (fields, modes, text).prop_map(|(field, mode, text)| {
        let value = if mode.starts_with("re") { regex::escape(&text) } else { text.clone() };
        let value = value.replace('\'', "''");
        let selection = format!("{field}|{mode}: '{value}'");
        let yaml = format!(
            "title: t\nid: t\nallow_unanchored: true\ndetection:\n  s:\n    {selection}\n  condition: s\n"
        );
        let event = match field {
            "room.topic" => json!({ "type": "chat.message", "room": { "topic": text } }),
            _ => json!({ "type": "chat.message", "text": text }),
        };
        (yaml, event)
    })
}

fn text_rule(views: Views, kind: PatternKind) -> Rule {
    let demand = Demand::AnyOf([Pattern { kind, cased: false, entry: None }].into());
    let span = Span::default();
    let one = Test { field: "text".to_owned(), kind: FieldType::Text, views, demand, span };
    let selection = Selection { name: "s".to_owned(), clause: Clause::Test(one), span: Span::default() };
    rule_of(vec![], Detection { selections: vec![selection], condition: Condition::Selection(0) })
}

/// One event, and for each view a rule that looks for the event's whole text as a phrase, and one that does as a
/// regular expression.
pub(super) fn holding_itself() -> impl Strategy<Value = Case> {
    let text = prop_oneof![phrase(4), any::<String>()];
    // The mark that case folding takes for a letter cannot be looked for as itself.
    let usable = |text: &String| token::tokens(text).next().is_some() && !text.contains('\u{345}');
    let text = text.prop_filter("holds a word", usable);
    text.prop_map(|text| {
        let kinds = [PatternKind::Words(text.clone()), PatternKind::Regex(regex::escape(&text))];
        let views = [Views::Automatic, Views::Only(View::Raw), Views::Only(View::Folded)];
        let pairs = views.into_iter().flat_map(|views| kinds.clone().map(|kind| (views, kind)));
        Case {
            rules: pairs.map(|(views, kind)| text_rule(views, kind)).collect(),
            events: vec![json!({ "text": text })],
        }
    })
}

/// Phrases of words with doubled and repeated letters, and texts that hold them with a slip at any place.
pub(super) fn misspelt() -> impl Strategy<Value = Case> {
    let word = || "[abeo]{1,3}[abeo]{0,3}[kst]{0,2}";
    let phrase = vec(word(), 2..5).prop_map(|words| words.join(" "));
    (phrase, vec((0usize..40, 0u8..10, " ?[a-c ]{0,4}"), 1..12)).prop_map(|(phrase, slips)| {
        let text = |(at, kind, after): (usize, u8, String)| {
            let text = [slip(&phrase, at, kind), after].concat();
            json!({ "text": text })
        };
        let rules = vec![text_rule(Views::Automatic, PatternKind::Words(phrase.clone()))];
        Case { events: slips.into_iter().map(text).collect(), rules }
    })
}

/// Words near each other, and texts of the same few words in any order and spelling.
pub(super) fn near_each_other() -> impl Strategy<Value = Case> {
    const FEW: &[&str] =
        &["send", "me", "photo", "pic", "plc", "two", "too", "10", "ten", "don't", "½", "น้ำ", "é"];
    let views = select(
        &[
            Views::Automatic,
            Views::Automatic,
            Views::Only(View::Raw),
            Views::Only(View::Folded),
            Views::Only(View::Skeleton),
        ][..],
    );
    let wanted = vec(select(FEW), 1..=4).prop_map(|words| words.join(" "));
    let usable = wanted.prop_filter("has four words at most", |text| token::tokens(text).count() <= 4);
    let rule = (views, usable, select(&[3, 8][..]))
        .prop_map(|(views, text, reach)| text_rule(views, PatternKind::Near { text, reach }));
    let word = (select(FEW), 0u8..30).prop_map(|(word, style)| spelt(word, style));
    let gap = select(&[" ", " ", " ", ", ", " or "][..]);
    let text = vec((word, gap), 1..14).prop_map(|words| {
        let text: String = words.into_iter().map(|(word, gap)| word + gap).collect();
        json!({ "text": text })
    });
    (vec(rule, 1..12), vec(text, 1..20)).prop_map(|(rules, events)| Case { rules, events })
}

/// Phrases that are looked for with slips, and texts that hold them with some at any places, other letters and digits among
/// them.
pub(super) fn with_slips() -> impl Strategy<Value = Case> {
    let word = || prop_oneof![8 => "[abeio]{1,3}[abeo]{0,3}[kst]{0,3}", 1 => "[1-3]{1,2}", 1 => "send|this|secret|liang"];
    let phrase = vec(word(), 1..5).prop_map(|words| words.join(" "));
    let views = select(&[Views::Automatic, Views::Only(View::Skeleton)][..]);
    let rule = (views, 1u8..=2);
    let slips = vec((0usize..40, 0u8..10), 0..4);
    let around = || prop_oneof![3 => "[a-c ]{0,4}", 1 => "(я|é|k3 ){0,2}"];
    let text = (slips, around(), around(), " ?", 0u8..40);
    (phrase, vec(rule, 1..4), vec(text, 1..16)).prop_map(|(phrase, rules, texts)| {
        let text = |(slips, before, after, gap, style): (Vec<(usize, u8)>, String, String, String, u8)| {
            let slipped = slips.into_iter().fold(phrase.clone(), |text, (at, kind)| slip(&text, at, kind));
            let text = [before, gap.clone(), spelt(&slipped, style), gap, after].concat();
            json!({ "text": text })
        };
        let rule = |(views, slips)| text_rule(views, PatternKind::Fuzzy { text: phrase.clone(), slips });
        Case { events: texts.into_iter().map(text).collect(), rules: rules.into_iter().map(rule).collect() }
    })
}
