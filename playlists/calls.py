"""One write to a playlist, and what it makes of a list. Pure.

https://developer.spotify.com/documentation/web-api/reference/reorder-or-replace-playlists-items
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

_T = TypeVar("_T")

CHUNK = 100  # items of one call
MOST = 10_000  # items of one playlist


@dataclass(frozen=True, slots=True)
class Call:
    """One write. `replace` and `add` have URIs (`add` a position), `remove` URIs (every copy of each goes), `move`
    the range `start`, `length` and the place it goes `before`, both counted in the list as it was."""

    kind: Literal["replace", "add", "remove", "move"]
    uris: tuple[str, ...] = ()
    position: int = 0
    start: int = 0
    length: int = 0
    before: int = 0

    def on(self, items: Sequence[str]) -> list[str]:
        """The list after it."""
        if self.kind == "replace":
            return list(self.uris)
        if self.kind == "add":
            return [*items[: self.position], *self.uris, *items[self.position :]]
        if self.kind == "remove":
            gone = set(self.uris)
            return [item for item in items if item not in gone]
        return self.moved(items)

    def moved(self, items: Sequence[_T]) -> list[_T]:
        """The list after a `move`."""
        block = items[self.start : self.start + self.length]
        rest = [*items[: self.start], *items[self.start + self.length :]]
        place = self.before if self.before <= self.start else self.before - self.length
        return [*rest[:place], *block, *rest[place:]]

    def as_json(self) -> dict[str, Any]:
        named = {"uris": list(self.uris), "position": self.position}
        spans = {"start": self.start, "length": self.length, "before": self.before}
        return {"kind": self.kind, **(spans if self.kind == "move" else named)}

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Call:
        return cls(**{**data, "uris": tuple(data.get("uris", ()))})
