"""Rows of lists that are told by names alone: searched for at Spotify, within its budget, exact or asked about."""

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import jobs
from accounts.models import BudgetHour, Job, SpotifyApp
from accounts.spotify.gateway import SpotifyGateway
from ingest import names
from ingest.actions import fetch, list_search, lists
from ingest.cleaning import clean
from ingest.importers import lists_brought
from ingest.models import ListRow, NameSearch, Track

NOBODY = ("Nobody at All", "Nothing Whatever", "", "")


@pytest.fixture
def alone(spotify):
    """Tracks of the world that nothing else is called like, by any artist of theirs."""
    world = spotify.world
    count = Counter(
        (artist, names.key(clean(track.name).base or track.name))
        for track in world.tracks
        for artist in track.artist_ids
    )
    found = [
        track
        for track in world.tracks
        if count[track.artist_ids[0], names.key(clean(track.name).base or track.name)] == 1
        and names.key(clean(track.name).base or "") == names.key(track.name)
        and len(track.artist_ids) == 1
    ]
    return found[:120]


def told(spotify, track, *, length="", isrc=""):
    return (spotify.world.artist(track.artist_ids[0]).name, track.name, length, isrc)


def bring(user, rows):
    text = io.StringIO()
    csv.writer(text).writerows([("artist", "title", "duration", "isrc"), *rows])
    (source,) = lists.bring(user=user, lists=lists_brought.read(text.getvalue().encode(), "Mine.csv"))
    fetch.start_fetch(user=user, sources=[source])
    return source


def searches(spotify):
    return [one["query"] for one in spotify.requests("/v1/search")]


def found(source):
    return list(source.rows.order_by("position").values_list("track__spotify_id", "problem"))


def test_what_is_nothing_known_here_is_searched_for_and_found(anna, connection, spotify, alone, run_jobs, client):
    source = bring(anna, [told(spotify, each) for each in alone[:3]] + [NOBODY])
    (job,) = run_jobs("fetch_tracks")
    assert job.state == "done", job.traceback
    assert found(source) == [(each.id, "") for each in alone[:3]] + [(None, "nowhere")]
    assert fetch.track_ids(source, now=timezone.now()) == [
        Track.objects.get(spotify_id=each.id).pk for each in alone[:3]
    ]
    assert (job.result["tracks"], job.result["changed"], job.result["not_found"]) == (3, 3, 1)
    assert len(searches(spotify)) == 3 + 2  # what is not found is tried by all its words, too
    assert not BudgetHour.objects.filter(interactive_calls__gt=0).exists(), "none that people wait for"
    client.force_login(anna)
    page = client.get(f"/library/sources/{source.pk}/").content.decode()
    assert page.index("Nobody at All") < page.index("Nothing Whatever") < page.rindex("Not found at Spotify either")


def test_an_answer_is_kept_for_everybody(anna, ben, connection, connected, spotify, alone, run_jobs):
    rows = [told(spotify, alone[0]), NOBODY, NOBODY]
    source = bring(anna, rows)
    run_jobs("fetch_tracks")
    asked = len(searches(spotify))
    assert asked == 3
    fetch.start_fetch(user=anna, sources=[source])
    connected(ben, spotify.listeners[1])
    theirs = bring(ben, rows)
    run_jobs("fetch_tracks")
    assert len(searches(spotify)) == asked
    assert found(theirs) == found(source) == [(alone[0].id, ""), (None, "nowhere"), (None, "nowhere")]
    NameSearch.objects.update(asked_at=timezone.now() - timedelta(days=31))
    fetch.start_fetch(user=anna, sources=[source])
    run_jobs("fetch_tracks")
    assert len(searches(spotify)) == asked + 2, "after a month it is asked again"
    assert list_search.forget_old(now=timezone.now()) == 1


def test_without_a_connection_nobody_is_asked(anna, spotify, alone, run_jobs):
    source = bring(anna, [told(spotify, alone[0])])
    run_jobs("fetch_tracks")
    assert found(source) == [(None, "unknown")]
    assert not searches(spotify)


