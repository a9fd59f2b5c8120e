"""What charts are given. Any object with these attributes will do: lower apps bring their own and import nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class Point(Protocol):
    """One value. `tick`, if there is one, replaces the label on the axis ("" leaves the axis bare there)."""

    @property
    def label(self) -> str: ...  # short: the axis, and the table's first column
    @property
    def value(self) -> float | None: ...  # None: nothing is known, which is not zero
    @property
    def text(self) -> str: ...  # the value in words: "1,204 plays"
    @property
    def href(self) -> str: ...  # where its plays are listed, or ""


class Day(Point, Protocol):
    """A point that is a date."""

    @property
    def on(self) -> date: ...


class Series(Protocol):
    """Points under one name: a line of a line chart, or (with `label` for a name) a row of a heatmap."""

    @property
    def name(self) -> str: ...
    @property
    def points(self) -> Sequence[Point]: ...


class Row(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def points(self) -> Sequence[Point]: ...


class Profile(Protocol):
    """One outline of a radar: a value from 0 to 1 for each axis, None where nothing is known."""

    @property
    def name(self) -> str: ...
    @property
    def values(self) -> Sequence[float | None]: ...


class Block(Protocol):
    """A stretch of a lane, as shares of it from 0 to 1; `tone` from 0 to 5 is its colour."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def tone(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def href(self) -> str: ...


class Lane(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def blocks(self) -> Sequence[Block]: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A point for those who have no own class for it."""

    label: str
    value: float | None
    text: str
    href: str = ""
    tick: str | None = None
    on: date | None = None
