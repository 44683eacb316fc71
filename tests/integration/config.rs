//! The configuration reference says what the program reads.

use crate::golden::assert_file;

#[test]
fn the_reference_page_is_the_default_file() {
    assert_file("deploy/configuration.md", &wardline::config::reference());
}

#[cfg(feature = "kafka")]
#[test]
fn what_the_client_reserves_is_refused_with_its_place() {
    for (name, _) in wardline::kafka::settings::RESERVED {
        let file = format!("[kafka.properties]\n{name:?} = \"x\"\n");
        let refusal = wardline::config::resolve(Some(("w.toml", &file)), std::iter::empty());
        let told = refusal.expect_err(name).to_string();
        assert!(told.starts_with("w.toml:2:1: kafka.properties."), "{told}");
    }
}
