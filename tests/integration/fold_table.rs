//! Makes table T1, by which texts are folded, from Unicode data. `text_tables.rs` writes and compares it.
#![expect(clippy::unwrap_used, reason = "a generator that fails fails its test")]

use crate::text_tables::{Pages, write_numbers};

use icu_properties::props::{Alphabetic, DefaultIgnorableCodePoint, GeneralCategory, WhiteSpace};
use icu_properties::{CodePointMapData, CodePointSetData};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

/// Latin letters that no normalisation resolves, as what they are read for: stroked, hooked and other
/// variants, ligatures, small capitals, turned letters.
const OWN_LATIN: &str = "
    ß ss ẞ ss æ ae œ oe ø o đ d ð d þ th ħ h ı i ĸ k ł l ŋ n ŧ t ƀ b ƃ b ɓ b ƈ c ɖ d ɗ d ƌ d ǝ e ə e ɛ e
    ƒ f ɠ g ɣ g ƕ hv ɩ i ɨ i ƙ k ƚ l ɫ l ɬ l ɭ l ɯ m ɱ m ɲ n ƞ n ɳ n ɵ o ɔ o ƣ oi ƥ p ʀ r ɍ r ɽ r ɾ r ʃ s ʂ s
    ƫ t ƭ t ʈ t ʊ u ʋ v ƴ y ƶ z ʒ z ȥ z ʐ z ʑ z ɏ y ȼ c ɇ e ɉ j ɋ q ʉ u ȡ d ȴ l ȵ n ȶ t ȷ j ȿ s ɀ z ɂ ' ɐ a ɑ a
    ɒ a ɕ c ɘ e ɜ e ɝ e ɞ e ɟ j ɡ g ɢ g ɥ h ɦ h ɧ h ɪ i ʝ j ɮ lz ɰ m ɴ n ɶ oe ɷ o ɸ f ɹ r ɺ r ɻ r ɼ r ɿ r ʁ r
    ʄ j ʅ s ʆ s ʇ t ʌ v ʍ w ʎ y ʏ y ʓ z ʗ c ʘ o ʙ b ʚ e ʛ g ʜ h ʞ k ʟ l ʠ q ʣ dz ʤ dz ʥ dz ʦ ts ʧ ts ʨ tc
    ʩ fn ʪ ls ʫ lz ʮ h ʯ h ᴀ a ᴁ ae ᴂ ae ᴃ b ᴄ c ᴅ d ᴆ d ᴇ e ᴈ e ᴉ i ᴊ j ᴋ k ᴌ l ᴍ m ᴎ n ᴏ o ᴐ o ᴑ o ᴒ o ᴓ o ᴔ oe
    ᴕ ou ᴖ o ᴗ o ᴘ p ᴙ r ᴚ r ᴛ t ᴜ u ᴝ u ᴞ u ᴟ m ᴠ v ᴡ w ᴢ z ᴣ z ᵫ ue ᵬ b ᵭ d ᵮ f ᵯ m ᵰ n ᵱ p ᵲ r ᵳ r ᵴ s ᵵ t
    ᵶ z ᵷ g ᵹ g ᵺ th ᵻ i ᵼ i ᵽ p ᵾ u ᵿ u ᶀ b ᶁ d ᶂ f ᶃ g ᶄ k ᶅ l ᶆ m ᶇ n ᶈ p ᶉ r ᶊ s ᶋ s ᶌ v ᶍ x ᶎ z ᶏ a ᶐ a ᶑ d ᶒ e
    ᶓ e ᶔ e ᶕ e ᶖ i ᶗ o ᶘ s ᶙ u ᶚ z ẜ s ẝ s ẟ d ỻ ll ỽ v ỿ y ↄ c ⱡ l ⱥ a ⱦ t ⱨ h ⱪ k ⱬ z ⱱ v ⱳ w ⱴ v ⱶ h ⱷ f
    ⱸ e ⱹ r ⱺ o ⱻ e ꜰ f ꜱ s ꜳ aa ꜵ ao ꜷ au ꜹ av ꜻ av ꜽ ay ꝁ k ꝃ k ꝅ k ꝇ l ꝉ l ꝋ o ꝍ o ꝏ oo ꝑ p ꝓ p ꝕ p ꝗ q
    ꝙ q ꝛ r ꝟ v ꝡ vy ꝣ z ꝥ th ꝧ th ꝺ d ꝼ f ꝿ g ꞁ l ꞃ r ꞅ s ꞇ t ꞎ l ꞑ n ꞓ c ꞔ c ꞕ h ꞗ b ꞙ f ꞛ ae ꞝ oe ꞟ ue
    ꞡ g ꞣ k ꞥ n ꞧ r ꞩ s ꞯ q ꞵ b ꞷ o ꟃ w ꟈ d ꟊ s ꟺ m ꬰ a ꬱ ae ꬲ e ꬳ e ꬴ e ꬵ f ꬶ g ꬷ l ꬸ l ꬹ l ꬺ m ꬻ n ꬽ o ꬾ o ꬿ o
    ꭀ oe ꭁ oe ꭂ oe ꭄ o ꭅ o ꭆ r ꭇ r ꭈ r ꭉ r ꭊ r ꭋ r ꭌ r ꭎ u ꭏ u ꭐ ui ꭑ ui ꭒ u ꭔ y ꭖ x ꭗ x ꭘ x ꭙ x ꭚ y";

