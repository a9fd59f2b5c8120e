"""Taking snapshots of a person's listening, and letting old ones go."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import User
from ingest import lens
from ingest.heard import Heard
from ingest.lens import Reading
from ingest.models import ArtistTag, AudioFeatures, PlayLedger, Tag, TrackTag
from ingest.period import Period, parse
from insights.actions import top
from insights.analysis.snapshots import VERSION, Figures, figures
from insights.models import ListeningSnapshot

Range = ListeningSnapshot.Range
# The stretches in the words that the pages use: 28, 183 and 365 days, the day of the snapshot included.
PERIODS = {Range.SHORT: "4w", Range.MEDIUM: "6m", Range.LONG: "1y"}
_KEY = ("user", "on", "range")
_WRITTEN = [
    field.name for field in ListeningSnapshot._meta.concrete_fields if field.name not in (*_KEY, "id")
]  # anew when taken again


_ASKED = 200  # tracks of which is looked up who told their facts
_TRIES = 5  # plays may arrive while they are added up


class PlaysChanging(Exception):
    """A person's plays changed each time that they were added up. Try later."""


def period(user: User, kind: str, on: date) -> Period:
    """The days that a snapshot of this range and day is about. KeyError for a range that there is not."""
    return parse(PERIODS[Range(kind)], today=on, zone=user.zone)


def take(*, user: User, days: Iterable[date], ranges: Iterable[str], now: datetime) -> Iterator[list[int]]:
    """Take the snapshots of some local days, one after the other; the keys of each day's rows as they are written.

    Taking the same day again rewrites its rows. Raises PlaysChanging.
    """
    reading = lens.read(user)
    kinds = [Range(kind) for kind in ranges]
    for on in days:
        reading = _taken(reading, kinds, on, now)
        found = ListeningSnapshot.objects.of(user).filter(on=on, range__in=kinds).order_by("-first")
        yield list(found.values_list("pk", flat=True))


def _taken(reading: Reading, kinds: list[Range], on: date, now: datetime) -> Reading:
    """Write one day's rows; the reading they rest on.

    They are written only while the plays are still those that were read: so nothing that was erased meanwhile comes
    back in figures.
    """
    for _try in range(_TRIES):
        rows = [_row(reading, kind, on, now) for kind in kinds]
        with transaction.atomic():
            ledger = PlayLedger.objects.select_for_update().filter(user=reading.user)
            if (ledger.values_list("version", flat=True).first() or 0) == reading.plays.version:
                ListeningSnapshot.objects.bulk_create(
                    rows, update_conflicts=True, unique_fields=_KEY, update_fields=_WRITTEN
                )
                return reading
        reading = lens.read(reading.user)
    raise PlaysChanging(reading.user.pk)


def _row(reading: Reading, kind: str, on: date, now: datetime) -> ListeningSnapshot:
    inside = period(reading.user, kind, on)
    assert inside.first is not None
    heard = reading.heard(inside).counted
    found = figures(heard)
    return ListeningSnapshot(
        user=reading.user,
        on=on,
        range=kind,
        first=inside.first,
        taken_at=now,
        version=VERSION,
        zone=reading.user.zone.key,
        rule=reading.lens.rule.name,
        plays=found.totals.plays,
        ms=found.totals.ms,
        tracks=found.totals.tracks,
        artists=found.totals.artists,
        albums=found.totals.albums,
        days=found.totals.days,
        from_spotify=found.from_spotify,
        figures=_stored(found, heard, reading),
    )


def _stored(found: Figures, heard: Heard, reading: Reading) -> dict[str, object]:
    """The figures as JSON, with the names of what may be called otherwise later, and who told the facts."""
    told = found.as_json()
    names = dict(Tag.objects.filter(pk__in=[each.key for each in found.genres]).values_list("pk", "name"))
    for row in told["genres"]:
        row["name"] = names.get(row["id"], "")
    rule = reading.lens.rule
    limits = {"least_ms": rule.least_ms, "share": rule.share, "with_incognito": rule.with_incognito}
    return {**told, "rule": limits, "sources": _sources(found, heard)}


def _sources(found: Figures, heard: Heard) -> dict[str, list[str]]:
    """The providers that told the features and genres of the most heard tracks."""
    plays = heard.by_place[0]
    places = np.argsort(-plays, kind="stable")[:_ASKED]
    places = places[plays[places] > 0]
    tracks, artists = heard.facts.track[places].tolist(), np.unique(heard.facts.artist[places]).tolist()
    tags = [each.key for each in found.genres]
    rows = AudioFeatures.objects.filter(track_id__in=tracks).values_list("sources", flat=True)
    features = {provider for sources in rows for provider in sources.values()}
    genres = set(TrackTag.objects.filter(track_id__in=tracks, tag_id__in=tags).values_list("source", flat=True))
    genres |= set(ArtistTag.objects.filter(artist_id__in=artists, tag_id__in=tags).values_list("source", flat=True))
    return {"features": sorted(features), "genres": sorted(genres)}


def weeks_to(on: date, weeks: int) -> list[date]:
    """`on`, and the same day of each of the `weeks` weeks before, oldest first."""
    return [on - timedelta(weeks=back) for back in range(weeks, -1, -1)]


def exported(user: User) -> list[dict[str, Any]]:
    """All of a person's snapshots as their export has them, the oldest first; what they heard most is named."""
    rows = list(ListeningSnapshot.objects.of(user).order_by("on", "range"))
    names: dict[str, dict[int, Any]] = {}
    for what in ("tracks", "artists", "albums"):
        keys = {each["id"] for row in rows for each in row.part("top").get(what, [])}
        names[what] = {pk: item.name for pk, item in top.named(user, what, sorted(keys)).items()}
    return [
        {
            **{field: getattr(row, field) for field in ("on", "range", "first", *_WRITTEN)},
            "figures": {
                **row.figures,
                "top": {
                    what: [{"name": names[what].get(each["id"], ""), "plays": each["plays"]} for each in those]
                    for what, those in row.part("top").items()
                },
            },
        }
        for row in rows
    ]