def test_by_isrc_first(anna, connection, spotify, alone, run_jobs):
    source = bring(anna, [("?", "?", "", alone[0].isrc), ("Somebody", "Else", "", "GBZZZ9900001")])
    run_jobs("fetch_tracks")
    first, second = found(source)
    assert Track.objects.get(spotify_id=first[0]).recording.isrc == alone[0].isrc
    assert second == (None, "nowhere")


@pytest.mark.parametrize("turned", [False, True])
def test_marks_and_order_do_not_matter(anna, connection, spotify, alone, run_jobs, turned):
    artist, title, *rest = told(spotify, alone[0])
    source = bring(anna, [(title, artist, *rest) if turned else (artist.upper(), f"{title} (2017 Remaster)", *rest)])
    run_jobs("fetch_tracks")
    row = source.rows.get()
    assert alone[0].id in ([row.track.spotify_id] if row.track else [
        Track.objects.get(pk=pk).spotify_id for pk in row.candidates])  # fmt: skip


def test_what_fits_several_is_asked_about_and_never_guessed(anna, connection, spotify, run_jobs, client):
    world = spotify.world
    performances = {}
    for track in world.tracks:
        performances.setdefault((track.artist_ids[0], names.key(track.name)), {}).setdefault(track.isrc, track)
    several = next(each for each in performances.values() if len(each) > 1)
    one = next(iter(several.values()))
    source = bring(anna, [told(spotify, one)])
    run_jobs("fetch_tracks")
    row = source.rows.get()
    assert (row.track, row.problem) == (None, "several")
    assert len(row.candidates) >= 2
    client.force_login(anna)
    assert "Could be one of several" in client.get(f"/library/sources/{source.pk}/").content.decode()
    client.post(f"/library/rows/{row.pk}/", {"track": row.candidates[0]})
    assert fetch.track_ids(source, now=timezone.now()) == [row.candidates[0]]


def test_a_length_that_is_told_has_to_fit(anna, connection, spotify, alone, run_jobs):
    right, wrong = alone[:2]
    source = bring(
        anna,
        [
            told(spotify, right, length=str(right.duration_ms)),
            told(spotify, wrong, length=str(wrong.duration_ms + 60_000)),
        ],
    )
    run_jobs("fetch_tracks")
    assert found(source) == [(right.id, ""), (None, "several")]
    fetch.start_fetch(user=anna, sources=[source])
    run_jobs("fetch_tracks")
    assert found(source) == [(right.id, ""), (None, "several")], "nor when it is fetched again"


def test_it_stops_where_the_budget_ends_says_so_and_goes_on(anna, connection, spotify, alone, run_jobs, client):
    SpotifyApp.objects.update(daily_calls=10, interactive_reserve=2)
    source = bring(anna, [told(spotify, each) for each in alone[:9]])
    (job,) = run_jobs("fetch_tracks")
    assert job.state == "queued"
    assert job.not_before > timezone.now()
    asked = len(searches(spotify))
    assert asked == 4, "half of what is for background work is left to plays and likes"
    assert [problem for _id, problem in found(source)] == [""] * 4 + ["unknown"] * 5
    client.force_login(anna)
    page = client.get(f"/library/sources/{source.pk}/").content.decode()
    assert "searched for 4 of 9 names" in page
    assert "Goes on" in page
    SpotifyApp.objects.update(daily_calls=5000)
    job = run_jobs("fetch_tracks", ahead=True)[-1]
    assert (job.state, job.result["tracks"], job.result["changed"]) == ("done", 9, 9)
    assert len(searches(spotify)) == 9
    assert job.attempts == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "reason": "QUOTA_EXCEEDED", "retry_after": 3600},
        {"status": 429, "retry_after": 9},
        {"status": 503},
    ],
)
def test_spotifys_own_walls_are_waited_for(anna, connection, spotify, alone, run_jobs, fault):
    spotify.fault(path="/v1/search", count=1, **fault)
    source = bring(anna, [told(spotify, each) for each in alone[:2]])
    (job,) = run_jobs("fetch_tracks")
    assert (job.state, job.attempts) == ("queued", 0)
    assert job.not_before > timezone.now()
    assert [problem for _id, problem in found(source)] == ["unknown"] * 2
    SpotifyApp.objects.update(blocked_until=None, rate_limited_until=None)
    assert run_jobs("fetch_tracks", ahead=True)[-1].state == "done"
    assert [problem for _id, problem in found(source)] == [""] * 2