/// Typographic forms of ASCII punctuation. The first of each line is what the others become.
const PUNCTUATION: [&str; 4] = ["'‘’‛ʼʹ´′՚ꞌ", "\"“”„‟", "-‐‑‒–—―−", "/⁄∕"];

/// Ranges of 26 letters in circles and squares that have no decomposition or one with brackets.
const ALPHABETS: [u32; 6] = [0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x249C, 0x24D0];

/// Scripts whose writing does not separate words.
const SPACELESS: [Script; 20] = [
    Script::Han,
    Script::Hiragana,
    Script::Katakana,
    Script::Bopomofo,
    Script::Yi,
    Script::Nushu,
    Script::Tangut,
    Script::Khitan_Small_Script,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
    Script::Tai_Le,
    Script::New_Tai_Lue,
    Script::Tai_Tham,
    Script::Tai_Viet,
    Script::Ahom,
    Script::Javanese,
    Script::Balinese,
    Script::Tibetan,
];

/// What one character is folded to before anything is folded again.
fn fold_once(character: char, own: &BTreeMap<char, String>) -> String {
    use GeneralCategory::{Control, EnclosingMark, NonspacingMark, SpacingMark};
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    let is_mark = matches!(category, NonspacingMark | SpacingMark | EnclosingMark);
    if CodePointSetData::new::<WhiteSpace>().contains(character) {
        return " ".to_owned();
    }
    if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || category == Control
        || category == EnclosingMark
        || is_mark && character.script() == Script::Inherited
    {
        return String::new();
    }
    match own.get(&character) {
        Some(text) => text.clone(),
        None => character.to_lowercase().nfkd().collect(),
    }
}

/// What a character is folded to, folded again until nothing changes.
fn fold(character: char, own: &BTreeMap<char, String>) -> String {
    let mut text = character.to_string();
    loop {
        let next: String = text.chars().map(|character| fold_once(character, own)).collect();
        if next == text {
            break;
        }
        text = next;
    }
    let white = CodePointSetData::new::<WhiteSpace>().contains(character);
    // Spacing accents decompose into a space and a mark; as white space they would split words.
    if !white && !text.is_empty() && text.chars().all(|character| character == ' ') {
        return character.to_string();
    }
    let tidy = text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if white { text } else { tidy }
}

fn own_foldings() -> BTreeMap<char, String> {
    let mut own = BTreeMap::new();
    let mut words = OWN_LATIN.split_whitespace();
    while let (Some(letter), Some(text)) = (words.next(), words.next()) {
        own.extend(letter.chars().map(|letter| (letter, text.to_owned())));
    }
    for line in PUNCTUATION {
        let mut characters = line.chars();
        let ascii = characters.next().map(String::from).unwrap();
        own.extend(characters.map(|character| (character, ascii.clone())));
    }
    for start in ALPHABETS {
        for (letter, code) in ('a'..='z').zip(start..) {
            own.insert(char::from_u32(code).unwrap(), letter.to_string());
        }
    }
    // The final form of a letter is the letter: which of them stands there depends on its neighbours.
    own.insert('ς', "σ".to_owned());
    // Numbers in brackets and with a full stop.
    for (first, last, base) in [(0x2474, 0x2487, 0x2473), (0x2488, 0x249B, 0x2487)] {
        for code in first..=last {
            own.insert(char::from_u32(code).unwrap(), (code - base).to_string());
        }
    }
    own
}

/// The class of a character, by the numbers that `src/text/fold.rs` reads.
fn class(character: char, folded: &str) -> u32 {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    let category_name = format!("{category:?}");
    let letter_or_digit = category_name.ends_with("Letter") || category_name.ends_with("Number");
    let alphabetic = CodePointSetData::new::<Alphabetic>().contains(character);
    let spaceless = SPACELESS.contains(&character.script()) || "ー々〆ｰ".contains(character);
    if folded == "'" || character == '`' {
        4
    } else if folded.is_empty() && !matches!(category, NonspacingMark | SpacingMark | EnclosingMark)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
    {
        5
    } else if matches!(category, NonspacingMark | SpacingMark | EnclosingMark) {
        2
    } else if (letter_or_digit || alphabetic) && spaceless {
        3
    } else {
        u32::from(letter_or_digit || alphabetic)
    }
}

