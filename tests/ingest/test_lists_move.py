"""Lists that change at Spotify while their pages are read: nothing is lost here that is still there."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Job
from ingest.actions import fetch, pull
from ingest.models import TrackSource
from tests.sandbox_fixtures import TestSandbox
from vibesite.sandbox import saved, shelf

Kind = TrackSource.Kind


@pytest.fixture
def before_page(spotify: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Do something at Spotify right before the page of that number is asked for."""
    plain = spotify._listener.app
    deeds: dict[tuple[str, int], Callable[[], None]] = {}
    asked: dict[str, int] = {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        asked[path] = asked.get(path, 0) + 1
        deeds.pop((path, asked[path]), lambda: None)()
        return plain(environ, start_response)

    monkeypatch.setattr(spotify._listener, "app", app)

    def add(path: str, number: int, deed: Callable[[], None]) -> None:
        deeds[path, number] = deed

    return add


def test_an_album_that_leaves_while_they_are_read_takes_no_other_with_it(
    anna, connection, spotify, mara, run_jobs, before_page
):
    now, living = spotify.clock.timestamp(), spotify.world
    chosen = [album.id for album in living.albums[:131]]
    for _at, one in saved.of_kind(living, mara, "album", spotify.clock.now()):
        saved.put(living, mara, f"spotify:album:{one}", None)
    for number, one in enumerate(chosen[1:]):
        saved.put(living, mara, f"spotify:album:{one}", now - 60 * number - 60)
    source = TrackSource.objects.create(user=anna, connection=connection, kind=Kind.ALBUMS)

    def fetched() -> Job:
        [job] = fetch.start_fetch(user=anna, sources=[source])
        run_jobs("fetch_tracks")
        job.refresh_from_db()
        return job

    before_page("/v1/me/albums", 2, lambda: saved.put(living, mara, f"spotify:album:{chosen[5]}", None))
    before_page("/v1/me/albums", 3, lambda: saved.put(living, mara, f"spotify:album:{chosen[0]}", now))
    first = fetched()
    assert first.state == Job.State.FAILED, "its pages were of different lists"
    assert fetched().state == Job.State.DONE
    held = set(source.entries.values_list("track__album__spotify_id", flat=True))
    assert held == set(chosen) - {chosen[5]}


def test_a_playlist_that_leaves_while_they_are_listed_takes_no_other_with_it(
    anna, connection, spotify, mara, run_jobs, before_page
):
    for number in range(70):
        shelf.make(spotify.world, mara, name=f"List {number}", at=spotify.clock.now(), public=False)
    there = [one.id for one in shelf.of_listener(spotify.world, mara, spotify.clock.now())]
    assert len(there) > 50

    def listed() -> set[str]:
        pull.start(connection=connection)
        run_jobs("pull_library")
        return set(TrackSource.objects.filter(user=anna, kind=Kind.PLAYLIST).values_list("spotify_id", flat=True))

    assert listed() == set(there)
    gone = f"spotify:playlist:{there[3]}"
    before_page("/v1/me/playlists", 4, lambda: saved.put(spotify.world, mara, gone, None))
    assert listed() >= set(there) - {there[3]}
    assert listed() == set(there) - {there[3]}
