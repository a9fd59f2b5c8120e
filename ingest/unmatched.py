"""Tracks that a provider was asked about and does not know: of one person, or of all, by artist."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Q, QuerySet

from ingest.log_export import harmless
from ingest.models import Finding
from ingest.upsert import parts

HEADING = ("artist", "track", "spotify_id", "isrc", "asked_at")
_NAMES = ("track__artist__name", "track__name", "track__spotify_id", "track__isrc")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many of some tracks one provider was asked about, and of how many it knows nothing."""

    provider: str
    asked: int
    missing: int


def counts(tracks: Iterable[int]) -> dict[str, Asked]:
    """By provider."""
    told: dict[str, Asked] = {}
    nothing = Count("pk", filter=Q(values={}))
    for part in parts(tracks):
        rows = Finding.objects.filter(track__in=part).values("provider").order_by("provider")
        for provider, asked, missing in rows.annotate(n=Count("pk"), m=nothing).values_list("provider", "n", "m"):
            old = told.get(provider, Asked(provider, 0, 0))
            told[provider] = Asked(provider, old.asked + asked, old.missing + missing)
    return told


def of(provider: str, tracks: Iterable[int] | None = None) -> Iterator[tuple[str, str, str, str, datetime]]:
    """(artist, title, Spotify id, ISRC, asked at), by artist and title; `tracks`: only those."""
    rows: QuerySet[Finding] = Finding.objects.filter(provider=provider, values={}, track__isnull=False)
    fields = (*_NAMES, "fetched_at")
    if tracks is None:
        ordered = rows.order_by("track__artist__name", "track__name", "track_id").values_list(*fields)
        for *names, asked_at in ordered.iterator(chunk_size=2_000):
            yield _told(names, asked_at)
        return
    found = [row for part in parts(tracks) for row in rows.filter(track__in=part).values_list(*fields)]
    for *names, asked_at in sorted(found, key=lambda row: tuple((name or "").casefold() for name in row[:4])):
        yield _told(names, asked_at)


def _told(names: Iterable[str | None], asked_at: datetime) -> tuple[str, str, str, str, datetime]:
    artist, title, spotify_id, isrc = (name or "" for name in names)
    return artist, title, spotify_id, isrc, asked_at


def by_artist(provider: str, tracks: Iterable[int], *, most: int) -> list[tuple[str, list[str]]]:
    """The first `most` titles, in groups of one artist."""
    rows = [row for row, _number in zip(of(provider, tracks), range(most), strict=False)]
    return [(artist, [row[1] for row in group]) for artist, group in groupby(rows, key=lambda row: row[0])]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(provider: str, tracks: Iterable[int] | None = None) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(HEADING)
    for *names, asked_at in of(provider, tracks):
        yield writer.writerow((*map(harmless, names), asked_at.strftime("%Y-%m-%dT%H:%M:%SZ")))
