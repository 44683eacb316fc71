//! A phrase as a skeleton spells it, and where a text spells it the same.
//!
//! Letters are compared in runs of one class, across words, because who stretches letters stretches them anywhere:
//! `keeep thiss`. A run of the text stands for a run of the phrase if it is as long, or of three letters or more; two
//! letters stand for one only where the text does that twice or more, so that `meet` is not `met`. Within a class
//! the text has to agree:
//! * a digit of the phrase is that digit in the text, as often;
//! * where the text has written `i` and the phrase has `l`, or the other way round, that is so at one place at most:
//!   `liang` is not `ilang`;
//! * not all of it is digits: `50 10` is a number. And in place of a short phrase without digits no word is a number: `50 cute`
//!   is not `so cute`.
//!
//! The ends lie on bounds of words of the text. In the *skeleton* view each word is spelt by a word; in
//! the *squashed* view the bounds between are free: letters apart, words together or cut elsewhere. Only several words are
//! not found in one that is known as such: `nowhere` is not `now here`.

mod fuzzy;
mod misspelt;
mod near;

pub(crate) use fuzzy::Fuzzy;
pub(crate) use misspelt::seed;

use super::index::Index;
use super::position;
use super::skeleton::{Letter, Reading, Script, Skeleton};
use std::ops::Range;

/// So many runs from a word on are indexed.
const HEAD: usize = 8;

/// Letters from which on a phrase is long.
const LONG: usize = 9;

/// A run of letters of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    class: char,
    start: u32,
    end: u32,
}

impl Run {
    fn range(self) -> Range<usize> {
        indices(self.start..self.end)
    }
}

fn indices(letters: Range<u32>) -> Range<usize> {
    letters.start as usize..letters.end as usize
}

/// A skeleton with what comparing needs.
#[derive(Debug, Default)]
pub(crate) struct Spelt {
    skeleton: Skeleton,
    /// By reading: whether it may differ.
    asks: [bool; Reading::ALL.len()],
    runs: Vec<Run>,
    /// By letter: its run.
    run_of: Vec<u32>,
    /// By the first letters from each word on, as [`packed`].
    index: Index,
    /// By the last letters up to the end of each word, the last first.
    ends: Index,
    /// A buffer.
    places: Vec<u32>,
    /// The letter before which an occurrence has to begin, and behind which it has to end.
    cut: Option<u32>,
    /// By letter, and at the end: how many before it were written `i`, `l`, and otherwise than by a digit.
    before: Vec<Counts>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    i: u32,
    l: u32,
    no_digits: u32,
}

impl Counts {
    fn and(self, letter: &Letter) -> Counts {
        Counts {
            i: self.i + u32::from(letter.written == 'i'),
            l: self.l + u32::from(letter.written == 'l'),
            no_digits: self.no_digits + u32::from(!letter.is_digit()),
        }
    }
}

impl Spelt {
    /// How a text is spelt.
    pub(crate) fn of(text: &str, reading: Reading, script: Script) -> Spelt {
        let mut spelt = Spelt::default();
        spelt.fill(text, reading, script);
        spelt
    }

    fn counted(skeleton: Skeleton) -> Spelt {
        let mut spelt = Spelt { skeleton, ..Spelt::default() };
        spelt.count();
        spelt
    }

    /// Replaces what it holds by how a text is spelt.
    pub(crate) fn fill(&mut self, text: &str, reading: Reading, script: Script) {
        let noted = self.skeleton.fill(text, reading, script);
        self.asks = Reading::ALL.map(|other| noted.asks_for(other));
        self.cut = None;
        self.count();
    }

    /// From here on only that is found which begins before this byte of the text and ends behind it.
    pub(crate) fn cut_at(&mut self, byte: u32) {
        let before = self.skeleton.letters().partition_point(|letter| letter.start < byte);
        self.cut = Some(position(before));
    }

