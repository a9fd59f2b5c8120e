"""The smoke test: what a program of the older playlist tool does, from sign-in to a diff, against a running server.

Speaks HTTP alone, so it may run anywhere. Leaves behind a rule that is switched off, and nothing else: the labels that
it gives to a track are taken back. Playlists are not written.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

WAIT_S, EVERY_S = 60.0, 2.0  # for a job, and between two looks at it
TIMEOUT_S = 30
STEPS = ("tracks", "external", "classify", "build", "diff")
RULE_ID = "smoke_test_rule"
GROUP = {"operator": "and", "conditions": [{"field": "mood", "operator": "eq", "value": "smoke_test"}]}
LABELS = {"mood": "smoke_test", "genre": "smoke", "year": 2000}
LIKED = {"source_type": "liked", "source_id": None, "label": "Liked tracks"}
Say = Callable[[str], None]


class Failed(Exception):
    """The server did not do what it has to; the text says what came instead."""


def expect(holds: object, said: str) -> None:
    if not holds:
        raise Failed(said)


class Server:
    """The server's API, as one signed-in program."""

    def __init__(self, url: str, *, token: str = "") -> None:
        self.url, self.session = url.rstrip("/"), requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def sign_in(self, listener: str) -> None:
        """Through the simulator, as one of its listeners. Failed says where it stuck."""
        page = self._send("GET", f"{self.url}/accounts/login/")
        word = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        expect(word, "the sign-in page has no form")
        form = {"csrfmiddlewaretoken": word[1] if word else ""}
        start = self._send("POST", f"{self.url}/accounts/spotify/login/?process=login", data=form, follow=False)
        there = start.headers.get("Location", "")
        expect(start.is_redirect and "/authorize" in there, f"no way to Spotify: {start.status_code} {there}")
        asked = dict(parse_qsl(urlsplit(there).query)) | {"decision": "allow", "listener": listener}
        said = self._send("POST", urljoin(there, "/authorize"), data=asked, follow=False)
        expect(said.is_redirect, f"the simulator refuses {listener}: {said.status_code} {said.text[:200]}")
        self._send("GET", said.headers["Location"])

    def get(self, path: str) -> Any:
        return self._json("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self._json("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._json("PATCH", path, body)

    def status(self, method: str, path: str) -> int:
        return self._call(method, path).status_code

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._call(method, path, body)
        expect(answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        try:
            return answer.json()
        except ValueError:
            raise Failed(f"{method} {path}: no JSON, but {answer.text[:100]!r}") from None

    def _call(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"X-CSRFToken": self.session.cookies.get("csrftoken", ""), "Referer": self.url}
        return self._send(method, f"{self.url}/api{path}", json=body, headers=headers)

    def _send(self, method: str, url: str, *, follow: bool = True, **more: Any) -> requests.Response:
        try:
            return self.session.request(method, url, allow_redirects=follow, timeout=TIMEOUT_S, **more)
        except requests.RequestException as exc:
            raise Failed(f"{method} {url}: {exc}") from exc

    def job(self, pk: str) -> dict[str, Any]:
        """The job once it has ended. Failed if it does not within a minute, or ends badly."""
        deadline = time.monotonic() + WAIT_S
        while True:
            job: dict[str, Any] = self.get(f"/pipeline/jobs/{pk}")
            if job["status"] == "done":
                return job
            expect(job["status"] != "error", f"job {pk} ended in error: {job['message']}")
            expect(time.monotonic() < deadline, f"job {pk} is still {job['status']} after {WAIT_S:.0f} s")
            time.sleep(EVERY_S)


class Smoke:
    """All checks in order; a failing one does not stop the next."""

    def __init__(self, server: Server, say: Say) -> None:
        self.server, self.say = server, say
        self.failures = 0

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        try:
            yield
        except (Failed, KeyError, TypeError, AttributeError, IndexError) as exc:
            self.failures += 1
            why = str(exc) if isinstance(exc, Failed) else f"an answer of another form: {exc!r}"
            self.say(f"FAILED  {name}: {why}")
        else:
            self.say(f"ok      {name}")

    def run(self) -> int:
        """How many checks failed."""
        self._standing()
        self._jobs()
        self._sources()
        self._steps()
        self._data()
        self._rules()
        return self.failures

    def _standing(self) -> None:
        with self.check("auth status"):
            expect(self.server.get("/auth/status")["authenticated"], "no Spotify account is connected")
        with self.check("health"):
            expect(self.server.get("/pipeline/health")["status"] == "ok", "not well")

    def _steps(self) -> None:
        for step in STEPS:
            with self.check(f"step {step}"):
                expect(self.server.get(f"/pipeline/{step}")["step"] == step, "another step")
        with self.check("step apply is not for programs"):
            status = self.server.status("POST", "/pipeline/apply/run-async")
            expect(400 <= status < 500, f"answered {status}")

    def _data(self) -> None:
        track = ""
        with self.check("data: tracks"):
            found = self.server.get("/data/tracks")
            expect(found["tracks"] and found["total"] >= len(found["tracks"]), "no tracks")
            track = found["tracks"][0]["id"]
        with self.check("data: features"):
            expect(isinstance(self.server.get("/data/features/external_features"), dict), "not a mapping")
        with self.check("data: classifications"):
            expect(isinstance(self.server.get("/data/classifications/mood_v1"), dict), "not a mapping")
        with self.check("data: a classification is corrected, and taken back"):
            expect(track, "no track to correct")
            path = f"/data/classifications/mood_v1/{track}"
            entries = self.server.get("/data/enrichments").get(track, [])
            own: dict[str, Any] = next((each["categories"] for each in entries if each["source"] == "manual"), {})
            told = self.server.patch(path, {"labels": LABELS})
            expect((told["track_id"], told["labels"]) == (track, LABELS), f"told {told}")
            expect(self.server.get(path)["labels"] == LABELS, "it was not kept")
            back = self.server.patch(path, {"labels": {name: own.get(name) for name in LABELS}})
            expect(back["labels"].get("mood") != LABELS["mood"], "it was not taken back")
        with self.check("data: enrichments are a mapping of lists"):
            entries = self.server.get("/data/enrichments")
            expect(
                isinstance(entries, dict) and all(isinstance(each, list) for each in entries.values()), "they are not"
            )

    def _rules(self) -> None:
        rule = {"id": RULE_ID, "name": "Smoke test", "description": "Made by manage.py smoke", "enabled": False,
                "rules": GROUP, "target_playlist_id": None}  # fmt: skip
        with self.check("rules: list"):
            expect(isinstance(self.server.get("/data/rules"), list), "not a list")
        with self.check("rules: stored, and stored again"):
            for _time in range(2):
                told = self.server.post("/data/rules", rule)
                expect({key: told[key] for key in rule} == rule, f"told {told}")
        with self.check("rules: read back"):
            mine = [each for each in self.server.get("/data/rules") if each["id"] == RULE_ID]
            expect(len(mine) == 1 and mine[0]["rules"] == GROUP, f"found {mine}")
        with self.check("rules: evaluate"):
            for mood, matches in (("smoke_test", True), ("another", False)):
                told = self.server.post("/data/rules/evaluate", {"rules": GROUP, "enrichment": {"mood": mood}})
                expect(told["matches"] is matches, f"{mood}: told {told}")
        with self.check("rules: validate"):
            expect(self.server.post("/data/rules/validate", {"rules": GROUP})["valid"] is True, "refused a good rule")
            bad = {"conditions": [{"field": "energy", "operator": "between", "value": [1]}]}
            told = self.server.post("/data/rules/validate", {"rules": bad})
            expect(told["valid"] is False and told["errors"][0]["path"] == "conditions[0].value", f"told {told}")
        with self.check("preview from rules"):
            tracks = [{"track_id": "track_1", "enrichment": {"mood": "smoke_test"}},
                      {"track_id": "track_2", "enrichment": {"mood": "another"}}]  # fmt: skip
            body = {"rules": [rule | {"enabled": True}], "tracks": tracks}
            (made,) = self.server.post("/pipeline/playlists/preview-from-rules", body)["playlists"]
            expect((made["track_ids"], made["track_count"]) == (["track_1"], 1), f"told {made}")

    def _jobs(self) -> None:
        with self.check("a generic job is done, and in the list"):
            started = self.server.post("/pipeline/tracks/run-async")
            self.server.job(started["id"])
            expect(started["id"] in {job["id"] for job in self.server.get("/pipeline/jobs")["jobs"]}, "not in the list")

    def _sources(self) -> None:
        with self.check("fetched sources have tracks and source"):
            started = self.server.post("/pipeline/tracks/fetch-sources", {"sources": [LIKED]})["jobs"]
            expect(len(started) == 1, f"{len(started)} jobs for one source")
            payload = self.server.job(started[0]["id"])["payload"]
            expect(payload["source"]["source_type"] == "liked" and payload["tracks"], "without tracks or source")
        with self.check("aggregate has tracks and sources"):
            joined = self.server.get("/pipeline/tracks/aggregate")
            expect(joined["tracks"] and joined["sources"], "without tracks or sources")
        with self.check("playlists are listed"):
            expect(isinstance(self.server.get("/spotify/playlists")["playlists"], list), "not a list")
