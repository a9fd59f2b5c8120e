"""Scrobble logs of the sandbox's listeners, imported after their Spotify export, against the truth of both."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import job_run
from accounts.models import User
from ingest.actions import imports
from ingest.models import HistoryImport, Play
from tests.ingest.test_import_sandbox import LISTENERS, UNTIL, WORLD, early, export
from vibesite.sandbox import scrobbles

pytestmark = pytest.mark.django_db
HEARD = [each for each in LISTENERS if next(scrobbles.scrobbles(WORLD, WORLD.listener(each), UNTIL), None)]
Bring = Callable[[str, bytes], HistoryImport]


@pytest.fixture
def bring(settings: Any, tmp_path: Path, anna: User) -> Bring:
    settings.COLUMNS_DIR = tmp_path / "columns"
    settings.MEDIA_ROOT = tmp_path / "media"

    def run(name: str, content: bytes) -> HistoryImport:
        path = tmp_path / name
        path.write_bytes(content)
        found = imports.prepare(user=anna, paths=[path])
        job_run.run(job_id=found.job_id, heartbeat=False)
        found.refresh_from_db()
        assert (found.state, found.adds_up) == ("done", True), found.error
        return found

    return run


def log(name: str, listener_id: str, until: Any) -> tuple[bytes, scrobbles.Account]:
    out = io.BytesIO()
    told = scrobbles.LOGS[name](WORLD, WORLD.listener(listener_id), until, out)
    return out.getvalue(), told


@pytest.mark.parametrize("name", ["lastfm.csv", "listenbrainz.zip", "maloja.json"])
@pytest.mark.parametrize("listener_id", HEARD)
def test_after_spotifys_export_a_log_adds_what_it_alone_tells(
    name: str, listener_id: str, anna: User, bring: Bring
) -> None:
    until = early(listener_id, 60)
    bring("my_spotify_data.zip", export(listener_id, "extended", until)[0])
    before = Play.objects.of(anna).count()
    least = only_in_log(anna, listener_id, until)
    content, told = log(name, listener_id, until)
    found = bring(name, content)
    assert found.rows == told.rows
    assert found.set_aside == 0
    # Ends may tell where starts do not, and ListenBrainz's links where the export keeps no names.
    assert abs(found.new - least) <= 1 + told.rows // 1000
    assert Play.objects.of(anna).count() == before + found.new
    again = bring(name, content)
    assert (again.new, again.merged + again.duplicate) == (0, told.rows)
    assert Play.objects.of(anna).count() == before + found.new


def only_in_log(user: User, listener_id: str, until: datetime) -> int:
    """Scrobbles that cannot each have a play of their own among the user's, by names and time; as few as possible.

    Besides those of the listener's own player these are listenings of which Spotify's export keeps no names, and
    repeats within a ride that it heard of at once: their rows are equal.
    """
    told: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    names = ("track__name", "track__artist__name", "started_at", "ended_at")
    for title, artist, start, end in Play.objects.of(user).values_list(*names):
        told.setdefault((title, artist), []).append((start - timedelta(seconds=30), end + timedelta(seconds=90)))
    alone = 0
    for each in scrobbles.scrobbles(WORLD, WORLD.listener(listener_id), until):
        spans = told.get((each.title, each.artist), [])
        fitting = [span for span in spans if span[0] <= each.at <= span[1]]
        if fitting:
            spans.remove(min(fitting, key=lambda span: span[1]))
        else:
            alone += not each.skipped
    return alone


@pytest.mark.parametrize("listener_id", LISTENERS[:3])
def test_a_players_log_without_a_zone_arrives_at_the_true_moments(listener_id: str, anna: User, bring: Bring) -> None:
    listener = WORLD.listener(listener_id)
    User.objects.filter(pk=anna.pk).update(time_zone=listener.zone)
    content, told = log("scrobbler.log", listener_id, UNTIL)
    found = bring(".scrobbler.log", content)
    assert (found.rows, found.new) == (told.rows, told.rows)
    true = [each for each in scrobbles.scrobbles(WORLD, listener, UNTIL) if not each.spotify_id]
    plays = Play.objects.of(anna).order_by("started_at").values_list("started_at", "track__name", "skipped")
    right = sum((each.at, each.title, each.skipped) == play for each, play in zip(true, plays, strict=True))
    assert right >= len(true) - 2  # an hour that the clock shows twice is not to be told apart
    assert told.skipped == sum(each.skipped for each in true)
