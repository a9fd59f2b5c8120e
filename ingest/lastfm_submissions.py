"""The contract of Last.fm's Audioscrobbler 2.0: what a call may hold, what it tells, and how answers look. Pure.

https://www.last.fm/api/scrobbling. An answer is a tree of `Node`; both of the protocol's formats are drawn from it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from ingest import names
from ingest.submissions import EARLIEST_S, SKEW_S, Submission, track_name

MOST = 50  # scrobbles in one call
_MAX_DURATION_S = 24 * 24 * 3600
_INDEX = re.compile(r"(artist|track|timestamp)\[(\d{1,3})\]")

# What the protocol calls a scrobble that it does not take.
TAKEN, BAD_ARTIST, BAD_TRACK, TOO_OLD, TOO_NEW = range(5)
_WHY = {BAD_ARTIST: "Artist name is empty", BAD_TRACK: "Track name is empty"}
_WHY |= {TOO_OLD: "Timestamp is too old", TOO_NEW: "Timestamp is too new"}

_HTTP = {3: 400, 4: 403, 6: 400, 9: 403, 10: 403, 13: 403, 16: 503, 29: 429}


class LastfmError(Exception):
    """https://www.last.fm/api/errorcodes; `status` is the HTTP status that goes with the code."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code

    @property
    def status(self) -> int:
        return _HTTP[self.code]


@dataclass(frozen=True, slots=True)
class Scrobble:
    """One scrobble as told, and the code of why it is not taken; TAKEN has its submission."""

    told: dict[str, str]
    code: int
    submission: Submission | None


@dataclass(frozen=True, slots=True)
class Node:
    """One element of an answer. In JSON, attributes stand beside the text or the children, and many make a list."""

    name: str
    text: str = ""
    attributes: Mapping[str, str | int] = field(default_factory=dict)
    children: tuple["Node", ...] = ()


# --- Calls ------------------------------------------------------------------------------------------------------------
def scrobbles(parameters: Mapping[str, str], *, now_s: int) -> list[Scrobble]:
    """Those of `track.scrobble`, in order: `artist[0]`, `track[0]` … or, for one alone, without numbers."""
    numbers = sorted({int(found[2]) for name in parameters if (found := _INDEX.fullmatch(name))})
    if len(numbers) > MOST:
        raise LastfmError(6, f"Invalid parameters - no more than {MOST} scrobbles at once")
    suffixes = [f"[{number}]" for number in numbers] or [""]
    return [_scrobble({name: _of(parameters, name, suffix) for name in _NAMES}, now_s) for suffix in suffixes]


def now_playing(parameters: Mapping[str, str]) -> Scrobble:
    """That of `track.updateNowPlaying`; its submission has no start."""
    return _scrobble({name: _of(parameters, name, "") for name in _NAMES}, None)


_NAMES = ("artist", "track", "album", "albumArtist", "timestamp", "duration", "trackNumber")


def _of(parameters: Mapping[str, str], name: str, suffix: str) -> str:
    return names.clean(parameters.get(name + suffix))


def _scrobble(told: dict[str, str], now_s: int | None) -> Scrobble:
    started_s = None if now_s is None else _number(told["timestamp"], 2**53)
    if now_s is not None and started_s is None:
        raise LastfmError(6, "Invalid parameters - a scrobble needs its timestamp")
    code = _code(told, started_s, now_s)
    if code != TAKEN:
        return Scrobble(told, code, None)
    seconds = _number(told["duration"], _MAX_DURATION_S)
    submission = Submission(
        started_ms=None if started_s is None else started_s * 1000,
        track=track_name(told["track"], told["artist"], told["album"]),
        duration_ms=seconds * 1000 if seconds else None,
        track_number=_number(told["trackNumber"], 32_767) or None,
    )
    return Scrobble(told, TAKEN, submission)


def _code(told: Mapping[str, str], started_s: int | None, now_s: int | None) -> int:
    if not told["artist"]:
        return BAD_ARTIST
    if not told["track"]:
        return BAD_TRACK
    if started_s is not None and now_s is not None:
        if started_s < EARLIEST_S:
            return TOO_OLD
        if started_s >= now_s + SKEW_S:
            return TOO_NEW
    return TAKEN


def _number(text: str, most: int) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        return None
    return int(text) if int(text) <= most else None


# --- Answers ----------------------------------------------------------------------------------------------------------
def session(username: str, key: str) -> Node:
    return Node("session", children=(Node("name", username), Node("key", key), Node("subscriber", "0")))


def accepted(told: list[Scrobble]) -> Node:
    taken = sum(each.code == TAKEN for each in told)
    counts = {"accepted": taken, "ignored": len(told) - taken}
    return Node("scrobbles", attributes=counts, children=tuple(_echo("scrobble", each) for each in told))


def playing(told: Scrobble) -> Node:
    return _echo("nowplaying", told)


def _echo(name: str, each: Scrobble) -> Node:
    words = [Node(word, each.told[word], {"corrected": "0"}) for word in ("track", "artist", "album", "albumArtist")]
    if each.told["timestamp"]:
        words.append(Node("timestamp", each.told["timestamp"]))
    return Node(name, children=(*words, Node("ignoredMessage", _WHY.get(each.code, ""), {"code": str(each.code)})))


def as_xml(node: Node | None, error: LastfmError | None = None) -> bytes:
    root = ElementTree.Element("lfm", status="failed" if error else "ok")
    if error is not None:
        ElementTree.SubElement(root, "error", code=str(error.code)).text = str(error)
    if node is not None:
        root.append(_element(node))
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def as_json(node: Node | None, error: LastfmError | None = None) -> dict[str, Any]:
    if error is not None:
        return {"error": error.code, "message": str(error)}
    return {node.name: _value(node)} if node is not None else {}


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _element(node: Node) -> ElementTree.Element:
    element = ElementTree.Element(node.name, {name: str(value) for name, value in node.attributes.items()})
    element.text = _NOT_XML.sub("", node.text)
    element.extend(_element(child) for child in node.children)
    return element


def _value(node: Node) -> Any:
    if not node.children:
        return {"#text": node.text, **node.attributes} if node.attributes else node.text
    value: dict[str, Any] = {"@attr": dict(node.attributes)} if node.attributes else {}
    for child in node.children:
        told = _value(child)
        if child.name in value:
            former = value[child.name]
            value[child.name] = [*former, told] if isinstance(former, list) else [former, told]
        else:
            value[child.name] = told
    return value