/// Whether folding a character of that class may move the bounds of tokens: what it becomes takes part in them
/// otherwise than itself.
fn moves(own_class: u32, folded: &str, own: &BTreeMap<char, String>) -> bool {
    let classes: Vec<u32> = folded.chars().map(|part| class(part, &fold(part, own))).collect();
    let stays = match (own_class, classes.split_first()) {
        (1, Some((1, rest))) => rest.iter().all(|class| matches!(class, 1 | 2)),
        (3, Some((3, rest))) => rest.iter().all(|class| *class == 2),
        (2, _) => classes.iter().all(|class| *class == 2),
        (4 | 5, _) => classes.iter().all(|class| matches!(class, 4 | 5)),
        (0, Some(_)) => classes.iter().all(|class| *class == 0),
        _ => false,
    };
    !stays
}

/// The texts of all expansions, each once, one after another.
#[derive(Default)]
struct Pool {
    texts: String,
}

impl Pool {
    fn operand(&mut self, text: &str) -> u32 {
        assert!(text.len() < 64, "an expansion has at most 63 bytes");
        let start = self.texts.find(text).unwrap_or_else(|| {
            self.texts.push_str(text);
            self.texts.len() - text.len()
        });
        u32::try_from(start << 6 | text.len()).unwrap()
    }
}

fn entry(character: char, own: &BTreeMap<char, String>, pool: &mut Pool) -> u32 {
    let is_syllable = ('\u{ac00}'..='\u{d7a3}').contains(&character);
    let folded = if is_syllable { character.to_string() } else { fold(character, own) };
    let mut characters = folded.chars();
    let (action, operand) = match (characters.next(), characters.next()) {
        (None, _) => (3, 0),
        (Some(one), None) if one == character && one != ' ' => (0, 0),
        (Some(' '), None) => (4, 0),
        (Some(one), None) => (1, u32::from(one)),
        _ => (2, pool.operand(&folded)),
    };
    assert!(operand < 1 << 24);
    let class = class(character, &folded);
    operand << 8 | action << 4 | u32::from(moves(class, &folded, own)) << 3 | class
}

/// Table T1 as it is made.
pub(crate) struct Foldings {
    own: BTreeMap<char, String>,
    pool: Pool,
    pages: Pages,
}

impl Foldings {
    pub(crate) fn new() -> Foldings {
        let (own, mut pool) = (own_foldings(), Pool::default());
        let pages = Pages::of(|character| entry(character, &own, &mut pool));
        Foldings { own, pool, pages }
    }

    pub(crate) fn fold(&self, text: &str) -> String {
        text.chars().map(|character| fold(character, &self.own)).collect()
    }

    /// Whether a character is folded to itself. Of Hangul syllables, whose letters are computed, it says so too.
    pub(crate) fn stays(&self, character: char) -> bool {
        let action = self.pages.get(character) >> 4 & 15;
        action == 0
    }

    /// Whether a character is a letter or digit.
    pub(crate) fn is_word(&self, character: char) -> bool {
        self.pages.get(character) & 7 == 1
    }

    /// Whether a character is a letter of a script without word spaces.
    pub(crate) fn is_single(&self, character: char) -> bool {
        self.pages.get(character) & 7 == 3
    }

    /// The table's source text, without its head.
    pub(crate) fn source(&self) -> String {
        let mut body = String::new();
        write_numbers(&mut body, "Page of each 128 code points.", "PAGES", "u16", &self.pages.index);
        let entries = "Entries: class in bits 0 to 2, whether folding moves tokens in bit 3, action in bits 4 to 7, \
                       operand above.";
        write_numbers(&mut body, entries, "DATA", "u32", &self.pages.data);
        write!(body, "\n/// The texts of expansions, one after another.\n#[rustfmt::skip]\n").unwrap();
        writeln!(body, "pub(super) static TEXTS: &str = concat!(").unwrap();
        write_text(&mut body, &self.pool.texts);
        writeln!(body, ");").unwrap();
        body
    }
}

fn write_text(out: &mut String, text: &str) {
    let mut line = String::new();
    for character in text.chars() {
        line.extend(character.escape_default());
        if line.len() > 90 {
            writeln!(out, "    \"{line}\",").unwrap();
            line.clear();
        }
    }
    writeln!(out, "    \"{line}\",").unwrap();
}
