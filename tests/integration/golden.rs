//! Files of the repository that are made from the program: compared, or with `BLESS` set, written.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "reads and writes the files that it compares")]

use std::path::Path;

/// Asserts that the file says exactly `expected`; with `BLESS` set, writes it instead.
pub(crate) fn assert_file(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{file} is out of date; run the test once with BLESS=1 and look at the difference"
    );
}
