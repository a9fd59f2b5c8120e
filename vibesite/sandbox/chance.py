"""Chance that repeats: everything made up hangs on a salt and a path, never on the process or its hash seed."""

from __future__ import annotations

import hashlib
import random
import uuid

import numpy as np

BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


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
    letters = []
    for _ in range(22):
        value, rest = divmod(value, 62)
        letters.append(BASE62[rest])
    return "".join(reversed(letters))


def mbid(*path: object) -> str:
    return str(uuid.UUID(bytes=digest(*path), version=4))


def hexes(*path: object, size: int = 20) -> str:
    return digest(*path, size=size).hex()
