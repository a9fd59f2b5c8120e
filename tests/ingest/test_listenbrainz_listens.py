"""ListenBrainz's API as a program sees it: what it gives back, what plays now, and its manners."""

from datetime import timedelta

import pytest

from accounts import rates
from accounts.fields import from_ms
from accounts.keys import Scope
from ingest.actions import hide, player
from ingest.models import Artist, HiddenPlay, Play, Track
from tests.factories.ingest import TrackFactory, heard
from tests.ingest.listening_program import NOW_S, OK, listen, program

pytestmark = pytest.mark.usefixtures("noon")


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


def test_between_two_moments(anna_plays, thirty):
    """As multi-scrobbler asks before it sends what had to wait: the newest between both, read on by `max_ts`."""
    assert moments(anna_plays.listens(min_ts=thirty[9], max_ts=thirty[2])) == thirty[3:9]
    assert moments(anna_plays.listens(min_ts=thirty[9], max_ts=thirty[2], count=2)) == thirty[3:5]
    assert moments(anna_plays.listens(min_ts=thirty[9], max_ts=thirty[4], count=2)) == thirty[5:7]
    assert moments(anna_plays.listens(min_ts=thirty[9], max_ts=thirty[9])) == []


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
        ({"max_ts": 5, "min_ts": 6}, "max_ts should be greater than min_ts"),
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
