"""A fetch of an imported list takes minutes; the person chooses, takes back or removes meanwhile."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Job, User
from ingest.actions import fetch, lists, match
from ingest.importers import lists_brought
from ingest.models import ListRow, Track, TrackSource
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory


@pytest.fixture
def nude(db: None) -> list[Track]:
    artist = ArtistFactory(name="Radiohead")
    albums = [AlbumFactory(name=name, artist=artist) for name in ("In Rainbows", "From the Basement")]
    return [TrackFactory(name="Nude", album=album) for album in albums]


@pytest.fixture
def source(anna: User, nude: list[Track]) -> TrackSource:
    (made,) = lists.bring(user=anna, lists=lists_brought.read("Radiohead – Nude\nRadiohead – Unheard\n".encode()))
    return made


@pytest.fixture
def fetched(anna: User, source: TrackSource, run_jobs: Callable[..., list[Job]], monkeypatch: pytest.MonkeyPatch):
    """Fetch the list; `meanwhile` is called when its rows are read and looked for, and nothing is kept yet."""
    find = match.find

    def run(meanwhile: Callable[[], object] = lambda: None) -> Job:
        def slowly(told):
            found = find(told)
            meanwhile()
            return found

        monkeypatch.setattr(match, "find", slowly)
        fetch.start_fetch(user=anna, sources=[source])
        return run_jobs("fetch_tracks")[0]

    return run


def choose(track: Track | None) -> None:
    lists.choose(row=ListRow.objects.get(position=0), track_id=track and track.pk)


def told(source: TrackSource) -> tuple:
    row = ListRow.objects.get(position=0)
    entry = source.entries.get(position=0)
    return row.track_id, row.chosen, row.problem, entry.track_id


def test_what_is_chosen_meanwhile_stays(source, nude, fetched):
    fetched()
    job = fetched(lambda: choose(nude[1]))
    assert told(source) == (nude[1].pk, True, "", nude[1].pk)
    assert (job.state, job.result["several"]) == (Job.State.DONE, 0)
    fetched()
    assert told(source) == (nude[1].pk, True, "", nude[1].pk)
    choose(None)
    assert told(source) == (None, False, "several", None)


def test_what_is_taken_back_meanwhile_stays_so(source, nude, fetched):
    fetched()
    choose(nude[1])
    fetched(lambda: choose(None))
    assert told(source) == (None, False, "several", None)
    choose(nude[0])
    assert told(source) == (nude[0].pk, True, "", nude[0].pk)


def test_a_choice_out_of_an_old_page_is_no_choice(source, nude, fetched):
    fetched()
    row = ListRow.objects.get(position=0)
    ListRow.objects.update(candidates=[nude[0].pk])
    with pytest.raises(lists.NoSuchChoice):
        lists.choose(row=row, track_id=nude[1].pk)
    ListRow.objects.all().delete()
    ListRow.objects.create(source=source, position=0, track=nude[0])
    choose(None)
    assert ListRow.objects.get().track == nude[0], "nothing was chosen, so there is nothing to take back"


def test_a_choice_waits_for_a_fetch_that_keeps(source, nude, fetched):
    fetched()
    with CaptureQueriesContext(connection) as asked:
        choose(nude[0])
    held = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]]
    assert len(held) == connection.features.has_select_for_update


def test_a_list_that_goes_while_it_is_looked_for_ends_with_words(source, fetched):
    job = fetched(source.delete)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "This source is not among yours any more.")
    assert not TrackSource.objects.exists()
