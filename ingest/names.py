"""Normal forms of names: what makes two spellings the same thing. Pure."""

import hashlib
import re
import unicodedata

KEY_BYTES = 600  # an index entry holds at most about 2,700 bytes on PostgreSQL, and a track's key has three parts
_BETWEEN = "\x1f"
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and lone surrogates: no database takes them


def clean(text: str | None) -> str:
    """`text` as it can be stored and shown: without NUL, lone surrogates and outer spaces; empty for None."""
    if not text:
        return ""
    if not (text.isascii() and "\x00" not in text):
        text = _UNSTORABLE.sub("", text)
    return text.strip()


def key(text: str) -> str:
    """The form in which names are compared: NFKC, case folded, whitespace collapsed.

    Punctuation stays: “AC/DC” and “AC DC” may be two bands. Longer than `KEY_BYTES` in UTF-8, the end is replaced by a
    digest, so that any name fits an index and different names stay different.
    """
    if text.isascii():
        folded = " ".join(text.replace("\x00", "").lower().split())
    else:
        once = unicodedata.normalize("NFKC", _UNSTORABLE.sub("", text)).casefold()
        folded = " ".join(unicodedata.normalize("NFKC", once).split())
    return _fitting(folded, KEY_BYTES)


def search_key(text: str) -> str:
    """The form in which words are looked for: `key` without accents, vowel points and the like, “Bjørk” as “bjork”."""
    folded = key(text)
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", folded.translate(_PLAIN))
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", bare)


def track_key(artist: str, title: str, album: str = "", kind: int = 0) -> str:
    """The key of a track that is known by names alone; `kind` is a `Track.Kind`."""
    return joined_key(key(artist), key(title), key(album), kind)


def joined_key(artist_key: str, title_key: str, album_key: str, kind: int = 0) -> str:
    """`track_key` of names that are keys already."""
    return _BETWEEN.join((artist_key, title_key, album_key, *([str(kind)] if kind else [])))


def song_key(artist: str, title: str) -> str:
    """The key under which tracks of any album and id are compared by name."""
    return _BETWEEN.join((key(artist), key(title)))


def word(text: str | None) -> str:
    """`text` as a `Word`: cleaned, and short enough for its index."""
    return _fitting(clean(text), 2 * KEY_BYTES)


def isrc(text: str | None) -> str:
    """An ISRC as 12 upper-case characters without hyphens; empty if it is none."""
    plain = (text or "").replace("-", "").replace(" ", "").upper()
    return plain if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", plain) else ""


def _fitting(text: str, size: int) -> str:
    raw = text.encode()
    if len(raw) <= size:
        return text
    return raw[: size - 34].decode(errors="ignore") + "…" + hashlib.sha256(raw).hexdigest()[:30]
