//! Where a phrase is spelt in a skeleton: by trying every stretch of whole words.

use super::search::shortest_stretch;
use crate::rule::model::Views;
use crate::text::skeleton::{Letter, Reading, Script, Skeleton};
use crate::text::{View, words};
use std::ops::Range;

/// The first of the coarse views that holds the phrase, with how many slips, and the bytes of the value where it does.
/// With a `cut`, only what begins before that byte and ends behind it.
pub(super) fn find(
    phrase: &str,
    views: Views,
    value: &str,
    cut: Option<usize>,
) -> Option<(View, u8, Range<usize>)> {
    let forwards = [Script::Other, Script::Latin].map(|script| Wanted { cut, ..Wanted::of(phrase, script) });
    let letters = forwards[0].letters.len();
    if letters == 0 {
        return None;
    }
    let asks = |view, least| views == Views::Only(view) || views == Views::Automatic && letters >= least;
    let several = forwards[0].words.len() >= 2;
    let texts = Reading::ALL.map(|reading| Skeleton::of(value, reading, Script::Own));
    let words = || first(&texts[..3], &forwards, &Wanted::find_words);
    if views == Views::Only(View::Joined) {
        let found = words().or_else(|| first(&texts[..3], &forwards, &Wanted::find_letters));
        return Some((View::Joined, 0, found.filter(|_| several && letters >= 9)?));
    }
    let disguised = views == Views::Only(View::Squashed) || several && asks(View::Squashed, 9);
    let letters = || texts[..3].iter().find_map(|text| squashed(text, &forwards, true, disguised));
    let sequences = || squashed(&texts[3], &forwards, false, disguised).filter(|_| disguised);
    let misspelt = || first(&texts[..3], &forwards[..1], &Wanted::find_misspelt);
    None.or_else(|| Some((View::Skeleton, 0, words().filter(|_| asks(View::Skeleton, 5))?)))
        .or_else(|| {
            Some((View::Squashed, 0, letters().or_else(sequences).filter(|_| asks(View::Squashed, 7))?))
        })
        .or_else(|| Some((View::Skeleton, 1, misspelt().filter(|_| views == Views::Automatic && disguised)?)))
}

/// Where the skeleton view has the words near each other: as much as [`find`] says of a phrase.
pub(super) fn find_near(
    words: &str,
    reach: usize,
    views: Views,
    value: &str,
) -> Option<(View, u8, Range<usize>)> {
    let ways = [Script::Other, Script::Latin].map(|script| Wanted::of(words, script));
    let asked =
        views == Views::Only(View::Skeleton) || views == Views::Automatic && ways[0].letters.len() >= 5;
    let texts = [Reading::Symbols, Reading::Plain, Reading::Shapes]
        .map(|reading| Skeleton::of(value, reading, Script::Own));
    let found = first(&texts, &ways, &|wanted, text| wanted.find_near(reach, text)).filter(|_| asked)?;
    Some((View::Skeleton, 0, found))
}

fn first(
    texts: &[Skeleton],
    wanted: &[Wanted],
    how: &dyn Fn(&Wanted, &Skeleton) -> Option<Range<usize>>,
) -> Option<Range<usize>> {
    let mut each = texts.iter().flat_map(|text| wanted.iter().map(move |wanted| (text, wanted)));
    each.find_map(|(text, wanted)| Some(text.source(how(wanted, text)?)))
}

fn squashed(text: &Skeleton, forwards: &[Wanted], both: bool, disguised: bool) -> Option<Range<usize>> {
    let mut backwards: Vec<_> = forwards.iter().map(Wanted::reversed).collect();
    backwards.extend(forwards.iter().map(Wanted::words_reversed));
    let turned = |one: &Wanted| one.turned("bdnpqu", "qpudbn");
    backwards.extend(forwards.iter().map(|one| turned(one).reversed()));
    backwards.extend(forwards.iter().map(turned));
    backwards.extend(forwards.iter().map(|one| one.turned("muw", "wnm").reversed()));
    backwards.extend(forwards.iter().map(|one| one.turned("bdqmuwv", "qpbwnma").reversed()));
    let backwards = if both && disguised { backwards } else { Vec::new() };
    let text = std::slice::from_ref(text);
    first(text, forwards, &Wanted::find_letters).or_else(|| first(text, &backwards, &Wanted::find_letters))
}

struct Wanted {
    /// Number of words.
    count: usize,
    letters: Vec<(char, char)>,
    words: Vec<Range<usize>>,
    cut: Option<usize>,
}

impl Wanted {
    fn of(phrase: &str, script: Script) -> Wanted {
        let skeleton = Skeleton::of(phrase, Reading::Plain, script);
        Wanted {
            count: skeleton.words().len(),
            letters: pairs(skeleton.letters()),
            words: skeleton.words().iter().map(|word| word.start as usize..word.end as usize).collect(),
            cut: None,
        }
    }

    fn like(&self, letters: Vec<(char, char)>) -> Wanted {
        Wanted { count: self.count, letters, words: Vec::new(), cut: self.cut }
    }

