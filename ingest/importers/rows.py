"""Rows out of JSON of any size and state, a few thousand at a time.

The usual file (one list of flat objects) is cut at row ends and decoded straight into structs. What does not decode
that way is taken apart element by element: a bad row costs itself, a cut what is behind it, and neither costs memory.
"""

import codecs
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec
from django.utils.translation import gettext as _

from ingest.importers.archive import Unreadable

BLOCK_BYTES = 1024 * 1024  # about 1,600 rows, which with all that is made of them fit a processor's cache
ELEMENT_BYTES = 1024 * 1024  # a longer row is no row
BLOCK_ROWS = 20_000
HOPELESS = 10_000  # so many things in one file that are no rows at all, and reading stops
EXCERPT = 300  # characters kept of text that is not JSON

PERSONAL_FIELDS = re.compile(
    r"^(ip_addr|username|user_?name|user_agent|email|city|region|metro_code|longitude|latitude)", re.I
)
PERSONAL_TEXT = re.compile(r'"((?:ip_addr|user|email|city|region)\w*)"\s*:\s*("(?:[^"\\]|\\.)*"?|[^,}\s]*)', re.I)

FLAT = re.compile(rb'\{(?:[^{}\[\]"\\]++|"(?:[^"\\]++|\\.)*+")*+\}', re.S)
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.S)
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]"]', re.S)
KEYED = re.compile(rb'"((?:[^"\\]++|\\.)*+)"(\s*+:)?|[{}\[\]]', re.S)
BETWEEN = re.compile(rb"[\s,]*+")
SCALAR = re.compile(rb'[^,\[\]{}"\s]*+')
BOMS = [
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]

R = TypeVar("R")


class Stream(Protocol):
    """What is read from: bytes in order, none at the end."""

    def read(self, size: int, /) -> bytes: ...


class Bad(NamedTuple):
    """One row that is set aside; `excerpt` is the row (a struct) or what is left of it."""

    row: int
    reason: str
    excerpt: Any


@dataclass(frozen=True, slots=True)
class Block(Generic[R]):
    """Some rows in order, with their numbers (counted from 1), and the elements among them that are no rows."""

    numbers: range | list[int]
    rows: list[R]
    bad: list[Bad]


