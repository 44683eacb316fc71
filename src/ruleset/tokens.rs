//! Token sequences: `word` and `phrase`; and `near3` and `near8`, whose words stand in any order.
//!
//! A sequence occurs where consecutive tokens of the text equal its own. In scripts without word spaces every character is
//! a token, so a phrase is found in the middle of a sentence.

use super::glob::Letters;
use super::literal::MIN_LITERAL;
use crate::text::index::Index;
use crate::text::lower;
use crate::text::near::Bag;
use crate::text::{fold, token, words};
use foldhash::fast::FixedState;
use std::cmp::Reverse;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

/// The tokens of a text: where each stands, and its normal form. Reused from text to text.
#[derive(Debug, Default)]
pub(crate) struct TokenList {
    normal: String,
    tokens: Vec<(Range<usize>, Range<usize>)>,
    /// By [`lowered_hash`].
    index: Index,
}

impl TokenList {
    /// Replaces the list by the tokens of `text`.
    pub(crate) fn fill(&mut self, text: &str) {
        self.normal.clear();
        self.tokens.clear();
        self.index.clear();
        for token in token::tokens(text) {
            let start = self.normal.len();
            token.push_normal(text, &mut self.normal);
            self.tokens.push((token.range(), start..self.normal.len()));
        }
    }

    /// The normal forms in order, from that token.
    pub(crate) fn normals_from(&self, start: usize) -> impl Iterator<Item = &str> {
        let tokens = self.tokens.get(start..).unwrap_or_default();
        tokens.iter().map(|(_, normal)| self.normal.get(normal.clone()).unwrap_or_default())
    }

    /// Where the sequence first occurs, as a range of the text.
    fn find(&mut self, wanted: &[Box<str>], letters: Letters) -> Option<Range<usize>> {
        let last_start = self.tokens.len().checked_sub(wanted.len())?;
        let is_here = |list: &TokenList, start: usize| {
            let mut here = list.normals_from(start).zip(wanted);
            here.all(|(found, wanted)| equal(found, wanted, letters))
        };
        let first = if self.index.pays() {
            self.make_index();
            let (offset, places) = self.rarest(wanted)?;
            let starts = places.iter().filter_map(|(_, place)| (*place as usize).checked_sub(offset));
            starts.filter(|start| *start <= last_start).find(|start| is_here(self, *start))?
        } else {
            (0..=last_start).find(|start| is_here(self, *start))?
        };
        let last = first + wanted.len().checked_sub(1)?;
        Some(self.tokens[first].0.start..self.tokens[last].0.end)
    }

    /// Where the tokens first stand near each other, as a range of the text.
    fn find_near(&mut self, wanted: &[Box<str>], letters: Letters, bag: &Bag) -> Option<Range<usize>> {
        let kind = |found: &str| wanted.iter().position(|wanted| equal(found, wanted, letters));
        let from = |list: &TokenList, start: usize| {
            let length = bag.held_by(list.normals_from(start).map(kind))?;
            Some(list.tokens[start].0.start..list.tokens[start + length - 1].0.end)
        };
        if self.index.pays() {
            self.make_index();
            let (_, places) = self.rarest(wanted)?;
            let mut starts = bag.starts(places.iter().map(|(_, place)| *place as usize));
            return starts.find_map(|start| from(self, start));
        }
        (0..self.tokens.len()).find_map(|start| from(self, start))
    }

    fn make_index(&mut self) {
        let mut index = std::mem::take(&mut self.index);
        index.make(self.normals_from(0).map(lowered_hash));
        self.index = index;
    }

    /// Of the wanted tokens the one that stands at fewest places: which one it is, and where it may stand.
    fn rarest(&self, wanted: &[Box<str>]) -> Option<(usize, &[(u64, u32)])> {
        let places = wanted.iter().map(|token| {
            let hash = lowered_hash(token);
            self.index.between(hash, hash)
        });
        places.enumerate().min_by_key(|(_, places)| places.len())
    }
}

/// Of a token in lower case.
fn lowered_hash(token: &str) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    token.chars().for_each(|one| hasher.write_u32(lower(one).into()));
    hasher.finish()
}

