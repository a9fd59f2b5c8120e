"""A program that speaks ListenBrainz's protocol."""

from django.test import Client

from accounts import keys
from accounts.keys import Scope

NOW_S = 1_795_176_000  # 2026-11-20 12:00 UTC
OK = (200, {"status": "ok"})


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


def program(user, *scopes):
    return Program(keys.make(user=user, name="test", scopes=scopes or Scope.values, now=user.date_joined)[1])


def listen(at=NOW_S - 600, title="Vantablack", info=None, **metadata):
    track = {"artist_name": "Dool", "track_name": title, **metadata}
    if info:
        track["additional_info"] = info
    return {"track_metadata": track} if at is None else {"listened_at": at, "track_metadata": track}
