"""One at a time, over all processes: held by the process itself, so that a killed one lets go at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

_IMPORTS = 0x5649  # what the locks are about, among PostgreSQL's advisory locks


class Taken(Exception):
    """Somebody else's turn. Try again later."""


@contextmanager
def of_importing(user_id: int) -> Iterator[None]:
    """The turn to import one person's history. Raises Taken at once if another has it."""
    with _advisory(user_id) if connection.vendor == "postgresql" else _file(user_id):
        yield


@contextmanager
def _advisory(user_id: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_IMPORTS, user_id])
        if not cursor.fetchone()[0]:
            raise Taken
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_IMPORTS, user_id])


@contextmanager
def _file(user_id: int) -> Iterator[None]:
    folder = Path(settings.COLUMNS_DIR)  # SQLite is one host, and so is this folder
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{user_id}.importing", "ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken from None
        yield
