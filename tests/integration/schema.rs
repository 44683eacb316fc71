//! The schemas, by a validator that is not ours: what the program accepts, they accept; and what they see of mistakes.
//!
//! `tests/golden/schema/*.json` pin them, `broken.txt` there what they see of `tests/rules/broken`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "reads the files that it checks")]

use super::files::below;
use super::golden::assert_file;
use boon::{Compiler, ErrorKind, SchemaIndex, Schemas, ValidationError};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use wardline::backtest::report;
use wardline::config;
use wardline::event::{self, FieldTable, FieldType};
use wardline::flag::{self, Decision, FlagId, Verdict};
use wardline::generate::{Generator, Settings};
use wardline::rule::list::List;
use wardline::rule::{self, Diagnostic, Lists, SourceMap};
use wardline::truth;

/// A schema, ready to validate.
struct Checker {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Checker {
    fn new(schema: &Value) -> Checker {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let id = schema["$id"].as_str().expect("an id");
        compiler.add_resource(id, schema.clone()).expect("a resource");
        let index = compiler.compile(id, &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));
        Checker { schemas, index }
    }

    fn rules() -> Checker {
        Checker::new(&rule::schema(&FieldTable::canonical()))
    }

    fn accepts(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }

    fn assert_accepts(&self, value: &Value, what: &str) {
        if let Err(error) = self.schemas.validate(value, self.index) {
            panic!("{what}: {error:#}\n{value:#}");
        }
    }

    /// Where something is wrong, as paths into the value.
    fn places(&self, value: &Value) -> BTreeSet<String> {
        let mut places = BTreeSet::new();
        if let Err(error) = self.schemas.validate(value, self.index) {
            leaves(&error, &mut places);
        }
        places
    }
}

fn leaves(error: &ValidationError<'_, '_>, places: &mut BTreeSet<String>) {
    if error.causes.is_empty() {
        // Patterns are long, and grow with the tables.
        let what = match &error.kind {
            ErrorKind::Pattern { got, .. } => format!("{got:?} is not written so"),
            other => other.to_string(),
        };
        places.insert(format!("{} {what}", error.instance_location).trim_start().to_owned());
    }
    error.causes.iter().for_each(|cause| leaves(cause, places));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents of a file as another YAML reader has them. None if it cannot read them.
fn documents(text: &str) -> Option<Vec<Value>> {
    let documents = Yaml::load_from_str(text).ok()?;
    Some(documents.iter().map(json_of).filter(|document| !document.is_null()).collect())
}

fn json_of(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(entries) => {
            let entry = |(key, value): (&Yaml<'_>, &Yaml<'_>)| {
                let key = json_of(key);
                (key.as_str().map_or_else(|| key.to_string(), str::to_owned), json_of(value))
            };
            Value::Object(entries.iter().map(entry).collect())
        }
        _ => Value::Null,
    }
}

#[test]
fn the_schemas_are_those_on_record() {
    let schemas = [
        ("backtest", report::schema()),
        ("config", config::schema()),
        ("decision", flag::decision::schema()),
        ("event", event::schema()),
        ("flag", flag::schema()),
        ("rule", rule::schema(&FieldTable::canonical())),
        ("truth", truth::schema()),
    ];
    for (name, schema) in schemas {
        Checker::new(&schema);
        let shown = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        assert_file(&format!("tests/golden/schema/{name}.json"), &shown);
    }
}

#[test]
fn every_bundled_rule_and_every_example_fits() {
    let checker = Checker::rules();
    let mut seen = 0;
    for path in below(&root().join("rules"), "yml") {
        let name = path.display().to_string();
        for document in documents(&fs::read_to_string(&path).expect("readable")).expect("YAML") {
            checker.assert_accepts(&document, &name);
            seen += 1;
        }
    }
    let page = fs::read_to_string(root().join("rules/LANGUAGE.md")).expect("readable");
    for block in page.split("```yaml\n").skip(1) {
        let text = block.split("```").next().expect("a block has an end");
        for document in documents(text).expect("YAML") {
            checker.assert_accepts(&document, "LANGUAGE.md");
            seen += 1;
        }
    }
    assert!(seen >= 45, "{seen}");
}

