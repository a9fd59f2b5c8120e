"""A short life of listening, made by hand, for tests of what looks back on all of it. Times are UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import User
from ingest.models import Track
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard_all

LONG, SHORT = 180, 5  # seconds; a play counts from 30 on
Told = tuple[Track, datetime, float]


@dataclass(frozen=True)
class Life:
    """`loved` fell silent, `back` came back, `craze` took a week, `once` was heard once, `left` never to its end."""

    loved: Track
    back: Track
    craze: Track
    once: Track
    left: Track
    told: list[Told]  # all that was started, oldest first

    @property
    def plays(self) -> list[Told]:
        """Those that count."""
        return [row for row in self.told if row[2] == LONG]

    def of(self, track: Track | None = None, first: date = date.min, last: date = date.max) -> list[Told]:
        """The plays of one track, or of all, on some days."""
        return [row for row in self.plays if track in (None, row[0]) and first <= row[1].date() <= last]


def lived(user: User) -> Life:
    years = {"loved": "1994-05", "back": "1987", "craze": "2024-05-03", "once": "", "left": "1999"}
    made: dict[str, Any] = {  # what factories give is not told to the type checker
        name: TrackFactory(name=name, album=AlbumFactory(artist=ArtistFactory(name=f"The {name}"), released_on=year))
        for name, year in years.items()
    }
    told: list[Told] = [(made["loved"], noon(2019, 2, 28) + timedelta(days=day), LONG) for day in range(13)]
    told += [(made["back"], noon(2019, 3, day, 13), LONG) for day in (1, 2, 3)]
    told += [(made["back"], noon(2024, 2, 29, hour), LONG) for hour in (9, 12)]
    told += [
        (made["craze"], noon(2024, 5, day) + timedelta(minutes=10 * n), LONG) for day in range(6, 11) for n in range(21)
    ]
    told += [(made["once"], noon(2024, 5, 7, 8), LONG), (made["left"], noon(2024, 5, 7, 20), SHORT)]
    told.sort(key=lambda row: row[1])
    heard_all(user, told)
    return Life(**made, told=told)


def noon(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def rows(told: list[Told]) -> list[tuple[int, datetime]]:
    """As `behind` gives them."""
    return [(track.pk, at) for track, at, _seconds in told]
