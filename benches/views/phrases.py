"""The phrases that are obfuscated: thirty to develop against and thirty held out, and ten short ones of each kind.

A phrase has two to five words and at least nine letters, a short one five to eight letters. Whoever works on the views
looks at misses among the phrases of `dev` only: what is held out is worth its name as long as nobody has fitted
anything to it. Beside each stands a near miss: ordinary words that come close and say something else.
"""

import dataclasses

DEV = {
    "en": """
keep this a secret          | keep this as a souvenir
do not tell anyone          | do not sell anyhow
send me a picture           | send me a lecture
add me on another account   | add meat on another amount
delete this chat later      | delete this chart layer
are you home alone          | are you home along with them
turn on your camera         | turn in your cameo
switch to private chat      | switch to privacy that way
what is your phone number   | what is your phone lumber
pay me before the show      | pay my fee for the snow
close your door first       | close your doors thirst
call me after school        | call met after pool
use the gift card code      | use the gift cart cold
it stays between us         | it stays between use
""",
    "tl": """
huwag mong sabihin          | huwag mong sabihan
sa atin lang ito            | sa akin lang dito
magpadala ka ng larawan     | magpadala ka ng labanan
burahin mo ang usapan       | burahin mo ang usapin
nasaan ang magulang mo      | nasaan ang magulong mesa
buksan mo ang kamera        | bukas na ang kamara
magkita tayo bukas          | magkita tayong lahat bukas
may kasama ka ba            | may kasamahan ka na
""",
    "ceb": """
ayaw isulti kang bisan kinsa | ayaw isulat kang bisan asa
ato ra ning duha            | ato ra nang tulo
padalhi ko og hulagway      | padalhi ko og humay
papasa ang mensahe          | papasa ang masahe
ablihi ang kamera           | ablihi ang kamaligan
asa imong ginikanan         | asa imong gikinahanglan
magkita ta ugma             | magkita ta ugaling
tawagi ko unya              | tawag nako una
""",
}

HELD = {
    "en": """
nobody has to know          | nobody has to snow
show me your room           | show me your broom
message me on another app   | massage men on another map
we should meet tomorrow     | we should eat tomatoes
erase our conversation      | erase our conservation
who is with you now         | who is with your snow
open the video call         | open the video hall
leave the group chat        | leave the group that way
where do you live           | where do you dive
send the money first        | send the honey thirst
wait until they leave       | wait until they weave
pretend you are older       | pretend you are colder
join my private room        | join my primate zoo
this is our little secret   | this is our little secretary
""",
    "tl": """
walang dapat makaalam       | walang sapat na kaalaman
ilang taon ka na            | ilang tao na ba
ibigay mo ang numero        | ibigay mo ang sombrero
lumipat tayo ng app         | lumipad tayo ng apat
saan ka nakatira            | saan ka nakapila
tumawag ka mamaya           | tumawad ka mamaya
isara mo ang pinto          | isara mo ang pinta
bayaran mo muna ako         | pabayaan mo muna ako
""",
    "ceb": """
walay lain makahibalo       | walay lami kahibalo
pila na imong edad          | pila na imong edisyon
ihatag ang imong numero     | ihatod ang imong sombrero
ikaw ra ba usa              | ikaw ra ang una
sirhi ang pultahan          | sirhi ang puntahan
bayri ko una                | bayri ko unom
balhin ta sa laing app      | balhin ta sa laing apo
hilom lang ta               | ilhon lang ta
""",
}

SHORT_DEV = """
webcam   | webcast
lihim    | lilim
bayad    | bayan
kuyog    | kayod
hide it  | hike it
password | passports
voucher  | voyager
sikreto  | sikat ito
kaibigan | kaisahan
trust me | crust met
"""

SHORT_HELD = """
wallet   | ballet
balay    | baray
kwarta   | kwarto
go live  | go olive
selfie   | selfish
address  | undressed salad
username | surname
litrato  | literato
istorya  | istoryang haba
call now | calm now
"""

# Sentences in which a word of the phrases stands within another word.
WITHIN = """
the secretary kept the list
keep this secretion sample cold
a picturesque little village
my cameraman is late again
turn on your cameraphone app later
switch to privateer mode
what is your phone numbering scheme
it stays between usual hours
use the gift card codex
are you home aloneness is a word
close your doorstep firstly
nobody has to knowledge check
show me your roommate
message me on another apple tree
open the video caller list
where do you liveliness
send the money firsthand
webcams are cheap now
passwords expire in a month
the vouchers arrived
usernames are taken
addressing the crowd
wallets on sale
selfies at the park
kaibigang tunay
ang balayan namo
sikretong malupit na luto
trust melons from that stall
call nowhere near here
"""

# What stands before and after a phrase in a message.
BEFORE = {
    "en": ["hey", "ok so", "please", "listen,", "btw", "one more thing:", "lol", "yes yes", "if you can,", "hi!!", "well..."],
    "tl": ["hoy", "sige po,", "kumusta", "oo nga", "teka,", "haha", "pwede ba", "mamaya na lang,"],
    "ceb": ["uy", "sige,", "maayong buntag", "bitaw", "kadali,", "haha", "palihog", "kumusta na"],
}
AFTER = {
    "en": ["ok?", "please", "and thanks", "before dinner", "lol", "when you are back", "or not", "see you"],
    "tl": ["ha?", "po", "salamat", "pagkatapos ng hapunan", "haha", "kung pwede"],
    "ceb": ["ha?", "palihog", "salamat", "human sa panihapon", "haha", "kung mahimo"],
}


@dataclasses.dataclass(frozen=True)
class Phrase:
    """A phrase, where it belongs, and words that come close to it."""

    number: int
    text: str
    near: str
    lang: str
    set: str
    short: bool

    @property
    def letters(self) -> int:
        return len(self.text.replace(" ", ""))


def all_phrases() -> list[Phrase]:
    groups = [("dev", lang, lines, False) for lang, lines in DEV.items()]
    groups += [("held", lang, lines, False) for lang, lines in HELD.items()]
    groups += [("dev", "en", SHORT_DEV, True), ("held", "en", SHORT_HELD, True)]
    found = []
    for part, lang, lines, short in groups:
        for line in lines.strip().splitlines():
            text, near = (" ".join(side.split()) for side in line.split("|"))
            found.append(Phrase(len(found), text, near, lang, part, short))
    return found
