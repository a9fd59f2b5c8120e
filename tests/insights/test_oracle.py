"""Every figure of pages and API, to the last unit, against a slow and obvious count over the files of the exports.

The suite takes some days of each listener around clock changes, each in some of the zones, and in all of them somebody
who listened whenever a clock was changed; rules, ranges and other choices go round. With `ORACLE=all`
(which takes long) it is the whole world, every one of these zones twice, and for the changes every zone there is.
"""

import io
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts import job_run, keys
from accounts.models import User
from accounts.spotify import payloads
from ingest.actions import catalogue, imports
from ingest.models import Counting
from tests.insights.oracle import Play, Rule, listenings, named, rows_of
from tests.insights.oracle_ask import Compared
from tests.insights.oracle_data import NOW, WINDOWS, ZONES, Windows, all_zones, export, facts, of_changes
from tests.insights.oracle_figures import Oracle
from tests.insights.oracle_more import more
from vibesite.api import Manners
from vibesite.sandbox.world import Size, World

ALL = os.environ.get("ORACLE") == "all"
WORLD = World(size=Size.FULL if ALL else Size.SMALL)
EVERY_CHANGE = "every change"
PEOPLE = [*(listener.id for listener in WORLD.listeners), EVERY_CHANGE]
RULES = [
    *(Rule(name) for name in ("vibesite", "lastfm", "listenbrainz", "spotify", "finished")),
    *(Rule("own", 0, 7), Rule("own", 10, 0), Rule("own", 45, 80), Rule("own", 0, 50, private=True)),
    *(Rule("vibesite", private=True), Rule("finished", private=True)),
]
RANGES = [
    *("all", "2024", "2024-02", "2022", "year", "month", "week", "today", "4w", "3m", "6m", "1y", "2025-01"),
    *("custom:2019-03-09:2019-03-11", "custom::2020-10-25", "custom:2025-04-05:", "custom:2011-12-29:2012-01-01"),
    *("custom:2026-11-01:2026-11-01", "custom:2010-03-14:2010-11-07"),
]


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch, settings, tmp_path) -> None:
    """It is noon of that day, files go where the test's files go, and nobody is told to ask more slowly."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(Manners, "allow_request", lambda self, request: True)
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.parametrize("person", PEOPLE)
def test_pages_and_api_agree_with_the_oracle(person, client, anna, settled, tmp_path) -> None:
    changes = person == EVERY_CHANGE
    zones = all_zones() if changes and ALL else ZONES
    told = of_changes(WORLD, zones, often=3 if ALL else 30) if changes else export(Windows(WORLD, WINDOWS), person)
    history = bring(WORLD, anna, told, tmp_path)
    client.force_login(anna)
    _token, text = keys.make(user=anna, name="oracle", scopes=["read"], now=NOW)
    number = PEOPLE.index(person)
    for place, zone in enumerate(zones):
        if not ALL and not changes and (place + number) % 8:
            continue
        for turn in range(2 if ALL else 1):
            turn += 2 * (number * len(ZONES) + place)
            oracle = reading(anna, history, zone, turn)
            asked = named(RANGES[turn % len(RANGES)], oracle.today, oracle.week_starts_on)
            compared = Compared(client, {"HTTP_AUTHORIZATION": f"Bearer {text}"}, oracle, asked)
            compared.api()
            if turn % 6 < 2:
                compared.pages()
                more(compared)


def bring(world: World, user: User, told: bytes, folder: Path) -> list[Play]:
    """Import an export, then learn what Spotify knows of its tracks; what the oracle makes of it."""
    path = folder / "my_spotify_data.zip"
    path.write_bytes(told)
    found = imports.prepare(user=user, paths=[path])
    job_run.run(job_id=found.job_id, heartbeat=False)
    found.refresh_from_db()
    assert (found.state, found.adds_up) == ("done", True), found.error
    rows = rows_of(io.BytesIO(told))
    known, said = facts(world, rows)
    catalogue.tracks([payloads.track(each) for each in said], NOW)
    return listenings(rows, known)


def reading(user: User, history: list[Play], zone: str, turn: int) -> Oracle:
    """The person in one zone, with choices that change from turn to turn."""
    rule = RULES[turn % len(RULES)]
    choices = {
        "session_gap_min": (30, 5, 120)[turn % 3],
        "groups_recordings": turn % 4 > 0,
        "all_credits": turn % 5 == 0,
        "with_incognito": rule.private,
    }
    if rule.name == "own":
        choices |= {"rule": "own", "own_seconds": rule.seconds, "own_percent": rule.percent}
    Counting.objects.update_or_create(user=user, defaults={"rule": "vibesite", **choices})
    user.time_zone, user.week_starts_on = zone, turn % 7 + 1
    user.save()
    return Oracle(
        history,
        ZoneInfo(zone),
        rule,
        NOW.astimezone(ZoneInfo(zone)).date(),
        week_starts_on=user.week_starts_on,
        gap_min=int(choices["session_gap_min"]),
        grouped=bool(choices["groups_recordings"]),
        all_credits=bool(choices["all_credits"]),
    )