    /// Whether an occurrence lies on both sides of the cut, and that not only because its first or last letter is stretched
    /// over it.
    fn allows(&self, letters: &Range<u32>) -> bool {
        let Some(cut) = self.cut else { return true };
        if !(letters.start < cut && cut < letters.end) {
            return false;
        }
        let run = |letter: u32| self.run_of.get(letter as usize);
        let stretched = run(cut - 1) == run(cut);
        !(stretched && (run(letters.start) == run(cut) || run(letters.end - 1) == run(cut)))
    }

    /// Whether to look at that reading of the text too, this one being that of symbols as letters.
    pub(crate) fn asks_for(&self, reading: Reading) -> bool {
        self.asks[reading as usize]
    }

    fn count(&mut self) {
        self.index.clear();
        self.ends.clear();
        let Spelt { skeleton, runs, run_of, before, .. } = self;
        runs.clear();
        run_of.clear();
        before.clear();
        let mut counts = Counts::default();
        before.push(counts);
        for (at, letter) in (0u32..).zip(skeleton.letters()) {
            counts = counts.and(letter);
            before.push(counts);
            match runs.last_mut().filter(|run| run.class == letter.class) {
                Some(run) => run.end = at + 1,
                None => runs.push(Run { class: letter.class, start: at, end: at + 1 }),
            }
            run_of.push(position(runs.len() - 1));
        }
    }

    /// How many letters it has room for.
    pub(crate) fn capacity(&self) -> usize {
        self.before.capacity()
    }

    /// Its skeleton.
    pub(crate) fn skeleton(&self) -> &Skeleton {
        &self.skeleton
    }

    /// The classes of the runs from a letter on, [`packed`].
    fn head(&self, letter: u32) -> u64 {
        let run = self.run_of.get(letter as usize).copied().unwrap_or_default() as usize;
        packed(self.runs.get(run..).unwrap_or_default().iter().map(|run| run.class))
    }

    /// The words at which what begins with those runs may begin, rising, in a buffer to be handed back.
    fn starts(&mut self, spelling: &Spelling) -> Vec<u32> {
        let own = &spelling.spelt;
        let begins = |text: &Spelt, word: &Range<u32>| text.class(word.start) == Some(own.runs[0].class);
        self.places(begins, |text, places| {
            let found = text.beginning(own.head(0), own.runs.len());
            places.extend(found.iter().map(|(_, place)| *place));
        })
    }

    /// Those of its words that `indexed` adds from the index; before there is one, those that `plain` says. Rising, each
    /// once, in a buffer to be handed back.
    fn places(
        &mut self,
        plain: impl Fn(&Spelt, &Range<u32>) -> bool,
        indexed: impl FnOnce(&mut Spelt, &mut Vec<u32>),
    ) -> Vec<u32> {
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        if self.index.pays() {
            self.make_index();
            indexed(self, &mut places);
            places.sort_unstable();
            places.dedup();
        } else {
            let words = (0..).zip(self.skeleton.words());
            places.extend(words.filter(|(_, word)| plain(self, word)).map(|(place, _)| place));
        }
        places
    }

    /// The class of a letter.
    fn class(&self, letter: u32) -> Option<char> {
        self.skeleton.letters().get(letter as usize).map(|letter| letter.class)
    }

    fn make_index(&mut self) {
        let mut index = std::mem::take(&mut self.index);
        index.make(self.skeleton.words().iter().map(|word| self.head(word.start)));
        self.index = index;
    }

    fn make_ends(&mut self) {
        let mut ends = std::mem::take(&mut self.ends);
        let up_to = |word: &Range<u32>| {
            let end = self.run_bounds(word).end as usize;
            packed(self.runs.get(..end).unwrap_or_default().iter().rev().map(|run| run.class))
        };
        ends.make(self.skeleton.words().iter().map(up_to));
        self.ends = ends;
    }

