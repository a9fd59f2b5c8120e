"""The file of a shelf.

    head   HEAD bytes of JSON, padded with spaces: format, boot, numbers of tracks, credits and genres, bytes of lines,
           newest change and those before it, generation of the columns, plays met, crc32
    body   the arrays of `LAYOUT`, little-endian, in that order; then the lines

Like the columns, the body is compared with its checksum once after each start of the machine: files are only ever
replaced as a whole, so that only a machine that went down can have damaged them.
"""

import json
import mmap
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from ingest import mapped
from ingest.columns.files import boot
from ingest.heard import FEATURES
from ingest.shelf.arrays import EMPTY, KNOWN, PLAIN, RAGGED, WIDE, Shelf

FORMAT = 10
_KNOWN = ("change", "recent", "generation", "met")
HEAD = 384  # bytes; a multiple of 8, so that the arrays are aligned
# (name, type, length as a word of the head, more than that, values each)
LAYOUT: tuple[tuple[str, str, str, int, int], ...] = (
    *((name, kind, "tracks", 0, 1) for name, kind in (WIDE | PLAIN).items()),
    *((name, kind, "tracks", 0, len(FEATURES) if name == "features" else 1) for name, kind in KNOWN.items()),
    *((f"{name}_start", "<i4", "tracks", 1, 1) for name in RAGGED),
    *((column, kind, f"{name}s", 0, 1) for name, columns in RAGGED.items() for column, kind in columns.items()),
)


def read(path: Path) -> Shelf:
    """The shelf as last written, mapped; an empty one if there is none or it is damaged."""
    try:
        with open(path, "rb") as opened:
            file = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        head = json.loads(file[:HEAD])
        if head["format"] != FORMAT:
            raise ValueError("not a shelf of this format")
        shelf = _mapped(file, head)
        if len(file) != shelf.lines_at + head["lines"]:
            raise ValueError("not as long as it was written")
        if head["boot"] != boot():
            if _checksum(shelf) != head["crc"]:
                raise ValueError("not what was written")
            shelf = replace(shelf, generation=0, met=0)
            write(path, shelf)
        return shelf
    except (OSError, ValueError, KeyError, TypeError):
        return EMPTY


def _mapped(file: mmap.mmap, head: dict[str, int]) -> Shelf:
    """A file's arrays, in place. ValueError if it is too short."""
    at = HEAD
    facts: dict[str, Any] = {}
    for name, kind, size, more, each in LAYOUT:
        flat = np.frombuffer(file, dtype=kind, count=(head[size] + more) * each, offset=at)
        facts[name] = flat if each == 1 else flat.reshape(-1, each)
        at += flat.nbytes
    facts |= {name: head[name] for name in _KNOWN}
    return Shelf(**facts, file=file, lines_at=at)


def write(path: Path, shelf: Shelf) -> None:
    """Replace the file as a whole."""
    sizes = {"tracks": shelf.track.size, "credits": shelf.credit_artist.size, "genres": shelf.genre.size}
    known = {name: getattr(shelf, name) for name in _KNOWN}
    head = {"format": FORMAT, "boot": boot(), **sizes, "lines": len(shelf.lines), **known}
    head["crc"] = _checksum(shelf)
    mapped.replace(path, [json.dumps(head).encode().ljust(HEAD), *_body(shelf)])


def _body(shelf: Shelf) -> Iterator[bytes]:
    for name, kind, *_size in LAYOUT:
        yield getattr(shelf, name).astype(kind, copy=False).tobytes()
    yield shelf.lines


def _checksum(shelf: Shelf) -> int:
    return reduce(lambda crc, part: zlib.crc32(part, crc), _body(shelf), 0)
