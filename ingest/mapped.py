"""Named arrays in one file, derived and never the truth, read by memory map: nothing is copied but what is used.

    sizes  16 bytes: how long the head is, as text
    head   JSON, padded to whole `_ALIGNED` bytes: format, boot, crc32 of the body, what the writer told, and of each
           array its name, type and length
    body   the arrays, each from a multiple of `_ALIGNED` bytes on

Files are only ever replaced as a whole, so that only a machine that went down can have damaged them: the body is
compared with its checksum once after each start.
"""

import contextlib
import json
import mmap
import os
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.columns.files import boot

_SIZES, _ALIGNED = 16, 64
_LEFT_S = 3600  # after which nobody writes any more
Arrays = dict[str, NDArray[Any]]


def read(path: Path, format: int) -> tuple[Any, Arrays] | None:
    """What was told and the arrays, as last written; None if there are none of this format, or they are damaged."""
    try:
        with open(path, "rb") as opened:
            file = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY)
        at = _SIZES + int(file[:_SIZES])
        head = json.loads(file[_SIZES:at])
        if head["format"] != format:
            return None
        arrays: Arrays = {}
        begin = at
        for name, kind, count in head["arrays"]:
            arrays[name] = np.frombuffer(file, dtype=kind, count=count, offset=at)
            at += _padded(arrays[name].nbytes)
        if len(file) != at:
            return None
        if head["boot"] != boot():
            if zlib.crc32(memoryview(file)[begin:]) != head["crc"]:
                return None
            write(path, format, head["told"], arrays)
        return head["told"], arrays
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(
    path: Path, format: int, told: Any, arrays: Mapping[str, NDArray[Any]], *, room: Mapping[str, int] | None = None
) -> None:
    """Replace the file as a whole; `told` is JSON. `room`: by name, how many zeros are put behind an array."""
    crc, listed = 0, []
    for name, values in arrays.items():
        for part in _parts(values, (room or {}).get(name, 0)):
            crc = zlib.crc32(part, crc)
        listed.append((name, values.dtype.str, values.size + (room or {}).get(name, 0)))
    head = json.dumps({"format": format, "boot": boot(), "crc": crc, "told": told, "arrays": listed}).encode()
    head = head.ljust(_padded(_SIZES + len(head)) - _SIZES)
    body = (part for name, values in arrays.items() for part in _parts(values, (room or {}).get(name, 0)))
    replace(path, chain([str(len(head)).encode().ljust(_SIZES), head], body))


def _parts(values: NDArray[Any], room: int) -> Iterator[bytes | memoryview]:
    """The bytes of one array in the file. Nothing is copied: it may be most of what a small machine has."""
    yield np.ascontiguousarray(values).data
    size = (values.size + room) * values.itemsize
    yield bytes(_padded(size) - values.nbytes)


def replace(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Put a file of these bytes there, whole or not at all, and clear away what killed processes left of others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _LEFT_S:
                left.unlink()
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as part:
        part.writelines(parts)
    os.replace(part.name, path)


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