#[test]
fn what_is_seen_of_broken_rules() {
    let checker = Checker::rules();
    let mut told = String::new();
    for path in below(&root().join("tests/rules/broken"), "yml") {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let places: Vec<_> = match documents(&String::from_utf8_lossy(&fs::read(&path).expect("readable"))) {
            None => vec!["(no YAML)".to_owned()],
            Some(all) => all.iter().flat_map(|document| checker.places(document)).collect(),
        };
        for line in std::iter::once(name.into_owned()).chain(places.iter().map(|place| format!("  {place}")))
        {
            told.push_str(&line);
            told.push('\n');
        }
    }
    assert_file("tests/golden/schema/broken.txt", &told);
}

/// `rules/EDITORS.md` shows a broken rule, and what of it the schema sees and what the parser says.
#[test]
fn the_page_shows_what_is_seen() {
    let page = fs::read_to_string(root().join("rules/EDITORS.md")).expect("readable");
    let rule = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a rule");
    let mut map = SourceMap::default();
    map.add("t.yml", rule);
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    let line = |found: &Diagnostic| format!("{}: {}\n", map.position(found.primary.span).line, found.message);
    let told: String = loaded.diagnostics.iter().map(line).collect();
    assert!(page.contains(&format!("```\n{told}```")), "{told}");
    let places = Checker::rules().places(&documents(rule).expect("YAML")[0]);
    for seen in [
        "levl",
        "text|phrse",
        "text.fold|phrase",
        "/detection/asks/sender.account_age_days|lt",
        "/detection/asks/recipient.age_band|exists",
        "/allow/0",
    ] {
        assert!(places.iter().any(|place| place.contains(seen)), "{seen}: {places:#?}");
    }
}

/// Values of all kinds, to be put wherever a key is.
fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(30),
        json!(-1.5),
        json!(""),
        json!(" "),
        json!("a b"),
        json!("keep this a secret"),
        json!("%apps%"),
        json!("42"),
        json!("true"),
        json!("x*"),
        json!("yes"),
        json!([]),
        json!(["keep this a secret", 7]),
        json!(["one two three four"]),
        json!([null, "a b c"]),
        json!([true]),
        json!([{}]),
        json!({}),
        json!({"text": "abc"}),
        json!([{"text|phrase": "keep this"}, "a word"]),
        json!([{"expect": "match", "event": {"text": 5}}]),
        json!(["common-text", "r901"]),
        json!({"product": "chat", "category": "message"}),
        json!({"product": "windows", "category": "anything"}),
        json!({"score": "+25", "publish": false}),
        json!("stable"),
        json!("high"),
    ]
}

fn sound_rule() -> Value {
    json!({
        "title": "t", "id": "t", "allow_unanchored": true,
        "detection": {"s": {"text|phrase": "keep this a secret"}, "condition": "s"},
        "tests": [{"name": "n", "expect": "match", "event": {"text": "x"}}],
        "review": {"score": 5}, "logsource": {"product": "chat"},
    })
}

