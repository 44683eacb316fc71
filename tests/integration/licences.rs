//! Every dependency may be shipped under terms that ask for no more than a notice.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

/// Terms that ask for no more than a notice, if for that.
const ALLOWED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn output(program: &str, arguments: &[&str]) -> String {
    let run = Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// Each part of an `AND` offers a choice of which one must be allowed. `/` is the old way to write `OR`.
fn is_allowed(expression: &str) -> bool {
    expression.split(" AND ").all(|part| {
        let choices = part.trim_matches(['(', ')']).replace('/', " OR ");
        choices.split(" OR ").any(|choice| ALLOWED.contains(&choice.trim()))
    })
}

/// What cargo knows of every package that this is built from.
pub(crate) fn packages() -> Vec<serde_json::Value> {
    // Only what this machine builds: others' packages may not be here, and nothing is fetched.
    let version = output(option_env!("RUSTC").unwrap_or("rustc"), &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let mut arguments =
        vec!["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", host];
    if !cfg!(feature = "kafka") {
        arguments.push("--no-default-features");
    }
    let metadata: serde_json::Value = serde_json::from_str(&output(env!("CARGO"), &arguments)).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn dependencies_have_permissive_licences() {
    let packages = packages();
    assert!(packages.len() > 50, "{}", packages.len());
    let refused = packages.iter().filter(|package| !package["license"].as_str().is_some_and(is_allowed));
    let refused: Vec<_> =
        refused.map(|package| format!("{}: {}", package["name"], package["license"])).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn a_choice_is_taken_and_a_demand_is_not() {
    for expression in
        ["MIT", "MIT/Apache-2.0", "GPL-3.0-only OR MIT", "(GPL-2.0-only OR MIT) AND Unicode-3.0"]
    {
        assert!(is_allowed(expression), "{expression}");
    }
    for expression in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "MPL-2.0", ""] {
        assert!(!is_allowed(expression), "{expression}");
    }
}
