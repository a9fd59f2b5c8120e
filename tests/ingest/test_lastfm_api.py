"""Last.fm's protocol as a scrobbler sees it: signatures, sessions, scrobbles, in XML and JSON."""

import hashlib
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts import keys, lastfm_keys
from accounts.fields import to_ms
from accounts.keys import Scope
from accounts.models import ApiToken
from ingest.actions import player
from ingest.models import Play
from tests.ingest.listening_program import NOW_S

pytestmark = pytest.mark.usefixtures("noon")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Scrobbler:
    def __init__(self, user, *scopes):
        self.token, self.text = keys.make(user=user, name="", scopes=scopes or [Scope.SUBMIT], now=user.date_joined)
        self.key, self.secret, self.sk = self.token.prefix, lastfm_keys.shared_secret(self.token), ""
        self.name = user.username
        self.client = Client(enforce_csrf_checks=True)

    def call(self, method, *, sign=None, **told):
        """(status, JSON). `told` may override every parameter; None leaves it out."""
        sent = {"method": method, "api_key": self.key, **({"sk": self.sk} if self.sk else {}), **told}
        sent = {name: value for name, value in sent.items() if value is not None}
        ordered = "".join(f"{name}{value}" for name, value in sorted(sent.items()))
        sent["api_sig"] = md5(ordered + self.secret) if sign is None else sign
        answer = self.client.post("/2.0/", {**sent, "format": "json"})
        return answer.status_code, answer.json()

    def sign_in(self):
        _status, answer = self.call("auth.getMobileSession", username=self.name, password=self.secret)
        self.sk = answer["session"]["key"]
        return self


@pytest.fixture
def scrobbler(anna):
    return Scrobbler(anna).sign_in()


SONG = {"artist": "Dool", "track": "Vantablack"}


def test_each_way_to_a_session(anna):
    one = Scrobbler(anna)
    ways = [
        one.call("auth.getMobileSession", username="anna", password=one.secret),
        one.call("auth.getMobileSession", username="anna", authToken=md5("anna" + md5(one.secret))),
        one.call("auth.getSession", token=one.text),
    ]
    session = {"name": "anna", "key": lastfm_keys.session_key(one.token), "subscriber": "0"}
    assert ways == [(200, {"session": session})] * 3


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("auth.getMobileSession", {"username": "anna", "password": "guess"}),
        ("auth.getMobileSession", {"username": "anna", "authToken": "guess"}),
        ("auth.getMobileSession", {"username": "anna"}),
        ("auth.getMobileSession", {"username": "ben", "password": "SECRET"}),
        ("auth.getSession", {"token": "guess"}),
        ("auth.getSession", {}),
    ],
)
def test_no_session_for_those_who_do_not_know(anna, method, told):
    one = Scrobbler(anna)
    told = {name: one.secret if value == "SECRET" else value for name, value in told.items()}
    status, answer = one.call(method, **told)
    assert (status, answer["error"]) == (403, 4)


def test_a_scrobble_becomes_a_play_once(anna, scrobbler):
    told = {**SONG, "timestamp": NOW_S - 600, "duration": 200, "album": "Here Now", "trackNumber": "3"}
    for _time in range(2):
        status, answer = scrobbler.call("track.scrobble", **told)
        assert (status, answer["scrobbles"]["@attr"]) == (200, {"accepted": 1, "ignored": 0})
    echo = answer["scrobbles"]["scrobble"]
    assert echo["track"] == {"#text": "Vantablack", "corrected": "0"}
    assert (echo["timestamp"], echo["ignoredMessage"]) == (str(NOW_S - 600), {"#text": "", "code": "0"})
    play = Play.objects.of(anna).select_related("track__album", "track__artist").get()
    assert (to_ms(play.started_at), play.ms_played) == ((NOW_S - 600) * 1000, 200_000)
    track = play.track
    names = (track.artist.name, track.name, track.album.name, track.track_number)
    assert names == ("Dool", "Vantablack", "Here Now", 3)


def test_a_batch_takes_the_good_and_names_the_bad(anna, scrobbler):
    moments = [NOW_S - 600, 1, NOW_S + 3600, NOW_S - 900, NOW_S - 1200]
    told = {f"timestamp[{n}]": moment for n, moment in enumerate(moments)}
    told |= {f"artist[{n}]": "Dool" for n in range(4)} | {f"track[{n}]": f"Song {n}" for n in range(5)}
    told["track[3]"] = " "
    status, answer = scrobbler.call("track.scrobble", **told)
    assert (status, answer["scrobbles"]["@attr"]) == (200, {"accepted": 1, "ignored": 4})
    codes = [each["ignoredMessage"]["code"] for each in answer["scrobbles"]["scrobble"]]
    assert codes == ["0", "3", "4", "2", "1"]
    assert Play.objects.of(anna).count() == 1


def test_a_batch_has_an_end(scrobbler):
    told = {f"{name}[{n}]": value for n in range(51) for name, value in {**SONG, "timestamp": NOW_S}.items()}
    status, answer = scrobbler.call("track.scrobble", **told)
    assert (status, answer["error"]) == (400, 6)


