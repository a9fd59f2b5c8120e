"""Recently-played and the player: what is told, when, and what never is; against the truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from vibesite.sandbox.spotify_player import shows_as_played

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def get(sandbox):
    sandbox.clock.freeze(NOON)

    def ask(path: str, who: int = 0, **query: object) -> requests.Response:
        headers = sandbox.headers_for(sandbox.listeners[who].id)
        return requests.get(f"{sandbox.url}/v1/me/player{path}", headers=headers, params=query, timeout=5)

    return ask


@pytest.fixture
def empty(sandbox) -> int:
    """The place of a listener without any history of their own."""
    return next(place for place, one in enumerate(sandbox.listeners) if not one.slots)


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_the_last_fifty_of_the_truth_newest_first(sandbox, get):
    for who in range(len(sandbox.listeners)):
        told = get("/recently-played", who, limit=50).json()["items"]
        plays = sandbox.world.plays(sandbox.listeners[who], NOON - timedelta(days=90), NOON)
        known = [one for one in plays if shows_as_played(one) and one.known_at <= NOON - timedelta(seconds=20)]
        assert [(one["track"]["id"], _ms(one["played_at"])) for one in told] == [
            (one.item_id, round(one.ended_at.timestamp() * 1000)) for one in reversed(known[-50:])
        ]


def test_nothing_older_than_fifty_whatever_the_cursor_says(get):
    first = get("/recently-played", limit=50).json()
    older = get("/recently-played", before=first["cursors"]["before"]).json()
    assert (older["items"], older["cursors"], older["next"]) == ([], None, None)


def test_paging_back_and_forth(sandbox, get):
    everything = [one["played_at"] for one in get("/recently-played", limit=50).json()["items"]]
    page = get("/recently-played", limit=20).json()
    seen = [one["played_at"] for one in page["items"]]
    while page["next"]:
        page = requests.get(page["next"], headers=sandbox.headers_for(sandbox.listeners[0].id), timeout=5).json()
        seen += [one["played_at"] for one in page["items"]]
    assert seen == everything
    newer = get("/recently-played", after=_ms(everything[10])).json()["items"]
    assert [one["played_at"] for one in newer] == everything[:10]


def test_what_is_never_told(sandbox, get, empty):
    nobody, track = sandbox.listeners[empty].id, sandbox.world.tracks[0]
    at = NOON - timedelta(minutes=30)
    sandbox.add_play(nobody, track, at, ms_played=29_999)
    sandbox.add_play(nobody, track, at + timedelta(minutes=1), incognito=True)
    sandbox.add_play(nobody, sandbox.world.spoken.shows[0].episode_ids[0], at + timedelta(minutes=2), kind="episode")
    assert get("/recently-played", empty).json()["items"] == []
    sandbox.add_play(nobody, track, at + timedelta(minutes=3), ms_played=30_000)
    sandbox.add_play(nobody, track, at + timedelta(minutes=4), ms_played=5_000, reason_end="trackdone")
    told = get("/recently-played", empty).json()["items"]
    assert [one["played_at"] for one in told] == ["2026-11-20T11:34:00.000Z", "2026-11-20T11:33:00.000Z"]
    assert told[0]["context"] is None


def test_offline_plays_arrive_late(sandbox, get, empty):
    nobody = sandbox.listeners[empty].id
    ended = NOON - timedelta(hours=3)
    sandbox.add_play(nobody, sandbox.world.tracks[0], ended, offline=True, synced_at=NOON + timedelta(minutes=5))
    assert get("/recently-played", empty).json()["items"] == []
    sandbox.clock.jump(timedelta(minutes=5))
    assert get("/recently-played", empty).json()["items"][0]["played_at"] == "2026-11-20T09:00:00.000Z"


def test_lag_and_starts(sandbox, get, empty):
    nobody, track = sandbox.listeners[empty].id, sandbox.world.tracks[0]
    sandbox.add_play(nobody, track, NOON - timedelta(minutes=10))
    lag = sandbox.fault(kind="lag", seconds=3600)
    assert get("/recently-played", empty).json()["items"] == []
    sandbox.faults.remove(lag.id)
    sandbox.fault(kind="starts")
    told = get("/recently-played", empty).json()["items"][0]["played_at"]
    assert _ms(told) == round((NOON - timedelta(minutes=10)).timestamp() * 1000) - track.duration_ms


def test_player_follows_the_truth(sandbox, get):
    found = 0
    for who, listener in enumerate(sandbox.listeners):
        for hour in range(0, 24, 5):
            sandbox.clock.freeze(NOON + timedelta(hours=hour))
            now = sandbox.sandbox.base_world.now_playing(listener, sandbox.clock.now())
            answer = get_at(sandbox, who)
            if now is None:
                assert (answer.status_code, answer.content) == (204, b"")
                continue
            found += 1
            assert answer.json()["progress_ms"] == now.progress_ms
            assert answer.json()["device"]["is_private_session"] == now.device.is_private_session
    assert found


def get_at(sandbox, who: int) -> requests.Response:
    headers = sandbox.headers_for(sandbox.listeners[who].id)
    return requests.get(sandbox.url + "/v1/me/player", headers=headers, timeout=5)


def test_told_player_moves_with_the_clock_pauses_and_is_forgotten(sandbox, get):
    mara, track = sandbox.listeners[0].id, sandbox.world.tracks[0]
    sandbox.play_now(mara, track, progress_ms=1_000, context_uri="spotify:album:" + track.album_id)
    assert get("/currently-playing").json()["context"]["uri"] == "spotify:album:" + track.album_id
    sandbox.clock.jump(timedelta(seconds=10))
    headers = sandbox.headers_for(mara)
    url = sandbox.url + "/v1/me/player"
    assert requests.get(url, headers=headers, timeout=5).json()["progress_ms"] == 11_000
    requests.put(url + "/pause", headers=headers, timeout=5)
    sandbox.clock.jump(timedelta(minutes=5))
    assert requests.get(url, headers=headers, timeout=5).json()["is_playing"] is False
    sandbox.clock.jump(timedelta(minutes=10))
    assert requests.get(url, headers=headers, timeout=5).status_code == 204
    lost = requests.put(url + "/play", headers=headers, timeout=5)
    assert (lost.status_code, lost.json()["error"]["reason"]) == (404, "NO_ACTIVE_DEVICE")


def test_free_listeners_cannot_steer(sandbox):
    free = next(one for one in sandbox.listeners if one.product in ("free", "open"))
    answer = requests.put(sandbox.url + "/v1/me/player/pause", headers=sandbox.headers_for(free.id), timeout=5)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (403, "PREMIUM_REQUIRED")
