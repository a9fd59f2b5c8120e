"""Lists of rows that stand inside something: an object around the list, or a list of pages with rows in each."""

from collections.abc import Iterator
from typing import Any

import msgspec

from ingest.importers.rows import KEYED, Bad, Block, RowReader, excerpt, repaired

PAGE_BYTES = 16 * 1024 * 1024  # Last.fm gives pages of 200 to 1,000 rows; 1,000 have about 1 MB
LISTS = (b"scrobbles", b"listens", b"list", b"track")


def list_inside(head: bytes) -> int | None:
    """Where the list of rows begins in the text of an object; None if none of a known name does in `head`."""
    depth, name = 0, b""
    for token in KEYED.finditer(head):
        if token[2]:
            name = token[1]
            continue
        if token[0] == b"[" and not depth and name in LISTS:
            return token.start()
        depth += (token[0] == b"[") - (token[0] == b"]")
        name = b""
    return None


class InnerReader(RowReader):
    """A list within an object; what stands behind it is not looked at."""

    @property
    def is_empty(self) -> bool:
        return self._buffer.lstrip().startswith(b"]")

    def _look_behind(self, closed: bool) -> None:
        if not closed:
            super()._look_behind(closed)


class Page(msgspec.Struct, gc=False):
    """One page of Last.fm's answers: a list of tracks, or, if there is but one, that track. Some keep its envelope."""

    track: msgspec.Raw = msgspec.Raw(b"[]")
    recenttracks: "Page | None" = None


class PagedReader(RowReader):
    """A list of pages. Rows are counted over all of them."""

    @property
    def element_bytes(self) -> int:
        return PAGE_BYTES

    def blocks(self, row_type: Any) -> Iterator[Block[Any]]:
        decode_all = msgspec.json.Decoder(list[row_type]).decode
        decode = msgspec.json.Decoder(row_type).decode
        count = 0
        for block in super().blocks(Page):
            numbers: list[int] = []
            rows: list[Any] = []
            bad: list[Bad] = []
            for each in block.bad:
                count += 1
                bad.append(Bad(count, each.reason, each.excerpt))
            for page in block.rows:
                track = page.recenttracks.track if page.recenttracks else page.track
                try:
                    found = decode_all(track)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                    found = [_row(raw, row_type, decode) for raw in _elements(track)]
                for row in found:
                    count += 1
                    if isinstance(row, Bad):
                        bad.append(Bad(count, row.reason, row.excerpt))
                    else:
                        numbers.append(count)
                        rows.append(row)
            yield Block(numbers, rows, bad)


def _elements(track: msgspec.Raw) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(track, type=list[msgspec.Raw])
    except msgspec.MsgspecError:
        return [track]


def _row(raw: msgspec.Raw, row_type: Any, decode: Any) -> Any:
    try:
        return decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            found = msgspec.json.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Bad(0, "unreadable", {"text": excerpt(bytes(raw))})
        return repaired(found, row_type) if isinstance(found, dict) else Bad(0, "not_a_row", {"text": str(found)[:300]})
