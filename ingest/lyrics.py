"""What a text of a song is like, by plain lists of words: language, length, themes, explicit words. Pure.

The text itself is never kept; what is counted here cannot bring it back.
"""

import re
import unicodedata
from collections import Counter
from typing import TypedDict

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MARKS = re.compile(r"\[\d+:\d+(?:\.\d+)?\]")
_LEAST_SHARE = 0.08  # of a text's words that are known of a language


class Facts(TypedDict):
    language: str  # ISO 639-1; empty: not told apart
    words: int
    themes: list[str]
    explicit_words: int


# Letters that only one of our languages is written in, in the order in which they decide.
_SCRIPTS = (
    ("HIRAGANA", "ja"),
    ("KATAKANA", "ja"),
    ("HANGUL", "ko"),
    ("CJK", "zh"),
    ("THAI", "th"),
    ("HEBREW", "he"),
    ("GREEK", "el"),
    ("GEORGIAN", "ka"),
    ("ARMENIAN", "hy"),
    ("DEVANAGARI", "hi"),
    ("ARABIC", "ar"),
    ("CYRILLIC", "cyrillic"),
)
_COMMON = {
    "en": "the and you me my in to of it is on i'm don't that your for with without all no be this when after again by",
    "de": "ich du und nicht der die das ist mich dich wir ein im nach ohne bei bis über den für nacht wie zu dem mit",
    "fr": "je tu et le la les des dans est pas pour que un une mon sans à sur de du au qui toi ma quand nous",
    "es": "el la y que en de mi tu los las no un una por sin con otra vez para bajo las yo se al es contigo",
    "pt": "o a e que em de não um uma por sem com meu você do da outra no na os eu à às é ao",
    "it": "il la e che di non un una per con mi ti sei sono nel della come più senza del gli ma io tu",
    "sv": "jag du och inte det är en ett på som med för utan till över i av den mig dig när natt igen min",
    "pl": "i nie w na się to że jest z do mnie ja ty bez przez jak po ale już mój za nad dla od pod",
    "tr": "bir ve bu ben sen için gibi ne de da bana sana yok var gece aşk sensiz kadar ile mı her beni seni",
    "vi": "em anh là và không một người cho đi trong của tôi đêm yêu những đã mãi khi tình có về xa ta",
    "is": "og ég þú að í ekki er á það við sem um til þig mig nótt undir yfir án við hafið frá með",
    "nl": "ik je en het een niet de van is dat op in mijn voor met zonder jij nacht wij maar nog",
    "fi": "ja minä sinä ei on se että niin kun mä sä mun yö vain jos mutta sinun ilman",
    "ru": "и в не на я ты что с как по мне за у без это до мы под над так тебя но все для наяву двоих",
    "uk": "і в не на я ти що з як по мені за у без це до ми під над тебе але є мій й її від ніч знову",
    "bg": "и в не на аз ти че с как по ми за у без това до ние под над теб но си съм ще",
}
_KNOWN = {code: frozenset(words.split()) for code, words in _COMMON.items()}
_UKRAINIAN = re.compile("[іїєґ]")
_PERSIAN = re.compile("[پچژگ]")
_CYRILLIC = ("ru", "uk", "bg")

THEMES: dict[str, frozenset[str]] = {
    theme: frozenset(words.split())
    for theme, words in {
        "love": "love lover loving kiss darling baby amor corazón liebe herz amour cœur любовь люблю сердце amore",
        "heartbreak": "cry tears goodbye alone lonely broken without miss forget lost слёзы прощай один без solo adiós",
        "night": "night midnight moon stars dark tonight noche nuit nacht ночь луна звёзды полночь luna",
        "party": "party dance dancing dancefloor drink club bass disco baila bailar fiesta танцы tanzen danse",
        "journey": "road drive train home away runaway leaving highway travel camino дорога поезд домой northbound",
        "nature": "rain sea river wind sun sky snow summer winter fire water mar lluvia pluie дождь море снег ветер",
        "money": "money cash gold diamonds rich dollar paid dinero geld argent деньги",
        "faith": "god lord pray prayer heaven angel soul holy dios gott dieu бог небо ангел",
        "death": "death die dying grave ghost blood kill muerte tod mort смерть кровь",
        "war": "war fight soldier gun battle guerra krieg guerre война солдат",
        "youth": "young school summer friends kids teenage hometown forever молодость школа",
        "city": "city street town lights neon ciudad stadt ville город улица окна metro",
        "dreams": "dream dreams dreaming sleep daydream sleepwalking sueño traum rêve сон мечта",
        "time": "time yesterday tomorrow again years memory remember clock morgen mañana время память завтра",
    }.items()
}
_EXPLICIT_WORDS = (
    "ass asshole bastard bitch bitches bullshit cock cunt damn dick fuck fucked fucker fuckin fucking goddamn hoe hoes "
    "motherfucker motherfuckin nigga niggas pussy shit shitty slut whore puta mierda coño merde putain connard scheiße "
    "scheiss arschloch kurwa cazzo merda porra caralho блядь блять сука хуй пизда ебать ебал"
)
_EXPLICIT = frozenset(_EXPLICIT_WORDS.split())


def facts(text: str) -> Facts:
    """The facts of a text, with or without time marks; one without words is instrumental."""
    words = [word.replace("’", "'") for word in _WORD.findall(_MARKS.sub(" ", text).lower())]
    counts = Counter(words)
    return {
        "language": language(counts),
        "words": len(words),
        "themes": _themes(counts),
        "explicit_words": sum(count for word, count in counts.items() if word in _EXPLICIT),
    }


def language(counts: Counter[str]) -> str:
    """The language whose letters or commonest words these are; empty if none is clear."""
    script = _script(counts)
    if script and script != "cyrillic":
        letters = "".join(counts)
        return "fa" if script == "ar" and _PERSIAN.search(letters) else script
    if script and _UKRAINIAN.search("".join(counts)):
        return "uk"
    among = [code for code in _KNOWN if (code in _CYRILLIC) == bool(script)]
    scores = {code: sum(count for word, count in counts.items() if word in _KNOWN[code]) for code in among}
    best = max(among, key=lambda code: (scores[code], code == "ru"))
    clear = scores[best] >= max(1, _LEAST_SHARE * counts.total())
    return best if clear else ("ru" if script else "")


def _script(counts: Counter[str]) -> str:
    """The script of a third of the letters at least, if it is not Latin; Japanese shows in a few."""
    found: Counter[str] = Counter()
    for word, count in counts.items():
        for letter in word:
            name = "" if letter.isascii() else unicodedata.name(letter, "")
            found[next((code for start, code in _SCRIPTS if name.startswith(start)), "")] += count
    if found["ja"] * 20 > found.total():
        return "ja"
    code, most = max(((code, n) for code, n in found.items() if code), key=lambda pair: pair[1], default=("", 0))
    return code if most * 3 >= found.total() and code else ""


def _themes(counts: Counter[str]) -> list[str]:
    """At most three, those with the most words first; a theme needs two words or one that comes three times."""
    found = {}
    for theme, known in THEMES.items():
        hits = [counts[word] for word in known if word in counts]
        if sum(hits) >= 3 or len(hits) >= 2:
            found[theme] = sum(hits)
    return sorted(found, key=lambda theme: (-found[theme], theme))[:3]