    /// The runs of some letters, those at the ends whole.
    fn run_bounds(&self, letters: &Range<u32>) -> Range<u32> {
        let run = |letter: u32| self.run_of.get(letter as usize).copied().unwrap_or_default();
        if letters.is_empty() { 0..0 } else { run(letters.start)..run(letters.end - 1) + 1 }
    }

    /// What the index holds of words that begin with the first `runs` of a head.
    fn beginning(&self, head: u64, runs: usize) -> &[(u64, u32)] {
        beginning(&self.index, head, runs)
    }

    /// All its letters.
    fn whole(&self) -> Range<u32> {
        0..position(self.skeleton.letters().len())
    }

    /// The runs of some letters: those at the ends are cut.
    fn runs(&self, letters: Range<u32>) -> impl ExactSizeIterator<Item = Run> + '_ {
        let run = |letter: u32| self.run_of.get(letter as usize).copied().unwrap_or_default() as usize;
        let runs = if letters.is_empty() { 0..0 } else { run(letters.start)..run(letters.end - 1) + 1 };
        let runs = self.runs.get(runs).unwrap_or_default();
        runs.iter().map(move |run| Run {
            start: run.start.max(letters.start),
            end: run.end.min(letters.end),
            ..*run
        })
    }

    /// Whether a word among those letters is a number.
    fn has_number(&self, letters: &Range<u32>) -> bool {
        let words = self.skeleton.words();
        let first = words.partition_point(|word| word.start < letters.start);
        let mut within = words.iter().skip(first).take_while(|word| word.start < letters.end);
        within.any(|word| self.is_number(word))
    }

    /// Whether a word is a number: several digits and nothing else. One alone may be a letter apart from the others.
    fn is_number(&self, word: &Range<u32>) -> bool {
        word.len() > 1 && self.counts(word.clone()).no_digits == 0
    }

    /// How many letters from `range` were written so.
    fn counts(&self, range: Range<u32>) -> Counts {
        let at = |letter: u32| self.before.get(letter as usize).copied().unwrap_or_default();
        let (start, end) = (at(range.start), at(range.end));
        Counts { i: end.i - start.i, l: end.l - start.l, no_digits: end.no_digits - start.no_digits }
    }
}

/// The first of some classes as a number, [`HEAD`] at most, the first highest: what begins alike lies together.
fn packed(classes: impl Iterator<Item = char>) -> u64 {
    let places = classes.take(HEAD).zip((0..HEAD).rev());
    places.fold(0, |head, (class, place)| head | (u64::from(class) & 0xFF) << (8 * place))
}

/// What an index holds of words that begin with the first `runs` of a head.
fn beginning(index: &Index, head: u64, runs: usize) -> &[(u64, u32)] {
    let rest = if runs < HEAD { u64::MAX >> (8 * runs) } else { 0 };
    index.between(head & !rest, head | rest)
}

/// A phrase as it is looked for in skeletons; never empty.
#[derive(Debug)]
pub(crate) struct Spelling {
    spelt: Spelt,
}

impl Spelling {
    /// The letters of `text`; none if it has none. Its symbols are no letters: a rule says what it means.
    pub(crate) fn new(text: &str, script: Script) -> Option<Spelling> {
        Spelling::of(Spelt::of(text, Reading::Plain, script))
    }

    fn of(spelt: Spelt) -> Option<Spelling> {
        (!spelt.runs.is_empty()).then_some(Spelling { spelt })
    }

    /// Number of letters.
    pub(crate) fn len(&self) -> usize {
        self.spelt.skeleton.letters().len()
    }

    /// Number of words.
    pub(crate) fn words(&self) -> usize {
        self.spelt.skeleton.words().len()
    }

    /// Where the skeleton view of a text first holds it, as letters of the text.
    pub(crate) fn find_words(&self, text: &mut Spelt) -> Option<Range<usize>> {
        let starts = text.starts(self);
        let own = self.spelt.skeleton.words().len();
        let found = starts.iter().map(|first| *first as usize).find_map(|first| {
            let words = text.skeleton.words().get(first..first + own)?;
            let letters = words[0].start..words[own - 1].end;
            (self.same_words(text, first) && self.fits(text, letters.clone())).then_some(letters)
        });
        text.places = starts;
        found.map(indices)
    }

