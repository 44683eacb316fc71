//! The report as a page.

use super::gate::{Gate, Verdict};
use super::report::Report;

/// The page.
pub fn text(report: &Report, gates: &[(Gate, Verdict)]) -> String {
    super::markdown::text(report, gates)
}
