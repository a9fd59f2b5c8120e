"""Values as they are written in a typed query, and in the builder's inputs where a plain text will not do."""

import json
import re

from playlists.rules import dates
from playlists.rules.fields import WORDY, Type
from playlists.rules.nodes import Odd, Scalar, Value
from playlists.rules.schema import raw_of, value_of

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):([0-5]\d)", re.ASCII)  # 3:30, 1:02:30
_PLAIN = re.compile(r"[^\s\"(),|\[\]\\:=<>!~*/]+")  # stands without quotation marks
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
_MARKS = {each: f"\\{letter}" for letter, each in _ESCAPES.items()}
JSON = "json"  # json"…": any value at all


def number(word: str, type_: Type | None = None) -> int | float | None:
    """The number a word stands for; a length may be written 3:30 and is kept in seconds."""
    if _NUMBER.fullmatch(word):
        value = float(word) if set(word) & set(".eE") else int(word)
        return value if abs(value) < 1e300 else None
    if type_ == "duration" and (clock := _CLOCK.fullmatch(word)):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return (hours * 60 + minutes) * 60 + seconds
    return None


def read(word: str, type_: Type | None) -> Scalar:
    """A word without quotation marks, as fits the type of its field."""
    if type_ in WORDY:
        return word
    if (found := number(word, type_)) is not None:
        return found
    if type_ in ("boolean", None) and word in _TRUTHS:
        return _TRUTHS[word]
    return word


def write(value: Scalar | Odd, type_: Type | None) -> str:
    """The opposite: a word that `read` gives back as it was, or one in quotation marks, or json"…"."""
    if isinstance(value, str):
        return value if is_plain(value, type_) else quoted(value)
    if isinstance(value, bool):
        word = "yes" if value else "no"
    elif isinstance(value, int | float):
        word = _clock(value) if type_ == "duration" else repr(value)
    else:
        return as_json(value)
    found = read(word, type_)
    return word if type(found) is type(value) and found == value else as_json(value)


def is_plain(text: str, type_: Type | None) -> bool:
    """Whether a text may stand without quotation marks and is still read as that text."""
    return bool(_PLAIN.fullmatch(text)) and ".." not in text and text[0] not in "-+" and read(text, type_) == text


def quoted(text: str) -> str:
    letters = (_MARKS.get(each) or (each if each.isprintable() else _escaped(each)) for each in text)
    return '"' + "".join(letters) + '"'


def _escaped(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else letter


def unquoted(text: str, at: int) -> tuple[str, int] | int:
    """The text of the quotation that begins at `at`, and where it ends; or the place of what is wrong with it.

    The place is `at` itself if it is never closed.
    """
    letters: list[str] = []
    place = at + 1
    while place < len(text):
        letter = text[place]
        if letter == '"':
            return "".join(letters), place + 1
        if letter == "\\":
            mark = text[place + 1 : place + 2]
            digits = text[place + 2 : place + 6]
            if mark == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                letters.append(chr(int(digits, 16)))
                place += 6
                continue
            if mark not in _ESCAPES:
                return place
            letters.append(_ESCAPES[mark])
            place += 2
            continue
        letters.append(letter)
        place += 1
    return at


def as_json(value: Value) -> str:
    return JSON + quoted(json.dumps(raw_of(value), ensure_ascii=False))


def from_json(text: str) -> Value:
    """What stands in a json"…". ValueError if it is none."""
    try:
        return value_of(json.loads(text, parse_constant=_constant))
    except RecursionError as exc:
        raise ValueError("nested too deep") from exc


def is_date(word: str) -> bool:
    return dates.is_date(word)


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _clock(seconds: int | float) -> str:
    if not isinstance(seconds, int) or not 60 <= seconds < 36_000:
        return repr(seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
