//! Values that correlations count, told apart without being kept.
//!
//! A window that counts different values keeps 64 bits of the SHA-256 of each: what people wrote, or the ids of those whom they
//! wrote to, need not lie there to be told apart. Of a thousand values two are taken for one with a probability of 3 in 10^14.

use crate::text::View;
use sha2::{Digest, Sha256};

/// By what a value is told from others.
pub fn digest(value: &str) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(value)[..8]);
    i64::from_be_bytes(first)
}

/// The same of a text, as that view reads it.
pub fn digest_in(text: &str, view: View) -> i64 {
    digest(&crate::text::reading(text, view))
}
