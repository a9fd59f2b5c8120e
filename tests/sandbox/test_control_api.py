"""The control desk, as programs and as people use it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from vibesite.sandbox import scrobbles

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def desk(sandbox):
    def ask(method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = requests.request(method, f"{sandbox.url}/_sandbox{path}", timeout=20, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers["Content-Type"] else answer

    return ask


def test_pages_stand_and_name_what_is_here(sandbox, desk):
    front = requests.get(sandbox.url + "/", timeout=5).text
    assert all(one.title in front for one in sandbox.sandbox.services if one.name not in ("home", "control"))
    page = desk("GET", "/").text
    assert "<script" not in front + page
    assert all(section in page for section in ('id="clock"', 'id="faults"', 'id="apps"', 'id="log"'))
    assert requests.get(sandbox.url + "/_sandbox/sandbox.css", timeout=5).status_code == 200


def test_forms_lead_back_to_the_desk(sandbox):
    def send(where: str, **form: str) -> None:
        url, browser = sandbox.url + "/_sandbox" + where, {"Accept": "text/html,*/*;q=0.8"}
        answer = requests.post(url, data=form, headers=browser, allow_redirects=False, timeout=5)
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"].startswith("/_sandbox/")

    send("/clock", set="2026-11-20T12:00:00Z")
    send("/clock", jump_s="60")
    send("/clock", frozen="1")
    assert 60 <= (sandbox.clock.now() - NOON).total_seconds() < 70
    send("/faults", kind="status", status="503", path="/v1/me", count="")
    assert sandbox.faults.all()[0].left is None
    send("/faults/remove", id=str(sandbox.faults.all()[0].id))
    assert not sandbox.faults
    send("/options", null_playlists="1", recent_lag_s="5")
    assert (sandbox.state.option("null_playlists"), sandbox.state.option("recent_lag_s")) == (True, 5.0)
    send("/apps/sandbox-app", form="1", seats="6", quota="", owner_premium="true", allowlist=sandbox.listeners[7].id)
    assert sandbox.app().allowlist == [sandbox.listeners[7].id]
    assert sandbox.app().quota is None
    send("/plays", listener=sandbox.listeners[0].id, track=sandbox.world.tracks[0].id, ms_played="")
    assert len(sandbox.world.injected(sandbox.listeners[0].id)) == 1
    send("/revoke", client_id="sandbox-app", listener=sandbox.listeners[0].id)
    send("/reset")
    assert sandbox.app().seats == 5


def test_clock(sandbox, desk):
    assert desk("POST", "/clock", json={"set": "2026-11-20T12:00:00Z", "rate": 0})["now"].startswith("2026-11-20T12:00")
    assert desk("POST", "/clock", json={"jump_s": -3600})["now"].startswith("2026-11-20T11:00")
    assert desk("POST", "/clock", json={"real": True})["real"]
    assert "no moment" in desk("POST", "/clock", 400, json={"set": "soon"})["error"]
    desk("POST", "/clock", 400, data="{", headers={"Content-Type": "application/json"})


def test_faults(desk):
    one = desk("POST", "/faults", 201, json={"status": 503, "path": "/v1/me/*", "count": 3})
    desk("POST", "/faults", 201, json={"faults": [{"kind": "lag", "seconds": 60}, {"kind": "cut"}]})
    assert [fault["kind"] for fault in desk("GET", "/faults")] == ["status", "lag", "cut"]
    desk("DELETE", f"/faults/{one['id']}")
    desk("DELETE", f"/faults/{one['id']}", 404)
    assert desk("DELETE", "/faults") == {"removed": 2}
    assert "kind must be" in desk("POST", "/faults", 400, json={"kind": "gremlin"})["error"]


def test_apps(sandbox, desk):
    assert [app["client_id"] for app in desk("GET", "/apps")] == ["sandbox-app", "sandbox-second", "sandbox-extended"]
    desk("POST", "/apps", 201, json={"client_id": "mine", "secret": "s", "redirect_uris": ["http://127.0.0.1/mine"]})
    token = desk("POST", "/tokens", json={"listener": sandbox.listeners[0].id, "client_id": "mine"})
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert requests.get(sandbox.url + "/v1/me", headers=headers, timeout=5).status_code == 403
    desk("PATCH", "/apps/mine", json={"allowlist": [sandbox.listeners[0].id]})
    assert requests.get(sandbox.url + "/v1/me", headers=headers, timeout=5).status_code == 200
    everybody = [one.id for one in sandbox.listeners]
    assert desk("PATCH", "/apps/mine", 400, json={"allowlist": everybody})["error"] == "This app has 5 seats."
    desk("PATCH", "/apps/mine", 400, json={"allowlist": ["nobody"]})
    desk("PATCH", "/apps/mine", 400, json={"mode": "wild"})
    desk("PATCH", "/apps/nobody", 404, json={})
    desk("POST", "/apps", 400, json={"client_id": "mine"})


def test_truth_is_whole_and_countable(sandbox, desk):
    sandbox.clock.freeze(NOON)
    mara = sandbox.listeners[0]
    truth = desk("GET", f"/truth/{mara.id}?from=2026-11-01&to=2026-11-15")
    plays = sandbox.world.plays(mara, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC))
    assert truth["count"] == len(plays) == len(truth["plays"])
    assert truth["recent_count"] < truth["count"]
    assert [one["item_id"] for one in truth["plays"]] == [play.item_id for play in plays]
    top = desk("GET", f"/truth/{mara.id}/top?what=artists&from=2026-11-01&limit=3")["top"]
    assert [row["plays"] for row in top] == sorted((row["plays"] for row in top), reverse=True)
    desk("GET", f"/truth/{mara.id}/top?what=moods", 400)
    desk("GET", "/truth/nobody", 404)


def test_a_play_by_hand_is_true_everywhere(sandbox, desk):
    sandbox.clock.freeze(NOON)
    mara, track = sandbox.listeners[0], sandbox.world.tracks[7]
    told = {"track_id": track.id, "ended_at": "2026-11-20T11:59:59Z"}
    assert desk("POST", f"/listeners/{mara.id}/plays", 201, json=told)["name"] == track.name
    newest = requests.get(
        sandbox.url + "/v1/me/player/recently-played?limit=1", headers=sandbox.headers_for(mara.id), timeout=5
    ).json()["items"][0]
    assert (newest["track"]["id"], newest["played_at"]) == (track.id, "2026-11-20T11:59:59.000Z")
    content = desk("GET", f"/exports/{mara.id}/extended.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = [
            row
            for name in archive.namelist()
            if name.endswith(".json") and "Audio" in name
            for row in json.loads(archive.read(name))
        ]
    assert any(row["spotify_track_uri"] == track.uri and row["ts"] == "2026-11-20T11:59:59Z" for row in rows)
    account = desk("GET", f"/exports/{mara.id}/account.zip").content
    assert zipfile.ZipFile(io.BytesIO(account)).testzip() is None
    desk("POST", f"/listeners/{mara.id}/plays", 404, json={"track_id": "x"})
    desk("POST", f"/listeners/{mara.id}/plays", 400, json={"track_id": track.id, "mood": "blue"})
    desk("POST", "/listeners/nobody/plays", 404, json={"track_id": track.id})


def test_player_by_hand(sandbox, desk):
    mara, track = sandbox.listeners[0].id, sandbox.world.tracks[0]
    desk("PUT", f"/listeners/{mara}/player", json={"track_id": track.id, "progress_ms": 5})
    assert desk("GET", f"/listeners/{mara}/player")["playback"]["item_id"] == track.id
    desk("PUT", f"/listeners/{mara}/player", json={})
    assert desk("GET", f"/listeners/{mara}/player")["playback"] is None
    desk("DELETE", f"/listeners/{mara}/player")
    assert desk("GET", f"/listeners/{mara}/player")["told"] is False
    desk("PUT", f"/listeners/{mara}/player", 404, json={"track_id": "x"})


def test_log_counts_and_hides_secrets(sandbox, desk):
    headers = sandbox.headers_for(sandbox.listeners[0].id)
    for _ in range(3):
        requests.get(sandbox.url + "/v1/me?access_token=hidden", headers=headers, timeout=5)
    log = desk("GET", "/log?path=/v1/*")
    assert log["counts"] == {"GET /v1/me 200": 3}
    assert log["requests"][0]["listener"] == sandbox.listeners[0].id
    assert "hidden" not in json.dumps(log)
    assert {app["used_24h"] for app in desk("GET", "/apps") if app["client_id"] == "sandbox-app"} == {3}
    desk("DELETE", "/usage")
    desk("DELETE", "/log")
    assert desk("GET", "/log")["total"] == 0


def test_pictures(sandbox):
    world = sandbox.sandbox.base_world
    own = world.playlists(world.listeners[0], sandbox.clock.now())[1]
    for one_id in (world.albums[0].id, world.artists[1].id, world.listeners[0].id, own.id, world.spoken.shows[0].id):
        answer = requests.get(f"{sandbox.url}/img/{one_id}.svg?size=64", timeout=5)
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert 'width="64"' in answer.text
    assert requests.get(f"{sandbox.url}/img/nothing.svg", timeout=5).status_code == 404


def test_the_logs_of_other_programs_are_handed_out(sandbox, desk):
    mara = sandbox.listeners[0]
    for name in scrobbles.LOGS:
        path = f"/exports/{mara.id}/logs/{name}?until=2019-04-01T00:00:00Z"
        assert requests.get(f"{sandbox.url}/_sandbox{path}", timeout=20).content
    desk("GET", f"/exports/{mara.id}/logs/napster.csv", 404)