def test_a_dead_consent_ends_the_job_with_what_was_found_here(anna, connection, spotify, alone, run_jobs):
    spotify.fault(path="/v1/search", count=9, status=403, message="Insufficient client scope")
    source = bring(anna, [told(spotify, alone[0])])
    (job,) = run_jobs("fetch_tracks")
    assert job.state == "done"
    assert found(source) == [(None, "unknown")]


def test_turns_between_people(anna, ben, connection, connected, spotify, alone, run_jobs, monkeypatch):
    monkeypatch.setattr(list_search, "TURN", 2)
    connected(ben, spotify.listeners[1])
    hers = bring(anna, [told(spotify, each) for each in alone[:5]])
    his = bring(ben, [told(spotify, each) for each in alone[5:10]])
    run_jobs("fetch_tracks")
    assert [sum(1 for _id, problem in found(each) if not problem) for each in (hers, his)] == [2, 2]
    run_jobs("fetch_tracks", ahead=True)
    for source in (hers, his):
        assert {problem for _id, problem in found(source)} == {""}
    assert len(searches(spotify)) == 10


def test_a_stop_keeps_what_was_asked(anna, connection, spotify, alone, run_jobs, monkeypatch):
    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.0)
    source = bring(anna, [told(spotify, each) for each in alone[:3]])
    whole = SpotifyGateway.search_tracks

    def stopped(self, *args):
        Job.objects.update(cancel_requested=True)
        return whole(self, *args)

    monkeypatch.setattr(SpotifyGateway, "search_tracks", stopped)
    (job,) = run_jobs("fetch_tracks")
    assert job.state == "cancelled"
    assert [problem for _id, problem in found(source)] == ["", "unknown", "unknown"]


def test_a_worker_that_died_asks_no_name_twice(anna, connection, spotify, alone, run_jobs, monkeypatch):
    source = bring(anna, [told(spotify, each) for each in alone[:4]])
    whole, asked = list_search._ask, []

    def dying(*args):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(1)
        whole(*args)

    monkeypatch.setattr(list_search, "_ask", dying)
    with pytest.raises(KeyboardInterrupt):
        run_jobs("fetch_tracks")
    monkeypatch.setattr(list_search, "_ask", whole)
    Job.objects.update(state="queued", worker="")
    assert run_jobs("fetch_tracks")[-1].state == "done"
    assert len(searches(spotify)) == 4
    assert {problem for _id, problem in found(source)} == {""}


def test_what_the_person_said_meanwhile_stays(anna, connection, spotify, alone, run_jobs, monkeypatch):
    source = bring(anna, [told(spotify, alone[0])])
    known = Track.objects.create(name="Hers", name_key="hers", spotify_id="9" * 22)
    whole = list_search._ask

    def meanwhile(*args):
        whole(*args)
        ListRow.objects.update(track=known, chosen=True, problem="")

    monkeypatch.setattr(list_search, "_ask", meanwhile)
    run_jobs("fetch_tracks")
    assert source.rows.get().track == known


def test_the_catalogue_takes_in_only_what_fits(anna, connection, spotify, alone, run_jobs):
    bring(anna, [NOBODY, (told(spotify, alone[0])[0], "No Such Song of Theirs", "", "")])
    run_jobs("fetch_tracks")
    assert not Track.objects.exists()