class RowReader:
    """One JSON file. Look at the objects in `first`, then go through `blocks` once; `note` then tells what was odd."""

    def __init__(self, stream: Stream) -> None:
        """Raises Unreadable if this cannot be a list of objects."""
        self._stream = as_utf8(stream)
        self._buffer = b""
        self._filled = 0
        self._at_end = False
        self._count = 0
        self._hopeless = 0
        self.note = ""
        self._fill()
        text = self._buffer.lstrip()
        if not text:
            raise Unreadable(_("The file is empty."))
        self._in_list = text[:1] == b"["
        if self._in_list:
            text = text[1:]
        elif text[:1] != b"{":
            raise Unreadable(
                _("Not history: a web page.") if text[:1] == b"<" else _("Not history: the file is not JSON.")
            )
        self._buffer = text
        self.first = self._first_objects() or self._first_keys()

    def _fill(self) -> None:
        more = self._stream.read(BLOCK_BYTES)
        self._at_end = not more
        self._filled += len(more)
        self._buffer += more

    def _first_objects(self) -> list[dict[str, Any]]:
        """The first objects at the top level; empty if there is none near the beginning."""
        elements, _rest, _closed = split(self._buffer[: 2 * self.element_bytes], self._in_list, self._at_end, limit=50)
        return [found for found in map(_decoded, elements) if isinstance(found, dict)]

    def _first_keys(self) -> list[dict[str, Any]]:
        """If the first row is too long to be one: its keys as far as it is held, without what they say."""
        if len(self._buffer) < BLOCK_BYTES // 2:
            return []
        depth, keys = 0, dict[str, Any]()
        for token in KEYED.finditer(self._buffer):
            if token[2]:
                keys |= {token[1].decode("utf-8", "replace"): None} if depth == 1 else {}
            else:
                depth += (token[0] in (b"{", b"[")) - (token[0] in (b"}", b"]"))
        return [keys] if keys else []

    @property
    def is_empty(self) -> bool:
        """A list without anything in it, and nothing behind it: the history of an account that never played."""
        return self._in_list and self._buffer.strip() == b"]"

    @property
    def element_bytes(self) -> int:
        """A longer element is no row."""
        return ELEMENT_BYTES

    @property
    def consumed(self) -> int:
        """Bytes of text that are behind us."""
        return self._filled - len(self._buffer)

    def blocks(self, row_type: type[R]) -> Iterator[Block[R]]:
        """Every row. Afterwards `note` tells of a cut or of text behind the end of the list."""
        decode_all = msgspec.json.Decoder(list[row_type]).decode  # type: ignore[valid-type]
        decode_lines = msgspec.json.Decoder(row_type).decode_lines
        closed = False
        while not closed:
            if not self._at_end and len(self._buffer) < max(BLOCK_BYTES, self.element_bytes + 1):
                self._fill()
            if (rows := self._fast(decode_all, decode_lines)) is not None:
                yield Block(self._numbers(len(rows)), rows, [])
                continue
            elements, self._buffer, closed = split(self._buffer, self._in_list, self._at_end, limit=BLOCK_ROWS)
            if elements:
                yield self._one_by_one(elements, row_type)
            if not closed and len(elements) < BLOCK_ROWS and len(self._buffer) > self.element_bytes:
                closed = not self._skip()
                yield Block([], [], [Bad(self._numbers(1)[0], "too_long", {})])
            elif not elements and self._at_end:
                break
            if self._hopeless > HOPELESS:
                self.note = _("Stopped after row %(row)d: what follows is not history.") % {"row": self._count}
                return
        self._look_behind(closed)

    def _fast(self, decode_all: Callable[[bytes], list[R]], decode_lines: Callable[[bytes], list[R]]) -> list[R] | None:
        """The rows up to the last row end in the buffer, if all of them are as they should be."""
        buffer = self._buffer
        start = BETWEEN.match(buffer).end()  # type: ignore[union-attr]
        end = len(buffer) if self._at_end else buffer.rfind(b"\n") + 1
        cut = buffer.rfind(b"}") + 1 if self._in_list else end
        if start >= cut or buffer.count(b"{", start, cut) > BLOCK_ROWS:
            return None
        try:
            rows = decode_all(b"[" + buffer[start:cut] + b"]") if self._in_list else decode_lines(buffer[start:cut])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        self._buffer = buffer[cut:]
        return rows

    def _numbers(self, count: int) -> range:
        first = self._count + 1
        self._count += count
        return range(first, first + count)

    def _one_by_one(self, elements: list[bytes], row_type: type[R]) -> Block[R]:
        decode = msgspec.json.Decoder(row_type).decode
        numbers: list[int] = []
        rows: list[R] = []
        bad: list[Bad] = []
        for number, element in zip(self._numbers(len(elements)), elements, strict=True):
            try:
                rows.append(decode(element))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                found = _decoded(element)
                if not isinstance(found, dict):
                    reason = "unreadable" if found is _NOTHING else "not_a_row"
                    bad.append(Bad(number, reason, {"text": excerpt(element)}))
                    self._hopeless += 1
                    continue
                rows.append(repaired(found, row_type))
            numbers.append(number)
        return Block(numbers, rows, bad)

    def _skip(self) -> bool:
        """Pass over an element too long to hold. False if the file ends within it."""
        depth, in_string, escaped = 0, False, False
        while True:
            for match in re.finditer(rb'[\\"{}\[\]]|[^\\"{}\[\]]++', self._buffer):
                char = match[0]
                if escaped:
                    escaped = False
                elif in_string:
                    in_string, escaped = char != b'"', char == b"\\"
                elif char == b'"':
                    in_string = True
                elif char in (b"{", b"["):
                    depth += 1
                elif char in (b"}", b"]"):
                    depth -= 1
                if depth <= 0 and not in_string and not escaped:
                    self._buffer = self._buffer[match.end() :]
                    return True
            self._buffer = b""
            self._fill()
            if self._at_end:
                return False

    def _look_behind(self, closed: bool) -> None:
        rest = self._buffer.lstrip(b" \t\r\n,")
        if self._in_list and not closed:
            self.note = _("Cut after row %(row)d: the end of the file is missing. Download it again.") % {
                "row": self._count
            }
        elif not self._in_list and rest:
            self.note = _("Cut after row %(row)d: the last line is not whole.") % {"row": self._count}
        elif self._in_list and (rest[1:].strip() if rest[:1] == b"]" else rest):
            self.note = _("There is more text behind the end of the list; it was not read.")