/// Pointers to maps, with keys to be set there.
fn places() -> Vec<(&'static str, Vec<String>)> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let paths = words(
        "text text.raw text.length text.nothing sender.id sender.id.raw own.field session.e2ee time \
                       sender.account_age_days payment.amount_minor a..b .a",
    );
    let modifiers = words(
        "contains startswith endswith re exists gt gte lt lte word phrase near3 near8 fuzzy1 fuzzy2 \
                           all cased expand i m s cidr fieldref base64 base64offset wide utf16 utf16le windash neq \
                           hour day year nonsense",
    );
    let pairs = words(
        "word|expand contains|all re|i word|all phrase|fuzzy1 near3|expand contains|cased expand|all \
                       exists|all base64offset|contains gt|lt hour|gte neq|contains windash|contains cidr|neq",
    );
    let mut tests = paths.clone();
    for path in paths.iter().map(String::as_str).chain([""]) {
        tests.extend(modifiers.iter().chain(&pairs).map(|rest| format!("{path}|{rest}")));
    }
    vec![
        (
            "",
            words(
                "title id name related status description license author references date logsource detection fields \
             falsepositives level tags scope review tests allow allow_unanchored custom timeframe titel action",
            ),
        ),
        ("/review", words("score queue publish suppress")),
        ("/logsource", words("product category service definition other")),
        ("/tests/0", words("name expect event events other")),
        ("/detection", words("s condition timeframe other not a|b")),
        ("/detection/s", tests),
    ]
}

/// Each rule with one key set to one odd value: what the parser takes, the schema takes. Rules are written as JSON,
/// which is YAML too.
#[test]
fn what_the_parser_accepts_the_schema_accepts() {
    let (checker, fields) = (Checker::rules(), FieldTable::canonical());
    let mut lists = Lists::default();
    lists.insert(List::parse("apps", "AppOne\nAppTwo\n").expect("a list"));
    let (mut accepted, mut seen, mut unseen) = (0, 0, 0);
    for (pointer, keys) in places() {
        for (key, value) in
            keys.iter().flat_map(|key| odd_values().into_iter().map(move |value| (key, value)))
        {
            let mut document = sound_rule();
            let map = document.pointer_mut(pointer).and_then(Value::as_object_mut).expect("a map");
            map.insert(key.clone(), value);
            let mut files = SourceMap::default();
            files.add("t.yml", &document.to_string());
            let sound = !rule::load(&files, &fields, &lists).has_errors();
            match (sound, checker.accepts(&document)) {
                (true, false) => checker.assert_accepts(&document, "the parser accepts"),
                (true, true) => accepted += 1,
                (false, false) => seen += 1,
                (false, true) => unseen += 1,
            }
        }
    }
    assert!(accepted > 1_500, "{accepted} accepted");
    assert!(seen > 3 * unseen, "of what is refused {seen} are seen and {unseen} are not");
}

#[test]
fn fields_of_ones_own_are_completed_and_held_to_their_types() {
    let mut fields = FieldTable::canonical();
    fields.insert("room.slow_mode_s", FieldType::Number);
    fields.insert("text.tone", FieldType::Keyword);
    let (own, canonical) = (Checker::new(&rule::schema(&fields)), Checker::rules());
    let with = |test: Value| {
        let mut rule = sound_rule();
        rule["detection"]["s"] = test;
        rule
    };
    assert!(!own.accepts(&with(json!({"room.slow_mode_s": "slow"}))));
    assert!(canonical.accepts(&with(json!({"room.slow_mode_s": "slow"}))), "a keyword");
    assert!(
        own.accepts(&with(json!({"text.tone": "calm"})))
            && !canonical.accepts(&with(json!({"text.tone": "calm"})))
    );
}

