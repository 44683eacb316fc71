"""Harmless messages of many kinds, by kind, that a reading of obfuscated text may take for something else.

Nearly all are made by fixed seeds. Sentences in other scripts come from the word lists of the package `Faker` (MIT).
"""

import base64
import hashlib
import random
import uuid

import faker
import phrases as texts

SENTENCES = 1000
MADE = 300
LOCALES = {"Russian": "ru_RU", "Greek": "el_GR", "Chinese": "zh_CN", "Arabic": "ar_AA", "Thai": "th_TH"}
WORDS = (
    "garden bicycle dinner music weather ticket pencil window morning teacher river summer coffee football library kitchen market "
    "blanket sandwich umbrella holiday village orange puzzle candle station bridge guitar paper mountain"
).split()
HARMLESS = (
    "wow nice good game hello yes please thanks cool love this so cute amazing goal let us go happy birthday welcome back great job "
    "see you later what a day no way really funny best stream ever congrats awesome perfect sweet dreams"
).split()
EMOJI = "😀😂🥰😎👍👏🙏🔥💯🎉✨❤️🌹🍕⚽🎮👨‍👩‍👧🏳️‍🌈👋🏽🇵🇭"
KAOMOJI = (
    "(╯°□°)╯︵ ┻━┻|¯\\_(ツ)_/¯|(づ｡◕‿‿◕｡)づ|ʕ•ᴥ•ʔ|(ง'̀-'́)ง|( ͡° ͜ʖ ͡°)|(¬‿¬)|ಠ_ಠ"
    "|(ノಠ益ಠ)ノ彡┻━┻|♪~ ᕕ(ᐛ)ᕗ|(っ˘ω˘ς )|\\(^o^)/|>_<|T_T|:-)|:'(|xD|<3|o_O|^_^;"
).split("|")
ART = [
    " /\\_/\\ \n( o.o )\n > ^ <", "|\\__/|\n|o  o|\n \\__/", "<|>-<|>-<|>",
    "__|__|__\n|__|__|\n__|__|__", "/\\/\\/\\/\\", "[=====>    ]",
    "+--+--+\n|x |o |\n+--+--+", "()()\n(-.-)\no(\")(\")", "|_|¯|_|¯|_|", "\\o/ \\o/ \\o/",
]  # fmt: skip
EMOTES = [
    "Kappa", "PogChamp", "LUL", "KEKW", "monkaS", "catJAM", "peepoHappy", "HeyGuys", "BibleThump", "5Head", "OMEGALUL",
]  # fmt: skip
CODE = [
    "if (a[i] != b[i]) { return -1; }", "let x = |y| y + 1;", "#!/bin/sh -e", "for(;;){i++;}", "a || b && !c",
    "SELECT * FROM t WHERE a<>b;", "</div></p>",
    "x = {'a': [1, 2]}", "grep -v '^#' f | sort | uniq -c", "fn f<'a>(s: &'a str) -> &'a str {",
]  # fmt: skip


def all_controls() -> dict[str, list[str]]:
    chance = random.Random("benign controls")
    kinds = near_misses(chance)
    kinds["words within words"] = [text for line in texts.WITHIN.strip().splitlines() for text in (line, f"ok {line}!", line.upper())]
    for name, locale in LOCALES.items():
        kinds[f"sentences, {name}"] = sentences(locale)
    kinds |= {name: [make(chance) for _ in range(MADE)] for name, make in MAKERS.items()}
    kinds["ASCII art"] += ART
    return kinds


# Near misses


def near_misses(chance: random.Random) -> dict[str, list[str]]:
    long = [phrase for phrase in texts.all_phrases() if not phrase.short]
    several = [phrase for phrase in long if len(phrase.text.split()) >= 3]
    kinds = {
        "near misses: by hand": [phrase.near for phrase in texts.all_phrases()],
        "near misses: one word replaced": [replaced(phrase.text, chance) for phrase in long for _ in range(3)],
        "near misses: reordered": [reordered(phrase.text, chance) for phrase in several for _ in range(2)],
        "near misses: first words only": [" ".join(phrase.text.split()[:-1]) + " " + chance.choice(WORDS) for phrase in several],
    }
    return {name: [in_context(text, chance) for text in each] for name, each in kinds.items()}