def split(buffer: bytes, in_list: bool, at_end: bool, limit: int | None = None) -> tuple[list[bytes], bytes, bool]:
    """The whole elements at the top of `buffer`, what is left behind them, and whether the list ended there.

    `in_list` tells that a `]` ends it; else elements just follow one another. Missing and doubled commas are forgiven.
    """
    elements: list[bytes] = []
    at = 0
    while limit is None or len(elements) < limit:
        at = BETWEEN.match(buffer, at).end()  # type: ignore[union-attr]
        if at == len(buffer):
            return elements, b"", False
        first = buffer[at : at + 1]
        if first == b"]" and in_list:
            return elements, buffer[at:], True
        end = _element_end(buffer, at, first, at_end)
        if end is None:
            return elements, buffer[at:], False
        elements.append(buffer[at:end])
        at = end
    return elements, buffer[at:], False


def _element_end(buffer: bytes, at: int, first: bytes, at_end: bool) -> int | None:
    if first == b"{" and (flat := FLAT.match(buffer, at)):
        return flat.end()
    if first in (b"{", b"["):
        depth = 0
        for token in TOKEN.finditer(buffer, at):
            char = token[0]
            if char == b'"':
                return None  # a string that does not end here
            depth += (char in (b"{", b"[")) - (char in (b"}", b"]"))
            if not depth:
                return token.end()
        return None
    if first == b'"':
        whole = STRING.match(buffer, at)
        return whole.end() if whole else None
    end = SCALAR.match(buffer, at).end()  # type: ignore[union-attr]
    if end == len(buffer) and not at_end:
        return None
    return max(end, at + 1)


def keys_of(element: bytes) -> set[str]:
    """The keys of an object; none for anything else."""
    found = _decoded(element)
    return set(found) if isinstance(found, dict) else set()


# --- Rows that are not quite right -----------------------------------------------------------------------------------
_NOTHING = object()


def _decoded(element: bytes) -> Any:
    """The value of an element, also with NaN or half a surrogate pair in it; `_NOTHING` if it is not JSON."""
    try:
        return msgspec.json.decode(element)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            return json.loads(element.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return _NOTHING


def repaired(found: dict[str, Any], row_type: type[Any]) -> Any:
    """A row with what fits of `found`: numbers written as text are numbers, a value of a wrong type is not told."""
    values = {}
    for info in msgspec.structs.fields(row_type):
        if (value := found.get(info.encode_name)) is not None:
            if isinstance(value, float) and math.isfinite(value):
                value = round(value)
            elif isinstance(value, str):
                value = value.encode("utf-8", "replace").decode()  # half a surrogate pair can be kept nowhere
            try:
                values[info.name] = msgspec.convert(value, info.type, strict=False)
            except msgspec.ValidationError:
                values[info.name] = None
    return row_type(**values)


def excerpt(element: bytes) -> str:
    """The beginning of text that is not a row, without what is personal in it."""
    text = element[: 4 * EXCERPT].decode("utf-8", "replace").replace("\0", "")
    return PERSONAL_TEXT.sub(r'"\1": …', text)[:EXCERPT]


# --- Encodings -------------------------------------------------------------------------------------------------------
class _Utf8Stream:
    """A stream of UTF-8 out of one in another encoding; the bytes already read come first."""

    def __init__(self, stream: Stream, head: bytes, encoding: str) -> None:
        self._stream = stream
        self._head = head
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")

    def read(self, size: int) -> bytes:
        data = self._head + self._stream.read(max(0, size - len(self._head)))
        self._head = b""
        if self._decoder is None or not data:
            return data
        return self._decoder.decode(data).encode("utf-8", "replace") or b" "  # empty would mean the end


def legible(text: bytes) -> str:
    """A text that should be UTF-8; what is none at all is Windows' Latin-1, as old players and Excel write it."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        mended = text.decode("utf-8", "replace")
        beyond = sum(not char.isascii() for char in mended)
        return mended if beyond > 2 * mended.count("\ufffd") else text.decode("cp1252", "replace")


def as_utf8(stream: Stream) -> _Utf8Stream:
    """The text of a stream in any Unicode encoding as UTF-8, without its mark."""
    head = stream.read(4)
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return _Utf8Stream(stream, head[len(bom) :], encoding)
    if len(head) >= 2 and head[0] and not head[1]:
        return _Utf8Stream(stream, head, "utf-16-le")
    if len(head) >= 2 and not head[0] and head[1]:
        return _Utf8Stream(stream, head, "utf-16-be")
    return _Utf8Stream(stream, head, "utf-8")
