//! The configuration reference says what the program reads.
#![cfg_attr(feature = "kafka", expect(clippy::disallowed_methods, reason = "reads a page of the client's"))]

use crate::golden::assert_file;

#[test]
fn the_reference_page_is_the_default_file() {
    assert_file("deploy/configuration.md", &wardline::config::reference());
}

/// The names that a configuration may set are those of the client that is linked in.
#[cfg(feature = "kafka")]
#[test]
fn the_known_properties_are_the_clients() {
    let packages = crate::licences::packages();
    let client = packages.iter().find(|package| package["name"] == "rdkafka-sys").unwrap();
    let directory = std::path::Path::new(client["manifest_path"].as_str().unwrap()).parent().unwrap();
    let page = std::fs::read_to_string(directory.join("librdkafka/CONFIGURATION.md")).unwrap();
    let rows = page.lines().filter(|line| line.split('|').count() >= 5);
    let names = rows.filter_map(|row| row.split('|').next()).map(str::trim);
    let names = names.filter(|name| !name.is_empty() && *name != "Property" && !name.starts_with('-'));
    let names: std::collections::BTreeSet<_> = names.collect();
    let lines: String = names.iter().flat_map(|name| [name, "\n"]).collect();
    assert_file("src/config/client_properties.txt", &lines);
}
