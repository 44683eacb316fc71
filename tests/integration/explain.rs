//! `wardline explain` as people run it.
#![expect(clippy::expect_used, reason = "a test may panic")]

use super::bench::Bench;
use wardline::cli::exit;

/// Exit code, standard output and standard error.
fn explain(bench: &Bench, arguments: &[&str]) -> (u8, String, String) {
    let all = [&["explain"], arguments].concat();
    let output = bench.command(&all).output().expect("the command runs");
    let code = output.status.code().and_then(|code| u8::try_from(code).ok()).expect("a code");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (code, text(output.stdout), text(output.stderr))
}

fn of_rule(bench: &Bench, rule: &str, arguments: &[&str]) -> String {
    let all = [&["--rules", "rules", "--rule", rule], arguments].concat();
    let (code, text, problems) = explain(bench, &all);
    assert_eq!((code, problems.as_str()), (exit::CLEAN, ""), "{arguments:?}");
    text
}

#[test]
fn a_hit_says_what_was_found_and_how() {
    let text = of_rule(&Bench::new(), "ask_age", &["--text", "so\u{1b}, HÓW  old are you?"]);
    let expected = r#"ask_age: Asks an age (rules/a.yml:2)

the event: the rule fires
  yes  phrases
  yes    text: the words "how old are you"
           found "HÓW  old are you" in bytes 5 to 22, folded

  raw     "so\u{1b}, HÓW  old are you?"
  folded  "so, how old are you?"
  words   "so how old are you"
"#;
    assert_eq!(text, expected, "control characters do not reach the terminal");
}

#[test]
fn a_miss_says_how_near_it_came() {
    let bench = Bench::new();
    let near = |text: &str| {
        let text = of_rule(&bench, "ask_age", &["--text", text]);
        assert!(text.contains("the event: the rule does not fire\n  no   phrases\n"), "{text}");
        text.lines().find_map(|line| {
            line.trim().strip_prefix("near: the words \"how old are you\": ").map(str::to_owned)
        })
    };
    assert_eq!(near("how old is it").as_deref(), Some("2 of 4 in a row, 2 anywhere"));
    assert_eq!(near("you are how old").as_deref(), Some("all 4 are there, but not one after the other"));
    assert_eq!(near("nothing"), None);
}

#[test]
fn events_come_from_files_and_lists_are_named_not_shown() {
    let bench = Bench::new();
    bench.file("events.jsonl", b"{\"text\":\"see you on apptwo\"}\n\n{\"type\":\"gift\",\"note\":1}\n");
    let text = of_rule(&bench, "names_app", &["--event", "events.jsonl"]);
    let expected = r#"names_app: Names an app (rules/a.yml:12)

line 1: the rule fires
  yes  app
  yes    text: one of 2 patterns
           found "apptwo" in bytes 11 to 17, raw, by apps#a2

  raw     "see you on apptwo"
  folded  "see you on apptwo"
  words   "see you on apptwo"

line 3: the rule does not fire
  no   app
  no     text: one of 2 patterns
           the event has no text
"#;
    assert_eq!(text, expected);
    bench.file("event.json", b"{\n  \"text\": \"how old are you\"\n}\n");
    let text = of_rule(&bench, "ask_age", &["--event", "event.json"]);
    assert!(text.contains("\nthe event: the rule fires\n"), "an event over several lines: {text}");
}

#[test]
fn a_code_is_explained() {
    let (code, text, _) = explain(&Bench::new(), &["r601"]);
    assert_eq!(code, exit::CLEAN);
    assert!(text.starts_with("error[R601]: unanchored\n\n"), "{text}");
}

#[test]
fn what_cannot_be_explained_is_said() {
    let bench = Bench::new();
    bench.file("broken.jsonl", b"{\"text\":\"fine\"}\n{\"text\":}\n");
    let cases: [(&[&str], u8, &str); 6] = [
        (&["R999"], exit::BAD_CONFIGURATION, "\"R999\" is no diagnostic code"),
        (&["--rules", "rules", "--text", "x"], exit::BAD_CONFIGURATION, "which of the 2 rules is meant"),
        (
            &["--rules", "rules", "--rule", "ask_agee", "--text", "x"],
            exit::BAD_CONFIGURATION,
            "no rule is called \"ask_agee\"; did you mean \"ask_age\"?",
        ),
        (&["--rules", "rules", "--rule", "ask_age"], exit::BAD_CONFIGURATION, "required arguments"),
        (
            &["--rules", "rules", "--rule", "ask_age", "--event", "broken.jsonl"],
            exit::BAD_INPUT,
            "line 2 is no event: byte that JSON does not allow here at byte 8",
        ),
        (&["--rules", "rules", "--rule", "ask_age", "--event", "none.jsonl"], exit::BAD_INPUT, "none.jsonl"),
    ];
    for (arguments, expected, said) in cases {
        let (code, text, problems) = explain(&bench, arguments);
        assert_eq!(code, expected, "{arguments:?}: {problems}");
        assert!(text.is_empty() && problems.contains(said), "{arguments:?}: {problems}");
    }
}