def test_what_plays_now(anna, scrobbler, now):
    status, answer = scrobbler.call("track.updateNowPlaying", **SONG, duration="200")
    assert (status, answer["nowplaying"]["artist"]["#text"]) == (200, "Dool")
    assert player.now_playing(anna, now).track.name == "Vantablack"
    assert not Play.objects.exists()


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"method": "track.love"}, 400, 3),
        ({"method": None}, 400, 3),
        ({"timestamp": None}, 400, 6),
        ({"timestamp": "now"}, 400, 6),
        ({"sk": None}, 403, 9),
        ({"sk": "0" * 32}, 403, 9),
        ({"api_key": None}, 403, 10),
        ({"api_key": "vs_nobody00"}, 403, 10),
        ({"api_key": "a\x00b"}, 403, 10),
        ({"sign": "0" * 32}, 403, 13),
        ({"sign": ""}, 403, 13),
    ],
)
def test_errors(scrobbler, told, status, code):
    told = {"timestamp": NOW_S - 600, **SONG, **told}
    method = told.pop("method", "track.scrobble")
    answered, answer = scrobbler.call(method, **told)
    assert (answered, answer["error"]) == (status, code)
    assert answer["message"]
    assert not Play.objects.exists()


def test_a_token_that_is_over_or_may_not(anna, scrobbler, now):
    reader = Scrobbler(anna, Scope.READ)
    assert reader.call("auth.getSession", token=reader.text)[1]["error"] == 10
    keys.revoke(token=scrobbler.token, now=now)
    assert scrobbler.call("track.scrobble", **SONG, timestamp=NOW_S)[1]["error"] == 10


def test_the_session_of_one_token_is_none_of_anothers(anna, ben, scrobbler):
    theirs = Scrobbler(ben).sign_in()
    assert theirs.call("track.scrobble", **SONG, timestamp=NOW_S, sk=scrobbler.sk)[1]["error"] == 9


def test_xml_is_the_usual_format(anna, scrobbler):
    told = {**SONG, "track": "<&\x01>", "timestamp": str(NOW_S), "method": "track.scrobble"}
    told |= {"api_key": scrobbler.key, "sk": scrobbler.sk}
    told["api_sig"] = lastfm_keys.signature(told, scrobbler.secret)
    answer = scrobbler.client.post("/2.0/", told)
    root = ElementTree.fromstring(answer.content)
    assert (answer["Content-Type"], root.get("status")) == ("text/xml; charset=utf-8", "ok")
    assert root.find("scrobbles").attrib == {"accepted": "1", "ignored": "0"}
    assert root.findtext("scrobbles/scrobble/track") == "<&>"
    failed = ElementTree.fromstring(scrobbler.client.get("/2.0/").content)
    assert (failed.get("status"), failed.find("error").get("code")) == ("failed", "3")


@pytest.mark.parametrize("address", ["/2.0/", "/2.0"])
def test_libraries_have_the_address_with_a_slash_and_without(scrobbler, address):
    """npm's `lastfm` and `lastfm-ts-api` send to `/2.0`, and follow no redirect."""
    told = {**SONG, "timestamp": str(NOW_S), "method": "track.scrobble", "api_key": scrobbler.key, "sk": scrobbler.sk}
    told["api_sig"] = lastfm_keys.signature(told, scrobbler.secret)
    assert scrobbler.client.post(address, told).status_code == 200
    assert Play.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"artist=" + b"x" * (6 << 20), "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=b" % number for number in range(7000)), "application/x-www-form-urlencoded"),
        (b"--x", "multipart/form-data"),
    ],
    ids=["too large", "too many fields", "no form"],
)
@pytest.mark.parametrize("wanted", ["json", ""])
def test_a_call_that_cannot_be_read_is_refused_in_the_protocol(scrobbler, body, kind, wanted):
    answer = scrobbler.client.post(f"/2.0/?format={wanted}", body, content_type=kind)
    assert answer.status_code == 400
    if wanted:
        assert answer.json()["error"] == 6
    else:
        assert ElementTree.fromstring(answer.content).find("error").get("code") == "6"


def test_nothing_is_recorded_by_a_link(scrobbler):
    told = {**SONG, "timestamp": str(NOW_S), "method": "track.scrobble", "api_key": scrobbler.key, "sk": scrobbler.sk}
    told["api_sig"] = lastfm_keys.signature(told, scrobbler.secret)
    assert scrobbler.client.get("/2.0/", told).status_code == 400
    assert not Play.objects.exists()


def test_no_derived_secret_is_stored(scrobbler):
    kept = str(ApiToken.objects.values().get())
    assert scrobbler.secret not in kept
    assert scrobbler.sk not in kept


def test_an_outage_is_told_as_one_so_that_the_scrobble_is_kept(scrobbler, outage):
    with outage():
        status, answer = scrobbler.call("track.scrobble", timestamp=NOW_S - 600, **SONG)
        told = scrobbler.client.get("/2.0/", {"method": "auth.getMobileSession", "api_key": scrobbler.key})
    assert (status, answer["error"]) == (503, 16)
    assert ElementTree.fromstring(told.content).find("error").get("code") == "16"
    assert not Play.objects.exists()
    assert scrobbler.call("track.scrobble", timestamp=NOW_S - 600, **SONG)[0] == 200
