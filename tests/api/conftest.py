"""A program of a person who reads and edits, and a track that they have heard."""

import json

import pytest

from tests.factories.accounts import bearer
from tests.factories.ingest import NOON, TrackFactory, heard


@pytest.fixture
def call(client, anna):
    headers = bearer(anna, "read", "edit")

    def called(method, path, body=None, *, status=200, **other):
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(client, method)(f"/api/{path}", **sent, **(other or headers))
        assert answer.status_code == status, answer.content
        return answer.json()

    return called


@pytest.fixture
def track(anna):
    made = TrackFactory(name="Teardrop", album__released_on="1998-04-20")
    heard(anna, made, NOON)
    return made
