"""Chance that repeats: everything made up hangs on a salt and a path, never on the process or its hash seed."""

from __future__ import annotations

import hashlib
import random

import numpy as np

BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = [first + second for first in BASE62 for second in BASE62]
_HALF = 62**11


def digest(*path: object, size: int = 16) -> bytes:
    return hashlib.blake2b("\x1f".join(map(str, path)).encode(), digest_size=size).digest()


def number(*path: object) -> int:
    """A whole number of 64 bits."""
    return int.from_bytes(digest(*path, size=8), "big")


def dice(*path: object) -> random.Random:
    return random.Random(number(*path))


def arrays(*path: object) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(number(*path)))


def base62(*path: object) -> str:
    """A Spotify id: 128 bits as 22 characters."""
    value = int.from_bytes(digest(*path), "big")
    high, low = divmod(value, _HALF)
    return _eleven(high) + _eleven(low)


def _eleven(value: int) -> str:
    """Eleven characters, two at a time."""
    value, e = divmod(value, 3844)
    value, d = divmod(value, 3844)
    value, c = divmod(value, 3844)
    value, b = divmod(value, 3844)
    first, a = divmod(value, 3844)
    return BASE62[first] + _PAIRS[a] + _PAIRS[b] + _PAIRS[c] + _PAIRS[d] + _PAIRS[e]


def mbid(*path: object) -> str:
    """A UUID of version 4, as MusicBrainz has them."""
    text = digest(*path).hex()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def hexes(*path: object, size: int = 20) -> str:
    return digest(*path, size=size).hex()
