//! Bytes that are a stretch of others, which are kept as long as it is.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A stretch of bytes.
#[derive(Clone, Default)]
pub(super) struct Stretch {
    all: Arc<[u8]>,
    range: Range<u32>,
}

impl Stretch {
    /// The stretch of `all` that `part` is; a copy if it is none.
    pub(super) fn of(all: &Arc<[u8]>, part: &[u8]) -> Stretch {
        match range(all, part) {
            Some(range) => Stretch { all: Arc::clone(all), range },
            None => Stretch::from(&part.into()),
        }
    }
}

/// Where in `all` the stretch `part` of it is; none if it is none.
pub(super) fn range(all: &[u8], part: &[u8]) -> Option<Range<u32>> {
    let start = part.as_ptr().addr().checked_sub(all.as_ptr().addr())?;
    let end = start.checked_add(part.len()).filter(|end| *end <= all.len())?;
    Some(u32::try_from(start).ok()?..u32::try_from(end).ok()?)
}

impl From<&Arc<[u8]>> for Stretch {
    fn from(bytes: &Arc<[u8]>) -> Stretch {
        // What is kept is a record, which is far below 4 GiB.
        let end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Stretch { all: Arc::clone(bytes), range: 0..end }
    }
}

impl Deref for Stretch {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.all[self.range.start as usize..self.range.end as usize]
    }
}

impl PartialEq for Stretch {
    fn eq(&self, other: &Stretch) -> bool {
        **self == **other
    }
}

impl Eq for Stretch {}

impl fmt::Debug for Stretch {
    // Never what is in it, which people wrote.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} bytes", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_shares_the_whole_and_what_is_none_is_copied() {
        let all: Arc<[u8]> = b"abcdef".as_slice().into();
        for range in [0..6, 2..4, 6..6, 0..0] {
            let part = Stretch::of(&all, &all[range.clone()]);
            assert_eq!(*part, all[range]);
            assert!(Arc::ptr_eq(&part.all, &all));
        }
        let other: Arc<[u8]> = b"abcdef".as_slice().into();
        let copy = Stretch::of(&all, &other[1..3]);
        assert_eq!(&*copy, b"bc");
        assert!(!Arc::ptr_eq(&copy.all, &all));
        assert_eq!(Stretch::of(&all, &[]), Stretch::default());
    }
}
