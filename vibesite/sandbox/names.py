"""Names that could be real and are not: people, bands, titles, in two dozen languages and eleven scripts."""

from __future__ import annotations

import random

import msgspec

from . import names_latin as latin
from . import names_world as beyond


class Tongue(msgspec.Struct, frozen=True):
    """One language. `first` + `second` always read on grammatically; so do `band_a` + `band_b`."""

    code: str
    script: str
    countries: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    band_a: tuple[str, ...]
    band_b: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    places: tuple[str, ...]
    gap: str = " "
    family_first: bool = False
    noun_last: bool = False  # the noun of a title is in `second`; else in `first`

    @property
    def nouns(self) -> tuple[str, ...]:
        return self.second if self.noun_last else self.first


def _tongue(code: str, script: str, countries: str, stock: dict[str, str], **extra: object) -> Tongue:
    words = {part: tuple(text.split(",")) for part, text in stock.items()}
    return Tongue(code, script, tuple(countries.split()), **words, **extra)  # type: ignore[arg-type]


TONGUES: dict[str, Tongue] = {
    tongue.code: tongue
    for tongue in (
        _tongue("en", "Latn", "GB US US CA AU IE ZA", latin.ENGLISH),
        _tongue("es", "Latn", "ES MX AR CO", latin.SPANISH),
        _tongue("pt", "Latn", "BR PT", latin.PORTUGUESE),
        _tongue("fr", "Latn", "FR CA BE", latin.FRENCH),
        _tongue("de", "Latn", "DE AT CH", latin.GERMAN),
        _tongue("sv", "Latn", "SE", latin.SWEDISH),
        _tongue("is", "Latn", "IS", latin.ICELANDIC),
        _tongue("pl", "Latn", "PL", latin.POLISH),
        _tongue("tr", "Latn", "TR", latin.TURKISH),
        _tongue("vi", "Latn", "VN", latin.VIETNAMESE, family_first=True),
        _tongue("ru", "Cyrl", "RU KZ", beyond.RUSSIAN),
        _tongue("uk", "Cyrl", "UA", beyond.UKRAINIAN),
        _tongue("el", "Grek", "GR CY", beyond.GREEK),
        _tongue("ja", "Jpan", "JP", beyond.JAPANESE, gap="", family_first=True, noun_last=True),
        _tongue("ko", "Kore", "KR", beyond.KOREAN, family_first=True, noun_last=True),
        _tongue("zh", "Hans", "TW CN HK", beyond.CHINESE, gap="", family_first=True, noun_last=True),
        _tongue("ar", "Arab", "EG LB MA", beyond.ARABIC),
        _tongue("he", "Hebr", "IL", beyond.HEBREW),
        _tongue("hi", "Deva", "IN", beyond.HINDI, noun_last=True),
        _tongue("th", "Thai", "TH", beyond.THAI),
        _tongue("ka", "Geor", "GE", beyond.GEORGIAN),
    )
}

ODD_ARTISTS = (  # names that break careless splitting, matching, layout or sorting
    "Foxglove & Sons",
    "Salt, Smoke & the Harbour",
    "AM/PM Choir",
    "feat. Nobody",
    "The The The",
    "!!?",
    "Ø",
    "null",
    "None",
    "1999",
    "ＦＵＬＬＷＩＤＴＨ",
    "R.E.S.T.",
    "Sunn/Moon",
    "Mr. & Mrs. <Script>",
    'Quote "Unquote" Quartet',
    "Back\\slash",
    "Ke$tra",
    "ﬁligree",
    "e\u0301clair",
    "éclair",
    "👾 Pixelkin 👾",
    "שלום & Salaam سلام",
    "A",
    "Tom, Dick, and Harriet",
    "Earth, Water & Fire Brigade",
    "Simon and the Very Long Name Orchestra of the Lower Eastern Provinces, Conducted from Memory by an Absent Friend "
    "Who Was Last Seen Boarding the Slow Train to the Coast",
)
ODD_TITLES = (
    "DC/AC (Direct/Alternating)",
    "Salt & Pepper & Everything",
    "Untitled",
    "Untitled ",
    "1, 2, 3",
    "100%",
    "_",
    "…",
    "(Nobody Minds the) Parentheses [Bracketed Mix] {Braced Edit}",
    "Don\u2019t / Don't",
    "Line\u2028Break",
    "<b>Bold</b>",
    "'; DROP TABLE plays; --",
    "=SUM(A1:A9)",
    "🌧️🌧️🌧️",
    "The Song with a Title So Long That Nobody at the Label Could Be Persuaded to Read It Out Loud, Followed by a "
    "Second Clause, a Reprise, and What May or May Not Have Been the Middle Eight of an Entirely Different Song",
    "Track 07",
    "nan",
    "False",
    "\u202bשלום\u202c Hello",
)


def person(chance: random.Random, tongue: Tongue) -> str:
    given, family = chance.choice(tongue.given), chance.choice(tongue.family)
    return f"{family}{tongue.gap}{given}" if tongue.family_first else f"{given}{tongue.gap}{family}"


def artist(chance: random.Random, tongue: Tongue) -> str:
    """One act: a person, a band, a mononym, a pair, an ensemble."""
    roll = chance.random()
    if roll < 0.42:
        return person(chance, tongue)
    if roll < 0.84:
        band = f"{chance.choice(tongue.band_a)}{tongue.gap}{chance.choice(tongue.band_b)}"
        return f"The {band}" if tongue.code == "en" and chance.random() < 0.45 else band
    if roll < 0.90:
        return " & ".join(chance.sample(tongue.given, 2))
    if roll < 0.93:
        return f"DJ {chance.choice(tongue.given)}"
    if roll < 0.96:
        return f"{person(chance, tongue)}, {person(chance, tongue)} & {chance.choice(tongue.band_b)}"
    return chance.choice(tongue.band_b) if roll < 0.98 else chance.choice(tongue.given).upper()


def title(chance: random.Random, tongue: Tongue) -> str:
    """One track's or album's title."""
    roll = chance.random()
    if roll < 0.02 and tongue.code == "en":
        return chance.choice(ODD_TITLES)
    if roll < 0.16:
        return chance.choice(tongue.nouns)
    if roll < 0.84:
        return f"{chance.choice(tongue.first)}{tongue.gap}{chance.choice(tongue.second)}"
    if roll < 0.93:
        join = {"ja": "と", "zh": "与"}.get(tongue.code, " & ")
        return join.join(chance.sample(tongue.nouns, 2))
    if roll < 0.96:
        return chance.choice(tongue.given)
    if roll < 0.99:
        return f"{chance.choice(tongue.nouns)} ({chance.choice(tongue.nouns)})"
    return f"{chance.choice(tongue.nouns)}, {chance.choice(('No.', 'Pt.', 'Op.'))} {chance.randrange(2, 12)}"