#[test]
fn correlations_and_filters_are_told_apart_from_rules() {
    let checker = Checker::rules();
    let correlation = |part: Value| {
        let mut whole = json!({"type": "temporal_ordered", "rules": ["a", "b"], "group-by": ["sender.id"], "timespan": "30m"});
        whole.as_object_mut().expect("a map").extend(part.as_object().expect("a map").clone());
        json!({
            "title": "t", "name": "n", "correlation": whole, "level": "high", "review": {"score": 80, "suppress": "24h"},
            "tests": [{"expect": "match", "events": [{"offset": "0s", "text": "x"}]}],
        })
    };
    let accepted = [
        correlation(json!({})),
        correlation(json!({"type": "event_count", "condition": {"gte": 3}})),
        correlation(json!({"type": "value_count", "condition": {"gte": 3, "field": "recipient.id"}})),
        correlation(
            json!({"type": "temporal", "condition": "a and b", "aliases": {"who": {"a": "sender.id", "b": "recipient.id"}}}),
        ),
        json!({"title": "t", "filter": {"rules": ["a"], "s": {"text|word": "game"}, "condition": "not s"}}),
    ];
    for document in &accepted {
        checker.assert_accepts(document, "of its kind");
    }
    let refused = [
        correlation(json!({"timespan": "banana"})),
        correlation(json!({"timespan": "1h30m"})),
        correlation(json!({"type": "event_count"})),
        correlation(json!({"type": "event_count", "condition": {"gte": "lots"}})),
        correlation(json!({"type": "event_count", "condition": {"gte": 3, "wibble": 3}})),
        correlation(json!({"type": "event_count", "condition": {"lte": 3}})),
        correlation(json!({"type": "value_count", "condition": {"gte": 3}})),
        correlation(json!({"rules": ["a", "a"]})),
        json!({"title": "t", "filter": {"s": {"text": "x"}, "condition": "s"}}),
        json!({"title": "t", "id": "t", "review": {"suppress": "24h"}, "detection": {"s": {"text|word": "x"}, "condition": "s"}}),
    ];
    for document in &refused {
        assert!(!checker.accepts(document), "{document:#}");
    }
}

#[test]
fn events_fit() {
    let checker = Checker::new(&event::schema());
    let bundled = fs::read_to_string(root().join("tests/events/canonical.jsonl")).expect("readable");
    for line in bundled.lines().filter(|line| !line.is_empty()) {
        if let Ok(event @ Value::Object(_)) = serde_json::from_str(line) {
            checker.assert_accepts(&event, "canonical.jsonl");
        }
    }
    let mut generator =
        Generator::new(&Settings { flagged: 0.2, bad: 0.0, ..Settings::default() }).expect("settings");
    let mut record = Vec::new();
    for _ in 0..1_000 {
        record.clear();
        generator.next_into(&mut record);
        checker.assert_accepts(&serde_json::from_slice(&record).expect("JSON"), "generated");
    }
    for refused in
        [json!({}), json!([]), json!({"type": "payment", "room": "r1"}), json!({"text": {"body": "x"}})]
    {
        assert!(!checker.accepts(&refused), "{refused}");
    }
}

#[test]
fn flags_fit() {
    let checker = Checker::new(&flag::schema());
    let mut seen = 0;
    for name in ["flag", "shadow_flag", "joined_flag", "pseudonym_flag"] {
        let text = fs::read_to_string(root().join(format!("tests/golden/{name}.txt"))).expect("readable");
        for message in text.split("key: ").filter_map(|message| Some(message.split_once("\n\n")?.1)) {
            let flag: Value = serde_json::from_str(message).expect("a flag");
            checker.assert_accepts(&flag, name);
            seen += 1;
            for key in ["flag_id", "rule", "source", "evidence", "score"] {
                let mut without: Map<_, _> = flag.as_object().expect("an object").clone();
                without.remove(key);
                assert!(!checker.accepts(&Value::Object(without)), "{key} is needed");
            }
        }
    }
    assert!(seen >= 5, "{seen}");
}

/// The golden report, which has all that a report can have.
#[test]
fn a_report_fits() {
    let checker = Checker::new(&report::schema());
    let text = fs::read_to_string(root().join("tests/golden/backtest/report.json")).expect("readable");
    let report: Value = serde_json::from_str(&text).expect("a report");
    checker.assert_accepts(&report, "report.json");
    for key in ["schema", "groups", "missed"] {
        let mut without = report.clone();
        without.as_object_mut().expect("an object").remove(key);
        assert!(!checker.accepts(&without), "{key} is needed");
    }
}

