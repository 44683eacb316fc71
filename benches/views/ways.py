"""Ways to write a phrase so that a filter misses it, and what they are made of.

Each takes the phrase and a seeded source of chance. Packages of PyPI (`textfx-cli`, `casefold-fuzz`, `typo`,
`zalgo-text`) do what they can; the rest is short and ours.
"""

import random
from collections.abc import Callable

import alphabets
import casefold_fuzz
import textfx.transforms
import typo
import zalgo_text.zalgo

Write = Callable[[str, random.Random], str | list[str]]

# Tools


def each_letter(change: Callable[[str], str]) -> Write:
    return lambda text, _: "".join(change(c) if c.isalpha() else c for c in text)


def between(marks: str | list[str], share: float) -> Write:
    """Puts a mark after a share of the letters that another letter follows in the same word."""

    def write(text: str, chance: random.Random) -> str:
        out = ""
        for place, c in enumerate(text):
            inside = c.isalpha() and text[place + 1 : place + 2].isalpha()
            out += c + (chance.choice(marks) if inside and chance.random() < share else "")
        return out

    return write


def instead(letters: dict, low: float, high: float | None = None) -> Write:
    """Writes a share of the letters by what stands for them, one at least."""

    def write(text: str, chance: random.Random) -> str:
        places = [place for place, c in enumerate(text) if c in letters]
        share = chance.uniform(low, high or low)
        count = max(1, round(share * len(places))) if places else 0
        chosen = set(chance.sample(places, count))
        return "".join(chance.choice(letters[c]) if place in chosen else c for place, c in enumerate(text))

    return write


def by_word(change: Callable[[str, random.Random], str]) -> Write:
    return lambda text, chance: " ".join(change(word, chance) for word in text.split())


def compose(*steps: Write) -> Write:
    def write(text: str, chance: random.Random) -> str:
        for step in steps:
            text = step(text, chance)
        return text

    return write


# What the packages do


def textfx_one(*names: str) -> Write:
    def write(text: str, chance: random.Random) -> str:
        random.seed(chance.random())
        return textfx.transforms.transform(text, chance.choice(names))

    return write


def casefold(technique: str, wanted: Callable[[casefold_fuzz.Variant], bool] = lambda _: True) -> Write:
    def write(text: str, chance: random.Random) -> str:
        variants = [each for each in casefold_fuzz.TECHNIQUES[technique](text) if wanted(each)]
        return chance.choice(variants).text if variants else text

    return write


def zalgo(text: str, chance: random.Random) -> str:
    random.seed(chance.random())
    return zalgo_text.zalgo.zalgo().zalgofy(text)


def errors(*methods: str) -> Write:
    """One error of the package `typo` after the other."""

    def write(text: str, chance: random.Random) -> str:
        for method in methods:
            text = getattr(typo.StrErrer(text, seed=chance.randrange(2**31)), method)().result
        return text

    return write


ERRORS = ("char_swap", "missing_char", "extra_char", "nearby_char")


def some_errors(low: int, high: int) -> Write:
    return lambda text, chance: errors(*chance.choices(ERRORS, k=chance.randint(low, high)))(text, chance)


TEXTFX_LEET = {letter: [code] for letter, code in textfx.transforms.LEET.items() if len(code) == 1}
NEIGHBOURS = typo.keyboardlayouts.en_default.NEIGHBORINGLETTERS


# Our own


def random_case(text: str, chance: random.Random) -> str:
    return "".join(c.upper() if chance.random() < 0.5 else c for c in text)


def capital_ends(word: str, _: random.Random) -> str:
    return word[:-1] + word[-1].upper()


def mixed_fonts(text: str, chance: random.Random) -> str:
    fonts = ("bold", "script", "fraktur", "double-struck", "monospace", "circled", "fullwidth", "small-caps")
    return "".join(textfx.transforms.apply_font(c, chance.choice(fonts)) for c in text)


def in_alphabet(letters: dict, after: str = "", gap: str = " ") -> Write:
    """Every letter by another, each followed by `after`, words apart by `gap`."""
    return lambda text, _: gap.join(after.join(letters.get(c, c) for c in word) for word in text.split())


def stretch(places: Callable[[str, random.Random], set[int]], low: int, high: int) -> Write:
    def write(text: str, chance: random.Random) -> str:
        chosen = places(text, chance)
        return "".join(c * (chance.randint(low, high) if place in chosen else 1) for place, c in enumerate(text))

    return write


def letters_at(wanted: Callable[[str, int], bool], least: int = 1, most: int | None = None):
    """Some of the letters that are wanted."""

    def places(text: str, chance: random.Random) -> set[int]:
        found = [place for place, c in enumerate(text) if c.isalpha() and wanted(text, place)]
        count = chance.randint(min(least, len(found)), min(most or len(found), len(found)))
        return set(chance.sample(found, count))

    return places


def stands_alone(text: str, place: int) -> bool:
    """Whether the letters beside this one are others."""
    return text[place] not in text[place - 1 : place] + text[place + 1 : place + 2]


def spaced(letter_gap: str, word_gap: str) -> Write:
    return lambda text, _: word_gap.join(letter_gap.join(word) for word in text.split())


