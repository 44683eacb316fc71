//! Group keys: what the hits of one case share, as canonical bytes.
//!
//! The bytes are the key of the hit's record, so they decide its partition, and of the record that keeps the windows. They hold a
//! version and then parts, each with its length before it: platform, tenant, and for every field of `group-by`, sorted by
//! name, the name and the value. So no two keys have the same bytes, and keys of two correlations that are grouped by the same
//! fields are one. A golden test pins them.

use std::sync::Arc;

/// Version of the bytes.
const VERSION: u8 = 1;

/// Bytes of most keys.
const ROOM: usize = 128;

/// A group key, in its canonical bytes, which its windows share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey(Arc<[u8]>);

impl GroupKey {
    /// The key of these names and values, sorted by name, on a platform and for a tenant; empty where none is known.
    pub fn new<'p>(
        platform: &str,
        tenant: &str,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> GroupKey {
        let mut bytes = Vec::with_capacity(ROOM);
        bytes.push(VERSION);
        push(&mut bytes, platform);
        push(&mut bytes, tenant);
        for (name, value) in pairs {
            push(&mut bytes, name);
            push(&mut bytes, value);
        }
        GroupKey(bytes.into())
    }

    /// The key of canonical bytes; none if these are no key.
    pub fn from_bytes(bytes: &[u8]) -> Option<GroupKey> {
        let mut count = 0;
        for part in Parts::of(bytes)? {
            str::from_utf8(part?).ok()?;
            count += 1;
        }
        // The platform, the tenant, and pairs.
        (count >= 2 && count % 2 == 0).then(|| GroupKey(bytes.into()))
    }

    /// The canonical bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, to be shared.
    pub(super) fn shared(&self) -> &Arc<[u8]> {
        &self.0
    }

    /// Whether its fields have these names.
    pub fn is_of(&self, names: &[String]) -> bool {
        let own = Parts::of(&self.0).into_iter().flatten().flatten().skip(2).step_by(2);
        own.eq(names.iter().map(String::as_bytes))
    }

    /// What the key is made of.
    pub fn parts(&self) -> KeyParts<'_> {
        read(&self.0).unwrap_or_default()
    }
}

/// What a group key is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyParts<'k> {
    /// The platform; empty if unknown.
    pub platform: &'k str,
    /// The tenant; empty if there is none.
    pub tenant: &'k str,
    /// Names and values, by name.
    pub pairs: Vec<(&'k str, &'k str)>,
}

impl KeyParts<'_> {
    /// The value of that name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }
}

fn push(bytes: &mut Vec<u8>, part: &str) {
    // A part is a piece of a record, which is far below 4 GiB.
    bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(part.as_bytes());
}

/// The parts of a key, one by one; none in the place of one that is damaged, which is the last.
struct Parts<'b> {
    rest: &'b [u8],
}

impl<'b> Parts<'b> {
    fn of(bytes: &'b [u8]) -> Option<Parts<'b>> {
        let (version, rest) = bytes.split_first()?;
        (*version == VERSION).then_some(Parts { rest })
    }
}

impl<'b> Iterator for Parts<'b> {
    type Item = Option<&'b [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = std::mem::take(&mut self.rest);
        let part = rest.split_first_chunk().and_then(|(length, after)| {
            let (part, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            self.rest = after;
            Some(part)
        });
        Some(part)
    }
}

fn read(bytes: &[u8]) -> Option<KeyParts<'_>> {
    let text = |part: Option<_>| str::from_utf8(part?).ok();
    let parts = Parts::of(bytes)?.map(text).collect::<Option<Vec<&str>>>()?;
    let [platform, tenant, pairs @ ..] = parts.as_slice() else { return None };
    let (pairs, []) = pairs.as_chunks() else { return None };
    Some(KeyParts { platform, tenant, pairs: pairs.iter().map(|[name, value]| (*name, *value)).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_pinned_and_read_back() {
        let key = GroupKey::new("demo", "", [("recipient.id", "u2"), ("sender.id", "ü1")]);
        let expected = b"\x01\0\0\0\x04demo\0\0\0\0\0\0\0\x0crecipient.id\0\0\0\x02u2\0\0\0\x09sender.id\0\0\0\x03\xc3\xbc1";
        assert_eq!(key.bytes(), expected);
        let again = GroupKey::from_bytes(expected).unwrap();
        assert_eq!(again, key);
        let parts = again.parts();
        assert_eq!((parts.platform, parts.tenant), ("demo", ""));
        assert_eq!(parts.value("sender.id"), Some("ü1"));
        assert_eq!(parts.value("room.id"), None);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let key = GroupKey::new("demo", "t", [("a", "1")]);
        let bytes = key.bytes();
        for end in 0..bytes.len() {
            // The platform and the tenant alone are the key of no field.
            let whole = end == 1 + 4 + 4 + 4 + 1;
            assert_eq!(GroupKey::from_bytes(&bytes[..end]).is_some(), whole, "{end}");
        }
        assert_eq!(GroupKey::from_bytes(&[&[2], &bytes[1..]].concat()), None);
        assert_eq!(GroupKey::from_bytes(b"\x01\0\0\0\x01\xff\0\0\0\0"), None);
    }
}