#[test]
fn decisions_fit_and_read_back() {
    let checker = Checker::new(&flag::decision::schema());
    let mut lines = String::new();
    for verdict in Verdict::ALL {
        let decision = Decision {
            flag_id: FlagId::try_from("0123456789abcdef0123456789abcdef".to_owned()).expect("an id"),
            verdict,
            reviewer: "r-17".to_owned(),
            time: "2026-11-23T10:05:00Z".to_owned(),
            note: (verdict == Verdict::Unsure).then(|| "two people of that name".to_owned()),
        };
        let written = decision.to_json();
        checker.assert_accepts(&serde_json::from_str(&written).expect("JSON"), "a decision");
        assert_eq!(Decision::parse(written.as_bytes()), Ok(decision));
        lines.push_str(&written);
        lines.push('\n');
    }
    assert_file("tests/golden/decision.txt", &lines);
    let refused =
        json!({"flag_id": "0123", "verdict": "unsure", "reviewer": "r", "time": "2026-11-23T10:05:00Z"});
    assert!(!checker.accepts(&refused), "the id is too short");
}

#[test]
fn labels_are_as_the_schema_says() {
    let checker = Checker::new(&truth::schema());
    let lines = [
        (r#"{"case":"c1","risk":true}"#, true),
        (
            r#"{"case":"c1","risk":false,"kind":"family","language":"tl","rooms":["r1"],"events":4,"start":"2026-01-01T00:00:00Z"}"#,
            true,
        ),
        (r#"{"event":"e1","case":"c1","stage":"g1","more":1}"#, true),
        (r#"{"case":"c1"}"#, false),
        (r#"{"event":"e1"}"#, false),
        (r#"{"case":1,"risk":true}"#, false),
    ];
    for (line, right) in lines {
        assert_eq!(checker.accepts(&serde_json::from_str(line).expect("JSON")), right, "{line}");
        assert_eq!(serde_json::from_str::<truth::Line<'_>>(line).is_ok(), right, "{line}");
    }
}

/// Settings beside the default: the schema takes what the program takes, and sees what is written by each line.
#[test]
fn configurations_fit() {
    let checker = Checker::new(&config::schema());
    let as_json = |text: &str| {
        let table: toml::Table = text.parse().expect("TOML");
        serde_json::to_value(table).expect("JSON")
    };
    checker.assert_accepts(&as_json(config::DEFAULT), "the default");
    let accepted = [
        "[kafka]\nbrokers = ['a:1', 'b:2']\nstart = '2026-01-31T00:00:00Z'\nsession_timeout = '9 s'",
        "[kafka.properties]\nssl.ca.location = '/x'\n'security.protocol' = 'ssl'\n'socket.keepalive.enable' = true",
        "[events.fields]\nsender.id = 'author.id'\ntext = ['body', 'caption']",
        "[events.types]\nMESSAGE = 'chat.message'\n[events.field_types]\n'room.slow' = 'number'",
        "[limits]\ndead_letter_ratio = 1\nmax_flag_size = '1MiB'\n[web]\nlisten = ''",
    ];
    for text in accepted {
        assert!(config::resolve(Some(("w.toml", text)), std::iter::empty()).is_ok(), "{text}");
        checker.assert_accepts(&as_json(text), text);
    }
    let refused = [
        "[kafak]\ngroup = 'x'",
        "[kafka]\nbroker = ['a:1']",
        "[kafka]\nbrokers = []",
        "[kafka]\ndelivery = 'twice'",
        "[kafka]\nsession_timeout = 9",
        "[kafka]\nsession_timeout = '9 parsecs'",
        "[kafka.properties]\n'group.id' = 'x'",
        "[events.types]\nMESSAGE = 'chat.mesage'",
        "[events.field_types]\n'room.slow' = 'int'",
        "[workers]\nbatch = 0",
        "[limits]\ndead_letter_ratio = 1.5",
        "[topics]\ninput = 'a b'",
    ];
    for text in refused {
        assert!(config::resolve(Some(("w.toml", text)), std::iter::empty()).is_err(), "{text}");
        assert!(!checker.accepts(&as_json(text)), "{text}");
    }
}
