"""A title without what is marked on it: "Heroes - Live at Wembley / Remastered 2017" is "Heroes", live and remastered.

Pure. Marks stand after a dash or in brackets, at the end ("feat." also in the middle or bare), and are taken off only
when all of their words are understood: "Live and Let Die" and "Don't You (Forget About Me)" stay whole, and no title is
ever cut to nothing. Names of artists are told as they stand, never cut at `&`, `,` or `/`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingest.cleaning_words import (
    FEATURING,
    FILLERS,
    FROM,
    JAPANESE,
    NOUNS,
    PHRASES,
    PLACES,
    SAME,
    SOUNDTRACKS,
    WITH,
    WORDS,
    Kind,
)

_OPEN, _CLOSE = "([{（［【〔「『<〈《", ")]}）］】〕」』>〉》"
_CLOSER = dict(zip(_CLOSE, _OPEN, strict=True))
_DASH = re.compile(r"\s+[-‐–—−~～]\s*(?=\S)|(?<=\S)[–—]\s+")
_BARE_FEAT = re.compile(r"\s(?:feat\.|ft\.|featuring|feat)\s+(?=\S)", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_QUOTES = "\"“”„«»‟'‘’″「」『』"
_JAPANESE = re.compile("|".join(sorted(map(re.escape, JAPANESE), key=len, reverse=True)))
_PHRASES = [(re.compile(pattern), said) for pattern, said in PHRASES.items()]
# "In the Mix", "My Version": a sentence, not the name of whoever mixed it.
_SENTENCES = frozenset(
    (
        "in",
        "into",
        "to",
        "of",
        "on",
        "for",
        "no",
        "not",
        "is",
        "can't",
        "don't",
        "i",
        "i'm",
        "my",
        "we",
        "you",
        "it",
        "it's",
    )
)
_RADIO = "radioedit"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing said of a title. `detail` names it, as written: place, remixer, featured artists, film, edition."""

    kind: Kind
    detail: str = ""
    year: int | None = None

    @property
    def is_same(self) -> bool:
        """Whether a track so marked is the same performance as one without the mark."""
        return SAME[self.kind]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A title's own words, and its marks in the order written."""

    base: str
    marks: tuple[Mark, ...] = ()

    @property
    def featured(self) -> tuple[str, ...]:
        return tuple(mark.detail for mark in self.marks if mark.kind == Kind.FEATURING)

    @property
    def version(self) -> frozenset[tuple[str, str]]:
        """What tells this performance from others of that title: equal for the same, empty for the plain one."""
        return frozenset((mark.kind.value, _detail_key(mark)) for mark in self.marks if not mark.is_same)


@lru_cache(maxsize=65_536)
def clean(title: str) -> Cleaned:
    """`title` taken apart. Cleaning the base again changes nothing."""
    base = " ".join(title.split())
    marks: list[Mark] = []
    while (cut := _cut(base, marks)) is not None:
        base, found = cut
        marks[:0] = found
    return Cleaned(base, tuple(marks))


def base_key(text: str) -> str:
    """A base title or name as compared: folded, accents off, "&" as "and", without punctuation between letters."""
    folded = fold(text).replace("&", " and ")
    plain = " ".join(re.sub(r"['’`´]", "", folded).split())
    return " ".join(re.findall(r"[\w$+#*]+", plain)) or plain