def odd_spaces(text: str, chance: random.Random) -> str:
    return "".join(c + chance.choice(["\u2009", "\u3000", "\t", "\u2002 ", "\u00a0"]) for c in text.replace(" ", ""))[:-1].strip()


def some_words_spaced(text: str, chance: random.Random) -> str:
    words = text.split()
    chosen = set(chance.sample(range(len(words)), max(1, len(words) // 2)))
    return " ".join(" ".join(word) if place in chosen else word for place, word in enumerate(words))


def cut_words(gaps: list[str]) -> Write:
    """Cuts every word of four letters or more in two, or else the longest."""

    def cut(word: str, chance: random.Random) -> str:
        place = chance.randint(1, len(word) - 1)
        return word[:place] + chance.choice(gaps) + word[place:]

    def write(text: str, chance: random.Random) -> str:
        words = text.split()
        least = min(4, max(map(len, words)))
        return " ".join(cut(word, chance) if len(word) >= least else word for word in words)

    return write


def groups(size: int) -> Write:
    """All letters, in groups that know nothing of the words."""

    def write(text: str, _: random.Random) -> str:
        letters = text.replace(" ", "")
        return " ".join(letters[start : start + size] for start in range(0, len(letters), size))

    return write


def merged(text: str, _: random.Random) -> str:
    return text.replace(" ", "")


def camel_case(text: str, _: random.Random) -> str:
    return text.title().replace(" ", "")


def merge_some(text: str, chance: random.Random) -> str:
    words = text.split()
    gaps = [chance.choice(["", "", " "]) for _ in words[1:]]
    if gaps and all(gaps):
        gaps[chance.randrange(len(gaps))] = ""
    return words[0] + "".join(gap + word for gap, word in zip(gaps, words[1:], strict=True))


def regular_symbol(text: str, chance: random.Random) -> str:
    symbol = chance.choice("*~/+!,·=:")
    return symbol.join(text.replace(" ", ""))


def sparse_symbols(text: str, chance: random.Random) -> str:
    places = [place for place in range(1, len(text)) if text[place - 1].isalpha() and text[place].isalpha()]
    for place in sorted(chance.sample(places, min(2, len(places))), reverse=True):
        text = text[:place] + chance.choice(".-'_*,~") + text[place:]
    return text


def emoji_between(text: str, chance: random.Random) -> str:
    emoji = chance.choice("✨🔥👏💀") + chance.choice(["", "\ufe0f"])
    return between([emoji], 1.0)(text, chance)


def slashes(text: str, chance: random.Random) -> str:
    return "".join(c + chance.choice("\u0337\u0338\u0361\u035c") if c.isalpha() else c for c in text)


def random_edit(text: str, chance: random.Random) -> str:
    place = chance.choice([place for place, c in enumerate(text) if c.isalpha()])
    other = chance.choice(alphabets.LOWER)
    ways = [text[:place] + other + text[place:], text[:place] + text[place + 1 :], text[:place] + other + text[place + 1 :]]
    if text[place + 1 : place + 2].isalpha():
        ways.append(text[:place] + text[place + 1] + text[place] + text[place + 2 :])
    return chance.choice(ways)


def by_ear(text: str, chance: random.Random) -> str:
    sounds = {"c": "k", "k": "c", "s": "z", "z": "s", "i": "e", "e": "i", "o": "u", "u": "o", "y": "i", "b": "v", "v": "b"}
    return instead(sounds, 0.0)(text, chance)


def doubled_letter(text: str, chance: random.Random) -> str:
    place = chance.choice([place for place, c in enumerate(text) if c.isalpha()])
    return text[:place] + text[place] + text[place:]


def in_words(change: Write, low: int, high: int) -> Write:
    """Changes two or three words, each once; one word as often, if there is no other."""

    def write(text: str, chance: random.Random) -> str:
        words = text.split()
        long = [place for place, word in enumerate(words) if len(word) >= 3] or [0]
        for place in (chance.sample(long, len(long)) * high)[: chance.randint(low, high)]:
            words[place] = change(words[place], chance)
        return " ".join(words)

    return write


def without_vowels(text: str, chance: random.Random) -> str:
    inner = [place for place in range(1, len(text)) if text[place] in "aeiou" and text[place - 1] != " "]
    gone = set(chance.sample(inner, min(len(inner), chance.randint(2, 3))))
    return "".join(c for place, c in enumerate(text) if place not in gone)


def reversed_text(text: str, _: random.Random) -> str:
    return text[::-1]


def upside_down_capitals(text: str, _: random.Random) -> str:
    return textfx.transforms.transform(text.upper(), "upside-down")


def in_messages(parts: int, inside_words: bool = False) -> Write:
    def write(text: str, chance: random.Random) -> list[str]:
        if inside_words:
            places = [place for place in range(2, len(text) - 1) if " " not in text[place - 1 : place + 1]]
        else:
            places = [place for place, c in enumerate(text) if c == " "]
        cuts = sorted(chance.sample(places, min(parts - 1, len(places))))
        return [text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    return write


def word_a_message(text: str, _: random.Random) -> list[str]:
    return text.split()