    fn reversed(&self) -> Wanted {
        self.like(self.letters.iter().rev().copied().collect())
    }

    fn words_reversed(&self) -> Wanted {
        let word = |word: &Range<usize>| self.letters[word.clone()].iter().rev().copied().collect::<Vec<_>>();
        self.like(self.words.iter().flat_map(word).collect())
    }

    fn turned(&self, upright: &str, turned: &str) -> Wanted {
        let turn = |written| upright.find(written).and_then(|at| turned.chars().nth(at)).unwrap_or(written);
        let each = self.letters.iter().map(|(class, written)| match turn(*written) {
            letter if letter != *written => (letter, letter),
            _ => (*class, *written),
        });
        self.like(each.collect())
    }

    /// Words that are spelt by the same runs stand for each other.
    fn find_near(&self, reach: usize, text: &Skeleton) -> Option<Range<usize>> {
        let letters = pairs(text.letters());
        let range = |word: &Range<u32>| word.start as usize..word.end as usize;
        let own: Vec<_> = self.words.iter().map(|word| &self.letters[word.clone()]).collect();
        let all_digits = |word: &[(char, char)]| word.iter().all(|letter| letter.1.is_ascii_digit());
        let spelt = |own: &[(char, char)], their: &[(char, char)]| {
            runs_spell(own, their) && (all_digits(own) || !all_digits(their))
        };
        let same = |place: usize, wanted: &&[(char, char)]| {
            let their = &letters[range(&text.words()[place])];
            own.iter().any(|own| squeezed(own) == squeezed(wanted) && spelt(own, their))
        };
        let (first, last) = shortest_stretch(text.words().len(), reach, &own, &same)?;
        Some(range(&text.words()[first]).start..range(&text.words()[last]).end)
    }

    fn find_words(&self, text: &Skeleton) -> Option<Range<usize>> {
        self.find(text, true)
    }

    fn find_letters(&self, text: &Skeleton) -> Option<Range<usize>> {
        self.find(text, false)
    }

    /// With one slip in one word, the first or the last squeezed letters as they should be.
    fn find_misspelt(&self, text: &Skeleton) -> Option<Range<usize>> {
        let letters = pairs(text.letters());
        let word = |range: &Range<u32>| &letters[range.start as usize..range.end as usize];
        let own: Vec<_> = self.words.iter().map(|range| &self.letters[range.clone()]).collect();
        let squeezed = squeezed(&self.letters);
        let seed = [(16, 8), (12, 6), (0, 5)].into_iter().find(|(least, _)| squeezed.len() >= *least)?.1;
        if own.len() < 2 || squeezed.len() < 8 || !squeezed.iter().all(char::is_ascii) {
            return None;
        }
        text.words().windows(own.len()).find_map(|window| {
            let their: Vec<_> = window.iter().map(word).collect();
            let wrong: Vec<_> = (0..own.len()).filter(|at| !same_word(own[*at], their[*at])).collect();
            let [wrong] = wrong[..] else { return None };
            let least = if own.len() == 2 { 4 } else { 3 };
            let digits = own[wrong].iter().any(|letter| letter.1.is_ascii_digit());
            let slip = !digits && own[wrong].len() >= least && one_slip(own[wrong], their[wrong]);
            let written: String = their[wrong].iter().map(|letter| letter.1).collect();
            let range = window[0].start as usize..window[own.len() - 1].end as usize;
            let found = self::squeezed(&letters[range.clone()]);
            let seeded =
                found.starts_with(&squeezed[..seed]) || found.ends_with(&squeezed[squeezed.len() - seed..]);
            (slip && seeded && !words::is_known(&written)).then_some(range)
        })
    }

    fn find(&self, text: &Skeleton, by_words: bool) -> Option<Range<usize>> {
        let words = text.words();
        let letters = pairs(text.letters());
        for first in 0..words.len() {
            for last in first..words.len() {
                let range = words[first].start as usize..words[last].end as usize;
                let own = if by_words {
                    self.same_words(&letters, &words[first..=last])
                } else {
                    !long_before(&letters[range.clone()], (words[last].end - words[last].start) as usize)
                };
                let source = text.source(range.clone());
                let own = own && self.cut.is_none_or(|cut| source.start < cut && cut < source.end);
                let own = own && !self.cut.is_some_and(|cut| is_stretched_over(text, range.clone(), cut));
                let numbers = words[first..=last]
                    .iter()
                    .any(|word| is_number(&letters[word.start as usize..word.end as usize]));
                let digits = self.letters.iter().any(|letter| letter.1.is_ascii_digit());
                let own = own && (!numbers || digits || self.letters.len() >= 9);
                if own && spells(&self.letters, &letters[range.clone()]) {
                    let written: String = letters[range.clone()].iter().map(|letter| letter.1).collect();
                    let other = !by_words && first == last && self.count > 1 && words::is_known(&written);
                    if !other {
                        return Some(range);
                    }
                    // No longer stretch of words is tried from there.
                    break;
                }
            }
        }
        None
    }