def fold(text: str) -> str:
    """NFKD without accents, case folded."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


def _cut(title: str, marks: list[Mark]) -> tuple[str, list[Mark]] | None:
    """`title` without its last mark, and that; None if there is none."""
    for rest, segment in _segments(title):
        if not rest.strip(_OPEN + _CLOSE + "-–— "):
            continue
        found = _read(segment)
        if found is None and _YEAR.fullmatch(segment) and any(m.kind == Kind.REMASTER for m in marks):
            found = [Mark(Kind.REMASTER, year=int(segment))]  # "Love Me Do - 2009 - Remaster"
        if found:
            return " ".join(rest.split()), found
    return None


def _segments(title: str) -> Iterator[tuple[str, str]]:
    """Where a mark may stand: (title without it, its words), the last place first."""
    if title[-1:] in _CLOSER and (start := _opening(title, len(title) - 1)) is not None:
        yield title[:start].rstrip(), title[start + 1 : -1].strip()
    for dash in reversed(list(_DASH.finditer(title))):
        yield title[: dash.start()].rstrip(), title[dash.end() :].strip()
    for bare in _BARE_FEAT.finditer(title):
        yield title[: bare.start()].rstrip(), title[bare.start() :].strip()
    for end, char in enumerate(title[:-1]):
        if char in _CLOSER and (start := _opening(title, end)) is not None:
            inside = title[start + 1 : end].strip()
            if _featuring(inside):
                yield f"{title[:start].rstrip()} {title[end + 1 :].lstrip()}", inside


def _opening(title: str, end: int) -> int | None:
    """Where the bracket that closes at `end` opens; None if it does not, or opens the title."""
    depth, close = 0, title[end]
    for at in range(end, -1, -1):
        if title[at] == close:
            depth += 1
        elif title[at] == _CLOSER[close]:
            depth -= 1
            if not depth:
                return at or None
    return None


def _read(segment: str) -> list[Mark] | None:
    """The marks that a segment says, if all of it is understood."""
    featured = _featuring(segment)
    if featured:
        return [Mark(Kind.FEATURING, featured)]
    if re.search(r"[/;|,]", segment):
        for divider in (r"\s*[/;|]\s*", r"\s*[/;|,]\s*"):
            parts = [_one(part) for part in re.split(divider, segment) if part]
            if len(parts) > 1 and all(parts):
                return [mark for part in parts for mark in part or ()]
    return _one(segment)


def _one(segment: str) -> list[Mark] | None:
    plain = fold(segment).strip(" .!")
    found = None
    if re.match(rf"(?:{'|'.join(FROM)})\b", plain) or re.search(r"\b(?:soundtrack|ost|саундтрек)(?: version)?$", plain):
        found = _soundtrack(segment, plain)
    words = _words(plain)
    return found or _vocabulary(segment, words) or _live(segment, plain, words) or _named(segment, words)


def _words(plain: str) -> list[str]:
    """Folded text as words of the tables."""
    said = _JAPANESE.sub(lambda found: f" {JAPANESE[found[0]]} ", unicodedata.normalize("NFKC", plain))
    for pattern, word in _PHRASES:
        said = pattern.sub(word, said)
    return re.findall(r"[\w'’]+", said.replace("’", "'"))


def _vocabulary(segment: str, words: list[str]) -> list[Mark] | None:
    """Marks of a segment all of whose words are in the tables."""
    year = next((int(word) for word in words if _YEAR.fullmatch(word)), None)
    kinds: dict[Kind, None] = {}
    noun: Kind | None = None
    for word in words:
        if kind := Kind.RADIO_EDIT if word == _RADIO else WORDS.get(word):
            kinds[kind] = None
        elif word in NOUNS:
            noun = NOUNS[word]
        elif word not in FILLERS and not _YEAR.fullmatch(word):
            return None
    if not kinds and noun in (Kind.VERSION, Kind.MIX) and {"album", "lp", "original"} & set(words):
        return [Mark(Kind.ORIGINAL)]
    if not kinds and noun and words[0] not in _SENTENCES:
        return [Mark(noun, _without(segment, noun), year)]
    if words == ["alternative"]:
        return None
    dated = [kind for kind in kinds if kind in (Kind.REMASTER, Kind.LIVE, Kind.DEMO, Kind.RERECORDED)]
    if year and dated:
        return [Mark(kind, year=year if kind == dated[0] else None) for kind in kinds]
    return [Mark(kind, year=year) for kind in kinds] or None


def _live(segment: str, plain: str, words: list[str]) -> list[Mark] | None:
    """ "Live at …", "BBC Session", "MTV Unplugged"."""
    year = int(found[0]) if (found := _YEAR.search(plain)) else None
    told = words[1:] if words[:1] == ["recorded"] else words
    if told[:2] == ["live", "acoustic"]:
        told = ["live", *told[2:]]
    if told[:1] == ["live"] and (
        (len(told) > 2 and told[1] in PLACES) or "@" in plain or re.match(r"live\s*[,:]", plain)
    ):
        return [Mark(Kind.LIVE, segment, year)]
    if words and words[-1] == "live" and len(words) < 6 and re.search(r"\bsessions?\b|\bunplugged\b", plain):
        return [Mark(Kind.LIVE, segment, year)]
    if len(words) > 1 and words[0] not in _SENTENCES and words[-1] in ("session", "sessions", "unplugged"):
        return [Mark(Kind.LIVE, segment, year)]
    return [Mark(Kind.LIVE, segment, year)] if re.fullmatch(r"spotify singles?.*|mtv unplugged.*", plain) else None


def _named(segment: str, words: list[str]) -> list[Mark] | None:
    """ "David Guetta Remix", "Remix by …", "Taylor's Version", "3am Edition", "… Cover"."""
    if len(words) < 2 or words[0] in _SENTENCES:
        return None
    if re.match(r"(?:originally performed by|in the style of)\b", " ".join(words)):
        return [Mark(Kind.KARAOKE, segment)]
    year = next((int(word) for word in words if _YEAR.fullmatch(word)), None)
    last = words[-1] if not _YEAR.fullmatch(words[-1]) else words[-2]
    kind = NOUNS.get(last) or (WORDS.get(last) if last in ("cover", "remaster", "demo", _RADIO, "кавер") else None)
    if last == _RADIO:
        kind = Kind.RADIO_EDIT
    if kind is None and words[0] in NOUNS and words[1] in ("by", "von", "de", "di", "par", "por", "от", "feat"):
        kind = NOUNS[words[0]]
    if kind is None and words[0] in ("versione", "version", "versao", "версия") and len(words) < 4:
        kind = Kind.VERSION
    if kind is None and len(words) == 2 and NOUNS.get(words[0]) == Kind.EDITION:
        kind = Kind.EDITION
    if kind is None:
        return None
    detail = _without(segment, kind)
    if kind == Kind.VERSION and (told := [WORDS[word] for word in words if word in WORDS]):
        return [Mark(told[0], detail, year)]
    if kind == Kind.VERSION and re.search(r"['’]s?$", detail):
        kind = Kind.RERECORDED  # "Taylor's Version"
    return [Mark(kind, detail, year)]


def _featuring(segment: str) -> str:
    """Who is featured, as written; empty if the segment does not say so."""
    said = re.match(r"([^\W\d_]+(?:[. ]+[^\W\d_]+){0,2}?)[.:]?\s+(\S.*)", segment)
    while said:
        word = " ".join(fold(said[1]).replace(".", " ").split())
        if word in FEATURING and (word != "part" or segment[len(said[1]) : len(said[1]) + 1] == "."):
            return said[2].strip() if not re.fullmatch(r"[\divx]+\b.*", said[2].lower()) or word != "part" else ""
        if word in WITH and (said[1] == said[1].lower() or " " in word) and _is_name(said[2]):
            return said[2].strip()
        more = len(said[1].split()) + 1
        said = re.match(rf"([^\W\d_]+(?:[. ]+[^\W\d_]+){{{more - 1}}})[.:]?\s+(\S.*)", segment) if more < 4 else None
    return ""


def _is_name(text: str) -> bool:
    return text[0] == text[0].upper() and fold(text.split()[0]) not in ("you", "me", "love", "u", "te", "ti", "dir")


def _soundtrack(segment: str, plain: str) -> list[Mark] | None:
    """ "From "Frozen"", "From the Motion Picture …", "Original Soundtrack": a quote or a word of films is needed."""
    quoted = any(c in segment for c in _QUOTES.replace("'", "").replace("’", ""))
    quoted = quoted or bool(re.search(r"(?:^|\s)['‘].+['’]", segment))
    films = set(re.findall(r"\w+", plain)) & set(SOUNDTRACKS)
    return [Mark(Kind.SOUNDTRACK, segment)] if quoted or films else None


def _without(segment: str, kind: Kind) -> str:
    """The name in a segment: without the noun at its end."""
    nouns = [word for word, each in NOUNS.items() if each == kind]
    kept = [word for word in segment.split() if fold(word).strip(".,-") not in nouns]
    return " ".join(kept)


def _detail_key(mark: Mark) -> str:
    words: Iterable[str] = _words(fold(mark.detail))
    if mark.kind == Kind.LIVE:
        words = [word for word in words if word not in ("live", "recorded", *PLACES)]
    known = " ".join(dict.fromkeys(word for word in words if word not in ("the", "version", "s")))
    year = str(mark.year) if mark.year and str(mark.year) not in known else ""
    return f"{known} {year}".strip()
