"""ListenBrainz's API as a program sees it: what it takes, what it gives back, and to whom."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from accounts import keys, rates
from accounts.fields import from_ms, to_ms
from accounts.keys import Scope
from accounts.models import ApiToken
from ingest.actions import hide, player
from ingest.evidence import Origin
from ingest.models import Artist, HiddenPlay, MergedPlay, Play, Track, Word
from tests.factories.ingest import TrackFactory, heard

NOW_S = 1_795_176_000  # 2026-11-20 12:00 UTC


class Program:
    """A client with one token. `post` and `get` answer (status, JSON)."""

    def __init__(self, text=None, kind="Token"):
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {"Authorization": f"{kind} {text}"} if text else {}

    def post(self, path, body):
        answer = self.client.post(f"/1/{path}", body, content_type="application/json", headers=self.headers)
        return answer.status_code, answer.json()

    def get(self, path, **query):
        answer = self.client.get(f"/1/{path}", query, headers=self.headers)
        return answer.status_code, answer.json()

    def submit(self, *listens, kind="import"):
        return self.post("submit-listens", {"listen_type": kind, "payload": list(listens)})

    def listens(self, name="anna", **query):
        status, answer = self.get(f"user/{name}/listens", **query)
        assert status == 200, answer
        return answer["payload"]


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOW_S, tick=False)


def program(user, *scopes):
    return Program(keys.make(user=user, name="test", scopes=scopes or Scope.values, now=user.date_joined)[1])


@pytest.fixture
def anna_plays(anna):
    return program(anna)


def listen(at=NOW_S - 600, title="Vantablack", info=None, **metadata):
    track = {"artist_name": "Dool", "track_name": title, **metadata}
    if info:
        track["additional_info"] = info
    return {"track_metadata": track} if at is None else {"listened_at": at, "track_metadata": track}


OK = (200, {"status": "ok"})


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


# --- What is given back -----------------------------------------------------------------------------------------------
@pytest.fixture
def thirty(anna_plays):
    """Thirty listens a minute apart, the newest five minutes ago."""
    seconds = [NOW_S - 300 - 60 * n for n in range(30)]
    assert anna_plays.submit(*[listen(at, f"Song {at}") for at in seconds]) == OK
    return seconds


def moments(payload):
    return [each["listened_at"] for each in payload["listens"]]


def test_listens_newest_first(anna_plays, thirty):
    payload = anna_plays.listens()
    assert moments(payload) == thirty[:25]
    ends = (payload["user_id"], payload["count"], payload["latest_listen_ts"], payload["oldest_listen_ts"])
    assert ends == ("anna", 25, thirty[0], thirty[-1])
    assert moments(anna_plays.listens(count=3)) == thirty[:3]
    assert moments(anna_plays.listens(count=0)) == []
    assert moments(anna_plays.listens(count=100_000)) == thirty
    assert moments(anna_plays.listens("ANNA")) == thirty[:25]  # as names are compared there


def test_both_ends_are_excluded(anna_plays, thirty):
    assert moments(anna_plays.listens(max_ts=thirty[1], count=2)) == thirty[2:4]
    assert moments(anna_plays.listens(min_ts=thirty[3], count=2)) == thirty[1:3]  # the first after it, newest first
    assert moments(anna_plays.listens(min_ts=thirty[0])) == []
    assert moments(anna_plays.listens(max_ts=thirty[-1])) == []


def test_paging_meets_every_listen_once(anna_plays, thirty):
    met, before = [], NOW_S
    while page := moments(anna_plays.listens(max_ts=before, count=7)):
        met += page
        before = page[-1]
    assert met == thirty


def test_paging_meets_what_began_in_one_second(anna, anna_plays, now):
    """Who reads on names a second: a page that ended within one would lose the rest of it."""
    for number in range(6):
        heard(anna, TrackFactory(), now - timedelta(hours=1, milliseconds=100 * number), seconds=1)
    older, newer = NOW_S - 7200, NOW_S - 1800
    heard(anna, TrackFactory(), now - timedelta(hours=2))
    heard(anna, TrackFactory(), now - timedelta(minutes=30))
    total = anna_plays.get("user/anna/listen-count")[1]["payload"]["count"]
    down, before = [], NOW_S
    while page := anna_plays.listens(max_ts=before, count=2)["listens"]:
        down += [(each["listened_at"], each["recording_msid"]) for each in page]
        before = page[-1]["listened_at"]
    up, after = [], 0
    while page := anna_plays.listens(min_ts=after, count=2)["listens"]:
        up = [(each["listened_at"], each["recording_msid"]) for each in page] + up
        after = page[0]["listened_at"]
    assert down == up
    assert len(down) == len(set(down)) == total == 8
    assert (down[0][0], down[-1][0]) == (newer, older)
    assert anna_plays.listens(count=0)["listens"] == []


@pytest.mark.parametrize(("path", "method", "code"), [("nothing", "get", 404), ("submit-listens", "get", 405)])
def test_what_is_not_here_is_said_as_there(anna_plays, path, method, code):
    status, answer = anna_plays.get(path)
    assert (status, answer["code"]) == (code, code)
    assert answer["error"]


def test_a_player_in_a_browser_may_call_from_any_page(client, anna_plays, thirty):
    asked = client.options("/1/submit-listens", headers={"Origin": "https://player.example"})
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Origin"] == "*"
    assert {"authorization", "content-type"} <= set(asked["Access-Control-Allow-Headers"].lower().split(", "))
    assert "POST" in asked["Access-Control-Allow-Methods"]
    answer = anna_plays.client.get("/1/user/anna/listens", headers=anna_plays.headers)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert client.get("/1/user/anna/listens").status_code == 401


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"max_ts": 5, "min_ts": 6}, "You may only specify max_ts or min_ts, not both."),
        ({"max_ts": "now"}, "Invalid max_ts argument: now"),
        ({"min_ts": "1.5"}, "Invalid min_ts argument: 1.5"),
        ({"count": "all"}, "Invalid count argument: all"),
        ({"count": -1}, "Number of items requested should be positive"),
    ],
)
def test_what_cannot_be_asked(anna_plays, query, said):
    assert anna_plays.get("user/anna/listens", **query) == (400, {"code": 400, "error": said})


@pytest.mark.parametrize("far", [-(10**30), 0, 10**30])
def test_moments_out_of_this_world(anna_plays, thirty, far):
    assert moments(anna_plays.listens(max_ts=far, count=1)) == (thirty[:1] if far > 0 else [])
    assert moments(anna_plays.listens(min_ts=far, count=1)) == ([] if far > 0 else thirty[-1:])


def test_nobody_has_heard_nothing(anna_plays):
    empty = {"user_id": "anna", "count": 0, "listens": [], "latest_listen_ts": 0, "oldest_listen_ts": 0}
    assert anna_plays.listens() == empty
    assert anna_plays.get("user/anna/listen-count") == (200, {"payload": {"count": 0}})


def test_what_a_listen_looks_like(anna, anna_plays, now):
    track = TrackFactory(duration_ms=200_000, isrc="NLXX11700001", track_number=4)
    Artist.objects.update(musicbrainz_id="24412926-c7bd-48e8-afad-8a285b42e131")
    heard(anna, track, now - timedelta(hours=1), seconds=90)
    (one,) = anna_plays.listens()["listens"]
    metadata = one["track_metadata"]
    assert (one["listened_at"], one["inserted_at"], one["user_name"]) == (NOW_S - 3600, NOW_S - 3510, "anna")
    names = (metadata["track_name"], metadata["artist_name"], metadata["release_name"])
    assert names == (track.name, track.artist.name, track.album.name)
    assert metadata["mbid_mapping"] == {"artist_mbids": ["24412926-c7bd-48e8-afad-8a285b42e131"]}
    info = metadata["additional_info"]
    assert info["spotify_id"] == f"https://open.spotify.com/track/{track.spotify_id}"
    assert (info["duration_ms"], info["duration_played"], info["isrc"]) == (200_000, 90, "NLXX11700001")
    assert info["recording_msid"] == one["recording_msid"]


def test_what_was_given_back_can_be_submitted_again(anna, ben, anna_plays, thirty):
    told = [
        {name: each[name] for name in ("listened_at", "track_metadata")} for each in anna_plays.listens()["listens"]
    ]
    for each in told:
        each["track_metadata"].pop("mbid_mapping", None)
    theirs = program(ben)
    assert theirs.submit(*told) == OK
    assert moments(theirs.listens("ben")) == thirty[:25]
    assert Track.objects.count() == 30


def test_the_count_is_of_every_listen(anna_plays, thirty):
    assert anna_plays.get("user/anna/listen-count") == (200, {"payload": {"count": 30}})


def test_a_page_of_listens_asks_a_bounded_number_of_questions(anna_plays, thirty, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):  # half of them count the call, where the cache is in the database
        anna_plays.listens(count=30)


# --- What plays now ---------------------------------------------------------------------------------------------------
def test_playing_now_is_shown_until_it_is_over(anna, anna_plays, now, client):
    told = listen(None, info={"duration": 200, "media_player": "Poweramp"})
    assert anna_plays.submit(told, kind="playing_now") == OK
    assert not Play.objects.exists()  # it was not heard yet
    _status, answer = anna_plays.get("user/anna/playing-now")
    (one,) = answer["payload"]["listens"]
    assert (answer["payload"]["count"], one["playing_now"], "listened_at" in one) == (1, True, False)
    assert one["track_metadata"]["track_name"] == "Vantablack"
    shown = player.now_playing(anna, now + timedelta(seconds=50))
    assert (shown.track.name, shown.device, shown.progress_at(now + timedelta(seconds=50))) == (
        "Vantablack",
        "Poweramp",
        50_000,
    )
    anna_plays.submit(listen(title="Before"))  # home has its own words for those who have nothing
    client.force_login(anna)
    assert "Vantablack" in client.get("/").content.decode()
    assert player.now_playing(anna, now + timedelta(seconds=200)) is None


def test_without_a_length_it_is_shown_for_ten_minutes(anna, anna_plays, now):
    anna_plays.submit(listen(None), kind="playing_now")
    assert player.now_playing(anna, now + timedelta(seconds=599)) is not None
    assert player.now_playing(anna, now + timedelta(seconds=600)) is None


def test_the_newest_is_what_plays(anna, ben, anna_plays, now):
    anna_plays.submit(listen(None, "First"), kind="playing_now")
    anna_plays.submit(listen(None, "Second"), kind="playing_now")
    assert player.now_playing(anna, now).track.name == "Second"
    assert player.now_playing(ben, now) is None


# --- Importers, and manners -------------------------------------------------------------------------------------------
def test_an_importer_finds_where_it_was(anna_plays):
    assert anna_plays.get("latest-import", user_name="anna") == (200, {"musicbrainz_id": "anna", "latest_import": 0})
    for seconds in (100, 300, 200):  # it never goes back
        assert anna_plays.post("latest-import", {"ts": seconds}) == OK
    assert anna_plays.post("latest-import", {"ts": "7", "service": "librefm"}) == OK
    assert anna_plays.get("latest-import", user_name="anna")[1]["latest_import"] == 300
    assert anna_plays.get("latest-import", user_name="anna", service="LibreFM")[1]["latest_import"] == 7
    assert anna_plays.get("latest-import", user_name="ben")[0] == 404


@pytest.mark.parametrize("wrong", [{"ts": "soon"}, {"ts": -1}, {"ts": 1, "service": 7}, {"ts": 10**400}])
def test_an_importers_mark_must_be_one(anna_plays, wrong):
    assert anna_plays.post("latest-import", wrong) == (400, {"code": 400, "error": "Invalid data sent"})


def test_an_importers_mark_needs_its_scopes(anna):
    assert program(anna, Scope.READ).post("latest-import", {"ts": 1})[0] == 403
    assert program(anna, Scope.SUBMIT).get("latest-import", user_name="anna")[0] == 403


def test_too_many_calls_are_told_when_to_come_back(anna, anna_plays, ben, time_machine):
    def ask(one=anna_plays):
        return one.client.get("/1/user/anna/listen-count", headers=one.headers)

    first = ask()
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("100", "99")
    assert first["X-RateLimit-Reset-In"] == str(rates.WINDOW_S)
    assert "Retry-After" not in first
    for _call in range(rates.CALLS - 1):
        last = ask()
    assert (last.status_code, last["X-RateLimit-Remaining"]) == (200, "0")
    refused = ask()
    assert (refused.status_code, refused.json()["code"]) == (429, 429)
    assert refused["Retry-After"] == refused["X-RateLimit-Reset-In"] == str(rates.WINDOW_S)
    assert ask(program(ben)).status_code == 404  # another token is not concerned
    time_machine.move_to(NOW_S + rates.WINDOW_S, tick=False)
    assert ask().status_code == 200


def test_what_the_person_removed_is_not_given_out(anna, anna_plays, now):
    anna_plays.submit(listen(NOW_S - 900, "Kept"), listen(NOW_S - 400, "Embarrassing"))
    gone = Play.objects.get(track__name="Embarrassing")
    hide.plays(user=anna, ids=[gone.pk], removed=True, now=now)
    shown = anna_plays.listens()
    assert [each["track_metadata"]["track_name"] for each in shown["listens"]] == ["Kept"]
    assert shown["latest_listen_ts"] == NOW_S - 900
    assert anna_plays.get("user/anna/listen-count")[1]["payload"]["count"] == 1


def test_a_listen_is_deleted_with_a_way_back(anna, anna_plays, thirty):
    (newest,) = anna_plays.listens(count=1)["listens"]
    told = {"listened_at": newest["listened_at"], "recording_msid": newest["recording_msid"]}
    for _again in range(2):
        assert anna_plays.post("delete-listen", told) == OK
    assert moments(anna_plays.listens(count=100)) == thirty[1:]
    assert anna_plays.get("user/anna/listen-count") == (200, {"payload": {"count": 29}})
    HiddenPlay.objects.update(removed=False)  # what is hidden is not listed either
    assert moments(anna_plays.listens(count=100)) == thirty[1:]
    hide.undo(user=anna, act=HiddenPlay.objects.get().act, now=from_ms(NOW_S * 1000))
    assert moments(anna_plays.listens(count=100)) == thirty


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"recording_msid": "x"}, "Listen timestamp missing."),
        ({"listened_at": 1}, "Recording MSID missing."),
        ({"listened_at": "x", "recording_msid": "x"}, "x: Listen timestamp invalid."),
        ({"listened_at": 1, "recording_msid": [1]}, "[1]: Recording MSID format invalid."),
    ],
)
def test_what_cannot_be_deleted(anna_plays, told, said):
    assert anna_plays.post("delete-listen", told) == (400, {"code": 400, "error": said})
