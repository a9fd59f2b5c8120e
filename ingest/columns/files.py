"""The files of one person's columns: one raw little-endian array per column, and a head that says what is valid.

    <folder>/head           JSON: version, stamp, generation, count, checksums; replaced atomically, written last
    <folder>/g<generation>/ id, track, started, …: at least `count` elements each; what lies past them is not read
    <folder>/lock           held by whoever writes

A crash at any point leaves the former head, and with it the former rows. Knows neither Django nor the database.
"""

import fcntl
import io
import json
import mmap
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.columns.rows import NAMES, ROW, Columns, Rows

FORMAT = 1
_HEAD = "head"


@dataclass(frozen=True, slots=True)
class Head:
    """What the files hold. `boot` names the start of the machine since when their pages are known to be whole."""

    version: int
    stamp: int
    generation: int
    count: int
    checksums: dict[str, int]  # crc32 of the first `count` elements
    boot: str
    format: int = FORMAT


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """One writer at a time, over processes of this host."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield  # released by closing, also when the process dies


def read_head(folder: Path) -> Head | None:
    """None if there is none that this code can use."""
    try:
        told = json.loads((folder / _HEAD).read_bytes())
        head = Head(**told) if told.get("format") == FORMAT else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return head if head and set(head.checksums) == set(NAMES) else None


def read(folder: Path) -> tuple[Head, Columns] | None:
    """The rows of the present head, memory-mapped; None if there are none, or they are damaged."""
    for _ in range(10):  # a writer may have removed the generation between two reads: then there is a newer head
        head = read_head(folder)
        if head is None:
            return None
        try:
            arrays = {name: _map(folder / f"g{head.generation}" / name, name, head.count) for name in NAMES}
        except (OSError, ValueError):
            if read_head(folder) == head:
                return None
            continue
        return head, Columns(**arrays, version=head.version, generation=head.generation)
    return None


def is_whole(folder: Path, head: Head, columns: Columns) -> bool:
    """Whether the bytes are those that were written. Only a machine that went down can break that."""
    return all(zlib.crc32(_bytes(getattr(columns, name))) == head.checksums[name] for name in NAMES)


def append(folder: Path, head: Head, rows: Rows, *, version: int, stamp: int) -> Head:
    """Add `rows`, which sort after all that is there. Call inside `writing`. OSError or ValueError if damaged."""
    checksums = {}
    for name in NAMES:
        part = np.ascontiguousarray(rows[name]).tobytes()
        with open(folder / f"g{head.generation}" / name, "r+b") as file:
            place = head.count * ROW[name].itemsize
            if file.seek(0, io.SEEK_END) < place:
                raise ValueError(f"{name} is shorter than it has to be")
            file.seek(place)
            file.write(part)
        checksums[name] = zlib.crc32(part, head.checksums[name])
    count = head.count + len(rows)
    return _publish(folder, replace(head, version=version, stamp=stamp, count=count, checksums=checksums))


def last(folder: Path, head: Head) -> tuple[int, int] | None:
    """Start and id of the last row; None if there is none. OSError or ValueError if the files are damaged."""
    if not head.count:
        return None
    found = []
    for name in ("started", "id"):
        size = ROW[name].itemsize
        with open(folder / f"g{head.generation}" / name, "rb", buffering=0) as file:
            file.seek((head.count - 1) * size)
            found.append(int(np.frombuffer(file.read(size), ROW[name])[0]))
    return found[0], found[1]


def write(folder: Path, columns: dict[str, NDArray[Any]], *, version: int, stamp: int) -> Head:
    """Replace everything by `columns`, sorted already, as a new generation. Call inside `writing`."""
    former = {path for path in folder.glob("g*") if path.is_dir()}
    head_there = read_head(folder)
    numbers = [int(path.name[1:]) for path in former if path.name[1:].isdigit()]
    generation = max([*numbers, head_there.generation if head_there else 0]) + 1
    place = folder / f"g{generation}"
    place.mkdir()
    checksums = {}
    for name in NAMES:
        part = np.ascontiguousarray(columns[name], dtype=ROW[name])
        with open(place / name, "wb") as file:
            file.write(_bytes(part))
        checksums[name] = zlib.crc32(_bytes(part))
    head = Head(version, stamp, generation, len(columns["id"]), checksums, boot())
    _publish(folder, head)
    for path in former:
        shutil.rmtree(path, ignore_errors=True)
    return head


def restate(folder: Path, head: Head, *, version: int, stamp: int) -> Head:
    """The same rows are those of another version too, or of this boot. Call inside `writing`."""
    return _publish(folder, replace(head, version=version, stamp=stamp, boot=boot()))


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@cache
def boot() -> str:
    """A name for the time since the machine started; empty where the system tells none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _publish(folder: Path, head: Head) -> Head:
    part = folder / f"{_HEAD}.part"  # one name is enough: only the holder of the lock writes it
    part.write_text(json.dumps(asdict(head)))
    os.replace(part, folder / _HEAD)
    return head


def _map(path: Path, name: str, count: int) -> NDArray[Any]:
    if count == 0:
        return np.empty(0, dtype=ROW[name])
    with open(path, "rb") as file:
        # ValueError if the file is shorter than it has to be.
        return np.frombuffer(
            mmap.mmap(file.fileno(), count * ROW[name].itemsize, access=mmap.ACCESS_READ), dtype=ROW[name]
        )


def _bytes(array: NDArray[Any]) -> memoryview:
    return memoryview(np.ascontiguousarray(array).view(np.uint8)) if array.size else memoryview(b"")  # type: ignore[arg-type]
