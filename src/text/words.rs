//! The words of English and of ordinary chat, to tell a slip of the fingers from another word.
//!
//! English is kept as hashes of a list of some forty thousand; `benches/words` makes them, and `words/english.license`
//! says whose list it is. So one unknown word in a hundred thousand is taken for a known one, and the vocabulary as
//! such stands nowhere. What ordinary chat says often, `benches/chitchat/frequency` adds. Other languages have no list yet:
//! there a slip that makes another word is a slip. Nor have names.

mod chat;

/// The hashes, rising, four bytes each, big end first.
static ENGLISH: &[u8] = include_bytes!("words/english.bin");

/// Whether a word, in small letters and without apostrophes, is of English or of ordinary chat.
pub(crate) fn is_known(word: &str) -> bool {
    let (hashes, _) = ENGLISH.as_chunks::<4>();
    is_common(word) || hashes.binary_search(&fnv(word.as_bytes()).to_be_bytes()).is_ok()
}

/// Whether one of 2,000 messages of ordinary chat has a word, in small letters and without apostrophes.
pub(crate) fn is_common(word: &str) -> bool {
    chat::WORDS.binary_search(&word).is_ok()
}

/// FNV-1a, 32 bits.
fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_whole() {
        let (hashes, rest) = ENGLISH.as_chunks::<4>();
        assert!(rest.is_empty() && hashes.is_sorted_by(|one, other| one < other));
        assert!((40_000..41_000).contains(&hashes.len()), "{}", hashes.len());
        assert!(chat::WORDS.is_sorted_by(|one, other| one < other));
    }

    #[test]
    fn common_words() {
        assert!(is_common("lol") && is_common("gonna") && !is_common("broom"));
    }

    #[test]
    fn words_and_slips() {
        for word in ["broom", "seal", "secretary", "leaves", "lol", "gonna"] {
            assert!(is_known(word), "{word}");
        }
        for slip in ["kepe", "thsi", "sectet", "anyoen", ""] {
            assert!(!is_known(slip), "{slip}");
        }
    }
}