    /// Whether each of the words is spelt by a word of the text, from that one on.
    fn same_words(&self, text: &Spelt, first: usize) -> bool {
        let theirs = text.skeleton.words().get(first..).unwrap_or_default();
        self.spelt.skeleton.words().iter().zip(theirs).all(|(own, their)| {
            let (own, their) = (self.spelt.runs(own.clone()), text.runs(their.clone()));
            own.len() == their.len() && own.zip(their).all(|(own, their)| own.class == their.class)
        })
    }

    /// Where the squashed view of a text first holds it, as letters of the text: the leftmost, from there the shortest.
    pub(crate) fn find_letters(&self, text: &mut Spelt) -> Option<Range<usize>> {
        let starts = text.starts(self);
        let found = starts.iter().find_map(|word| {
            let start = text.skeleton.words().get(*word as usize)?.start;
            let mut ends = self.ends(text, start)?.into_iter().flatten();
            ends.find(|end| self.fits(text, start..*end)).map(|end| start..end).filter(|letters| {
                // `nowhere` is a word, and not `now here`.
                let is_word = *letters == text.skeleton.words()[*word as usize];
                !(is_word && self.words() > 1 && misspelt::is_known(text.skeleton.letters_of(letters)))
            })
        });
        text.places = starts;
        found.map(indices)
    }

    /// Where it may end if it begins there: in the run of the text that its last run falls on, at the ends of words by
    /// which that run has one letter, two, or three and more.
    fn ends(&self, text: &Spelt, start: u32) -> Option<[Option<u32>; 3]> {
        let first = *text.run_of.get(start as usize)? as usize;
        let last = *text.runs.get(first + self.spelt.runs.len() - 1)?;
        let from = last.start.max(start);
        let end_from = |count: u32| {
            let words = text.skeleton.words();
            let next = words.get(words.partition_point(|word| word.end < from + count))?;
            (next.end <= last.end).then_some(next.end)
        };
        let exactly = |count: u32| end_from(count).filter(|end| *end == from + count);
        Some([exactly(1), exactly(2), end_from(3)])
    }

    /// Whether those letters of the text, whole words at both ends, spell it.
    fn fits(&self, text: &Spelt, letters: Range<u32>) -> bool {
        text.allows(&letters)
            && text.counts(letters.clone()).no_digits > 0
            && self.runs_fit(self.spelt.whole(), text, letters.clone())
            && (self.may_hold_numbers() || !text.has_number(&letters))
    }

    /// Whether a number may spell one of its words: it is so long that what is beside the number tells, or has digits.
    fn may_hold_numbers(&self) -> bool {
        self.len() >= LONG || self.spelt.skeleton.letters().iter().any(Letter::is_digit)
    }

    /// Whether those letters of the text spell some of its own, a number by a number.
    fn runs_fit(&self, own: Range<u32>, text: &Spelt, letters: Range<u32>) -> bool {
        let (own, theirs) = (self.spelt.runs(own), text.runs(letters));
        if own.len() != theirs.len() {
            return false;
        }
        let (mut doubled, mut differing) = (0, 0);
        for (own, their) in own.zip(theirs) {
            let (wanted, found) = (own.end - own.start, their.end - their.start);
            let stretched = found != wanted && found < 3;
            if own.class != their.class || stretched && (wanted, found) != (1, 2) {
                return false;
            }
            doubled += u32::from(stretched);
            match self.differing(own, text, their) {
                Some(letters) => differing += letters,
                None => return false,
            }
        }
        doubled != 1 && differing <= 1
    }