fn equal(found: &str, wanted: &str, letters: Letters) -> bool {
    match letters {
        Letters::Exact => found == wanted,
        Letters::Lowered => found.chars().map(lower).eq(wanted.chars()),
    }
}

/// A compiled token sequence of one view, never empty.
#[derive(Debug)]
pub(crate) struct Sequence {
    tokens: Box<[Box<str>]>,
    letters: Letters,
    /// Its tokens need not follow each other, but stand near each other.
    near: Option<Bag>,
}

impl Sequence {
    /// The words of `text` as the raw view has them; none if it has none.
    pub(crate) fn raw(text: &str, cased: bool) -> Option<Sequence> {
        if cased {
            return Sequence::new(token::normals(text), Letters::Exact);
        }
        let lowered = token::normals(text).map(|token| token.chars().map(lower).collect());
        Sequence::new(lowered, Letters::Lowered)
    }

    /// The words of `text` as the folded view has them. The whole text is folded, not its raw tokens: folding
    /// may move a letter's mark to the token before it (Thai and Lao SARA AM).
    pub(crate) fn folded(text: &str) -> Option<Sequence> {
        Sequence::new(token::normals(&fold::fold(text)), Letters::Exact)
    }

    fn new(tokens: impl Iterator<Item = String>, letters: Letters) -> Option<Sequence> {
        let tokens: Box<[Box<str>]> = tokens.map(String::into_boxed_str).collect();
        (!tokens.is_empty()).then_some(Sequence { tokens, letters, near: None })
    }

    /// The same tokens in any order, `reach` tokens apart at most; none if they are more than that has room for.
    pub(crate) fn within(self, reach: u8) -> Option<Sequence> {
        let first = |token| self.tokens.iter().position(|other| other == token);
        let near = Bag::new(self.tokens.iter().filter_map(first), reach)?;
        Some(Sequence { near: Some(near), ..self })
    }

    /// The leftmost occurrence among a text's tokens.
    pub(crate) fn find(&self, list: &mut TokenList) -> Option<Range<usize>> {
        match &self.near {
            Some(bag) => list.find_near(&self.tokens, self.letters, bag),
            None => list.find(&self.tokens, self.letters),
        }
    }

    /// The tokens by which it is looked up: all in a row, or the rarest.
    pub(crate) fn looked_up(&self) -> &[Box<str>] {
        let Some(rarest) = rarest(self.tokens.iter().map(|token| &**token)).filter(|_| self.near.is_some())
        else {
            return &self.tokens;
        };
        &self.tokens[rarest..=rarest]
    }

    /// Its tokens.
    pub(crate) fn tokens(&self) -> &[Box<str>] {
        &self.tokens
    }
}

/// Which of some words is rarest, and long enough to select anything if one is: the longest of those that ordinary chat
/// says seldom, or of all if it says each often.
pub(crate) fn rarest<'w>(words: impl Iterator<Item = &'w str>) -> Option<usize> {
    let rarity = |word: &str| {
        let word = fold::fold(word);
        (word.len() < MIN_LITERAL, words::is_common(&word), Reverse(word.len()))
    };
    let by_rarity = words.map(rarity).enumerate().min_by_key(|(_, rarity)| *rarity)?;
    Some(by_rarity.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::index::UNINDEXED;

    #[test]
    fn a_sequence_stands_on_token_boundaries() {
        let cases = [
            ("secret", "the secretary", None),
            ("secret", "a SECRET!", Some(2..8)),
            ("keep this", "keep, this", Some(0..10)),
            ("keep this", "keep it, this", None),
            ("don’t tell", "Don't tell", Some(0..10)),
            ("a b", "a a b", Some(2..5)),
            ("a b", "a", None),
        ];
        for (words, text, expected) in cases {
            let mut list = TokenList::default();
            list.fill(text);
            let sequence = Sequence::raw(words, false).unwrap();
            for search in 0..UNINDEXED + 2 {
                assert_eq!(sequence.find(&mut list), expected, "{words:?} in {text:?}, search {search}");
            }
        }
    }
}
