//! The wire forms as JSON Schema, made from their definitions: types, names and what the comments on them say.

use super::{Flag, SCHEMA};
use serde_json::Value;

/// The schema of a flag.
pub fn schema() -> Value {
    let about = "A finding made self-sufficient, as it is written to the review topic. Readers should expect further keys: \
                 `schema` grows when a reader of the old form would misread the new one.";
    crate::schema::of::<Flag>(&format!("flag:{SCHEMA}"), "Wardline flag", about)
}
