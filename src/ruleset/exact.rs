//! Exact values of keyword fields, found by hashing: `recipient.age_band: 13-15` costs one look-up an
//! event, however many rules ask.

use super::{Groups, PatternId};
use crate::event::FieldId;
use crate::text::lower;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Patterns by (field, lower-case value).
#[derive(Debug)]
pub(crate) struct ExactIndex {
    /// By field; empty where the field has none.
    values: Vec<HashMap<Box<str>, u32, FixedState>>,
    patterns: Groups<PatternId>,
}

impl ExactIndex {
    /// Builds the index from `(field, lower-case value, pattern)`.
    pub(crate) fn new(fields: usize, entries: Vec<(FieldId, String, PatternId)>) -> ExactIndex {
        let mut values = vec![HashMap::with_hasher(FixedState::default()); fields];
        let mut pairs = Vec::with_capacity(entries.len());
        let mut keys = 0;
        for (field, value, pattern) in entries {
            let key = *values[usize::from(field.0)].entry(value.into_boxed_str()).or_insert_with(|| {
                keys += 1;
                keys - 1
            });
            pairs.push((key, pattern));
        }
        ExactIndex { values, patterns: Groups::new(keys as usize, pairs) }
    }

    /// The patterns that ask for this value of this field, whatever its case. `buffer` is scratch.
    pub(crate) fn find(&self, field: FieldId, value: &str, buffer: &mut String) -> &[PatternId] {
        let lowered = if value.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
            value
        } else {
            buffer.clear();
            buffer.extend(value.chars().map(lower));
            buffer.as_str()
        };
        match self.values[usize::from(field.0)].get(lowered) {
            Some(key) => self.patterns.of(*key),
            None => &[],
        }
    }

    /// True if no rule asks for an exact value.
    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}