    /// At how many places a run of the text has written another letter of the class; none if it does not have the digits.
    fn differing(&self, own: Run, text: &Spelt, their: Run) -> Option<u32> {
        let wanted = &self.spelt.skeleton.letters()[own.range()];
        let same_length = own.end - own.start == their.end - their.start;
        if own.class != 'i' && !wanted.iter().any(Letter::is_digit) {
            return Some(0);
        }
        if !same_length {
            let (own, their) = (self.spelt.counts(own.start..own.end), text.counts(their.start..their.end));
            let strange = own.i == 0 && their.i > 0 || own.l == 0 && their.l > 0;
            return (!wanted.iter().any(Letter::is_digit)).then_some(u32::from(strange));
        }
        let found = &text.skeleton.letters()[their.range()];
        let pairs = wanted.iter().map(|letter| letter.written).zip(found.iter().map(|letter| letter.written));
        let mut differing = 0;
        for (wanted, found) in pairs {
            if wanted.is_ascii_digit() && found != wanted {
                return None;
            }
            differing += u32::from(matches!((wanted, found), ('i', 'l') | ('l', 'i')));
        }
        Some(differing)
    }

    /// The phrase written backwards.
    pub(crate) fn reversed(&self) -> Option<Spelling> {
        Spelling::of(Spelt::counted(self.spelt.skeleton.backwards()))
    }

    /// The phrase with every word written backwards.
    pub(crate) fn words_reversed(&self) -> Option<Spelling> {
        Spelling::of(Spelt::counted(self.spelt.skeleton.words_backwards()))
    }

    /// The phrase turned upside down letter by letter, in their order.
    pub(crate) fn turned(&self) -> Option<Spelling> {
        Spelling::of(Spelt::counted(self.spelt.skeleton.each(turned)))
    }

    /// The phrase turned upside down as a whole: letter by letter, and backwards.
    pub(crate) fn flipped(&self) -> Option<Spelling> {
        Spelling::of(Spelt::counted(self.spelt.skeleton.each(turned).backwards()))
    }

    /// The phrase in capitals, turned upside down as a whole.
    pub(crate) fn capitals_flipped(&self) -> Option<Spelling> {
        Spelling::of(Spelt::counted(self.spelt.skeleton.each(turned_capital).backwards()))
    }

    /// The same, where capitals that Unicode has no turned form of are turned as small letters, and `Λ` stands for V.
    pub(crate) fn some_capitals_flipped(&self) -> Option<Spelling> {
        Spelling::of(Spelt::counted(self.spelt.skeleton.each(turned_some_capital).backwards()))
    }

    /// True if the other one has the same letters.
    pub(crate) fn same_letters(&self, other: &Spelling) -> bool {
        let same = |one: &Letter, other: &Letter| (one.class, one.written) == (other.class, other.written);
        let (own, theirs) = (self.spelt.skeleton.letters(), other.spelt.skeleton.letters());
        own.len() == theirs.len() && own.iter().zip(theirs).all(|(own, their)| same(own, their))
    }

    /// Its classes, run by run: what the stream holds wherever it is spelt.
    pub(crate) fn squeezed(&self) -> impl Iterator<Item = char> + '_ {
        self.spelt.runs.iter().map(|run| run.class)
    }
}

/// The letter that a letter looks like upside down. Turned forms that are characters of their own are folded to what they
/// are, or read by their shape.
fn turned(letter: char) -> char {
    match letter {
        'b' => 'q',
        'd' => 'p',
        'n' => 'u',
        'p' => 'd',
        'q' => 'b',
        'u' => 'n',
        other => other,
    }
}

/// The same of capital letters.
fn turned_capital(letter: char) -> char {
    match letter {
        'm' => 'w',
        'u' => 'n',
        'w' => 'm',
        other => other,
    }
}

/// The same, with small letters where they are easier to come by.
fn turned_some_capital(letter: char) -> char {
    match letter {
        'b' => 'q',
        'd' => 'p',
        'q' => 'b',
        'v' => 'a',
        other => turned_capital(other),
    }
}

#[cfg(test)]
mod tests;
