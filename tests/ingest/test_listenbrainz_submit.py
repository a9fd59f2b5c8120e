"""ListenBrainz's API as a program sees it: what it takes, and from whom."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts import keys
from accounts.fields import to_ms
from accounts.keys import Scope
from accounts.models import ApiToken
from ingest.evidence import Origin
from ingest.models import MergedPlay, Play, Track, Word
from tests.factories.ingest import TrackFactory, heard
from tests.ingest.listening_program import NOW_S, OK, Program, listen, program

pytestmark = pytest.mark.usefixtures("noon")


# --- What is taken ----------------------------------------------------------------------------------------------------
def test_a_listen_becomes_a_play(anna, anna_plays):
    info = {
        "duration_ms": 200_000,
        "isrc": "NLXX11700001",
        "tracknumber": 1,
        "artist_names": ["Dool", "Okkultokrati"],
        "media_player": "Poweramp",
        "submission_client": "Pano Scrobbler",
    }
    assert anna_plays.submit(listen(info=info, release_name="Here Now"), kind="single") == OK
    play = Play.objects.of(anna).select_related("track__album", "track__artist").get()
    assert (play.origin, to_ms(play.started_at)) == (Origin.SUBMIT, (NOW_S - 600) * 1000)
    assert (play.ms_played, play.is_estimate) == (200_000, True)
    track = play.track
    assert (track.name, track.artist.name, track.album.name) == ("Vantablack", "Dool", "Here Now")
    assert (track.duration_ms, track.isrc, track.track_number) == (200_000, "NLXX11700001", 1)
    assert [credit.artist.name for credit in track.credits.all()] == ["Dool", "Okkultokrati"]
    assert Word.objects.get(pk=play.platform).text == "Poweramp (Pano Scrobbler)"


def test_the_same_listens_twice_are_one_each(anna, anna_plays):
    listens = [listen(NOW_S - 3600 * n, f"Song {n % 7}") for n in range(1, 51)]
    assert anna_plays.submit(*listens) == OK
    assert anna_plays.submit(*listens, *reversed(listens)) == OK
    assert Play.objects.of(anna).count() == 50
    assert not MergedPlay.objects.exists()


def test_a_bad_listen_refuses_all(anna, anna_plays):
    status, answer = anna_plays.submit(listen(), listen(title=" "))
    assert (status, answer) == (400, {"code": 400, "error": "field track_metadata.track_name is empty."})
    assert not Play.objects.exists()


def test_what_polling_told_is_the_same_play(anna, anna_plays, now):
    track = TrackFactory(duration_ms=200_000)
    start = now - timedelta(minutes=20)
    heard(anna, track, start, seconds=200, origin=Origin.POLL, is_estimate=True)
    names = {"artist_name": track.artist.name, "track_name": track.name}
    told = {"listened_at": NOW_S - 20 * 60, "track_metadata": names}
    assert anna_plays.submit(told) == OK
    play = Play.objects.of(anna).get()
    assert (play.origin, play.track) == (Origin.SUBMIT, track)
    assert MergedPlay.objects.get().origin == Origin.POLL


def test_an_export_that_comes_later_takes_the_place(anna, anna_plays, now):
    track = TrackFactory(duration_ms=200_000)
    uri = {"spotify_id": f"https://open.spotify.com/track/{track.spotify_id}"}
    assert anna_plays.submit(listen(NOW_S - 1200, "Any name", info=uri)) == OK
    heard(anna, track, now - timedelta(minutes=20), seconds=150, origin=Origin.EXPORT)
    assert (Play.objects.get().origin, Play.objects.get().ms_played) == (Origin.EXPORT, 150_000)


def test_what_spotify_said_of_a_track_is_not_overruled(anna_plays, now):
    track = TrackFactory(duration_ms=200_000, refreshed_at=now, isrc="")
    info = {"spotify_id": track.spotify_id, "duration_ms": 5, "isrc": "NLXX11700001"}
    assert anna_plays.submit(listen(info=info, title="Other")) == OK
    before = track.name
    track.refresh_from_db()
    assert (track.name, track.duration_ms, track.isrc) == (before, 200_000, "")


def test_a_large_body_is_refused_in_the_protocols_words(anna_plays):
    status, answer = anna_plays.post("submit-listens", b" " * 10_240_001)
    assert (status, answer["error"]) == (400, "Payload too large. Payload cannot exceed 10240000 bytes")


def test_more_than_a_form_may_send_is_taken(anna, anna_plays):
    listens = [listen(NOW_S - 300 * n, info={"note": "x" * 7_000}) for n in range(1, 1_001)]
    assert anna_plays.submit(*listens) == OK
    assert Play.objects.of(anna).count() == 1_000


@pytest.mark.django_db(transaction=True)
def test_the_same_submission_at_the_same_moment(anna):
    programs = [program(anna) for _each in range(4)]
    listens = [listen(NOW_S - 600 * n, f"Song {n}") for n in range(1, 21)]
    together, answers = threading.Barrier(4), []

    def run(one):
        together.wait()
        answers.append(one.submit(*listens))
        connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [OK] * 4
    assert Play.objects.of(anna).count() == 20
    assert Track.objects.count() == 20


# --- Who may ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["Token", "token", "Bearer"])
def test_the_words_of_the_header(anna, kind):
    _token, text = keys.make(user=anna, name="", scopes=[Scope.SUBMIT], now=anna.date_joined)
    assert Program(text, kind).submit(listen()) == OK


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "You need to provide an Authorization header."),
        ("vs_nobody", "Invalid authorization token."),
        (" ", "Provided Authorization header is invalid."),
    ],
)
def test_without_a_good_token(anna, text, said):
    for answer in (Program(text).submit(listen()), Program(text).get("user/anna/listens")):
        assert answer == (401, {"code": 401, "error": said})
    assert not Play.objects.exists()


def test_a_revoked_token(anna, anna_plays, now):
    keys.revoke(token=ApiToken.objects.get(), now=now)
    assert anna_plays.submit(listen()) == (401, {"code": 401, "error": "This token was revoked."})


@pytest.mark.parametrize("scope", [Scope.READ, Scope.IMPORT, Scope.EXPORT])
def test_another_scope_submits_nothing(anna, scope):
    status, answer = program(anna, scope).submit(listen())
    assert (status, answer["code"]) == (403, 403)
    assert not Play.objects.exists()


@pytest.mark.parametrize("path", ["listens", "listen-count", "playing-now"])
def test_listens_are_private(anna, ben, path):
    mine, writes = program(ben), program(ben, Scope.SUBMIT)
    assert mine.get(f"user/ben/{path}")[0] == 200
    assert mine.get(f"user/anna/{path}") == (404, {"code": 404, "error": "Cannot find user: anna"})
    assert mine.get(f"user/nobody/{path}") == (404, {"code": 404, "error": "Cannot find user: nobody"})
    assert writes.get(f"user/ben/{path}")[0] == 403


def test_a_session_opens_nothing(client, anna):
    client.force_login(anna)
    assert client.get("/1/user/anna/listens").status_code == 401


def test_validate_token(anna, anna_plays, now):
    good = {"code": 200, "message": "Token valid.", "valid": True, "user_name": "anna"}
    bad = {"code": 200, "message": "Token invalid.", "valid": False}
    text = anna_plays.headers["Authorization"].split()[1]
    assert anna_plays.get("validate-token") == (200, good)
    assert Program().get("validate-token", token=text) == (200, good)
    assert Program().get("validate-token", token="vs_nobody") == (200, bad)
    assert Program().get("validate-token")[0] == 400
    keys.revoke(token=ApiToken.objects.get(), now=now)
    assert anna_plays.get("validate-token") == (200, bad)


def test_an_outage_is_told_in_the_protocols_own_words(anna_plays, outage):
    with outage():
        status, answer = anna_plays.submit(listen())
        page = anna_plays.client.get("/1/validate-token", {"token": "a"})
    assert (status, answer["code"]) == (503, 503)
    assert "try again" in answer["error"]
    assert page.json()["code"] == 503
    assert page["Access-Control-Allow-Origin"] == "*"
    assert not Play.objects.exists()
    assert anna_plays.submit(listen()) == OK