    fn same_words(&self, letters: &[(char, char)], words: &[Range<u32>]) -> bool {
        let classes = |letters: &[(char, char)]| runs(letters).iter().map(|run| run[0].0).collect::<Vec<_>>();
        let mut pairs = self.words.iter().zip(words);
        self.words.len() == words.len()
            && pairs.all(|(own, their)| {
                classes(&self.letters[own.clone()])
                    == classes(&letters[their.start as usize..their.end as usize])
            })
    }
}

pub(super) fn squeezed(letters: &[(char, char)]) -> Vec<char> {
    runs(letters).iter().map(|run| run[0].0).collect()
}

fn is_number(word: &[(char, char)]) -> bool {
    word.len() > 1 && word.iter().all(|letter| letter.1.is_ascii_digit())
}

pub(super) fn same_word(wanted: &[(char, char)], found: &[(char, char)]) -> bool {
    let (wanted, found) = (runs(wanted), runs(found));
    let same = |at: usize| {
        let (own, their) = (wanted[at], found[at]);
        let differing = if own.len() == their.len() { by_place(own, their) } else { by_set(own, their) };
        own[0].0 == their[0].0 && (own.len() == their.len() || their.len() >= 3) && differing == Some(0)
    };
    wanted.len() == found.len() && (0..wanted.len()).all(same)
}

/// Whether all letters before the cut, or all behind it, are one that goes on beyond it.
fn is_stretched_over(text: &Skeleton, range: Range<usize>, cut: usize) -> bool {
    let class = |at: usize| text.letters()[at].class;
    let first = range.clone().find(|at| text.letters()[*at].start as usize >= cut).unwrap_or(range.end);
    first > range.start
        && first < range.end
        && ((range.start..=first).all(|at| class(at) == class(first))
            || (first - 1..range.end).all(|at| class(at) == class(first)))
}

/// By trying every slip.
fn one_slip(wanted: &[(char, char)], found: &[(char, char)]) -> bool {
    let classes = |letters: &[(char, char)]| letters.iter().map(|letter| letter.0).collect::<Vec<_>>();
    let (wanted, found) = (classes(wanted), classes(found));
    let without = |letters: &[char], at: usize| [&letters[..at], &letters[at + 1..]].concat();
    let left_out = (0..wanted.len()).any(|at| without(&wanted, at) == found);
    let put_in = (0..found.len()).any(|at| without(&found, at) == wanted);
    let another =
        wanted.len() == found.len() && wanted.iter().zip(&found).filter(|(one, two)| one != two).count() == 1;
    let round = (1..wanted.len()).any(|at| {
        let mut changed = wanted.clone();
        changed.swap(at - 1, at);
        changed == found && changed != wanted
    });
    left_out || put_in || another || round
}

/// Whether the last run of the letters has three or more before the last word.
fn long_before(letters: &[(char, char)], word: usize) -> bool {
    runs(letters).last().is_some_and(|run| run.len() >= word + 3)
}

pub(super) fn pairs(letters: &[Letter]) -> Vec<(char, char)> {
    letters.iter().map(|letter| (letter.class, letter.written)).collect()
}

fn runs(letters: &[(char, char)]) -> Vec<&[(char, char)]> {
    letters.chunk_by(|one, other| one.0 == other.0).collect()
}

fn spells(wanted: &[(char, char)], found: &[(char, char)]) -> bool {
    runs_spell(wanted, found) && found.iter().any(|(_, written)| !written.is_ascii_digit())
}

fn runs_spell(wanted: &[(char, char)], found: &[(char, char)]) -> bool {
    let (wanted, runs) = (runs(wanted), runs(found));
    let pairs = || wanted.iter().zip(&runs);
    let doubled = pairs().filter(|(own, their)| (own.len(), their.len()) == (1, 2)).count();
    let differing: Option<usize> = pairs()
        .map(|(own, their)| if own.len() == their.len() { by_place(own, their) } else { by_set(own, their) })
        .sum();
    wanted.len() == runs.len()
        && pairs().all(|(own, their)| own[0].0 == their[0].0)
        && pairs().all(|(own, their)| own.len() == their.len() || their.len() >= 3 || own.len() == 1)
        && doubled != 1
        && differing.is_some_and(|letters| letters <= 1)
}

/// At how many places another letter was written; none if a digit is missing.
fn by_place(own: &[(char, char)], their: &[(char, char)]) -> Option<usize> {
    let pairs = || own.iter().map(|own| own.1).zip(their.iter().map(|their| their.1));
    let digits = pairs().all(|(own, their)| !own.is_ascii_digit() || own == their);
    let differing = pairs().filter(|pair| matches!(pair, ('i', 'l') | ('l', 'i'))).count();
    digits.then_some(differing)
}

/// The same where there are not as many.
fn by_set(own: &[(char, char)], their: &[(char, char)]) -> Option<usize> {
    let has = |run: &[(char, char)], letter| run.iter().any(|(_, written)| *written == letter);
    let strange = ['i', 'l'].into_iter().any(|letter| has(their, letter) && !has(own, letter));
    let digits = own.iter().any(|(_, written)| written.is_ascii_digit());
    (!digits).then_some(usize::from(strange))
}
