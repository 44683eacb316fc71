//! The configuration reference says what the program reads.

use crate::golden::assert_file;

#[test]
fn the_reference_page_is_the_default_file() {
    assert_file("deploy/configuration.md", &wardline::config::reference());
}