def replaced(text: str, chance: random.Random) -> str:
    words = text.split()
    longest = sorted(range(len(words)), key=lambda place: -len(words[place]))
    words[chance.choice(longest[:2])] = chance.choice(WORDS)
    return " ".join(words)


def reordered(text: str, chance: random.Random) -> str:
    words = text.split()
    while " ".join(words) == text:
        chance.shuffle(words)
    return " ".join(words)


def in_context(text: str, chance: random.Random) -> str:
    return f"{chance.choice(['', '', 'hey ', 'ok so '])}{text}{chance.choice(['', '.', '!', ' ok?', ' lol'])}"


# Other scripts


def sentences(locale: str) -> list[str]:
    source = faker.Faker(locale)
    source.seed_instance(20)
    return [source.sentence(nb_words=9) for _ in range(SENTENCES)]


# Noise


def some(items, low: int, high: int, glue: str = " "):
    return lambda chance: glue.join(chance.choices(list(items), k=chance.randint(low, high)))


def flags(chance: random.Random) -> str:
    lands = ["PH", "US", "AU", "TH", "IS", "ME", "NO", "TO", "IT", "DE", "AT", "SO", "IN", "AL", "ES", "SE"]
    shown = ["".join(chr(0x1F1E6 + ord(c) - ord("A")) for c in land) for land in chance.choices(lands, k=chance.randint(2, 8))]
    return chance.choice(["", " "]).join(shown)


def link(chance: random.Random) -> str:
    path = chance.choice("/-_").join(chance.choices(WORDS, k=chance.randint(1, 5)))
    query = f"id={chance.randrange(10**9)}&s={chance.randbytes(6).hex()}"
    return f"https://{chance.choice(WORDS)}.example.{chance.choice(['org', 'com', 'net'])}/{path}?{query}"


def file_name(chance: random.Random) -> str:
    return f"{'_'.join(chance.choices(WORDS, k=2))}-v{chance.randrange(9)}.{chance.randrange(20)}.tar.gz"


def hashed(chance: random.Random) -> str:
    data = chance.randbytes(16)
    return chance.choice([hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest(), str(uuid.UUID(bytes=data, version=4))])


def encoded(chance: random.Random) -> str:
    data = chance.randbytes(chance.randint(20, 200))
    return chance.choice([base64.b64encode, base64.b32encode, base64.b85encode])(data).decode()


def numbers(chance: random.Random) -> str:
    forms = ["{:,}", "{}", "+63 {}", "${}.99", "{}%", "{}x", "10^{}", "#{}", "{}:30", "1/{}"]
    return " ".join(chance.choice(forms).format(chance.randrange(1, 99999)) for _ in range(chance.randint(2, 8)))


def scoreboard(chance: random.Random) -> str:
    teams = [f"{chance.choice('ABCDEFGH')}{chance.choice('123')}" for _ in range(chance.randint(2, 6))]
    return " | ".join(f"{team} {chance.randrange(30)}-{chance.randrange(30)}" for team in teams)


def stretched(chance: random.Random) -> str:
    words = chance.choices(HARMLESS, k=chance.randint(1, 5))
    places = [chance.randrange(len(word)) for word in words]
    parts = [(word[:place], word[place] * chance.randint(2, 9), word[place + 1 :]) for word, place in zip(words, places, strict=True)]
    return " ".join(map("".join, parts))


def spaced(chance: random.Random) -> str:
    glue = chance.choice([" ", " ", ".", "-", "\n", "  "])
    return "   ".join(glue.join(word) for word in chance.choices(HARMLESS, k=chance.randint(1, 5)))


MAKERS = {
    "emoji": lambda chance: "".join(chance.choices(EMOJI, k=chance.randint(1, 20))),
    "flags": flags,
    "ASCII art": some("|/\\_-<>()[]{}#*+=^o.:\n ", 10, 120, ""),
    "kaomoji": some(KAOMOJI, 1, 4),
    "links": link,
    "file names": file_name,
    "hashes": hashed,
    "base64 and the like": encoded,
    "numbers": numbers,
    "scoreboards": scoreboard,
    "code": some(CODE, 1, 4, "\n"),
    "emote spam": some([*EMOTES, *EMOTES, "gg", "W", "L", "<3", "!!"], 3, 20),
    "stretched harmless words": stretched,
    "spaced harmless words": spaced,
}
