"""What a web process does before its first request, and before Django at each."""

import io
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.apps import apps
from django.db import OperationalError

from accounts import keys
from accounts.keys import Scope
from ingest import afterwards
from ingest.models import Play


def test_warming_up_asks_no_database_and_leaves_nothing_to_import():
    """Without the `db` fixture any query fails: the processes forked after it must open connections of their own."""
    from vibesite import wsgi

    wsgi.warm()
    assert "numpy.ma" in sys.modules


def test_a_worker_that_comes_before_the_tables_puts_off_all_the_same_what_can_wait(monkeypatch):
    """As it does at the first start, while they are being made: what takes long is done after the answer."""
    from vibesite import wsgi

    monkeypatch.setattr(afterwards, "_pending", None)
    monkeypatch.setattr(wsgi, "hold_memory", lambda size: None)
    done = []

    class NotMade:
        @property
        def _base_manager(self):
            raise OperationalError("no such table")

    with monkeypatch.context() as bare:
        bare.setattr(apps, "get_models", lambda: [NotMade()])
        wsgi.warm_worker()
    afterwards.do("work", lambda: done.append(True))
    assert not done
    afterwards.run()
    assert done


def faults_of(work: Callable[[], object]) -> int:
    """Pages of memory that `work` takes anew, up to 255 thousand, in a process of its own."""
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        work()
        os._exit(min(255, (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 1_000))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * 1_000


def test_a_worker_holds_the_memory_of_large_figures():
    """Arrays that come and go cost no page of memory after the first."""
    from vibesite import wsgi

    def figures() -> None:
        wsgi.hold_memory(64 << 20)
        for _ in range(9):
            [bytearray(16 << 20) for _ in range(3)]

    assert faults_of(figures) <= 50_000  # once 16,384 and what a shared heap costs; nine times 12,288 without


def test_a_request_finds_room_for_all_its_frames():
    """Wherever in the stack a loop is, its calls take no memory of the system."""
    from django.http import HttpRequest, HttpResponse

    from vibesite.middleware import one_stack

    def down(depth: int) -> None:
        if depth:
            list(map(down, [depth - 1]))  # by way of C, as templates do
        for _ in range(4_000):
            sorted("ab", key=lambda letter: letter)

    def view(request: HttpRequest) -> HttpResponse:
        down(150)
        return HttpResponse()

    assert faults_of(lambda: one_stack(view)(HttpRequest())) == 0


def sent_in_chunks(body: bytes, **headers: str) -> tuple[str, bytes]:
    """(status, answer) of a request whose length nobody told, as gunicorn hands it on."""
    from vibesite.wsgi import application

    environ: dict[str, Any] = {"REQUEST_METHOD": "POST", "PATH_INFO": "/1/submit-listens", "HTTP_HOST": "testserver"}
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, **headers}
    environ["wsgi.input"] = io.BytesIO(body)
    setup_testing_defaults(environ)
    statuses: list[str] = []
    answer = b"".join(application(environ, lambda status, _headers: statuses.append(status)))
    return statuses[0], answer


@pytest.mark.django_db(transaction=True)
def test_a_body_in_chunks_is_read(anna):
    _token, text = keys.make(user=anna, name="", scopes=[Scope.SUBMIT], now=anna.date_joined)
    track = {"artist_name": "Dool", "track_name": "Vantablack"}
    listens = {"listen_type": "single", "payload": [{"listened_at": 1_600_000_000, "track_metadata": track}]}
    status, answer = sent_in_chunks(json.dumps(listens).encode(), HTTP_AUTHORIZATION=f"Token {text}")
    assert (status, answer) == ("200 OK", b'{"status": "ok"}')
    assert Play.objects.of(anna).count() == 1


def test_a_body_in_chunks_without_an_end_is_not_kept():
    status, answer = sent_in_chunks(b" " * (17 << 20))
    assert status == "411 Length Required"
    assert b"Content-Length" in answer
